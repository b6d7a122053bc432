import { expect, it } from "vitest";
import { ROW_CLASS, type DaySource } from "../../src/engine/market/bars.js";
import type { Segment } from "../../src/engine/memory/segment.js";
import { SEEDED_BUGS, type SeededBug } from "../../src/engine/protocol/bugs.js";
import { positionPlace } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { rememberDays } from "../../src/engine/sim/memory-source.js";
import { describeFailure, simulate, type SimulationResult } from "../../src/engine/sim/simulate.js";
import { createStage, replay, type Works } from "../../src/engine/sim/stage.js";
import { createSubject, drawSubject, type Subject } from "../../src/engine/sim/subject.js";
import { dayDigest, runDigest } from "../../src/engine/work/digest.js";
import { createSyntheticSource } from "../../src/engine/work/synthetic-source.js";
import { FAILING_SEEDS } from "./failing-seeds.js";
import { syntheticPlan } from "../fixtures/synthetic-plan.js";

const SEEDS = 2000;
/** Generous: a test is never judged by its time. */
const TIMEOUT_MS = 300_000;
/** Seeds within which a bug must show. */
const SEEDS_A_BUG = 1500;

async function campaign(from: number, count: number): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(seed);
    if (result.failure) expect.fail(describeFailure(result));
    totals[result.ended] = (totals[result.ended] ?? 0) + 1;
    for (const [what, n] of Object.entries(result.counts)) totals[what] = (totals[what] ?? 0) + n;
  }
  return totals;
}

for (const { seed, found } of FAILING_SEEDS)
  it(`seed ${seed} holds, which once failed: ${found}`, async () => {
    expect(describeFailure(await simulate(seed))).toBe(`seed ${seed}: no failure`);
  });

it(
  `${SEEDS} seeded schedules keep every invariant, through pauses, seeks, goals, changes of speed, late and failing loads, deaths and stops`,
  async () => {
    const totals = await campaign(1, SEEDS);
    const happened = `finished stopped failed run pause resume seek stop speed refused loads deaths
      hangs clockJumps bellChecks days superseded keptLoads failedLoads digests`.split(/\s+/);
    for (const what of happened) expect(totals[what], what).toBeGreaterThan(SEEDS / 100);
  },
  TIMEOUT_MS,
);

it("the same seed gives the same simulation to the last action", async () => {
  for (const seed of [1, 28, 440]) {
    const told: string[][] = [[], []];
    for (const actions of told) await simulate(seed, { onAction: (text) => actions.push(text) });
    expect(told[0].length).toBeGreaterThan(20);
    expect(told[1]).toEqual(told[0]);
  }
});

async function firstCaught(run: (seed: number) => Promise<SimulationResult>): Promise<SimulationResult | undefined> {
  for (let seed = 1; seed <= SEEDS_A_BUG; seed++) {
    const result = await run(seed);
    if (result.failure) return result;
  }
  return undefined;
}

/** Rules of which the simulator sees the consequence or the breach; there is none that only the explorer sees. */
for (const bug of Object.keys(SEEDED_BUGS) as SeededBug[])
  it(`catches: ${SEEDED_BUGS[bug]}`, async () => {
    const caught = await firstCaught((seed) => simulate(seed, { bugs: [bug] }));
    expect(caught?.failure, `${bug} got through ${SEEDS_A_BUG} seeds`).toBeDefined();
    expect(caught?.failure?.actions.length).toBeGreaterThan(0);
    expect(describeFailure(caught!)).toContain(`npm run simulate -- --seed ${caught!.seed}`);
  });

type InHand = () => Segment | undefined;
type Tampering = readonly [what: string, invariant: string, tamper: (works: Works, inHand: InHand) => Works];

const withPublish =
  (after: (segment: Segment, from: number, to: number) => void) =>
  (works: Works, inHand: InHand): Works => ({
    ...works,
    coordinator: {
      ...works.coordinator,
      publish: (epoch, from, to) => {
        works.coordinator.publish(epoch, from, to);
        after(inHand()!, from, to);
      },
    },
  });
const withProcess =
  (after: (segment: Segment, from: number, to: number) => void) =>
  (works: Works, inHand: InHand): Works => ({
    ...works,
    upkeep: {
      ...works.upkeep,
      process: (epoch, from, to, watch) => {
        const hit = works.upkeep.process(epoch, from, to, watch);
        after(inHand()!, from, to);
        return hit;
      },
    },
  });
const withUpkeep =
  (change: (upkeep: Works["upkeep"]) => Partial<Works["upkeep"]>) =>
  (works: Works): Works => ({ ...works, upkeep: { ...works.upkeep, ...change(works.upkeep) } });

