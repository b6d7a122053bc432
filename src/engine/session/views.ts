/**
 * What can be seen of a session: plain data, copied out, consistent in itself. Everything that is a function of the
 * position is read through a `View`, at the present place or at one behind it, and is the same in every run (I13).
 * Times are microseconds UTC, prices in the currency of the data, volume in shares.
 */
import type { Measure } from "../conditions/condition.js";
import type { BucketStatus } from "../market/day.js";
import type { Origin, RowClass } from "../market/bars.js";
import type { EodStep, PhaseName, ThreadName } from "../protocol/phases.js";
import type { DataEvent } from "../work/day-events.js";

/** A symbol's session so far. */
export interface SymbolQuality {
  readonly symbol: string;
  /** Slots passed, bars streamed in them, and the rest: due = observed + missing (I20). */
  readonly due: number;
  readonly observed: number;
  readonly missing: number;
  readonly filled: number;
  /** observed / due in percent; null before the first due slot and for an absent symbol. */
  readonly percent: number | null;
  /** The same of the last 30 due minutes. */
  readonly percent30: number | null;
  readonly gaps: number;
  /** Minutes. */
  readonly longestGap: number;
  /** Minutes of the gap that is open now, 0 when there is none. */
  readonly openGap: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly rejected: number;
  readonly flagged: number;
  /** Of the streamed bars so far; null before the first. */
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly last: number | null;
  readonly volume: number;
  /** No row on this session, or left out because it could not be read: not judged. */
  readonly absent: boolean;
}

export interface QualityView {
  /** In the order of the session's symbols. */
  readonly symbols: readonly SymbolQuality[];
  /** Over the symbols that are present; null before the first due slot. */
  readonly mean: number | null;
  readonly worst: { readonly symbol: string; readonly percent: number } | null;
  /** Starts of minutes in which at least half of the good symbols are missing. */
  readonly outagesUs: readonly number[];
}

export interface GapView {
  readonly symbol: string;
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
  readonly bars: number;
  /** Still growing at this place. */
  readonly open: boolean;
}

/** What a minute of a symbol came to. */
export const MINUTE_STATES = ["not due", "streamed", "filled", "missing"] as const;
export const MINUTE_STATE = { notDue: 0, streamed: 1, filled: 2, missing: 3 } as const;

/** Bars of one symbol and interval, a bar a row, ascending. All arrays have the same length. */
export interface BarsView {
  readonly symbol: string;
  /** 1 for base bars. */
  readonly intervalMinutes: number;
  /** Start of each bar, microseconds UTC. */
  readonly startUs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** Base bars: where each comes from. Derived bars: `derived`. */
  readonly origin: readonly (Exclude<Origin, "empty"> | "derived")[];
  /** Derived bars: sources and minutes of each, e.g. 4 of 5, and what that makes it. Base bars: 1 of 1, `complete`. */
  readonly n: Int32Array;
  readonly m: Int32Array;
  readonly status: readonly Exclude<BucketStatus, "none">[];
}

/** Which bars. Times as `goto` takes them; without anything, those of the present day. */
export interface BarRange {
  readonly from?: string | number;
  /** Exclusive. */
  readonly to?: string | number;
  /** Only the last so many. */
  readonly last?: number;
}

/** Where a base bar was read from. */
export interface BarSource {
  readonly file: string;
  /** Row within the file and its row group, 0-based, as stored. */
  readonly row: number;
  readonly rowGroup: number | null;
  readonly flags: readonly string[];
}

/** What one row of the minutes view shows: a minute, and each symbol's slot in it. */
export interface MinuteRow {
  readonly startUs: number;
  readonly slots: readonly MinuteSlot[];
}
export interface MinuteSlot {
  readonly symbol: string;
  readonly state: (typeof MINUTE_STATES)[number];
  readonly close: number | null;
  readonly volume: number | null;
  /** Class of the row, or of the rows that did not become a bar there. */
  readonly classes: Partial<Record<RowClass, number>>;
  readonly file: string | null;
  readonly row: number | null;
}

/**
 * A read-only look at one place of one session. Nothing ahead of the place shows (I11). Cheap to make; what it
 * returns are copies.
 */
