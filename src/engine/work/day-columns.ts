/** The bars of one symbol, taken out of the minute-major grids of a day into columns of their own. Copies; pure. */
import { bucketMinutes, finishedBuckets } from "../derived/buckets.js";
import { ORIGIN, ORIGINS, type BarColumns, type Origin } from "../market/bars.js";
import { BUCKET_STATUS, STATUS, type DayGrid, type DerivedGrid } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";

/** A bar a row. `startUs`: start of each bar, microseconds UTC, ascending. */
export interface BarTable extends BarColumns {
  readonly startUs: Float64Array;
}

/** Base bars, streamed and filled. A missing minute that nothing filled is no row. */
export interface BaseTable extends BarTable {
  readonly origin: Exclude<Origin, "empty">[];
}

/** Derived bars of one interval: `n` of `m` sources each, n > 0. */
export interface DerivedTable extends BarTable {
  readonly n: Int32Array;
  readonly m: Int32Array;
  readonly status: Exclude<(typeof BUCKET_STATUS)[number], "none">[];
}

/**
 * The base bars of a symbol.
 * @param openUs open of the session, microseconds UTC
 * @param passed slots passed; those of a closed day when absent
 * @example baseTable(segmentGrid(segment), 0, session.openUs).close.at(-1)
 */
export function baseTable(
  grid: DayGrid,
  symbol: number,
  openUs: number,
  passed = grid.minutes * grid.symbols,
): BaseTable {
  const slots = slotsOf(symbol, passed, grid.symbols, (slot) => grid.origin[slot] !== ORIGIN.empty);
  return {
    startUs: startsOf(slots, grid.symbols, openUs, MINUTE_US),
    ...barsOf(grid.bars, slots),
    origin: slots.map((slot) => ORIGINS[grid.origin[slot]] as BaseTable["origin"][number]),
  };
}

/**
 * The finished derived bars of a symbol. With `withhold` incomplete ones are left out; a stub that has all
 * the minutes there were until the close is not incomplete.
 * @param grid the base bars they are derived from
 * @param passed slots passed; those of a closed day when absent
 */
export function derivedTable(
  derived: DerivedGrid,
  grid: DayGrid,
  symbol: number,
  openUs: number,
  policy: "flag" | "withhold",
  passed = grid.minutes * grid.symbols,
): DerivedTable {
  const { status, intervalMinutes } = derived;
  const { minutes, symbols } = grid;
  const isDelivered = (cell: number): boolean =>
    status[cell] !== STATUS.none && (policy === "flag" || status[cell] !== STATUS.incomplete);
  const cells = slotsOf(symbol, finishedBuckets(grid, intervalMinutes, passed), symbols, isDelivered);
  const bucketOf = (cell: number): number => Math.floor(cell / symbols);
  return {
    startUs: startsOf(cells, symbols, openUs, intervalMinutes * MINUTE_US),
    ...barsOf(derived.bars, cells),
    n: Int32Array.from(cells, (cell) => derived.count[cell]),
    m: Int32Array.from(cells, (cell) => bucketMinutes(minutes, intervalMinutes, bucketOf(cell))),
    status: cells.map((cell) => BUCKET_STATUS[status[cell]] as DerivedTable["status"][number]),
  };
}

function slotsOf(first: number, end: number, step: number, isWanted: (slot: number) => boolean): number[] {
  const slots: number[] = [];
  for (let slot = first; slot < end; slot += step) if (isWanted(slot)) slots.push(slot);
  return slots;
}

function startsOf(slots: readonly number[], symbols: number, openUs: number, periodUs: number): Float64Array {
  return Float64Array.from(slots, (slot) => openUs + Math.floor(slot / symbols) * periodUs);
}

function barsOf(bars: BarColumns, slots: readonly number[]): BarColumns {
  const column = (from: Float64Array): Float64Array => Float64Array.from(slots, (slot) => from[slot]);
  return {
    open: column(bars.open),
    high: column(bars.high),
    low: column(bars.low),
    close: column(bars.close),
    volume: column(bars.volume),
  };
}
