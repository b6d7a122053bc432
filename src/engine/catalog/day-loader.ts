/**
 * Loads the sessions of a plan: decodes the row groups that hold a day's rows, a few files at a time,
 * and hands their rows to the classifier in the order of the files.
 */
import { totalmem } from "node:os";
import { setImmediate } from "node:timers/promises";
import { assert } from "../assert.js";
import { DataError } from "../errors.js";
import {
  EXCEPTION_WORDS,
  REJECT_CAUSES,
  ROW_CLASSES,
  ROW_FLAGS,
  type DayLoad,
  type DaySource,
  type SourceDay,
} from "../market/bars.js";
import { DayClassifier, type RowBatch } from "./classify-rows.js";
import { VALUE_ROLES } from "./columns.js";
import type { DayBook } from "./day-book.js";
import { decodeNumbers, decodeText } from "./decode-chunk.js";
import { GroupCache } from "./group-cache.js";
import { inOrder } from "./in-order.js";
import { escapeName } from "./escape.js";
import { isReadError, ParquetFile } from "./parquet-file.js";
import type { ParquetLayout } from "./parquet-layout.js";
import type { Plan } from "./plan.js";
import { decodeTimes, readColumns, startsOf } from "./scan-file.js";
import type { Scan } from "./scan.js";
import type { DataOptions } from "./types.js";
import { widenHalves } from "./widen.js";

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
/** For row groups of many days; a machine with little memory decodes more often. */
const CACHE_BYTES = Math.min(2 ** 30, totalmem() / 8);
const KNOWN_LAYOUT_GROUPS = 5000;

