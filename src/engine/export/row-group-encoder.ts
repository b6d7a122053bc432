/**
 * Typed columns to encoded row groups. The one file that knows parquetjs-lite, which has no types.
 *
 * parquetjs-lite takes one JavaScript object a row. Its encoder, one level below, takes columns;
 * that level is used here because it is about ten times as fast and because the row level
 * refuses NaN and sends 64-bit integers through `parseInt`.
 */
import { createRequire } from "node:module";
import { assert } from "../assert.js";

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
export class RowGroupEncoder {
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
