import fc from "fast-check";
import { expect, it } from "vitest";
import type { DayGrid } from "../../src/engine/market/day.js";
import { coverage, coverage30, dueSlots, findGaps, findOutages } from "../../src/engine/quality/gaps.js";
import { takeIn } from "../../src/engine/quality/take-in.js";
import {
  barListsAt,
  FILL_MODES,
  fillSource,
  newCounters,
  passedMinutes,
  publishedGrid,
  type BarList,
} from "./random-grid.js";

const cases = fc.record({ at: barListsAt({ mostMinutes: 70 }), mode: fc.constantFrom(...FILL_MODES) });

function gridAt({ day, position }: { day: BarList; position: number }, mode: (typeof FILL_MODES)[number]): DayGrid {
  const grid = publishedGrid(day);
  takeIn(grid, newCounters(day.symbols), fillSource(day, mode), 0, position);
  return grid;
}

/** A day written as one text a symbol: `x` bar, `.` none. */
function dayOf(...texts: string[]): DayGrid {
  const symbols = texts.length;
  const minutes = texts[0].length;
  const bars = Array.from({ length: symbols * minutes }, (_, slot) =>
    texts[slot % symbols][Math.floor(slot / symbols)] === "x"
      ? { open: 1, high: 1, low: 1, close: 1, volume: 1 }
      : undefined,
  );
  return publishedGrid({ symbols, minutes, bars, others: bars });
}

it("a slot is due for its own symbol once the position has passed it, and for no other", () => {
  const day = dayOf("xxxx", "xxxx", "xxxx");
  const due = [0, 1, 2, 3, 4, 5, 6, 11, 12].map((position) =>
    [0, 1, 2].map((symbol) => dueSlots(day, symbol, position)),
  );
  expect(due).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
    [2, 1, 1],
    [2, 2, 1],
    [2, 2, 2],
    [4, 4, 3],
    [4, 4, 4],
  ]);
});

it("finds of all gaps those that reach into a minute or a later one, as they are", () => {
  fc.assert(
    fc.property(cases, ({ at, mode }) => {
      const grid = gridAt(at, mode);
      for (let symbol = 0; symbol < at.day.symbols; symbol++) {
        const all = findGaps(grid, symbol, at.position);
        for (let from = 0; from <= at.day.minutes; from++)
          expect(findGaps(grid, symbol, at.position, from)).toEqual(all.filter(({ end }) => end > from));
      }
    }),
  );
});

it("finds the gaps a straight scan finds, filled or not, at every position", () => {
  fc.assert(
    fc.property(cases, ({ at, mode }) => {
      const grid = gridAt(at, mode);
      for (let symbol = 0; symbol < at.day.symbols; symbol++) {
        const minutes = passedMinutes(at.day, symbol, at.position);
        const expected = [...minutes.matchAll(/\.+/g)].map((gap) => ({
          start: gap.index,
          end: gap.index + gap[0].length,
        }));
        expect(findGaps(grid, symbol, at.position)).toEqual(expected);
        expect(dueSlots(grid, symbol, at.position)).toBe(minutes.length);
      }
    }),
  );
});

it("coverage is observed of due in percent, and null before the first due slot", () => {
  expect(coverage(0, 0)).toBeNull();
  expect(coverage(0, 8)).toBe(0);
  expect(coverage(3, 8)).toBe(37.5);
  expect(coverage(390, 390)).toBe(100);
});

it("coverage30 looks at the last 30 due minutes of the symbol, or at all of them while there are fewer", () => {
  fc.assert(
    fc.property(cases, ({ at, mode }) => {
      const grid = gridAt(at, mode);
      for (let symbol = 0; symbol < at.day.symbols; symbol++) {
        const last = passedMinutes(at.day, symbol, at.position).slice(-30);
        const expected = last === "" ? null : (100 * last.replaceAll(".", "").length) / last.length;
        const actual = coverage30(grid, symbol, at.position);
        if (expected === null) expect(actual).toBeNull();
        else expect(actual).toBeCloseTo(expected, 9);
      }
    }),
  );
});

it("calls a minute an outage when at least half, and two, of the symbols that were good before it are missing", () => {
  fc.assert(
    fc.property(cases, fc.nat({ max: 15 }), ({ at, mode }, mask) => {
      const { day, position } = at;
      const present = Array.from({ length: day.symbols }, (_, symbol) => symbol).filter(
        (symbol) => (mask >> symbol) & 1,
      );
      const minutes = Array.from({ length: Math.floor(position / day.symbols) }, (_, minute) => minute);
      const expected = minutes.slice(1).filter((minute) => {
        const good = present.filter((symbol) => {
          const before = passedMinutes(day, symbol, minute * day.symbols);
          return before.replaceAll(".", "").length * 100 >= before.length * 95;
        });
        const missing = good.filter((symbol) => !day.bars[minute * day.symbols + symbol]);
        return missing.length >= 2 && missing.length >= good.length / 2;
      });
      expect(findOutages(gridAt(at, mode), present, position)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

it("half of the good symbols are enough for an outage, fewer are not", () => {
  expect(findOutages(dayOf("xx.", "xxx", "x.x", "x.x"), [0, 1, 2, 3], 12)).toEqual([1]);
  expect(findOutages(dayOf("x.", "x.", "xx", "xx", "xx"), [0, 1, 2, 3, 4], 10)).toEqual([]);
});

it("what one of two symbols misses alone is its gap, what both miss is an outage", () => {
  expect(findOutages(dayOf("xx.x.x", "x.xx.x"), [0, 1], 12)).toEqual([]);
  expect(findOutages(dayOf(`${"x".repeat(30)}.x.`, `${"x".repeat(30)}..x`), [0, 1], 66)).toEqual([30]);
});

it("a symbol below 95 % before the minute has no say in an outage, one at exactly 95 % has", () => {
  const quiet = "x.".repeat(20);
  const steady = "x".repeat(40);
  expect(findOutages(dayOf(quiet, quiet, steady, steady), [0, 1, 2, 3], 160)).toEqual([1]);
  // One miss in 20 minutes is 95 %: the symbol still counts in minute 20. A second one there, and it no longer counts in 21.
  const exact = `${"x".repeat(10)}.${"x".repeat(9)}..`;
  const whole = "x".repeat(22);
  expect(findOutages(dayOf(exact, exact, whole, whole), [0, 1, 2, 3], 88)).toEqual([10, 20]);
});

it("a single symbol makes no outage: its gaps say the same", () => {
  expect(findOutages(dayOf("xx..xx"), [0], 6)).toEqual([]);
});

it("looks for outages in whole passed minutes only", () => {
  const day = dayOf("x.x", "x.x");
  expect([2, 3, 4, 6].map((position) => findOutages(day, [0, 1], position))).toEqual([[], [], [1], [1]]);
});
