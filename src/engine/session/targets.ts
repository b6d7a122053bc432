/**
 * Where steps lead: the stops of each unit, ahead and behind, as places. Pure; the streams of one day at a time are
 * known, and a target in another day is sought again when the session stands there.
 *
 * Stops of a unit: `minute` every row boundary up to the end of the streams; `bar` behind every bar; `phase` before every end-of-day
 * step; `day` before every `activate`; `event` between the events of a straight run, in which the threads take turns slot by slot.
 */
import { FLAG_PRESENT } from "../market/bars.js";
import { streamsEnd, type Segment } from "../memory/segment.js";
import { STEP } from "../protocol/phases.js";
import {
  comparePlaces,
  endPlace,
  isPosition,
  positionPlace,
  slotCount,
  stepPlace,
  type Place,
  type Shape,
} from "../protocol/places.js";

/** The bars of one day, of all symbols or of one, as steps count them. */
export class DayBars {
  /** Position at which every stream has ended. */
  readonly end: number;
  private readonly flags: Uint8Array;
  private readonly symbols: number;

  constructor(segment: Segment) {
    this.symbols = segment.shape.symbols;
    this.end = streamsEnd(segment) * this.symbols;
    this.flags = segment.source.flags;
  }

  /** Position behind the `n`th bar at or after `position`, or how many there are when there are fewer. */
  ahead(position: number, n: number, symbol: number | undefined): { at: number } | { found: number } {
    let found = 0;
    for (let slot = position; slot < this.end; slot++)
      if (this.isBar(slot, symbol) && ++found === n) return { at: slot + 1 };
    return { found };
  }

  /** Position behind the `n`th bar whose own stop lies before `position`. */
  behind(position: number, n: number, symbol: number | undefined): { at: number } | { found: number } {
    let found = 0;
    for (let slot = Math.min(position, this.end + 1) - 2; slot >= 0; slot--)
      if (this.isBar(slot, symbol) && ++found === n) return { at: slot + 1 };
    return { found };
  }

  /** As `ahead`, for rows: a partly passed row counts as the next. */
  rowsAhead(position: number, n: number): { at: number } | { found: number } {
    const row = Math.floor(position / this.symbols) + n;
    const rows = this.end / this.symbols;
    return row <= rows ? { at: row * this.symbols } : { found: Math.max(0, rows - (row - n)) };
  }

  /** The open of a day is no stop of a row: stepping on never stops there. */
  rowsBehind(position: number, n: number): { at: number } | { found: number } {
    const before = Math.ceil(Math.min(position, this.end + 1) / this.symbols) - 1;
    const row = before - n + 1;
    return row >= 1 ? { at: row * this.symbols } : { found: Math.max(0, before) };
  }

  private isBar(slot: number, symbol: number | undefined): boolean {
    if (symbol !== undefined && slot % this.symbols !== symbol) return false;
    return (this.flags[slot] & FLAG_PRESENT) !== 0;
  }
}

/** The end-of-day steps around each session, as places, in order. */
function stepsOf(shape: Shape, epoch: number): Place[] {
  const steps = [STEP.load, STEP.activate, 1, 2, 3, 4, 5, 6, 7];
  if (epoch + 1 < shape.sessionCount) steps.push(STEP.roll);
  return steps.map((step) => stepPlace(shape, epoch, step));
}

/** Before the `n`th step after `place`; the end of the range when there are fewer. */
export function phaseAhead(shape: Shape, place: Place, n: number): Place {
  let left = n;
  for (let epoch = Math.max(place.epoch, 0); epoch < shape.sessionCount; epoch++)
    for (const step of stepsOf(shape, epoch)) if (comparePlaces(step, place) > 0 && --left === 0) return step;
  return endPlace(shape);
}

/** Before the `n`th step before `place`; undefined when there are fewer. */
export function phaseBehind(shape: Shape, place: Place, n: number): Place | undefined {
  let left = n;
  for (let epoch = Math.min(place.epoch, shape.sessionCount - 1); epoch >= 0; epoch--)
    for (const step of stepsOf(shape, epoch).reverse()) if (comparePlaces(step, place) < 0 && --left === 0) return step;
  return undefined;
}

/** Before the `n`th `activate` after `place`. */
export function dayAhead(shape: Shape, place: Place, n: number): Place {
  const here = comparePlaces(place, stepPlace(shape, place.epoch, STEP.activate)) < 0 ? 0 : 1;
  const epoch = place.epoch + here + n - 1;
  return epoch < shape.sessionCount ? stepPlace(shape, epoch, STEP.activate) : endPlace(shape);
}

/** Before the `n`th `activate` before `place`; undefined when there are fewer. */
export function dayBehind(shape: Shape, place: Place, n: number): Place | undefined {
  const last = Math.min(place.epoch, shape.sessionCount);
  const here = last < shape.sessionCount && comparePlaces(stepPlace(shape, last, STEP.activate), place) < 0 ? 0 : 1;
  const epoch = last - here - n + 1;
  return epoch >= 0 ? stepPlace(shape, epoch, STEP.activate) : undefined;
}

/** A stop between events: a place, or half a slot beyond it: published, and not taken in yet. */
export interface EventStop {
  readonly place: Place;
  readonly half: boolean;
}

/** The `n`th stop between events before `stop` in its own day; or how many there are, the one before its `load` included. */
export function eventsBehind(
  shape: Shape,
  { place, half }: EventStop,
  streamsEndAt: number,
  n: number,
): EventStop | { readonly found: number } {
  const { epoch } = place;
  const index = eventIndex(shape, place, half, streamsEndAt) - n;
  if (index < 0) return { found: index + n };
  if (index < 2) return { place: stepPlace(shape, epoch, index === 0 ? STEP.load : STEP.activate), half: false };
  const slots = (index - 2) / 2;
  if (slots <= streamsEndAt) return { place: positionPlace(epoch, Math.floor(slots)), half: !Number.isInteger(slots) };
  return { place: stepPlace(shape, epoch, STEP.drain + index - 2 * streamsEndAt - 3), half: false };
}

/** Stops of a day in order: before `load` 0 and `activate` 1; with k slots taken in 2k+2, one more published 2k+3; before `drain` 2·end+3, and so on. */
function eventIndex(shape: Shape, place: Place, half: boolean, streamsEndAt: number): number {
  const { epoch, ordinal } = place;
  if (ordinal < 0) return ordinal === stepPlace(shape, epoch, STEP.load).ordinal ? 0 : 1;
  if (isPosition(shape, place)) return 2 + 2 * Math.min(ordinal, streamsEndAt) + (half ? 1 : 0);
  const step = ordinal - slotCount(shape, epoch);
  return step === STEP.handOver ? 2 + 2 * streamsEndAt : 2 * streamsEndAt + 3 + step - STEP.drain;
}
