import fc from "fast-check";
import { expect, it } from "vitest";
import { ORIGIN } from "../../src/engine/market/bars.js";
import type { DayGrid, QualityCounters } from "../../src/engine/market/day.js";
import { takeIn, type FillMode } from "../../src/engine/quality/take-in.js";
import {
  barListsAt,
  COLUMNS,
  FILL_MODES,
  fillSource,
  newCounters,
  passedMinutes,
  pieces,
  publishedGrid,
  slotsOf,
  someCuts,
  straightSlots,
  type Bar,
  type BarList,
} from "./random-grid.js";

const cases = fc.record({ at: barListsAt(), mode: fc.constantFrom(...FILL_MODES), cuts: someCuts });

function taken(
  day: BarList,
  position: number,
  mode: FillMode,
  cuts: number[] = [],
): { grid: DayGrid; quality: QualityCounters } {
  const grid = publishedGrid(day);
  const quality = newCounters(day.symbols);
  const fill = fillSource(day, mode);
  for (const [from, to] of pieces(position, cuts)) takeIn(grid, quality, fill, from, to);
  return { grid, quality };
}

it("counts observed, missing, gaps, the longest and the open gap as a straight scan does, however the slots are cut", () => {
  fc.assert(
    fc.property(cases, ({ at: { day, position }, mode, cuts }) => {
      const { quality } = taken(day, position, mode, cuts);
      for (let symbol = 0; symbol < day.symbols; symbol++) {
        const minutes = passedMinutes(day, symbol, position);
        const gaps = (minutes.match(/\.+/g) ?? []).map((gap) => gap.length);
        expect({
          observed: quality.observed[symbol],
          missing: quality.missing[symbol],
          gaps: quality.gaps[symbol],
          longestGap: quality.longestGap[symbol],
          openGap: quality.openGap[symbol],
        }).toEqual({
          observed: minutes.replaceAll(".", "").length,
          missing: minutes.replaceAll("x", "").length,
          gaps: gaps.length,
          longestGap: Math.max(0, ...gaps),
          openGap: /\.*$/.exec(minutes)?.[0].length,
        });
        expect(quality.observed[symbol] + quality.missing[symbol], "I20: due").toBe(minutes.length);
        expect(quality.filled[symbol], "I20: filled").toBeLessThanOrEqual(quality.missing[symbol]);
      }
    }),
  );
});

it("fills exactly the passed slots straight code fills, and leaves streamed slots and those ahead alone", () => {
  fc.assert(
    fc.property(cases, ({ at: { day, position }, mode, cuts }) => {
      const { grid, quality } = taken(day, position, mode, cuts);
      const expected = straightSlots(day, mode, position);
      expect(slotsOf(grid)).toEqual(expected);
      for (let symbol = 0; symbol < day.symbols; symbol++) {
        const filled = expected.filter((slot, i) => i % day.symbols === symbol && slot.origin > ORIGIN.streamed);
        expect(quality.filled[symbol]).toBe(filled.length);
      }
    }),
  );
});

it("remembers the last streamed close, which no fill changes", () => {
  fc.assert(
    fc.property(cases, ({ at: { day, position }, mode, cuts }) => {
      const { quality } = taken(day, position, mode, cuts);
      for (let symbol = 0; symbol < day.symbols; symbol++) {
        const last = day.bars.filter((bar, slot) => bar && slot < position && slot % day.symbols === symbol).at(-1);
        expect(quality.lastClose[symbol]).toBe(last?.close ?? NaN);
      }
    }),
  );
});

// One symbol, written by hand: the rules of semantics.md, Fills.
const bar = (price: number, volume = 10): Bar => ({
  open: price,
  high: price + 2,
  low: price - 2,
  close: price + 1,
  volume,
});
const byHand: BarList = {
  symbols: 1,
  minutes: 6,
  bars: [undefined, bar(10), undefined, undefined, bar(20), undefined],
  others: [bar(50), bar(51), undefined, bar(53), undefined, bar(55, 0)],
};

it("fills forward with the last close and no volume, never before the first bar of the session", () => {
  const { grid, quality } = taken(byHand, 6, "forward");
  expect([...grid.origin]).toEqual([0, 1, 3, 3, 1, 3]);
  for (const column of ["open", "high", "low", "close"] as const)
    expect([2, 3, 5].map((slot) => grid.bars[column][slot])).toEqual([11, 11, 21]);
  expect([...grid.bars.volume]).toEqual([0, 10, 0, 0, 10, 0]);
  expect([quality.observed[0], quality.missing[0], quality.filled[0]]).toEqual([2, 4, 3]);
});

it("fills from the second source only where that has a bar and the first has none", () => {
  const { grid, quality } = taken(byHand, 6, "source");
  expect([...grid.origin]).toEqual([2, 1, 0, 2, 1, 2]);
  expect([...grid.bars.open]).toEqual([50, 10, 0, 53, 20, 55]);
  expect([...grid.bars.volume]).toEqual([10, 10, 0, 10, 10, 0]);
  expect([quality.observed[0], quality.missing[0], quality.filled[0]]).toEqual([2, 4, 3]);
});

it("writes every column of a forward fill, whatever lay in the slot before", () => {
  const grid = publishedGrid(byHand);
  for (const column of COLUMNS) grid.bars[column][2] = 99;
  takeIn(grid, newCounters(1), { mode: "forward" }, 0, 3);
  expect(COLUMNS.map((column) => grid.bars[column][2])).toEqual([11, 11, 11, 11, 0]);
});

it("counts a slot as observed for its presence alone: one that holds a fill is missing", () => {
  const grid = publishedGrid(byHand);
  grid.origin.set([ORIGIN.forwardFilled, ORIGIN.filled], 2);
  const quality = newCounters(1);
  takeIn(grid, quality, { mode: "none" }, 0, 6);
  expect([quality.observed[0], quality.missing[0], quality.longestGap[0], quality.lastClose[0]]).toEqual([2, 4, 2, 21]);
});

it("fills nothing in mode source without a second source", () => {
  const grid = publishedGrid(byHand);
  takeIn(grid, newCounters(1), { mode: "source" }, 0, 6);
  expect([...grid.origin]).toEqual([0, 1, 0, 0, 1, 0]);
  for (const column of COLUMNS) expect(grid.bars[column][0]).toBe(0);
});
