import { expect, it } from "vitest";
import { ORIGIN } from "../../src/engine/market/bars.js";
import { BUCKET_STATUS } from "../../src/engine/market/day.js";
import { MINUTE_US } from "../../src/engine/market/time.js";
import { segmentDerived, segmentGrid, sourceEpoch, type Segment } from "../../src/engine/memory/segment.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { coverage, coverage30, findGaps } from "../../src/engine/quality/gaps.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { packRecord, unpackRecord, type SymbolRecord } from "../../src/engine/work/day-record.js";
import { createSyntheticSource } from "../../src/engine/work/synthetic-source.js";
import { syntheticPlan } from "../fixtures/synthetic-plan.js";

/** What the record says of a symbol, read from the day symbol by symbol. */
function seen(plan: SessionPlan, segment: Segment, symbol: number): Partial<SymbolRecord> {
  const grid = segmentGrid(segment);
  const { bars, origin, minutes, symbols } = grid;
  const { openUs } = plan.sessions[sourceEpoch(segment)];
  const all = Array.from({ length: minutes }, (_, minute) => minute * symbols + symbol);
  const slots = all.filter((slot) => origin[slot] === ORIGIN.streamed);
  const none = slots.length === 0;
  const gaps = findGaps(grid, symbol, minutes * symbols);
  return {
    symbol: plan.symbols[symbol],
    rows: slots.length,
    streamed: slots.length,
    observed: slots.length,
    missing: minutes - slots.length,
    filled: all.filter((slot) => origin[slot] === ORIGIN.forwardFilled).length,
    quality: none ? null : coverage(slots.length, minutes),
    quality30: none ? null : coverage30(grid, symbol, minutes * symbols),
    gaps: gaps.map(({ start, end }) => ({
      startUs: openUs + start * MINUTE_US,
      endUs: openUs + end * MINUTE_US,
      bars: end - start,
    })),
    longestGap: Math.max(0, ...gaps.map(({ start, end }) => end - start)),
    open: none ? null : bars.open[slots[0]],
    high: none ? null : Math.max(...slots.map((slot) => bars.high[slot])),
    low: none ? null : Math.min(...slots.map((slot) => bars.low[slot])),
    last: none ? null : bars.close[slots.at(-1)!],
    volume: slots.reduce((sum, slot) => sum + bars.volume[slot], 0),
    atClose: { price: null, volume: null },
    derived: segmentDerived(segment).map(({ intervalMinutes, status, buckets }) => {
      const of = (name: (typeof BUCKET_STATUS)[number]): number =>
        Array.from({ length: buckets }, (_, bucket) => status[bucket * symbols + symbol]).filter(
          (s) => BUCKET_STATUS[s] === name,
        ).length;
      return { intervalMinutes, complete: of("complete"), incomplete: of("incomplete"), stub: of("stub") };
    }),
  };
}

it.each([
  { fillMode: "none", missing: 0 },
  { fillMode: "none", missing: 0.3 },
  { fillMode: "forward", missing: 0.3 },
  { fillMode: "none", missing: 1 },
] as const)(
  "packs and unpacks a record that says of every symbol what the day shows: %o",
  async ({ fillMode, missing }) => {
    const options = { seed: 3, symbols: 5, sessions: 3, minutes: 47, missing, endsAt: [47, 20, 47] };
    const plan = syntheticPlan(options, { fillMode, keepDays: 3 });
    const stage = createStage(plan, createSyntheticSource(options));
    await replay(stage);
    const closed = stage.segments.filter((segment) => sourceEpoch(segment) >= 0);
    expect(closed.length).toBe(3);
    for (const segment of closed) {
      const record = unpackRecord(plan, packRecord(plan, sourceEpoch(segment), segment, 0, "d1"));
      expect(record).toMatchObject({ digest: "d1", forcedFromUs: null, noData: missing === 1 });
      record.symbols.forEach((symbol, i) => expect(symbol).toMatchObject(seen(plan, segment, i)));
    }
  },
);
