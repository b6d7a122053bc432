/**
 * The plan of a session: everything about it that is settled before the first bar, as plain data that every
 * thread gets a copy of.
 */
import type { IsoDate } from "./market/time.js";
import type { SeededBug } from "./protocol/bugs.js";
import type { Shape } from "./protocol/places.js";
import type { ProtocolConfig } from "./protocol/process.js";
import type { FillMode } from "./quality/take-in.js";
import type { SegmentShape } from "./memory/segment.js";

/** A session as the plan knows it. Times are microseconds UTC. */
export interface PlannedSession {
  readonly date: IsoDate;
  readonly kind: "full" | "half";
  readonly openUs: number;
  readonly closeUs: number;
  readonly minutes: number;
  /** Rows of this date per symbol, counted when the data was opened; what the day's accounts must add up to (I4). */
  readonly rows: readonly number[];
}

export interface SessionPlan {
  readonly calendarName: string;
  readonly exchangeZone: string;
  readonly symbols: readonly string[];
  readonly sessions: readonly PlannedSession[];
  /** Minutes of the derived bars, ascending. */
  readonly intervals: readonly number[];
  /** Whether incomplete derived bars are delivered, marked, or withheld (they are counted either way). */
  readonly derivedPolicy: "flag" | "withhold";
  readonly fillMode: FillMode;
  /** Credit K in rows; results never depend on it. */
  readonly creditRows: number;
  readonly mostExceptions: number;
  /** Closed days kept in memory. */
  readonly keepDays: number;
  /** Whether each closed day is reported with its data events. */
  readonly withEvents?: boolean;
}

/** The plan as the protocol sees it. */
export function shapeOf(plan: SessionPlan): Shape {
  const { sessions } = plan;
  return {
    sessionCount: sessions.length,
    symbolCount: plan.symbols.length,
    minutes: (epoch) => sessions[epoch].minutes,
    openUs: (epoch) => sessions[epoch].openUs,
    closeUs: (epoch) => sessions[epoch].closeUs,
  };
}

/** The shape every segment of the session has. */
export function segmentShapeOf(plan: SessionPlan): SegmentShape {
  return {
    symbols: plan.symbols.length,
    mostMinutes: Math.max(1, ...plan.sessions.map((s) => s.minutes)),
    intervals: plan.intervals,
    mostExceptions: plan.mostExceptions,
    hasFill: plan.fillMode === "source",
  };
}

/** Segments in the pool: the kept days, the present one and the next. */
export function segmentCount(plan: SessionPlan): number {
  return Math.min(plan.keepDays + 2, Math.max(plan.sessions.length, 1) + 1);
}

/** Slots one turn of a thread publishes or takes in at most: long enough to be fast, short enough for a pause. */
const BATCH_SLOTS = 8192;

function batchSlots(plan: SessionPlan): number {
  const symbols = plan.symbols.length;
  return Math.max(1, Math.floor(BATCH_SLOTS / symbols)) * symbols;
}

/** The protocol's settings for a plan. */
export function protocolConfig(plan: SessionPlan, bugs: readonly SeededBug[] = []): ProtocolConfig {
  return {
    shape: shapeOf(plan),
    creditSlots: plan.creditRows * plan.symbols.length,
    batchSlots: batchSlots(plan),
    bugs: new Set(bugs),
  };
}
