/** Blocks take the places that Ink has given them. */
import { expect, it } from "vitest";
import { fillIn, signOf } from "../../../src/repl/dashboard/canvas.js";
import type { Block, Frame } from "../../../src/repl/dashboard/frame.js";

const block = (key: string, width: number, ...lines: string[]): Block => ({
  key,
  width,
  height: lines.length,
  text: lines.join("\n"),
});

const a = block("a", 3, "aaa", "AAA");
const b = block("b", 2, "\x1b[32mbb\x1b[0m", "BB");
const c = block("c", 5, "ccc");
const frame: Frame = { columns: 5, rows: 3, bands: [[[a], [b]], [[c]]] };
const [A, B, C] = [signOf(0), signOf(1), signOf(2)];

it("puts each block where its sign stands", () => {
  expect(fillIn(frame, `${A}  ${B}\n\n${C}`)).toBe("aaa\x1b[32mbb\x1b[0m\nAAABB\nccc");
});

it("leaves blank what no block covers, and cuts what goes below the screen", () => {
  expect(fillIn(frame, `\n  ${C}\n${A}   ${B}`)).toBe("\n  ccc\naaa \x1b[32mbb\x1b[0m");
});

it("takes signs of no block for nothing", () => {
  expect(fillIn(frame, `${signOf(9)}x\n${C}`)).toBe("\nccc\n");
});
