/**
 * Loads the sessions of a plan: decodes the row groups that hold a day's rows, a few files at a time,
 * and hands their rows to the classifier in the order of the files.
 */
import { setImmediate } from "node:timers/promises";
import { assert } from "../assert.js";
import { BardeckError, DataError } from "../errors.js";
import { REJECT_CAUSES, type DayLoad, type DaySource, type SourceDay } from "../market/bars.js";
import { DayClassifier, type RowBatch } from "./classify-rows.js";
import { VALUE_ROLES } from "./columns.js";
import type { DayBook } from "./day-book.js";
import { decodeNumbers, decodeText } from "./decode-chunk.js";
import { GroupCache } from "./group-cache.js";
import { inOrder } from "./in-order.js";
import { escapeName } from "./escape.js";
import { ParquetFile } from "./parquet-file.js";
import type { ParquetLayout } from "./parquet-layout.js";
import type { Plan } from "./plan.js";
import { decodeTimes, readColumns, startsOf } from "./scan-file.js";
import type { Scan } from "./scan.js";
import type { DataOptions } from "./types.js";

/** Rows of one row group, decoded. */
interface DecodedGroup {
  readonly firstRow: number;
  readonly startUs: Float64Array;
  /** Number of each row's symbol in the catalogue; absent in a file of one symbol. */
  readonly symbols: Int32Array | undefined;
  /** In the order of `VALUE_ROLES`. */
  readonly values: readonly Float64Array[];
  readonly nulls: Uint8Array | undefined;
}

/** What a session needs of one file. */
interface FileDemand {
  readonly file: number;
  /** Ascending, apart from each other: `[first, last]` rows. */
  readonly ranges: Array<[number, number]>;
  /** Positions in the scan's entries. */
  readonly entries: number[];
}

const FILES_AT_ONCE = 6;
const BREATH_FILES = 16;
const CACHE_BYTES = 256 << 20;
const KNOWN_LAYOUT_GROUPS = 5000;
/** Errors after which the rest of the data can still be used, if the person wants that. */
const READ_ERRORS = new Set(["not-found", "no-permission", "unreadable", "not-a-file", "symlink-loop", "corrupt-file", "bad-footer", "truncated", "not-parquet", "empty-file", "unknown-codec", "unknown-encoding"]);