export class DayLoader implements DaySource {
  private readonly cache = new GroupCache<DecodedGroup>(CACHE_BYTES);
  private readonly layouts = new Map<number, ParquetLayout>();
  private layoutGroups = 0;
  private readonly symbolNumbers: ReadonlyMap<string, number>;
  /**
   * Symbols left out of each session that was loaded, with why. A day that has loaded once is part of results
   * already shown: loaded again it leaves out the same symbols, and whatever fails then is an error.
   */
  private readonly leftOut: Array<ReadonlyMap<number, string> | undefined>;
  /** Rejected rows of each file by cause, and the sessions that are in the sum. */
  private readonly rejected = new Map<number, { causes: number[]; sessions: Set<number> }>();
  /** Last session with rows of the file, by file. */
  private readonly lastSession: Int32Array;
  /** Last closes of the sessions loaded so far. */
  private readonly closes = new Map<number, Float64Array>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly scan: Scan,
    private readonly plan: Plan,
    private readonly book: DayBook,
    private readonly options: DataOptions,
  ) {
    const sessions = plan.catalog.sessions.length;
    this.symbolNumbers = new Map(scan.symbols.map((symbol, number) => [symbol, number]));
    this.leftOut = new Array<undefined>(sessions).fill(undefined);
    this.lastSession = new Int32Array(scan.files.length).fill(-1);
    for (let s = 0; s < sessions; s++) {
      for (let k = plan.bounds[2 * s]; k < plan.bounds[2 * s + 1]; k++)
        this.lastSession[scan.entries.file[scan.order[k]]] = s;
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
    assert(index >= 0 && index < this.leftOut.length, `session ${index} of ${this.leftOut.length}`);
    return this.fill(index, into, index > 0 ? await this.closesOf(index - 1) : undefined);
  }

  /** Last closes of a session: from its load, or from one made for them when a session is loaded out of turn. */
  private async closesOf(index: number): Promise<Float64Array> {
    if (!this.closes.has(index)) await this.fill(index, this.scratchDay(index), undefined);
    return this.closes.get(index)!;
  }

  private scratchDay(index: number): SourceDay {
    const { symbols: names, sessions, mostSessionRows } = this.plan.catalog;
    const [symbols, minutes] = [names.length, sessions[index].minutes];
    const [slots, exceptions] = [minutes * symbols, (mostSessionRows + 3 * symbols) * EXCEPTION_WORDS];
    const column = (): Float64Array => new Float64Array(slots);
    return {
      minutes,
      symbols,
      bars: { open: column(), high: column(), low: column(), close: column(), volume: column() },
      flags: new Uint8Array(slots),
      file: new Uint32Array(slots),
      row: new Uint32Array(slots),
      exceptions: new Uint32Array(exceptions),
      classCount: new Uint32Array(symbols * ROW_CLASSES.length),
      causeCount: new Uint32Array(symbols * REJECT_CAUSES.length),
      flagCount: new Uint32Array(symbols * ROW_FLAGS.length),
      atClosePrice: new Float64Array(symbols),
      atCloseVolume: new Float64Array(symbols),
    };
  }

  /** Loads a session, under a policy other than stop a second time without the symbols that cannot be read. */
  private async fill(index: number, into: SourceDay, closeBefore: Float64Array | undefined): Promise<DayLoad> {
    const demands = this.demandsOf(index);
    const before = this.leftOut[index];
    const known = before ?? this.knownFailures(index);
    return this.classify(index, into, closeBefore, demands, known).catch(async (error) => {
      if (before !== undefined || (this.options.onLoadError ?? "stop") === "stop" || !isReadError(error)) throw error;
      const skipped = await this.findUnreadable(demands, index, known);
      clear(into);
      return this.classify(index, into, closeBefore, demands, skipped);
    });
  }

  private async classify(
    index: number,
    into: SourceDay,
    closeBefore: Float64Array | undefined,
    demands: readonly FileDemand[],
    skipped: ReadonlyMap<number, string>,
  ): Promise<DayLoad> {
    const classifier = this.createClassifier(index, into, closeBefore);
    const readable = demands.filter((demand) => demand.entries.some((entry) => !skipped.has(this.symbolOf(entry))));
    await inOrder(
      readable,
      FILES_AT_ONCE,
      (demand) => this.readBatches(demand, index, skipped),
      async (batches, i) => {
        try {
          for (const batch of batches) classifier.add(batch);
        } catch (error) {
          throw await this.withExactVolume(error, readable[i].file);
        }
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
    const { lastClose, ...done } = classifier.finish();
    this.closes.set(index, lastClose);
    this.leftOut[index] = skipped;
    const { symbols } = this.plan.catalog;
    return {
      ...done,
      notices: classifier.notices,
      skipped: [...skipped].map(([symbol, message]) => ({ symbol: symbols[symbol], message })),
    };
  }

  private createClassifier(index: number, into: SourceDay, closeBefore: Float64Array | undefined): DayClassifier {
    const day = this.plan.days[index];
    return new DayClassifier(into, {
      session: this.plan.catalog.sessions[index],
      dayStartUs: this.book.startUs(day),
      dayEndUs: this.book.startUs(day + 1),
      symbols: this.plan.catalog.symbols,
      timeZone: this.book.calendar.timeZone,
      fileName: (file) => this.scan.files[file].found.name,
      floorMinutes: this.options.floorMinutes ?? false,
      onConflict: this.options.onConflict ?? "first",
      closeBefore,
    });
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
      .map(([file, list]) => ({
        file,
        entries: list,
        ranges: mergeRanges(list.map((entry) => [entries.firstRow[entry], entries.lastRow[entry]])),
      }));
  }

  /** Symbols whose files the scan could not read. */
  private knownFailures(index: number): Map<number, string> {
    const { date } = this.plan.catalog.sessions[index];
    const failed = new Map<number, string>();
    for (const failure of this.scan.failures) {
      const symbol = this.plan.symbolIndex[failure.symbol];
      if (symbol >= 0 && (failure.date === undefined || failure.date === date)) failed.set(symbol, failure.message);
    }
    return this.wholeDay(failed);
  }

  /** With `skip-day` one symbol that fails takes the others with it. */
  private wholeDay(failed: Map<number, string>): Map<number, string> {
    const [first] = failed.values();
    if (first === undefined || this.options.onLoadError !== "skip-day") return failed;
    return new Map(this.plan.catalog.symbols.map((_, symbol) => [symbol, failed.get(symbol) ?? first]));
  }

  /** Reads all files of the day to find those that cannot be read. Returns the symbols to leave out, with why. */
  private async findUnreadable(
    demands: readonly FileDemand[],
    index: number,
    known: ReadonlyMap<number, string>,
  ): Promise<Map<number, string>> {
    const failed = new Map(known);
    for (const demand of demands) {
      try {
        await this.readBatches(demand, index, failed);
      } catch (error) {
        if (!isReadError(error)) throw error;
        for (const entry of demand.entries) failed.set(this.symbolOf(entry), error.message);
      }
    }
    return this.wholeDay(failed);
  }

  /** The error about a volume that is not exact, with the row group and the value as it is stored; other errors as they are. */
  private async withExactVolume(error: unknown, index: number): Promise<unknown> {
    if (!(error instanceof DataError) || error.code !== "volume-too-large" || error.place.row === undefined)
      return error;
    const { found, fingerprint, columns } = this.scan.files[index];
    assert(columns !== undefined, "rows of a file that was not read");
    const { row } = error.place;
    const { column } = columns.values.volume;
    const halves = widenHalves(column.element);
    const file = await ParquetFile.open(found, fingerprint);
    try {
      const group = file.layout.groups.findIndex(({ firstRow, rows }) => row >= firstRow && row < firstRow + rows);
      const place = { file: found.name, rowGroup: group, column: escapeName(column.name), row };
      if (!halves) return new DataError(error.code, error.message, error.hint, place);
      const [{ bytes, task }] = await readColumns(file, group, [column]);
      const at = row - file.layout.groups[group].firstRow;
      const [low, high] = [halves.low, halves.high].map((half) => BigInt(decodeNumbers(bytes, task, half).values[at]));
      const exact = (high << 32n) + BigInt.asUintN(32, low);
      return new DataError(
        error.code,
        `${found.name}, row group ${group}, row ${row}: volume ${exact} is above 2^53 and cannot be kept exactly`,
        error.hint,
        place,
      );
    } finally {
      await file.close();
    }
  }

  /** Decodes the row groups of a file that hold the rows wanted, as batches in the order they are stored. */
  private async readBatches(
    demand: FileDemand,
    index: number,
    skipped: ReadonlyMap<number, string>,
  ): Promise<RowBatch[]> {
    const scanned = this.scan.files[demand.file];
    const date = scanned.claims.date;
    const misfiled = date !== undefined && date !== this.plan.catalog.sessions[index].date;
    const symbol = scanned.symbol >= 0 ? this.plan.symbolIndex[scanned.symbol] : -1;
    const lazy = new LazyFile(() =>
      ParquetFile.open(scanned.found, scanned.fingerprint, this.layouts.get(demand.file)),
    );
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
          batches.push(
            cutBatch(
              decoded,
              from,
              to,
              demand.file,
              decoded.symbols === undefined ? symbol : withoutSkipped(decoded.symbols.subarray(from, to), skipped),
              misfiled,
            ),
          );
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

  private async decodeGroup(
    lazy: LazyFile,
    fileIndex: number,
    group: number,
    index: number,
    demand: FileDemand,
  ): Promise<DecodedGroup> {
    const key = `${fileIndex} ${group}`;
    const cached = this.cache.get(key);
    if (cached) return cached;
    const file = await lazy.open();
    const scanned = this.scan.files[fileIndex];
    const { columns } = scanned;
    assert(columns !== undefined, "rows of a file that was not read");
    const values = VALUE_ROLES.map((role) => columns.values[role]);
    const { firstRow, rows } = file.layout.groups[group];
    const wanted = [
      columns.timestamp,
      ...values.map((value) => value.column),
      ...(columns.symbol ? [columns.symbol] : []),
    ];
    const chunks = await readColumns(file, group, wanted);
    // A file that changed may decode to anything, or to nothing: that must be said first.
    await file.checkUnchanged();
    const times = decodeTimes(chunks[0], columns, scanned.unit, firstRow);
    const numbers = values.map((value, i) => decodeNumbers(chunks[i + 1].bytes, chunks[i + 1].task, value.widen));
    const decoded: DecodedGroup = {
      firstRow,
      startUs: startsOf(
        times.values,
        times.values,
        columns.utc ? undefined : this.scan.reading.zone,
        this.scan.labelShiftUs,
      ),
      symbols: columns.symbol ? this.symbolIndices(chunks[chunks.length - 1], scanned.symbol) : undefined,
      values: numbers.map((number) => number.values),
      nulls: anyNulls(
        numbers.map((number) => number.nulls),
        rows,
      ),
    };
    const whole =
      demand.ranges.length === 1 && demand.ranges[0][0] <= firstRow && demand.ranges[0][1] >= firstRow + rows - 1;
    if (!whole) this.cache.put(key, decoded, rows * 8 * (VALUE_ROLES.length + 2), index, this.lastSession[fileIndex]);
    return decoded;
  }

  /** Symbols of a row group as indices of the catalogue; -1 for those not asked for or wrong in this file. */
  private symbolIndices(chunk: Awaited<ReturnType<typeof readColumns>>[number], own: number): Int32Array {
    const { codes, words } = decodeText(chunk.bytes, chunk.task);
    const index = words.map((word) => {
      const number = this.symbolNumbers.get(escapeName(word)) ?? -1;
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
    if (!sum)
      this.rejected.set(file, (sum = { causes: new Array<number>(REJECT_CAUSES.length).fill(0), sessions: new Set() }));
    if (sum.sessions.has(index)) return;
    sum.sessions.add(index);
    const { found, sessionRows } = this.scan.files[file];
    causes.forEach((count, cause) => {
      sum.causes[cause] += count;
      if (sum.causes[cause] * 2 <= sessionRows) return;
      const name = REJECT_CAUSES[cause];
      const hint =
        name === "notOnMinute"
          ? "--floor-minutes moves each row to the minute it lies in"
          : "are these the right columns? --columns open=NAME,high=NAME,…";
      throw new DataError(
        "mostly-rejected",
        `${found.name}: ${sum.causes[cause]} of ${sessionRows} rows inside sessions are rejected for one cause, ${name}${firstNotice(classifier, found.name, name)}`,
        hint,
        { file: found.name },
      );
    });
  }
}

function firstNotice({ notices }: DayClassifier, file: string, cause: string): string {
  const notice = notices.find((one) => one.file === file && one.cause === cause);
  return notice ? ` (the first is row ${notice.row}: ${notice.text})` : "";
}

/** Back to zero, as the arrays arrived. */
function clear(day: SourceDay): void {
  for (const column of Object.values(day.bars)) column.fill(0);
  for (const array of [day.flags, day.file, day.row, day.exceptions, day.classCount, day.causeCount, day.flagCount])
    array.fill(0);
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
function cutBatch(
  group: DecodedGroup,
  from: number,
  to: number,
  file: number,
  symbol: number | Int32Array,
  misfiled: boolean,
): RowBatch {
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
