/**
 * The session as its users see it: commands, copies and events with plain data in and out, so that a session in
 * another process can stand behind it later. Nothing here knows threads or shared memory.
 */
import type { Catalog, DataOptions } from "../catalog/types.js";
import type { PlainError } from "../errors.js";
import type { RowClass, RowNotice } from "../market/bars.js";
import type { PhaseName } from "../protocol/phases.js";
import type { DataEvent } from "../work/day-events.js";
import type { DayRecord } from "../work/day-record.js";

/** What a session is opened with. */
export interface OpenOptions extends DataOptions {
  /** 0 (default) is data-driven; x > 0 replays x simulated seconds a second. */
  readonly speed?: number;
  /** `HH:MM` of the exchange: the first session runs data-driven up to there. */
  readonly startTime?: string;
  /** Intervals of the derived bars in whole minutes; 5 and 15 when absent. */
  readonly derive?: readonly number[];
  readonly derived?: "flag" | "withhold";
  readonly fill?: "none" | "source" | "forward";
  /** Second source for fills; makes `fill` `source`. */
  readonly fillFrom?: string;
  /** Closed days kept in memory; 3 when absent. */
  readonly keepDays?: number;
  /** Closed days bring their data events. */
  readonly events?: boolean;
  /** Progress of the opening scan, files done of total. */
  readonly onScan?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Why a command came to its end. `superseded` by a pause or seek; `failed` and `stopped` end the session. */
export type StopReason = "reached" | "finished" | "paused" | "superseded" | "stopped" | "failed";

/** The answer to a command. */
export interface Stop {
  readonly reason: StopReason;
  /** The cause in words, e.g. `until 2013-10-07 15:58`. */
  readonly why: string;
  readonly phase: PhaseName;
  /** The end-of-day step that comes next; undefined while the day streams. */
  readonly step: string | undefined;
  /** Microseconds UTC. */
  readonly timeUs: number;
  readonly position: Position;
  /** What a further step would do, and in which thread. */
  readonly next: string;
}

/** Where a session stands. */
export interface Position {
  readonly run: number;
  /** Ordinal of the session in the plan; `date` is its date. */
  readonly epoch: number;
  readonly date: string;
  /** Slots of the day's grid passed, and how many of them there are. */
  readonly slots: number;
  readonly slotsDue: number;
}

/** A cheap look at a running session, for progress bars: no promise of consistency between its numbers. */
export interface Progress {
  readonly phase: PhaseName;
  readonly epoch: number;
  readonly sessions: number;
  readonly date: string;
  readonly timeUs: number;
  /** Share of all slots of the plan that have passed, 0…1. */
  readonly done: number;
}

/** What was settled when the session was opened. */
export interface SessionInfo {
  readonly catalog: Catalog;
  readonly options: OpenOptions;
  readonly intervals: readonly number[];
  readonly fill: "none" | "source" | "forward";
  /** Where the warm-up of the first session ends (`startTime`), microseconds UTC; undefined without one. */
  readonly warmUpUntilUs?: number;
}

/** A closed day: its record, and what its load told. */
export interface ClosedDay {
  readonly record: DayRecord;
  readonly run: number;
  /** Up to and including the step `record`, in order; empty unless the session was opened with `events`. */
  readonly events: readonly DataEvent[];
  readonly notices: readonly RowNotice[];
  /** Symbols left out by `--on-load-error skip-symbol`, with the message. */
  readonly skipped: readonly { readonly symbol: string; readonly message: string }[];
}

/** The rows of one file by class; classes with 0 rows are left out. Adds up to `rows` (I4). */
export interface FileAccount {
  readonly path: string;
  readonly rows: number;
  readonly classes: Partial<Record<RowClass, number>>;
}

/** Totals of what has been replayed so far. */
export interface SessionSummary {
  readonly status: "finished" | "stopped" | "failed";
  /** Sessions closed. */
  readonly sessions: number;
  readonly sessionsWithoutData: number;
  /** Bars streamed in closed sessions. */
  readonly bars: number;
  /** Rows of all files. */
  readonly rows: number;
  /** Wall seconds spent moving. */
  readonly seconds: number;
  readonly barsPerSecond: number;
  /** Digest of all closed sessions, in order. */
  readonly digest: string;
  readonly error?: PlainError;
}

export interface SessionEvents {
  /** A day has been closed and recorded; once per session, in order (again after stepping back over it, with a higher run). */
  day: (day: ClosedDay) => void;
  stop: (stop: Stop) => void;
}

/**
 * A session over a source of bars: the engine behind the command line, the dashboard and the notebooks.
 *
 * @example
 * const session = await open("data/bars-1m", { symbols: ["SPY"], from: "2013-10-04" });
 * session.on("day", ({ record }) => console.log(record.date, record.digest));
 * await session.play();
 * await session.dispose();
 */
export interface Session {
  readonly info: SessionInfo;
  /** Runs to the end of the range. Resolves when it is reached, or when a pause, a seek or a stop came first. */
  play(): Promise<Stop>;
  /** Stops both threads after what is published has been processed. */
  pause(): Promise<Stop>;
  /** Runs on to a time: every slot with end ≤ time passed and processed. Text is exchange time, `2013-10-07 15:58` or `15:58` of the present session. */
  runTo(time: string | number): Promise<Stop>;
  /** Goes to a time of any session, back or ahead: runs again from the start of that day. */
  seekTo(time: string | number): Promise<Stop>;
  /** Simulated seconds a second; 0 is data-driven. Takes effect at once, without a jump. */
  setSpeed(speed: number): void;
  readonly speed: number;
  progress(): Progress;
  /** Digest at this position. Only while nothing moves. */
  digest(): string;
  /** Closed days of the newest run of each session, in order. */
  readonly days: readonly ClosedDay[];
  summary(): SessionSummary;
  files(): FileAccount[];
  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void;
  /** Ends all threads, within 2 s; pending commands are answered `stopped`. Safe to call again. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
