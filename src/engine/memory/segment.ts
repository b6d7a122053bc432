/**
 * A segment: the memory of one trading day. Published grid, the decoded source it is published from (so that a
 * re-run needs no reading), derived grids, quality counters, exceptions.
 *
 *   head       epoch held · minutes · end of streams · exceptions · epoch closed
 *   published  open high low close volume (f64 a slot) · origin (u8)       coordinator; fills: upkeep
 *   source     open high low close volume · flags (u8) · file row (u32)    prefetch
 *   fill       open high low close volume · flags, only with --fill source   prefetch
 *   derived    per interval: five columns · count (u16) · status (u8)      upkeep
 *   quality    per symbol: observed missing filled gaps …                  upkeep
 *   accounts   per symbol: rows by class, causes, marks, at close, left out  prefetch
 *
 * 90 bytes a slot for base data with its source, and 16 a row for the exceptions list.
 */
import { assert } from "../assert.js";
import {
  EXCEPTION_WORDS,
  REJECT_CAUSES,
  ROW_CLASSES,
  ROW_FLAGS,
  type BarColumns,
  type SourceDay,
} from "../market/bars.js";
import type { DayGrid, DerivedGrid, QualityCounters } from "../market/day.js";
import { bucketCount } from "../derived/buckets.js";
import { layOut, view, type Field, type Layout } from "./layout.js";

/** What decides the size of a segment; the same for all of a session. */
export interface SegmentShape {
  readonly symbols: number;
  /** Minutes of the longest session in the plan. */
  readonly mostMinutes: number;
  /** Intervals of the derived bars, minutes. */
  readonly intervals: readonly number[];
  /** Capacity of the exceptions list, entries. */
  readonly mostExceptions: number;
  /** Whether a second source's day is kept for fills. */
  readonly hasFill: boolean;
}

const COLUMNS = ["open", "high", "low", "close", "volume"] as const;
const HEAD = { epoch: 0, minutes: 1, streamsEnd: 2, exceptions: 3, noData: 4, closed: 5 } as const;

function columnFields(prefix: string, slots: number): Field[] {
  return COLUMNS.map((column) => ({ name: `${prefix}.${column}`, kind: "f64", length: slots }));
}

/** Where everything lies in a segment of this shape. */
export function segmentLayout(shape: SegmentShape): Layout {
  const { symbols, mostMinutes, intervals, hasFill } = shape;
  const slots = symbols * mostMinutes;
  const fields: Field[] = [{ name: "head", kind: "i32", length: 8 }];
  fields.push(...columnFields("published", slots), { name: "published.origin", kind: "u8", length: slots });
  fields.push(
    ...columnFields("source", slots),
    { name: "source.flags", kind: "u8", length: slots },
    { name: "source.file", kind: "u32", length: slots },
    { name: "source.row", kind: "u32", length: slots },
  );
  if (hasFill) fields.push(...columnFields("fill", slots), { name: "fill.flags", kind: "u8", length: slots });
  for (const interval of intervals) {
    const cells = bucketCount(mostMinutes, interval) * symbols;
    fields.push(
      ...columnFields(`derived${interval}`, cells),
      { name: `derived${interval}.count`, kind: "u16", length: cells },
      { name: `derived${interval}.status`, kind: "u8", length: cells },
    );
  }
  for (const counter of ["observed", "missing", "filled", "openGap", "longestGap", "gaps"])
    fields.push({ name: `quality.${counter}`, kind: "i32", length: symbols });
  fields.push(
    { name: "quality.lastClose", kind: "f64", length: symbols },
    { name: "exceptions", kind: "u32", length: Math.max(1, shape.mostExceptions) * EXCEPTION_WORDS },
    { name: "classCount", kind: "u32", length: symbols * ROW_CLASSES.length },
    { name: "causeCount", kind: "u32", length: symbols * REJECT_CAUSES.length },
    { name: "flagCount", kind: "u32", length: symbols * ROW_FLAGS.length },
    { name: "atClosePrice", kind: "f64", length: symbols },
    { name: "atCloseVolume", kind: "f64", length: symbols },
    { name: "leftOut", kind: "u8", length: symbols },
  );
  return layOut(fields);
}

