/**
 * The session as its users see it: commands, copies and events with plain data in and out, so that a session in
 * another process can stand behind it later. Nothing here knows threads or shared memory.
 */
import type { Catalog, DataOptions } from "../catalog/types.js";
import type { Difference } from "../compare/difference.js";
import type { PlainError } from "../errors.js";
import type { RowClass, RowNotice } from "../market/bars.js";
import type { EodStep, PhaseName } from "../protocol/phases.js";
import type { DataEvent } from "../work/day-events.js";
import type { DayRecord } from "../work/day-record.js";
import type {
  EodView,
  JournalEntry,
  JournalFilter,
  SessionState,
  StreamView,
  ThreadView,
  View,
  WordView,
} from "./views.js";

export type { Difference };

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

/** What a step counts. See `Session.step`. */
export const UNITS = ["bar", "minute", "event", "phase", "day"] as const;
export type Unit = (typeof UNITS)[number];

/** The threads that can be released one at a time. */
export type SteppedThread = "coordinator" | "upkeep";

/**
 * Why a command came to its end. `step`, `back`, `until`, `goto`: at the place it was to go to. `breakpoint`: at one of
 * `breakpoints`. `waits`: the released thread cannot move; `why` says what it waits for. `superseded` by another command; `failed` and
 * `stopped` end the session.
 */
export type StopReason =
  | "opened"
  | "step"
  | "back"
  | "until"
  | "goto"
  | "breakpoint"
  | "waits"
  | "paused"
  | "finished"
  | "superseded"
  | "stopped"
  | "failed";

/** The answer to a command: exactly one each, in order (I15). */
export interface Stop {
  readonly reason: StopReason;
  /**
   * The cause in words: of a place that the command was to go to the command itself (`until 15:58`, `step 2 phase`, `thread upkeep
   * step`); else what became true (`TSLA quality 94.87 < 95 at 11:42 (gap 11:38–11:42)`), what the thread waits for, or `the end of the range`.
   */
  readonly why: string;
  readonly phase: PhaseName;
  /** The end-of-day step that comes next; undefined while the day streams. */
  readonly step: EodStep | undefined;
  /** Microseconds UTC. */
  readonly timeUs: number;
  readonly position: Position;
  /** What a further step would do, and in which thread. */
  readonly next: string;
  /** Breakpoints that were hit here. */
  readonly breakpoints: readonly number[];
  readonly watches: readonly WatchValue[];
  /** Who asked, and the ordinal of the command in the session. */
  readonly client: string;
  readonly command: number;
}

export interface WatchValue {
  readonly text: string;
  readonly value: number | null;
}

/** Where a session stands. */
export interface Position {
  readonly run: number;
  /** Ordinal of the session in the plan; `date` is its date. */
  readonly epoch: number;
  readonly date: string;
  /** Slots of the day's grid published, taken in by upkeep, and how many of them there are. */
  readonly slots: number;
  readonly processed: number;
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
  /** As asked for, but for what only the opening needed. */
  readonly options: Omit<OpenOptions, "onScan" | "signal">;
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
  /** A command has been answered. */
  stop: (stop: Stop) => void;
  /** A log point was hit; the session goes on. */
  log: (entry: LogEntry) => void;
  /** Breakpoints, marks, watches, speed, mode or playing have changed, or the session has ended: `state()` says how. */
  change: () => void;
}

/** A hit of a log point. */
export interface LogEntry {
  readonly breakpoint: number;
  readonly epoch: number;
  readonly date: string;
  readonly timeUs: number;
  /** `SPY last 168.02 > 168 at 10:14`. */
  readonly text: string;
}

/** Stops a session, or with `log` only says so. Listed by `breakpoints()`. */
export interface Breakpoint {
  /** From 1, never used again. */
  readonly id: number;
  /** In its normal form; `function` for one from code. */
  readonly text: string;
  readonly temporary: boolean;
  readonly log: boolean;
  /** Times it was hit, those that were ignored included. */
  readonly hits: number;
  /** Hits still to be ignored. */
  readonly ignore: number;
}

/** Decides at a row boundary, after every minute. Synchronous; called in main on a copy. */
export type MinuteCondition = (view: View) => boolean;

export interface BreakOptions {
  /** Deleted when it has stopped the session. */
  readonly temporary?: boolean;
  /** Tells listeners of `log` instead of stopping. */
  readonly log?: boolean;
  readonly ignore?: number;
}

/** A named place. */
export interface Mark {
  readonly name: string;
  readonly date: string;
  readonly timeUs: number;
  /** `Mon 2013-10-07 15:58, before drain`. */
  readonly text: string;
}

