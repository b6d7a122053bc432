/** Which part of a list that grows is shown, while somebody goes back in it and it grows. */
import { expect, it } from "vitest";
import { growingPart, type Anchor } from "../../../src/repl/dashboard/parts/growing-list.js";

/** Looks at the numbers below `count`, five at a time. */
function look(count: number, cursor: number, anchor?: Anchor, mostBelow = 4) {
  const all = Array.from({ length: count }, (_, i) => i);
  const read = (last: number): number[] => all.slice(Math.max(0, count - last));
  return growingPart({ read, keyOf: String, height: 5, mostBelow, cursor, anchor });
}

it("shows the newest until somebody goes back", () => {
  expect(look(100, 0)).toMatchObject({ shown: [95, 96, 97, 98, 99], back: 0, anchor: undefined });
  expect(look(3, 0).shown).toEqual([0, 1, 2]);
});

it.each([1, 3, 7, 40])("keeps what is %i back where it is, however much comes", (back) => {
  let seen = look(100, back);
  const { shown, chosen } = seen;
  for (const count of [101, 140, 700, 5000]) {
    seen = look(count, seen.back, seen.anchor);
    expect(seen).toMatchObject({ shown, chosen, back: back + count - 100 });
  }
});

it("moves from the entry that was seen, though more have come since", () => {
  const seen = look(100, 2);
  expect(seen.shown).toEqual([95, 96, 97, 98, 99]);
  expect(look(150, 3, seen.anchor)).toMatchObject({ chosen: 96, shown: [95, 96, 97, 98, 99] });
  expect(look(150, 12, seen.anchor)).toMatchObject({ chosen: 87, shown: [87, 88, 89, 90, 91] });
  expect(look(150, 1, seen.anchor)).toMatchObject({ chosen: 98, shown: [95, 96, 97, 98, 99] });
  expect(look(150, 0, seen.anchor)).toMatchObject({ chosen: 149, back: 0, anchor: undefined });
});

it("ends with the chosen entry where none may stand below it", () => {
  const seen = look(100, 3, undefined, 0);
  expect(seen.shown).toEqual([92, 93, 94, 95, 96]);
  expect(look(160, 3, seen.anchor, 0).shown).toEqual(seen.shown);
});

it("lets go of an entry that is there no more, after a step back or too far behind, and stays as far back", () => {
  const { anchor } = look(100, 3);
  expect(look(50, 3, anchor)).toMatchObject({ chosen: 46, back: 3 });
  expect(look(100_000, 3, anchor)).toMatchObject({ chosen: 99_996, back: 3 });
  expect(look(2, 3, anchor)).toMatchObject({ chosen: 0, back: 1 });
  expect(look(0, 3, anchor)).toMatchObject({ chosen: undefined, shown: [], anchor: undefined });
});