export interface View {
  readonly date: string;
  /** Ordinal of the session. */
  readonly epoch: number;
  readonly timeUs: number;
  readonly opensAtUs: number;
  readonly closesAtUs: number;
  /** Whole minutes passed, of how many. */
  readonly minute: number;
  readonly minutes: number;
  /** Bars streamed so far, over all symbols. */
  readonly barCount: number;
  quality(): QualityView;
  quality(symbol: string): SymbolQuality;
  gaps(symbol?: string): GapView[];
  /** `interval` like `"5m"` or 5; 1-minute bars when absent. Bars of other days while they are kept in memory. */
  bars(symbol: string, interval?: string | number, range?: BarRange): BarsView;
  /** Where the base bar that starts at `startUs` was read from; null for a fill or a missing one. */
  source(symbol: string, startUs: number): BarSource | null;
  /** `MINUTE_STATE` of every minute of the session. */
  minuteStates(symbol: string): Uint8Array;
  /** The last `last` minute rows passed, oldest first. */
  minuteRows(last: number, symbol?: string): MinuteRow[];
  /** A number as conditions see it; null while it is unknown. e.g. `value("SPY", "last")`. */
  value(symbol: string, measure: Measure): number | null;
  /** Data events of the session up to here, in order. */
  events(): DataEvent[];
  /** Digest at this place. */
  digest(): string;
}

// ---- what is not a function of the position: the session itself ----

/** What the transport shows. */
export interface SessionState {
  /** `held`: the coordinator is ahead because upkeep is held by a thread step. */
  readonly state: "playing" | "paused" | "held" | "finished" | "stopped" | "failed";
  readonly mode: "data" | "clock";
  /** Simulated seconds a second the clock runs at, or will when `mode` is `clock`. */
  readonly clockSpeed: number;
  readonly phase: PhaseName;
  /** The end-of-day step that comes next; null while bars stream. */
  readonly step: EodStep | null;
  readonly date: string;
  readonly timeUs: number;
  readonly opensAtUs: number;
  readonly closesAtUs: number;
  readonly day: number;
  readonly days: number;
  readonly minute: number;
  readonly minutes: number;
  readonly symbols: number;
  /** Slots published and taken in, of how many in the day. */
  readonly published: number;
  readonly processed: number;
  readonly slots: number;
  readonly run: number;
  readonly qualityMean: number | null;
  readonly qualityWorst: { readonly symbol: string; readonly percent: number } | null;
  /** What a further step would do, and in which thread. */
  readonly next: string;
  /** Why it stands; empty while it plays. */
  readonly why: string;
}

export interface ThreadView {
  readonly name: ThreadName;
  readonly state: "runs" | "waits" | "paused" | "held" | "idle" | "left";
  /** Slots published (coordinator) or taken in (upkeep); null for the others. */
  readonly position: number | null;
  /** Slots the coordinator is ahead of upkeep; for upkeep how far behind. */
  readonly lag: number;
  /** What it would do next, or what it waits for, in words: `waits: AAPL 15:59 is not published`. */
  readonly would: string;
  readonly waitsFor: string | null;
  readonly lastEvent: string;
}

export interface WordView {
  readonly name: string;
  readonly value: number;
  /** The value in words where it has any: `STREAMING`, `ready, generation 3`. */
  readonly text: string;
  readonly meaning: string;
  readonly writer: string;
}

export interface StreamView {
  readonly symbol: string;
  /** Start and close of its last bar passed; null before the first. */
  readonly lastBarUs: number | null;
  readonly last: number | null;
  /** Bars still to come today. */
  readonly left: number;
  readonly atEnd: boolean;
  /** End of its last bar of the day: it keeps the day from draining until then. Null for a symbol without bars. */
  readonly endsAtUs: number | null;
}

export interface EodStepView {
  readonly step: EodStep;
  readonly thread: ThreadName;
  readonly state: "done" | "next" | "later";
  /** Wall microseconds it took; null while it has not been done in this run, or was lost from the trace. */
  readonly durationUs: number | null;
  /** Session time before and after it, microseconds UTC. */
  readonly fromUs: number;
  readonly toUs: number;
}
export interface EodView {
  /** The session that ends; `load` and `activate` begin the one after it. */
  readonly date: string;
  readonly steps: readonly EodStepView[];
  /** Wall microseconds of the closes of the last days, newest first. */
  readonly before: readonly { readonly date: string; readonly totalUs: number }[];
}

/** A line of the journal. Data events are the same in every run and have an id; control events belong to this one. */
export interface JournalEntry {
  readonly id: string | null;
  readonly control: boolean;
  readonly thread: ThreadName;
  readonly date: string;
  readonly timeUs: number;
  readonly kind: string;
  readonly symbol: string | null;
  readonly text: string;
  /** The event itself; of control events wall time and facts. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface JournalFilter {
  readonly symbol?: string;
  readonly kind?: string;
  /** Only the newest so many; 100 when absent. */
  readonly last?: number;
  /** Control events too (default), or data events alone. */
  readonly control?: boolean;
  /** Bars and derived bars too; merged in from the grid. Default true. */
  readonly bars?: boolean;
}
