/**
 * Writes Parquet files from typed columns: exports and the demo data. This is the one file that
 * knows parquetjs-lite (which has no types). It must not know what a bar is.
 *
 * parquetjs-lite takes one JavaScript object a row. Its encoder, one level below, takes columns;
 * that level is used here because it is about ten times as fast and because the row level
 * refuses NaN and sends 64-bit integers through `parseInt`.
 */
import { createRequire } from "node:module";
import { assert } from "../assert.js";
import { PartialFile } from "../partial-file.js";

/**
 * What a column holds. `timestamp` is whole microseconds since 1970-01-01T00:00:00Z, stored as
 * INT64 TIMESTAMP_MICROS (UTC); `int64` and `timestamp` take numbers (safe integers) or bigints.
 */
export type ParquetKind = "timestamp" | "double" | "int64" | "int32" | "utf8" | "boolean";

/** The values of one column: a typed array or a plain array, `null` only in a nullable column. */
export type ParquetValues =
  ArrayLike<number | null> | ArrayLike<bigint | null> | ArrayLike<string | null> | ArrayLike<boolean | null>;

/** Name and kind of a column. Names within a file differ and do not look like array indexes. */
export interface ParquetField {
  readonly name: string;
  readonly kind: ParquetKind;
  /** Whether `null` may occur (default false). NaN is a value, not a null. */
  readonly nullable?: boolean;
}

/** A whole column. All columns of a file have the same length. */
export interface ParquetColumn extends ParquetField {
  readonly values: ParquetValues;
}

