import { expect, it } from "vitest";
import { helpLines, verbHelpLines } from "../../../src/repl/language/help.js";
import { commandOfKey, KEY_BINDINGS } from "../../../src/repl/language/keys.js";
import { formatCommand, parseLine } from "../../../src/repl/language/parse.js";
import { TOPICS } from "../../../src/repl/language/topics.js";
import { VERBS } from "../../../src/repl/language/verbs.js";
import { createTheme } from "../../../src/repl/output/theme.js";

const theme = createTheme({ color: false, ascii: false });

it("every name and alias stands for one verb", () => {
  const words = VERBS.flatMap(({ name, aliases = {} }) => [name, ...Object.keys(aliases)]);
  expect(new Set(words).size).toBe(words.length);
  expect(VERBS.length).toBeGreaterThan(25);
});

it("the fixed aliases are those of the design", () => {
  const aliases = VERBS.flatMap(({ name, aliases: of = {} }) =>
    Object.entries(of).map(([alias, adds]) => [alias, [name, ...adds].join(" ")]),
  );
  expect(Object.fromEntries(aliases)).toEqual({
    s: "step",
    n: "step phase",
    b: "break",
    tb: "tbreak",
    i: "info",
    del: "delete",
    c: "continue",
    rc: "reverse-continue",
    u: "until",
    g: "goto",
  });
});

it("every example is a command of its verb", () => {
  for (const { name, example } of VERBS) expect(parseLine(example).map((one) => one.verb)).toEqual([name]);
});

it("what a verb does is one sentence", () => {
  for (const { about } of VERBS) expect(about).toMatch(/^[A-Z][^.]*\.$/);
});

it("the keys of the design stand for commands", () => {
  const commands = Object.fromEntries(KEY_BINDINGS.map(({ key, command }) => [key, command]));
  expect(commands).toMatchObject({
    ".": "step bar",
    ",": "back bar",
    right: "step minute",
    left: "back minute",
    n: "step phase",
    N: "back phase",
    s: "step event",
    S: "back event",
    d: "step day",
    D: "back day",
    c: "continue",
    C: "reverse-continue",
    E: "until phase=hand-over",
    "[": "speed slower",
    "]": "speed faster",
    m: "mode",
    b: "break",
    q: "quit",
  });
  for (const { command } of KEY_BINDINGS) expect(parseLine(command).map(formatCommand)).toEqual([command]);
});

it("a number before a key is the count of its command, where it takes one", () => {
  const text = (...args: Parameters<typeof commandOfKey>): string => formatCommand(commandOfKey(...args)!);
  expect(text(".", false, 10)).toBe("step 10 bar");
  expect(text("N", false, 2)).toBe("back 2 phase");
  expect(text("c", false, 3)).toBe("continue");
  expect(text("space", false)).toBe("play");
  expect(text("space", true)).toBe("pause");
  expect(commandOfKey("j", false)).toBeUndefined();
});

it("the help lists every verb, and explains each with its form, example, aliases and keys", () => {
  const all = helpLines(theme).join("\n");
  for (const { name, about } of VERBS) expect(all).toMatch(new RegExp(`^ +${name}\\b.* ${about}$`, "m"));
  for (const verb of VERBS) {
    const text = verbHelpLines(verb.name, theme).join("\n");
    for (const part of [verb.form, verb.about, verb.example]) expect(text).toContain(part);
  }
  expect(verbHelpLines("s", theme).join("\n")).toContain("short: s, n for step phase");
  expect(verbHelpLines("step", theme).join("\n")).toContain(". for step bar");
  for (const { name } of TOPICS)
    expect(verbHelpLines("info", theme).join("\n")).toMatch(new RegExp(`^ +${name}\\b`, "m"));
  expect(() => verbHelpLines("brake", theme)).toThrow(expect.objectContaining({ hint: "did you mean break?" }));
});
