/** Entries of traces written by hand. */
import { TRACE_KINDS, type TracedEntry, type TracedThread } from "../../src/engine/memory/trace.js";
import { PHASE } from "../../src/engine/protocol/phases.js";

/** An entry of `thread`; whatever is not said is 0, in STREAMING. */
export function traced(thread: TracedThread, kind: string, more: Partial<TracedEntry> = {}): TracedEntry {
  const index = TRACE_KINDS[thread].indexOf(kind);
  if (index < 0) throw new Error(`${thread} has no entries of kind ${kind}`);
  const numbers = { run: 0, epoch: 0, phase: PHASE.streaming, step: 0, position: 0, from: 0, to: 0, value: 0 };
  return { thread, kind: index, startUs: 0, endUs: 0, ...numbers, ...more };
}
