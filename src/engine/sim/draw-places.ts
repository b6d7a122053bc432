/** Places to run and seek to: all there are in small days, in a person's own mostly those around the rolls. */
import { EOD_STEPS, STEP } from "../protocol/phases.js";
import { endPlace, positionPlace, slotCount, stepPlace, type Place, type Shape } from "../protocol/places.js";
import type { Lots } from "./lots.js";
import type { Scene } from "./scene.js";

/** Slots up to which every place is drawn alike. */
const FEW_SLOTS = 1000;

/**
 * Places to choose from. In long days one in hundreds would be near a roll, and a list of all would be long: there it is each step, the
 * slots beside the open, the end of the streams and the close, and a few between.
 */
export function drawPlaces({ shape, subject }: Scene, lots: Lots): Place[] {
  const epochs = Array.from({ length: shape.sessionCount }, (_, epoch) => epoch);
  if (epochs.reduce((sum, epoch) => sum + slotCount(shape, epoch), 0) <= FEW_SLOTS) return allPlaces(shape);
  const places = [endPlace(shape), endPlace(shape), endPlace(shape)];
  for (const epoch of epochs) {
    const slots = slotCount(shape, epoch);
    const row = lots.below(shape.minutes(epoch)) * shape.symbolCount;
    const around = [0, row, subject.reference.endOfStreams(epoch), slots].flatMap((at) => [at - 1, at, at + 1]);
    for (const position of [...around, lots.below(slots), lots.below(slots)])
      if (position >= 0 && position <= slots) places.push(positionPlace(epoch, position));
    for (let step = 1; step <= EOD_STEPS.length; step++)
      if (step !== STEP.roll || epoch + 1 < shape.sessionCount) places.push(stepPlace(shape, epoch, step));
  }
  return places;
}

/** Every place a session of this shape can stop at. */
export function allPlaces(shape: Shape): Place[] {
  const places: Place[] = [endPlace(shape), endPlace(shape), endPlace(shape)];
  for (let epoch = 0; epoch < shape.sessionCount; epoch++) {
    for (let position = 0; position <= slotCount(shape, epoch); position++) places.push(positionPlace(epoch, position));
    for (let step: number = STEP.handOver; step <= STEP.activate; step++)
      if (step !== STEP.roll || epoch + 1 < shape.sessionCount) places.push(stepPlace(shape, epoch, step));
  }
  return places;
}
