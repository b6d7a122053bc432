/**
 * The opening scan over all files of a source: what is where, and everything that is decided once for
 * the whole source (zone, unit, label, interval). Results are taken in the order of the files, so
 * nothing depends on which was read first.
 */
import { setImmediate } from "node:timers/promises";
import { BardeckError, DataError } from "../errors.js";
import { ROW_CLASS, ROW_CLASSES, type RowNotice } from "../market/bars.js";
import { createZoneReader, type ZoneReader } from "../market/zone-reader.js";
import type { IsoDate } from "../market/time.js";
import { parseTimeZone } from "../market/time-zones.js";
import { barsFolder } from "./bars-folder.js";
import type { FileColumns } from "./columns.js";
import { DayBook } from "./day-book.js";
import { EntryTable, FileTally, ROWS_SHOWN, type OddRows, type RowCount } from "./day-tally.js";
import {
  decideLabel,
  decideUnit,
  decideZone,
  refuseOtherIntervals,
  refuseShorterInterval,
  type ZoneShares,
} from "./decide.js";
import type { FoundFile } from "./discover.js";
import { escapeName } from "./escape.js";
import { fileClaims, type FileClaims } from "./file-claims.js";
import { inOrder } from "./in-order.js";
import { isReadError, type Fingerprint } from "./parquet-file.js";
import { placeOfRow } from "./row-place.js";
import { END_LABEL_SHIFT_US, scanFile, type FileScan, type Reading, type ScanSettings } from "./scan-file.js";
import type { DataOptions, Decided, ScanProgress } from "./types.js";
import type { TimeUnit } from "./widen.js";

/** A file of the source after the scan: all the loader needs to read it. */
interface ScannedFile {
  readonly found: FoundFile;
  readonly fingerprint: Fingerprint;
  /** Empty for a file that could not be read. */
  readonly contentHash: string;
  readonly rows: number;
  readonly rowGroups: number;
  readonly groupStarts?: readonly number[];
  /** Absent for a file that could not be read and is done without. */
  readonly columns: FileColumns | undefined;
  readonly unit: TimeUnit;
  /** The one symbol of the file, as a number of the source; rows of another are wrong. -1 when the rows say. */
  readonly symbol: number;
  readonly claims: FileClaims;
  /** Rows by class that can have no session, filled by the scan and by plan.ts. */
  readonly classes: number[];
  /** Rows from open to close of any session. */
  sessionRows: number;
}

/** The source after the scan. */
export interface Scan {
  readonly files: readonly ScannedFile[];
  /** Names of symbols by number, in the order they were met. */
  readonly symbols: readonly string[];
  /** Ordered by date, then symbol, then file. */
  readonly entries: EntryTable;
  readonly order: Uint32Array;
  readonly zone: Decided<string>;
  /** Reads naive times; undefined when they are UTC. */
  readonly reading: Reading;
  readonly unit: Decided<TimeUnit>;
  readonly label: Decided<"start" | "end">;
  readonly labelShiftUs: number;
  readonly rows: number;
  /** Rows dated outside the calendar, with the first of them. */
  readonly before: PlacedRows;
  readonly after: PlacedRows;
  /** Files that could not be read and are done without, as asked. */
  readonly failures: readonly FailedFile[];
  readonly notes: string[];
  readonly notices: RowNotice[];
}

/** Rows of a kind over all files, and where the first is. */
export interface PlacedRows {
  count: number;
  file: string;
  row: number;
}

/** A file that could not be read: whose rows are missing, by its claims. */
interface FailedFile {
  readonly symbol: number;
  /** The date whose rows are missing; any may be when absent. */
  readonly date: IsoDate | undefined;
  readonly message: string;
}

/** Open files at once while scanning. */
const FILES_AT_ONCE = 6;
/** Files between two breaths of the event loop. */
const BREATH_FILES = 16;

