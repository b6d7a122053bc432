/** What the session is about to do, and places, in words. */
import { FLAG_PRESENT } from "../market/bars.js";
import { exchangeDateTime, exchangeTime } from "../market/time-zones.js";
import { MINUTE_US } from "../market/time.js";
import type { Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { EOD_STEPS, PHASE, STEP, type EodStep } from "../protocol/phases.js";
import { isPosition, slotCount, timeAtPosition, type Place, type Shape } from "../protocol/places.js";
import type { Position } from "./types.js";

/** Name of the end-of-day step that comes next; undefined while bars stream. */
export function describeStep(
  phase: number,
  step: number,
  { slots }: Pick<Position, "slots">,
  streamsEndAt: number,
): EodStep | undefined {
  if (phase === PHASE.drained && step === STEP.none) return "drain";
  if (phase === PHASE.streaming) return slots >= streamsEndAt ? "hand-over" : undefined;
  return phase === PHASE.finished || step === STEP.none ? undefined : EOD_STEPS[step - 1];
}

/**
 * What a further step would do; `streamsEndAt` is the position where all streams of the day are at their end.
 * e.g. `coordinator: publish AIG 15:58`, `upkeep: roll, epoch 2→3, 2013-10-07 16:00 → 2013-10-08 09:30`.
 */
export function describeNext(
  plan: SessionPlan,
  phase: number,
  position: Position,
  step: number,
  streamsEndAt = Infinity,
  segment?: Segment,
): string {
  const { epoch, slots, processed } = position;
  const session = plan.sessions[epoch];
  switch (phase) {
    case PHASE.streaming:
      if (processed < slots) return `upkeep: take in ${slotText(plan, epoch, processed)}`;
      if (slots < streamsEndAt) return `coordinator: ${passText(plan, epoch, slots, segment)}`;
      return "coordinator: hand-over, the day goes to upkeep";
    case PHASE.finished:
      return "nothing: the range is finished";
    case PHASE.closed:
      if (epoch + 1 >= plan.sessions.length) return "upkeep: finish";
      return `upkeep: roll, epoch ${epoch}→${epoch + 1}, ${moment(plan, session.closeUs)} → ${moment(plan, plan.sessions[epoch + 1].openUs)}`;
    case PHASE.drained:
      return `upkeep: ${describeClosing(plan, position, describeStep(phase, step, position, streamsEndAt))}`;
    default:
      return `upkeep: ${describeStep(phase, step, position, streamsEndAt) ?? "nothing"}${session ? ` ${session.date}` : ""}`;
  }
}

function describeClosing(
  plan: SessionPlan,
  { epoch, slots, processed, slotsDue }: Position,
  step: EodStep | undefined,
): string {
  if (processed < slots) return `take in ${slotText(plan, epoch, processed)}`;
  if (step !== "force-close" || slots >= slotsDue) return step ?? "nothing";
  const session = plan.sessions[epoch];
  const from = session.openUs + Math.ceil(slots / plan.symbols.length) * MINUTE_US;
  const time = (us: number): string => exchangeTime(us, plan.exchangeZone);
  return `force-close, ${time(from)} → ${time(session.closeUs)}: all streams ended`;
}

/** What the coordinator does with a slot: `publish AIG 15:58`, or `pass AIG 15:58 (missing)` when the day in `segment` has no bar there. */
export function passText(plan: SessionPlan, epoch: number, slot: number, segment: Segment | undefined): string {
  const isMissing = segment !== undefined && (segment.source.flags[slot] & FLAG_PRESENT) === 0;
  const text = slotText(plan, epoch, slot);
  return isMissing ? `pass ${text} (missing)` : `publish ${text}`;
}

/** `AIG 15:58`: a slot by its symbol and the start of its minute. */
export function slotText(plan: SessionPlan, epoch: number, slot: number): string {
  const startUs = plan.sessions[epoch].openUs + Math.floor(slot / plan.symbols.length) * MINUTE_US;
  return `${plan.symbols[slot % plan.symbols.length]} ${exchangeTime(startUs, plan.exchangeZone)}`;
}

function moment(plan: SessionPlan, us: number): string {
  return exchangeDateTime(us, plan.exchangeZone);
}

/** A place as people name it: `2013-10-07 15:58`, `2013-10-07 16:00, before drain`. */
export function describePlace(
  plan: SessionPlan,
  shape: Shape,
  place: Place,
): { readonly date: string; readonly timeUs: number; readonly text: string } {
  const epoch = Math.min(place.epoch, plan.sessions.length - 1);
  const session = plan.sessions[epoch];
  if (!session) return { date: "", timeUs: 0, text: "nowhere: there is no session" };
  const { date } = session;
  const told = (timeUs: number, rest: string): ReturnType<typeof describePlace> => ({
    date,
    timeUs,
    text: `${moment(plan, timeUs)}${rest}`,
  });
  if (place.epoch > epoch) return told(session.closeUs, ", the end of the range");
  if (place.ordinal < 0) return told(session.openUs, `, before ${place.ordinal === -2 ? "load" : "activate"}`);
  if (isPosition(shape, place)) {
    const part = place.ordinal % shape.symbolCount;
    const symbol = part === 0 ? "" : `, after ${plan.symbols[part - 1]}`;
    return told(timeAtPosition(shape, epoch, place.ordinal), symbol);
  }
  return told(session.closeUs, `, before ${EOD_STEPS[place.ordinal - slotCount(shape, epoch) - 1]}`);
}
