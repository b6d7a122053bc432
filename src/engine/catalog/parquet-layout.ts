/**
 * The footer of a Parquet file, checked: what columns there are and where their bytes lie. Every
 * number of the footer is compared with the size of the file before anything is allocated from it.
 * Parsing is hyparquet's; knowing what bars are is columns.ts'.
 */
import { parquetMetadata } from "hyparquet";
import type { ColumnChunk, CompressionCodec, FileMetaData, RowGroup, SchemaElement } from "hyparquet/src/types.js";
import { DataError, type DataPlace } from "../errors.js";
import { checkThrift } from "./thrift-check.js";

/** A top-level column of a file. */
export interface ColumnInfo {
  readonly name: string;
  readonly element: SchemaElement;
  /** Has columns inside, or holds a list. */
  readonly nested: boolean;
  /** Index of its chunk in each row group; -1 when nested. */
  readonly leaf: number;
}

/** Bytes of one column in one row group. */
export interface ChunkPlace {
  readonly start: number;
  readonly length: number;
  readonly codec: CompressionCodec;
}

interface GroupPlace {
  /** Row of the file the group begins with. */
  readonly firstRow: number;
  readonly rows: number;
}

/** The checked footer. */
export interface ParquetLayout {
  readonly rows: number;
  readonly groups: readonly GroupPlace[];
  readonly columns: readonly ColumnInfo[];
  readonly metadata: FileMetaData;
}

const MAGIC = 0x31524150; // "PAR1"
const MAGIC_ENCRYPTED = 0x45524150; // "PARE"
/** Length word and magic after the footer. */
export const TAIL_BYTES = 8;
/** An honest footer takes some hundred bytes for each column of each row group; this is 100,000 of those. */
const MAX_FOOTER_BYTES = 64 << 20;
/** Rows a group may declare beyond what its bytes suggest: 32 MB a column. Repeated values take next to no bytes, bars take ten or more. */
const FREE_ROWS = 4 << 20;
const MAX_ROWS_A_BYTE = 4;

const REWRITE = "write the file again; copying or downloading it may have cut it short";

/** Checks the first four bytes. Throws a `DataError` for what is no Parquet file. */
export function checkHead(head: DataView, fileBytes: number, file: string): void {
  if (fileBytes === 0) throw new DataError("empty-file", `${file} is empty (0 bytes)`, REWRITE, { file });
  const magic = head.byteLength >= 4 ? head.getUint32(0, true) : 0;
  if (magic === MAGIC_ENCRYPTED) throw encrypted(file);
  if (magic !== MAGIC) {
    throw new DataError(
      "not-parquet",
      `${file} is not a Parquet file: it does not begin with PAR1${looksLike(head)}`,
      "convert it to Parquet first, e.g. with DuckDB or pandas",
      { file },
    );
  }
  if (fileBytes < 12) throw new DataError("truncated", `${file} ends after ${fileBytes} bytes`, REWRITE, { file });
}

/** Length of the footer, from the last eight bytes. Throws a `DataError` when it cannot be right. */
export function footerLength(tail: DataView, fileBytes: number, file: string): number {
  const magic = tail.getUint32(4, true);
  if (magic === MAGIC_ENCRYPTED) throw encrypted(file);
  if (magic !== MAGIC)
    throw new DataError("truncated", `${file} is cut off: it does not end with PAR1`, REWRITE, { file });
  const length = tail.getUint32(0, true);
  if (length > fileBytes - 12) {
    throw new DataError(
      "bad-footer",
      `${file} declares a footer of ${length} bytes but has ${fileBytes} bytes in all`,
      REWRITE,
      { file },
    );
  }
  if (length > MAX_FOOTER_BYTES) {
    throw new DataError(
      "bad-footer",
      `${file} declares a footer of ${length} bytes; more than ${MAX_FOOTER_BYTES} is not read`,
      "write it with larger row groups",
      { file },
    );
  }
  return length;
}

/**
 * Parses and checks a footer.
 * @param footer the footer with the eight bytes after it
 * Throws a `DataError` for a footer that cannot be read or contradicts itself or the file.
 */
