/** An entry of a trace in words, e.g. `published AIG 15:58`, `waited 3.2 ms for prefetch to load 2013-10-08`. Pure. */
import { exchangeTime } from "../market/time-zones.js";
import { MINUTE_US } from "../market/time.js";
import { TRACE_KINDS, WAITED, type TracedEntry } from "../memory/trace.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import { EOD_STEPS, PHASE, STEP } from "../protocol/phases.js";
import { timeAtPosition } from "../protocol/places.js";

export function traceText(plan: SessionPlan, entry: TracedEntry): string {
  const { thread, epoch, from, to, value } = entry;
  const dateOf = (of: number): string => plan.sessions[of]?.date ?? "?";
  const kind = TRACE_KINDS[thread][entry.kind];
  switch (kind) {
    case "publish":
      return `published ${slotsText(plan, epoch, from, to)}`;
    case "process":
    case "process-drained":
    case "process-to-hit":
      return `took in ${slotsText(plan, epoch, from, to)}`;
    case "run-clock":
    case "anchor":
      return "ran the clock";
    case "request":
      return `asked for ${dateOf(value)}`;
    case "claim":
      return `began to load ${dateOf(value)}`;
    case "load":
      if (thread === "upkeep") return `${dateOf(epoch)} is loaded`;
      return `loaded ${dateOf(value)} in ${duration(entry)}`;
    case "load-failed":
      return `could not load ${dateOf(value)}`;
    case "commit":
      return "handed the day over";
    case "roll":
      return `rolled to ${dateOf(epoch + 1)}`;
    case "seek":
      return "began a new run";
    case "acknowledge":
      return "acknowledged the pause";
    case "answer":
      return "answered";
    case "wait":
      return `waited ${duration(entry)} ${waitText(plan, entry)}`;
    case "leave":
      return "left";
    default:
      return kind;
  }
}

/** Time of the session where the entry was written; a clock between two rows is left out. */
export function timeOfEntry(plan: SessionPlan, { phase, epoch, step, position }: TracedEntry): number {
  const session = plan.sessions.at(epoch);
  if (!session) return 0;
  if (phase === PHASE.arming || phase === PHASE.seeking) return session.openUs;
  if (phase >= PHASE.closed || step > STEP.forceClose) return session.closeUs;
  return timeAtPosition(shapeOf(plan), epoch, position);
}

function duration({ startUs, endUs }: TracedEntry): string {
  const us = endUs - startUs;
  return us < 1000 ? `${Math.round(us)} µs` : us < 1e6 ? `${(us / 1000).toFixed(1)} ms` : `${(us / 1e6).toFixed(1)} s`;
}

function waitText(plan: SessionPlan, { thread, epoch, phase, step, value }: TracedEntry): string {
  if ((value & WAITED.command) !== 0 || phase >= PHASE.finished) return "for a command";
  if ((value & WAITED.pause) !== 0) return "for the end of the pause";
  if ((value & WAITED.release) !== 0) return "while it was held";
  if ((value & WAITED.clock) !== 0) return "for the clock";
  if (thread === "upkeep")
    return phase === PHASE.arming
      ? `for prefetch to load ${plan.sessions[epoch]?.date ?? "?"}`
      : "for the coordinator to publish";
  if (phase === PHASE.streaming) return "for upkeep to take in what is published";
  if (phase === PHASE.seeking) return "for upkeep to begin again";
  return `for upkeep: ${EOD_STEPS[Math.max(step, phase === PHASE.drained ? STEP.drain : STEP.handOver) - 1]}`;
}

function slotsText(plan: SessionPlan, epoch: number, from: number, to: number): string {
  const count = plan.symbols.length;
  const openUs = plan.sessions[epoch]?.openUs ?? 0;
  const startOf = (slot: number): string =>
    exchangeTime(openUs + Math.floor(slot / count) * MINUTE_US, plan.exchangeZone);
  const first = `${plan.symbols[from % count]} ${startOf(from)}`;
  if (to - from <= 1) return first;
  return `${to - from} slots, ${first} to ${plan.symbols[(to - 1) % count]} ${startOf(to - 1)}`;
}
