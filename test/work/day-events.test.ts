import { describe, expect, it } from "vitest";
import type { SessionPlan } from "../../src/engine/plan.js";
import { shapeOf } from "../../src/engine/plan.js";
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { endPlace, positionPlace, stepPlace, type Place } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { createStage, replay, type Stage, type StageOptions } from "../../src/engine/sim/stage.js";
import {
  dayEvents,
  EVENT_KINDS,
  nameFiles,
  ROW_EVENTS_A_CAUSE,
  type DataEvent,
} from "../../src/engine/work/day-events.js";
import {
  expectedEvents,
  fillSourceOf,
  lots,
  openOf,
  planOf,
  plantDay,
  sourceOf,
  type PlantedDay,
} from "./planted-days.js";

/** A whole day, one whose streams end early, one without a row, and one with a bar in its first minute alone. */
const DAYS = [plantDay(1, 30), plantDay(2, 25, 17), plantDay(3, 12, 0), plantDay(4, 20, 1), plantDay(5, 28)];
const SLOTS = (day: PlantedDay): number => day.minutes * 3;
const FILLS = ["none", "forward", "source"] as const;

function stageOf(plan: SessionPlan, options: StageOptions = {}, days: readonly PlantedDay[] = DAYS): Stage {
  return createStage(plan, sourceOf(days), {
    ...(plan.fillMode === "source" && { fill: fillSourceOf(days) }),
    ...options,
  });
}

/** The segment of the present session. */
function present(stage: Stage) {
  const epoch = stage.words.load(W.epoch);
  return { epoch, segment: stage.segments[stage.words.load(W.loadSegment0 + (epoch % 2))] };
}

/** The events at the place where the stage stands. */
function eventsHere(stage: Stage): DataEvent<number>[] {
  const { epoch, segment } = present(stage);
  const phase = stage.words.load(W.phase);
  const step = Math.max(stage.words.load(W.step), STEP.drain) - 1;
  return dayEvents(stage.plan, epoch, segment, stage.words.load(W.position), phase === PHASE.streaming ? 0 : step);
}

/** Runs to a place on a stage of its own. */
async function eventsAt(plan: SessionPlan, goal: Place, days?: readonly PlantedDay[]): Promise<DataEvent<number>[]> {
  const stage = stageOf(plan, { goal }, days);
  await replay(stage);
  return eventsHere(stage);
}

/** A stage that keeps what is reported at `record`, by session, the last run's standing. */
function recordingStage(
  plan: SessionPlan,
  options: StageOptions = {},
): { stage: Stage; events: Map<number, DataEvent<number>[]> } {
  const events = new Map<number, DataEvent<number>[]>();
  const stage: Stage = stageOf(plan, {
    ...options,
    watchWorks: (works) => ({
      ...works,
      upkeep: {
        ...works.upkeep,
        record: (epoch) => {
          works.upkeep.record(epoch);
          events.set(epoch, dayEvents(plan, epoch, present(stage).segment, SLOTS(DAYS[epoch]), STEP.record));
        },
      },
    }),
  });
  return { stage, events };
}

