/**
 * What the catalogue is asked and what it answers. Plain data throughout, so it crosses threads.
 */
import type { IsoDate } from "../market/time.js";
import type { RowNotice } from "../market/bars.js";
import type { Calendar, TradingSession } from "../market/calendar.js";

/** How to choose and read data: the options of the command line that concern files. */
export interface DataOptions {
  /** A file, a folder or a glob. */
  readonly path: string;
  /** Symbols asked for; all when absent. */
  readonly symbols?: readonly string[];
  /** First and last session date asked for, inclusive. */
  readonly from?: IsoDate;
  readonly to?: IsoDate;
  /** `data` (default): sessions for which any asked symbol has a row; `calendar`: all of the range. */
  readonly sessions?: "data" | "calendar";
  /** `XNYS` (default), `24/7`, or the path of a JSON calendar. */
  readonly calendar?: string;
  /** Zone of naive timestamps; decided from the data when absent. */
  readonly tz?: string;
  /** What a timestamp stands for; `start` unless the data says otherwise, which is an error naming this option. */
  readonly label?: "start" | "end";
  /** Own column names, e.g. `{ timestamp: "ts" }`. */
  readonly columns?: Readonly<Partial<Record<ColumnRole, string>>>;
  /** Keep rows with seconds, moved to the minute they lie in, instead of rejecting them. */
  readonly floorMinutes?: boolean;
  readonly onLoadError?: "stop" | "skip-symbol" | "skip-day";
  readonly onConflict?: "first" | "last" | "error";
}

export const COLUMN_ROLES = ["timestamp", "open", "high", "low", "close", "volume", "symbol"] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** A value and how it was found: `{ value: "UTC", how: "97.1 % of the volume lies in the regular session read as UTC, 12.0 % as America/New_York" }`. */
export interface Decided<T> {
  readonly value: T;
  readonly how: string;
}

export interface CatalogFile {
  /** As found under DATA, relative to it (the file's own name when DATA is a file); control characters are escaped. */
  readonly path: string;
  readonly rows: number;
  readonly rowGroups: number;
  /** First row of each row group; absent when there is one (`rowGroupOf`). */
  readonly groupStarts?: readonly number[];
  /** Set when the whole file is one symbol's (from its folder or name). */
  readonly symbol?: string;
  /** Rows by class (order of `ROW_CLASSES`) that the opening scan already knows: rows outside every asked session, of a wrong symbol, or without a time or symbol. */
  readonly scanned: number[];
}

/** A session to replay. */
export interface CatalogSession extends TradingSession {
  /** Rows of this date per asked symbol, in the order of `symbols`, counted by the opening scan. */
  readonly rows: number[];
}

/** A replayed symbol over the whole source, whatever range was asked for. */
export interface CatalogSymbol {
  readonly symbol: string;
  readonly rows: number;
  /** First and last date with a row; empty when it has none. */
  readonly firstDate: IsoDate | "";
  readonly lastDate: IsoDate | "";
}

/** What the opening scan found: everything a session needs to be planned, and what `inspect` shows first. */
export interface Catalog {
  readonly calendarName: string;
  readonly exchangeZone: string;
  readonly label: Decided<"start" | "end">;
  readonly timeZone: Decided<string>;
  readonly unit: Decided<"s" | "ms" | "us" | "ns">;
  readonly files: CatalogFile[];
  /** Asked symbols, ascending; index in this list is the symbol's index everywhere. */
  readonly symbols: string[];
  /** In the order of `symbols`. */
  readonly bySymbol: CatalogSymbol[];
  readonly sessions: CatalogSession[];
  /** Sessions of the calendar inside the range that are skipped because no asked symbol has a row. */
  readonly withoutData: { readonly count: number; readonly insideData: IsoDate[] };
  /** Largest number of rows inside regular sessions on one date over all asked symbols: bounds the exceptions list. */
  readonly mostSessionRows: number;
  readonly rows: number;
  /**
   * `i1:` and a hash of the names and contents of all files, taken while they are scanned. It stands for the decoded rows
   * before the prices among them are decoded: other rows give another digest (and so do the same rows written anew).
   */
  readonly inputDigest: string;
  /** One-time remarks: extra columns ignored, how a range was moved, files without rows. */
  readonly notes: string[];
  readonly notices: RowNotice[];
}

/** Called between files of a long scan. */
export type ScanProgress = (done: number, total: number) => void;

/** An opened catalogue: the scan's answer, and the loader of its days. See open-catalog.ts. */
export interface OpenCatalog {
  readonly catalog: Catalog;
  readonly calendar: Calendar;
  readonly source: import("../market/bars.js").DaySource;
}
