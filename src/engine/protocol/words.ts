/**
 * The control words: every number two threads share besides the days themselves, with its meaning
 * and its writer. A word has one writer at any instant (I6). This file is the vocabulary;
 * memory/control.ts allocates the words, sync/ reads and writes them with Atomics, and the explorer
 * keeps them in a plain array.
 */

/** Name → meaning and writer, in memory order. "baton" means the thread named by `phase` (phases.ts). */
export const WORDS = {
  phase: "which thread holds the baton · baton",
  epoch: "ordinal of the session in the plan · baton",
  run: "counts the beginnings: 0, and one more for every seek · baton",
  active: "1 while streamed data and fills of the day may change (I3) · baton",
  step: "next end-of-day step, 0 while streaming (phases.ts) · baton",
  position: "slots published · coordinator; upkeep in force-close, roll and seek",
  processed: "slots upkeep has taken in (upk) · upkeep",
  load0: "load slot of even epochs: state | generation << 3 · compare-and-swap, see prefetch.ts",
  load1: "load slot of odd epochs · as load0",
  loadEpoch0: "epoch asked for in load slot 0 · upkeep, before load0",
  loadEpoch1: "epoch asked for in load slot 1 · upkeep, before load1",
  loadSegment0: "segment the day of load slot 0 is decoded into · upkeep, before load0",
  loadSegment1: "segment the day of load slot 1 is decoded into · upkeep, before load1",
  control: "control generation: even run, odd paused · main",
  stop: "1 when all threads shall leave · main",
  goalId: "newest goal; written after its limit · main",
  goalEpoch: "limit of the newest goal: session (number of sessions = run to the end) · main",
  goalOrdinal: "limit of the newest goal: place within the session (places.ts) · main",
  release:
    "threads the newest goal sets free: 0 both, 1 the coordinator, 2 upkeep; the other is held, past the answer · main, before goalId",
  watch: "generation of the armed conditions, 0 when they are silent · main, before goalId",
  seekEpoch: "session to start again from · main, under an acknowledged pause",
  seekRun: "number of the run the seek begins · main, under an acknowledged pause",
  answered: "goal answered last · holder of the baton; the released thread under a goal that holds the other",
  hit: "goal under which an armed condition has become true: upkeep goes no further under it · upkeep, after hitAt, before processed",
  hitAt: "ordinal of the place where it became true (places.ts) · upkeep",
  ackCoordinator: "control generation the coordinator has acknowledged · coordinator",
  ackUpkeep: "control generation upkeep has acknowledged, which implies the coordinator · upkeep",
  bellCoordinator: "rung by anyone after a change, cleared by the coordinator",
  bellUpkeep: "rung by anyone after a change, cleared by upkeep",
  bellPrefetch: "rung by anyone after a change, cleared by prefetch",
  bellMain: "rung by anyone after a change, cleared by main",
  leftCoordinator: "1 when the coordinator has left its loop · coordinator",
  leftUpkeep: "1 when upkeep has left its loop · upkeep",
  leftPrefetch: "1 when prefetch has left its loop · prefetch",
  speed: "simulated milliseconds a second, 0 is data-driven · main",
  hitsTold: "hits upkeep has told main of, ignored and logged ones included · upkeep",
  failure: "1 when the day asked for could not be loaded · upkeep",
} as const;

export type WordName = keyof typeof WORDS;
export const WORD_NAMES = Object.keys(WORDS) as WordName[];
export const WORD_COUNT = WORD_NAMES.length;

/** Index of each word. */
export const W = Object.fromEntries(WORD_NAMES.map((name, i) => [name, i])) as { readonly [Name in WordName]: number };

/** Access to the words; each call is one shared access. Numbers are 32-bit integers, times microseconds UTC. */
export interface Words {
  load(word: number): number;
  store(word: number, value: number): void;
  /** Compare-and-swap; true when the word held `expected` and now holds `value`. */
  swap(word: number, expected: number, value: number): boolean;
  /** Sets a bell and wakes its owner if it waits on it. State first, bell afterwards. */
  ring(bell: number): void;
  /** Clears the caller's own bell. */
  clear(bell: number): void;
  loadTime(): number;
  storeTime(us: number): void;
}

/** States of a load slot: upkeep EMPTY→REQUESTED; prefetch REQUESTED→LOADING→READY/FAILED. */
export const LOAD = { empty: 0, requested: 1, loading: 2, ready: 3, failed: 4 } as const;
export const LOAD_STATES = ["empty", "requested", "loading", "ready", "failed"] as const;

/** Whom a goal sets free. The thread that is held stays where it is until a goal that sets both free. */
export const RELEASE = { both: 0, coordinator: 1, upkeep: 2 } as const;

export const loadWord = (state: number, generation: number): number => state | (generation << 3);
export const loadState = (word: number): number => word & 7;
export const loadGeneration = (word: number): number => word >> 3;
