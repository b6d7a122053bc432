/**
 * A text file that has its name only once it is complete: until then it lies beside its target under a hidden name. Owns
 * the promise "all or nothing"; knows nothing of what is written.
 */
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { cannotWrite } from "./partial-folder.js";

const CHUNK_CHARACTERS = 1 << 16;
let counter = 0;

/**
 * Writes the pieces one behind the other; a file of that name is replaced when all have been written. What is no regular file (a pipe,
 * a terminal) is written to as it is.
 *
 * @throws FileError (exit 4): no such folder, no permission, disk full; nothing is left of what was written
 * @example
 * await writeWholeFile("run.ndjson", lines());
 */
export async function writeWholeFile(path: string, pieces: Iterable<string>): Promise<void> {
  const target = resolve(path);
  const partial = join(dirname(target), `.${basename(target)}.partial-${process.pid}-${++counter}`);
  try {
    const there = await stat(target).catch(() => undefined);
    if (there && !there.isFile()) {
      await writePieces(target, "w", pieces);
      return;
    }
    await writePieces(partial, "wx", pieces);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw (error as NodeJS.ErrnoException).code === undefined ? error : cannotWrite(path, error);
  }
}

async function writePieces(path: string, flags: string, pieces: Iterable<string>): Promise<void> {
  const file = await open(path, flags);
  try {
    let waiting = "";
    for (const piece of pieces) {
      waiting += piece;
      if (waiting.length < CHUNK_CHARACTERS) continue;
      await file.writeFile(waiting);
      waiting = "";
    }
    await file.writeFile(waiting);
  } finally {
    await file.close();
  }
}
