/**
 * The places at which conditions with place atoms stop. Each session has at most one of a condition. Their data atoms are
 * judged at the place, elsewhere (day-watch.ts).
 */
import { EOD_STEPS, STEP } from "../protocol/phases.js";
import { comparePlaces, positionAtTime, positionPlace, stepPlace, type Place, type Shape } from "../protocol/places.js";
import { hasPlace } from "./atom-kinds.js";
import type { Condition } from "./condition.js";

/** What must be known of a plan. */
export interface PlacesPlan {
  readonly shape: Shape;
  /** Of each session, in order. */
  readonly dates: readonly string[];
  /** Microseconds UTC of a time of day on a session's date, in the exchange's zone. */
  timeOfSession(epoch: number, minuteOfDay: number): number;
}

/** The first place strictly after `after` at which the place atoms hold. */
export function nextPlace(condition: Condition, plan: PlacesPlan, after: Place): Place | undefined {
  for (let epoch = Math.max(after.epoch, 0); epoch < plan.shape.sessionCount; epoch++) {
    const place = placeIn(condition, plan, epoch);
    if (place && comparePlaces(place, after) > 0) return place;
  }
  return undefined;
}

/** The last place strictly before `before` at which the place atoms hold. */
export function previousPlace(condition: Condition, plan: PlacesPlan, before: Place): Place | undefined {
  for (let epoch = Math.min(before.epoch, plan.shape.sessionCount - 1); epoch >= 0; epoch--) {
    const place = placeIn(condition, plan, epoch);
    if (place && comparePlaces(place, before) < 0) return place;
  }
  return undefined;
}

/** The place of a session; `load` and `activate` belong to the session that begins. */
function placeIn(condition: Condition, plan: PlacesPlan, epoch: number): Place | undefined {
  const { shape } = plan;
  if (!hasPlace(condition)) return undefined;
  let place = positionPlace(epoch, 0);
  for (const atom of condition.atoms) {
    if (atom.kind === "day" && atom.date !== plan.dates[epoch]) return undefined;
    if (atom.kind === "phase") {
      const step = EOD_STEPS.indexOf(atom.step) + 1;
      if (step === STEP.roll && epoch === shape.sessionCount - 1) return undefined; // nothing to roll to
      place = stepPlace(shape, epoch, step);
    }
    if (atom.kind === "time") {
      const timeUs = plan.timeOfSession(epoch, atom.minuteOfDay);
      if (timeUs < shape.openUs(epoch) || timeUs > shape.closeUs(epoch)) return undefined;
      place = positionPlace(epoch, positionAtTime(shape, epoch, timeUs));
    }
  }
  return place;
}
