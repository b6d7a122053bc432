/**
 * Places: where a session can stop, as one totally ordered pair (session, ordinal). Together with the
 * run this is the `(run, epoch, position, step)` of a stop. Positions and ordinals are opaque outside this
 * file, so that trades and quotes can join: nobody else does arithmetic on them beyond comparing.
 *
 * ordinal   −2      −1        0 … slots      slots+1    slots+2 … slots+8
 *           load    activate  a position     hand-over  drain … roll
 */
import { MINUTE_US } from "../market/time.js";
import { PHASE, STEP } from "./phases.js";

/** What the protocol must know of the plan: the shape of each session. */
export interface Shape {
  readonly sessionCount: number;
  readonly symbolCount: number;
  /** Minutes of session `epoch`. */
  minutes(epoch: number): number;
  /** Microseconds UTC. */
  openUs(epoch: number): number;
  closeUs(epoch: number): number;
}

export interface Place {
  readonly epoch: number;
  readonly ordinal: number;
}

const LOAD_ORDINAL = -2;
const ACTIVATE_ORDINAL = -1;

/** Slots of a session's grid. */
export function slotCount(shape: Shape, epoch: number): number {
  return shape.minutes(epoch) * shape.symbolCount;
}

/** The end of the range: the goal of `play`. */
export function endPlace(shape: Shape): Place {
  return { epoch: shape.sessionCount, ordinal: LOAD_ORDINAL };
}

/** After `position` slots of session `epoch` have passed. */
export function positionPlace(epoch: number, position: number): Place {
  return { epoch, ordinal: position };
}

/** Before end-of-day step `step` of session `epoch`; `load` and `activate` are those that begin session `epoch`. */
export function stepPlace(shape: Shape, epoch: number, step: number): Place {
  if (step === STEP.load) return { epoch, ordinal: LOAD_ORDINAL };
  if (step === STEP.activate) return { epoch, ordinal: ACTIVATE_ORDINAL };
  return { epoch, ordinal: slotCount(shape, epoch) + step };
}

/** Whether a place is a position, not one of the steps around the day. */
export function isPosition(shape: Shape, { epoch, ordinal }: Place): boolean {
  return ordinal >= 0 && epoch < shape.sessionCount && ordinal <= slotCount(shape, epoch);
}

/** Negative when a comes before b, 0 when they are the same place. */
export function comparePlaces(a: Place, b: Place): number {
  return a.epoch - b.epoch || a.ordinal - b.ordinal;
}

/** Where the words say the session is, when nothing moves. */
export function presentPlace(shape: Shape, phase: number, epoch: number, position: number, step: number): Place {
  switch (phase) {
    case PHASE.streaming:
      return positionPlace(epoch, position);
    case PHASE.drained:
    case PHASE.closed:
      return stepPlace(shape, epoch, step === STEP.none ? STEP.drain : step);
    case PHASE.finished:
      return endPlace(shape);
    case PHASE.arming:
      return stepPlace(shape, epoch, step === STEP.activate ? STEP.activate : STEP.load);
    default:
      return stepPlace(shape, epoch, STEP.load);
  }
}

/** Time once `position` slots have passed: any passed slot of a minute brings the minute's end (I10). */
export function timeAtPosition(shape: Shape, epoch: number, position: number): number {
  return shape.openUs(epoch) + Math.ceil(position / shape.symbolCount) * MINUTE_US;
}

/** The position at which every slot with end ≤ timeUs has passed, within session `epoch`. */
export function positionAtTime(shape: Shape, epoch: number, timeUs: number): number {
  const minutes = Math.floor((timeUs - shape.openUs(epoch)) / MINUTE_US);
  return Math.min(Math.max(minutes, 0), shape.minutes(epoch)) * shape.symbolCount;
}
