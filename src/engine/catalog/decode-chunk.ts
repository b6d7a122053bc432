/**
 * One column of one row group: bytes to typed arrays. Page headers, compressed pages and delta
 * encodings are read by hyparquet and its compressors; sizes are checked here first, and numbers go
 * straight into Float64Arrays (hyparquet builds JavaScript arrays of nullable columns, several times slower).
 */
import { parquetHeader } from "hyparquet/src/column.js";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import type { Encoding, PageHeader } from "hyparquet/src/types.js";
import { DataError, type DataPlace } from "../errors.js";
import { decompress } from "./decompress.js";
import { at, bad, messageOf, type ChunkPlace, type ColumnInfo } from "./parquet-layout.js";
import { readRuns } from "./run-lengths.js";
import { checkThrift } from "./thrift-check.js";
import type { Widen } from "./widen.js";

/** A decoded column of numbers. A null is NaN in `values` and 1 in `nulls`, which is absent when there are none. */
export interface NumberColumn {
  readonly values: Float64Array;
  readonly nulls: Uint8Array | undefined;
}

/** A decoded column of text: row i is `words[codes[i]]`, -1 for null. */
export interface TextColumn {
  readonly codes: Int32Array;
  readonly words: string[];
}

/** What is decoded, and where it is for messages. */
export interface ChunkToDecode {
  readonly column: ColumnInfo;
  readonly chunk: ChunkPlace;
  readonly rows: number;
  readonly place: DataPlace;
}

/** Decodes numbers. Throws a `DataError` for a page that is damaged or encoded in a way that is not known. */
export function decodeNumbers(bytes: Uint8Array, task: ChunkToDecode, widen: Widen): NumberColumn {
  return guarded(task.place, () => {
    const sink = new NumberSink(task.rows, widen, task);
    walkPages(bytes, task, widen.width, sink);
    return sink.column();
  });
}

/** Decodes text; each distinct word is decoded once. Throws like `decodeNumbers`. */
export function decodeText(bytes: Uint8Array, task: ChunkToDecode): TextColumn {
  return guarded(task.place, () => {
    const sink = new TextSink(task.rows, task);
    walkPages(bytes, task, TEXT_WIDTH, sink);
    return { codes: sink.codes, words: sink.words };
  });
}

/** Whatever goes wrong inside a page becomes an error that says where. */
function guarded<T>(place: DataPlace, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw bad(messageOf(error), place);
  }
}

/** Values of one data page, still encoded. */
interface PageValues {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
  /** Rows of the page, nulls included, and where the first lies in the group. */
  readonly firstRow: number;
  readonly rows: number;
  /** Values stored: rows without nulls. */
  readonly count: number;
  /** 1 for a row that has a value; absent when all have. */
  readonly present: Uint8Array | undefined;
}

interface Sink {
  dictionary(bytes: Uint8Array, count: number): void;
  page(values: PageValues): void;
}

/** Assumed average bytes of a word of text, for finding declared sizes plausible. */
const TEXT_WIDTH = 32;
const FREE_PAGE_BYTES = 4 << 20;
const MAX_RATIO = 200;

function walkPages(bytes: Uint8Array, task: ChunkToDecode, width: number, sink: Sink): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = { view, offset: 0 };
  let row = 0;
  while (row < task.rows) {
    if (reader.offset >= bytes.length) throw new Error(`its pages end after ${row} of ${task.rows} rows`);
    checkThrift(bytes, reader.offset);
    const header = parquetHeader(reader);
    const stored = header.compressed_page_size;
    if (stored === undefined) throw new Error("the header of a page has no size");
    if (!(stored >= 0 && stored <= bytes.length - reader.offset))
      throw new Error(`a page declares ${stored} bytes, ${bytes.length - reader.offset} are left`);
    const plausible = Math.max(FREE_PAGE_BYTES, task.rows * (2 * width + 8), stored * MAX_RATIO);
    const size = header.uncompressed_page_size;
    if (!(size >= 0 && size <= plausible)) throw new Error(`a page of ${stored} bytes declares ${size} bytes unpacked`);
    const page = bytes.subarray(reader.offset, reader.offset + stored);
    reader.offset += stored;
    row = readPage(page, header, row, task, sink);
  }
}

