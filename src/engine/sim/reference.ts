/**
 * What a session's days must look like, by straight code from the source alone: no batches, no threads, nothing of
 * work/, quality/ or derived/. The simulator compares every grid with it (I2, I3, I9, I11, I12, I20) and every digest (I13).
 */
import { FLAG_PRESENT, ORIGIN, ROW_CLASS, ROW_CLASSES } from "../market/bars.js";
import { STATUS, type DerivedGrid } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import {
  attachSegment,
  beginSource,
  clearRun,
  createSegments,
  endSource,
  segmentDerived,
  type Segment,
} from "../memory/segment.js";
import { segmentShapeOf, type SessionPlan } from "../plan.js";
import { STEP } from "../protocol/phases.js";
import type { DayRecord, SymbolRecord } from "../work/day-record.js";
import { dayDigest } from "../work/digest.js";
import { createSourceDay, type MemorySource } from "./memory-source.js";

const COLUMNS = ["open", "high", "low", "close", "volume"] as const;

/** A record without what only the engine computes: percentages, outages and the accounts of rows that became no bar. */
export type ExpectedRecord = Pick<DayRecord, "date" | "epoch" | "forcedFromUs" | "noData" | "digest"> & {
  readonly symbols: readonly Pick<SymbolRecord, (typeof EXPECTED)[number]>[];
};
const EXPECTED = [
  "rows",
  "due",
  "observed",
  "missing",
  "filled",
  "longestGap",
  "gaps",
  "open",
  "high",
  "low",
  "last",
  "volume",
  "derived",
] as const;

export class Reference {
  private readonly segment: Segment;
  private readonly digests = new Map<string, string>();
  private epoch = -1;
  private copied = -1;
  private taken = -1;

  constructor(
    private readonly plan: SessionPlan,
    private readonly source: MemorySource,
    private readonly fill?: MemorySource,
  ) {
    const shape = segmentShapeOf(plan);
    this.segment = attachSegment(createSegments(shape, 1)[0], shape, 0);
  }

  /** Slots of session `epoch` up to the end of its last minute with a bar: where all its streams have ended. */
  endOfStreams(epoch: number): number {
    this.loadDay(epoch);
    const { flags, symbols } = this.segment.source;
    let end = 0;
    for (let slot = 0; slot < this.slots(epoch); slot++)
      if (flags[slot] & FLAG_PRESENT) end = (Math.floor(slot / symbols) + 1) * symbols;
    return end;
  }

  /** Rows that were asked for and are left out, because their file could not be read. */
  unread(epoch: number, symbol: number): number {
    this.loadDay(epoch);
    return this.segment.source.classCount[symbol * ROW_CLASSES.length + ROW_CLASS.unread];
  }

  slots(epoch: number): number {
    return this.plan.sessions[epoch].minutes * this.plan.symbols.length;
  }

  /** The day after `copied` slots were published and `taken` taken in. Valid until the next call. */
  expect(epoch: number, copied: number, taken: number): Segment {
    this.loadDay(epoch);
    if (this.copied === copied && this.taken === taken) return this.segment;
    this.copied = copied;
    this.taken = taken;
    clearRun(this.segment);
    for (let slot = 0; slot < this.slots(epoch); slot++) this.expectSlot(slot);
    for (const derived of segmentDerived(this.segment)) this.expectDerived(derived);
    for (let symbol = 0; symbol < this.segment.shape.symbols; symbol++) this.expectQuality(symbol);
    return this.segment;
  }

  /** The digest at a stop of session `epoch` (I13). */
  digest(epoch: number, position: number, steps: number): string {
    const key = `${epoch} ${position} ${steps}`;
    let digest = this.digests.get(key);
    if (digest === undefined) {
      digest = dayDigest(this.plan, epoch, this.expect(epoch, position, position), position, steps);
      this.digests.set(key, digest);
    }
    return digest;
  }

  /** The record of the closed session `epoch`. */
  record(epoch: number): ExpectedRecord {
    const session = this.plan.sessions[epoch];
    const slots = this.slots(epoch);
    const end = this.endOfStreams(epoch);
    this.expect(epoch, slots, slots);
    return {
      date: session.date,
      epoch,
      forcedFromUs: end < slots ? session.openUs + (end / this.plan.symbols.length) * MINUTE_US : null,
      noData: session.rows.every((rows) => rows === 0),
      digest: this.digest(epoch, slots, STEP.finalize - 1),
      symbols: this.plan.symbols.map((_, symbol) => this.symbolRecord(epoch, symbol)),
    };
  }

  /** The same fields of a record the engine made. */
  comparable(record: DayRecord): ExpectedRecord {
    const { date, epoch, forcedFromUs, noData, digest } = record;
    const symbols = record.symbols.map(
      (symbol) =>
        Object.fromEntries(EXPECTED.map((field) => [field, symbol[field]])) as ExpectedRecord["symbols"][number],
    );
    return { date, epoch, forcedFromUs, noData, digest, symbols };
  }

