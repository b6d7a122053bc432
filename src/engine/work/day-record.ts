/**
 * The record of a day: what upkeep reports when it has closed one. Read from the segment alone, so the same day
 * gives the same record in every run. Upkeep packs it as numbers and main unpacks it: as objects it would take
 * upkeep longer than the replay of the day.
 */
import {
  REJECT_CAUSES,
  ROW_CLASS,
  ROW_CLASSES,
  ROW_FLAGS,
  ORIGIN,
  type BarColumns,
  type RejectCause,
  type RowFlag,
} from "../market/bars.js";
import { STATUS } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { hasNoData, isLeftOut, segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import { coverage, coverage30, eachMissing, OutageJudge } from "../quality/gaps.js";
import type { SessionPlan } from "../plan.js";

/** One closed session. Times are microseconds UTC; quality in percent, null for a symbol without rows on it or left out. */
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
  /** Starts of the minutes in which at least half of the good symbols, and two of them, were missing. */
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
  /**
   * Its rows could not be read and are done without (`--on-load-error`). Unread is not missing: nothing was due, so
   * `due`, `missing` and `longestGap` are 0, there are no gaps, and quality is null.
   */
  readonly leftOut: boolean;
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

/** A record on its way from upkeep to main. Unpacked with the plan it was made with. */
export interface PackedRecord {
  readonly epoch: number;
  readonly forcedFromUs: number;
  readonly noData: boolean;
  readonly digest: string;
  readonly outageMinutes: readonly number[];
  /** `numbersASymbol` numbers a symbol, in the order of `FIELDS`, then classes, causes, marks, and three counts an interval. */
  readonly numbers: Float64Array;
  /** Start and end of every gap in minutes from the open, by symbol. */
  readonly gaps: Int32Array;
}

const FIELDS = [
  "leftOut",
  "observed",
  "missing",
  "filled",
  "longestGap",
  "gapCount",
  "quality30",
  "open",
  "high",
  "low",
  "last",
  "volume",
  "atClosePrice",
  "atCloseVolume",
] as const;
const F = Object.fromEntries(FIELDS.map((name, i) => [name, i])) as {
  readonly [Name in (typeof FIELDS)[number]]: number;
};
const CLASSES_AT = FIELDS.length;
const CAUSES_AT = CLASSES_AT + ROW_CLASSES.length;
const MARKS_AT = CAUSES_AT + REJECT_CAUSES.length;
const DERIVED_AT = MARKS_AT + ROW_FLAGS.length;
/** Statuses counted of each interval: complete, incomplete, stub. */
const STATUSES = 3;

function numbersASymbol(plan: SessionPlan): number {
  return DERIVED_AT + plan.intervals.length * STATUSES;
}

/** Packs the record of the closed day in `segment`. Looks at the slots in the order of memory. */
export function packRecord(
  plan: SessionPlan,
  epoch: number,
  segment: Segment,
  forcedFromUs: number,
  digest: string,
): PackedRecord {
  const { source, quality } = segment;
  const grid = segmentGrid(segment);
  const width = numbersASymbol(plan);
  const numbers = new Float64Array(grid.symbols * width);
  const slots = grid.minutes * grid.symbols;
  const present: number[] = [];
  for (let symbol = 0, at = 0; symbol < grid.symbols; symbol++, at += width) {
    const leftOut = isLeftOut(segment, symbol);
    if (!leftOut && rowsOf(segment, symbol) > 0) present.push(symbol);
    numbers[at + F.leftOut] = leftOut ? 1 : 0;
    numbers[at + F.observed] = quality.observed[symbol];
    numbers[at + F.missing] = quality.missing[symbol];
    numbers[at + F.filled] = quality.filled[symbol];
    numbers[at + F.longestGap] = quality.longestGap[symbol];
    numbers[at + F.gapCount] = quality.gaps[symbol];
    numbers[at + F.quality30] = coverage30(grid, symbol, slots) ?? NaN;
    numbers[at + F.last] = quality.lastClose[symbol];
    numbers[at + F.atClosePrice] = source.atClosePrice[symbol];
    numbers[at + F.atCloseVolume] = source.atCloseVolume[symbol];
    copyCounts(source.classCount, ROW_CLASSES.length, symbol, numbers, at + CLASSES_AT);
    copyCounts(source.causeCount, REJECT_CAUSES.length, symbol, numbers, at + CAUSES_AT);
    copyCounts(source.flagCount, ROW_FLAGS.length, symbol, numbers, at + MARKS_AT);
  }
  packPrices(segment, numbers, width);
  packStatuses(segment, numbers, width);
  const gaps = new GapPacker(grid.symbols, quality.gaps);
  const outages = new OutageJudge(grid.symbols, present);
  eachMissing(grid, slots, (minute, symbol) => {
    gaps.missing(minute, symbol);
    outages.missing(minute, symbol);
  });
  return {
    epoch,
    forcedFromUs,
    noData: hasNoData(segment),
    digest,
    outageMinutes: outages.outages(),
    numbers,
    gaps: gaps.packed,
  };
}

/** A symbol's `width` counters. By hand: views of a few numbers cost more than the numbers. */
function copyCounts(counters: Uint32Array, width: number, symbol: number, to: Float64Array, at: number): void {
  for (let i = 0; i < width; i++) to[at + i] = counters[symbol * width + i];
}

/** Open, high, low and volume of each symbol, from streamed bars. NaN and infinities stay where there are none. */
function packPrices(segment: Segment, numbers: Float64Array, width: number): void {
  const grid = segmentGrid(segment);
  const { symbols, origin } = grid;
  const { volume } = grid.bars;
  const slots = grid.minutes * symbols;
  // The finest derived bars have the same open, high and low in a fraction of the numbers, unless fills are among them.
  const finest = segment.quality.filled.some((count) => count > 0) ? undefined : segmentDerived(segment)[0];
  if (finest) packExtremes(finest.bars, finest.status, 0xff, finest.buckets * symbols, numbers, width);
  else packExtremes(grid.bars, origin, ORIGIN.streamed, slots, numbers, width);
  // Volume is added up slot by slot: the order of a sum is part of its result.
  const total = new Float64Array(symbols);
  for (let row = 0; row < slots; row += symbols)
    for (let symbol = 0; symbol < symbols; symbol++)
      if (origin[row + symbol] === ORIGIN.streamed) total[symbol] += volume[row + symbol];
  for (let symbol = 0; symbol < symbols; symbol++) numbers[symbol * width + F.volume] = total[symbol];
}

/** Open, high and low of each symbol from its cells (slots or buckets) whose mark is neither 0 nor above `most`. */
function packExtremes(
  { open, high, low }: BarColumns,
  marks: Uint8Array,
  most: number,
  cells: number,
  numbers: Float64Array,
  width: number,
): void {
  const symbols = numbers.length / width;
  const first = new Float64Array(symbols).fill(NaN);
  const highest = new Float64Array(symbols).fill(-Infinity);
  const lowest = new Float64Array(symbols).fill(Infinity);
  for (let row = 0; row < cells; row += symbols) {
    for (let symbol = 0; symbol < symbols; symbol++) {
      const cell = row + symbol;
      if (marks[cell] === 0 || marks[cell] > most) continue;
      if (lowest[symbol] === Infinity) first[symbol] = open[cell];
      if (high[cell] > highest[symbol]) highest[symbol] = high[cell];
      if (low[cell] < lowest[symbol]) lowest[symbol] = low[cell];
    }
  }
  for (let symbol = 0, at = 0; symbol < symbols; symbol++, at += width) {
    numbers[at + F.open] = first[symbol];
    numbers[at + F.high] = highest[symbol];
    numbers[at + F.low] = lowest[symbol];
  }
}

/** Finished derived bars of each symbol and interval by status. */
function packStatuses(segment: Segment, numbers: Float64Array, width: number): void {
  const { symbols } = segment.shape;
  segmentDerived(segment).forEach(({ status, buckets }, interval) => {
    const to = DERIVED_AT + interval * STATUSES - 1;
    for (let bucket = 0; bucket < buckets; bucket++)
      for (let symbol = 0; symbol < symbols; symbol++) {
        const found = status[bucket * symbols + symbol];
        if (found !== STATUS.none) numbers[symbol * width + to + found]++;
      }
  });
}

/** Start and end of every gap, by symbol; upkeep has counted them, so each has its place. Missing slots are told in order. */
class GapPacker {
  readonly packed: Int32Array;
  private readonly next: Int32Array;
  /** The minute that was missing last. */
  private readonly missedAt: Int32Array;

  constructor(symbols: number, counts: Int32Array) {
    this.next = new Int32Array(symbols);
    let count = 0;
    for (let symbol = 0; symbol < symbols; symbol++) {
      this.next[symbol] = count;
      count += counts[symbol];
    }
    this.packed = new Int32Array(count * 2);
    this.missedAt = new Int32Array(symbols).fill(-2);
  }

  missing(minute: number, symbol: number): void {
    const { packed, next, missedAt } = this;
    if (missedAt[symbol] !== minute - 1) packed[next[symbol]++ * 2] = minute;
    packed[next[symbol] * 2 - 1] = minute + 1;
    missedAt[symbol] = minute;
  }
}

/** The record of a closed day as people and programs read it. */
export function unpackRecord(plan: SessionPlan, packed: PackedRecord): DayRecord {
  const { epoch, forcedFromUs, gaps } = packed;
  const session = plan.sessions[epoch];
  const width = numbersASymbol(plan);
  let gap = 0;
  return {
    date: session.date,
    epoch,
    kind: session.kind,
    opensAtUs: session.openUs,
    closesAtUs: session.closeUs,
    forcedFromUs: forcedFromUs === 0 ? null : forcedFromUs,
    noData: packed.noData,
    digest: packed.digest,
    outagesUs: packed.outageMinutes.map((minute) => session.openUs + minute * MINUTE_US),
    symbols: plan.symbols.map((symbol, i) => {
      const numbers = packed.numbers.subarray(i * width, (i + 1) * width);
      const begin = gap;
      gap += numbers[F.gapCount];
      return symbolRecord(plan, symbol, numbers, unpackGaps(gaps, begin, gap, session.openUs), session.minutes);
    }),
  };
}

function unpackGaps(gaps: Int32Array, from: number, to: number, openUs: number): GapRecord[] {
  const records: GapRecord[] = [];
  for (let gap = from; gap < to; gap++) {
    const start = gaps[gap * 2];
    const end = gaps[gap * 2 + 1];
    records.push({ startUs: openUs + start * MINUTE_US, endUs: openUs + end * MINUTE_US, bars: end - start });
  }
  return records;
}

function symbolRecord(
  plan: SessionPlan,
  symbol: string,
  numbers: Float64Array,
  gaps: readonly GapRecord[],
  due: number,
): SymbolRecord {
  const classes = numbers.subarray(CLASSES_AT, CAUSES_AT);
  const rows = classes.reduce((sum, count) => sum + count, 0);
  const observed = numbers[F.observed];
  const leftOut = numbers[F.leftOut] === 1;
  const isJudged = rows > 0 && !leftOut;
  return {
    symbol,
    rows,
    streamed: classes[ROW_CLASS.streamed],
    filtered: {
      preMarket: classes[ROW_CLASS.preMarket],
      afterHours: classes[ROW_CLASS.afterHours],
      atClose: classes[ROW_CLASS.atClose],
    },
    rejected: classes[ROW_CLASS.rejected],
    rejectedBy: counts(REJECT_CAUSES, numbers, CAUSES_AT),
    flagged: counts(ROW_FLAGS, numbers, MARKS_AT),
    duplicates: classes[ROW_CLASS.duplicate],
    conflicts: classes[ROW_CLASS.conflict],
    unread: classes[ROW_CLASS.unread],
    leftOut,
    due: leftOut ? 0 : due,
    observed,
    missing: leftOut ? 0 : numbers[F.missing],
    filled: numbers[F.filled],
    quality: isJudged ? coverage(observed, due) : null,
    quality30: isJudged ? numbers[F.quality30] : null,
    longestGap: leftOut ? 0 : numbers[F.longestGap],
    gaps: leftOut ? [] : gaps,
    open: orNull(numbers[F.open]),
    high: orNull(numbers[F.high]),
    low: orNull(numbers[F.low]),
    last: orNull(numbers[F.last]),
    volume: numbers[F.volume],
    atClose: { price: orNull(numbers[F.atClosePrice]), volume: orNull(numbers[F.atCloseVolume]) },
    derived: plan.intervals.map((intervalMinutes, i) => {
      const at = DERIVED_AT + i * STATUSES;
      return { intervalMinutes, complete: numbers[at], incomplete: numbers[at + 1], stub: numbers[at + 2] };
    }),
  };
}

/** Rows of the session's date a symbol has in the files, over all classes. */
export function rowsOf(segment: Segment, symbol: number): number {
  let rows = 0;
  for (let c = 0; c < ROW_CLASSES.length; c++) rows += segment.source.classCount[symbol * ROW_CLASSES.length + c];
  return rows;
}

/** No row on this session, or left out because it could not be read: such a symbol is not judged. */
export function isAbsent(segment: Segment, symbol: number): boolean {
  return isLeftOut(segment, symbol) || rowsOf(segment, symbol) === 0;
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The counters of a symbol by name, zeros left out. */
function counts<Name extends string>(
  names: readonly Name[],
  numbers: Float64Array,
  from: number,
): Partial<Record<Name, number>> {
  const result: Partial<Record<Name, number>> = {};
  names.forEach((name, i) => {
    const count = numbers[from + i];
    if (count > 0) result[name] = count;
  });
  return result;
}
