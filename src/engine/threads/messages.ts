/**
 * Everything the threads say to each other besides shared memory: one named type a message, one union a direction.
 * None of it is on the way of a bar; it is opening, a message a day, and the end.
 */
import type { Catalog, DataOptions } from "../catalog/types.js";
import type { PlainError } from "../errors.js";
import type { DayLoad } from "../market/bars.js";
import type { TraceBuffers } from "../memory/trace.js";
import type { SessionPlan } from "../plan.js";
import type { SeededBug } from "../protocol/bugs.js";
import type { SyntheticOptions } from "../work/synthetic-source.js";
import type { ArmedCondition, ConditionHit } from "../work/armed-day.js";
import type { DataEvent } from "../work/day-events.js";
import type { PackedRecord } from "../work/day-record.js";

/** Shared memory and settings, the same for all three workers. */
export interface Attachment {
  readonly plan: SessionPlan;
  readonly control: SharedArrayBuffer;
  readonly segments: readonly SharedArrayBuffer[];
  /** Where each worker writes what it does. */
  readonly traces: TraceBuffers;
  readonly hooks: TestHooks;
}

/** For tests and `verify` only; never an option. */
export interface TestHooks {
  readonly bugs?: readonly SeededBug[];
  /** The clock jumps instead of waiting. */
  readonly virtualClock?: boolean;
  /** Seed of random delays after turns of each worker. */
  readonly delaySeed?: number;
  /** Rows the coordinator may run ahead of upkeep; 1 is lockstep. */
  readonly creditRows?: number;
  /** A worker throws in its n-th turn, before it has done anything. */
  readonly crash?: { readonly thread: "coordinator" | "upkeep" | "prefetch"; readonly inTurn: number };
}

/** Where prefetch gets its days from. */
export type SourceSpec =
  | { readonly kind: "files"; readonly options: DataOptions; readonly fillFrom?: string }
  | { readonly kind: "synthetic"; readonly options: SyntheticOptions };

/** Main → each of them, once: from here on they follow the protocol. */
export type Attach = { readonly type: "attach"; readonly attachment: Attachment };

/** Prefetch → main. */
export type FromPrefetch =
  | { readonly type: "scan-progress"; readonly done: number; readonly total: number }
  | { readonly type: "scanned"; readonly catalog: Catalog; readonly fillNotes: readonly string[] }
  | { readonly type: "scan-failed"; readonly error: PlainError }
  | { readonly type: "loaded"; readonly epoch: number; readonly load: DayLoad }
  | { readonly type: "load-failed"; readonly epoch: number; readonly error: PlainError };

/** Main → upkeep: the conditions of a generation, before the word `watch` names it. */
export type ToUpkeep = {
  readonly type: "arm";
  readonly generation: number;
  readonly conditions: readonly ArmedCondition[];
};

/** Upkeep → main. */
export type FromUpkeep = RecordedDay | { readonly type: "hits"; readonly hits: readonly ConditionHit[] };

export interface RecordedDay {
  readonly type: "recorded";
  readonly epoch: number;
  readonly run: number;
  readonly record: PackedRecord;
  /** Empty unless the plan asks for them. */
  readonly events: readonly DataEvent<number>[];
}