  private loadDay(epoch: number): void {
    if (this.epoch === epoch) return;
    const { minutes } = this.plan.sessions[epoch];
    const into = beginSource(this.segment, minutes);
    const { exceptionCount } = this.source.load(epoch, into);
    if (this.fill && this.segment.fill) {
      const { bars, flags } = this.segment.fill;
      this.fill.load(epoch, { ...createSourceDay(this.plan, epoch), bars, flags });
    }
    endSource(this.segment, epoch, 0, exceptionCount, false);
    this.epoch = epoch;
    this.copied = this.taken = -1;
  }

  private isPresent(slot: number): boolean {
    return (this.segment.source.flags[slot] & FLAG_PRESENT) !== 0;
  }

  private expectSlot(slot: number): void {
    const { published, source, fill } = this.segment;
    const { bars, origin } = published;
    if (this.isPresent(slot)) {
      if (slot >= this.copied) return;
      for (const name of COLUMNS) bars[name][slot] = source.bars[name][slot];
      origin[slot] = ORIGIN.streamed;
    } else if (slot < this.taken && this.plan.fillMode === "source" && fill) {
      if ((fill.flags[slot] & FLAG_PRESENT) === 0) return;
      for (const name of COLUMNS) bars[name][slot] = fill.bars[name][slot];
      origin[slot] = ORIGIN.filled;
    } else if (slot < this.taken && this.plan.fillMode === "forward") {
      let before = slot - source.symbols;
      while (before >= 0 && !this.isPresent(before)) before -= source.symbols;
      if (before < 0) return;
      for (const name of ["open", "high", "low", "close"] as const) bars[name][slot] = source.bars.close[before];
      origin[slot] = ORIGIN.forwardFilled;
    }
  }

  private expectDerived(derived: DerivedGrid): void {
    const { symbols } = this.segment.shape;
    const { minutes } = this.plan.sessions[this.epoch];
    for (let bucket = 0; bucket < derived.buckets; bucket++) {
      const first = bucket * derived.intervalMinutes;
      const after = Math.min(first + derived.intervalMinutes, minutes);
      for (let symbol = 0; symbol < symbols; symbol++) {
        if ((after - 1) * symbols + symbol >= this.taken) continue; // not finished: nothing is readable (I11)
        const slots: number[] = [];
        for (let minute = first; minute < after; minute++) {
          const slot = minute * symbols + symbol;
          if (this.segment.published.origin[slot] !== ORIGIN.empty) slots.push(slot);
        }
        this.expectBucket(derived, bucket * symbols + symbol, slots, after - first);
      }
    }
  }

  private expectBucket(derived: DerivedGrid, at: number, slots: readonly number[], length: number): void {
    if (slots.length === 0) return; // no source: no bar
    const from = this.segment.published.bars;
    const to = derived.bars;
    to.open[at] = from.open[slots[0]];
    to.high[at] = Math.max(...slots.map((slot) => from.high[slot]));
    to.low[at] = Math.min(...slots.map((slot) => from.low[slot]));
    to.close[at] = from.close[slots[slots.length - 1]];
    to.volume[at] = slots.reduce((sum, slot) => sum + from.volume[slot], 0);
    derived.count[at] = slots.length;
    if (slots.length < length) derived.status[at] = STATUS.incomplete;
    else derived.status[at] = length < derived.intervalMinutes ? STATUS.stub : STATUS.complete;
  }

  private expectQuality(symbol: number): void {
    const { quality, published, shape } = this.segment;
    const due: number[] = [];
    for (let slot = symbol; slot < this.taken; slot += shape.symbols) due.push(slot);
    const seen = due.map((slot) => (this.isPresent(slot) && slot < this.copied ? "x" : "-")).join("");
    const gaps = seen.match(/-+/g) ?? [];
    quality.observed[symbol] = seen.replaceAll("-", "").length;
    quality.missing[symbol] = seen.replaceAll("x", "").length;
    quality.filled[symbol] = due.filter((slot) => published.origin[slot] > ORIGIN.streamed).length;
    quality.openGap[symbol] = seen.length - seen.lastIndexOf("x") - 1;
    quality.gaps[symbol] = gaps.length;
    quality.longestGap[symbol] = Math.max(0, ...gaps.map((gap) => gap.length));
    const last = due.filter((slot) => this.isPresent(slot) && slot < this.copied).at(-1);
    quality.lastClose[symbol] = last === undefined ? NaN : this.segment.source.bars.close[last];
  }

