/**
 * What the opening scan remembers of rows: one entry for each (file, symbol, date), in typed arrays,
 * never anything a row. The same entries later tell the loader which rows to decode.
 */
import { MINUTE_US } from "../market/time.js";
import type { DayBook, DayIndex } from "./day-book.js";

/** Entries of (file, symbol, date), a column each. */
export class EntryTable {
  length = 0;
  file = new Uint32Array(16);
  symbol = new Uint32Array(16);
  day = new Int32Array(16);
  rows = new Uint32Array(16);
  /** First and last row of the file that belong to the entry; rows between may belong to others. */
  firstRow = new Uint32Array(16);
  lastRow = new Uint32Array(16);
  /** Rows from open to close, both included. */
  sessionRows = new Uint32Array(16);
  /** Latest stamp, microseconds UTC, as the file has it (before `--label end` moves it). */
  lastStampUs = new Float64Array(16);
  /** Greatest common divisor of the stamps' minutes after the open; 0 until there is one past the open. */
  stepMinutes = new Uint16Array(16);

  /** Appends an empty entry and returns its index. */
  add(file: number, symbol: number, day: DayIndex, row: number): number {
    if (this.length === this.file.length) this.grow();
    const i = this.length++;
    [this.file[i], this.symbol[i], this.day[i], this.firstRow[i], this.lastRow[i]] = [file, symbol, day, row, row];
    [this.rows[i], this.sessionRows[i], this.lastStampUs[i], this.stepMinutes[i]] = [0, 0, -Infinity, 0];
    return i;
  }

  /** Appends an entry of another table under another file and symbol number. */
  copy(from: EntryTable, i: number, file: number, symbol: number): void {
    const to = this.add(file, symbol, from.day[i], from.firstRow[i]);
    this.lastRow[to] = from.lastRow[i];
    this.rows[to] = from.rows[i];
    this.sessionRows[to] = from.sessionRows[i];
    this.lastStampUs[to] = from.lastStampUs[i];
    this.stepMinutes[to] = from.stepMinutes[i];
  }

  private grow(): void {
    const size = this.file.length * 2;
    const grown = <T extends Uint32Array | Int32Array | Uint16Array | Float64Array>(column: T): T => {
      const next = new (column.constructor as new (length: number) => T)(size);
      next.set(column);
      return next;
    };
    this.file = grown(this.file);
    this.symbol = grown(this.symbol);
    this.day = grown(this.day);
    this.rows = grown(this.rows);
    this.firstRow = grown(this.firstRow);
    this.lastRow = grown(this.lastRow);
    this.sessionRows = grown(this.sessionRows);
    this.lastStampUs = grown(this.lastStampUs);
    this.stepMinutes = grown(this.stepMinutes);
  }
}

/** A kind of row that is counted, with the first few for messages. */
export interface RowCount {
  count: number;
  /** Rows within the file, at most `ROWS_SHOWN`. */
  readonly rows: number[];
}

/** How many rows of a kind are shown one by one. */
export const ROWS_SHOWN = 5;

export function noRows(): RowCount {
  return { count: 0, rows: [] };
}

export function countRow(counted: RowCount, row: number): void {
  counted.count++;
  if (counted.rows.length < ROWS_SHOWN) counted.rows.push(row);
}

/** Rows that follow another of their symbol within its minute. */
export interface ShortSteps extends RowCount {
  /** Greatest common divisor of the times between them, microseconds; 0 while there are none. */
  stepUs: number;
}

/** Rows of a file that need a word, whatever their date. */
export interface OddRows {
  /** Wall times that never were, and that were twice. */
  readonly gaps: RowCount;
  readonly overlaps: RowCount;
  readonly notOnMinute: RowCount;
  /** Rows in the minute of the row before them: bars shorter than a minute. */
  readonly withinMinute: ShortSteps;
  /** Rows before and after the dates of the calendar. */
  readonly before: RowCount;
  readonly after: RowCount;
}

/** Shared by the many files that have none, so that a hundred thousand files stay small. */
const NO_ODD_ROWS: OddRows = Object.freeze(oddRows());

function oddRows(): OddRows {
  const withinMinute = { ...noRows(), stepUs: 0 };
  return { gaps: noRows(), overlaps: noRows(), notOnMinute: noRows(), withinMinute, before: noRows(), after: noRows() };
}