/** Reads a page and returns the row after it. */
function readPage(page: Uint8Array, header: PageHeader, row: number, task: ChunkToDecode, sink: Sink): number {
  const codec = task.chunk.codec;
  if (header.type === "DICTIONARY_PAGE" && header.dictionary_page_header) {
    const { num_values: count, encoding } = header.dictionary_page_header;
    const unpacked = decompress(page, header.uncompressed_page_size, codec);
    if (encoding !== "PLAIN" && encoding !== "PLAIN_DICTIONARY") throw unknownEncoding(encoding, task.place);
    if (!(count >= 0 && count <= unpacked.length))
      throw new Error(`a dictionary of ${unpacked.length} bytes declares ${count} values`);
    sink.dictionary(unpacked, count);
    return row;
  }
  if (header.type === "DATA_PAGE" && header.data_page_header) {
    const { num_values: rows, encoding, definition_level_encoding: levels } = header.data_page_header;
    checkRows(rows, row, task);
    sink.page(firstVersion(decompress(page, header.uncompressed_page_size, codec), rows, row, encoding, levels, task));
    return row + rows;
  }
  if (header.type === "DATA_PAGE_V2" && header.data_page_header_v2) {
    checkRows(header.data_page_header_v2.num_values, row, task);
    sink.page(secondVersion(page, header, row, task));
    return row + header.data_page_header_v2.num_values;
  }
  if (header.type === "INDEX_PAGE") return row;
  throw new Error("a page is of a kind that is not known");
}

function checkRows(rows: number, row: number, task: ChunkToDecode): void {
  if (!(rows >= 0 && rows <= task.rows - row))
    throw new Error(`a page declares ${rows} values, ${task.rows - row} are left`);
}

/** Data page v1: levels, with their length in front, are packed together with the values. */
function firstVersion(
  page: Uint8Array,
  rows: number,
  firstRow: number,
  encoding: Encoding,
  levels: Encoding,
  task: ChunkToDecode,
): PageValues {
  if (!isOptional(task.column)) return { encoding, bytes: page, firstRow, rows, count: rows, present: undefined };
  if (levels !== "RLE") throw unknownEncoding(levels, task.place);
  if (page.length < 4) throw new Error("a page ends inside its levels");
  const length = new DataView(page.buffer, page.byteOffset, 4).getUint32(0, true);
  if (length > page.length - 4) throw new Error(`a page declares ${length} bytes of levels`);
  return { encoding, bytes: page.subarray(4 + length), firstRow, rows, ...readLevels(page, 4, 4 + length, rows) };
}

/** Data page v2: levels lie in front, never compressed. */
function secondVersion(page: Uint8Array, header: PageHeader, firstRow: number, task: ChunkToDecode): PageValues {
  const v2 = header.data_page_header_v2!;
  const [repetition, definition] = [v2.repetition_levels_byte_length, v2.definition_levels_byte_length];
  const levels = repetition + definition;
  if (!(repetition >= 0 && definition >= 0 && levels <= page.length && levels <= header.uncompressed_page_size))
    throw new Error("a page ends inside its levels");
  const packed = page.subarray(levels);
  const bytes =
    v2.is_compressed === false ? packed : decompress(packed, header.uncompressed_page_size - levels, task.chunk.codec);
  const read = isOptional(task.column)
    ? readLevels(page, repetition, levels, v2.num_values)
    : { count: v2.num_values, present: undefined };
  return { encoding: v2.encoding, bytes, firstRow, rows: v2.num_values, ...read };
}

function isOptional(column: ColumnInfo): boolean {
  return column.element.repetition_type !== "REQUIRED";
}

function readLevels(
  page: Uint8Array,
  start: number,
  end: number,
  rows: number,
): { count: number; present: Uint8Array | undefined } {
  const present = new Uint8Array(rows);
  readRuns(page, start, end, 1, present, rows);
  let count = 0;
  for (let i = 0; i < rows; i++) count += present[i];
  return { count, present: count === rows ? undefined : present };
}

function unknownEncoding(encoding: Encoding | undefined, place: DataPlace): DataError {
  return new DataError(
    "unknown-encoding",
    `${at(place)} is encoded as ${encoding ?? "something unknown"}, which is not read`,
    "write the file with the default encodings",
    place,
  );
}

