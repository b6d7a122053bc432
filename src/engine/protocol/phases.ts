/**
 * The phases and the steps of the end of a day. The phase is the baton: its value names the one
 * thread that may write the baton words (I6). All transitions stand in this file.
 */

export const PHASE = {
  boot: 0,
  arming: 1,
  streaming: 2,
  drained: 3,
  closed: 4,
  seeking: 5,
  finished: 6,
  stopped: 7,
  failed: 8,
} as const;
export const PHASE_NAMES = [
  "BOOT",
  "ARMING",
  "STREAMING",
  "DRAINED",
  "CLOSED",
  "SEEKING",
  "FINISHED",
  "STOPPED",
  "FAILED",
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];

export type ThreadName = "main" | "coordinator" | "upkeep" | "prefetch";

/** Who holds the baton in each phase; nobody in the last three. */
export const BATON: readonly (ThreadName | "nobody")[] = [
  "main",
  "upkeep",
  "coordinator",
  "upkeep",
  "upkeep",
  "upkeep",
  "nobody",
  "nobody",
  "nobody",
];

/**
 * Every phase change there is: from → to, who makes it. Main enters SEEKING from any phase between
 * ARMING and FINISHED under an acknowledged pause, and writes STOPPED or FAILED after the workers have left.
 */
export const TRANSITIONS: readonly { readonly from: number; readonly to: number; readonly by: ThreadName }[] = [
  { from: PHASE.boot, to: PHASE.arming, by: "main" },
  { from: PHASE.arming, to: PHASE.streaming, by: "upkeep" },
  { from: PHASE.streaming, to: PHASE.drained, by: "coordinator" },
  { from: PHASE.drained, to: PHASE.closed, by: "upkeep" },
  { from: PHASE.closed, to: PHASE.arming, by: "upkeep" },
  { from: PHASE.closed, to: PHASE.finished, by: "upkeep" },
  { from: PHASE.seeking, to: PHASE.arming, by: "upkeep" },
  ...[PHASE.arming, PHASE.streaming, PHASE.drained, PHASE.closed, PHASE.seeking, PHASE.finished].map(
    (from) => ({ from, to: PHASE.seeking, by: "main" }) as const,
  ),
];

/** True when `by` may change the phase from → to. */
export function isTransition(from: number, to: number, by: ThreadName): boolean {
  return TRANSITIONS.some((change) => change.from === from && change.to === to && change.by === by);
}

/**
 * The steps from the end of one day to the start of the next, in order; a stop is always before one.
 * Step n of the list has the number n + 1; 0 means none. `hand-over` is the coordinator's, the rest are upkeep's.
 * `load` and `activate` belong to the next session.
 */
export const EOD_STEPS = [
  "hand-over",
  "drain",
  "force-close",
  "finalize",
  "verify",
  "record",
  "deactivate",
  "roll",
  "load",
  "activate",
] as const;
export type EodStep = (typeof EOD_STEPS)[number];
export const STEP = {
  none: 0,
  handOver: 1,
  drain: 2,
  forceClose: 3,
  finalize: 4,
  verify: 5,
  record: 6,
  deactivate: 7,
  roll: 8,
  load: 9,
  activate: 10,
} as const;