  private symbolRecord(epoch: number, symbol: number): ExpectedRecord["symbols"][number] {
    const { segment } = this;
    const { symbols } = segment.shape;
    const { minutes, openUs } = this.plan.sessions[epoch];
    const { bars } = segment.source;
    const slots = Array.from({ length: minutes }, (_, minute) => minute * symbols + symbol);
    const there = slots.filter((slot) => this.isPresent(slot));
    const marks = slots.map((slot) => (this.isPresent(slot) ? "x" : "-")).join("");
    const gaps = [...marks.matchAll(/-+/g)].map(({ index, 0: gap }) => ({
      startUs: openUs + index * MINUTE_US,
      endUs: openUs + (index + gap.length) * MINUTE_US,
      bars: gap.length,
    }));
    const classes = segment.source.classCount.subarray(symbol * ROW_CLASSES.length, (symbol + 1) * ROW_CLASSES.length);
    return {
      rows: classes.reduce((sum, count) => sum + count, 0),
      due: minutes,
      observed: there.length,
      missing: minutes - there.length,
      filled: segment.quality.filled[symbol],
      longestGap: Math.max(0, ...gaps.map((gap) => gap.bars)),
      gaps,
      open: there.length ? bars.open[there[0]] : null,
      high: there.length ? Math.max(...there.map((slot) => bars.high[slot])) : null,
      low: there.length ? Math.min(...there.map((slot) => bars.low[slot])) : null,
      last: there.length ? bars.close[there[there.length - 1]] : null,
      volume: there.reduce((sum, slot) => sum + bars.volume[slot], 0),
      derived: segmentDerived(segment).map((derived) => this.derivedRecord(derived, symbol)),
    };
  }

  private derivedRecord(derived: DerivedGrid, symbol: number): SymbolRecord["derived"][number] {
    const { symbols } = this.segment.shape;
    const statuses = Array.from({ length: derived.buckets }, (_, bucket) => derived.status[bucket * symbols + symbol]);
    const of = (status: number): number => statuses.filter((s) => s === status).length;
    return {
      intervalMinutes: derived.intervalMinutes,
      complete: of(STATUS.complete),
      incomplete: of(STATUS.incomplete),
      stub: of(STATUS.stub),
    };
  }
}

/** The first difference between a segment and what it should be, with the invariant it breaks; undefined when there is none. */
export function findDifference(actual: Segment, expected: Segment): { invariant: string; what: string } | undefined {
  const [is, should] = [actual.published, expected.published];
  const columns = [
    ...COLUMNS.map((name) => [name, is.bars[name], should.bars[name]] as const),
    ["origin", is.origin, should.origin] as const,
  ];
  for (const [name, a, b] of columns) {
    const slot = firstDifference(a, b);
    if (slot < 0) continue;
    const early = should.origin[slot] === ORIGIN.empty;
    const invariant = early ? "I11" : should.origin[slot] === ORIGIN.streamed ? "I2" : "I3";
    return { invariant, what: `${name} of slot ${slot} is ${a[slot]} instead of ${b[slot]}` };
  }
  return findDerivedDifference(actual, expected) ?? findQualityDifference(actual, expected);
}

function findDerivedDifference(actual: Segment, expected: Segment): { invariant: string; what: string } | undefined {
  for (let i = 0; i < expected.derived.length; i++) {
    const [is, should] = [actual.derived[i], expected.derived[i]];
    const columns = [
      ...COLUMNS.map((name) => [name, is.bars[name], should.bars[name]] as const),
      ["count", is.count, should.count] as const,
      ["status", is.status, should.status] as const,
    ];
    for (const [name, a, b] of columns) {
      const at = firstDifference(a, b);
      if (at < 0) continue;
      const invariant = should.status[at] === STATUS.none ? "I11" : "I12";
      return { invariant, what: `${name} of ${is.intervalMinutes}-minute bar ${at} is ${a[at]} instead of ${b[at]}` };
    }
  }
  return undefined;
}

function findQualityDifference(actual: Segment, expected: Segment): { invariant: string; what: string } | undefined {
  for (const name of Object.keys(expected.quality) as (keyof Segment["quality"])[]) {
    const symbol = firstDifference(actual.quality[name], expected.quality[name]);
    if (symbol < 0) continue;
    const [a, b] = [actual.quality[name][symbol], expected.quality[name][symbol]];
    return { invariant: "I20", what: `${name} of symbol ${symbol} is ${a} instead of ${b}` };
  }
  return undefined;
}

/** Difference in the decoded source, which only prefetch writes and never of a day in use. */
export function findSourceDifference(actual: Segment, expected: Segment): string | undefined {
  for (const name of COLUMNS) {
    const slot = firstDifference(actual.source.bars[name], expected.source.bars[name]);
    if (slot >= 0) return `source ${name} of slot ${slot} is ${actual.source.bars[name][slot]}`;
  }
  const slot = firstDifference(actual.source.flags, expected.source.flags);
  return slot >= 0 ? `source flags of slot ${slot} are ${actual.source.flags[slot]}` : undefined;
}

type Numbers = Float64Array | Int32Array | Uint8Array | Uint16Array;

function firstDifference(a: Numbers, b: Numbers): number {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return i;
  return -1;
}