describe("the events of a day", () => {
  for (const fillMode of FILLS) {
    it(`are those found by walking its plan slot by slot, with fills: ${fillMode}`, async () => {
      const plan = planOf(DAYS, { fillMode });
      const shape = shapeOf(plan);
      for (const epoch of DAYS.keys()) {
        const events = await eventsAt(plan, stepPlace(shape, epoch, STEP.roll));
        const expected = expectedEvents(plan, DAYS, epoch).filter(({ kind }) => kind !== "roll");
        expect(events).toEqual(expected);
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      }
    });
  }

  it("are of every kind there is, in these tests", () => {
    const kinds = FILLS.flatMap((fillMode) => {
      const plan = planOf(DAYS, { fillMode });
      return DAYS.flatMap((_, epoch) => expectedEvents(plan, DAYS, epoch).map(({ kind }) => kind));
    });
    expect(EVENT_KINDS.filter((kind) => !kinds.includes(kind))).toEqual([]);
  });

  it("hold the roll, at the next open, once it is done", async () => {
    const plan = planOf(DAYS);
    const stage = stageOf(plan, { goal: stepPlace(shapeOf(plan), 0, STEP.roll) });
    await replay(stage);
    const rolled = dayEvents(plan, 0, present(stage).segment, SLOTS(DAYS[0]), STEP.roll);
    expect(rolled).toEqual(expectedEvents(plan, DAYS, 0));
    expect(rolled.at(-1)).toMatchObject({ kind: "roll", timeUs: openOf(1) });
  });

  it("are told in the order of time", async () => {
    const plan = planOf(DAYS, { fillMode: "forward" });
    for (const epoch of DAYS.keys()) {
      const times = (await eventsAt(plan, stepPlace(shapeOf(plan), epoch, STEP.roll))).map(({ timeUs }) => timeUs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });
});

describe("the events at a place", () => {
  it("begin those of every later place of the day, and hold all that is behind it (I11)", async () => {
    const plan = planOf(DAYS, { fillMode: "forward" });
    const day = DAYS[1];
    const whole = expectedEvents(plan, DAYS, 1);
    for (let position = 0; position <= SLOTS(day); position += 7) {
      const stage = stageOf(plan, { goal: positionPlace(1, position) });
      await replay(stage);
      const stands = stage.words.load(W.position); // the end of the streams, when that comes first
      const events = eventsHere(stage);
      expect(events).toEqual(whole.slice(0, events.length));
      expect(events.every((event) => event.position < Math.max(stands, 1))).toBe(true);
      expect(whole[events.length].position).toBeGreaterThanOrEqual(stands);
      expect(events.every((event) => event.timeUs <= Math.max(stage.words.loadTime(), openOf(1)))).toBe(true);
    }
  });

  it("from a position on are the last of them, ids and all", async () => {
    const plan = planOf(DAYS, { fillMode: "forward" });
    for (const epoch of DAYS.keys()) {
      const stage = stageOf(plan, { goal: stepPlace(shapeOf(plan), epoch, STEP.roll) });
      await replay(stage);
      const { segment } = present(stage);
      for (const position of [SLOTS(DAYS[epoch]), 20]) {
        const steps = position === SLOTS(DAYS[epoch]) ? STEP.deactivate : 0;
        const all = dayEvents(plan, epoch, segment, position, steps);
        for (let from = 0; from <= SLOTS(DAYS[epoch]); from++)
          expect(dayEvents(plan, epoch, segment, position, steps, from)).toEqual(
            all.filter((event) => event.position >= from),
          );
      }
    }
  });

  it("gain a step's own at each step of the end of the day", async () => {
    const plan = planOf(DAYS);
    for (const epoch of [0, 1, 2]) {
      const whole = expectedEvents(plan, DAYS, epoch);
      const lengths: number[] = [];
      for (const step of [
        STEP.handOver,
        STEP.drain,
        STEP.forceClose,
        STEP.finalize,
        STEP.verify,
        STEP.record,
        STEP.deactivate,
        STEP.roll,
      ]) {
        const stage = stageOf(plan, { goal: stepPlace(shapeOf(plan), epoch, step) });
        await replay(stage);
        const completed = step - 1;
        const { segment } = present(stage);
        const events = dayEvents(plan, epoch, segment, stage.words.load(W.position), completed);
        expect(events).toEqual(whole.slice(0, events.length));
        lengths.push(events.length);
      }
      expect(lengths[1]).toBe(lengths[0] + 1); // hand-over
      expect(lengths[2]).toBe(lengths[1] + 1); // drain
      expect(lengths.slice(4)).toEqual([1, 2, 3, 4].map((n) => lengths[3] + n));
      expect(whole[lengths[3] - 1].kind).toBe("force-close");
    }
  });

  it("are the same when they are read from the closed day later", async () => {
    const plan = planOf(DAYS, { fillMode: "source" });
    const closed = stageOf(plan, { goal: stepPlace(shapeOf(plan), 0, STEP.roll) });
    await replay(closed);
    for (let position = 0; position < SLOTS(DAYS[0]); position += 11) {
      const then = await eventsAt(plan, positionPlace(0, position));
      expect(dayEvents(plan, 0, present(closed).segment, position, 0)).toEqual(then);
    }
  });

  it("do not hold a gap that may still grow", async () => {
    const days = [
      { ...plantDay(9, 10), bars: new Map([0, 3, 6, 21].map((slot) => [slot, { close: 1, volume: 1, marks: [] }])) },
    ];
    const plan = planOf(days);
    const gapsAt = async (minute: number): Promise<unknown[]> =>
      (await eventsAt(plan, positionPlace(0, minute * 3), days)).filter(({ kind }) => kind === "gap");
    expect(await gapsAt(7)).toEqual([]);
    expect(await gapsAt(8)).toMatchObject([
      {
        symbol: "AA",
        position: 21,
        startUs: openOf(0) + 3 * 60e6,
        endUs: openOf(0) + 7 * 60e6,
        bars: 4,
        timeUs: openOf(0) + 8 * 60e6,
      },
    ]);
  });
});

describe("ids and events do not depend on the way", () => {
  const straight = DAYS.map((_, epoch) =>
    expectedEvents(planOf(DAYS, { fillMode: "source" }), DAYS, epoch).filter(
      ({ kind }) => kind !== "roll" && kind !== "deactivate",
    ),
  );

  it("of credit and batches", async () => {
    for (const [creditRows, batchSlots] of [
      [1, 3],
      [2, 6],
      [1000, 9],
      [7, 4096],
    ]) {
      const { stage, events } = recordingStage(planOf(DAYS, { fillMode: "source", creditRows }), { batchSlots });
      await replay(stage);
      expect([...events.values()]).toEqual(straight);
    }
  });

  it("of pauses, seeks and the order of turns", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { stage, events } = recordingStage(
        planOf(DAYS, { fillMode: "source", creditRows: 1 + (seed % 4), keepDays: seed % 3 }),
      );
      await wander(stage, lots(seed));
      expect([...events.keys()].sort(), `seed ${seed}`).toEqual([...DAYS.keys()]);
      expect(stage.words.load(W.run), `seed ${seed}`).toBeGreaterThan(1); // it has gone back
      for (const [epoch, told] of events) expect(told, `seed ${seed}, session ${epoch}`).toEqual(straight[epoch]);
    }
  });

  it("of the fills, for gaps and rows", () => {
    const idsOf = (fillMode: SessionPlan["fillMode"]): string[] =>
      DAYS.flatMap((_, epoch) => expectedEvents(planOf(DAYS, { fillMode }), DAYS, epoch))
        .filter(({ kind }) => kind !== "fill" && kind !== "derived")
        .map(({ id }) => id);
    expect(idsOf("forward")).toEqual(idsOf("none"));
    expect(idsOf("source")).toEqual(idsOf("none"));
  });
});