/** Scans all files. Throws the first `DataError` in the order of the files, or one about the source as a whole. */
export async function scanSource(
  found: readonly FoundFile[],
  book: DayBook,
  options: DataOptions,
  hooks: { onProgress?: ScanProgress; signal?: AbortSignal } = {},
): Promise<Scan> {
  const settings: ScanSettings = {
    book,
    columns: options.columns ?? {},
    readings: candidateReadings(book, options.tz),
    labelShiftUs: options.label === "end" ? END_LABEL_SHIFT_US : 0,
    signal: hooks.signal,
  };
  const gathered = new Gathering(found, settings, options);
  await inOrder(
    found,
    FILES_AT_ONCE,
    (file) => scanFile(file, settings).catch((error) => ({ failed: error as unknown })),
    async (scan, i) => {
      if ("failed" in scan) gathered.takeFailed(scan.failed, i);
      else gathered.take(scan, i);
      hooks.onProgress?.(i + 1, found.length);
      if (i % BREATH_FILES === 0) await setImmediate();
    },
  ).catch((error) => Promise.reject(gathered.explain(error)));
  return gathered.finish();
}

/** The zones naive times are tried in: the one given, UTC alone for an exchange that keeps it, else both. */
function candidateReadings(book: DayBook, tz: string | undefined): Reading[] {
  const utc: Reading = { name: "UTC", zone: undefined };
  if (tz !== undefined) {
    const name = parseTimeZone(tz, "--tz");
    return [name === "UTC" ? utc : new ZonedReading(name, book)];
  }
  const exchange = book.calendar.timeZone;
  return exchange === "UTC" ? [utc] : [utc, new ZonedReading(exchange, book)];
}

class ZonedReading implements Reading {
  private reader: ZoneReader | undefined;

  constructor(
    readonly name: string,
    private readonly book: DayBook,
  ) {}

  get zone(): ZoneReader {
    // Beyond the calendar only "before" and "after" matter, and any offset tells those.
    return (this.reader ??= createZoneReader(this.name, this.book.firstUs, this.book.endUs));
  }
}

class Gathering {
  private readonly files: ScannedFile[] = [];
  private readonly symbols: string[] = [];
  private readonly symbolOf = new Map<string, number>();
  /** One table for each reading; files whose times are UTC go into all of them. */
  private readonly tables: EntryTable[];
  private readonly odd: OddRows[][] = [];
  private readonly shares: ZoneShares;
  private readonly extra = new Map<string, number>();
  private readonly notes: string[] = [];
  private readonly notices: RowNotice[] = [];
  private readonly empty: string[] = [];
  private readonly units = new Map<TimeUnit, { file: string; from: string | undefined }>();
  private firstTimes: { file: string; utc: boolean; inferred: TimeUnit | undefined } | undefined;
  private rows = 0;
  private readonly failures: FailedFile[] = [];

  constructor(
    private readonly found: readonly FoundFile[],
    private readonly settings: ScanSettings,
    private readonly options: DataOptions,
  ) {
    this.tables = settings.readings.map(() => new EntryTable());
    this.shares = { volume: 0, rows: 0, files: 0, inside: settings.readings.map(() => ({ volume: 0, rows: 0 })) };
  }

  /** Takes the scan of file `i`; called in the order of the files. */
  take(scan: FileScan, i: number): void {
    const found = this.found[i];
    const claims = fileClaims(found.path);
    const own = this.resolveSymbols(scan, claims, found.name);
    const classes = new Array<number>(ROW_CLASSES.length).fill(0);
    const file: ScannedFile = {
      found,
      fingerprint: scan.fingerprint,
      contentHash: scan.contentHash,
      rows: scan.rows,
      rowGroups: scan.rowGroups,
      ...(scan.groupStarts && { groupStarts: scan.groupStarts }),
      columns: shareColumns(scan.columns, this.files.at(-1)?.columns),
      unit: scan.unit,
      symbol: own.single,
      claims,
      classes,
      sessionRows: 0,
    };
    if (scan.rows > 0) this.compareTimes(scan, found.name);
    this.files.push(file);
    this.rows += scan.rows;
    if (scan.rows === 0) this.empty.push(found.name);
    else if (!this.units.has(scan.unit)) this.units.set(scan.unit, { file: found.name, from: scan.unitFrom });
    for (const name of scan.columns.extra) this.extra.set(name, (this.extra.get(name) ?? 0) + 1);
    this.reject(file, scan.missingTime, "missingTime", "has no time");
    this.reject(file, scan.missingSymbol, "missingValue", "has no symbol");
    this.copyEntries(scan, own, i);
    if (scan.rows > 0 && !scan.columns.utc) this.countShares(scan);
    this.odd.push(scan.tallies.map((tally) => tally.oddRows));
  }