/**
 * A session over a source of bars: the engine behind the command line, the dashboard and the notebooks. Moving is
 * asynchronous, one answer a command, in order; looking is synchronous and returns plain copies.
 *
 * Text times are exchange time: `15:58` is a time of day, `2013-10-08 15:58` a moment; numbers are microseconds UTC.
 *
 * @example
 * const session = await open("data/bars-1m", { symbols: ["SPY"], from: "2013-10-04" });
 * await session.until("15:58");
 * const stop = await session.step(1, "phase");
 * console.log(stop.next); // upkeep: drain
 * await session.dispose();
 */
export interface Session extends View {
  readonly info: SessionInfo;

  // ---- moving ----

  /** Runs on: to a breakpoint, or the end of the range. Resolves at the stop. */
  play(): Promise<Stop>;
  /** Stops both threads after what is published has been taken in. */
  pause(): Promise<Stop>;
  /**
   * Steps on `count` units (1): `bar` (default) to the next published bar, of `symbol` if given, and everything upkeep does with it; `minute` the
   * next row; `event` one step of one thread; `phase` to before the next end-of-day step; `day` to before the next `activate`. Always
   * data-driven. A breakpoint on the way stops it.
   */
  step(count?: number, unit?: Unit, symbol?: string): Promise<Stop>;
  /** To the `count`th earlier stop of that unit, across days; breakpoints are silent. The digest is that of the first time. */
  back(count?: number, unit?: Unit, symbol?: string): Promise<Stop>;
  /** Back to the previous place where a breakpoint would have stopped. */
  reverseContinue(): Promise<Stop>;
  /**
   * Runs on to a time (`15:58`: the next one), to where a condition becomes true, or until a function of the view is true after a minute. Breakpoints
   * on the way stop it.
   */
  until(target: string | number | MinuteCondition): Promise<Stop>;
  /** Goes to a time of any session or to a mark, back or ahead; breakpoints are silent. */
  goto(target: string | number): Promise<Stop>;
  /** Releases one thread by `count` events and holds the other. Reason `waits` when it cannot move. */
  stepThread(thread: SteppedThread, count?: number): Promise<Stop>;

  /** 0 or `"max"` is data-driven; x > 0 runs the clock at x simulated seconds a second. At once, without a jump. */
  setSpeed(speed: number | "max"): void;
  /** 0 when data-driven. */
  readonly speed: number;
  /** `clock` returns to the last speed > 0, 60 at first. */
  setMode(mode: "data" | "clock"): void;
  readonly mode: "data" | "clock";

  // ---- stopping places ----

  /**
   * Stops the session where the condition becomes true, e.g. `gap>=3`, `TSLA.quality<95`, `phase=roll if day=2013-10-08`, `15:58`; or after a
   * minute at which a function is true. Throws a `UsageError` that says what is wrong with the text.
   */
  break(condition: string | MinuteCondition, options?: BreakOptions): Breakpoint;
  /** Throws a `UsageError` when there is none of this id. */
  delete(id: number): void;
  /** The next `count` hits of a breakpoint are passed over. */
  ignore(id: number, count: number): void;
  breakpoints(): Breakpoint[];
  /** Names the present place, for `goto`. */
  mark(name: string): Mark;
  marks(): Mark[];
  /** A number shown at each stop, e.g. `SPY.last`. */
  watch(text: string): void;
  unwatch(text: string): void;
  watches(): WatchValue[];

  // ---- looking: the present place through `View`, and what is not a function of it ----

  /** A read-only look at a place that has been passed, without moving: the present day, and days kept in memory. */
  at(time: string | number): View;
  state(): SessionState;
  threads(): ThreadView[];
  words(): WordView[];
  streams(): StreamView[];
  eod(): EodView;
  /** Data and control events, newest last. */
  journal(filter?: JournalFilter): JournalEntry[];
  /** What each thread waits for and why the session stands, in words, a line each. */
  why(): string[];
  /** The invariants that can be seen while nothing moves; each that is broken, in words. */
  check(): string[];
  progress(): Progress;
  /** The newest answer. */
  readonly lastStop: Stop;

  // ---- results ----

  /** Closed days of the newest run of each session, in order. */
  readonly days: readonly ClosedDay[];
  summary(): SessionSummary;
  files(): FileAccount[];
  /**
   * Writes the run up to the present place as NDJSON: header, digests of days and minutes, data events. Replays from the first
   * session to here, and stands here again. Returns the lines written.
   */
  save(file: string): Promise<number>;
  /** Compares with a saved run, or with another session, as far as both go. */
  diff(other: string | Session): Promise<Difference>;
  /** The journal as NDJSON: data events first by id, control events apart. Returns the lines written. */
  exportJournal(file: string): Promise<number>;
  /** What the threads did, as a Chrome trace file: one track a thread, end-of-day steps as slices. Opens in Perfetto. */
  exportTrace(file: string): Promise<number>;

  /** The same session for another client: its commands carry this name. */
  as(client: string): Session;
  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void;
  /** Ends all threads, within 2 s; pending commands are answered `stopped`. Safe to call again. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