export function parseLayout(footer: Uint8Array, fileBytes: number, file: string): ParquetLayout {
  let metadata: FileMetaData;
  try {
    checkThrift(footer.subarray(0, footer.length - TAIL_BYTES), 0);
    metadata = parquetMetadata(footer, { geoparquet: false, parsers: NO_PARSERS });
  } catch (error) {
    throw new DataError("bad-footer", `the footer of ${file} cannot be read (${messageOf(error)})`, REWRITE, { file });
  }
  const rows = count(metadata.num_rows, "rows", { file });
  const groups = placeGroups(metadata, rows, fileBytes, file);
  const { columns, leaves } = topColumns(metadata.schema, file);
  for (let i = 0; i < groups.length; i++) {
    const has = metadata.row_groups[i].columns.length;
    if (has !== leaves) throw bad(`row group ${i} has ${has} columns, the schema ${leaves}`, { file, rowGroup: i });
  }
  return { rows, groups, columns, metadata };
}

/** Statistics are not used, so nothing is made of their values, which may be malformed. */
const NO_PARSERS = {
  timestampFromMilliseconds: () => undefined,
  timestampFromMicroseconds: () => undefined,
  timestampFromNanoseconds: () => undefined,
  dateFromDays: () => undefined,
  stringFromBytes: () => undefined,
  uuidFromBytes: () => undefined,
};

/**
 * Where a column's bytes of a row group lie.
 * Throws a `DataError` when they would lie outside the file, or are encrypted or of an unknown codec.
 */
export function placeChunk(
  layout: ParquetLayout,
  group: number,
  column: ColumnInfo,
  fileBytes: number,
  file: string,
): ChunkPlace {
  const place: DataPlace = { file, rowGroup: group, column: column.name };
  const chunk = layout.metadata.row_groups[group].columns[column.leaf];
  const meta = plainChunk(chunk, file);
  if (meta.type !== column.element.type)
    throw bad(`it is stored as ${meta.type}, the schema says ${column.element.type}`, place);
  if (meta.codec === undefined)
    throw new DataError(
      "unknown-codec",
      `${at(place)} is compressed with a codec this version does not know`,
      "write the file with SNAPPY or ZSTD",
      place,
    );
  const values = count(meta.num_values, "values", place);
  if (values !== layout.groups[group].rows)
    throw bad(`it declares ${values} values for ${layout.groups[group].rows} rows`, place);
  const dataStart = count(meta.data_page_offset, "offset", place);
  const dictionaryStart =
    meta.dictionary_page_offset === undefined ? 0 : count(meta.dictionary_page_offset, "offset", place);
  const length = count(meta.total_compressed_size, "bytes", place);
  // Zero stands for "none" in files of older writers.
  const start = dictionaryStart > 0 ? Math.min(dictionaryStart, dataStart) : dataStart;
  if (start < 4 || start + length > fileBytes - TAIL_BYTES) {
    throw bad(`its bytes ${start}–${start + length} lie outside the ${fileBytes} bytes of the file`, place);
  }
  return { start, length, codec: meta.codec };
}

function plainChunk(chunk: ColumnChunk, file: string): NonNullable<ColumnChunk["meta_data"]> {
  if (chunk.crypto_metadata || chunk.encrypted_column_metadata) throw encrypted(file);
  if (!chunk.meta_data) throw bad("a column has no description", { file });
  if (chunk.file_path)
    throw new DataError(
      "split-file",
      `${file} keeps its columns in another file (${chunk.file_path.slice(0, 80)})`,
      "write it as one file",
      { file },
    );
  return chunk.meta_data;
}

