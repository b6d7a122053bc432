/**
 * The opening scan of one file: timestamps, symbols, and volume where the zone must be decided; never
 * prices. Also the reading of timestamps that the loader shares with it, so both see the same days.
 */
import { DataError } from "../errors.js";
import { isoUtc, MINUTE_US } from "../market/time.js";
import type { ZoneReader } from "../market/zone-reader.js";
import {
  inferUnit,
  isSensibleTime,
  recogniseColumns,
  storedValue,
  timeReader,
  type FileColumns,
  type OwnNames,
} from "./columns.js";
import type { DayBook } from "./day-book.js";
import { countRow, FileTally, noRows, type RowCount } from "./day-tally.js";
import { decodeNumbers, decodeText, type ChunkToDecode, type NumberColumn, type TextColumn } from "./decode-chunk.js";
import type { FoundFile } from "./discover.js";
import { escapeName } from "./escape.js";
import { ParquetFile, type Fingerprint } from "./parquet-file.js";
import { placeChunk, type ColumnInfo } from "./parquet-layout.js";
import { widenNumbers, type TimeUnit } from "./widen.js";

/** A way to read naive times; without a `zone` they are UTC. */
export interface Reading {
  readonly name: string;
  /** Made when it is first asked for: it costs some ten milliseconds, and most sources are in UTC by their type. */
  readonly zone: ZoneReader | undefined;
}

/** What the scan needs to know besides the file. */
export interface ScanSettings {
  readonly book: DayBook;
  readonly columns: OwnNames;
  /** One when the zone is known or assumed, two when it is to be decided. */
  readonly readings: readonly Reading[];
  readonly labelShiftUs: number;
  readonly signal: AbortSignal | undefined;
}

/** What the scan found in one file. */
export interface FileScan {
  readonly fingerprint: Fingerprint;
  /** SHA-256 of the file. */
  readonly contentHash: string;
  readonly rows: number;
  readonly rowGroups: number;
  /** First row of each row group; absent when there is one, see row-place.ts. */
  readonly groupStarts?: readonly number[];
  readonly columns: FileColumns;
  readonly unit: TimeUnit;
  /** A value the unit was inferred from, with its meaning; absent when the type says the unit. */
  readonly unitFrom: string | undefined;
  /** One for each reading; a single one when the times are UTC by their type. */
  readonly tallies: readonly FileTally[];
  /** Symbols of the symbol column, control characters escaped; undefined without one. */
  readonly words: readonly string[] | undefined;
  readonly missingTime: RowCount;
  readonly missingSymbol: RowCount;
  /** For the zone: all volume and all rows that have a time. */
  readonly volume: number;
  readonly timed: number;
}

/** Scans a file. Throws a `DataError` or `FileError` that says what is wrong with it. */
export async function scanFile(found: FoundFile, settings: ScanSettings): Promise<FileScan> {
  const file = await ParquetFile.open(found);
  try {
    const { layout } = file;
    const columns = recogniseColumns(layout.columns, settings.columns, found.name);
    const scanner = new FileScanner(file, columns, settings);
    for (let group = 0; group < layout.groups.length; group++) {
      settings.signal?.throwIfAborted();
      await scanner.scanGroup(group);
    }
    const contentHash = await file.hashContent();
    // A small file was read at once; that it has not changed since is checked when it is loaded.
    if (!file.readAtOnce) await file.checkUnchanged();
    return { ...scanner.result(), contentHash };
  } finally {
    await file.close();
  }
}

class FileScanner {
  private unit: TimeUnit | undefined;
  private unitFrom: string | undefined;
  private readonly tallies: FileTally[];
  private readonly words: string[] = [];
  private readonly codeOf = new Map<string, number>();
  private readonly missingTime = noRows();
  private readonly missingSymbol = noRows();
  private volume = 0;
  private timed = 0;

  constructor(
    private readonly file: ParquetFile,
    private readonly columns: FileColumns,
    private readonly settings: ScanSettings,
  ) {
    this.unit = columns.unit;
    const readings = columns.utc ? 1 : settings.readings.length;
    this.tallies = Array.from({ length: readings }, () => new FileTally(settings.book, settings.labelShiftUs));
  }

