/**
 * What replay is measured against: one thread, one fused loop over the slots of a day, no phases, credit, records or
 * checks. Same memory, same results, same digest; written for speed, not for being stopped anywhere.
 */
import { STATUS, type DerivedGrid } from "../../dist/engine/market/day.js";
import {
  attachSegment,
  createSegments,
  segmentDerived,
  segmentGrid,
  type Segment,
} from "../../dist/engine/memory/segment.js";
import { segmentShapeOf, type SessionPlan } from "../../dist/engine/plan.js";
import { STEP } from "../../dist/engine/protocol/phases.js";
import { dayDigest, runDigest } from "../../dist/engine/work/digest.js";
import { createDayLoader } from "../../dist/engine/work/prefetch-work.js";
import { createSyntheticSource, type SyntheticOptions } from "../../dist/engine/work/synthetic-source.js";

/** The decoded days of a plan in memory, and a pass over all of them. */
export class ReferenceLoop {
  private constructor(
    private readonly plan: SessionPlan,
    private readonly days: readonly Segment[],
  ) {}

  static async load(plan: SessionPlan, options: SyntheticOptions): Promise<ReferenceLoop> {
    const shape = segmentShapeOf(plan);
    const days = createSegments(shape, plan.sessions.length).map((buffer, i) => attachSegment(buffer, shape, i));
    const loader = createDayLoader(plan, createSyntheticSource(options));
    for (const [epoch, day] of days.entries()) await loader.load(epoch, day);
    return new ReferenceLoop(plan, days);
  }

  /** Replays all days; returns the digest of the run. */
  run(): string {
    return runDigest(
      this.days.map((day, epoch) => {
        const slots = this.runDay(epoch);
        return dayDigest(this.plan, epoch, day, slots, STEP.finalize - 1);
      }),
    );
  }

  /** Replays one day without its digest; returns its slots. */
  runDay(epoch: number): number {
    const day = this.days[epoch];
    const { minutes, symbols } = segmentGrid(day);
    replayDay(day, minutes, symbols, segmentDerived(day));
    return minutes * symbols;
  }
}

/** Copy, count, gaps and the accumulation of derived bars in one pass; a finished bucket gets its status from a short one. */
function replayDay(day: Segment, minutes: number, symbols: number, derived: readonly DerivedGrid[]): void {
  const { quality } = day;
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
  for (const grid of derived) grid.count.fill(0);
  const [five, fifteen] = derived;
  for (let minute = 0; minute < minutes; minute++) {
    passRow(day, minute, symbols, five, fifteen);
    for (const grid of derived) {
      const { intervalMinutes } = grid;
      const bucket = Math.floor(minute / intervalMinutes);
      if (minute + 1 === minutes || (minute + 1) % intervalMinutes === 0)
        closeBucket(grid, bucket, symbols, minute + 1 - bucket * intervalMinutes);
    }
  }
}

function passRow(day: Segment, minute: number, symbols: number, five: DerivedGrid, fifteen: DerivedGrid): void {
  const { open: fromOpen, high: fromHigh, low: fromLow, close: fromClose, volume: fromVolume } = day.source.bars;
  const { open, high, low, close, volume } = day.published.bars;
  const { flags } = day.source;
  const { origin } = day.published;
  const { observed, missing, openGap, longestGap, gaps, lastClose } = day.quality;
  const { open: open5, high: high5, low: low5, close: close5, volume: volume5 } = five.bars;
  const { open: open15, high: high15, low: low15, close: close15, volume: volume15 } = fifteen.bars;
  const count5 = five.count;
  const count15 = fifteen.count;
  const base5 = Math.floor(minute / five.intervalMinutes) * symbols;
  const base15 = Math.floor(minute / fifteen.intervalMinutes) * symbols;
  const base = minute * symbols;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const slot = base + symbol;
    if ((flags[slot] & 1) === 0) {
      open[slot] = high[slot] = low[slot] = close[slot] = volume[slot] = 0;
      origin[slot] = 0;
      missing[symbol]++;
      const length = ++openGap[symbol];
      if (length === 1) gaps[symbol]++;
      if (length > longestGap[symbol]) longestGap[symbol] = length;
      continue;
    }
    const o = fromOpen[slot];
    const h = fromHigh[slot];
    const l = fromLow[slot];
    const c = fromClose[slot];
    const v = fromVolume[slot];
    open[slot] = o;
    high[slot] = h;
    low[slot] = l;
    close[slot] = c;
    volume[slot] = v;
    origin[slot] = 1;
    observed[symbol]++;
    openGap[symbol] = 0;
    lastClose[symbol] = c;
    const at5 = base5 + symbol;
    if (count5[at5]++ === 0) {
      open5[at5] = o;
      high5[at5] = h;
      low5[at5] = l;
      volume5[at5] = v;
    } else {
      if (h > high5[at5]) high5[at5] = h;
      if (l < low5[at5]) low5[at5] = l;
      volume5[at5] += v;
    }
    close5[at5] = c;
    const at15 = base15 + symbol;
    if (count15[at15]++ === 0) {
      open15[at15] = o;
      high15[at15] = h;
      low15[at15] = l;
      volume15[at15] = v;
    } else {
      if (h > high15[at15]) high15[at15] = h;
      if (l < low15[at15]) low15[at15] = l;
      volume15[at15] += v;
    }
    close15[at15] = c;
  }
}

function closeBucket(grid: DerivedGrid, bucket: number, symbols: number, length: number): void {
  const { count, status, intervalMinutes } = grid;
  const whole = length === intervalMinutes ? STATUS.complete : STATUS.stub;
  for (let at = bucket * symbols; at < (bucket + 1) * symbols; at++)
    status[at] = count[at] === 0 ? STATUS.none : count[at] < length ? STATUS.incomplete : whole;
}
