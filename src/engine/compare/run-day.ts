/**
 * What is kept of a run to compare it with another: plain data, copied out of the segments, so that it crosses threads
 * and goes into files. Everything here is a function of the data and the place; nothing tells how the run got there.
 */
import { finishedBuckets } from "../derived/buckets.js";
import type { BarColumns } from "../market/bars.js";
import type { DayGrid, DerivedGrid } from "../market/day.js";
import type { IsoDate } from "../market/time.js";
import { segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { STEP } from "../protocol/phases.js";
import { dayDigest } from "../work/digest.js";
import type { RunEvent } from "./event-line.js";
import { minuteDigests } from "./minute-digests.js";

/** What must be the same for two runs to be comparable, and where the data came from. */
export interface RunHeader {
  readonly calendar: string;
  readonly timeZone: string;
  readonly symbols: readonly string[];
  /** Minutes of the derived bars, ascending. */
  readonly intervals: readonly number[];
  readonly fill: "none" | "source" | "forward";
  /** Sessions of the plan, replayed or not. */
  readonly sessions: number;
  readonly inputDigest: string;
}

/** A day up to a place, without its events: what the thread that has the segment copies out of it. */
export interface DayCopy {
  readonly epoch: number;
  readonly date: IsoDate;
  readonly openUs: number;
  readonly closeUs: number;
  /** Slots taken in; all of them for a closed day. */
  readonly position: number;
  /** End-of-day steps completed, `STEP.record` or more for a day on record. */
  readonly steps: number;
  /** As `run` shows it for a day on record. */
  readonly digest: string;
  /** Of each minute whose slots have all been passed. */
  readonly minutes: readonly string[];
  /** The slots passed, and the derived bars finished there, in the order of `RunHeader.intervals`. */
  readonly grid: DayGrid;
  readonly derived: readonly DerivedGrid[];
}

export interface RunDay extends DayCopy {
  /** Up to the place, in order. */
  readonly events: readonly RunEvent[];
}

/** A run to be compared: a saved one, or one that is being replayed. Its days come in order, from the first. */
export interface RunReader {
  readonly header: RunHeader;
  days(): AsyncIterable<RunDay>;
}

export function runHeader(plan: SessionPlan, inputDigest: string): RunHeader {
  return {
    calendar: plan.calendarName,
    timeZone: plan.exchangeZone,
    symbols: plan.symbols,
    intervals: plan.intervals,
    fill: plan.fillMode,
    sessions: plan.sessions.length,
    inputDigest,
  };
}

/**
 * Copies a day out of its segment. Upkeep calls it at `record` with all slots and `STEP.record`; main for the day the session stands
 * in.
 *
 * @param position slots taken in by upkeep
 * @param steps end-of-day steps completed, 0 while the day streams
 */
export function takeDay(plan: SessionPlan, epoch: number, segment: Segment, position: number, steps: number): DayCopy {
  const { date, openUs, closeUs } = plan.sessions[epoch];
  const grid = segmentGrid(segment);
  const derived = segmentDerived(segment);
  return {
    epoch,
    date,
    openUs,
    closeUs,
    position,
    steps,
    digest: dayDigest(plan, epoch, segment, position, digestSteps(steps)),
    minutes: minuteDigests(grid, derived, position),
    grid: { ...grid, bars: cut(grid.bars, position), origin: grid.origin.slice(0, position) },
    derived: derived.map((one) => {
      const cells = finishedBuckets(grid, one.intervalMinutes, position);
      const { bars, count, status } = one;
      return { ...one, bars: cut(bars, cells), count: count.slice(0, cells), status: status.slice(0, cells) };
    }),
  };
}

/** The digest of a day on record is the one at `finalize`: the steps after it change nothing of the day. */
export function digestSteps(steps: number): number {
  return Math.min(steps, STEP.finalize - 1);
}

function cut({ open, high, low, close, volume }: BarColumns, end: number): BarColumns {
  const part = (column: Float64Array): Float64Array => column.slice(0, end);
  return { open: part(open), high: part(high), low: part(low), close: part(close), volume: part(volume) };
}