  async scanGroup(group: number): Promise<void> {
    const { rows, firstRow } = this.file.layout.groups[group];
    if (rows === 0) return;
    const { timestamp, symbol, values } = this.columns;
    const undecided = this.tallies.length > 1;
    const wanted = [timestamp, symbol, undecided ? values.volume.column : undefined].filter(
      (column) => column !== undefined,
    );
    // Every chunk a later load needs is checked now, so that a bad one stops the opening, not a session.
    for (const role of ["open", "high", "low", "close", "volume"] as const)
      placeChunk(this.file.layout, group, values[role].column, this.file.fingerprint.bytes, this.file.found.name);
    const chunks = await readColumns(this.file, group, wanted);
    this.unit ??= this.findUnit(chunks[0], firstRow);
    const times = decodeTimes(chunks[0], this.columns, this.unit, firstRow);
    const codes = symbol ? this.renumber(decodeText(chunks[1].bytes, chunks[1].task), firstRow) : undefined;
    const volume = undecided
      ? decodeNumbers(chunks[chunks.length - 1].bytes, chunks[chunks.length - 1].task, values.volume.widen).values
      : undefined;
    this.countMissing(times.values, codes, volume, firstRow);
    this.tallies.forEach((tally, i) => {
      const zone = this.columns.utc ? undefined : this.settings.readings[i].zone;
      const last = i === this.tallies.length - 1;
      const starts = startsOf(
        times.values,
        last ? times.values : new Float64Array(rows),
        zone,
        this.settings.labelShiftUs,
      );
      tally.add(starts, codes, firstRow, volume);
    });
  }

  result(): Omit<FileScan, "contentHash"> {
    const { fingerprint, layout } = this.file;
    const { columns, unitFrom, tallies, missingTime, missingSymbol, volume, timed } = this;
    const words = columns.symbol ? this.words : undefined;
    const counted = { missingTime, missingSymbol, volume, timed };
    return {
      fingerprint,
      rows: layout.rows,
      rowGroups: layout.groups.length,
      ...(layout.groups.length > 1 && { groupStarts: layout.groups.map(({ firstRow }) => firstRow) }),
      columns,
      unit: this.unit ?? "us",
      unitFrom,
      tallies,
      words,
      ...counted,
    };
  }

  /** The unit of a plain integer column, from the first value there is; undefined while there is none. */
  private findUnit({ bytes, task }: LoadedChunk, firstRow: number): TimeUnit | undefined {
    const { values } = decodeNumbers(bytes, task, widenNumbers(task.column.element)!);
    const i = values.findIndex((value) => !Number.isNaN(value));
    if (i < 0) return undefined;
    const unit = inferUnit(values[i]);
    if (unit) {
      const us = timeIn(values[i], unit);
      this.unitFrom = `inferred from the year: ${values[i]} is ${isoUtc(us)} in ${UNIT_NAMES[unit]}`;
      return unit;
    }
    const { file, column } = task.place;
    throw new DataError(
      "timestamp-unit",
      `${file}, column ${column}, row ${firstRow + i}: ${values[i]} is no time between 1990 and 2100 in seconds, milliseconds, microseconds or nanoseconds`,
      "write the column as TIMESTAMP, or name another with --columns timestamp=NAME",
      { ...task.place, row: firstRow + i },
    );
  }

