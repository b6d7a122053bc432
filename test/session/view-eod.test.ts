import { describe, expect, it } from "vitest";
import type { TracedEntry } from "../../src/engine/memory/trace.js";
import { WAITED } from "../../src/engine/memory/trace.js";
import { shapeOf } from "../../src/engine/plan.js";
import { EOD_STEPS, PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { endPlace, positionPlace, stepPlace, type Place } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { eodView } from "../../src/engine/session/view-eod.js";
import type { EodView } from "../../src/engine/session/views.js";
import { sourceEpoch } from "../../src/engine/memory/segment.js";
import { createStage, replay, type Stage } from "../../src/engine/sim/stage.js";
import { traced } from "../journal/traced.js";
import { openOf, planOf, plantDay, sourceOf } from "../work/planted-days.js";

const MINUTE_US = 60_000_000;
/** The streams of the second day end after 9 of its 15 minutes. */
const DAYS = [plantDay(1, 12), plantDay(2, 15, 9), plantDay(3, 10)];
const PLAN = planOf(DAYS);
const SHAPE = shapeOf(PLAN);

async function standingAt(goal: Place): Promise<Stage> {
  const stage = createStage(PLAN, sourceOf(DAYS), { goal });
  await replay(stage);
  return stage;
}

function viewOf({ words, segments }: Stage, entries: readonly TracedEntry[] = []): EodView {
  return eodView({
    plan: PLAN,
    words,
    trace: (thread) => entries.filter((entry) => entry.thread === thread),
    findSegment: (epoch) => segments.find((segment) => sourceEpoch(segment) === epoch),
  });
}

/** `✓` done, `▶` next, `○` later. */
const marks = ({ steps }: EodView): string =>
  steps.map(({ state }) => ({ done: "✓", next: "▶", later: "○" })[state]).join("");

describe("the end of a day", () => {
  it("is all to come while the day streams, and the hand-over is next when every stream has ended", async () => {
    const view = viewOf(await standingAt(positionPlace(1, 26)));
    expect([view.date, marks(view)]).toEqual(["2024-01-03", "○○○○○○○○○○"]);
    expect(view.steps.map(({ step }) => step)).toEqual(EOD_STEPS);
    expect(view.steps.map(({ thread }) => thread)).toEqual(["coordinator", ...new Array<string>(9).fill("upkeep")]);
    expect(marks(viewOf(await standingAt(stepPlace(SHAPE, 1, STEP.handOver))))).toBe("▶○○○○○○○○○");
  });

  it("shows at every stop what is done and what comes next", async () => {
    const stops: [number, number, string][] = [
      [0, STEP.drain, "✓▶○○○○○○○○"],
      [0, STEP.forceClose, "✓✓▶○○○○○○○"],
      [0, STEP.finalize, "✓✓✓▶○○○○○○"],
      [0, STEP.verify, "✓✓✓✓▶○○○○○"],
      [0, STEP.record, "✓✓✓✓✓▶○○○○"],
      [0, STEP.deactivate, "✓✓✓✓✓✓▶○○○"],
      [0, STEP.roll, "✓✓✓✓✓✓✓▶○○"],
      [1, STEP.load, "✓✓✓✓✓✓✓✓▶○"],
      [1, STEP.activate, "✓✓✓✓✓✓✓✓✓▶"],
    ];
    for (const [epoch, step, expected] of stops) {
      const view = viewOf(await standingAt(stepPlace(SHAPE, epoch, step)));
      expect([view.date, marks(view)]).toEqual(["2024-01-02", expected]);
    }
  });

  it("tells what each step does to the time of the session", async () => {
    const { steps } = viewOf(await standingAt(stepPlace(SHAPE, 1, STEP.verify)));
    const [end, close, next] = [openOf(1) + 9 * MINUTE_US, openOf(1) + 15 * MINUTE_US, openOf(2)];
    expect(steps.map(({ fromUs, toUs }) => [fromUs, toUs])).toEqual([
      [end, end],
      [end, end],
      [end, close],
      [close, close],
      [close, close],
      [close, close],
      [close, close],
      [close, next],
      [next, next],
      [next, next],
    ]);
  });

  it("of the last session has no next one to roll to; all of it is done in FINISHED", async () => {
    const stage = await standingAt(stepPlace(SHAPE, 2, STEP.drain));
    expect(marks(viewOf(stage))).toBe("✓▶○○○○○");
    const finished = viewOf(await standingAt(endPlace(SHAPE)));
    expect([finished.date, marks(finished)]).toEqual(["2024-01-04", "✓✓✓✓✓✓✓"]);
  });

  it("is, before the first session, only the load and the activation of that", async () => {
    const stage = createStage(PLAN, sourceOf(DAYS));
    const view = viewOf(stage);
    expect([view.date, marks(view), view.steps[0].step]).toEqual(["2024-01-02", "▶○", "load"]);
  });

  it("is, after a seek, that before the session it goes to", async () => {
    const stage = await standingAt(endPlace(SHAPE));
    stage.words.store(W.seekEpoch, 1);
    stage.words.store(W.phase, PHASE.seeking);
    const view = viewOf(stage);
    expect([view.date, marks(view)]).toEqual(["2024-01-02", "✓✓✓✓✓✓✓✓▶○"]);
  });

  it("of a plan without sessions is nothing", () => {
    const plan = { ...PLAN, sessions: [] };
    const stage = createStage(plan, sourceOf([]));
    expect(eodView({ plan, words: stage.words, trace: () => [], findSegment: () => undefined })).toEqual({
      date: "",
      steps: [],
      before: [],
    });
  });
});

/** All steps of the close of `epoch` that take so long each, from 1 µs on; the next session waits 100 µs for its load. */
function closeOf(epoch: number, us: number, run = 0): TracedEntry[] {
  const at = (step: number): Partial<TracedEntry> => ({
    epoch,
    run,
    phase: PHASE.drained,
    step,
    startUs: 1,
    endUs: 1 + us,
  });
  const arming = { epoch: epoch + 1, run, phase: PHASE.arming, step: STEP.load };
  return [
    traced("coordinator", "publish", { epoch, run, endUs: 9999 }),
    traced("coordinator", "hand-over", { epoch, run, startUs: 1, endUs: 1 + us }),
    traced("upkeep", "process", { epoch, run, endUs: 9999 }),
    traced("upkeep", "process", { ...at(STEP.none), endUs: 1 + us / 2 }),
    traced("upkeep", "drain", { ...at(STEP.none), endUs: 1 + us / 2 }),
    traced("upkeep", "force-close", at(STEP.forceClose)),
    traced("upkeep", "finalize", at(STEP.finalize)),
    traced("upkeep", "verify", at(STEP.verify)),
    traced("upkeep", "record", at(STEP.record)),
    traced("upkeep", "deactivate", at(STEP.deactivate)),
    traced("upkeep", "wait", { ...at(STEP.roll), phase: PHASE.closed, endUs: 5555, value: WAITED.command }),
    traced("upkeep", "roll", { ...at(STEP.roll), phase: PHASE.closed }),
    traced("upkeep", "wait", { ...arming, endUs: 7777, value: WAITED.command }),
    traced("upkeep", "request", { ...arming, endUs: us / 4 }),
    traced("upkeep", "wait", { ...arming, endUs: us / 2 }),
    traced("upkeep", "load", { ...arming, endUs: us / 4 }),
    traced("upkeep", "activate", { ...arming, step: STEP.activate, endUs: us }),
  ];
}

describe("how long it took", () => {
  it("is told step by step, without the time nobody asked for anything", async () => {
    const stage = await standingAt(stepPlace(SHAPE, 1, STEP.activate));
    const entries = closeOf(0, 80);
    expect(viewOf(stage, entries).steps.map(({ durationUs }) => durationUs)).toEqual([
      ...new Array<number>(9).fill(80),
      null, // not done yet
    ]);
    const early = viewOf(await standingAt(stepPlace(SHAPE, 0, STEP.verify)), entries);
    expect(early.steps.map(({ durationUs }) => durationUs)).toEqual([80, 80, 80, 80, ...new Array(6).fill(null)]);
  });

  it("counts a forced close in which a condition became true, too", async () => {
    const stage = await standingAt(stepPlace(SHAPE, 0, STEP.finalize));
    const hit = traced("upkeep", "force-close-with-hit", { phase: PHASE.drained, step: STEP.forceClose, endUs: 12 });
    expect(viewOf(stage, [hit]).steps[2]).toMatchObject({ step: "force-close", state: "done", durationUs: 12 });
  });

  it("is unknown of another run, and of what the trace has lost", async () => {
    const stage = await standingAt(stepPlace(SHAPE, 0, STEP.roll));
    expect(viewOf(stage).steps.every(({ durationUs }) => durationUs === null)).toBe(true);
    stage.words.store(W.run, 1);
    expect(viewOf(stage, closeOf(0, 80)).steps.every(({ durationUs }) => durationUs === null)).toBe(true);
    const again = [...closeOf(0, 80), ...closeOf(0, 40, 1)];
    expect(viewOf(stage, again).steps[3]).toMatchObject({ step: "finalize", durationUs: 40 });
  });

  it("is told of the days before, the newest first, as far as the trace has them whole", async () => {
    const stage = await standingAt(positionPlace(2, 3));
    const both = viewOf(stage, [...closeOf(0, 40), ...closeOf(1, 80)]);
    expect(both.before).toEqual([
      { date: "2024-01-03", totalUs: 800 },
      { date: "2024-01-02", totalUs: 400 },
    ]);
    const partly = viewOf(stage, [...closeOf(0, 40).slice(0, 6), ...closeOf(1, 80)]);
    expect(partly.before).toEqual([{ date: "2024-01-03", totalUs: 800 }]);
  });

  it("counts no day that was jumped over, and no load of a day after which another run began", async () => {
    const stage = await standingAt(positionPlace(1, 3));
    const begun = (epoch: number, run: number): TracedEntry[] => closeOf(epoch - 1, 80, run).slice(-5);
    expect(viewOf(stage, begun(1, 3)).before).toEqual([]);
    expect(viewOf(stage, [...closeOf(0, 40), ...begun(1, 3)]).before).toEqual([{ date: "2024-01-02", totalUs: 400 }]);
    const again = [...closeOf(0, 40), ...closeOf(0, 60, 1), ...begun(1, 3)];
    expect(viewOf(stage, again).before).toEqual([{ date: "2024-01-02", totalUs: 600 }]);
  });
});
