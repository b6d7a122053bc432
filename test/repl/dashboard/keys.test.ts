/** The two tables of keys. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KEY_BINDINGS } from "../../../src/repl/language/keys.js";
import { HINTS, lastRow } from "../../../src/repl/dashboard/last-row.js";
import { SCREEN_KEYS } from "../../../src/repl/dashboard/keys.js";
import { helpRows, keyName } from "../../../src/repl/dashboard/panels/help/help-rows.js";
import { paintRow, rowWidth } from "../../../src/repl/dashboard/parts/row.js";
import { initialUi } from "../../../src/repl/dashboard/ui.js";
import { completeLine, editLine, lineOf } from "../../../src/repl/dashboard/typing.js";

const screenKeys = SCREEN_KEYS.flatMap((row) => row.keys);
const commandKeys = [...new Set(KEY_BINDINGS.map((binding) => binding.key))];

/** interfaces.md, Keys. */
const WANTED =
  "space . , right left n N s S d D c C E [ ] m b t < > i v tab shift-tab j k g G ctrl-d ctrl-u enter esc / z : ? ctrl-l ctrl-c q";

it("knows every key of the design, each in one table", () => {
  const all = [...screenKeys, ...commandKeys];
  expect(WANTED.split(" ").filter((key) => !all.includes(key))).toEqual([]);
  expect(all).toHaveLength(new Set(all).size);
  expect(all.filter((key) => /^\d$/.test(key))).toEqual([]); // digits are counts
});

it("gives hints for keys that there are", () => {
  const known = new Set([...screenKeys, ...commandKeys]);
  for (const [keys] of HINTS) for (const key of keys.split(" ")) expect(known).toContain(key);
});

it.each([60, 80, 120])("shows in %i cells how to get help and how to leave, and what space does now", (width) => {
  const ui = initialUi("SPY");
  const shown = (isPlaying: boolean): string => paintRow(lastRow(ui, width, isPlaying), { color: false, ascii: false });
  for (const isPlaying of [false, true]) {
    expect(shown(isPlaying)).toContain(isPlaying ? "space pause" : "space play");
    expect(shown(isPlaying)).toMatch(/\? help .*q quit/);
    expect(shown(isPlaying)).toHaveLength(width);
  }
});

it.each([
  ["letters", "a".repeat(90)],
  ["wide signs", "平安".repeat(40)],
  ["signs that stand on others", "e\u0301".repeat(90)],
  ["emoji", "go \u{1f680} ".repeat(12)],
])("keeps the cursor in sight at the end of a long line of %s, and the sign before it", (_, text) => {
  const typing = { what: "command", line: lineOf(`${text}z`) } as const;
  for (const width of [60, 61]) {
    const row = lastRow({ ...initialUi("SPY"), typing }, width);
    const cursor = row.findIndex(({ tone }) => tone === "inverse");
    expect(row[cursor - 1].text).toMatch(/z$/);
    expect(row[0].text).toBe("…");
    expect(rowWidth(row)).toBe(width);
  }
});

it("has every key in the README", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const keys = readme.slice(readme.indexOf("## Keys"), readme.indexOf("\n## ", readme.indexOf("## Keys") + 1));
  const missing = [...SCREEN_KEYS.map((row) => row.keys[0]), ...commandKeys].filter(
    (key) => !keys.includes(`\`${keyName(key)}\``),
  );
  expect(missing).toEqual([]);
});

describe("the help", () => {
  it.each([58, 78, 118])("has every key of both tables and fits %i cells", (width) => {
    const rows = helpRows(KEY_BINDINGS, SCREEN_KEYS, width);
    const text = rows.map((row) => paintRow(row, { color: false, ascii: false })).join("\n");
    for (const key of [...screenKeys, ...commandKeys])
      expect(` ${text.replaceAll("\n", " ")}`).toContain(` ${keyName(key)} `);
    for (const { command } of KEY_BINDINGS) expect(text).toContain(command);
    for (const { about } of SCREEN_KEYS) expect(text).toContain(about);
    for (const row of rows) expect(rowWidth(row)).toBeLessThanOrEqual(width);
  });
});

it("the help names arrows by words where they cannot be drawn, apart from the keys < and >", () => {
  const ascii = helpRows(KEY_BINDINGS, SCREEN_KEYS, 118, true).map((row) =>
    paintRow(row, { color: false, ascii: true }),
  );
  expect(ascii.find((row) => row.includes("step minute"))).toMatch(/^ Right /);
  expect(ascii.find((row) => row.includes("back minute"))).toMatch(/^ Left /);
  expect(ascii.filter((row) => /(^|\s{2})[<>] /.test(row))).toHaveLength(2); // of the symbols
  expect(ascii.join("\n")).toContain("Candles: O rose, # fell");
});

describe("editing a line", () => {
  const edit = (text: string, at: number, ...keys: Parameters<typeof editLine>[1][]) =>
    keys.reduce((line, key) => editLine(line, key) ?? line, { text, at });

  it.each([
    ["ab", 1, ["x"], "axb", 2],
    ["ab", 2, ["space", "é"], "ab é", 4],
    ["ab", 0, ["backspace"], "ab", 0],
    ["ab", 2, ["backspace"], "a", 1],
    ["a\u{1f680}b", 3, ["backspace"], "ab", 1],
    ["ab", 0, ["delete"], "b", 0],
    ["ab", 1, ["left", "left", "right", "end"], "ab", 2],
    ["ab", 2, ["home", "ctrl-k"], "", 0],
    ["step 3 minute", 13, ["ctrl-w"], "step 3 ", 7],
    ["abc", 1, ["ctrl-u"], "bc", 0],
    ["ab", 2, ["up", "f1"], "ab", 2],
  ] as const)("%j at %i, keys %j", (text, at, keys, wanted, wantedAt) => {
    expect(edit(text, at, ...keys)).toEqual({ text: wanted, at: wantedAt });
  });

  it("takes pasted text as text, on one line", () => {
    expect(edit("a", 1, { paste: "b\nc\td" })).toEqual({ text: "ab c d", at: 6 });
  });

  it("completes to the only candidate with a blank behind it, or to what all have in common", () => {
    expect(completeLine(lineOf("st"), 0, ["step"])).toEqual({ text: "step ", at: 5 });
    expect(completeLine(lineOf("break T"), 6, ["TSLA.quality<", "TSLA.gap>="])).toEqual({
      text: "break TSLA.",
      at: 11,
    });
    expect(completeLine(lineOf("break q"), 6, ["quality<"])).toEqual({ text: "break quality<", at: 14 });
    expect(completeLine(lineOf("xyz"), 0, [])).toEqual({ text: "xyz", at: 3 });
    expect(completeLine({ text: "st 3", at: 2 }, 0, ["step"])).toEqual({ text: "step 3", at: 5 });
  });
});