  /** A file that cannot be read stops the opening, unless the person wants to go on without, and its name tells whose rows are missing. */
  takeFailed(error: unknown, i: number): void {
    const found = this.found[i];
    const claims = fileClaims(found.path);
    if ((this.options.onLoadError ?? "stop") === "stop" || !isReadError(error) || claims.symbol === undefined)
      throw error;
    // When no file at all can be read, there is nothing to go on with.
    if (i === this.failures.length && i + 1 === this.found.length) throw error;
    const symbol = this.number(claims.symbol);
    this.failures.push({ symbol, date: claims.date, message: error.message });
    this.notes.push(`left out: ${error.message}`);
    const classes = new Array<number>(ROW_CLASSES.length).fill(0);
    this.files.push({
      found,
      fingerprint: { bytes: 0, modifiedMs: 0 },
      contentHash: "",
      rows: 0,
      rowGroups: 0,
      columns: undefined,
      unit: "us",
      symbol,
      claims,
      classes,
      sessionRows: 0,
    });
    this.odd.push([new FileTally(this.settings.book, 0).oddRows]);
  }

  /** Times that mean different things in different files cannot be decided for the source. */
  private compareTimes(scan: FileScan, file: string): void {
    const kind = { file, utc: scan.columns.utc, inferred: scan.columns.unit === undefined ? scan.unit : undefined };
    const first = (this.firstTimes ??= kind);
    if (first.utc !== kind.utc && this.options.tz === undefined) {
      const [utc, naive] = first.utc ? [first.file, file] : [file, first.file];
      throw new DataError(
        "schema-differs",
        `${naive} has times without a zone, ${utc} has UTC times`,
        "--tz says the zone of those without; or write both alike",
        { file, column: scan.columns.timestamp.name },
      );
    }
    if (first.inferred !== undefined && kind.inferred !== undefined && first.inferred !== kind.inferred) {
      throw new DataError(
        "schema-differs",
        `the times of ${first.file} look like ${first.inferred}, those of ${file} like ${kind.inferred}`,
        "write the columns as TIMESTAMP, or all in one unit",
        { file, column: scan.columns.timestamp.name },
      );
    }
  }

  /** Words of the file as symbols of the source; -1 for those that are wrong in a file of one symbol. */
  private resolveSymbols(scan: FileScan, claims: FileClaims, file: string): { numbers: number[]; single: number } {
    if (scan.words === undefined) {
      if (claims.symbol === undefined) {
        throw new DataError(
          "no-symbol",
          `${file}: neither a column nor the file's name nor its folders tell the symbol`,
          "name the file for its symbol (SPY.parquet), put it under symbol=SPY/, or name a column: --columns symbol=NAME",
          { file },
        );
      }
      const single = this.number(claims.symbol);
      return { numbers: [single], single };
    }
    const { symbol } = claims;
    const single =
      symbol !== undefined &&
      (claims.symbolBy === "key" ||
        scan.words.includes(symbol) ||
        (scan.words.length === 1 && /^[A-Z]{1,5}$/.test(symbol)));
    if (!single) return { numbers: scan.words.map((word) => this.number(word)), single: -1 };
    if (scan.words.length > 0 && !scan.words.includes(symbol)) {
      const words = scan.words.slice(0, 3).join(", ");
      throw new DataError(
        "wrong-symbol",
        `${file} should hold ${symbol}, but all its rows are of ${words}`,
        "rename the file or its folder, or leave it out",
        { file, column: scan.columns.symbol?.name },
      );
    }
    const number = this.number(symbol);
    return { numbers: scan.words.map((word) => (word === symbol ? number : -1)), single: number };
  }