/** To the end by random turns, with pauses and seeks on the way; the last of them goes back to the beginning. */
async function wander(stage: Stage, random: () => number): Promise<void> {
  const { control, words } = stage;
  const isAnswered = (): boolean => words.load(W.answered) === words.load(W.goalId);
  let interruptions = 12;
  for (let turn = 0; turn < 200_000; turn++) {
    if (stage.loads.length > 0 && random() < 0.2) await settle(stage);
    if (control.request.kind === "none") {
      if (interruptions > 0 && random() < 0.03) control.request = interruption(random, --interruptions === 0);
      else if (words.load(W.control) % 2 === 1 || (isAnswered() && words.load(W.phase) !== PHASE.finished))
        control.request = { kind: "run", place: endPlace(shapeOf(stage.plan)) };
      else if (interruptions === 0 && isAnswered()) return;
    }
    [stage.coordinator, stage.upkeep, stage.prefetch, control][Math.floor(random() * 4)].turn();
  }
  throw new Error("it never ends");
}

function interruption(random: () => number, isLast: boolean): Stage["control"]["request"] {
  if (isLast) return { kind: "seek", place: positionPlace(0, 0) };
  const epoch = Math.floor(random() * DAYS.length);
  const position = Math.floor(random() * SLOTS(DAYS[epoch]));
  return random() < 0.5 ? { kind: "pause" } : { kind: "seek", place: positionPlace(epoch, position) };
}

async function settle(stage: Stage): Promise<void> {
  const load = stage.loads.shift()!;
  await load.settled;
  stage.prefetch.loaded(load.outcome === "ready");
}

describe("however bad the data", () => {
  it("a row repeated ten thousand times gives a bounded number of events, and they count every row", async () => {
    const rows = Array.from({ length: 10_000 }, (_, row) => ({
      slot: 4,
      kind: "duplicate" as const,
      cause: "duplicate" as const,
      file: 1,
      row,
    }));
    const days = [{ ...plantDay(6, 10), rows }];
    const plan = planOf(days);
    const events = await eventsAt(plan, stepPlace(shapeOf(plan), 0, STEP.roll), days);
    const duplicates = events.filter((event) => event.kind === "duplicate");
    expect(duplicates).toHaveLength(ROW_EVENTS_A_CAUSE + 1);
    expect(duplicates.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
    expect(duplicates.at(-1)).toMatchObject({
      row: ROW_EVENTS_A_CAUSE,
      count: 10_000 - ROW_EVENTS_A_CAUSE,
      position: 4,
    });
  });
});

it("rows and marked bars get the path of their file", () => {
  const plan = planOf(DAYS);
  const events = expectedEvents(plan, DAYS, 0);
  const named = nameFiles(events, [{ path: "a" }, { path: "b" }, { path: "c" }]);
  const files = (of: readonly object[]): unknown[] => of.flatMap((event) => ("file" in event ? [event.file] : []));
  expect(files(named)).toEqual(files(events).map((file) => "abc"[file as number]));
  expect(files(named).length).toBeGreaterThan(10);
});
