/**
 * Stored values to plain numbers: prices and volume to Float64, times to microseconds. One pass over
 * typed arrays, no BigInt: a 64-bit integer is its high word × 2³² plus its low word, rounded once.
 */
import type { SchemaElement } from "hyparquet/src/types.js";
import { assert } from "../assert.js";
import { DAY_US } from "../market/time.js";

export const TIME_UNITS = ["s", "ms", "us", "ns"] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** Reads `count` fixed-width little-endian values from the start of `bytes`, which begins at a multiple of 8. */
export interface Widen {
  /** Bytes of a stored value. */
  readonly width: number;
  (bytes: ArrayBuffer, count: number): Float64Array;
}

const TWO_32 = 4_294_967_296;
const MAX_EXACT = 2 ** 53;
assert(new Uint8Array(Uint16Array.of(1).buffer)[0] === 1, "typed arrays must be little-endian, as Parquet is");

/** How to read numbers of this type, or nothing when it holds no numbers. FLOAT, DOUBLE, integers of any width and sign, DECIMAL. */
export function widenNumbers(element: SchemaElement): Widen | undefined {
  const { type, logical_type: logical, converted_type: converted } = element;
  const kind = logical?.type ?? converted ?? "";
  if (kind === "DECIMAL") return widenDecimals(element);
  if (type === "DOUBLE") return reader(8, (bytes, count) => new Float64Array(bytes, 0, count));
  if (type === "FLOAT") return reader(4, (bytes, count) => Float64Array.from(new Float32Array(bytes, 0, count)));
  if (type !== "INT32" && type !== "INT64") return undefined;
  if (kind !== "INTEGER" && kind !== "" && !/^U?INT_/.test(kind)) return undefined;
  const signed = !(converted?.startsWith("UINT") || (logical?.type === "INTEGER" && !logical.isSigned));
  return type === "INT64"
    ? reader(8, (bytes, count) => wideIntegers(bytes, count, signed))
    : reader(4, (bytes, count) => integers(bytes, count, signed));
}

function reader(width: number, read: (bytes: ArrayBuffer, count: number) => Float64Array): Widen {
  return Object.assign(read, { width });
}

function integers(bytes: ArrayBuffer, count: number, signed: boolean): Float64Array {
  return Float64Array.from(signed ? new Int32Array(bytes, 0, count) : new Uint32Array(bytes, 0, count));
}

function wideIntegers(bytes: ArrayBuffer, count: number, signed: boolean): Float64Array {
  const words = new Int32Array(bytes, 0, count * 2);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const high = words[2 * i + 1];
    out[i] = (signed ? high : high >>> 0) * TWO_32 + (words[2 * i] >>> 0);
    // The one integer above 2^53 that would round down to it; rounded up, "above 2^53" stays true of it.
    if (out[i] === MAX_EXACT && words[2 * i] === 1) out[i] = MAX_EXACT + 2;
  }
  return out;
}

/** Low and high words of 64-bit integers, for naming one exactly in a message; nothing for other types. */
export function widenHalves(element: SchemaElement): { low: Widen; high: Widen } | undefined {
  if (element.type !== "INT64") return undefined;
  const half = (at: 0 | 1): Widen => {
    return reader(8, (bytes, count) =>
      Float64Array.from(new Int32Array(bytes, 0, count * 2).filter((_, i) => i % 2 === at)),
    );
  };
  return { low: half(0), high: half(1) };
}

function widenDecimals(element: SchemaElement): Widen | undefined {
  const scale = (element.logical_type?.type === "DECIMAL" ? element.logical_type.scale : element.scale) ?? 0;
  if (scale < 0 || scale > 22) return undefined; // 10^22 is the last power of ten that is exact
  // Dividing by an exact power of ten gives the double nearest to the decimal; multiplying by 0.0001 would not.
  const unit = 10 ** scale;
  const divided = (values: Float64Array): Float64Array => {
    for (let i = 0; i < values.length; i++) values[i] /= unit;
    return values;
  };
  if (element.type === "INT32") return reader(4, (bytes, count) => divided(integers(bytes, count, true)));
  if (element.type === "INT64") return reader(8, (bytes, count) => divided(wideIntegers(bytes, count, true)));
  const width = element.type_length ?? 0;
  if (element.type !== "FIXED_LEN_BYTE_ARRAY" || width < 1 || width > 32) return undefined;
  return reader(width, (bytes, count) => divided(bigEndian(bytes, count, width)));
}

function bigEndian(buffer: ArrayBuffer, count: number, width: number): Float64Array {
  const bytes = new Uint8Array(buffer);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    // The sign sits in the first byte; leading bytes of it cancel out (-1 × 256 + 255 is -1).
    let value = (bytes[i * width] << 24) >> 24;
    for (let j = 1; j < width; j++) value = value * 256 + bytes[i * width + j];
    out[i] = value;
  }
  return out;
}

const FACTOR = { s: 1_000_000, ms: 1000, us: 1 } as const;

/** How to read times of this type as microseconds since 1970, for a unit that is known; nothing for a type that holds no times. */
export function widenTimes(element: SchemaElement, unit: TimeUnit): Widen | undefined {
  if (element.type === "INT96") return reader(12, int96Times);
  if (element.type === "INT32") {
    return unit === "ns" ? undefined : reader(4, (bytes, count) => scaled(integers(bytes, count, true), FACTOR[unit]));
  }
  if (element.type !== "INT64") return undefined;
  if (unit === "ns") return reader(8, nanoTimes);
  if (unit === "us") return reader(8, (bytes, count) => wideIntegers(bytes, count, true));
  return reader(8, (bytes, count) => scaled(wideIntegers(bytes, count, true), FACTOR[unit]));
}

function scaled(values: Float64Array, factor: number): Float64Array {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
  return values;
}

/**
 * Nanoseconds do not fit a double: the high word is divided first and its remainder carried down.
 * What is below a microsecond becomes half of one, so that such a row is still not on the minute.
 */
function nanoTimes(bytes: ArrayBuffer, count: number): Float64Array {
  const words = new Int32Array(bytes, 0, count * 2);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const high = words[2 * i + 1];
    const quotient = Math.floor(high / 1000);
    const rest = (high - quotient * 1000) * TWO_32 + (words[2 * i] >>> 0);
    const micros = Math.floor(rest / 1000);
    out[i] = quotient * TWO_32 + micros + (micros * 1000 === rest ? 0 : 0.5);
  }
  return out;
}

/** Julian day and nanoseconds of the day. */
function int96Times(bytes: ArrayBuffer, count: number): Float64Array {
  const words = new Int32Array(bytes, 0, count * 3);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const nanos = words[3 * i + 1] * TWO_32 + (words[3 * i] >>> 0);
    out[i] = (words[3 * i + 2] - 2_440_588) * DAY_US + Math.floor(nanos / 1000) + (nanos % 1000 === 0 ? 0 : 0.5);
  }
  return out;
}
