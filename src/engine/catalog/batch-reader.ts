/**
 * Reads what sessions need of their files: decodes the row groups that hold a day's rows and cuts them into batches. Knows
 * files, row groups and what of them later days will need again; nothing of what becomes of the rows.
 */
import { totalmem } from "node:os";
import { assert } from "../assert.js";
import { DataError } from "../errors.js";
import type { RowBatch } from "./classify-rows.js";
import { VALUE_ROLES } from "./columns.js";
import { decodeNumbers, decodeText } from "./decode-chunk.js";
import { escapeName } from "./escape.js";
import { GroupCache } from "./group-cache.js";
import { ParquetFile } from "./parquet-file.js";
import type { ParquetLayout } from "./parquet-layout.js";
import type { Plan } from "./plan.js";
import { decodeTimes, readColumns, startsOf } from "./scan-file.js";
import type { Scan } from "./scan.js";
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
export interface FileDemand {
  readonly file: number;
  /** Ascending, apart from each other: `[first, last]` rows. */
  readonly ranges: Array<[number, number]>;
  /** Positions in the scan's entries. */
  readonly entries: number[];
}

/** For row groups of many days; a machine with little memory decodes more often. */
const CACHE_BYTES = Math.min(2 ** 30, totalmem() / 8);
const KNOWN_LAYOUT_GROUPS = 5000;

export class BatchReader {
  private readonly cache = new GroupCache<DecodedGroup>(CACHE_BYTES);
  private readonly layouts = new Map<number, ParquetLayout>();
  private layoutGroups = 0;
  private readonly symbolNumbers: ReadonlyMap<string, number>;
  /** Last session with rows of the file, by file. */
  private readonly lastSession: Int32Array;

  constructor(
    private readonly scan: Scan,
    private readonly plan: Plan,
  ) {
    const sessions = plan.catalog.sessions.length;
    this.symbolNumbers = new Map(scan.symbols.map((symbol, number) => [symbol, number]));
    this.lastSession = new Int32Array(scan.files.length).fill(-1);
    for (let s = 0; s < sessions; s++) {
      for (let k = plan.bounds[2 * s]; k < plan.bounds[2 * s + 1]; k++)
        this.lastSession[scan.entries.file[scan.order[k]]] = s;
    }
  }

  /** Forgets what was kept for later days. */
  clear(): void {
    this.cache.clear();
    this.layouts.clear();
  }

  /** Index in the catalogue of the symbol of an entry; -1 for one not asked for. */
  symbolOf(entry: number): number {
    return this.plan.symbolIndex[this.scan.entries.symbol[entry]];
  }

  /** The files a session needs, in their order, with the ranges of rows in each. */
  demandsOf(index: number): FileDemand[] {
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

  /** Decodes the row groups of a file that hold the rows wanted, as batches in the order they are stored. */
  async read(demand: FileDemand, index: number, skipped: ReadonlyMap<number, string>): Promise<RowBatch[]> {
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

  /** The error about a volume that is not exact, with the row group and the value as it is stored; other errors as they are. */
  async withExactVolume(error: unknown, index: number): Promise<unknown> {
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
