/**
 * Quality, gaps and single numbers of a day at a position, read from its slots. The running counters of the segment are
 * not used: they stand at upkeep's position, and a view may look at one behind it. Pure.
 */
import type { Measure } from "../conditions/condition.js";
import { EXCEPTION_WORDS, FLAG_PRESENT, ORIGIN, ROW_CLASS, ROW_CLASSES } from "../market/bars.js";
import type { DayGrid, QualityCounters } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { isLeftOut, segmentGrid, type Segment } from "../memory/segment.js";
import { coverage, coverage30, dueSlots, findGaps, findOutages } from "../quality/gaps.js";
import { exceptionsPassed } from "../work/digest.js";
import { isAbsent } from "../work/day-record.js";
import type { GapView, QualityView, SymbolQuality } from "./views.js";

/** A day up to a position. */
export interface DaySoFar {
  readonly symbols: readonly string[];
  readonly openUs: number;
  readonly segment: Segment;
  readonly position: number;
  /** Forced to its close: what is missing at the end is missing for good. */
  readonly isOver: boolean;
}

/** Due slots before quality is known to conditions. */
const FEWEST_DUE = 20;

interface DayScan extends QualityCounters {
  readonly flagged: Int32Array;
  /** NaN before the first streamed bar; its close is `lastClose`. */
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly volume: Float64Array;
}

/**
 * What the slots passed of the symbols [first, end) add up to, indexed by symbol. One pass in the order of memory, in which a streamed
 * slot, the usual one, costs as little as it can: what the missing ones tell is not counted twice.
 */
function scanDay(grid: DayGrid, flags: Uint8Array, position: number, first = 0, end = grid.symbols): DayScan {
  const { symbols, origin, bars } = grid;
  const counter = (): Int32Array => new Int32Array(symbols);
  const [missing, filled, flagged, gaps, longestGap] = [counter(), counter(), counter(), counter(), counter()];
  const gapLength = counter();
  const missedAt = counter().fill(-2); // the minute that was missing last
  const high = new Float64Array(symbols).fill(-Infinity);
  const low = new Float64Array(symbols).fill(Infinity);
  const volume = new Float64Array(symbols);
  const { high: highs, low: lows, volume: volumes } = bars;
  for (let row = 0, minute = 0; row + first < position; row += symbols, minute++) {
    const last = Math.min(end, position - row);
    for (let symbol = first; symbol < last; symbol++) {
      const slot = row + symbol;
      if (origin[slot] === ORIGIN.streamed) {
        if (highs[slot] > high[symbol]) high[symbol] = highs[slot];
        if (lows[slot] < low[symbol]) low[symbol] = lows[slot];
        volume[symbol] += volumes[slot];
        if (flags[slot] !== FLAG_PRESENT) flagged[symbol]++;
        continue;
      }
      missing[symbol]++;
      if (origin[slot] !== ORIGIN.empty) filled[symbol]++;
      const goesOn = missedAt[symbol] === minute - 1;
      const length = goesOn ? gapLength[symbol] + 1 : 1;
      if (!goesOn) gaps[symbol]++;
      if (length > longestGap[symbol]) longestGap[symbol] = length;
      gapLength[symbol] = length;
      missedAt[symbol] = minute;
    }
  }
  const [observed, openGap] = [counter(), counter()];
  const open = new Float64Array(symbols).fill(NaN);
  const lastClose = new Float64Array(symbols).fill(NaN);
  for (let symbol = first; symbol < end; symbol++) {
    const due = dueSlots(grid, symbol, position);
    observed[symbol] = due - missing[symbol];
    if (due > 0 && missedAt[symbol] === due - 1) openGap[symbol] = gapLength[symbol];
    if (observed[symbol] === 0) {
      high[symbol] = low[symbol] = NaN;
      continue;
    }
    let slot = symbol;
    while (origin[slot] !== ORIGIN.streamed) slot += symbols;
    open[symbol] = bars.open[slot];
    slot = (due - 1) * symbols + symbol;
    while (origin[slot] !== ORIGIN.streamed) slot -= symbols;
    lastClose[symbol] = bars.close[slot];
  }
  return { observed, missing, filled, openGap, longestGap, gaps, flagged, lastClose, open, high, low, volume };
}

/** The counters as upkeep had them at `position`. */
export function countersAt(segment: Segment, position: number): QualityCounters {
  return scanDay(segmentGrid(segment), segment.source.flags, position);
}

/** Rows that did not become bars, by symbol and class, as far as they have been counted. */
function exceptionCounts(segment: Segment, position: number): Int32Array {
  const { exceptions } = segment.source;
  const { symbols } = segment.shape;
  const counts = new Int32Array(symbols * ROW_CLASSES.length);
  const end = exceptionsPassed(segment, position) * EXCEPTION_WORDS;
  for (let at = 0; at < end; at += EXCEPTION_WORDS)
    counts[(exceptions[at] % symbols) * ROW_CLASSES.length + (exceptions[at + 1] & 0xff)]++;
  return counts;
}

