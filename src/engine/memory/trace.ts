/**
 * The trace of a thread: a ring of what its turns did, written by that thread alone (sync/trace-ring.ts) and copied out
 * by main. Bounded (I16): the oldest entries are written over, and counted as lost.
 *
 *   head     magic · version · entries written · entries the reader has seen (32-bit)
 *   times    per entry: start, end (f64, microseconds of a monotonic source all threads share)
 *   numbers  per entry: the `TRACE_FIELDS` (32-bit)
 */
import { assert } from "../assert.js";
import { COORDINATOR_ACTIONS } from "../protocol/coordinator.js";
import { PREFETCH_ACTIONS } from "../protocol/prefetch.js";
import { UPKEEP_ACTIONS } from "../protocol/upkeep-rules.js";
import { layOut, view, type Layout } from "./layout.js";

/** What an entry of each thread may be of: an action of its process, and with prefetch a load, begun to done. */
export const TRACE_KINDS = {
  coordinator: Object.keys(COORDINATOR_ACTIONS),
  upkeep: Object.keys(UPKEEP_ACTIONS),
  prefetch: [...Object.keys(PREFETCH_ACTIONS), "load", "load-failed"],
} as const satisfies Record<string, readonly string[]>;
export type TracedThread = keyof typeof TRACE_KINDS;
export const TRACED_THREADS = Object.keys(TRACE_KINDS) as TracedThread[];

/** Numbers of an entry, in memory order. */
export const TRACE_FIELDS = [
  /** Index into the thread's `TRACE_KINDS`. */
  "kind",
  /** The words as the thread found them when the turn began. */
  "run",
  "epoch",
  "phase",
  "step",
  "position",
  /** Slots [from, to) of `publish`, `process` and `force-close`, else 0. */
  "from",
  "to",
  /** Of a load and a request its session; the generation acknowledged; the goal answered; of a wait `WAITED` bits. */
  "value",
] as const;
export type TraceField = (typeof TRACE_FIELDS)[number];

/** What a wait was for, besides its bell. */
export const WAITED = { clock: 1, pause: 2, command: 4, release: 8 } as const;

/** One turn, one wait or one load. */
export type TraceEntry = Readonly<Record<TraceField, number>> & {
  /** Microseconds of the shared monotonic source. */
  readonly startUs: number;
  readonly endUs: number;
};

/** An entry, and whose. */
export type TracedEntry = TraceEntry & { readonly thread: TracedThread };

export const TRACE_CAPACITY = 4096;
export const TRACE_HEAD = { written: 2, seen: 3 } as const;
const MAGIC = 0x74726163; // "trac"
const VERSION = 1;

export interface TraceMemory {
  readonly head: Int32Array;
  readonly times: Float64Array;
  readonly numbers: Int32Array;
}

export function traceLayout(): Layout {
  return layOut([
    { name: "head", kind: "i32", length: 4 },
    { name: "times", kind: "f64", length: TRACE_CAPACITY * 2 },
    { name: "numbers", kind: "i32", length: TRACE_CAPACITY * TRACE_FIELDS.length },
  ]);
}

/** The rings of the three workers. */
export type TraceBuffers = Readonly<Record<TracedThread, SharedArrayBuffer>>;

export function createTraces(): TraceBuffers {
  const ring = (): SharedArrayBuffer => {
    const buffer = new SharedArrayBuffer(traceLayout().byteLength);
    view(buffer, traceLayout(), "head", "i32").set([MAGIC, VERSION]);
    return buffer;
  };
  return { coordinator: ring(), upkeep: ring(), prefetch: ring() };
}

/** Maps a ring, in the thread that writes it or in main. */
export function attachTrace(buffer: SharedArrayBuffer): TraceMemory {
  const layout = traceLayout();
  assert(buffer.byteLength === layout.byteLength, "a trace of another size");
  const head = view(buffer, layout, "head", "i32");
  assert(head[0] === MAGIC && head[1] === VERSION, "a trace of another version");
  return { head, times: view(buffer, layout, "times", "f64"), numbers: view(buffer, layout, "numbers", "i32") };
}