class NumberSink implements Sink {
  private readonly values: Float64Array;
  private nulls: Uint8Array | undefined;
  private words: Float64Array | undefined;

  constructor(
    rows: number,
    private readonly widen: Widen,
    private readonly task: ChunkToDecode,
  ) {
    this.values = new Float64Array(rows);
  }

  column(): NumberColumn {
    return { values: this.values, nulls: this.nulls };
  }

  dictionary(bytes: Uint8Array, count: number): void {
    this.words = this.plain(bytes, count);
  }

  page(page: PageValues): void {
    const target = this.values.subarray(page.firstRow, page.firstRow + page.rows);
    if (isDictionary(page.encoding)) this.lookUp(page, target);
    else target.set(this.stored(page));
    if (page.present) this.spread(page, target, page.present);
  }

  private lookUp(page: PageValues, target: Float64Array): void {
    const words = this.words;
    if (!words) throw new Error("a page refers to a dictionary that is not there");
    const codes = readCodes(page);
    // An index past the dictionary reads as undefined, which a Float64Array stores as NaN: checked, not trusted.
    for (let i = 0; i < page.count; i++) {
      if (codes[i] >= words.length)
        throw new Error(`a value refers to entry ${codes[i]} of a dictionary of ${words.length}`);
      target[i] = words[codes[i]];
    }
  }

  private stored(page: PageValues): Float64Array {
    const { type, type_length: length } = this.task.column.element;
    if (page.encoding === "PLAIN") return this.plain(page.bytes, page.count);
    if (page.count === 0) return new Float64Array(0);
    if (page.encoding === "BYTE_STREAM_SPLIT" && type !== "FIXED_LEN_BYTE_ARRAY") {
      if (page.bytes.length < page.count * this.widen.width) throw new Error("a page ends inside its values");
      return this.widen(
        bufferOf(byteStreamSplit(readerOf(page.bytes), page.count, type!, length) as Float64Array),
        page.count,
      );
    }
    if (page.encoding === "DELTA_BINARY_PACKED" && (type === "INT32" || type === "INT64")) {
      return this.widen(bufferOf(unpackDeltas(readerOf(page.bytes), page.count, type === "INT32")), page.count);
    }
    throw unknownEncoding(page.encoding, this.task.place);
  }

  private plain(bytes: Uint8Array, count: number): Float64Array {
    const size = count * this.widen.width;
    if (bytes.length < size) throw new Error(`${count} values need ${size} bytes, ${bytes.length} are there`);
    // A copy, because typed arrays must begin at a multiple of their width.
    return this.widen(bufferOf(bytes.slice(0, size)), count);
  }

  /** Moves the stored values to their rows, from the back so that none is overwritten. */
  private spread(page: PageValues, target: Float64Array, present: Uint8Array): void {
    this.nulls ??= new Uint8Array(this.values.length);
    let next = page.count;
    for (let i = page.rows - 1; i >= 0; i--) {
      if (present[i]) target[i] = target[--next];
      else {
        target[i] = NaN;
        this.nulls[page.firstRow + i] = 1;
      }
    }
  }
}

const MAX_WORDS_BYTES = 1024;

class TextSink implements Sink {
  readonly codes: Int32Array;
  readonly words: string[] = [];
  private readonly codeOf = new Map<string, number>();
  private entries: Int32Array | undefined;
  private readonly decoder = new TextDecoder();

  constructor(
    rows: number,
    private readonly task: ChunkToDecode,
  ) {
    this.codes = new Int32Array(rows);
  }

  dictionary(bytes: Uint8Array, count: number): void {
    this.entries = new Int32Array(count);
    this.plain(bytes, count, this.entries);
  }

  page(page: PageValues): void {
    const target = this.codes.subarray(page.firstRow, page.firstRow + page.rows);
    if (isDictionary(page.encoding)) {
      const entries = this.entries;
      if (!entries) throw new Error("a page refers to a dictionary that is not there");
      const codes = readCodes(page);
      for (let i = 0; i < page.count; i++) {
        if (codes[i] >= entries.length)
          throw new Error(`a value refers to entry ${codes[i]} of a dictionary of ${entries.length}`);
        target[i] = entries[codes[i]];
      }
    } else if (page.encoding === "PLAIN") this.plain(page.bytes, page.count, target);
    else if (page.encoding === "DELTA_LENGTH_BYTE_ARRAY" || page.encoding === "DELTA_BYTE_ARRAY")
      this.delta(page, target);
    else throw unknownEncoding(page.encoding, this.task.place);
    if (!page.present) return;
    for (let i = page.rows - 1, next = page.count; i >= 0; i--) target[i] = page.present[i] ? target[--next] : -1;
  }