/** All symbols together. At 64 symbols it takes about a tenth of a millisecond at the end of a day. */
export function qualityOf(day: DaySoFar): QualityView {
  const { symbols, openUs, segment, position } = day;
  const grid = segmentGrid(segment);
  const scan = scanDay(grid, segment.source.flags, position);
  const counts = exceptionCounts(segment, position);
  const rows = symbols.map((_, symbol) => symbolRow(day, grid, symbol, scan, counts));
  const present = [...symbols.keys()].filter((symbol) => !rows[symbol].absent);
  const outages = findOutages(grid, present, position);
  return { symbols: rows, ...meanAndWorst(rows), outagesUs: outages.map((minute) => openUs + minute * MINUTE_US) };
}

/** One symbol alone. */
export function symbolQualityOf(day: DaySoFar, symbol: number): SymbolQuality {
  const { segment, position } = day;
  const grid = segmentGrid(segment);
  const scan = scanDay(grid, segment.source.flags, position, symbol, symbol + 1);
  return symbolRow(day, grid, symbol, scan, exceptionCounts(segment, position));
}

/** A day that has not begun: nothing is due, nobody is judged. `rows` by symbol, as the plan knows them. */
export function qualityBefore(symbols: readonly string[], rows: readonly number[]): QualityView {
  const none = { due: 0, observed: 0, missing: 0, filled: 0, gaps: 0, longestGap: 0, openGap: 0 };
  const nothing = { duplicates: 0, conflicts: 0, rejected: 0, flagged: 0, volume: 0 };
  const unknown = { percent: null, percent30: null, open: null, high: null, low: null, last: null };
  return {
    symbols: symbols.map((symbol, i) => ({ symbol, ...none, ...nothing, ...unknown, absent: !rows[i] })),
    mean: null,
    worst: null,
    outagesUs: [],
  };
}

/** Slots that are due for a symbol: none for one that was left out of the day, since what was not read is not missing. */
export function dueOf(segment: Segment, symbol: number, position: number): number {
  return isLeftOut(segment, symbol) ? 0 : dueSlots(segmentGrid(segment), symbol, position);
}

function symbolRow(day: DaySoFar, grid: DayGrid, symbol: number, scan: DayScan, counts: Int32Array): SymbolQuality {
  const { segment, position, isOver } = day;
  const absent = isAbsent(segment, symbol);
  const observed = scan.observed[symbol];
  const due = dueOf(segment, symbol, position);
  const hasGaps = !isLeftOut(segment, symbol);
  const rowsIn = (rowClass: number): number => counts[symbol * ROW_CLASSES.length + rowClass];
  return {
    symbol: day.symbols[symbol],
    due,
    observed,
    missing: due - observed,
    filled: scan.filled[symbol],
    percent: absent ? null : coverage(observed, due),
    percent30: absent ? null : coverage30(grid, symbol, position),
    gaps: hasGaps ? scan.gaps[symbol] : 0,
    longestGap: hasGaps ? scan.longestGap[symbol] : 0,
    openGap: hasGaps && !isOver ? scan.openGap[symbol] : 0,
    duplicates: rowsIn(ROW_CLASS.duplicate),
    conflicts: rowsIn(ROW_CLASS.conflict),
    rejected: rowsIn(ROW_CLASS.rejected),
    flagged: scan.flagged[symbol],
    open: known(scan.open[symbol]),
    high: known(scan.high[symbol]),
    low: known(scan.low[symbol]),
    last: known(scan.lastClose[symbol]),
    volume: scan.volume[symbol],
    absent,
  };
}

function meanAndWorst(rows: readonly SymbolQuality[]): Pick<QualityView, "mean" | "worst"> {
  let sum = 0;
  let count = 0;
  let worst: { symbol: string; percent: number } | null = null;
  for (const { symbol, percent } of rows) {
    if (percent === null) continue;
    sum += percent;
    count++;
    if (worst === null || percent < worst.percent) worst = { symbol, percent };
  }
  return { mean: count === 0 ? null : sum / count, worst };
}

/** The gaps of a symbol, in order. */
export function gapsOf(day: DaySoFar, symbol: number): GapView[] {
  const { segment, position, openUs, isOver } = day;
  const due = dueOf(segment, symbol, position);
  if (due === 0) return [];
  return findGaps(segmentGrid(segment), symbol, position).map(({ start, end }) => ({
    symbol: day.symbols[symbol],
    startUs: openUs + start * MINUTE_US,
    endUs: openUs + end * MINUTE_US,
    bars: end - start,
    open: end === due && !isOver,
  }));
}

/** A number of a symbol as conditions see it; null while it is unknown. */
export function measureOf({ segment, position }: DaySoFar, symbol: number, measure: Measure): number | null {
  const grid = segmentGrid(segment);
  const due = dueSlots(grid, symbol, position);
  const isJudged = due >= FEWEST_DUE && !isAbsent(segment, symbol);
  if (measure === "quality30") return isJudged ? coverage30(grid, symbol, position) : null;
  const scan = scanDay(grid, segment.source.flags, position, symbol, symbol + 1);
  switch (measure) {
    case "quality":
      return isJudged ? coverage(scan.observed[symbol], due) : null;
    case "gap":
      return scan.openGap[symbol];
    case "last":
      return known(scan.lastClose[symbol]);
    case "high":
    case "low":
    case "volume":
      return known(scan[measure][symbol]);
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
