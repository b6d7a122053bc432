/** Bounds of the explorations: what the tests visit, and the larger campaign of `npm run explore`. */
import type { SeededBug } from "../../src/engine/protocol/bugs.js";

export interface Bounds {
  readonly sessions: number;
  readonly minutes: number;
  readonly symbols: number;
  /** Minute after the last bar of each session: the end of its streams. */
  readonly streams: readonly number[];
  readonly pauses: number;
  readonly seeks: number;
  readonly goals: number;
  /** Whether main may stop at any moment; it always stops when nothing else is left to do. */
  readonly stopAnywhere: boolean;
  readonly loadsFail: boolean;
  /** Goals and seeks may also end before any end-of-day step. */
  readonly stepGoals: boolean;
  /** The first goal may be any place; else it is `firstGoal`, or the end of the range. */
  readonly anyFirstGoal?: boolean;
  readonly firstGoal?: readonly [number, number];
  /** Whether goals may also release one thread alone. */
  readonly release?: boolean;
  /** Slot of each session at which a condition becomes true; goals are watched for it. The last slots are passed by the forced close. */
  readonly hitSlot?: number;
  /** Seek targets as [session, ordinal]; every place of every session up to the present one when absent. */
  readonly seekTo?: readonly (readonly [number, number])[];
  /** A seek is asked for only when the goal before it is answered and nothing is paused; else at any moment. */
  readonly seeksAtRest?: boolean;
  readonly bugs?: readonly SeededBug[];
  readonly maxStates?: number;
}

/** One symbol, one minute, two sessions: the smallest world in which everything can happen. */
export const SMALL: Bounds = {
  sessions: 2,
  minutes: 1,
  symbols: 1,
  streams: [1, 1],
  pauses: 0,
  seeks: 0,
  goals: 0,
  stopAnywhere: false,
  loadsFail: false,
  stepGoals: false,
};

/** As SMALL with a single session. */
export const TINY: Bounds = { ...SMALL, sessions: 1, streams: [1] };

/** Two sessions of two minutes and two symbols; in the second one the streams end early. */
export const FULL: Bounds = { ...SMALL, minutes: 2, symbols: 2, streams: [2, 1] };

/** A seek at any moment. */
const SEEK: Bounds = { ...TINY, seeks: 1, seekTo: [[0, 1]] };

/** A seek once the session stands: at the end, or at the goal given. */
const SEEK_AT_REST: Bounds = { ...SEEK, seeksAtRest: true };

/** The smallest bounds known in which each seeded bug shows: bounds that are larger find it later. */
export const BOUNDS_OF_BUG: Readonly<Record<SeededBug, Bounds>> = {
  "bell-after-look-coordinator": FULL,
  "bell-after-look-upkeep": FULL,
  "bell-after-look-prefetch": FULL,
  "no-drain": FULL,
  "upkeep-ends-day": FULL,
  "no-streams-is-exhausted": FULL,
  "time-before-bar": FULL,
  "answer-before-upkeep": { ...FULL, anyFirstGoal: true },
  "limit-one-late": { ...FULL, anyFirstGoal: true },
  "commit-without-generation": SEEK,
  "seek-keeps-load-slots": { ...SEEK_AT_REST, firstGoal: [0, -1] },
  "seek-on-one-ack": { ...SEEK_AT_REST, firstGoal: [0, -1] },
  "seek-keeps-bar-in-hand": SEEK_AT_REST,
  "seek-keeps-eod-step": { ...SEEK_AT_REST, firstGoal: [0, -1] },
  "coordinator-leaves-at-finish": SEEK_AT_REST,
  "prefetch-leaves-at-finish": SEEK_AT_REST,
  "ack-with-work-left": { ...FULL, pauses: 1 },
  "ack-reads-swapped": { ...FULL, pauses: 1 },
  "ack-without-ring": { ...FULL, pauses: 1 },
  "boolean-pause": { ...SEEK, pauses: 1, firstGoal: [0, -2] },
  "limit-behind": { ...TINY, goals: 1, firstGoal: [0, 3] },
  "held-thread-moves": { ...TINY, goals: 2, release: true },
  "event-by-batch": { ...FULL, goals: 2, release: true, sessions: 1, streams: [2], firstGoal: [0, 0] },
  "hit-is-passed": { ...FULL, sessions: 1, streams: [2], hitSlot: 1 },
  "hit-after-processed": { ...FULL, sessions: 1, streams: [2], hitSlot: 1, anyFirstGoal: true },
  "goal-before-limit": { ...TINY, goals: 1, firstGoal: [0, 0] },
};

