/** Bars of one symbol for readers: which interval, which days, which of them. Copies. Nothing here knows threads. */
import { rowGroupOf } from "../catalog/row-place.js";
import type { CatalogFile } from "../catalog/types.js";
import { UsageError } from "../errors.js";
import { FLAG_BIT, ORIGIN, ROW_FLAGS } from "../market/bars.js";
import { MINUTE_US } from "../market/time.js";
import { exchangeTime } from "../market/time-zones.js";
import { segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { baseTable, derivedTable, type BaseTable } from "../work/day-columns.js";
import type { BarRange, BarsView, BarSource } from "./views.js";
import { timeUsOf } from "./when.js";

/** A place, and the days behind it that can still be read. */
export interface DaysSoFar {
  readonly plan: SessionPlan;
  /** Paths of the files, in the order of the catalogue. */
  readonly files: readonly Pick<CatalogFile, "path" | "groupStarts">[];
  /** The present session, and how much of it has passed. */
  readonly epoch: number;
  readonly position: number;
  /** The closed content of a session before the present one while it is kept, the present one itself; undefined otherwise. */
  findSegment(epoch: number): Segment | undefined;
}

/** Bars without their labels, a day after the other. */
type Columns = Omit<BarsView, "symbol" | "intervalMinutes">;

export function barsOf(
  days: DaysSoFar,
  symbol: number,
  interval: string | number | undefined,
  range: BarRange = {},
): BarsView {
  const { plan, epoch } = days;
  const intervalMinutes = intervalOf(plan, interval);
  const { last } = range;
  if (last !== undefined && !(Number.isInteger(last) && last >= 0))
    throw new UsageError(`last ${last} is no number of bars`, "give a whole number from 0");
  const { fromUs, toUs, epochs } = spanOf(plan, epoch, range);
  const parts = epochs.map((day) => within(dayBars(days, day, symbol, intervalMinutes), fromUs, toUs));
  return { symbol: plan.symbols[symbol], intervalMinutes, ...joined(parts, last) };
}

/** Minutes of an interval as people write it: 5, "5", "5m". */
function intervalOf(plan: SessionPlan, interval: string | number = 1): number {
  const text = String(interval).trim();
  const minutes = /^\d+\s*(m|min)?$/i.test(text) ? Number.parseInt(text, 10) : NaN;
  if (minutes === 1 || plan.intervals.includes(minutes)) return minutes;
  const there = [1, ...plan.intervals].map((m) => `${m}m`).join(", ");
  throw new UsageError(
    `there are no bars of interval ${JSON.stringify(interval)} in this session`,
    `there are ${there}; others are declared when opening, e.g. --derive ${Number.isNaN(minutes) ? 30 : minutes}m`,
  );
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
  readonly epochs: readonly number[];
}

/** The sessions a range touches, as far as the present one. */
function spanOf(plan: SessionPlan, epoch: number, range: BarRange): Span {
  const present = plan.sessions.at(epoch);
  if (!present) return { fromUs: 0, toUs: 0, epochs: [] };
  const toUs = range.to === undefined ? present.closeUs : timeUsOf(plan, range.to, epoch);
  // Without a beginning, the session in which the range ends.
  const endsIn = Math.max(
    0,
    plan.sessions.slice(0, epoch + 1).findLastIndex((session) => session.openUs < toUs),
  );
  const fromUs = range.from === undefined ? plan.sessions[endsIn].openUs : timeUsOf(plan, range.from, epoch);
  const epochs: number[] = [];
  for (let day = 0; day <= epoch; day++)
    if (plan.sessions[day].openUs < toUs && plan.sessions[day].closeUs > fromUs) epochs.push(day);
  return { fromUs, toUs, epochs };
}

/** The bars of one day up to the present place. */
function dayBars(days: DaysSoFar, day: number, symbol: number, intervalMinutes: number): Columns {
  const { plan } = days;
  const { openUs } = plan.sessions[day];
  return readDay(days, day, NO_BARS, (segment, passed) => {
    const grid = segmentGrid(segment);
    if (intervalMinutes === 1) return minuteColumns(baseTable(grid, symbol, openUs, passed));
    const derived = segmentDerived(segment).find((d) => d.intervalMinutes === intervalMinutes)!;
    const table = derivedTable(derived, grid, symbol, openUs, plan.derivedPolicy, passed);
    return { ...table, origin: table.status.map(() => "derived" as const) };
  });
}

function minuteColumns(table: BaseTable): Columns {
  const { length } = table.origin;
  const one = new Int32Array(length).fill(1);
  return { ...table, n: one, m: one.slice(), status: new Array<"complete">(length).fill("complete") };
}

/**
 * Reads a day behind the place, `passed` slots of it. A present day that has not begun is `nothing`; throws a `UsageError` for one
 * that is not in memory any more.
 */
function readDay<T>(days: DaysSoFar, day: number, nothing: T, read: (segment: Segment, passed: number) => T): T {
  const { plan, epoch, position } = days;
  const { date, minutes, closeUs } = plan.sessions[day];
  const segment = days.findSegment(day);
  if (segment) {
    const found = read(segment, day === epoch ? position : minutes * plan.symbols.length);
    // A thread that goes on may have been given the segment meanwhile: then what was read is worth nothing.
    if (days.findSegment(day) === segment) return found;
  }
  if (day === epoch) return nothing;
  const close = exchangeTime(closeUs, plan.exchangeZone);
  throw new UsageError(
    `${date} is no longer in memory`,
    `go there (goto ${date} ${close === "00:00" ? "24:00" : close}), or keep more days (--keep-days ${epoch - day})`,
  );
}

const NO_BARS: Columns = {
  startUs: new Float64Array(0),
  open: new Float64Array(0),
  high: new Float64Array(0),
  low: new Float64Array(0),
  close: new Float64Array(0),
  volume: new Float64Array(0),
  origin: [],
  n: new Int32Array(0),
  m: new Int32Array(0),
  status: [],
};

/** The bars that start in [fromUs, toUs). */
function within(bars: Columns, fromUs: number, toUs: number): Columns {
  const { startUs } = bars;
  let first = 0;
  let end = startUs.length;
  while (first < end && startUs[first] < fromUs) first++;
  while (end > first && startUs[end - 1] >= toUs) end--;
  return first === 0 && end === startUs.length ? bars : cut(bars, first, end);
}

function cut(bars: Columns, first: number, end: number): Columns {
  const numbers = (column: Float64Array): Float64Array => column.slice(first, end);
  return {
    startUs: numbers(bars.startUs),
    open: numbers(bars.open),
    high: numbers(bars.high),
    low: numbers(bars.low),
    close: numbers(bars.close),
    volume: numbers(bars.volume),
    origin: bars.origin.slice(first, end),
    n: bars.n.slice(first, end),
    m: bars.m.slice(first, end),
    status: bars.status.slice(first, end),
  };
}

/** One day after the other, of all of them the last so many bars. */
function joined(parts: readonly Columns[], last = Infinity): Columns {
  const count = parts.reduce((sum, part) => sum + part.startUs.length, 0);
  const bars = parts.length === 1 ? parts[0] : concatenated(parts, count);
  return count <= last ? bars : cut(bars, count - last, count);
}

function concatenated(parts: readonly Columns[], count: number): Columns {
  const fill = <Column extends Float64Array | Int32Array>(into: Column, of: (part: Columns) => Column): Column => {
    let at = 0;
    for (const part of parts) {
      into.set(of(part), at);
      at += of(part).length;
    }
    return into;
  };
  const numbers = (of: (part: Columns) => Float64Array): Float64Array => fill(new Float64Array(count), of);
  return {
    startUs: numbers((part) => part.startUs),
    open: numbers((part) => part.open),
    high: numbers((part) => part.high),
    low: numbers((part) => part.low),
    close: numbers((part) => part.close),
    volume: numbers((part) => part.volume),
    origin: parts.flatMap((part) => part.origin),
    n: fill(new Int32Array(count), (part) => part.n),
    m: fill(new Int32Array(count), (part) => part.m),
    status: parts.flatMap((part) => part.status),
  };
}

/** Where the bar that starts at `startUs` was read from; null when no bar was streamed then, or it lies ahead. */
export function sourceOf(days: DaysSoFar, symbol: number, startUs: number): BarSource | null {
  const { plan, files, epoch } = days;
  const day = plan.sessions.findLastIndex((session) => session.openUs <= startUs);
  const minute = day < 0 ? NaN : (startUs - plan.sessions[day].openUs) / MINUTE_US;
  if (day > epoch || !Number.isInteger(minute) || minute >= plan.sessions[day].minutes) return null;
  const slot = minute * plan.symbols.length + symbol;
  return readDay(days, day, null, ({ published, source }, passed) => {
    if (slot >= passed || published.origin[slot] !== ORIGIN.streamed) return null;
    const flags = ROW_FLAGS.filter((mark) => (source.flags[slot] & FLAG_BIT[mark]) !== 0);
    const [file, row] = [files[source.file[slot]], source.row[slot]];
    return { file: file?.path ?? "", row, rowGroup: file ? rowGroupOf(file.groupStarts, row) : null, flags };
  });
}
