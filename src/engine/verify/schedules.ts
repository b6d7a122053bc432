/**
 * Replays the sessions and rolls of a person's own data under seeded schedules of the threads, on one thread, every invariant
 * checked at every step: what `verify` on real threads can only meet by luck. A seed gives the same schedule again.
 */
import { openCatalog } from "../catalog/open-catalog.js";
import type { OpenCatalog } from "../catalog/types.js";
import type { DaySource } from "../market/bars.js";
import type { SessionPlan } from "../plan.js";
import type { SeededBug } from "../protocol/bugs.js";
import { STEP } from "../protocol/phases.js";
import { openPlan } from "../session/make-plan.js";
import type { OpenOptions } from "../session/types.js";
import { Lots } from "../sim/lots.js";
import { rememberDays } from "../sim/memory-source.js";
import { simulate, type SimulationOptions, type SimulationResult } from "../sim/simulate.js";
import { createSubject, type Subject } from "../sim/subject.js";
import { openFillSource } from "../threads/fill-source.js";
import { runDigest } from "../work/digest.js";
import { bugsOfEnvironment } from "./environment-bugs.js";
import type { VerifyHooks } from "./verify.js";
import { windowOfSeed, windowsOf, type Window } from "./windows.js";

/** The first schedule that came to something else. */
export interface ScheduleFailure {
  readonly seed: number;
  /** First and last date of the sessions it replayed. */
  readonly from: string;
  readonly to: string;
  /** `I8`; `I13` is a digest that differs, `goal` a stop at another place than asked for, `error` an assertion of the engine. */
  readonly invariant: string;
  readonly what: string;
  readonly step: number;
  /** The last actions before it, in words. */
  readonly actions: readonly string[];
}

export interface SchedulesReport {
  readonly ok: boolean;
  /** Schedules that were replayed: those asked for, or up to the first that failed. */
  readonly schedules: number;
  /** Seed of the first; the others follow. */
  readonly seed: number;
  /** Different sessions and rolls from one to the next among them. */
  readonly sessions: number;
  readonly rolls: number;
  readonly sessionsOfRange: number;
  /** Steps of all schedules: an access to shared memory each, or a turn. */
  readonly steps: number;
  readonly seconds: number;
  /** Of the sessions replayed, in order: what `run` shows when they are all of the range. */
  readonly digest: string;
  readonly failure: ScheduleFailure | null;
}

export interface ScheduleHooks extends VerifyHooks {
  /** Told of every action, in words. */
  readonly onAction?: (text: string) => void;
}

/**
 * Replays `schedules` seeded schedules of the data `options` names, from `seed` on, and stops at the first that changes a digest or
 * breaks an invariant. Each replays up to four sessions that follow each other; together they go over the whole range. Speed, credit,
 * pauses, seeks and days kept are drawn, whatever `options` say of them.
 *
 * @throws DataError, FileError, UsageError as `open` does
 * @example
 * const { failure } = await verifySchedules({ path: "bars" }, 200);
 * if (failure) await verifySchedules({ path: "bars" }, 1, failure.seed, { onAction: console.log });
 */
export async function verifySchedules(
  options: OpenOptions,
  schedules: number,
  seed = 1,
  hooks: ScheduleHooks = {},
  bugs: readonly SeededBug[] = bugsOfEnvironment(),
): Promise<SchedulesReport> {
  const { signal } = hooks;
  const opened = await openCatalog(options, { onProgress: options.onScan, signal });
  let fill: DaySource | undefined;
  try {
    if (options.fillFrom !== undefined) {
      fill = (await openFillSource(options.fillFrom, options, opened.catalog)).source;
      signal?.throwIfAborted();
    }
    const { plan } = openPlan(opened.catalog, [], options);
    return await new Schedules(plan, opened, fill, hooks, bugs).run(schedules, seed);
  } finally {
    await Promise.all([opened.source.close(), fill?.close()]);
  }
}

/** How long the event loop waits for its turn, so that a person's Ctrl-C is heard. */
const BREATH_MS = 50;

class Schedules {
  private readonly windows: readonly Window[];
  /** Digests by session. */
  private readonly digests = new Map<number, string>();
  private readonly rolls = new Set<number>();
  private done = 0;
  private steps = 0;
  private breathedAt = performance.now();