const TAMPERINGS: readonly Tampering[] = [
  ["a bar that is left out", "I2", withPublish((day, from) => (day.published.origin[from] = 0))],
  ["a bar with another volume", "I2", withPublish((day, from) => (day.published.bars.volume[from] += 1))],
  ["a bar that is readable too early", "I11", withPublish((day, _, to) => (day.published.bars.close[to] = 1))],
  ["a fill where there is a bar", "I2", withProcess((day, from) => (day.published.origin[from] = 2))],
  ["a derived bar that is readable too early", "I11", withProcess((day) => day.derived[0]?.bars.open.fill(1, -1))],
  [
    "a derived bar with another volume",
    "I12",
    withProcess((day) => day.derived[0]?.bars.volume.forEach((v, i, all) => (all[i] = v * 2))),
  ],
  ["a bar counted twice", "I20", withProcess((day) => day.quality.observed[0]++)],
  ["a decoded source that is overwritten", "I3", withProcess((day) => (day.source.bars.open[0] += 1))],
  ["a digest of another day", "I13", withUpkeep(() => ({ finalize: () => {} }))],
  ["a day without a record", "I18", withUpkeep(() => ({ record: () => {} }))],
  ["a day loaded over the one in use", "I3", withUpkeep(() => ({ chooseSegment: () => 0 }))],
  [
    "slots taken in twice",
    "I20",
    withUpkeep((upkeep) => ({
      process: (e, from, to, watch) => (upkeep.process(e, from, to, 0), upkeep.process(e, from, to, watch)),
    })),
  ],
  [
    "a clock that runs ahead",
    "I10",
    (works) => ({
      ...works,
      coordinator: { ...works.coordinator, monotonicUs: () => works.coordinator.monotonicUs() * 1.5 },
    }),
  ],
];

for (const [what, invariant, tamper] of TAMPERINGS)
  it(`sees ${what}, as a breach of ${invariant}`, async () => {
    const caught = await firstCaught((seed) => simulate(seed, { tamper }));
    expect(caught?.failure?.invariant, JSON.stringify(caught?.failure)).toBe(invariant);
  });

function daySource({ source }: Pick<Subject, "source">): DaySource {
  return { load: async (epoch, into) => source.load(epoch, into), close: async () => {} };
}

it("the reference the schedules are held against equals an undisturbed replay, day by day and at a stop within", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const subject = drawSubject(seed);
    const { plan, reference } = subject;
    const fill = subject.fill && daySource({ source: subject.fill });
    const stage = createStage(plan, daySource(subject), { fill });
    await replay(stage);
    expect(stage.records.size).toBe(plan.sessions.length);
    for (const [epoch, record] of stage.records) expect(reference.comparable(record)).toEqual(reference.record(epoch));
    const epoch = seed % plan.sessions.length;
    const position = seed % (reference.endOfStreams(epoch) + 1);
    const stopped = createStage(plan, daySource(subject), { fill, goal: positionPlace(epoch, position) });
    await replay(stopped);
    const segment = stopped.segments[stopped.words.load(W.loadSegment0 + (epoch % 2))];
    expect(dayDigest(plan, epoch, segment, position, 0)).toBe(reference.digest(epoch, position, 0));
  }
});

it(
  "replays a person's own decoded days under many schedules, and always gives their digest",
  async () => {
    const options = { seed: 5, symbols: 8, sessions: 2, minutes: 390, missing: 0.02, endsAt: [390, 200] };
    const plan = syntheticPlan(options, { fillMode: "forward" });
    const subject = createSubject(plan, await rememberDays(plan, createSyntheticSource(options)));
    const stage = createStage(plan, createSyntheticSource(options));
    await replay(stage);
    const digest = runDigest([...stage.records.values()].map((record) => record.digest));
    for (let seed = 1; seed <= 12; seed++) {
      const result = await simulate(seed, { subject, faults: false });
      expect(describeFailure(result)).toBe(`seed ${seed}: no failure`);
      expect(result).toMatchObject({ ended: "finished", sessions: 2, digest });
    }
  },
  TIMEOUT_MS,
);

it(
  "the clock of the checks does not run away from the session's by rounding, however long a simulation lasts",
  async () => {
    const options = { seed: 5, symbols: 1, sessions: 6, minutes: 390, missing: 0.02 };
    const plan = syntheticPlan(options);
    const subject = createSubject(plan, await rememberDays(plan, createSyntheticSource(options)));
    expect(describeFailure(await simulate(3, { subject, faults: false }))).toBe("seed 3: no failure");
  },
  TIMEOUT_MS,
);

it("rows that were left out because they cannot be read are accounted for as unread, and no others", async () => {
  const drawn = drawSubject(9);
  const [first] = drawn.plan.sessions;
  const source: Subject["source"] = {
    load(epoch, into) {
      const load = drawn.source.load(epoch, into);
      if (epoch === 0) into.classCount[ROW_CLASS.unread] += 7;
      return load;
    },
  };
  const sessions = [{ ...first, rows: [first.rows[0] + 7, ...first.rows.slice(1)] }, ...drawn.plan.sessions.slice(1)];
  const subject = createSubject({ ...drawn.plan, sessions }, source, drawn.fill);
  expect(describeFailure(await simulate(9, { subject, faults: false }))).toBe("seed 9: no failure");
  const lost = createSubject({ ...drawn.plan, sessions }, drawn.source, drawn.fill);
  expect((await simulate(9, { subject: lost, faults: false })).failure).toMatchObject({ invariant: "I4" });
});

it("breathes when it is asked to, which changes nothing, and ends when that rejects", async () => {
  const told: string[][] = [[], []];
  await simulate(28, { onAction: (text) => told[0].push(text) });
  const breathe = (): Promise<void> => new Promise(setImmediate);
  await simulate(28, { onAction: (text) => told[1].push(text), breathe });
  expect(told[1]).toEqual(told[0]);
  let breaths = 0;
  const { failure, steps } = await simulate(28, {
    breathe: () => (++breaths < 5 ? undefined : Promise.reject(new Error("enough"))),
  });
  expect(failure?.what).toBe("enough");
  expect(steps).toBe(5);
});