  private plain(bytes: Uint8Array, count: number, target: Int32Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const fixed =
      this.task.column.element.type === "FIXED_LEN_BYTE_ARRAY"
        ? (this.task.column.element.type_length ?? 0)
        : undefined;
    let offset = 0;
    let [lastAt, lastLength] = [0, -1];
    for (let i = 0; i < count; i++) {
      const length = fixed ?? view.getUint32(offset, true);
      if (fixed === undefined) offset += 4;
      if (length > bytes.length - offset) throw new Error("a page ends inside a word");
      // Symbols repeat: comparing a few bytes is cheaper than decoding them again.
      target[i] =
        i > 0 && length === lastLength && sameBytes(bytes, lastAt, offset, length)
          ? target[i - 1]
          : this.code(bytes.subarray(offset, offset + length));
      [lastAt, lastLength] = [offset, length];
      offset += length;
    }
  }

  /** Lengths first, then all bytes; with prefixes shared with the word before in DELTA_BYTE_ARRAY. */
  private delta(page: PageValues, target: Int32Array): void {
    if (page.count === 0) return;
    const reader = readerOf(page.bytes);
    const prefixes =
      page.encoding === "DELTA_BYTE_ARRAY" ? unpackDeltas(reader, page.count, true) : new Int32Array(page.count);
    const lengths = unpackDeltas(reader, page.count, true);
    let word = new Uint8Array(0);
    for (let i = 0; i < page.count; i++) {
      const [prefix, length] = [Number(prefixes[i]), Number(lengths[i])];
      if (prefix < 0 || prefix > word.length || length < 0 || length > page.bytes.length - reader.offset)
        throw new Error("a page ends inside a word");
      const next = new Uint8Array(prefix + length);
      next.set(word.subarray(0, prefix));
      next.set(page.bytes.subarray(reader.offset, reader.offset + length), prefix);
      reader.offset += length;
      target[i] = this.code(next);
      word = next;
    }
  }

  private code(bytes: Uint8Array): number {
    if (bytes.length > MAX_WORDS_BYTES) throw new Error(`a symbol of ${bytes.length} bytes`);
    const word = this.decoder.decode(bytes);
    let code = this.codeOf.get(word);
    if (code === undefined) {
      code = this.words.push(word) - 1;
      this.codeOf.set(word, code);
    }
    return code;
  }
}

function isDictionary(encoding: Encoding): boolean {
  return encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY";
}

function readCodes(page: PageValues): Int32Array {
  const codes = new Int32Array(page.count);
  if (page.count === 0) return codes;
  if (page.bytes.length === 0) throw new Error("a page ends before its values");
  readRuns(page.bytes, 1, page.bytes.length, page.bytes[0], codes, page.count);
  return codes;
}

interface Reader {
  view: DataView;
  offset: number;
}

function readerOf(bytes: Uint8Array): Reader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

/** hyparquet allocates from two numbers in front of the deltas, so they are looked at first. */
function unpackDeltas(reader: Reader, count: number, narrow: boolean): Int32Array | BigInt64Array {
  const peek = { view: reader.view, offset: reader.offset };
  const [block, miniblocks] = [readVarint(peek), readVarint(peek)];
  if (block <= 0 || miniblocks <= 0 || block > 1 << 20 || miniblocks > 1 << 12 || block % miniblocks !== 0)
    throw new Error(`delta blocks of ${block} in ${miniblocks}`);
  const out = narrow ? new Int32Array(count) : new BigInt64Array(count);
  deltaBinaryUnpack(reader, count, out);
  return out;
}

function readVarint(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.view.getUint8(reader.offset++);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return value;
}

function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

function bufferOf(array: Uint8Array | Float64Array | Int32Array | BigInt64Array): ArrayBuffer {
  return array.buffer as ArrayBuffer;
}