export interface ParquetOptions {
  /** Largest number of rows in a row group; bounds the memory of writer and reader. Default 65,536. */
  readonly maxGroupRows?: number;
  /** Key-value pairs for the footer, e.g. `{ "bardeck.content": "base bars" }`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Where row groups begin, besides row 0: ascending row numbers, e.g. the first row of each day. */
export interface GroupOptions {
  readonly groupStarts?: readonly number[];
}

/** What has been written. `bytes` is the size of the file. */
export interface ParquetWritten {
  readonly path: string;
  readonly rows: number;
  readonly rowGroups: number;
  readonly bytes: number;
}

/** A Parquet file being written. Calls must be awaited one after the other. */
export interface ParquetFileWriter {
  /**
   * Appends rows: one array of values per field, in the order of the fields. Every call begins a
   * new row group, so hand over thousands of rows at a time, or a day.
   * @throws FileError when the file cannot be written; the partial file is gone by then
   */
  append(values: readonly ParquetValues[], options?: GroupOptions): Promise<void>;
  /** Completes the file and gives it its name. @throws FileError as `append` does */
  close(): Promise<ParquetWritten>;
  /** Removes what has been written. Does nothing after `close`, or when called again. */
  abandon(): Promise<void>;
}

const DEFAULT_GROUP_ROWS = 65_536;

/**
 * Writes one Parquet file (SNAPPY) from whole columns, through a partial file beside it: afterwards
 * `path` is complete, or, when this rejects, as it was before, with nothing left beside it. The
 * folder must exist.
 *
 * @throws FileError (exit 4) naming path and cause: folder missing, no permission, disk full, not a file
 * @example
 * await writeParquet("out/SPY.parquet", [
 *   { name: "timestamp", kind: "timestamp", values: startUs },
 *   { name: "close", kind: "double", values: close },
 *   { name: "status", kind: "utf8", nullable: true, values: ["complete", null] },
 * ], { groupStarts: firstRowOfEachDay });
 */
export async function writeParquet(
  path: string,
  columns: readonly ParquetColumn[],
  options: ParquetOptions & GroupOptions = {},
): Promise<ParquetWritten> {
  const writer = await openParquetWriter(path, columns, options);
  try {
    await writer.append(
      columns.map((column) => column.values),
      options,
    );
    return await writer.close();
  } finally {
    await writer.abandon();
  }
}

/**
 * Begins a Parquet file whose rows arrive in chunks, for data that does not fit in memory at once.
 * The promise of `writeParquet` holds once `close` has resolved; whoever stops earlier calls `abandon`.
 *
 * @throws FileError (exit 4) when the partial file cannot be created
 * @example
 * const writer = await openParquetWriter("out/SPY.parquet", [{ name: "close", kind: "double" }]);
 * try {
 *   for (const day of days) await writer.append([day.close]);
 *   await writer.close();
 * } finally {
 *   await writer.abandon();
 * }
 */
export async function openParquetWriter(
  path: string,
  fields: readonly ParquetField[],
  options: ParquetOptions = {},
): Promise<ParquetFileWriter> {
  const maxGroupRows = options.maxGroupRows ?? DEFAULT_GROUP_ROWS;
  assert(Number.isSafeInteger(maxGroupRows) && maxGroupRows > 0, "maxGroupRows is a positive whole number");
  checkFields(fields);
  const file = await PartialFile.create(path);
  const encoder = new RowGroupEncoder(fields, (bytes) => file.write(bytes));
  const metadata = { ...options.metadata };
  let busy = false;
  let rows = 0;
  let rowGroups = 0;

  /** Whatever goes wrong inside, the partial file is removed before the caller hears of it. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    assert(!busy, "calls of a Parquet writer are awaited one after the other");
    busy = true;
    try {
      return await work();
    } catch (error) {
      await file.discard();
      throw error;
    } finally {
      busy = false;
    }
  }

  await guarded(() => encoder.writeHeader());
  return {
    append: (values, { groupStarts = [] } = {}) =>
      guarded(async () => {
        const rowCount = checkLengths(fields, values);
        for (const { from, to } of groupRanges(rowCount, groupStarts, maxGroupRows)) {
          await encoder.writeRowGroup(values, from, to);
          rowGroups += 1;
        }
        rows += rowCount;
      }),
    close: () =>
      guarded(async () => {
        await encoder.writeFooter(metadata);
        return { path, rows, rowGroups, bytes: await file.commit() };
      }),
    abandon: () => file.discard(),
  };
}

/** Row ranges [from, to) that begin at 0 and at each start, cut where they exceed `maxRows`. */
function groupRanges(
  rowCount: number,
  starts: readonly number[],
  maxRows: number,
): Array<{ from: number; to: number }> {
  const ranges: Array<{ from: number; to: number }> = [];
  let from = 0;
  for (const end of [...starts, rowCount]) {
    assert(end >= from && end <= rowCount, `row group starts ascend within 0..${rowCount}`);
    for (; from < end; from = Math.min(from + maxRows, end)) {
      ranges.push({ from, to: Math.min(from + maxRows, end) });
    }
  }
  return ranges;
}

function checkFields(fields: readonly ParquetField[]): void {
  assert(fields.length > 0, "a Parquet file has at least one column");
  assert(new Set(fields.map((field) => field.name)).size === fields.length, "column names differ");
  for (const { name } of fields) {
    // The schema is an object to parquetjs-lite: such keys would change the order of columns, or vanish.
    assert(name !== "" && name !== "__proto__" && !/^\d+$/.test(name), `"${name}" cannot be a column name`);
  }
}

function checkLengths(fields: readonly ParquetField[], values: readonly ParquetValues[]): number {
  assert(values.length === fields.length, `${fields.length} columns of values expected, ${values.length} given`);
  const rowCount = values[0].length;
  fields.forEach((field, i) => {
    assert(
      values[i].length === rowCount,
      `column ${field.name} has ${values[i].length} rows, the first has ${rowCount}`,
    );
  });
  return rowCount;
}

// ---- parquetjs-lite ---------------------------------------------------------------------------

/** What parquetjs-lite calls a row buffer: the shredded values of a row group, by column. */
interface RowBuffer {
  rowCount: number;
  pageRowCount: number;
  columnData: Record<string, ColumnData>;
  pages: Record<string, unknown[]>;
}

interface ColumnData {
  /** Definition levels, one a row: 1 = present, 0 = null. Only the length counts in a column without nulls. */
  dlevels: Uint8Array;
  rlevels: readonly number[];
  /** The values that are present. */
  values: ArrayLike<unknown>;
  /** Statistics are made from these. */
  distinct_values: Set<unknown>;
  count: number;
}

interface EnvelopeWriter {
  writeHeader(): Promise<void>;
  writeRowGroup(rows: RowBuffer): Promise<void>;
  writeFooter(metadata: Record<string, string>): Promise<void>;
}

interface ParquetJs {
  ParquetSchema: new (fields: Record<string, object>) => object;
  ParquetEnvelopeWriter: new (
    schema: object,
    write: (bytes: Uint8Array) => Promise<void>,
    close: () => Promise<void>,
    fileOffset: number,
    options: object,
  ) => EnvelopeWriter;
  ParquetWriter: new (
    schema: object,
    envelope: object,
    options: object,
  ) => { rowBuffer: RowBuffer; close(): Promise<void> };
}

const TYPE_BY_KIND = {
  timestamp: "TIMESTAMP_MICROS",
  double: "DOUBLE",
  int64: "INT64",
  int32: "INT32",
  utf8: "UTF8",
  boolean: "BOOLEAN",
} as const satisfies Record<ParquetKind, string>;

/**
 * Version 1 data pages: readers of any age take them. No page index: a row group is one page here,
 * and the indexes parquetjs-lite writes lack required fields.
 */
const ENCODING = { useDataPageV2: false, pageIndex: false } as const;

/** Loaded when first needed: most commands never write. */
function parquetJs(): ParquetJs {
  const require = createRequire(import.meta.url);
  return require("parquetjs-lite") as ParquetJs;
}

/** Turns ranges of columns into encoded row groups. Owns the schema; writes through `write` only. */
class RowGroupEncoder {
  private readonly library = parquetJs();
  private readonly schema: object;
  private readonly envelope: EnvelopeWriter;

  constructor(
    private readonly fields: readonly ParquetField[],
    write: (bytes: Uint8Array) => Promise<void>,
  ) {
    this.schema = new this.library.ParquetSchema(
      Object.fromEntries(fields.map((field) => [field.name, schemaEntry(field)])),
    );
    this.envelope = new this.library.ParquetEnvelopeWriter(this.schema, write, async () => {}, 0, ENCODING);
  }

  writeHeader(): Promise<void> {
    return this.envelope.writeHeader();
  }

  writeFooter(metadata: Record<string, string>): Promise<void> {
    return this.envelope.writeFooter(metadata);
  }

  async writeRowGroup(values: readonly ParquetValues[], from: number, to: number): Promise<void> {
    const rows: RowBuffer = { rowCount: to - from, pageRowCount: to - from, columnData: {}, pages: {} };
    this.fields.forEach((field, i) => {
      rows.columnData[field.name] = columnData(field, values[i], from, to);
      rows.pages[field.name] = [];
    });
    // The page encoder is reachable only through a row writer that closes. So each row group gets a
    // row writer of its own, whose header and footer go nowhere, and which closes at once.
    const nothing = (): void => {};
    const groupOnly = {
      ...ENCODING,
      writeHeader: nothing,
      writeIndex: nothing,
      writeFooter: nothing,
      close: nothing,
      writeRowGroup: (encoded: RowBuffer) => this.envelope.writeRowGroup(encoded),
    };
    const rowWriter = new this.library.ParquetWriter(this.schema, groupOnly, {});
    rowWriter.rowBuffer = rows;
    await rowWriter.close();
  }
}

function schemaEntry(field: ParquetField): object {
  return {
    type: TYPE_BY_KIND[field.kind],
    optional: field.nullable === true,
    compression: "SNAPPY",
    ...(hasStatistics(field.kind) ? {} : { statistics: false }),
  };
}

/** Least and greatest value let readers skip row groups. Text is left out: parquetjs-lite orders it by UTF-16. */
function hasStatistics(kind: ParquetKind): boolean {
  return kind !== "utf8" && kind !== "boolean";
}

function columnData(field: ParquetField, values: ParquetValues, from: number, to: number): ColumnData {
  const levels = new Uint8Array(to - from);
  const present: unknown[] = [];
  for (let row = from; row < to; row++) {
    const value = values[row];
    if (field.nullable === true && value === null) continue;
    // Not `assert(fits(…), text)`: making the text for every value takes longer than encoding it.
    if (!fits(field.kind, value)) {
      assert(false, `column ${field.name}, row ${row}: ${String(value)} is not a ${field.kind}`);
    }
    levels[row - from] = 1;
    present.push(value);
  }
  return {
    dlevels: levels,
    rlevels: [],
    values: present,
    distinct_values: hasStatistics(field.kind) ? distinctValues(present) : new Set(),
    count: to - from,
  };
}

/** NaN has no place in statistics: it would become both the least and the greatest value. */
function distinctValues(present: readonly unknown[]): Set<unknown> {
  const distinct = new Set(present);
  distinct.delete(NaN);
  return distinct;
}

const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = 2n ** 63n - 1n;

function fits(kind: ParquetKind, value: unknown): boolean {
  switch (kind) {
    case "double":
      return typeof value === "number";
    case "int32":
      return Number.isInteger(value) && Math.abs(value as number) <= INT32_MAX;
    case "int64":
      return Number.isSafeInteger(value) || (typeof value === "bigint" && value <= INT64_MAX && value >= -INT64_MAX);
    case "timestamp":
      // parquetjs-lite refuses times before 1970; no market session here is that old.
      return (
        (Number.isSafeInteger(value) && (value as number) >= 0) ||
        (typeof value === "bigint" && value >= 0n && value <= INT64_MAX)
      );
    case "utf8":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
  }
}
