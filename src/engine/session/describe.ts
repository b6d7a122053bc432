/** What the session is about to do, in words. */
import { EOD_STEPS, PHASE, STEP } from "../protocol/phases.js";
import type { SessionPlan } from "../plan.js";
import type { Position } from "./types.js";

/** Name of the end-of-day step that comes next; undefined while a day streams. */
export function describeStep(phase: number, step: number): string | undefined {
  if (phase === PHASE.drained && step === STEP.none) return "drain";
  return phase === PHASE.streaming || phase === PHASE.finished || step === STEP.none ? undefined : EOD_STEPS[step - 1];
}

/** What a further step would do; `streamsEndAt` is the position where all streams of the day are at their end. e.g. `coordinator: publish AIG, minute 388 of 390`, `upkeep: roll to 2013-10-08`. */
export function describeNext(
  plan: SessionPlan,
  phase: number,
  position: Position,
  step: number,
  streamsEndAt = Infinity,
): string {
  const { epoch, slots, slotsDue } = position;
  const session = plan.sessions[epoch];
  switch (phase) {
    case PHASE.streaming: {
      if (slots >= Math.min(slotsDue, streamsEndAt)) return "coordinator: hand-over";
      const symbol = plan.symbols[slots % plan.symbols.length];
      const minute = Math.floor(slots / plan.symbols.length) + 1;
      return `coordinator: publish ${symbol}, minute ${minute} of ${session.minutes}`;
    }
    case PHASE.finished:
      return "nothing: the range is finished";
    case PHASE.closed:
      return epoch + 1 < plan.sessions.length ? `upkeep: roll to ${plan.sessions[epoch + 1].date}` : "upkeep: finish";
    default:
      return `upkeep: ${describeStep(phase, step) ?? "nothing"}`;
  }
}