/** What the tests visit, with the number of states each must at least have: fewer would mean that something is no longer explored. */
export interface Check {
  readonly name: string;
  readonly bounds: Bounds;
  readonly states: number;
}

/** Without a pause. */
export const STRAIGHT_CHECKS: readonly Check[] = [
  { name: "two days, stop anywhere", bounds: { ...FULL, stopAnywhere: true }, states: 360_000 },
  {
    name: "any first goal, down to the steps of the end of day",
    bounds: { ...TINY, anyFirstGoal: true, stepGoals: true, goals: 1 },
    states: 500_000,
  },
  {
    name: "a load that fails, stop anywhere",
    bounds: { ...SMALL, loadsFail: true, stopAnywhere: true },
    states: 450_000,
  },
  {
    name: "threads released one at a time, from the open",
    bounds: { ...TINY, goals: 2, release: true, firstGoal: [0, 0] },
    states: 490_000,
  },
  { name: "a condition becomes true", bounds: { ...FULL, sessions: 1, streams: [2], hitSlot: 1 }, states: 175_000 },
  {
    name: "a condition becomes true in the forced close",
    bounds: { ...FULL, sessions: 1, streams: [1], hitSlot: 3 },
    states: 105_000,
  },
];

/** With a pause, asked for or for a seek. Half of the work: in a file of their own, so that two workers share it. */
export const PAUSED_CHECKS: readonly Check[] = [
  { name: "one pause, stop anywhere", bounds: { ...TINY, pauses: 1, stopAnywhere: true }, states: 950_000 },
  { name: "one seek at any moment", bounds: SEEK, states: 770_000 },
  { name: "one seek at rest, stop anywhere", bounds: { ...SEEK_AT_REST, stopAnywhere: true }, states: 270_000 },
];

/** The long campaign: `npm run explore`. Gigabytes and minutes each. */
export const CAMPAIGN: readonly { readonly name: string; readonly bounds: Bounds }[] = [
  { name: "one pause, two days of two minutes and two symbols", bounds: { ...FULL, pauses: 1 } },
  { name: "one pause, stop anywhere", bounds: { ...SMALL, pauses: 1, stopAnywhere: true } },
  { name: "one pause and new goals of every kind", bounds: { ...SMALL, pauses: 1, goals: 1, stepGoals: true } },
  { name: "one seek at any moment, stop anywhere", bounds: { ...SEEK, stopAnywhere: true } },
  { name: "one seek at any moment, to any place of a day", bounds: { ...TINY, seeks: 1, stepGoals: true } },
  {
    name: "one seek at rest, to any place of two days",
    bounds: { ...SMALL, seeks: 1, stepGoals: true, seeksAtRest: true },
  },
  {
    name: "one seek over two days of two minutes and two symbols",
    bounds: {
      ...FULL,
      seeks: 1,
      seekTo: [
        [0, 3],
        [1, 2],
      ],
    },
  },
  { name: "one pause and one seek", bounds: { ...TINY, pauses: 1, seeks: 1 } },
  { name: "two seeks", bounds: { ...TINY, seeks: 2, seekTo: [[0, 1]] } },
  { name: "goals of every kind", bounds: { ...FULL, anyFirstGoal: true, stepGoals: true, goals: 1 } },
  {
    name: "threads released one at a time, two minutes and two symbols",
    bounds: { ...FULL, sessions: 1, streams: [1], goals: 3, release: true, firstGoal: [0, 0] },
  },
  { name: "threads released one at a time, and a seek", bounds: { ...TINY, goals: 2, release: true, seeks: 1 } },
  { name: "a condition becomes true under a pause", bounds: { ...TINY, pauses: 1, hitSlot: 0, goals: 1 } },
  { name: "a condition becomes true, two days, stop anywhere", bounds: { ...FULL, hitSlot: 1, stopAnywhere: true } },
  { name: "three days", bounds: { ...SMALL, sessions: 3, streams: [1, 0, 1], stopAnywhere: true } },
];
