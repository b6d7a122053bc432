/**
 * Parquet's run-length and bit-packed hybrid, which stores definition levels and dictionary indices.
 * Written here instead of taken from hyparquet because a damaged run length must not write past the
 * rows asked for, and because typed arrays in and out are what makes the loader fast.
 */

/** Wider indices would need a dictionary of 16 million values, which is no use to a writer. */
const MAX_BIT_WIDTH = 24;

/**
 * Fills `out[0 … count - 1]` from `bytes[start … end - 1]`. Throws an `Error` when the bytes end too early.
 * @param bitWidth bits of a value, 0 … 24
 */
export function readRuns(
  bytes: Uint8Array,
  start: number,
  end: number,
  bitWidth: number,
  out: Int32Array | Uint8Array,
  count: number,
): void {
  if (bitWidth > MAX_BIT_WIDTH) throw new Error(`values of ${bitWidth} bits`);
  const valueBytes = (bitWidth + 7) >> 3;
  let offset = start;
  for (let done = 0; done < count;) {
    let header = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      if (offset >= end || shift > 28) throw new Error(`runs end after ${done} of ${count} values`);
      const byte = bytes[offset++];
      header |= (byte & 0x7f) << shift;
      more = byte > 0x7f;
    }
    header >>>= 0;
    if ((header & 1) === 0) {
      if (offset + valueBytes > end) throw new Error(`runs end after ${done} of ${count} values`);
      let value = 0;
      for (let i = 0; i < valueBytes; i++) value |= bytes[offset++] << (8 * i);
      const until = Math.min(count, done + (header >>> 1));
      out.fill(value, done, until);
      done = until;
    } else {
      const packed = (header >>> 1) * 8;
      const taken = Math.min(packed, count - done);
      // Writers may leave out the last bytes of a run that nobody reads.
      if (offset + Math.ceil((taken * bitWidth) / 8) > end)
        throw new Error(`runs end after ${done} of ${count} values`);
      unpackBits(bytes, offset, bitWidth, out, done, taken);
      offset += (packed * bitWidth) / 8;
      done += taken;
    }
  }
}

function unpackBits(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  out: Int32Array | Uint8Array,
  from: number,
  count: number,
): void {
  const mask = (1 << bitWidth) - 1;
  let offset = start;
  let held = 0;
  let bits = 0;
  for (let i = from; i < from + count; i++) {
    while (bits < bitWidth) {
      held |= bytes[offset++] << bits;
      bits += 8;
    }
    out[i] = held & mask;
    held >>>= bitWidth;
    bits -= bitWidth;
  }
}
