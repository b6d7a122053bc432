import { describe, expect, it } from "vitest";
import { closedEpoch, type Segment } from "../../src/engine/memory/segment.js";
import { createView } from "../../src/engine/session/view.js";
import type { BarsView, View } from "../../src/engine/session/views.js";
import { exchangeDateTime } from "../../src/engine/market/time-zones.js";
import { W } from "../../src/engine/protocol/words.js";
import { positionPlace } from "../../src/engine/protocol/places.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { openOf, planOf, plantDay, sourceOf } from "../work/planted-days.js";

/** Four days from 14:30 on, each 20 minutes, the last of which has come to its 12th. */
const DAYS = [1, 2, 3, 4].map((seed) => plantDay(seed, 20));
const MINUTE_US = 60_000_000;

/** Stands in the middle of the last day, with so many days kept. */
async function standing(overrides: Partial<SessionPlan> = {}): Promise<View> {
  const plan = planOf(DAYS, { intervals: [5], ...overrides });
  const stage = createStage(plan, sourceOf(DAYS), { goal: positionPlace(3, 12 * 3 + 1) });
  await replay(stage);
  const { words, segments } = stage;
  return createView({
    plan,
    files: plan.symbols.map((symbol) => ({ path: `${symbol}.parquet`, groupStarts: [0, 5, 17] })),
    epoch: 3,
    segment: segments[words.load(W.loadSegment0 + 1)],
    position: words.load(W.processed),
    completedSteps: 0,
    timeUs: words.loadTime(),
    findSegment: (epoch): Segment | undefined => segments.find((segment) => closedEpoch(segment) === epoch),
  });
}

/** Minutes with a bar, on the planted list, of days and minutes from … to (exclusive). */
function planted(from: [number, number], to: [number, number]): number[] {
  const found: number[] = [];
  DAYS.forEach((day, epoch) => {
    for (let minute = 0; minute < day.minutes; minute++) {
      const isIn =
        (epoch > from[0] || (epoch === from[0] && minute >= from[1])) &&
        (epoch < to[0] || (epoch === to[0] && minute < to[1]));
      if (isIn && day.bars.has(minute * 3)) found.push(openOf(epoch) + minute * MINUTE_US);
    }
  });
  return found;
}

const starts = (bars: BarsView): number[] => [...bars.startUs];

