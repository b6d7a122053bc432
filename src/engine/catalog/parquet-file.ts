/**
 * A Parquet file held open: its checked layout, and positioned reads of the columns asked for.
 * Never blocks on what is not a regular file, and notices a file that changes while it is read.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { BardeckError, DataError } from "../errors.js";
import { cannotRead, notRegular, type FoundFile } from "./discover.js";
import {
  checkHead,
  footerLength,
  parseLayout,
  TAIL_BYTES,
  type ChunkPlace,
  type ParquetLayout,
} from "./parquet-layout.js";

/** What must stay the same from the scan to every later read. */
export interface Fingerprint {
  readonly bytes: number;
  readonly modifiedMs: number;
}

const READ_ERRORS = new Set([
  "not-found",
  "no-permission",
  "unreadable",
  "not-a-file",
  "symlink-loop",
  "empty-file",
  "not-parquet",
  "truncated",
  "bad-footer",
  "corrupt-file",
  "unknown-codec",
  "unknown-encoding",
  "encrypted",
  "split-file",
]);

/** Whether an error is about one file that cannot be read: the rest of the data is still good, if the person wants to go on without. */
export function isReadError(error: unknown): error is BardeckError {
  return error instanceof BardeckError && READ_ERRORS.has(error.code);
}

/** Files up to this size are read at once: one read is cheaper than four. */
const WHOLE_FILE_BYTES = 256 << 10;
const FIRST_TAIL_BYTES = 64 << 10;
const HASH_BLOCK_BYTES = 4 << 20;
/** Chunks this close together are read in one go, with the bytes between them. */
const READ_GAP_BYTES = 32 << 10;

export class ParquetFile {
  private constructor(
    private readonly handle: FileHandle,
    readonly found: FoundFile,
    readonly fingerprint: Fingerprint,
    private readonly whole: Uint8Array | undefined,
    /** Checked; set by `open`. */
    readonly layout: ParquetLayout,
  ) {}

  /**
   * Opens and checks a file. With `expected`, from an earlier look at the file, it is not asked for its
   * size again: `checkUnchanged` after the last read covers that too. `known` skips reading the footer.
   * Throws a `FileError` when it cannot be read, a `DataError` when it is no sound Parquet file. Close it in any case.
   */
  static async open(found: FoundFile, expected?: Fingerprint, known?: ParquetLayout): Promise<ParquetFile> {
    // O_NONBLOCK: a FIFO put in the file's place must not hang us.
    const handle = await open(found.path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) =>
      Promise.reject(cannotRead(error, found.name)),
    );
    try {
      const fingerprint = expected ?? (await fingerprintOf(handle, found));
      const { bytes } = fingerprint;
      const whole = bytes > 0 && bytes <= WHOLE_FILE_BYTES ? await readBytes(handle, 0, bytes, found) : undefined;
      const layout = known ?? (await readLayout(handle, whole, fingerprint, found));
      return new ParquetFile(handle, found, fingerprint, whole, layout);
    } catch (error) {
      // Whatever is wrong with a file that changed, that it changed is the news.
      const now = expected && (await fingerprintOf(handle, found).catch(() => undefined));
      await handle.close();
      if (expected && now) checkUnchanged(now, expected, found);
      throw error;
    }
  }

  get readAtOnce(): boolean {
    return this.whole !== undefined;
  }

  /** The bytes of some column chunks of a row group, in the order given. */
  async readChunks(places: readonly ChunkPlace[]): Promise<Uint8Array[]> {
    const whole = this.whole;
    if (whole) return places.map(({ start, length }) => whole.subarray(start, start + length));
    const out = new Array<Uint8Array>(places.length);
    for (const run of runsOf(places)) {
      const bytes = await readBytes(this.handle, run.start, run.end - run.start, this.found);
      for (const i of run.chunks) {
        const { start, length } = places[i];
        out[i] = bytes.subarray(start - run.start, start - run.start + length);
      }
    }
    return out;
  }

  /** SHA-256 of all of the file, in hexadecimal. */
  async hashContent(): Promise<string> {
    const hash = createHash("sha256");
    if (this.whole) return hash.update(this.whole).digest("hex");
    for (let start = 0; start < this.fingerprint.bytes; start += HASH_BLOCK_BYTES) {
      const length = Math.min(HASH_BLOCK_BYTES, this.fingerprint.bytes - start);
      hash.update(await readBytes(this.handle, start, length, this.found));
    }
    return hash.digest("hex");
  }

  /** Throws a `DataError` when the file is not as its fingerprint says. Call it after the last read. */
  async checkUnchanged(): Promise<void> {
    checkUnchanged(await fingerprintOf(this.handle, this.found), this.fingerprint, this.found);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function fingerprintOf(handle: FileHandle, found: FoundFile): Promise<Fingerprint> {
  const stat = await handle.stat();
  if (!stat.isFile()) throw notRegular(found.name, stat);
  return { bytes: stat.size, modifiedMs: stat.mtimeMs };
}

function checkUnchanged(now: Fingerprint, before: Fingerprint, { name }: FoundFile): void {
  if (now.bytes === before.bytes && now.modifiedMs === before.modifiedMs) return;
  const what = now.bytes === before.bytes ? "it was written to" : `it went from ${before.bytes} to ${now.bytes} bytes`;
  throw new DataError(
    "file-changed",
    `${name} changed while it was in use: ${what}`,
    "open the data again when nothing writes to it",
    { file: name },
  );
}

async function readLayout(
  handle: FileHandle,
  whole: Uint8Array | undefined,
  { bytes }: Fingerprint,
  found: FoundFile,
): Promise<ParquetLayout> {
  const head = whole ?? (await readBytes(handle, 0, Math.min(4, bytes), found));
  checkHead(viewOf(head.subarray(0, 4)), bytes, found.name);
  const tail =
    whole ?? (await readBytes(handle, Math.max(0, bytes - FIRST_TAIL_BYTES), Math.min(bytes, FIRST_TAIL_BYTES), found));
  const length = footerLength(viewOf(tail.subarray(tail.length - TAIL_BYTES)), bytes, found.name);
  const wanted = length + TAIL_BYTES;
  const footer =
    wanted <= tail.length
      ? tail.subarray(tail.length - wanted)
      : await readBytes(handle, bytes - wanted, wanted, found);
  return parseLayout(footer, bytes, found.name);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function readBytes(handle: FileHandle, start: number, length: number, { name }: FoundFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle
      .read(bytes, done, length - done, start + done)
      .catch((error) => Promise.reject(cannotRead(error, name)));
    if (bytesRead === 0)
      throw new DataError(
        "file-changed",
        `${name} changed while it was read: it became shorter`,
        "open the data again when nothing writes to it",
        { file: name },
      );
    done += bytesRead;
  }
  return bytes;
}

/** Chunks that lie close together, as one read each. */
function runsOf(places: readonly ChunkPlace[]): Array<{ start: number; end: number; chunks: number[] }> {
  const order = places.map((_, i) => i).sort((a, b) => places[a].start - places[b].start);
  const runs: Array<{ start: number; end: number; chunks: number[] }> = [];
  for (const i of order) {
    const { start, length } = places[i];
    const last = runs.at(-1);
    if (last && start - last.end <= READ_GAP_BYTES) {
      last.end = Math.max(last.end, start + length);
      last.chunks.push(i);
    } else runs.push({ start, end: start + length, chunks: [i] });
  }
  return runs;
}