  /** The codes of a row group as numbers of the file's words, which are collected over all groups. */
  private renumber({ codes, words }: TextColumn, firstRow: number): Int32Array {
    const map = words.map((word) => {
      const shown = escapeName(word);
      let code = this.codeOf.get(shown);
      if (code === undefined) {
        code = this.words.push(shown) - 1;
        this.codeOf.set(shown, code);
      }
      return code;
    });
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] >= 0) codes[i] = map[codes[i]];
      else countRow(this.missingSymbol, firstRow + i);
    }
    return codes;
  }

  /** A row without a symbol is counted as that, whether or not it has a time. */
  private countMissing(
    times: Float64Array,
    codes: Int32Array | undefined,
    volume: Float64Array | undefined,
    firstRow: number,
  ): void {
    for (let i = 0; i < times.length; i++) {
      if (codes !== undefined && codes[i] < 0) continue;
      if (Number.isNaN(times[i])) {
        countRow(this.missingTime, firstRow + i);
        continue;
      }
      this.timed++;
      if (volume !== undefined && volume[i] > 0) this.volume += volume[i];
    }
  }
}

/** Bytes of a column chunk and what they are. */
interface LoadedChunk {
  readonly bytes: Uint8Array;
  readonly task: ChunkToDecode;
}

/** Reads columns of a row group, each checked to lie inside the file. */
export async function readColumns(
  file: ParquetFile,
  group: number,
  columns: readonly ColumnInfo[],
): Promise<LoadedChunk[]> {
  const { layout, fingerprint, found } = file;
  const tasks = columns.map((column) => ({
    column,
    chunk: placeChunk(layout, group, column, fingerprint.bytes, found.name),
    rows: layout.groups[group].rows,
    place: { file: found.name, rowGroup: group, column: escapeName(column.name) },
  }));
  const bytes = await file.readChunks(tasks.map((task) => task.chunk));
  return tasks.map((task, i) => ({ bytes: bytes[i], task }));
}

/**
 * The times of a row group in microseconds as written (UTC or wall clock), NaN for null.
 * Throws a `DataError` naming the first row whose year is outside 1990–2100, with the likely unit.
 */
export function decodeTimes(
  { bytes, task }: LoadedChunk,
  columns: FileColumns,
  unit: TimeUnit | undefined,
  firstRow: number,
): NumberColumn {
  const known = unit ?? "us";
  const times = decodeNumbers(bytes, task, timeReader(columns.timestamp, known));
  const { values } = times;
  for (let i = 0; i < values.length; i++) {
    if (!isSensibleTime(values[i]) && !Number.isNaN(values[i]))
      throw unlikelyTime(values[i], known, columns, task, firstRow + i);
  }
  return times;
}

const UNIT_NAMES = { s: "seconds", ms: "milliseconds", us: "microseconds", ns: "nanoseconds" } as const;

function timeIn(value: number, unit: TimeUnit): number {
  return value * { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 }[unit];
}

function unlikelyTime(us: number, unit: TimeUnit, columns: FileColumns, task: ChunkToDecode, row: number): DataError {
  const stored = storedValue(us, unit);
  const year = Math.abs(us) < 8.64e18 ? `the year ${new Date(us / 1000).getUTCFullYear()}` : "no date at all";
  const likely = inferUnit(stored);
  const why = columns.unit ? "as the column's type says" : "as the first rows are";
  const guess = likely ? `; read as ${UNIT_NAMES[likely]} it is ${isoUtc(Math.floor(timeIn(stored, likely)))}` : "";
  return new DataError(
    "timestamp-unit",
    `${task.place.file}, column ${task.place.column}, row ${row}: ${stored} read as ${UNIT_NAMES[unit]}, ${why}, lies in ${year}${guess}`,
    likely
      ? `write the column in the unit it declares: the values look like ${UNIT_NAMES[likely]}`
      : "remove the row or correct its time; times between 1990 and 2100 are read",
    { ...task.place, row },
  );
}

/** Starts of bars, microseconds UTC, from times as written, into an array that may be the same one. */
export function startsOf(
  times: Float64Array,
  starts: Float64Array,
  zone: ZoneReader | undefined,
  labelShiftUs: number,
): Float64Array {
  if (zone === undefined) for (let i = 0; i < times.length; i++) starts[i] = times[i] - labelShiftUs;
  else for (let i = 0; i < times.length; i++) starts[i] = zone.read(times[i]) - labelShiftUs;
  return starts;
}

/** What `--label end` takes off a stamp. */
export const END_LABEL_SHIFT_US = MINUTE_US;