  private number(symbol: string): number {
    let number = this.symbolOf.get(symbol);
    if (number === undefined) {
      number = this.symbols.push(symbol) - 1;
      this.symbolOf.set(symbol, number);
    }
    return number;
  }

  private copyEntries(scan: FileScan, own: { numbers: number[] }, file: number): void {
    this.tables.forEach((table, reading) => {
      const { entries } = scan.tallies[Math.min(reading, scan.tallies.length - 1)];
      for (let i = 0; i < entries.length; i++) {
        const symbol = own.numbers[entries.symbol[i]];
        if (symbol >= 0) table.copy(entries, i, file, symbol);
        else if (reading === 0) this.files[file].classes[ROW_CLASS.wrongSymbol] += entries.rows[i];
      }
    });
  }

  private countShares(scan: FileScan): void {
    this.shares.files++;
    this.shares.volume += scan.volume;
    this.shares.rows += scan.timed;
    scan.tallies.forEach((tally, i) => {
      this.shares.inside[i].volume += tally.volumeInside;
      this.shares.inside[i].rows += tally.rowsInside;
    });
  }

  /** Rows that no session can have, because they have no time or no symbol. */
  private reject(
    file: ScannedFile,
    { count, rows }: RowCount,
    cause: "missingTime" | "missingValue" | "clockGap",
    what: string,
  ): void {
    if (count === 0) return;
    file.classes[ROW_CLASS.rejected] += count;
    if (count * 2 > file.rows) {
      throw new DataError(
        "mostly-rejected",
        `${file.found.name}: ${count} of ${file.rows} rows are rejected: each ${what}`,
        cause === "clockGap" ? "say which zone the times are in: --tz UTC" : "name the right column with --columns",
        placeOfRow(file, rows[0]),
      );
    }
    const shown = this.notices.filter((notice) => notice.cause === cause).length;
    for (const row of rows.slice(0, ROWS_SHOWN - shown)) {
      this.notices.push({
        kind: "rejected",
        cause,
        symbol: file.symbol >= 0 ? this.symbols[file.symbol] : "",
        text: `${file.found.name} row ${row} ${what}`,
        file: file.found.name,
        row,
      });
    }
  }

  /** A missing column is worse news when other files have it: both are named. */
  explain(error: unknown): unknown {
    const first = this.files.find((file) => file.columns !== undefined);
    if (!(error instanceof BardeckError) || !first || !["missing-column", "column-type"].includes(error.code))
      return error;
    const like = `; the files before it are like ${first.found.name}`;
    const bars = barsFolder(this.found, this.options.path);
    const hint = bars === undefined ? error.hint : `open the 1-minute bars alone: ${escapeName(bars)}`;
    return new DataError("schema-differs", error.message + like, hint, error.place);
  }

  finish(): Scan {
    const { book } = this.settings;
    const zone = decideZone(this.shares, this.settings.readings, this.options.tz, book.calendar, this.files);
    const chosen = this.settings.readings.findIndex((reading) => reading.name === zone.value);
    const reading = this.settings.readings[Math.max(0, chosen)];
    const entries = this.tables[Math.max(0, chosen)];
    const beyond = this.countUnplaced(Math.max(0, chosen), reading);
    const order = sortEntries(entries, this.symbols.length, book.count);
    this.countSessionRows(entries);
    const whole = { entries, order, symbols: this.symbols, files: this.files, book };
    refuseOtherIntervals(whole, this.options.symbols, this.notes);
    const label = decideLabel(whole, this.options.label);
    this.writeNotes();
    return {
      files: this.files,
      symbols: this.symbols,
      entries,
      order,
      zone,
      reading,
      unit: decideUnit(this.units, this.notes),
      label,
      labelShiftUs: this.settings.labelShiftUs,
      rows: this.rows,
      ...beyond,
      failures: this.failures,
      notes: this.notes,
      notices: this.notices,
    };
  }

