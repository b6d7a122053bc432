/**
 * Proves on a person's own data that a session depends on nothing but the data: the same replay under other speeds,
 * credits, pauses, seeks and thread timings, one digest expected, invariants checked at every stop.
 */
import { BardeckError, plainError } from "../errors.js";
import type { SeededBug } from "../protocol/bugs.js";
import { STEP } from "../protocol/phases.js";
import { positionPlace, slotCount, stepPlace, type Place } from "../protocol/places.js";
import { shapeOf } from "../plan.js";
import type { LiveSession } from "../session/live-session.js";
import { openWithHooks } from "../session/open.js";
import type { OpenOptions, Stop } from "../session/types.js";
import type { TestHooks } from "../threads/messages.js";
import { bugsOfEnvironment } from "./environment-bugs.js";

export interface VerifyVariant {
  /** e.g. `lockstep`, `random pauses`. */
  readonly name: string;
  readonly digest: string;
  readonly equal: boolean;
  readonly seconds: number;
}

export interface VerifyReport {
  /** Digests equal and no invariant broken. */
  readonly ok: boolean;
  /** Digest of the straight run that the others are compared with. */
  readonly digest: string;
  readonly variants: readonly VerifyVariant[];
  /** In words, with the invariant's number and the variant. */
  readonly brokenInvariants: readonly string[];
}

export interface VerifyHooks {
  readonly onProgress?: (done: number, total: number, name: string) => void;
  readonly signal?: AbortSignal;
}

interface Variant {
  readonly name: string;
  readonly hooks?: TestHooks;
  readonly speed?: number;
  /** How to get to the end; `play` when absent. Returns broken invariants. */
  readonly drive?: (session: LiveSession, stopped: () => void) => Promise<void>;
}

/** Clock-driven variants jump their clock instead of waiting for it. */
const VARIANTS: readonly Variant[] = [
  { name: "data-driven" },
  { name: "3600x, clock jumping", speed: 3600, hooks: { virtualClock: true } },
  { name: "lockstep", hooks: { creditRows: 1 } },
  { name: "random pauses", hooks: { delaySeed: 11 }, drive: withPauses },
  { name: "seeks", drive: withSeeks },
  { name: "slow workers", hooks: { delaySeed: 29, creditRows: 3 } },
];

/** A replay that does not move for so long has lost a wake-up (I19). */
const STANDSTILL_MS = 20_000;

/**
 * Replays `options` once per variant and compares. Errors of the data are thrown as by `open`; faults of the engine are
 * reported. `bugs` switches seeded bugs on, to see that verify can fail: a test hook, which a shell reaches through the
 * environment variable BARDECK_SEEDED_BUG.
 */
export async function verify(
  options: OpenOptions,
  { onProgress, signal }: VerifyHooks = {},
  bugs: readonly SeededBug[] = bugsOfEnvironment(),
): Promise<VerifyReport> {
  const variants: VerifyVariant[] = [];
  const broken = new Set<string>();
  for (const [i, variant] of VARIANTS.entries()) {
    onProgress?.(i, VARIANTS.length, variant.name);
    signal?.throwIfAborted();
    const started = performance.now();
    const digest = await replayVariant(options, variant, bugs, broken, signal);
    const seconds = (performance.now() - started) / 1000;
    variants.push({ name: variant.name, digest, equal: digest === (variants[0]?.digest ?? digest), seconds });
  }
  onProgress?.(VARIANTS.length, VARIANTS.length, "");
  const equal = variants.every((variant) => variant.equal);
  return { ok: equal && broken.size === 0, digest: variants[0].digest, variants, brokenInvariants: [...broken] };
}

async function replayVariant(
  options: OpenOptions,
  { name, hooks, speed, drive }: Variant,
  bugs: readonly SeededBug[],
  broken: Set<string>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const session = await openWithHooks({ ...options, speed: 0, signal }, { ...hooks, bugs });
  const abort = (): void => void session.dispose();
  signal?.addEventListener("abort", abort, { once: true });
  const check = (): void => session.check().forEach((text) => broken.add(`${text}, ${name}`));
  try {
    session.setSpeed(speed ?? 0);
    await orStandstill(
      session,
      (async () => {
        await drive?.(session, check);
        await session.play();
      })(),
    );
    signal?.throwIfAborted();
    check();
    return session.summary().digest;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof BardeckError && error.exitCode !== 1) throw error; // the data, not the engine
    broken.add(`${plainError(error).message.replace(/^.*bardeck bug: /, "")}, ${name}`);
    return session.summary().digest;
  } finally {
    signal?.removeEventListener("abort", abort);
    await session.dispose();
  }
}

/** Rejects when the session has not moved for too long: the one place with a timeout, and it only watches. */
async function orStandstill(session: LiveSession, run: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let last = "";
  const standstill = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const now = JSON.stringify(session.progress());
      if (now === last) reject(new Error("bardeck bug: I19: the session stands still and owes an answer"));
      last = now;
    }, STANDSTILL_MS);
  });
  run.catch(() => {}); // it is answered when the session is disposed of
  try {
    await Promise.race([run, standstill]);
  } finally {
    clearInterval(timer);
  }
}

/** Pauses where it happens to be, and stops at exact slots, some of every session. */
async function withPauses(session: LiveSession, stopped: () => void): Promise<void> {
  const random = dice(7);
  const shape = shapeOf(session.plan);
  for (let epoch = 0; epoch < shape.sessionCount; epoch++) {
    const place = positionPlace(epoch, Math.floor(random() * slotCount(shape, epoch)));
    const running = session.runToPlace(place, "verify");
    running.catch(() => {}); // when the session dies, the pause fails too and tells it
    const paused = await session.pause();
    stopped();
    await running;
    const { epoch: at, slots } = paused.position;
    if (at === epoch && slots < place.ordinal && paused.phase === "STREAMING") {
      notBeyond(place, await session.runToPlace(place, "verify"));
      stopped();
    }
  }
}

/**
 * Goes on a day or two, then back to some slot before, again and again, from among the bars and from the end of the day in turn;
 * the digest there must be the one of the first time.
 */
async function withSeeks(session: LiveSession, stopped: () => void): Promise<void> {
  const random = dice(13);
  const shape = shapeOf(session.plan);
  for (let epoch = 0; epoch < shape.sessionCount; epoch += 1 + Math.floor(random() * 3)) {
    const position = Math.floor(random() * slotCount(shape, epoch));
    const place = positionPlace(epoch, position);
    notBeyond(place, await session.runToPlace(place, "verify"));
    stopped();
    const digest = session.digest();
    const before = positionPlace(epoch, Math.floor(random() * position));
    for (const [from, to] of [
      [undefined, before],
      [undefined, place],
      [stepPlace(shape, epoch, STEP.record), place],
    ] as const) {
      if (from) await session.runToPlace(from, "verify");
      stopped();
      notBeyond(to, await session.seekToPlace(to, "verify"));
      stopped();
      if (to === place && session.digest() !== digest)
        throw new Error("bardeck bug: I13: another digest after stepping back");
    }
  }
}

/** Where a session stops is a function of the data: at the place asked for, or before it where the streams have ended. */
function notBeyond(place: Place, { position }: Stop): void {
  if (position.epoch === place.epoch && position.slots <= place.ordinal) return;
  throw new Error(`bardeck bug: I13: stopped at slot ${position.slots} where ${place.ordinal} was asked for`);
}

function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}
