/** Main's part of BOOT: the first goal, and the baton to upkeep. The same for threads and for one thread. */
import { PHASE, STEP } from "./phases.js";
import type { Place, Shape } from "./places.js";
import { W, type Words } from "./words.js";

export function boot(words: Words, shape: Shape, goal: Place): void {
  words.store(W.goalEpoch, goal.epoch);
  words.store(W.goalOrdinal, goal.ordinal);
  words.store(W.goalId, 1);
  if (shape.sessionCount === 0) {
    words.store(W.answered, 1);
    words.store(W.phase, PHASE.finished);
    return;
  }
  words.store(W.step, STEP.load);
  words.storeTime(shape.openUs(0));
  words.store(W.phase, PHASE.arming);
  words.ring(W.bellUpkeep);
}
