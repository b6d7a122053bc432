/** What `inspect` answers: plain data about a source, without a replay. Times are microseconds UTC. */
import type { Catalog } from "../catalog/types.js";
import type { RejectCause, RowClass, RowFlag, RowNotice } from "../market/bars.js";
import type { IsoDate } from "../market/time.js";

export interface Inspection {
  readonly catalog: Catalog;
  /** Every session with data, and those without inside the data, by date. */
  readonly days: readonly InspectedDay[];
  /** In the order of the catalogue's symbols. */
  readonly symbols: readonly InspectedSymbol[];
  /** Rows of each file by class, zeros left out. */
  readonly files: readonly { readonly path: string; readonly rows: number; readonly classes: Counts<RowClass> }[];
  /** Rows of all files by class; adds up to the catalogue's rows. */
  readonly classes: Counts<RowClass>;
  readonly rejectedBy: Counts<RejectCause>;
  readonly flagged: Counts<RowFlag>;
  /** Symbol-days that are not complete, the worst first. */
  readonly worstDays: readonly InspectedSymbolDay[];
  /** The longest first. */
  readonly worstGaps: readonly InspectedGap[];
  readonly splits: readonly InspectedSplit[];
  /** The first rows of each kind worth showing. */
  readonly notices: readonly RowNotice[];
  /** Symbols and days left out by `--on-load-error`. */
  readonly skipped: readonly { readonly date: IsoDate; readonly symbol: string; readonly message: string }[];
}

export type Counts<Name extends string> = Partial<Record<Name, number>>;

export interface InspectedDay {
  readonly date: IsoDate;
  readonly kind: "full" | "half";
  readonly openUs: number;
  readonly closeUs: number;
  readonly minutes: number;
  /** Percent of the minutes with a bar, by symbol; null where the symbol has no row on the day or was left out. */
  readonly coverage: readonly (number | null)[];
  /** Indices of the symbols left out by `--on-load-error`: unread is not missing. */
  readonly leftOut: readonly number[];
  readonly outages: readonly InspectedOutage[];
}

/** Successive minutes in which at least half of the good symbols, and two of them, are missing. */
export interface InspectedOutage {
  readonly date: IsoDate;
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
  readonly minutes: number;
  /** Symbols present on the day that miss a minute of it. */
  readonly symbols: readonly string[];
}

export interface InspectedSymbol {
  readonly symbol: string;
  /** Over all dates of the source, whatever range was asked for. */
  readonly rows: number;
  readonly firstDate: IsoDate | "";
  readonly lastDate: IsoDate | "";
  /** Sessions of the range with a row that were read. */
  readonly sessions: number;
  /** Sessions between its first and last date without one. */
  readonly absent: number;
  /** Sessions it was left out of by `--on-load-error`. */
  readonly leftOut: number;
  /** Mean and least coverage over its sessions; null without one. */
  readonly quality: number | null;
  readonly worst: number | null;
  readonly missing: number;
  /** Rows of its sessions by class. */
  readonly classes: Counts<RowClass>;
  readonly rejectedBy: Counts<RejectCause>;
  readonly flagged: Counts<RowFlag>;
}

export interface InspectedSymbolDay {
  readonly symbol: string;
  readonly date: IsoDate;
  /** Null: no row. */
  readonly quality: number | null;
  readonly missing: number;
  readonly longestGap: number;
}

export interface InspectedGap {
  readonly symbol: string;
  readonly date: IsoDate;
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
  readonly bars: number;
}

/** A jump of the price by a factor near n:1. */
export interface InspectedSplit {
  readonly symbol: string;
  readonly date: IsoDate;
  /** Start of the first bar at the new price. */
  readonly timeUs: number;
  readonly before: number;
  readonly after: number;
  /** New shares for old: `4:1`, `1:10`. */
  readonly ratio: string;
  readonly where: "overnight" | "within the session";
}

export interface InspectHooks {
  /** Files of the opening scan, then sessions. */
  readonly onProgress?: (stage: "scan" | "sessions", done: number, total: number) => void;
  readonly signal?: AbortSignal;
}
