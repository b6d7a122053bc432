import { describe, expect, it } from "vitest";
import { protocolConfig, shapeOf, type SessionPlan } from "../../src/engine/plan.js";
import { EOD_STEPS, PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { endPlace, positionPlace, stepPlace, type Place } from "../../src/engine/protocol/places.js";
import { RELEASE, W } from "../../src/engine/protocol/words.js";
import { streamViews, threadViews, whyLines, type ThreadsOf } from "../../src/engine/session/view-threads.js";
import { wordViews } from "../../src/engine/session/view-words.js";
import type { ThreadView } from "../../src/engine/session/views.js";
import { createStage, replay, type Stage, type StageOptions } from "../../src/engine/sim/stage.js";
import { openOf, planOf, plantDay, sourceOf } from "../work/planted-days.js";

const MINUTE_US = 60_000_000;
/** Two whole days, and one whose streams end after 9 of 15 minutes. */
const DAYS = [plantDay(1, 12), plantDay(2, 15, 9), plantDay(3, 10)];
const PLAN = planOf(DAYS);
const SHAPE = shapeOf(PLAN);

function stageOf(plan: SessionPlan = PLAN, options: StageOptions = {}): Stage {
  return createStage(plan, sourceOf(DAYS), options);
}

async function standingAt(goal: Place, plan = PLAN, options: StageOptions = {}): Promise<Stage> {
  const stage = stageOf(plan, { goal, ...options });
  await replay(stage);
  return stage;
}

function askAbout({ plan, words, segments }: Stage): ThreadsOf {
  const phase = words.load(W.phase);
  const hasBegun = phase !== PHASE.arming && phase !== PHASE.seeking;
  const segment = hasBegun ? segments[words.load(W.loadSegment0 + (words.load(W.epoch) % 2))] : undefined;
  return { plan, words, config: protocolConfig(plan), segment, lastEvent: (thread) => `last of ${thread}` };
}

function threadsOf(stage: Stage): Record<"coordinator" | "upkeep" | "prefetch", ThreadView> {
  const [coordinator, upkeep, prefetch] = threadViews(askAbout(stage));
  return { coordinator, upkeep, prefetch };
}

const would = (stage: Stage): string[] => threadViews(askAbout(stage)).map((thread) => thread.would);

/** The action a text stands for. */
function kindOf(text: string): string {
  const words: [RegExp, string][] = [
    [/^(publish|pass) /, "publish"],
    [/^take in /, "process"],
    [/^ask for /, "request"],
    [/^activate /, "activate"],
    [/^roll to /, "roll"],
    [/^load /, "load"],
    [/^begin again /, "seek"],
  ];
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

describe("what a thread would do", () => {
  for (const creditRows of [1, 10]) {
    it(`is what its next turn does, at every moment of a run (${creditRows} rows ahead at most)`, async () => {
      const stage = stageOf({ ...PLAN, creditRows });
      const { words } = stage;
      const seen = new Set<string>();
      for (let round = 0; words.load(W.phase) !== PHASE.finished; round++) {
        expect(round).toBeLessThan(10_000);
        const name = (["upkeep", "coordinator", "upkeep", "prefetch"] as const)[(round * 7) % 4];
        const view = threadsOf(stage)[name];
        const [before, epoch] = [words.load(W.phase), words.load(W.epoch)];
        const turn = stage[name].turn();
        const { kind } = stage[name].decided;
        seen.add(`${name} ${kind}`);
        if (name === "prefetch") {
          const load = stage.loads.shift();
          if (load) await load.settled.then(() => stage.prefetch.loaded(load.outcome === "ready"));
        } else {
          const [shown, why] = [view.would, `${name} in phase ${before}: ${view.would}`];
          expect([view.state, view.waitsFor === null, why]).toEqual([
            turn === "waits" ? "waits" : "runs",
            turn !== "waits",
            why,
          ]);
          if (turn !== "waits") expect([kindOf(shown), why]).toEqual([kind, why]);
          if (kind === "publish" || kind === "process") {
            const { from } = stage[name].decided as unknown as { from: number };
            const has = DAYS[epoch].bars.has(from);
            const slot = slotText(epoch, from);
            expect(shown).toBe(
              kind === "process" ? `take in ${slot}` : has ? `publish ${slot}` : `pass ${slot} (missing)`,
            );
          }
        }
      }
      expect([...seen]).toEqual(
        expect.arrayContaining([
          "coordinator publish",
          "coordinator hand-over",
          "upkeep process",
          "upkeep force-close",
          "upkeep roll",
          "upkeep wait",
        ]),
      );
    });
  }

  it("is named in words while a day streams", async () => {
    const stage = await standingAt(positionPlace(1, 4));
    expect(would(stage)).toEqual([
      `${DAYS[1].bars.has(4) ? "publish" : "pass"} ${slotText(1, 4)}${DAYS[1].bars.has(4) ? "" : " (missing)"}`,
      `waits: ${slotText(1, 4)} is not published`,
      expect.stringMatching(/^(load 2024-01-04|waits: a day to load)$/),
    ]);
    expect(threadsOf(stage)).toMatchObject({
      coordinator: { state: "paused", position: 4, lag: 0, waitsFor: null, lastEvent: "last of coordinator" },
      upkeep: { state: "paused", position: 4, lag: 0, waitsFor: `${slotText(1, 4)} is not published` },
      prefetch: { position: null },
    });
    expect(whyLines(threadViews(askAbout(stage)))[1]).toBe(`upkeep: waits: ${slotText(1, 4)} is not published`);
  });

  it("is the hand-over when every stream has ended, for which upkeep waits", async () => {
    const stage = await standingAt(stepPlace(SHAPE, 1, STEP.handOver));
    expect(stage.words.load(W.position)).toBe(27);
    expect(would(stage).slice(0, 2)).toEqual(["hand-over", "waits: the coordinator holds the baton (next: hand-over)"]);
  });

  it("is the next step of the end of the day, for which the coordinator waits", async () => {
    for (const step of [STEP.drain, STEP.forceClose, STEP.finalize, STEP.verify, STEP.record, STEP.deactivate]) {
      const stage = await standingAt(stepPlace(SHAPE, 0, step));
      const name = EOD_STEPS[step - 1];
      expect(would(stage).slice(0, 2)).toEqual([`waits: upkeep holds the baton (next: ${name})`, name]);
    }
    const roll = await standingAt(stepPlace(SHAPE, 0, STEP.roll));
    expect(would(roll).slice(0, 2)).toEqual(["waits: upkeep holds the baton (next: roll)", "roll to 2024-01-03"]);
    const activate = await standingAt(stepPlace(SHAPE, 1, STEP.activate));
    expect(would(activate).slice(0, 2)).toEqual([
      "waits: upkeep holds the baton (next: activate)",
      "activate 2024-01-03",
    ]);
  });

  it("is to wait for the load while prefetch is at it, and for nothing when the day could not be loaded", () => {
    const stage = stageOf();
    expect(would(stage)[1]).toBe("ask for 2024-01-02");
    stage.upkeep.turn();
    expect(would(stage)).toEqual([
      "waits: upkeep holds the baton (next: load)",
      "waits: prefetch is loading 2024-01-02",
      "load 2024-01-02",
    ]);
    stage.prefetch.turn();
    expect(threadsOf(stage).prefetch).toMatchObject({ state: "runs", would: "load 2024-01-02" });
    stage.prefetch.loaded(false);
    stage.prefetch.turn();
    stage.upkeep.turn();
    expect(would(stage).slice(1)).toEqual(["waits: nothing: 2024-01-02 could not be loaded", "waits: a day to load"]);
    expect(threadsOf(stage).prefetch.state).toBe("idle");
  });

  it("is to wait for upkeep when the credit is used up", async () => {
    const stage = stageOf({ ...PLAN, creditRows: 1 });
    await begin(stage);
    stage.coordinator.turn();
    expect(threadsOf(stage)).toMatchObject({
      coordinator: { would: `waits: upkeep takes in ${slotText(0, 0)}`, lag: 3, state: "waits" },
      upkeep: { would: `take in ${slotText(0, 0)}`, lag: 3, state: "runs" },
    });
  });

  it("is to wait for the clock, when one runs", async () => {
    const stage = await standingAt(positionPlace(0, 6));
    stage.words.store(W.speed, 60_000);
    expect(threadsOf(stage).coordinator.would).toBe("waits: the clock reaches 14:33");
    stage.words.storeTime(openOf(0) + 3 * MINUTE_US);
    expect(kindOf(threadsOf(stage).coordinator.would)).toBe("publish");
  });

  it("is a command's to say in FINISHED", async () => {
    const stage = await standingAt(endPlace(SHAPE));
    const { coordinator, upkeep } = threadsOf(stage);
    expect([coordinator.would, upkeep.would]).toEqual(["waits: a command", "waits: a command"]);
    expect([coordinator.state, upkeep.state]).toEqual(["idle", "idle"]);
  });

  it("is to begin again after a seek", async () => {
    const stage = await standingAt(endPlace(SHAPE));
    stage.words.store(W.seekEpoch, 1);
    stage.words.store(W.phase, PHASE.seeking);
    expect(would(stage).slice(0, 2)).toEqual([
      "waits: upkeep holds the baton (next: begin again)",
      "begin again at 2024-01-03",
    ]);
  });

  it("is told of a thread that is held, too", async () => {
    const stage = stageOf();
    await begin(stage);
    stage.coordinator.turn();
    stage.words.store(W.release, RELEASE.coordinator);
    expect(threadsOf(stage).upkeep).toMatchObject({ state: "held", would: `held; would take in ${slotText(0, 0)}` });
    stage.words.store(W.release, RELEASE.upkeep);
    expect(threadsOf(stage).coordinator).toMatchObject({ state: "held" });
    stage.words.store(W.release, RELEASE.both);
    while (stage.upkeep.turn() === "moved");
    stage.words.store(W.release, RELEASE.coordinator);
    expect(threadsOf(stage).upkeep.would).toBe("held; waits: AA 14:40 is not published");
  });

  it("is told under a pause as if it were over, and changes nothing", async () => {
    const stage = stageOf();
    await begin(stage);
    const { words, memory } = stage;
    words.store(W.control, 1);
    const before = [...memory.words];
    expect(threadsOf(stage)).toMatchObject({ coordinator: { state: "runs" }, upkeep: { state: "waits" } });
    expect(kindOf(threadsOf(stage).coordinator.would)).toBe("publish");
    expect([...memory.words]).toEqual(before);
    stage.coordinator.turn();
    stage.upkeep.turn();
    stage.upkeep.turn();
    expect(threadsOf(stage)).toMatchObject({ coordinator: { state: "paused" }, upkeep: { state: "paused" } });
  });

  it("is nothing once it has left", () => {
    const stage = stageOf();
    stage.words.store(W.stop, 1);
    stage.upkeep.turn();
    expect(threadsOf(stage).upkeep).toMatchObject({ state: "left", would: "left", waitsFor: null });
  });
});

/** Takes turns until the first day streams and upkeep has nothing left to do. */
async function begin(stage: Stage): Promise<void> {
  stage.upkeep.turn();
  stage.prefetch.turn();
  await stage.loads.shift()!.settled;
  stage.prefetch.loaded(true);
  stage.prefetch.turn();
  while (stage.upkeep.turn() === "moved");
  expect(stage.words.load(W.phase)).toBe(PHASE.streaming);
}

function slotText(epoch: number, slot: number): string {
  const minute = 30 + Math.floor(slot / 3);
  expect(DAYS[epoch].minutes).toBeLessThan(30);
  return `${["AA", "BB", "CC"][slot % 3]} 14:${minute}`;
}

describe("the streams", () => {
  it("tell the last bar passed, what is left, and when each ends", async () => {
    for (const position of [0, 7, 20, 27, 45]) {
      const goal = position === 45 ? stepPlace(SHAPE, 1, STEP.finalize) : positionPlace(1, position);
      const stage = await standingAt(goal);
      const { segment } = askAbout(stage);
      const expected = ["AA", "BB", "CC"].map((symbol, s) => {
        const own = [...DAYS[1].bars.keys()].filter((slot) => slot % 3 === s).sort((a, b) => a - b);
        const passed = own.filter((slot) => slot < position);
        const startOf = (slot: number): number => openOf(1) + Math.floor(slot / 3) * MINUTE_US;
        return {
          symbol,
          lastBarUs: passed.length === 0 ? null : startOf(passed.at(-1)!),
          last: passed.length === 0 ? null : DAYS[1].bars.get(passed.at(-1)!)!.close,
          left: own.length - passed.length,
          atEnd: own.length === passed.length,
          endsAtUs: startOf(own.at(-1)!) + MINUTE_US,
        };
      });
      expect(streamViews(PLAN, 1, segment!, position)).toEqual(expected);
    }
  });

  it("of a symbol without a bar end nowhere", async () => {
    const days = [plantDay(1, 10, 0)];
    const plan = planOf(days);
    const stage = createStage(plan, sourceOf(days), { goal: stepPlace(shapeOf(plan), 0, STEP.handOver) });
    await replay(stage);
    const none = { lastBarUs: null, last: null, left: 0, atEnd: true, endsAtUs: null };
    expect(streamViews(plan, 0, stage.segments[0], 0)).toEqual(
      ["AA", "BB", "CC"].map((symbol) => ({ symbol, ...none })),
    );
  });
});

describe("the words", () => {
  it("come with their values in words, and the time last", async () => {
    const stage = await standingAt(stepPlace(SHAPE, 1, STEP.verify));
    const { words } = stage;
    const text = Object.fromEntries(wordViews(PLAN, words).map(({ name, text }) => [name, text]));
    expect(text).toMatchObject({
      phase: "DRAINED",
      epoch: "2024-01-03",
      step: "verify",
      position: "after the last slot",
      load1: expect.stringMatching(/^ready, generation \d+$/),
      loadEpoch0: "2024-01-04",
      control: "runs",
      goalEpoch: "2024-01-03",
      goalOrdinal: "before verify",
      release: "both",
      watch: "silent",
      answered: "the newest goal",
      speed: "data-driven",
      active: "yes",
      stop: "no",
      time: "2024-01-03 14:45",
    });
    words.store(W.control, 3);
    words.store(W.ackCoordinator, 3);
    words.store(W.speed, 60_000);
    words.store(W.bellUpkeep, 2);
    words.store(W.goalId, 7);
    words.store(W.goalEpoch, 3);
    const later = Object.fromEntries(wordViews(PLAN, words).map(({ name, text }) => [name, text]));
    expect(later).toMatchObject({
      control: "paused",
      ackCoordinator: "acknowledged",
      ackUpkeep: "not acknowledged",
      speed: "60x",
      bellUpkeep: "its owner waits for it",
      answered: "the newest goal is not answered",
      goalEpoch: "the end of the range",
    });
  });

  it("name places within a day by the slot that comes next", async () => {
    const stage = await standingAt(positionPlace(0, 4));
    const views = wordViews(PLAN, stage.words);
    expect(views.find(({ name }) => name === "position")).toEqual({
      name: "position",
      value: 4,
      text: "before BB 14:31",
      meaning: "slots published",
      writer: "coordinator; upkeep in force-close, roll and seek",
    });
    expect(views.find(({ name }) => name === "bellMain")).toMatchObject({ text: "rung", writer: "anyone" });
  });

  it("have a value in words, each of them that is a name, a yes or a place", async () => {
    const stage = await standingAt(positionPlace(0, 4));
    const without = wordViews(PLAN, stage.words)
      .filter(({ text }) => text === "")
      .map(({ name }) => name);
    expect(without).toEqual([
      "run",
      "loadSegment0",
      "loadSegment1",
      "goalId",
      "seekRun",
      "hit",
      "hitAt",
      "ackCoordinator",
      "ackUpkeep",
      "hitsTold",
    ]);
  });
});
