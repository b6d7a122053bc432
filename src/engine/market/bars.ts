/**
 * The words for bars and rows that every other folder shares: row classes, causes, flags, and the
 * dense shape a decoded day has. Pure vocabulary; imports nothing.
 */

/**
 * What became of a row of a file: exactly one class each (I4).
 * `streamed` became a bar; `preMarket`, `afterHours`, `atClose` (start = close), `noSession`
 * (holiday, weekend), `outOfRange` (not asked for: date or symbol) and `wrongSymbol` were filtered;
 * `rejected`, `duplicate` and `conflict` were bad; `unread` was asked for but never loaded.
 */
export const ROW_CLASSES = [
  "streamed",
  "preMarket",
  "afterHours",
  "atClose",
  "noSession",
  "outOfRange",
  "wrongSymbol",
  "rejected",
  "duplicate",
  "conflict",
  "unread",
] as const;
export type RowClass = (typeof ROW_CLASSES)[number];
/** Index of each class in `ROW_CLASSES`, the number kept in memory. */
export const ROW_CLASS = indexOf(ROW_CLASSES);

/** Why a row was rejected. */
export const REJECT_CAUSES = [
  "missingTime",
  "clockGap",
  "notOnMinute",
  "missingValue",
  "notANumber",
  "infinite",
  "notPositive",
  "highBelowLow",
  "outsideRange",
  "negativeVolume",
] as const;
export type RejectCause = (typeof REJECT_CAUSES)[number];
export const REJECT_CAUSE = indexOf(REJECT_CAUSES);

/** Marks on a streamed row that is kept. Bit `n + 1` of a slot's flag byte is mark `n`; bit 0 says a row is there. */
export const ROW_FLAGS = [
  "zeroVolume",
  "rounded",
  "priceJump",
  "splitLike",
  "misfiled",
  "floored",
  "outOfOrder",
] as const;
export type RowFlag = (typeof ROW_FLAGS)[number];
export const FLAG_PRESENT = 1;
/** The bit of a mark in the flag byte. */
export const FLAG_BIT = Object.fromEntries(ROW_FLAGS.map((name, i) => [name, 2 << i])) as Record<RowFlag, number>;

/** Where the value of a published slot came from. Only `streamed` counts as observed. */
export const ORIGINS = ["empty", "streamed", "filled", "forward-filled"] as const;
export type Origin = (typeof ORIGINS)[number];
export const ORIGIN = { empty: 0, streamed: 1, filled: 2, forwardFilled: 3 } as const;

/** Five columns of a dense grid, minute-major: index = minute × symbols + symbol. Prices in the data's currency, volume in shares. */
export interface BarColumns {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/**
 * Words of one entry of the exceptions list: a row (or, for the filtered classes, all rows of one class of one symbol)
 * that did not become a bar.
 *
 *   slot at which it is counted: the row's own minute; `preMarket` minute 0; `atClose` and `afterHours` the last minute
 *   class | cause << 8; the cause an index into `REJECT_CAUSES`, 0 unless rejected
 *   index of the file in the catalogue; for filtered classes the number of rows
 *   row within the file, 0-based, as stored; for filtered classes 0
 */
export const EXCEPTION_WORDS = 4;

/**
 * Where a loaded day is written: views over caller-owned memory, `minutes × symbols` slots each.
 * Every array arrives zeroed from slot 0 to the day's last slot; the loader writes only what is there.
 */
export interface SourceDay {
  readonly minutes: number;
  readonly symbols: number;
  readonly bars: BarColumns;
  /** `FLAG_PRESENT` and marks, a byte a slot. */
  readonly flags: Uint8Array;
  /** Provenance of each present slot: index of the file in the catalogue, row within the file as stored. */
  readonly file: Uint32Array;
  readonly row: Uint32Array;
  /** Sorted by slot; `EXCEPTION_WORDS` words an entry; capacity is the array's length. */
  readonly exceptions: Uint32Array;
  /** Per symbol `ROW_CLASSES.length` counters: rows of this session's date by class. */
  readonly classCount: Uint32Array;
  /** Per symbol `REJECT_CAUSES.length` counters. */
  readonly causeCount: Uint32Array;
  /** Per symbol `ROW_FLAGS.length` counters. */
  readonly flagCount: Uint32Array;
  /** Close and volume of the row stamped exactly at the close, per symbol; NaN when there is none. */
  readonly atClosePrice: Float64Array;
  readonly atCloseVolume: Float64Array;
}

/** What a load tells besides the columns it has written. Plain data. */
export interface DayLoad {
  /** Number of entries written to `exceptions`. */
  exceptionCount: number;
  /** Rows by class for each file touched: file index → counters in the order of `ROW_CLASSES`. */
  fileClasses: Array<{ file: number; counts: number[] }>;
  /** The first rows of each kind worth showing (at most five per class and cause). */
  notices: RowNotice[];
  /** Symbols left out by `--on-load-error skip-symbol`, with the message. */
  skipped: Array<{ symbol: string; message: string }>;
}

/** A row shown to a person: where it is and what is wrong, e.g. `{ class: "rejected", text: "SPY 2013-10-07 10:15 high 3 < low 4", file, row }`. */
export interface RowNotice {
  readonly kind: "rejected" | "conflict" | "duplicate" | "flagged";
  readonly cause: string;
  readonly symbol: string;
  readonly text: string;
  readonly file: string;
  readonly row: number;
}

/** Something that loads sessions into memory: files, or synthetic bars in tests and benches. */
export interface DaySource {
  /** Loads session `index` of the plan. Rejects with a `DataError` when the data cannot be used. */
  load(index: number, into: SourceDay): Promise<DayLoad>;
  close(): Promise<void>;
}

function indexOf<const Names extends readonly string[]>(names: Names): { readonly [Name in Names[number]]: number } {
  return Object.fromEntries(names.map((name, i) => [name, i])) as { readonly [Name in Names[number]]: number };
}
