/**
 * `bardeck export`: replays a range session by session and writes what came of it as Parquet.
 *
 *   bars-1m/symbol=SPY/date=2013-10-07.parquet   base bars, streamed and filled; opens in bardeck again
 *   bars-5m/symbol=SPY/date=2013-10-07.parquet   derived bars, a folder an interval
 *   quality.parquet                              a row a symbol and session
 *   gaps.parquet                                 a row a gap
 *
 * A symbol has no file for a session on which it has no bars; its row in quality.parquet is there all the same. Of one
 * that was left out (`--on-load-error`) nothing was due: quality is null, due and missing are 0, and it has no gaps.
 * Volume is a double everywhere: the engine's own number, exact up to 2^53, and one type in all files of a folder;
 * whether every volume is whole is known only after the last one.
 */
import { assert } from "../assert.js";
import { join } from "node:path";
import { BardeckError, DataError, UsageError } from "../errors.js";
import { liesInData } from "../catalog/discover.js";
import { escapeName } from "../catalog/escape.js";
import { segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import { STEP } from "../protocol/phases.js";
import { endPlace, stepPlace } from "../protocol/places.js";
import type { LiveSession } from "../session/live-session.js";
import { openWithHooks } from "../session/open.js";
import type { OpenOptions } from "../session/types.js";
import { baseTable, derivedTable, type BarTable } from "../work/day-columns.js";
import type { DayRecord, SymbolRecord } from "../work/day-record.js";
import {
  openParquetWriter,
  writeParquet,
  type ParquetColumn,
  type ParquetField,
  type ParquetFileWriter,
} from "./parquet-writer.js";
import { PartialFolder } from "./partial-folder.js";

export interface ExportHooks {
  /** After each session: sessions written, sessions of the range. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the export; nothing is left of it. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What has been written. */
export interface ExportReport {
  /** Relative to the folder, with `/`, in the order they were written. */
  readonly files: readonly string[];
  /** Over all files. */
  readonly rows: number;
  /** Digest of the replay, as `run` shows it. */
  readonly digest: string;
}

/**
 * Replays the data `options` names and writes its bars, derived bars, quality and gaps into `outDir`: all of it, or nothing.
 * The folder must be new or empty. Data-driven whatever the speed asked for; memory stays within a day and the records.
 *
 * @throws UsageError (exit 2) when the folder lies in the data: it would be read with it from then on
 * @throws FileError (exit 4) when the folder is not empty or cannot be written (no permission, disk full)
 * @throws DataError, FileError, UsageError as `open` does
 * @example
 * const { files } = await exportData({ path: "bars", symbols: ["SPY"], derived: "withhold" }, "out");
 * const again = await open("out/bars-1m"); // the same bars
 */
export async function exportData(options: OpenOptions, outDir: string, hooks: ExportHooks = {}): Promise<ExportReport> {
  const { signal = options.signal } = hooks;
  signal?.throwIfAborted();
  await refuseInsideData(outDir, options);
  const folder = await PartialFolder.create(outDir);
  try {
    const session = await openWithHooks({ ...options, speed: 0, events: false, keepDays: 0, signal }, {});
    const stop = (): void => void session.dispose();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const written = await writeSessions(session, folder, hooks.onProgress ?? (() => {}), signal);
      signal?.throwIfAborted();
      await folder.commit();
      return { ...written, digest: session.summary().digest };
    } finally {
      signal?.removeEventListener("abort", stop);
      await session.dispose();
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : folder.toldOfTarget(error);
  } finally {
    await folder.discard();
  }
}

async function refuseInsideData(outDir: string, { path, fillFrom }: OpenOptions): Promise<void> {
  for (const data of [path, ...(fillFrom === undefined ? [] : [fillFrom])]) {
    const written = [QUALITY_FILE, "bars-1m/symbol=SPY/date=2013-10-07.parquet"].map((name) => join(outDir, name));
    const inside = await Promise.all(written.map((file) => liesInData(file, data)));
    if (!inside.includes(true)) continue;
    throw new UsageError(
      `--out ${escapeName(outDir)} lies in ${escapeName(data)}: the export would be read as data from then on`,
      "choose a folder beside the data, not inside it",
    );
  }
}

/** Session after session: nothing moves while a day is read. */
async function writeSessions(
  session: LiveSession,
  folder: PartialFolder,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<Pick<ExportReport, "files" | "rows">> {
  const { plan } = session;
  refuseTooEarly(plan);
  let record: DayRecord | undefined;
  session.on("day", (day) => (record = day.record));
  const writer = await DataWriter.open(folder, plan, signal);
  try {
    for (let epoch = 0; epoch < plan.sessions.length; epoch++) {
      await runToClosed(session, epoch);
      assert(record?.epoch === epoch, `the record of session ${epoch} has arrived`);
      await writer.addDay(record, session.closedSegment());
      onProgress(epoch + 1, plan.sessions.length);
    }
    return await writer.close();
  } finally {
    await writer.abandon();
  }
}

/** To where the day is closed and its memory has not been given to another. */
async function runToClosed(session: LiveSession, epoch: number): Promise<void> {
  const { plan } = session;
  const shape = shapeOf(plan);
  const isLast = epoch + 1 === plan.sessions.length;
  const place = isLast ? endPlace(shape) : stepPlace(shape, epoch, STEP.roll);
  const { reason, why } = await session.runToPlace(place, `export ${plan.sessions[epoch].date}`);
  if (reason !== "until" && reason !== "finished")
    throw new BardeckError("stopped", `the export was stopped: ${why}`, "run it again");
}

/** Parquet times here begin in 1970; so does nothing the built-in calendars know, but the data may say otherwise. */
function refuseTooEarly(plan: SessionPlan): void {
  const early = plan.sessions.find((session) => session.openUs < 0);
  if (early)
    throw new DataError(
      "too-early",
      `${early.date} lies before 1970, which an export cannot hold`,
      "begin later: --from 1970-01-02",
    );
}

/** Writes the files of one day after the other. */
class DataWriter {
  private readonly files: string[] = [];
  private rows = 0;

  private constructor(
    private readonly folder: PartialFolder,
    private readonly plan: SessionPlan,
    private readonly quality: RowTable<QualityRow>,
    private readonly gaps: RowTable<GapRow>,
    private readonly signal: AbortSignal | undefined,
  ) {}

  static async open(folder: PartialFolder, plan: SessionPlan, signal: AbortSignal | undefined): Promise<DataWriter> {
    const quality = await RowTable.open<QualityRow>(await folder.file(QUALITY_FILE), QUALITY_FIELDS);
    const gaps = await RowTable.open<GapRow>(await folder.file(GAPS_FILE), GAP_FIELDS);
    return new DataWriter(folder, plan, quality, gaps, signal);
  }

  async addDay(record: DayRecord, segment: Segment): Promise<void> {
    for (let symbol = 0; symbol < this.plan.symbols.length; symbol++) {
      this.signal?.throwIfAborted();
      await this.addBars(record, segment, symbol);
    }
    await this.quality.add(record.symbols.map((symbol) => qualityRow(record, symbol)));
    await this.gaps.add(record.symbols.flatMap((symbol) => gapRows(record, symbol)));
  }

  /** The bars of one symbol: a file for the minutes and one for each interval. */
  private async addBars({ date, opensAtUs }: DayRecord, segment: Segment, symbol: number): Promise<void> {
    const { derivedPolicy, symbols } = this.plan;
    const grid = segmentGrid(segment);
    const place = `symbol=${encodeURIComponent(symbols[symbol])}/date=${date}.parquet`;
    const base = baseTable(grid, symbol, opensAtUs);
    await this.write(`bars-1m/${place}`, base.startUs.length, [
      ...barColumns(base),
      { name: "origin", kind: "utf8", values: base.origin },
    ]);
    for (const derived of segmentDerived(segment)) {
      const table = derivedTable(derived, grid, symbol, opensAtUs, derivedPolicy);
      await this.write(`bars-${derived.intervalMinutes}m/${place}`, table.startUs.length, [
        ...barColumns(table),
        { name: "n", kind: "int32", values: table.n },
        { name: "m", kind: "int32", values: table.m },
        { name: "status", kind: "utf8", values: table.status },
      ]);
    }
  }

  private async write(name: string, rows: number, columns: readonly ParquetColumn[]): Promise<void> {
    if (rows === 0) return;
    await writeParquet(await this.folder.file(name), columns);
    this.files.push(name);
    this.rows += rows;
  }

  async close(): Promise<Pick<ExportReport, "files" | "rows">> {
    const rows = this.rows + (await this.quality.close()) + (await this.gaps.close());
    return { files: [...this.files, QUALITY_FILE, GAPS_FILE], rows };
  }

  async abandon(): Promise<void> {
    await Promise.all([this.quality.abandon(), this.gaps.abandon()]);
  }
}

function barColumns(table: BarTable): ParquetColumn[] {
  const prices = (["open", "high", "low", "close", "volume"] as const).map((name): ParquetColumn => ({
    name,
    kind: "double",
    values: table[name],
  }));
  return [{ name: "timestamp", kind: "timestamp", values: table.startUs }, ...prices];
}

// ---- tables that grow by a day at a time ----

/** Rows in memory before they become a row group. */
const GROUP_ROWS = 4096;

type Row = Readonly<Record<string, string | number | null>>;

/** A Parquet file of rows: few a day, so they wait for each other. */
class RowTable<Of extends Row> {
  private waiting: Of[] = [];

  private constructor(
    private readonly writer: ParquetFileWriter,
    private readonly fields: readonly ParquetField[],
  ) {}

  static async open<Of extends Row>(path: string, fields: readonly Field<Of>[]): Promise<RowTable<Of>> {
    return new RowTable<Of>(await openParquetWriter(path, fields), fields);
  }

  async add(rows: readonly Of[]): Promise<void> {
    this.waiting = this.waiting.concat(rows);
    if (this.waiting.length >= GROUP_ROWS) await this.flush();
  }

  private async flush(): Promise<void> {
    const rows = this.waiting;
    this.waiting = [];
    if (rows.length > 0)
      await this.writer.append(this.fields.map(({ name }) => rows.map((row) => row[name]) as number[]));
  }

  /** Number of rows written. */
  async close(): Promise<number> {
    await this.flush();
    return (await this.writer.close()).rows;
  }

  abandon(): Promise<void> {
    return this.writer.abandon();
  }
}

/** A column of a table of such rows; every key of the row is one. */
type Field<Of> = ParquetField & { readonly name: keyof Of & string };

const QUALITY_FILE = "quality.parquet";
const QUALITY_FIELDS = [
  { name: "date", kind: "utf8" },
  { name: "symbol", kind: "utf8" },
  { name: "rows", kind: "int32" },
  { name: "streamed", kind: "int32" },
  { name: "pre_market", kind: "int32" },
  { name: "after_hours", kind: "int32" },
  { name: "at_close", kind: "int32" },
  { name: "rejected", kind: "int32" },
  { name: "duplicate", kind: "int32" },
  { name: "conflict", kind: "int32" },
  { name: "unread", kind: "int32" },
  { name: "due", kind: "int32" },
  { name: "observed", kind: "int32" },
  { name: "missing", kind: "int32" },
  { name: "filled", kind: "int32" },
  { name: "quality", kind: "double", nullable: true },
  { name: "quality30", kind: "double", nullable: true },
  { name: "longest_gap", kind: "int32" },
  { name: "gaps", kind: "int32" },
  { name: "open", kind: "double", nullable: true },
  { name: "high", kind: "double", nullable: true },
  { name: "low", kind: "double", nullable: true },
  { name: "last", kind: "double", nullable: true },
  { name: "volume", kind: "double" },
  { name: "digest", kind: "utf8" },
] as const satisfies readonly ParquetField[];
type QualityRow = RowOf<typeof QUALITY_FIELDS>;

const GAPS_FILE = "gaps.parquet";
/** `start` and `end` (exclusive) as everywhere; `bars` minutes between them. */
const GAP_FIELDS = [
  { name: "date", kind: "utf8" },
  { name: "symbol", kind: "utf8" },
  { name: "start", kind: "timestamp" },
  { name: "end", kind: "timestamp" },
  { name: "bars", kind: "int32" },
] as const satisfies readonly ParquetField[];
type GapRow = RowOf<typeof GAP_FIELDS>;

/** The row type that a list of fields describes. */
type RowOf<Fields extends readonly ParquetField[]> = {
  readonly [Of in Fields[number] as Of["name"]]:
    (Of["kind"] extends "utf8" ? string : number) | (Of extends { nullable: true } ? null : never);
};

function qualityRow({ date, digest }: DayRecord, of: SymbolRecord): QualityRow {
  const { symbol, rows, streamed, filtered, rejected, unread, due, observed, missing, filled } = of;
  const { preMarket: pre_market, afterHours: after_hours, atClose: at_close } = filtered;
  const { quality, quality30, longestGap: longest_gap, open, high, low, last, volume } = of;
  const classes = {
    streamed,
    pre_market,
    after_hours,
    at_close,
    rejected,
    duplicate: of.duplicates,
    conflict: of.conflicts,
    unread,
  };
  const coverage = { due, observed, missing, filled, quality, quality30, longest_gap, gaps: of.gaps.length };
  return { date, symbol, rows, ...classes, ...coverage, open, high, low, last, volume, digest };
}

function gapRows({ date }: DayRecord, { symbol, gaps }: SymbolRecord): GapRow[] {
  return gaps.map(({ startUs, endUs, bars }) => ({ date, symbol, start: startUs, end: endUs, bars }));
}