/** A segment as one thread sees it. Views are cut to the day it holds by `day()`. */
export interface Segment {
  readonly index: number;
  readonly buffer: SharedArrayBuffer;
  readonly head: Int32Array;
  readonly shape: SegmentShape;
  readonly published: { readonly bars: BarColumns; readonly origin: Uint8Array };
  readonly source: Omit<SourceDay, "minutes">;
  readonly fill: { readonly bars: BarColumns; readonly flags: Uint8Array } | undefined;
  readonly derived: readonly Omit<DerivedGrid, "buckets">[];
  readonly quality: QualityCounters;
  /** Per symbol: 1 when its rows of the day could not be read and are done without. */
  readonly leftOut: Uint8Array;
}

/** Allocates `count` segments, once a session. */
export function createSegments(shape: SegmentShape, count: number): SharedArrayBuffer[] {
  const { byteLength } = segmentLayout(shape);
  return Array.from({ length: count }, () => {
    const buffer = new SharedArrayBuffer(byteLength);
    const head = new Int32Array(buffer, 0, HEAD.closed + 1);
    head[HEAD.epoch] = head[HEAD.closed] = -1;
    return buffer;
  });
}

/** Maps a segment in this thread. */
export function attachSegment(buffer: SharedArrayBuffer, shape: SegmentShape, index: number): Segment {
  const layout = segmentLayout(shape);
  assert(buffer.byteLength === layout.byteLength, "a segment of another shape");
  const columns = (prefix: string): BarColumns => {
    const column = (name: string): Float64Array => view(buffer, layout, `${prefix}.${name}`, "f64");
    return {
      open: column("open"),
      high: column("high"),
      low: column("low"),
      close: column("close"),
      volume: column("volume"),
    };
  };
  const counter = (name: string): Int32Array => view(buffer, layout, `quality.${name}`, "i32");
  return {
    index,
    buffer,
    shape,
    head: view(buffer, layout, "head", "i32"),
    published: { bars: columns("published"), origin: view(buffer, layout, "published.origin", "u8") },
    source: {
      symbols: shape.symbols,
      bars: columns("source"),
      flags: view(buffer, layout, "source.flags", "u8"),
      file: view(buffer, layout, "source.file", "u32"),
      row: view(buffer, layout, "source.row", "u32"),
      exceptions: view(buffer, layout, "exceptions", "u32"),
      classCount: view(buffer, layout, "classCount", "u32"),
      causeCount: view(buffer, layout, "causeCount", "u32"),
      flagCount: view(buffer, layout, "flagCount", "u32"),
      atClosePrice: view(buffer, layout, "atClosePrice", "f64"),
      atCloseVolume: view(buffer, layout, "atCloseVolume", "f64"),
    },
    fill: shape.hasFill ? { bars: columns("fill"), flags: view(buffer, layout, "fill.flags", "u8") } : undefined,
    derived: shape.intervals.map((interval) => ({
      intervalMinutes: interval,
      bars: columns(`derived${interval}`),
      count: view(buffer, layout, `derived${interval}.count`, "u16"),
      status: view(buffer, layout, `derived${interval}.status`, "u8"),
    })),
    quality: {
      observed: counter("observed"),
      missing: counter("missing"),
      filled: counter("filled"),
      openGap: counter("openGap"),
      longestGap: counter("longestGap"),
      gaps: counter("gaps"),
      lastClose: view(buffer, layout, "quality.lastClose", "f64"),
    },
    leftOut: view(buffer, layout, "leftOut", "u8"),
  };
}

/** The published grid of the day a segment holds. */
export function segmentGrid(segment: Segment): DayGrid {
  return { minutes: segment.head[HEAD.minutes], symbols: segment.shape.symbols, ...segment.published };
}

