/**
 * What the shells of the coordinator and upkeep have in common: take turns until the thread leaves, wait on the
 * bell when there is nothing to do. Correctness never depends on a timeout: only the clock's row ends are waited for.
 */
import { attachControlMemory } from "../memory/control.js";
import { attachSegment, type Segment } from "../memory/segment.js";
import { protocolConfig, segmentShapeOf } from "../plan.js";
import type { Process, ProtocolConfig } from "../protocol/process.js";
import { AtomicWords, sleep } from "../sync/atomic-words.js";
import type { Attachment, TestHooks } from "./messages.js";

/** This thread's views of the shared memory. */
export function attach(attachment: Attachment): {
  words: AtomicWords;
  segments: Segment[];
  config: ProtocolConfig;
} {
  const { plan, hooks } = attachment;
  const shape = segmentShapeOf(plan);
  return {
    words: new AtomicWords(attachControlMemory(attachment.control)),
    segments: attachment.segments.map((buffer, i) => attachSegment(buffer, shape, i)),
    config: protocolConfig(plan, hooks.bugs),
  };
}

/** A monotonic source, and what to do until it reaches a moment. */
export interface Monotonic {
  nowUs(): number;
  /** Waits for the bell, or until the moment; 0 is no moment. */
  waitUntil(us: number): void;
}

export function realClock(words: AtomicWords, bell: number): Monotonic {
  const nowUs = (): number => performance.now() * 1000;
  return {
    nowUs,
    waitUntil: (us) => {
      words.wait(bell, us === 0 ? Infinity : Math.max(0, (us - nowUs()) / 1000));
    },
  };
}

/** Jumps to the moment it is asked to wait for: the clock of tests and of `verify`. */
export function virtualClock(words: AtomicWords, bell: number): Monotonic {
  let now = 0;
  return {
    nowUs: () => now,
    waitUntil: (us) => {
      if (us === 0) words.wait(bell);
      else now = Math.max(now, us);
    },
  };
}

/** Takes turns until the process leaves. `wakeAtUs` is asked when it waits. */
export function runShell(
  process: Pick<Process<{ kind: string }, never>, "turn">,
  clock: Monotonic,
  wakeAtUs: () => number,
  afterTurn: () => void,
): void {
  for (;;) {
    const turn = process.turn();
    if (turn === "left") return;
    afterTurn();
    if (turn === "waits") clock.waitUntil(wakeAtUs());
  }
}

/** The test hooks of one thread as something to do after every turn: delays and crashes. */
export function afterTurnHook(hooks: TestHooks, thread: NonNullable<TestHooks["crash"]>["thread"]): () => void {
  const { crash, delaySeed } = hooks;
  if (crash?.thread !== thread && delaySeed === undefined) return () => {};
  let state = ((delaySeed ?? 0) + thread.length * 7919) | 1;
  let turns = 0;
  return () => {
    turns++;
    if (crash?.thread === thread && turns >= crash.afterTurns) throw new Error(`${thread} crashes on purpose`);
    if (delaySeed === undefined) return;
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    if (state >>> 28 === 0) sleep((state >>> 24) & 3);
  };
}