/** What one file looks like under one reading of its times. Symbols are numbers of the file's own words. */
export class FileTally {
  readonly entries = new EntryTable();
  private readonly odd = oddRows();
  /** For the decision of the zone: volume and rows inside regular sessions. */
  volumeInside = 0;
  rowsInside = 0;
  private readonly entryOf = new Map<number, number>();

  constructor(
    private readonly book: DayBook,
    /** What was taken off a stamp to get a start: 0, or a minute with `--label end`. */
    private readonly labelShiftUs: number,
  ) {}

  /** To keep after the tally is dropped. */
  get oddRows(): OddRows {
    return Object.values(this.odd).some((rows: RowCount) => rows.count > 0) ? this.odd : NO_ODD_ROWS;
  }

  /**
   * Counts the rows of a row group.
   * @param starts microseconds UTC; NaN for missing, ∓Infinity for a clock gap or overlap
   * @param codes the file's own number of each row's symbol, negative for rows to leave out; all 0 when absent
   */
  add(starts: Float64Array, codes: Int32Array | undefined, firstRow: number, volume: Float64Array | undefined): void {
    const { book, entries, labelShiftUs } = this;
    let [dayStart, dayEnd, open, close, day] = [Infinity, -Infinity, NaN, NaN, -1];
    let [entry, entryCode] = [-1, -1];
    // The row before, where it is of the same symbol and day, and whether it was off the minute.
    let previousUs = NaN;
    let previousIsOdd = false;
    for (let i = 0; i < starts.length; i++) {
      const us = starts[i];
      const code = codes === undefined ? 0 : codes[i];
      if (code < 0) continue;
      if (!(us >= dayStart && us < dayEnd)) {
        day = this.place(us, firstRow + i);
        if (day < 0) continue;
        [dayStart, dayEnd, open, close] = [
          book.startUs(day),
          book.startUs(day + 1),
          book.openUs(day),
          book.closeUs(day),
        ];
        entry = -1;
      }
      const row = firstRow + i;
      if (entry < 0 || code !== entryCode) {
        [entry, entryCode] = [this.find(code, day, row), code];
        // Symbols may take turns in a file; in order of time the latest row of one is the one before it.
        previousUs = entries.lastStampUs[entry] - labelShiftUs;
      }
      entries.rows[entry]++;
      entries.lastRow[entry] = row;
      const stamp = us + labelShiftUs;
      if (stamp > entries.lastStampUs[entry]) entries.lastStampUs[entry] = stamp;
      const minute = (us - dayStart) / MINUTE_US;
      const isOdd = minute !== Math.floor(minute);
      if (isOdd) countRow(this.odd.notOnMinute, row);
      if (isOdd || previousIsOdd) this.countShortStep(us, previousUs, row);
      previousUs = us;
      previousIsOdd = isOdd;
      if (us >= open && us < close && volume !== undefined) {
        this.rowsInside++;
        if (volume[i] > 0) this.volumeInside += volume[i];
      }
      if (us >= open && us <= close) entries.sessionRows[entry]++;
      if (stamp >= open && stamp <= close && entries.stepMinutes[entry] !== 1)
        this.step(entry, (stamp - open) / MINUTE_US);
    }
  }

  /** The day of a row outside the current day; negative when it has none, which is counted. */
  private place(us: number, row: number): number {
    if (Number.isNaN(us)) return -1;
    if (us === -Infinity || us === Infinity) {
      countRow(us < 0 ? this.odd.gaps : this.odd.overlaps, row);
      return -1;
    }
    const day = this.book.dayOf(us);
    if (day < 0) countRow(day === -1 ? this.odd.before : this.odd.after, row);
    return day;
  }

  private countShortStep(us: number, previousUs: number, row: number): void {
    const { withinMinute } = this.odd;
    if (us === previousUs || Math.floor(us / MINUTE_US) !== Math.floor(previousUs / MINUTE_US)) return;
    countRow(withinMinute, row);
    withinMinute.stepUs = divisor(Math.abs(us - previousUs), withinMinute.stepUs);
  }

  private find(code: number, day: DayIndex, row: number): number {
    const key = code * this.book.count + day;
    let entry = this.entryOf.get(key);
    if (entry === undefined) {
      entry = this.entries.add(0, code, day, row);
      this.entryOf.set(key, entry);
    }
    return entry;
  }

  private step(entry: number, minute: number): void {
    this.entries.stepMinutes[entry] = divisor(this.entries.stepMinutes[entry], Math.floor(minute));
  }
}

/** Greatest common divisor; of 0 and a number that number. */
export function divisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
