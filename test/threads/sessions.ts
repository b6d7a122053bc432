/**
 * Sessions over real threads for the tests beside this file: started, ended with the test, and compared with the
 * single-thread replay. Also the living threads of this process, and waiting for a state. Knows no file.
 */
import { onTestFinished, vi } from "vitest";
import type { Catalog } from "../../src/engine/catalog/types.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { shapeOf } from "../../src/engine/plan.js";
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { slotCount, type Place } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { Engine } from "../../src/engine/session/engine.js";
import { LiveSession } from "../../src/engine/session/live-session.js";
import type { Opened } from "../../src/engine/session/make-plan.js";
import type { ClosedDay, Stop } from "../../src/engine/session/types.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { Crew } from "../../src/engine/threads/crew.js";
import type { TestHooks } from "../../src/engine/threads/messages.js";
import { dayDigest, runDigest } from "../../src/engine/work/digest.js";
import { syntheticPlan } from "../fixtures/synthetic-plan.js";
import { createSyntheticSource, type SyntheticOptions } from "../../src/engine/work/synthetic-source.js";

export interface Market {
  readonly data?: Partial<SyntheticOptions>;
  readonly plan?: Partial<SessionPlan>;
  readonly hooks?: TestHooks;
  /** The threads' handle; an ordinary one when absent. */
  readonly crew?: Crew;
}

const DATA: SyntheticOptions = { seed: 7, symbols: 3, sessions: 4, minutes: 40, missing: 0.12 };

export function syntheticData(data: Partial<SyntheticOptions> = {}): SyntheticOptions {
  return { ...DATA, ...data };
}

/** With the credit of a session, so that the coordinator runs ahead. */
export function threadsPlan(data: SyntheticOptions, overrides: Partial<SessionPlan> = {}): SessionPlan {
  return syntheticPlan(data, { creditRows: 1440, ...overrides });
}

/** A session over synthetic bars at the open of its first day; its threads end with the test. */
export async function syntheticSession({
  data,
  plan,
  hooks = {},
  crew = new Crew(),
}: Market = {}): Promise<LiveSession> {
  const options = syntheticData(data);
  const opened = openedPlan(threadsPlan(options, plan));
  const session = await new LiveSession(await Engine.start(crew, opened, hooks, { kind: "synthetic", options }));
  onTestFinished(() => session.dispose());
  return session;
}

function openedPlan(plan: SessionPlan): Opened {
  const decided = { value: "" as never, how: "synthetic" };
  const catalog: Catalog = {
    calendarName: plan.calendarName,
    exchangeZone: plan.exchangeZone,
    label: decided,
    timeZone: decided,
    unit: decided,
    files: [],
    symbols: [...plan.symbols],
    bySymbol: [],
    sessions: [],
    withoutData: { count: 0, insideData: [] },
    mostSessionRows: 0,
    rows: 0,
    inputDigest: "",
    notes: [],
    notices: [],
  };
  return {
    plan,
    info: { catalog, options: { path: "" }, intervals: plan.intervals, fill: plan.fillMode },
    startUs: undefined,
  };
}

/** Every stop of a session, and every closed day, in the order they are told. */
export function listen(session: LiveSession): { stops: Stop[]; days: ClosedDay[]; told: string[] } {
  const heard = { stops: [] as Stop[], days: [] as ClosedDay[], told: [] as string[] };
  session.on("day", (day) => {
    heard.days.push(day);
    heard.told.push(`day ${day.record.epoch}`);
  });
  session.on("stop", (stop) => {
    heard.stops.push(stop);
    heard.told.push(stop.reason);
  });
  return heard;
}

/** The single-thread replay: the digest of the whole run, and of each day. */
export async function referenceRun({ data, plan }: Market = {}): Promise<{ digest: string; days: string[] }> {
  const options = syntheticData(data);
  const stage = createStage(threadsPlan(options, plan), createSyntheticSource(options));
  await replay(stage);
  const days = [...stage.records.values()].map((record) => record.digest);
  return { digest: runDigest(days), days };
}

/** The digest the single-thread replay has when it is first stopped at `place`. */
export async function referenceDigest({ data, plan }: Market, place: Place): Promise<string> {
  const options = syntheticData(data);
  const settled = threadsPlan(options, plan);
  const stage = createStage(settled, createSyntheticSource(options), { goal: place });
  await replay(stage);
  const { words } = stage;
  const [phase, epoch, step] = [words.load(W.phase), words.load(W.epoch), words.load(W.step)];
  if (phase === PHASE.arming) return dayDigest(settled, epoch, undefined, 0, 0);
  const segment = stage.segments[words.load(W.loadSegment0 + (epoch % 2))];
  const steps = phase === PHASE.streaming ? 0 : Math.max(step, STEP.drain) - 1;
  return dayDigest(settled, epoch, segment, words.load(W.position), steps);
}

/** Microseconds UTC of a minute of a session of the plan. */
export function minuteUs(session: LiveSession, epoch: number, minute: number): number {
  return session.plan.sessions[epoch].openUs + minute * 60_000_000;
}

export function slotsOf(session: LiveSession, epoch: number): number {
  return slotCount(shapeOf(session.plan), epoch);
}

/** Resolves when the state is there; a test that waits for ever fails by its own time limit. */
export function until(state: () => boolean): Promise<void> {
  return vi.waitUntil(state, { timeout: 15_000, interval: 1 }).then(() => {});
}

// ---- the threads of this process ----

const living = new Set<string>();

process.on("worker", (worker) => {
  const name = `thread ${worker.threadId}`;
  living.add(name);
  worker.once("exit", () => living.delete(name));
});

/** How many worker threads this process has started that have not exited. */
export function livingThreads(): number {
  return living.size;
}

/** What a promise came to, without waiting longer than the answer takes. */
export async function outcome(command: Promise<Stop>): Promise<string> {
  return command.then(
    (stop) => stop.reason,
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );
}