export class DayLoader implements DaySource {
  private readonly cache = new GroupCache<DecodedGroup>(CACHE_BYTES);
  private readonly layouts = new Map<number, ParquetLayout>();
  private layoutGroups = 0;
  private readonly loaded: Uint8Array;
  /** Rejected rows of each file by cause, and the sessions that are in the sum. */
  private readonly rejected = new Map<number, { causes: number[]; sessions: Set<number> }>();
  /** Last session with rows of the file, by file. */
  private readonly lastSession: Int32Array;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly scan: Scan,
    private readonly plan: Plan,
    private readonly book: DayBook,
    private readonly options: DataOptions,
  ) {
    const sessions = plan.catalog.sessions.length;
    this.loaded = new Uint8Array(sessions);
    this.lastSession = new Int32Array(scan.files.length).fill(-1);
    for (let s = 0; s < sessions; s++) {
      for (let k = plan.bounds[2 * s]; k < plan.bounds[2 * s + 1]; k++) this.lastSession[scan.entries.file[scan.order[k]]] = s;
    }
  }

  load(index: number, into: SourceDay): Promise<DayLoad> {
    // One at a time: two days at once would decode the same row groups twice.
    const turn = this.queue.then(() => this.loadNow(index, into));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.queue;
    this.cache.clear();
    this.layouts.clear();
  }

  private async loadNow(index: number, into: SourceDay): Promise<DayLoad> {
    const session = this.plan.catalog.sessions[index];
    assert(session !== undefined, `session ${index} of ${this.plan.catalog.sessions.length}`);
    const demands = this.demandsOf(index);
    const skipped = this.options.onLoadError === "stop" || this.options.onLoadError === undefined ? new Map<number, string>() : await this.findUnreadable(demands, index);
    const day = this.plan.days[index];
    const classifier = new DayClassifier(into, {
      session,
      dayStartUs: this.book.startUs(day),
      dayEndUs: this.book.startUs(day + 1),
      symbols: this.plan.catalog.symbols,
      timeZone: this.book.calendar.timeZone,
      fileName: (file) => this.scan.files[file].found.name,
      floorMinutes: this.options.floorMinutes ?? false,
      onConflict: this.options.onConflict ?? "first",
    });
    const readable = demands.filter((demand) => demand.entries.some((entry) => !skipped.has(this.symbolOf(entry))));
    await inOrder(
      readable,
      FILES_AT_ONCE,
      (demand) => this.readBatches(demand, index, skipped),
      async (batches, i) => {
        for (const batch of batches) classifier.add(batch);
        this.refuseMostlyRejected(readable[i].file, classifier, index);
        if (i % BREATH_FILES === BREATH_FILES - 1) await setImmediate();
      },
    );
    for (const demand of demands) {
      for (const entry of demand.entries) {
        const symbol = this.symbolOf(entry);
        if (skipped.has(symbol)) classifier.addUnread(demand.file, symbol, this.scan.entries.rows[entry]);
      }
    }
    this.loaded[index] = 1;
    const done = classifier.finish();
    return {
      ...done,
      notices: classifier.notices,
      skipped: [...skipped].map(([symbol, message]) => ({ symbol: this.plan.catalog.symbols[symbol], message })),
    };
  }

  private symbolOf(entry: number): number {
    return this.plan.symbolIndex[this.scan.entries.symbol[entry]];
  }

  /** The files a session needs, in their order, with the ranges of rows in each. */
  private demandsOf(index: number): FileDemand[] {
    const { entries, order } = this.scan;
    const byFile = new Map<number, number[]>();
    for (let k = this.plan.bounds[2 * index]; k < this.plan.bounds[2 * index + 1]; k++) {
      const entry = order[k];
      if (this.symbolOf(entry) < 0) continue;
      const list = byFile.get(entries.file[entry]);
      if (list) list.push(entry);
      else byFile.set(entries.file[entry], [entry]);
    }
    return [...byFile]
      .sort(([a], [b]) => a - b)
      .map(([file, list]) => ({ file, entries: list, ranges: mergeRanges(list.map((entry) => [entries.firstRow[entry], entries.lastRow[entry]])) }));
  }

  /**
   * Under a policy other than stop, all files of the day are read before any row is classified, so
   * that nothing of a symbol that is left out has been written. Returns the symbols left out, with why.
   */
  private async findUnreadable(demands: readonly FileDemand[], index: number): Promise<Map<number, string>> {
    const skipped = new Map<number, string>();
    for (const demand of demands) {
      try {
        await this.readBatches(demand, index, skipped);
      } catch (error) {
        // A day that has loaded once is part of results already shown: it cannot turn into a missing one.
        if (this.loaded[index] === 1 || !(error instanceof BardeckError) || !READ_ERRORS.has(error.code)) throw error;
        if (this.options.onLoadError === "skip-day") return new Map(this.plan.catalog.symbols.map((_, symbol) => [symbol, error.message]));
        for (const entry of demand.entries) skipped.set(this.symbolOf(entry), error.message);
      }
    }
    return skipped;
  }

  /** Decodes the row groups of a file that hold the rows wanted, as batches in the order they are stored. */
  private async readBatches(demand: FileDemand, index: number, skipped: ReadonlyMap<number, string>): Promise<RowBatch[]> {
    const scanned = this.scan.files[demand.file];
    const date = scanned.claims.date;
    const misfiled = date !== undefined && date !== this.plan.catalog.sessions[index].date;
    const symbol = scanned.symbol >= 0 ? this.plan.symbolIndex[scanned.symbol] : -1;
    const lazy = new LazyFile(() => ParquetFile.open(scanned.found, scanned.fingerprint, this.layouts.get(demand.file)));
    try {
      const layout = this.layouts.get(demand.file) ?? (await lazy.open()).layout;
      this.rememberLayout(demand.file, index, layout);
      const batches: RowBatch[] = [];
      for (let group = 0; group < layout.groups.length; group++) {
        const { firstRow, rows } = layout.groups[group];
        const inside = demand.ranges.filter(([first, last]) => last >= firstRow && first < firstRow + rows);
        if (inside.length === 0) continue;
        const decoded = await this.decodeGroup(lazy, demand.file, group, index, demand);
        for (const [first, last] of inside) {
          const [from, to] = [Math.max(first - firstRow, 0), Math.min(last - firstRow + 1, rows)];
          batches.push(cutBatch(decoded, from, to, demand.file, decoded.symbols === undefined ? symbol : withoutSkipped(decoded.symbols.subarray(from, to), skipped), misfiled));
        }
      }
      return batches;
    } finally {
      await lazy.close();
    }
  }

  private rememberLayout(file: number, index: number, layout: ParquetLayout): void {
    // A file of one day is read once; keeping its layout would only fill the memory.
    if (index >= this.lastSession[file] || this.layouts.has(file) || this.layoutGroups > KNOWN_LAYOUT_GROUPS) return;
    this.layouts.set(file, layout);
    this.layoutGroups += layout.groups.length;
  }

  private async decodeGroup(lazy: LazyFile, fileIndex: number, group: number, index: number, demand: FileDemand): Promise<DecodedGroup> {
    const key = `${fileIndex} ${group}`;
    const cached = this.cache.get(key);
    if (cached) return cached;
    const file = await lazy.open();
    const scanned = this.scan.files[fileIndex];
    const { columns } = scanned;
    const values = VALUE_ROLES.map((role) => columns.values[role]);
    const { firstRow, rows } = file.layout.groups[group];
    const wanted = [columns.timestamp, ...values.map((value) => value.column), ...(columns.symbol ? [columns.symbol] : [])];
    const chunks = await readColumns(file, group, wanted);
    await file.checkUnchanged();
    const times = decodeTimes(chunks[0], columns, scanned.unit, firstRow);
    const numbers = values.map((value, i) => decodeNumbers(chunks[i + 1].bytes, chunks[i + 1].task, value.widen));
    const decoded: DecodedGroup = {
      firstRow,
      startUs: startsOf(times.values, columns.utc ? undefined : this.scan.reading.zone, this.scan.labelShiftUs),
      symbols: columns.symbol ? this.symbolIndices(chunks[chunks.length - 1], scanned.symbol) : undefined,
      values: numbers.map((number) => number.values),
      nulls: anyNulls(numbers.map((number) => number.nulls), rows),
    };
    const whole = demand.ranges.length === 1 && demand.ranges[0][0] <= firstRow && demand.ranges[0][1] >= firstRow + rows - 1;
    if (!whole) this.cache.put(key, decoded, rows * 8 * (VALUE_ROLES.length + 2), index, this.lastSession[fileIndex]);
    return decoded;
  }

  /** Symbols of a row group as indices of the catalogue; -1 for those not asked for or wrong in this file. */
  private symbolIndices(chunk: Awaited<ReturnType<typeof readColumns>>[number], own: number): Int32Array {
    const { codes, words } = decodeText(chunk.bytes, chunk.task);
    const index = words.map((word) => {
      const number = this.scan.symbols.indexOf(escapeName(word));
      return number < 0 || (own >= 0 && number !== own) ? -1 : this.plan.symbolIndex[number];
    });
    for (let i = 0; i < codes.length; i++) codes[i] = codes[i] < 0 ? -1 : index[codes[i]];
    return codes;
  }

  /** More than half of a file rejected for one cause is not a row here and there: it is a misreading. */
  private refuseMostlyRejected(file: number, classifier: DayClassifier, index: number): void {
    const causes = classifier.causesOf(file);
    if (causes.every((count) => count === 0)) return;
    let sum = this.rejected.get(file);
    if (!sum) this.rejected.set(file, (sum = { causes: new Array<number>(REJECT_CAUSES.length).fill(0), sessions: new Set() }));
    if (sum.sessions.has(index)) return;
    sum.sessions.add(index);
    const { found, sessionRows } = this.scan.files[file];
    causes.forEach((count, cause) => {
      sum.causes[cause] += count;
      if (sum.causes[cause] * 2 <= sessionRows) return;
      const name = REJECT_CAUSES[cause];
      const hint = name === "notOnMinute" ? "--floor-minutes moves each row to the minute it lies in" : "are these the right columns? --columns open=NAME,high=NAME,…";
      throw new DataError("mostly-rejected", `${found.name}: ${sum.causes[cause]} of ${sessionRows} rows inside sessions are rejected for one cause, ${name}${firstNotice(classifier, found.name, name)}`, hint, { file: found.name });
    });
  }
}