  constructor(
    private readonly plan: SessionPlan,
    private readonly opened: OpenCatalog,
    private readonly fill: DaySource | undefined,
    private readonly hooks: ScheduleHooks,
    private readonly bugs: readonly SeededBug[],
  ) {
    this.windows = windowsOf(plan);
  }

  async run(schedules: number, seed: number): Promise<SchedulesReport> {
    const started = performance.now();
    const failure = await this.replayAll(this.windows.length > 0 ? schedules : 0, seed);
    return {
      ok: failure === null,
      schedules: this.done,
      seed,
      sessions: this.digests.size,
      rolls: this.rolls.size,
      sessionsOfRange: this.plan.sessions.length,
      steps: this.steps,
      seconds: (performance.now() - started) / 1000,
      digest: runDigest([...this.digests].sort(([a], [b]) => a - b).map(([, digest]) => digest)),
      failure,
    };
  }

  /** Those of a window one after the other: its days are loaded once. */
  private async replayAll(schedules: number, first: number): Promise<ScheduleFailure | null> {
    const seeds = Array.from({ length: schedules }, (_, i) => first + i);
    for (const [index, window] of this.windows.entries()) {
      const own = seeds.filter((seed) => windowOfSeed(seed, this.windows.length) === index);
      if (own.length === 0) continue;
      const subject = await this.load(window);
      for (const seed of own) {
        const [from, to] = [window.from, window.to - 1].map((epoch) => this.plan.sessions[epoch].date);
        this.hooks.onProgress?.(this.done, schedules, `seed ${seed}, ${from} … ${to}`);
        const failure = await this.replay(seed, subject);
        if (failure) return { seed, from, to, ...failure };
      }
    }
    this.hooks.onProgress?.(schedules, schedules, "");
    return null;
  }

  /** The days of a window in memory, and what is expected of them. */
  private async load({ from, to }: Window): Promise<Subject> {
    const { plan, opened, fill, hooks } = this;
    const part: SessionPlan = { ...plan, sessions: plan.sessions.slice(from, to), withEvents: false };
    const shifted = (source: DaySource): DaySource => ({
      load: (epoch, into) => {
        hooks.signal?.throwIfAborted();
        return source.load(from + epoch, into);
      },
      close: async () => {},
    });
    const source = await rememberDays(part, shifted(opened.source));
    const subject = createSubject(part, source, fill && (await rememberDays(part, shifted(fill))));
    for (let epoch = from; epoch < to; epoch++) {
      const slots = subject.reference.slots(epoch - from);
      this.digests.set(epoch, subject.reference.digest(epoch - from, slots, STEP.finalize - 1));
      if (epoch > from) this.rolls.add(epoch);
    }
    return subject;
  }

  private async replay(
    seed: number,
    subject: Subject,
  ): Promise<Omit<ScheduleFailure, "seed" | "from" | "to"> | undefined> {
    const { hooks, bugs } = this;
    const keepDays = new Lots(seed, KEEP_DAYS).pick([0, 1, 3]);
    const options: SimulationOptions = {
      subject: { ...subject, plan: { ...subject.plan, keepDays } },
      faults: false,
      bugs,
      onAction: hooks.onAction,
      breathe: () => this.breathe(),
    };
    const result = await simulate(seed, options);
    hooks.signal?.throwIfAborted();
    this.done++;
    this.steps += result.steps;
    return result.failure ?? differing(result, subject);
  }

  private breathe(): Promise<void> | undefined {
    if (performance.now() - this.breathedAt < BREATH_MS) return undefined;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.breathedAt = performance.now();
      this.hooks.signal?.throwIfAborted();
    });
  }
}

/** What the days kept are drawn for; the simulator draws for the purposes before it. */
const KEEP_DAYS = 6;

/** The simulator compares each day's digest as it is recorded; here that all days are there at the end, and give the digest of them all. */
function differing(
  { ended, digest, steps }: SimulationResult,
  { plan, reference }: Subject,
): Omit<ScheduleFailure, "seed" | "from" | "to"> | undefined {
  const expected = runDigest(
    plan.sessions.map((_, epoch) => reference.digest(epoch, reference.slots(epoch), STEP.finalize - 1)),
  );
  if (ended === "finished" && digest === expected) return undefined;
  const what = ended === "finished" ? `the digest is ${digest} instead of ${expected}` : `the session has ${ended}`;
  return { invariant: ended === "finished" ? "I13" : "I19", what, step: steps, actions: [] };
}
