import fc from "fast-check";
import { expect, it } from "vitest";
import {
  bucketCount,
  bucketMinutes,
  deriveBuckets,
  finerOf,
  finishedBuckets,
} from "../../src/engine/derived/buckets.js";
import { BUCKET_STATUS, type DayGrid, type DerivedGrid } from "../../src/engine/market/day.js";
import { takeIn, type FillMode } from "../../src/engine/quality/take-in.js";
import {
  barListsAt,
  emptyColumns,
  FILL_MODES,
  fillSource,
  newCounters,
  pieces,
  publishedGrid,
  someCuts,
  straightSlots,
  type Bar,
  type BarList,
} from "../quality/random-grid.js";

const cases = barListsAt().chain(({ day, position }) =>
  fc.record({
    day: fc.constant(day),
    position: fc.constant(position),
    interval: fc.integer({ min: 2, max: day.minutes + 3 }),
    mode: fc.constantFrom(...FILL_MODES),
    cuts: someCuts,
  }),
);

function newDerived(day: BarList, intervalMinutes: number): DerivedGrid {
  const buckets = Math.ceil(day.minutes / intervalMinutes);
  const cells = buckets * day.symbols;
  return {
    intervalMinutes,
    buckets,
    bars: emptyColumns(cells),
    count: new Uint16Array(cells),
    status: new Uint8Array(cells),
  };
}

/** Upkeep's way: the slots of each piece are taken in, then its buckets derived. */
function derivedAt(day: BarList, mode: FillMode, interval: number, position: number, cuts: number[] = []): DerivedGrid {
  const grid = publishedGrid(day);
  const derived = newDerived(day, interval);
  const quality = newCounters(day.symbols);
  const fill = fillSource(day, mode);
  for (const [from, to] of pieces(position, cuts)) {
    takeIn(grid, quality, fill, from, to);
    deriveBuckets(grid, derived, from, to);
  }
  return derived;
}

interface Cell {
  readonly bar: Bar | undefined;
  readonly n: number;
  readonly status: string;
}

function cellsOf(derived: DerivedGrid): Cell[] {
  const { open, high, low, close, volume } = derived.bars;
  return Array.from(derived.count, (n, cell) => {
    const bar = { open: open[cell], high: high[cell], low: low[cell], close: close[cell], volume: volume[cell] };
    const isClear = Object.values(bar).every((value) => value === 0);
    return { bar: isClear && n === 0 ? undefined : bar, n, status: BUCKET_STATUS[derived.status[cell]] };
  });
}

/** Straight code: the bars of each bucket gathered, then summed up. Nothing before its last slot has passed. */
function straightCells(day: BarList, mode: FillMode, interval: number, position: number): Cell[] {
  const slots = straightSlots(day, mode, day.bars.length);
  const cells: Cell[] = [];
  for (let start = 0; start < day.minutes; start += interval) {
    const end = Math.min(start + interval, day.minutes);
    for (let symbol = 0; symbol < day.symbols; symbol++) {
      const of = slots.filter((_, slot) => {
        const minute = Math.floor(slot / day.symbols);
        return slot % day.symbols === symbol && minute >= start && minute < end;
      });
      const sources = of.flatMap(({ bar }) => bar ?? []);
      const isPassed = position > (end - 1) * day.symbols + symbol;
      if (!isPassed || sources.length === 0) {
        cells.push({ bar: undefined, n: 0, status: "none" });
        continue;
      }
      cells.push({
        bar: {
          open: sources[0].open,
          high: Math.max(...sources.map((bar) => bar.high)),
          low: Math.min(...sources.map((bar) => bar.low)),
          close: sources[sources.length - 1].close,
          volume: sources.reduce((sum, bar) => sum + bar.volume, 0),
        },
        n: sources.length,
        status: sources.length < of.length ? "incomplete" : of.length < interval ? "stub" : "complete",
      });
    }
  }
  return cells;
}

it("I12: buckets equal a recomputation from bars and fills, for every interval, cut and position", () => {
  fc.assert(
    fc.property(cases, ({ day, mode, interval, position, cuts }) => {
      expect(cellsOf(derivedAt(day, mode, interval, position, cuts))).toEqual(
        straightCells(day, mode, interval, position),
      );
    }),
    { numRuns: 300 },
  );
});

it("I11: nothing of a bucket is there until the position has passed its last slot, though its bars are published", () => {
  fc.assert(
    fc.property(cases, ({ day, interval }) => {
      const grid = publishedGrid(day);
      const derived = newDerived(day, interval);
      for (let slot = 0; slot < day.bars.length; slot++) {
        deriveBuckets(grid, derived, slot, slot + 1);
        const finished = finishedBuckets(grid, interval, slot + 1);
        expect([...derived.count.subarray(finished)].every((n) => n === 0)).toBe(true);
        expect([...derived.bars.close.subarray(finished)].every((price) => price === 0)).toBe(true);
      }
    }),
  );
});

