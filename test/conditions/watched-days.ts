/** Days written by hand: a text a symbol, a character a minute. */
import type { WatchedDay } from "../../src/engine/conditions/day-watch.js";
import { bucketCount, deriveBuckets } from "../../src/engine/derived/buckets.js";
import {
  EXCEPTION_WORDS,
  ORIGIN,
  REJECT_CAUSE,
  ROW_CLASS,
  type RejectCause,
  type RowClass,
} from "../../src/engine/market/bars.js";
import type { DayGrid, DerivedGrid } from "../../src/engine/market/day.js";
import { emptyColumns } from "../quality/random-grid.js";

export function symbolsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `S${i}`);
}

const ORIGIN_OF: Readonly<Record<string, number>> = {
  ".": ORIGIN.empty,
  x: ORIGIN.streamed,
  f: ORIGIN.forwardFilled,
  s: ORIGIN.filled,
};

/** `x` a bar, `.` none, `f` a forward fill, `s` one from the second source. Prices are 100 + minute, volume 10. */
export function dayOf(...texts: string[]): WatchedDay {
  const symbols = texts.length;
  const minutes = texts[0].length;
  const grid: DayGrid = {
    minutes,
    symbols,
    bars: emptyColumns(minutes * symbols),
    origin: new Uint8Array(minutes * symbols),
  };
  texts.forEach((text, symbol) =>
    [...text].forEach((mark, minute) => {
      const slot = minute * symbols + symbol;
      grid.origin[slot] = ORIGIN_OF[mark];
      for (const column of ["open", "high", "low", "close"] as const) grid.bars[column][slot] = 100 + minute;
      grid.bars.volume[slot] = 10;
    }),
  );
  return { grid, derived: [], exceptions: new Uint32Array(0), exceptionCount: 0 };
}

export function withDerived(day: WatchedDay, ...intervals: number[]): WatchedDay {
  const { grid } = day;
  const derived = intervals.map((intervalMinutes): DerivedGrid => {
    const buckets = bucketCount(grid.minutes, intervalMinutes);
    const size = buckets * grid.symbols;
    const made: DerivedGrid = {
      intervalMinutes,
      buckets,
      bars: emptyColumns(size),
      count: new Uint16Array(size),
      status: new Uint8Array(size),
    };
    deriveBuckets(grid, made, 0, grid.minutes * grid.symbols);
    return made;
  });
  return { ...day, derived };
}

export interface ListedRow {
  readonly slot: number;
  readonly rowClass: RowClass;
  readonly cause?: RejectCause;
  /** Rows of a filtered class. */
  readonly count?: number;
}

/** With an exceptions list, which has room for more. */
export function withRows(day: WatchedDay, ...rows: ListedRow[]): WatchedDay {
  const exceptions = new Uint32Array((rows.length + 2) * EXCEPTION_WORDS);
  rows.forEach(({ slot, rowClass, cause, count }, i) =>
    exceptions.set(
      [slot, ROW_CLASS[rowClass] | ((cause ? REJECT_CAUSE[cause] : 0) << 8), count ?? 3, 7],
      i * EXCEPTION_WORDS,
    ),
  );
  return { ...day, exceptions, exceptionCount: rows.length };
}