function placeGroups(metadata: FileMetaData, rows: number, fileBytes: number, file: string): GroupPlace[] {
  let firstRow = 0;
  const groups = metadata.row_groups.map((group: RowGroup, i: number) => {
    const place = { file, rowGroup: i };
    const groupRows = count(group.num_rows, "rows", place);
    if (groupRows > FREE_ROWS + MAX_ROWS_A_BYTE * fileBytes) {
      throw bad(`it declares ${groupRows} rows, which ${fileBytes} bytes cannot hold`, place);
    }
    firstRow += groupRows;
    return { firstRow: firstRow - groupRows, rows: groupRows };
  });
  if (firstRow !== rows) throw bad(`it declares ${rows} rows, its row groups ${firstRow}`, { file });
  return groups;
}

/** The children of the root, in order, each with the index of its leaf among all leaves. */
function topColumns(schema: readonly SchemaElement[], file: string): { columns: ColumnInfo[]; leaves: number } {
  const columns: ColumnInfo[] = [];
  let leaves = 0;
  for (const [i, element] of schema.entries()) checkElement(element, i, file);
  if (schema.length === 0) throw bad("it has no schema", { file });
  for (let i = 1; i < schema.length;) {
    const element = schema[i];
    const firstLeaf = leaves;
    // Elements are in depth-first order: keep reading while some parent still waits for children.
    for (let waiting = 1; waiting > 0; i++) {
      const one = schema[i];
      if (!one) throw bad("its schema ends in the middle of a column", { file });
      const children = one.num_children ?? 0;
      if (children < 0 || children > schema.length)
        throw bad(`its schema declares ${children} inner columns`, { file });
      waiting += children - 1;
      if (children === 0) leaves++;
    }
    const nested = (element.num_children ?? 0) > 0 || element.repetition_type === "REPEATED";
    columns.push({ name: element.name, element, nested, leaf: nested ? -1 : firstLeaf });
  }
  const declared = schema[0].num_children ?? 0;
  if (declared !== columns.length)
    throw bad(`its schema declares ${declared} columns and has ${columns.length}`, { file });
  return { columns, leaves };
}

/** The fields of a damaged footer may be missing, or of any type. */
function checkElement(element: SchemaElement, i: number, file: string): void {
  if (typeof element.name !== "string" || (i > 0 && element.name === ""))
    throw bad(`column ${i} of its schema has no name`, { file });
  const { num_children: children, type_length: length, scale, precision, logical_type: logical } = element;
  const numbers: unknown[] = [children, length, scale, precision];
  if (logical?.type === "DECIMAL") numbers.push(logical.scale);
  if (numbers.every((value) => value === undefined || Number.isInteger(value))) return;
  throw bad(`column ${i} of its schema is described by things that are no numbers`, { file });
}

/** A count of the footer as a number. */
function count(value: bigint | number | undefined, what: string, place: DataPlace): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw bad(`it declares ${value === undefined ? "no number of" : String(value)} ${what}`, place);
  return number;
}

function encrypted(file: string): DataError {
  return new DataError("encrypted", `${file} is encrypted`, "decrypt it first: keys are not read", { file });
}

/** A `DataError` for a file that contradicts itself. */
export function bad(what: string, place: DataPlace, code = "corrupt-file"): DataError {
  return new DataError(code, `${at(place)} is damaged: ${what}`, REWRITE, place);
}

/** `SPY.parquet, row group 3, column close`. */
export function at(place: DataPlace): string {
  const parts = [place.file ?? "the file"];
  if (place.rowGroup !== undefined) parts.push(`row group ${place.rowGroup}`);
  if (place.column !== undefined) parts.push(`column ${place.column}`);
  if (place.row !== undefined) parts.push(`row ${place.row}`);
  return parts.join(", ");
}

/** The message of any thrown value. What a parser trips over is a part that is not there, not a word for people. */
export function messageOf(error: unknown): string {
  if (error instanceof TypeError) return "a part of it is missing or of another kind";
  return error instanceof Error ? error.message : String(error);
}

function looksLike(head: DataView): string {
  const bytes = new Uint8Array(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b) return " (it looks gzipped)";
  if (bytes.length >= 2 && bytes[0] === 0x50 && bytes[1] === 0x4b) return " (it looks like a ZIP file)";
  const text =
    bytes.length > 0 && bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13);
  return text ? " (it looks like text, e.g. CSV)" : "";
}
