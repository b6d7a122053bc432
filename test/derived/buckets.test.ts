import fc from "fast-check";
import { expect, it } from "vitest";
import { bucketCount, bucketMinutes, deriveBuckets, finerOf } from "../../src/engine/derived/buckets.js";
import type { BarColumns } from "../../src/engine/market/bars.js";
import { STATUS, type DayGrid, type DerivedGrid } from "../../src/engine/market/day.js";

function columns(cells: number, value: (cell: number, column: number) => number = () => 0): BarColumns {
  const column = (n: number): Float64Array => Float64Array.from({ length: cells }, (_, cell) => value(cell, n));
  return { open: column(0), high: column(1), low: column(2), close: column(3), volume: column(4) };
}

function emptyGrid(day: DayGrid, intervalMinutes: number): DerivedGrid {
  const buckets = bucketCount(day.minutes, intervalMinutes);
  const cells = buckets * day.symbols;
  return {
    intervalMinutes,
    buckets,
    bars: columns(cells),
    count: new Uint16Array(cells),
    status: new Uint8Array(cells),
  };
}

/** The bars of one symbol and bucket, put together slot by slot: what a derived bar is by definition. */
function defined(day: DayGrid, interval: number, bucket: number, symbol: number): object {
  const length = bucketMinutes(day.minutes, interval, bucket);
  const slots = Array.from({ length }, (_, i) => (bucket * interval + i) * day.symbols + symbol).filter(
    (slot) => day.origin[slot] !== 0,
  );
  if (slots.length === 0) return { open: 0, high: 0, low: 0, close: 0, volume: 0, count: 0, status: STATUS.none };
  const { open, high, low, close, volume } = day.bars;
  return {
    open: open[slots[0]],
    high: Math.max(...slots.map((slot) => high[slot])),
    low: Math.min(...slots.map((slot) => low[slot])),
    close: close[slots.at(-1)!],
    volume: slots.reduce((sum, slot) => sum + volume[slot], 0),
    count: slots.length,
    status: slots.length < length ? STATUS.incomplete : length < interval ? STATUS.stub : STATUS.complete,
  };
}

const days = fc
  .record({
    minutes: fc.integer({ min: 1, max: 50 }),
    symbols: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 1, max: 2 ** 20 }),
  })
  .map(({ minutes, symbols, seed }): DayGrid => {
    const noise = (cell: number, column: number): number =>
      ((Math.imul(cell * 5 + column + seed, 0x9e3779b1) >>> 0) % 1009) / 7;
    const origin = Uint8Array.from(
      { length: minutes * symbols },
      (_, slot) => [0, 1, 1, 1, 2, 3, 0, 1][(noise(slot, 9) * 7) % 8],
    );
    return {
      minutes,
      symbols,
      bars: columns(minutes * symbols, (cell, column) => (origin[cell] === 0 ? 0 : noise(cell, column))),
      origin,
    };
  });
const intervalLists = fc
  .uniqueArray(fc.integer({ min: 2, max: 20 }), { minLength: 1, maxLength: 4 })
  .map((list) => [...list, 5, 15, 30].sort((a, b) => a - b));

it("derives every bar as its definition says, bit for bit, from slots or from a finer interval, however the day is cut", () => {
  fc.assert(
    fc.property(days, intervalLists, fc.array(fc.nat(250), { maxLength: 8 }), (day, intervals, cuts) => {
      const grids = [...new Set(intervals)].map((interval) => emptyGrid(day, interval));
      const slots = day.minutes * day.symbols;
      const places = [...cuts.filter((cut) => cut < slots), 0, slots].sort((a, b) => a - b);
      for (let i = 1; i < places.length; i++)
        for (const grid of grids)
          deriveBuckets(day, grid, places[i - 1], places[i], finerOf(grids, grid.intervalMinutes));
      for (const { intervalMinutes, buckets, bars, count, status } of grids)
        for (let bucket = 0; bucket < buckets; bucket++)
          for (let symbol = 0; symbol < day.symbols; symbol++) {
            const at = bucket * day.symbols + symbol;
            const { open, high, low, close, volume } = bars;
            const found = {
              open: open[at],
              high: high[at],
              low: low[at],
              close: close[at],
              volume: volume[at],
              count: count[at],
              status: status[at],
            };
            expect(found).toEqual(defined(day, intervalMinutes, bucket, symbol));
          }
    }),
  );
});

it("builds 15 and 30 minutes from the coarsest interval that divides them", () => {
  const day: DayGrid = { minutes: 60, symbols: 1, bars: columns(60), origin: new Uint8Array(60) };
  const grids = [2, 5, 15, 30].map((interval) => emptyGrid(day, interval));
  expect([2, 5, 15, 30].map((interval) => finerOf(grids, interval)?.intervalMinutes)).toEqual([
    undefined,
    undefined,
    5,
    15,
  ]);
});
