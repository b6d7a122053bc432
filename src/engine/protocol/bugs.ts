/**
 * Seeded bugs: each switches one rule of the protocol off, for the explorer, the simulator and `verify` to
 * catch. A test hook, never an option. The names in brackets are those of the design's model.
 */
export const SEEDED_BUGS = {
  "commit-without-generation": "prefetch commits a load whose request was superseded [M1]",
  "bell-after-look-coordinator": "the coordinator clears its bell after reading state [M2C]",
  "bell-after-look-upkeep": "upkeep clears its bell after reading state [M2]",
  "bell-after-look-prefetch": "prefetch clears its bell after reading state [M2P]",
  "no-drain": "upkeep ends the day without taking in what is published [M3]",
  "boolean-pause": "a pause is acknowledged by a flag instead of a generation [M4]",
  "upkeep-ends-day": "upkeep ends the day by itself, while the coordinator holds a bar [M5]",
  "no-streams-is-exhausted": "a day that is not loaded yet is taken for a day without streams",
  "seek-keeps-load-slots": "a seek leaves the load slots of the old run valid [M6]",
  "seek-on-one-ack": "a seek begins with the coordinator's acknowledgement alone [M7]",
  "ack-with-work-left": "upkeep acknowledges a pause before it has taken in what is published [M8]",
  "ack-reads-swapped": "upkeep reads the position before the coordinator's acknowledgement [M8B]",
  "time-before-bar": "position and time are published before the bar is written [M9]",
  "coordinator-leaves-at-finish": "the coordinator leaves at FINISHED [M10]",
  "prefetch-leaves-at-finish": "prefetch leaves at FINISHED [M10P]",
  "seek-keeps-bar-in-hand": "the coordinator keeps its cursor across a seek [M11]",
  "answer-before-upkeep": "a goal is answered before upkeep has caught up [M12]",
  "seek-keeps-eod-step": "a seek leaves the end-of-day step of the old run [M13]",
  "limit-one-late": "the limit is tested one slot too late [M14]",
  "limit-behind": "a limit on a day already drained is accepted [M15]",
  "goal-before-limit": "the goal's id is written before its limit [M16]",
  "held-thread-moves": "a thread that is held acts all the same",
  "hit-is-passed": "upkeep goes on after a condition has become true",
  "hit-after-processed": "upkeep tells how far it is before it tells of the hit there",
  "event-by-batch": "a released thread does more than one event",
  "ack-without-ring": "the coordinator does not ring upkeep when it acknowledges a pause [M17]",
} as const;
export type SeededBug = keyof typeof SEEDED_BUGS;