describe("bars of a range", () => {
  it("are those of the present day up to the place, without one", async () => {
    const view = await standing();
    expect(starts(view.bars("AA"))).toEqual(planted([3, 0], [3, 13]));
  });

  it("begin and end at times as goto takes them, the end left out", async () => {
    const view = await standing();
    expect(starts(view.bars("AA", 1, { from: "14:33", to: "14:38" }))).toEqual(planted([3, 3], [3, 8]));
    expect(starts(view.bars("AA", 1, { from: "2024-01-04 14:45" }))).toEqual(planted([2, 15], [3, 13]));
    expect(starts(view.bars("AA", 1, { from: "2024-01-03 14:45", to: "2024-01-04 14:35" }))).toEqual(
      planted([1, 15], [2, 5]),
    );
    expect(starts(view.bars("AA", 1, { from: openOf(2), to: openOf(2) + 4 * MINUTE_US }))).toEqual(
      planted([2, 0], [2, 4]),
    );
  });

  it("begin with the day in which they end when nothing else is said", async () => {
    const view = await standing();
    expect(starts(view.bars("AA", 1, { to: "2024-01-04 14:40" }))).toEqual(planted([2, 0], [2, 10]));
  });

  it("are the last so many of it", async () => {
    const view = await standing();
    const all = view.bars("AA", 1, { from: "2024-01-03 14:30" });
    const last = view.bars("AA", 1, { from: "2024-01-03 14:30", last: 17 });
    expect(starts(all)).toEqual(planted([1, 0], [3, 13]));
    expect(starts(last)).toEqual(planted([1, 0], [3, 13]).slice(-17));
    expect([...last.close]).toEqual([...all.close].slice(-17));
    expect(last.status).toHaveLength(17);
    expect(starts(view.bars("AA", 1, { last: 0 }))).toEqual([]);
  });

  it("never lie ahead", async () => {
    const view = await standing();
    expect(starts(view.bars("AA", 1, { from: "14:45", to: openOf(9) }))).toEqual([]);
    expect(starts(view.bars("BB", 1, { from: "14:42" }))).toEqual([]);
  });

  it("are derived bars of all these days too, a closed one with its stub", async () => {
    const view = await standing({ intervals: [8] });
    const bars = view.bars("AA", "8m", { from: "2024-01-04 14:30" });
    const times = starts(bars).map((us) => exchangeDateTime(us, "UTC"));
    expect(times).toEqual(["2024-01-04 14:30", "2024-01-04 14:38", "2024-01-04 14:46", "2024-01-05 14:30"]);
    expect([...bars.m]).toEqual([8, 8, 4, 8]);
  });

  it("leave incomplete derived bars out when they are withheld", async () => {
    const flagged = (await standing()).bars("AA", 5, { from: "2024-01-03 14:30" });
    const withheld = (await standing({ derivedPolicy: "withhold" })).bars("AA", 5, { from: "2024-01-03 14:30" });
    const complete = starts(flagged).filter((_, i) => flagged.status[i] !== "incomplete");
    expect(complete.length).toBeLessThan(starts(flagged).length);
    expect(starts(withheld)).toEqual(complete);
  });

  it("of a day that is not kept are an error that says how to get them", async () => {
    const view = await standing({ keepDays: 1 });
    expect(starts(view.bars("AA", 1, { from: "2024-01-04 14:30" }))).toEqual(planted([2, 0], [3, 13]));
    const message = { message: "2024-01-02 is no longer in memory", code: "usage" };
    const hint = "go there (goto 2024-01-02 14:50), or keep more days (--keep-days 3)";
    expect(() => view.bars("AA", 1, { from: openOf(0) })).toThrow(expect.objectContaining({ ...message, hint }));
    expect(() => view.source("AA", openOf(0))).toThrow(expect.objectContaining(message));
  });

  it("are found again at their source, on closed days too", async () => {
    const view = await standing();
    const [slot, { marks }] = [...DAYS[1].bars].find(([s, bar]) => s % 3 === 0 && bar.marks.length > 0)!;
    const startUs = openOf(1) + (slot / 3) * MINUTE_US;
    expect(view.source("AA", startUs)).toEqual({
      file: "AA.parquet",
      row: slot,
      rowGroup: slot < 5 ? 0 : slot < 17 ? 1 : 2,
      flags: marks,
    });
    expect(view.source("AA", startUs + 1)).toBeNull();
    expect(view.source("AA", openOf(0) - MINUTE_US)).toBeNull();
    expect(view.source("AA", openOf(1) + 20 * MINUTE_US)).toBeNull();
    expect(view.source("AA", openOf(3) + 13 * MINUTE_US)).toBeNull();
  });

  it("are asked for by intervals as people write them; another is an error that names those there are", async () => {
    const view = await standing();
    for (const interval of [5, "5", "5m", " 5 min"]) expect(view.bars("AA", interval).intervalMinutes).toBe(5);
    for (const interval of [1, "1m", undefined]) expect(view.bars("AA", interval).intervalMinutes).toBe(1);
    const hint = "there are 1m, 5m; others are declared when opening, e.g. --derive 7m";
    expect(() => view.bars("AA", "7m")).toThrow(expect.objectContaining({ code: "usage", hint }));
    for (const interval of ["5x", "", 0, -5, 2.5, NaN])
      expect(() => view.bars("AA", interval)).toThrow("no bars of interval");
  });

  it("refuses times and counts that are none", async () => {
    const view = await standing();
    expect(() => view.bars("AA", 1, { from: "noon" })).toThrow('"noon" is no time of day');
    expect(() => view.bars("AA", 1, { to: "2024-01-06 14:30" })).toThrow("there is no session on 2024-01-06");
    expect(() => view.bars("AA", 1, { from: NaN })).toThrow("NaN is no time");
    expect(() => view.bars("AA", 1, { last: 1.5 })).toThrow("last 1.5 is no number of bars");
  });
});