  /** Rows the chosen reading gives no session: clock changes, and dates the calendar does not know. */
  private countUnplaced(chosen: number, reading: Reading): { before: PlacedRows; after: PlacedRows } {
    const none = (): PlacedRows => ({ count: 0, file: "", row: -1 });
    const beyond = { before: none(), after: none() };
    this.files.forEach((file, i) => {
      const odd = this.odd[i][Math.min(chosen, this.odd[i].length - 1)];
      this.refuseOverlap(file, odd, reading);
      refuseShorterInterval(file, odd.withinMinute);
      this.refuseSeconds(file, odd);
      this.reject(
        file,
        odd.gaps,
        "clockGap",
        `has a time that never was in ${reading.name}: the clock was set forward over it`,
      );
      file.classes[ROW_CLASS.outOfRange] += odd.before.count + odd.after.count;
      addPlaced(beyond.before, odd.before, file.found.name);
      addPlaced(beyond.after, odd.after, file.found.name);
    });
    return beyond;
  }

  private refuseOverlap(file: ScannedFile, { overlaps }: OddRows, reading: Reading): void {
    if (overlaps.count === 0) return;
    const place = placeOfRow(file, overlaps.rows[0]);
    throw new DataError(
      "ambiguous-time",
      `${place.file}, row ${place.row}: the time was twice in ${reading.name}, when the clock was set back (${overlaps.count} such rows)`,
      "write the times as UTC, or say that they are: --tz UTC",
      place,
    );
  }

  private refuseSeconds(file: ScannedFile, { notOnMinute }: OddRows): void {
    if (this.options.floorMinutes || notOnMinute.count * 2 <= file.rows) return;
    const place = placeOfRow(file, notOnMinute.rows[0]);
    throw new DataError(
      "mostly-rejected",
      `${place.file}: ${notOnMinute.count} of ${file.rows} rows do not start on a whole minute (the first is row ${place.row})`,
      "--floor-minutes moves each to the minute it lies in",
      place,
    );
  }

  private countSessionRows(entries: EntryTable): void {
    for (let i = 0; i < entries.length; i++) this.files[entries.file[i]].sessionRows += entries.sessionRows[i];
  }

  private writeNotes(): void {
    if (this.extra.size > 0) {
      const names = [...this.extra.keys()];
      const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
      this.notes.push(`columns not used: ${names.slice(0, 10).join(", ")}${more}`);
    }
    if (this.empty.length > 0) {
      const more = this.empty.length > 3 ? ` and ${this.empty.length - 3} more` : "";
      this.notes.push(`no data (0 rows) in ${this.empty.slice(0, 3).join(", ")}${more}`);
    }
    const tz = this.options.tz;
    if (tz !== undefined && this.files.length > 0 && this.shares.files === 0)
      this.notes.push(`--tz ${tz} has no effect: the times are UTC by their type`);
  }
}

function addPlaced(sum: PlacedRows, { count, rows }: RowCount, file: string): void {
  if (sum.count === 0 && count > 0) [sum.file, sum.row] = [file, rows[0]];
  sum.count += count;
}

/** Files of one source mostly have one schema; a hundred thousand copies of it would fill the memory. */
function shareColumns(columns: FileColumns, before: FileColumns | undefined): FileColumns {
  return before && sameColumns(columns, before) ? before : columns;
}

function sameColumns(a: FileColumns, b: FileColumns): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Indices of the entries by date, then symbol, then file: a counting sort for each, the least important first. */
function sortEntries(entries: EntryTable, symbols: number, days: number): Uint32Array {
  let order = Uint32Array.from({ length: entries.length }, (_, i) => i);
  for (const [keys, size] of [
    [entries.symbol, symbols],
    [entries.day, days],
  ] as const) {
    const next = new Uint32Array(size + 1);
    for (let i = 0; i < entries.length; i++) next[keys[i] + 1]++;
    for (let i = 0; i < size; i++) next[i + 1] += next[i];
    const sorted = new Uint32Array(order.length);
    for (const i of order) sorted[next[keys[i]]++] = i;
    order = sorted;
  }
  return order;
}
