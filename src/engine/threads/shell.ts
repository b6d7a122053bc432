/**
 * What the shells of the coordinator and upkeep have in common: take turns until the thread leaves, wait on the
 * bell when there is nothing to do. Correctness never depends on a timeout: only the clock's row ends are waited for.
 */
import { parentPort } from "node:worker_threads";
import { attachControlMemory } from "../memory/control.js";
import { attachSegment, type Segment } from "../memory/segment.js";
import { protocolConfig, segmentShapeOf } from "../plan.js";
import type { TracedThread } from "../memory/trace.js";
import type { Process, ProtocolConfig } from "../protocol/process.js";
import { AtomicWords, sleep } from "../sync/atomic-words.js";
import type { Attach, Attachment, TestHooks } from "./messages.js";
import { TurnTrace } from "./turn-trace.js";

/** What the coordinator and upkeep wait for when they have started. Afterwards nobody listens: they never come to their event loop again. */
export function attached(): Promise<Attachment> {
  return new Promise((resolve) => {
    parentPort!.once("message", (message: Attach) => resolve(message.attachment));
  });
}

/** This thread's views of the shared memory. */
export function attach(
  attachment: Attachment,
  thread: TracedThread,
): {
  words: AtomicWords;
  segments: Segment[];
  config: ProtocolConfig;
  trace: TurnTrace;
} {
  const { plan, hooks } = attachment;
  const shape = segmentShapeOf(plan);
  const words = new AtomicWords(attachControlMemory(attachment.control));
  return {
    words,
    segments: attachment.segments.map((buffer, i) => attachSegment(buffer, shape, i)),
    config: protocolConfig(plan, hooks.bugs),
    trace: new TurnTrace(attachment.traces[thread], thread, words),
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
  const spin = createSpin(words, bell);
  return {
    nowUs,
    waitUntil: (us) => {
      if (us === 0 && spin()) return;
      words.wait(bell, us === 0 ? Infinity : Math.max(0, (us - nowUs()) / 1000));
    },
  };
}

/** How long a thread looks at its bell before it sleeps: about what falling asleep and being woken cost. */
const SPIN_US = 40;
const MOST_SKIPPED = 256;

/**
 * Looks at the bell for a moment: true when it is rung. A wake-up costs both threads more than the work of many rows, but looking
 * takes a core, so it goes on only while it pays: each look in vain doubles the number of waits that go to sleep at once.
 */
function createSpin(words: AtomicWords, bell: number): () => boolean {
  let skip = 0;
  let skipNext = 1;
  return () => {
    if (skip > 0) {
      skip--;
      return false;
    }
    const until = performance.now() + SPIN_US / 1000;
    do {
      for (let look = 0; look < 100; look++) {
        if (words.load(bell) === 0) continue;
        skipNext = 1;
        return true;
      }
    } while (performance.now() < until);
    skip = skipNext;
    skipNext = Math.min(skipNext * 2, MOST_SKIPPED);
    return false;
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
  process: Pick<Process<{ kind: string }, never>, "turn" | "decided">,
  clock: Monotonic,
  wakeAtUs: () => number,
  trace: TurnTrace,
  beforeTurn: () => void,
): void {
  for (;;) {
    beforeTurn();
    trace.begin();
    const turn = process.turn();
    trace.end(process.decided);
    if (turn === "left") return;
    if (turn !== "waits") continue;
    clock.waitUntil(wakeAtUs());
    trace.waited();
  }
}

/** The test hooks of one thread as something to do before every turn: delays and crashes. */
export function beforeTurnHook(hooks: TestHooks, thread: NonNullable<TestHooks["crash"]>["thread"]): () => void {
  const { crash, delaySeed } = hooks;
  if (crash?.thread !== thread && delaySeed === undefined) return () => {};
  let state = ((delaySeed ?? 0) + thread.length * 7919) | 1;
  let turns = 0;
  return () => {
    turns++;
    if (crash?.thread === thread && turns === crash.inTurn) throw new Error(`${thread} crashes on purpose`);
    if (delaySeed === undefined) return;
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    if (state >>> 28 === 0) sleep((state >>> 24) & 3);
  };
}
