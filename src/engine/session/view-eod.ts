/**
 * The close of a day, step by step: which are done, which comes next, what each does to the time of the session, and how
 * long it took, which the traces of the threads tell.
 */
import { streamsEnd, type Segment } from "../memory/segment.js";
import { TRACE_KINDS, type TracedEntry, type TracedThread } from "../memory/trace.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import { EOD_STEPS, PHASE, STEP, type EodStep } from "../protocol/phases.js";
import { timeAtPosition } from "../protocol/places.js";
import { W, type Words } from "../protocol/words.js";
import type { EodStepView, EodView } from "./views.js";

export interface EodOf {
  readonly plan: SessionPlan;
  readonly words: Words;
  /** Entries of a thread's trace, in order. */
  trace(thread: TracedThread): readonly TracedEntry[];
  /** The segment that holds session `epoch`, active or closed; undefined when none does. */
  findSegment(epoch: number): Segment | undefined;
}

/** Closed days whose totals are shown. */
const DAYS_BEFORE = 5;

/** The close of the present session; while the next one is loaded, of the one that has ended. */
export function eodView(of: EodOf): EodView {
  const { plan } = of;
  const { closing, done, next } = closeOf(of);
  const first = plan.sessions.at(0);
  if (!first) return { date: "", steps: [], before: [] };
  const durations = durationsOf(of);
  const run = of.words.load(W.run);
  const view = (step: EodStep): EodStepView => {
    const number = EOD_STEPS.indexOf(step) + 1;
    const state = number <= done ? "done" : number === next ? "next" : "later";
    const takenUs = durations.get(closing)?.get(run)?.get(step);
    const [fromUs, toUs] = timesOf(of, closing, number);
    const durationUs = state === "done" && takenUs !== undefined ? takenUs : null;
    return { step, thread: step === "hand-over" ? "coordinator" : "upkeep", state, durationUs, fromUs, toUs };
  };
  // Before the first session none has ended; after the last none begins.
  if (closing < 0) return { date: first.date, steps: EOD_STEPS.slice(STEP.roll).map(view), before: [] };
  const isLast = closing + 1 === plan.sessions.length;
  const steps = EOD_STEPS.slice(0, isLast ? STEP.deactivate : STEP.activate).map(view);
  return { date: plan.sessions[closing].date, steps, before: totalsBefore(plan, durations, closing) };
}

interface Close {
  /** Session that ends; −1 before the first. */
  readonly closing: number;
  /** Number of the last step done, and of the one that comes next; 0 for none. */
  readonly done: number;
  readonly next: number;
}

function closeOf({ words, findSegment }: EodOf): Close {
  const phase = words.load(W.phase);
  const epoch = words.load(phase === PHASE.seeking ? W.seekEpoch : W.epoch);
  const step = phase === PHASE.seeking ? STEP.load : words.load(W.step);
  if (step === STEP.load) return { closing: epoch - 1, done: STEP.roll, next: STEP.load };
  if (step === STEP.activate) return { closing: epoch - 1, done: STEP.load, next: STEP.activate };
  if (step !== STEP.none) return { closing: epoch, done: step - 1, next: step };
  if (phase === PHASE.drained) return { closing: epoch, done: STEP.handOver, next: STEP.drain };
  const segment = findSegment(epoch);
  const isAtEnd = segment && words.load(W.position) >= streamsEnd(segment) * segment.shape.symbols;
  return { closing: epoch, done: STEP.none, next: isAtEnd ? STEP.handOver : STEP.none };
}

/** Time of the session before and after a step. */
function timesOf({ plan, findSegment }: EodOf, closing: number, number: number): [number, number] {
  const nextOpenUs = plan.sessions.at(closing + 1)?.openUs ?? 0;
  if (number > STEP.roll) return [nextOpenUs, nextOpenUs];
  const { closeUs } = plan.sessions[closing];
  if (number === STEP.roll) return [closeUs, nextOpenUs];
  if (number > STEP.forceClose) return [closeUs, closeUs];
  const segment = findSegment(closing);
  const end = segment ? streamsEnd(segment) * plan.symbols.length : undefined;
  const endUs = end === undefined ? closeUs : timeAtPosition(shapeOf(plan), closing, end);
  return [endUs, number === STEP.forceClose ? closeUs : endUs];
}

/** Of each session that ends, by run, what each step of its end took. */
type Durations = Map<number, Map<number, Map<EodStep, number>>>;

function durationsOf({ trace }: EodOf): Durations {
  const durations: Durations = new Map();
  const add = (closing: number, step: EodStep, run: number, us: number): void => {
    const runs = durations.get(closing) ?? new Map<number, Map<EodStep, number>>();
    const steps = runs.get(run) ?? new Map<EodStep, number>();
    steps.set(step, (steps.get(step) ?? 0) + us);
    runs.set(run, steps);
    durations.set(closing, runs);
  };
  for (const thread of ["coordinator", "upkeep"] as const) {
    for (const entry of trace(thread)) {
      const step = stepOfEntry(thread, entry);
      if (!step) continue;
      const { epoch, run, startUs, endUs } = entry;
      const closing = step === "load" || step === "activate" ? epoch - 1 : epoch;
      add(closing, step, run, endUs - startUs);
    }
  }
  return durations;
}

/** What a turn or wait counts for: draining is taking in what is left, loading is asking for the day and waiting for it. */
function stepOfEntry(thread: TracedThread, { kind, phase, value }: TracedEntry): EodStep | undefined {
  const name = TRACE_KINDS[thread][kind];
  if (thread === "coordinator") return name === "hand-over" ? name : undefined;
  if (phase === PHASE.arming && (name === "request" || (name === "wait" && value === 0))) return "load";
  if (phase === PHASE.drained && name.startsWith("process")) return "drain";
  if (name.startsWith("force-close")) return "force-close";
  return EOD_STEPS.find((step) => step === name);
}

/** What the closes before took altogether, the newest first; each in the newest run that closed the day, if the trace still has it whole. */
function totalsBefore(plan: SessionPlan, durations: Durations, closing: number): EodView["before"] {
  const totals: { date: string; totalUs: number }[] = [];
  for (let epoch = closing - 1; epoch >= 0 && totals.length < DAYS_BEFORE; epoch--) {
    // A run that begins with the day after has only that day's load: no close.
    const closes = [...(durations.get(epoch) ?? [])].filter(
      ([, steps]) => steps.has("hand-over") && steps.has("deactivate"),
    );
    if (closes.length === 0) continue;
    const [, steps] = closes.reduce((newest, close) => (close[0] > newest[0] ? close : newest));
    totals.push({ date: plan.sessions[epoch].date, totalUs: [...steps.values()].reduce((sum, us) => sum + us, 0) });
  }
  return totals;
}
