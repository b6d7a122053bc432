/** The engine's README names files, words, steps and rules; a name that is gone sends a newcomer astray. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { SEEDED_BUGS } from "../../src/engine/protocol/bugs.js";
import { BATON, EOD_STEPS, PHASE_NAMES } from "../../src/engine/protocol/phases.js";
import { WORD_NAMES } from "../../src/engine/protocol/words.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const engine = `${root}src/engine/`;
const readme = readFileSync(`${engine}README.md`, "utf8");
const sources = readdirSync(engine, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const code = sources.map((name) => readFileSync(engine + name, "utf8")).join("\n");

/** The rows of the table under a heading, each a list of cells. */
function table(heading: string): string[][] {
  const [, section = ""] = readme.split(`## ${heading}\n`);
  const rows = section
    .split("\n## ")[0]
    .split("\n")
    .filter((line) => line.startsWith("| "));
  return rows.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const quoted = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name);

it("names files that are there", () => {
  const files = quoted(readme).filter((name) => /^[\w/-]+\.ts$/.test(name));
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((name) => !existsSync(engine + name) && !existsSync(root + name))).toEqual([]);
});

it("names functions, effects and words that are in the code, where it says what to hunt in which thread", () => {
  const rows = table("Where to look");
  expect(rows.length).toBeGreaterThan(15);
  for (const [what, where, words, invariants] of rows) {
    const names = quoted(where).filter((name) => /^[\w.-]+$/.test(name) && !name.endsWith(".ts"));
    for (const name of names.flatMap((one) => one.split(".")))
      expect(code, `${what}: ${name}`).toMatch(new RegExp(`\\b${name}\\b`));
    for (const word of quoted(words).filter((name) => !name.endsWith("…"))) expect(WORD_NAMES, what).toContain(word);
    expect(invariants, what).toMatch(/^I\d+(, I\d+)*$/);
  }
});

it("tells who holds the baton in every phase, and every step of the end of a day", () => {
  const rows = table("Memory");
  const told = rows.flatMap(([phases, holder]) => phases.split(", ").map((phase) => [phase, holder]));
  expect(told).toEqual(PHASE_NAMES.map((phase, i) => [phase, BATON[i]]));
  const steps = new Set(rows.flatMap(([, , what]) => quoted(what)));
  expect([...steps].toSorted()).toEqual(EOD_STEPS.toSorted());
});

it("has a row for every folder, and all twenty invariants", () => {
  const folders = table("Folders").flatMap(([names]) => quoted(names));
  const there = readdirSync(engine, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.toSorted()).toEqual(there.map(({ name }) => name).toSorted());
  const [, section] = readme.split("## Invariants\n");
  const listed = [...section.matchAll(/(?:^|· |\n)I(\d+) /g)].map(([, number]) => Number(number));
  expect(listed).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

it("the front page counts the seeded bugs there are", () => {
  const front = readFileSync(`${root}README.md`, "utf8").replaceAll(/\s+/g, " ");
  expect(front).toContain(`each of ${Object.keys(SEEDED_BUGS).length} seeded bugs`);
});
