/**
 * Writes Parquet files from typed columns: exports and the demo data. Promises that a target path holds either a complete
 * file or what it held before (partial-file.ts keeps it). It must not know what a bar is, nor how a row group is encoded
 * (row-group-encoder.ts).
 */
import { assert } from "../assert.js";
import { PartialFile } from "../partial-file.js";
import { RowGroupEncoder, type ParquetField, type ParquetValues } from "./row-group-encoder.js";

export type { ParquetField };

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
