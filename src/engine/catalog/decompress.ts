/**
 * One compressed page to its bytes, never to more bytes than the page declares: a small file must not
 * be able to fill the memory.
 */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { compressors } from "hyparquet-compressors";
import type { CompressionCodec } from "hyparquet/src/types.js";

/**
 * The bytes of a page. `length` is the declared size, already found plausible by the caller.
 * Throws an `Error` that says what is wrong; the caller adds where.
 */
export function decompress(input: Uint8Array, length: number, codec: CompressionCodec): Uint8Array {
  if (length === 0 && codec !== "UNCOMPRESSED") return new Uint8Array(0);
  const page = unpack(input, length, codec);
  if (page.length !== length) throw new Error(`a page has ${page.length} bytes instead of the declared ${length}`);
  return page;
}

function unpack(input: Uint8Array, length: number, codec: CompressionCodec): Uint8Array {
  switch (codec) {
    case "UNCOMPRESSED":
      return input;
    // Node's own are bounded by an option, and faster.
    case "GZIP":
      return plainBytes(gunzipSync(input, { maxOutputLength: length }));
    case "BROTLI":
      return plainBytes(brotliDecompressSync(input, { maxOutputLength: length }));
    case "ZSTD":
      checkZstd(input, length);
      break;
    default:
  }
  const unpacker = compressors[codec];
  if (!unpacker) throw new Error(`codec ${codec} is not supported`);
  return unpacker(input, length);
}

/** A Buffer's `slice` shares memory where a Uint8Array's copies, so none is let out. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_BLOCK_BYTES = 128 << 10;
/** Memory that an honest but oddly cut page may take beyond its size. */
const ZSTD_SLACK_BYTES = 32 << 20;

/**
 * The zstd reader takes its sizes from the frame itself, so the frame is walked first: header and
 * block headers say how much can come out.
 */
function checkZstd(input: Uint8Array, length: number): void {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let out = 0;
  for (let offset = 0; offset < input.length;) {
    const magic = view.getUint32(offset, true);
    if (magic >>> 4 === 0x184d2a5) {
      offset += 8 + view.getUint32(offset + 4, true);
      continue;
    }
    if (magic !== ZSTD_MAGIC) throw new Error("a page is not zstd");
    const frame = zstdFrame(view, offset + 4);
    if (frame.contentBytes > length || frame.windowBytes > Math.max(length, ZSTD_SLACK_BYTES))
      throw new Error(`a page unpacks to more than its declared ${length} bytes`);
    offset = frame.blocksAt;
    for (let last = false; !last;) {
      const header = view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
      const [type, size] = [(header >> 1) & 3, header >> 3];
      last = (header & 1) === 1;
      out += type === 2 ? Math.min(ZSTD_BLOCK_BYTES, frame.windowBytes) : size;
      offset += 3 + (type === 1 ? 1 : size);
      if (out > length + ZSTD_SLACK_BYTES) throw new Error(`a page unpacks to more than its declared ${length} bytes`);
    }
    offset += frame.checksumBytes;
  }
}

/** RFC 8878, 3.1.1.1. */
function zstdFrame(
  view: DataView,
  at: number,
): { contentBytes: number; windowBytes: number; blocksAt: number; checksumBytes: number } {
  const descriptor = view.getUint8(at);
  const single = (descriptor & 0x20) !== 0;
  let offset = at + 1;
  let windowBytes = 0;
  if (!single) {
    const window = view.getUint8(offset++);
    const base = 2 ** (10 + (window >> 3));
    windowBytes = base + (base / 8) * (window & 7);
  }
  offset += [0, 1, 2, 4][descriptor & 3];
  let contentBytes = 0;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6];
  if (sizeBytes === 1) contentBytes = view.getUint8(offset);
  else if (sizeBytes === 2) contentBytes = view.getUint16(offset, true) + 256;
  else if (sizeBytes === 4) contentBytes = view.getUint32(offset, true);
  else if (sizeBytes === 8) contentBytes = Number(view.getBigUint64(offset, true));
  return {
    contentBytes,
    windowBytes: single ? contentBytes : windowBytes,
    blocksAt: offset + sizeBytes,
    checksumBytes: descriptor & 4 ? 4 : 0,
  };
}