it("I12: volume is conserved from one-minute bars and fills to every interval", () => {
  fc.assert(
    fc.property(cases, ({ day, mode, interval, cuts }) => {
      const derived = derivedAt(day, mode, interval, day.bars.length, cuts);
      const total = straightSlots(day, mode, day.bars.length).reduce((sum, { bar }) => sum + (bar?.volume ?? 0), 0);
      expect(derived.bars.volume.reduce((sum, volume) => sum + volume, 0)).toBeCloseTo(total, 6);
    }),
  );
});

it("I12: filling and deriving commute: fills made on the way give what fills made beforehand give", () => {
  fc.assert(
    fc.property(cases, ({ day, mode, interval, cuts }) => {
      const grid: DayGrid = publishedGrid(day);
      takeIn(grid, newCounters(day.symbols), fillSource(day, mode), 0, day.bars.length);
      const afterwards = newDerived(day, interval);
      deriveBuckets(grid, afterwards, 0, day.bars.length);
      expect(derivedAt(day, mode, interval, day.bars.length, cuts)).toEqual(afterwards);
    }),
  );
});

it("I12: a bucket put together from a finer grid is the same to the last bit, for every cut and position", () => {
  const multiples = fc.record({ finer: fc.integer({ min: 2, max: 9 }), times: fc.integer({ min: 2, max: 5 }) });
  fc.assert(
    fc.property(cases, multiples, ({ day, mode, position, cuts }, { finer, times }) => {
      const grid = publishedGrid(day);
      const [fine, coarse] = [newDerived(day, finer), newDerived(day, finer * times)];
      const quality = newCounters(day.symbols);
      const fill = fillSource(day, mode);
      for (const [from, to] of pieces(position, cuts)) {
        takeIn(grid, quality, fill, from, to);
        deriveBuckets(grid, fine, from, to);
        deriveBuckets(grid, coarse, from, to, fine);
      }
      expect(cellsOf(coarse)).toEqual(straightCells(day, mode, finer * times, position));
      expect(coarse).toEqual(derivedAt(day, mode, finer * times, position));
    }),
    { numRuns: 300 },
  );
});

it("builds an interval from the coarsest one before it that divides it", () => {
  const grids = [2, 5, 15, 30].map((interval) =>
    newDerived({ symbols: 1, minutes: 60, bars: [], others: [] }, interval),
  );
  const finer = [2, 3, 5, 10, 15, 30, 45, 60].map((interval) => finerOf(grids, interval)?.intervalMinutes);
  expect(finer).toEqual([undefined, undefined, undefined, 5, 5, 15, 15, 30]);
});

it("never writes to the base grid", () => {
  fc.assert(
    fc.property(cases, ({ day, interval, position }) => {
      const grid = publishedGrid(day);
      deriveBuckets(grid, newDerived(day, interval), 0, position);
      expect(grid).toEqual(publishedGrid(day));
    }),
    { numRuns: 30 },
  );
});

it("counts finished buckets in the order their last slots pass", () => {
  const grid = { minutes: 5, symbols: 2, bars: emptyColumns(10), origin: new Uint8Array(10) };
  const finished = Array.from({ length: 11 }, (_, position) => finishedBuckets(grid, 2, position));
  expect(finished).toEqual([0, 0, 0, 1, 2, 2, 2, 3, 4, 5, 6]);
});

it("cuts the last bucket at the close and calls it a stub only when every minute of it is there", () => {
  expect([bucketCount(390, 5), bucketCount(390, 60), bucketCount(210, 60), bucketCount(5, 9)]).toEqual([78, 7, 4, 1]);
  expect([bucketMinutes(390, 60, 5), bucketMinutes(390, 60, 6), bucketMinutes(5, 9, 0)]).toEqual([60, 30, 5]);
  const bar: Bar = { open: 2, high: 3, low: 1, close: 2, volume: 5 };
  const day = (...bars: (Bar | undefined)[]): BarList => ({ symbols: 1, minutes: 5, bars, others: bars });
  const statuses = (list: BarList, interval: number): string[] =>
    cellsOf(derivedAt(list, "none", interval, 5)).map(({ n, status }) => `${n} ${status}`);
  expect(statuses(day(bar, bar, bar, bar, bar), 3)).toEqual(["3 complete", "2 stub"]);
  expect(statuses(day(bar, undefined, bar, bar, undefined), 3)).toEqual(["2 incomplete", "1 incomplete"]);
  expect(statuses(day(bar, bar, bar, undefined, undefined), 3)).toEqual(["3 complete", "0 none"]);
  expect(statuses(day(bar, bar, bar, bar, bar), 5)).toEqual(["5 complete"]);
  expect(statuses(day(bar, bar, bar, bar, bar), 6)).toEqual(["5 stub"]);
});

it("counts a fill as a source of its bucket", () => {
  const bar: Bar = { open: 2, high: 3, low: 1, close: 2.5, volume: 5 };
  const list: BarList = { symbols: 1, minutes: 2, bars: [bar, undefined], others: [undefined, undefined] };
  const [cell] = cellsOf(derivedAt(list, "forward", 2, 2));
  expect(cell).toEqual({ bar: { open: 2, high: 3, low: 1, close: 2.5, volume: 5 }, n: 2, status: "complete" });
});