/** The derived grids of the day a segment holds. */
export function segmentDerived(segment: Segment): DerivedGrid[] {
  const minutes = segment.head[HEAD.minutes];
  return segment.derived.map((d) => ({ ...d, buckets: bucketCount(minutes, d.intervalMinutes) }));
}

/** Bars finish in the minute before this one: where all streams of the day are at their end. Minutes from the open. */
export function streamsEnd(segment: Segment): number {
  return segment.head[HEAD.streamsEnd];
}

export function exceptionCount(segment: Segment): number {
  return segment.head[HEAD.exceptions];
}

/** True for a session in which no asked symbol has a row; one that could not be read is not one of these. */
export function hasNoData(segment: Segment): boolean {
  return segment.head[HEAD.noData] === 1;
}

/** Notes that a symbol's rows of the day could not be read and are done without (`--on-load-error`). Written by prefetch. */
export function leaveOut(segment: Segment, symbol: number): void {
  segment.leftOut[symbol] = 1;
}

/** True for a symbol that was left out of the day: what was not read is not missing, so nothing is said of its minutes. */
export function isLeftOut(segment: Segment, symbol: number): boolean {
  return segment.leftOut[symbol] === 1;
}

/** Zeroes what a load writes; until `endSource` the segment holds no session. */
export function beginSource(segment: Segment, minutes: number): SourceDay {
  const { source, fill, head } = segment;
  head[HEAD.closed] = -1;
  head[HEAD.epoch] = -1;
  head[HEAD.minutes] = minutes;
  head[HEAD.streamsEnd] = 0;
  head[HEAD.exceptions] = 0;
  head[HEAD.noData] = 0;
  for (const columns of [source.bars, ...(fill ? [fill.bars] : [])]) for (const name of COLUMNS) columns[name].fill(0);
  for (const array of [source.flags, source.file, source.row, source.classCount, source.causeCount, source.flagCount])
    array.fill(0);
  fill?.flags.fill(0);
  segment.leftOut.fill(0);
  source.atClosePrice.fill(NaN);
  source.atCloseVolume.fill(NaN);
  return { minutes, ...source };
}

/** Notes what a finished load found. `endMinute` is the minute after the last bar. */
export function endSource(
  segment: Segment,
  epoch: number,
  endMinute: number,
  exceptions: number,
  noData: boolean,
): void {
  segment.head[HEAD.epoch] = epoch;
  segment.head[HEAD.streamsEnd] = endMinute;
  segment.head[HEAD.exceptions] = exceptions;
  segment.head[HEAD.noData] = noData ? 1 : 0;
}

/** Session whose decoded source the segment holds, −1 for none or a load that is not over. Written by prefetch. */
export function sourceEpoch(segment: Segment): number {
  return segment.head[HEAD.epoch];
}

/**
 * Session whose closed content the published grid holds, −1 for none: one that is being loaded over, or begun again. A day
 * that closed is read by others while this says so; who reads without holding the threads looks again afterwards.
 */
export function closedEpoch(segment: Segment): number {
  return segment.head[HEAD.closed];
}

/** The session is finalised: nothing of it changes any more until its segment is used again. Written by upkeep. */
export function markClosed(segment: Segment, epoch: number): void {
  segment.head[HEAD.closed] = epoch;
}

/** Clears everything a run writes: the published grid, derived bars, quality. */
export function clearRun(segment: Segment): void {
  const { published, derived, quality, head } = segment;
  head[HEAD.closed] = -1;
  for (const name of COLUMNS) published.bars[name].fill(0);
  published.origin.fill(0);
  for (const grid of derived) {
    for (const name of COLUMNS) grid.bars[name].fill(0);
    grid.count.fill(0);
    grid.status.fill(0);
  }
  for (const counter of [
    quality.observed,
    quality.missing,
    quality.filled,
    quality.openGap,
    quality.longestGap,
    quality.gaps,
  ])
    counter.fill(0);
  quality.lastClose.fill(NaN);
}
