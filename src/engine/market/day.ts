/**
 * The dense shape of a day in memory, minute-major: slot = minute × symbols + symbol. What quality/,
 * derived/ and the digest work on; memory/ lays it out, the threads publish it.
 */
import type { BarColumns } from "./bars.js";

/** The published grid of a day. A slot behind the position that is not `streamed` is missing (a gap), whatever fills it. */
export interface DayGrid {
  readonly minutes: number;
  readonly symbols: number;
  readonly bars: BarColumns;
  /** `ORIGIN` of each slot. Presence is `origin === ORIGIN.streamed`: a fill sets another origin (I3). */
  readonly origin: Uint8Array;
}

/** Status of a finished bucket; `none` while it is not finished or when it has no source at all. */
export const BUCKET_STATUS = ["none", "complete", "incomplete", "stub"] as const;
export type BucketStatus = (typeof BUCKET_STATUS)[number];
export const STATUS = { none: 0, complete: 1, incomplete: 2, stub: 3 } as const;

/** Derived bars of one interval, bucket-major: index = bucket × symbols + symbol. */
export interface DerivedGrid {
  readonly intervalMinutes: number;
  /** Buckets of the day, the last one cut at the close if the session is no multiple of the interval. */
  readonly buckets: number;
  readonly bars: BarColumns;
  /** Sources in the bucket (streamed and filled), n of m. */
  readonly count: Uint16Array;
  readonly status: Uint8Array;
}

/** Running quality, one number a symbol. Upkeep alone writes it (semantics.md, Quality). */
export interface QualityCounters {
  readonly observed: Int32Array;
  readonly missing: Int32Array;
  readonly filled: Int32Array;
  /** Bars of the gap that is open at the position, 0 when the last due slot was streamed. */
  readonly openGap: Int32Array;
  readonly longestGap: Int32Array;
  readonly gaps: Int32Array;
  /** Close of the last streamed bar of the session, NaN before the first. What a forward fill repeats. */
  readonly lastClose: Float64Array;
}