function firstNotice({ notices }: DayClassifier, file: string, cause: string): string {
  const notice = notices.find((one) => one.file === file && one.cause === cause);
  return notice ? ` (the first is row ${notice.row}: ${notice.text})` : "";
}

/** A file opened when it is first needed: a day whose groups are all cached opens none. */
class LazyFile {
  private opened: Promise<ParquetFile> | undefined;

  constructor(private readonly opener: () => Promise<ParquetFile>) {}

  open(): Promise<ParquetFile> {
    return (this.opened ??= this.opener());
  }

  async close(): Promise<void> {
    const file = await this.opened?.catch(() => undefined);
    await file?.close();
  }
}

/** A batch of rows of a group. Copies, unless it is the whole group: a slice must not keep a year in memory. */
function cutBatch(group: DecodedGroup, from: number, to: number, file: number, symbol: number | Int32Array, misfiled: boolean): RowBatch {
  const whole = from === 0 && to === group.startUs.length;
  const cut = <T extends Float64Array | Uint8Array>(column: T): T => (whole ? column : (column.slice(from, to) as T));
  const [open, high, low, close, volume] = group.values.map(cut);
  return {
    file,
    firstRow: group.firstRow + from,
    count: to - from,
    startUs: cut(group.startUs),
    symbol: typeof symbol === "number" || whole ? symbol : symbol.slice(),
    open,
    high,
    low,
    close,
    volume,
    nulls: group.nulls && cut(group.nulls),
    misfiled,
  };
}

function withoutSkipped(symbols: Int32Array, skipped: ReadonlyMap<number, string>): Int32Array {
  return skipped.size === 0 ? symbols : symbols.map((symbol) => (skipped.has(symbol) ? -1 : symbol));
}

function anyNulls(columns: ReadonlyArray<Uint8Array | undefined>, rows: number): Uint8Array | undefined {
  if (columns.every((column) => column === undefined)) return undefined;
  const any = new Uint8Array(rows);
  for (const column of columns) if (column) for (let i = 0; i < rows; i++) any[i] |= column[i];
  return any;
}

/** Ranges of rows that overlap or touch, as one each, ascending. */
function mergeRanges(ranges: Array<[number, number]>): Array<[number, number]> {
  const merged: Array<[number, number]> = [];
  for (const [first, last] of ranges.sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
