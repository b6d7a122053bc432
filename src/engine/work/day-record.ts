/**
 * The record of a day: what upkeep reports when it has closed one. Read from the segment alone, so the same day
 * gives the same record in every run.
 */
import { REJECT_CAUSES, ROW_CLASS, ROW_CLASSES, ROW_FLAGS, ORIGIN, type RejectCause, type RowFlag } from "../market/bars.js";
import { STATUS, type DayGrid } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { hasNoData, segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import { coverage, coverage30, dueSlots, findGaps, findOutages } from "../quality/gaps.js";
import type { SessionPlan } from "../plan.js";

/** One closed session. Times are microseconds UTC; quality in percent, null for a symbol without rows on it. */
export interface DayRecord {
  readonly date: string;
  readonly epoch: number;
  readonly kind: "full" | "half";
  readonly opensAtUs: number;
  readonly closesAtUs: number;
  /** Time the close was forced from because all streams had ended before it; null when they lasted. */
  readonly forcedFromUs: number | null;
  /** No asked symbol has a row on this session. */
  readonly noData: boolean;
  readonly digest: string;
  /** Starts of the minutes in which at least half of the good symbols were missing. */
  readonly outagesUs: readonly number[];
  /** In the order of the plan's symbols. */
  readonly symbols: readonly SymbolRecord[];
}

export interface GapRecord {
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
  readonly bars: number;
}

export interface DerivedRecord {
  readonly intervalMinutes: number;
  readonly complete: number;
  readonly incomplete: number;
  readonly stub: number;
}

/** A symbol's day. Prices and volume are of the regular session, from streamed bars; null without one. */
export interface SymbolRecord {
  readonly symbol: string;
  /** Rows of the session's date, over all classes. */
  readonly rows: number;
  readonly streamed: number;
  readonly filtered: { readonly preMarket: number; readonly afterHours: number; readonly atClose: number };
  readonly rejected: number;
  readonly rejectedBy: Partial<Record<RejectCause, number>>;
  readonly flagged: Partial<Record<RowFlag, number>>;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly unread: number;
  readonly due: number;
  readonly observed: number;
  readonly missing: number;
  readonly filled: number;
  readonly quality: number | null;
  readonly quality30: number | null;
  readonly longestGap: number;
  readonly gaps: readonly GapRecord[];
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly last: number | null;
  readonly volume: number;
  readonly atClose: { readonly price: number | null; readonly volume: number | null };
  readonly derived: readonly DerivedRecord[];
}

/** The record of the closed day in `segment`. */
export function dayRecord(
  plan: SessionPlan,
  epoch: number,
  segment: Segment,
  forcedFromUs: number,
  digest: string,
): DayRecord {
  const session = plan.sessions[epoch];
  const grid = segmentGrid(segment);
  const slots = grid.minutes * grid.symbols;
  const present = plan.symbols.map((_, i) => i).filter((symbol) => rowsOf(segment, symbol) > 0);
  return {
    date: session.date,
    epoch,
    kind: session.kind,
    opensAtUs: session.openUs,
    closesAtUs: session.closeUs,
    forcedFromUs: forcedFromUs === 0 ? null : forcedFromUs,
    noData: hasNoData(segment),
    digest,
    outagesUs: findOutages(grid, present, slots).map((minute) => session.openUs + minute * MINUTE_US),
    symbols: plan.symbols.map((name, symbol) => symbolRecord(name, symbol, segment, grid, session.openUs)),
  };
}

function symbolRecord(name: string, symbol: number, segment: Segment, grid: DayGrid, openUs: number): SymbolRecord {
  const { source, quality } = segment;
  const position = grid.minutes * grid.symbols;
  const classes = (rowClass: number): number => source.classCount[symbol * ROW_CLASSES.length + rowClass];
  const due = dueSlots(grid, symbol, position);
  const rows = rowsOf(segment, symbol);
  const absent = rows === 0;
  return {
    symbol: name,
    rows,
    streamed: classes(ROW_CLASS.streamed),
    filtered: {
      preMarket: classes(ROW_CLASS.preMarket),
      afterHours: classes(ROW_CLASS.afterHours),
      atClose: classes(ROW_CLASS.atClose),
    },
    rejected: classes(ROW_CLASS.rejected),
    rejectedBy: counts(REJECT_CAUSES, source.causeCount, symbol),
    flagged: counts(ROW_FLAGS, source.flagCount, symbol),
    duplicates: classes(ROW_CLASS.duplicate),
    conflicts: classes(ROW_CLASS.conflict),
    unread: classes(ROW_CLASS.unread),
    due,
    observed: quality.observed[symbol],
    missing: quality.missing[symbol],
    filled: quality.filled[symbol],
    quality: absent ? null : coverage(quality.observed[symbol], due),
    quality30: absent ? null : coverage30(grid, symbol, position),
    longestGap: quality.longestGap[symbol],
    gaps: findGaps(grid, symbol, position).map((gap) => ({
      startUs: openUs + gap.start * MINUTE_US,
      endUs: openUs + gap.end * MINUTE_US,
      bars: gap.end - gap.start,
    })),
    ...prices(grid, symbol),
    atClose: { price: orNull(source.atClosePrice[symbol]), volume: orNull(source.atCloseVolume[symbol]) },
    derived: segmentDerived(segment).map((derived) => {
      const of = (status: number): number => countStatus(derived.status, derived.buckets, grid.symbols, symbol, status);
      return {
        intervalMinutes: derived.intervalMinutes,
        complete: of(STATUS.complete),
        incomplete: of(STATUS.incomplete),
        stub: of(STATUS.stub),
      };
    }),
  };
}

/** Rows of the session's date a symbol has in the files, over all classes. */
export function rowsOf(segment: Segment, symbol: number): number {
  let rows = 0;
  for (let c = 0; c < ROW_CLASSES.length; c++) rows += segment.source.classCount[symbol * ROW_CLASSES.length + c];
  return rows;
}

function prices(grid: DayGrid, symbol: number): Pick<SymbolRecord, "open" | "high" | "low" | "last" | "volume"> {
  const { bars, origin, symbols, minutes } = grid;
  let open = NaN;
  let high = -Infinity;
  let low = Infinity;
  let last = NaN;
  let volume = 0;
  for (let slot = symbol; slot < minutes * symbols; slot += symbols) {
    if (origin[slot] !== ORIGIN.streamed) continue;
    if (Number.isNaN(open)) open = bars.open[slot];
    if (bars.high[slot] > high) high = bars.high[slot];
    if (bars.low[slot] < low) low = bars.low[slot];
    last = bars.close[slot];
    volume += bars.volume[slot];
  }
  return { open: orNull(open), high: orNull(high), low: orNull(low), last: orNull(last), volume };
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The counters of a symbol by name, zeros left out. */
function counts<Name extends string>(
  names: readonly Name[],
  counters: Uint32Array,
  symbol: number,
): Partial<Record<Name, number>> {
  const result: Partial<Record<Name, number>> = {};
  names.forEach((name, i) => {
    const count = counters[symbol * names.length + i];
    if (count > 0) result[name] = count;
  });
  return result;
}

function countStatus(status: Uint8Array, buckets: number, symbols: number, symbol: number, wanted: number): number {
  let count = 0;
  for (let bucket = 0; bucket < buckets; bucket++) if (status[bucket * symbols + symbol] === wanted) count++;
  return count;
}
