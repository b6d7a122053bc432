/** `--log FILE`: what the program did, one JSON object a line, written at once so that a crash loses nothing. */
import { closeSync, openSync, statSync, unlinkSync, writeSync } from "node:fs";
import { escapeName, FileError } from "../engine/index.js";

export interface LogFile {
  /** Appends `{"at": …, "event": …, …}`. Throws a `FileError` when it cannot. */
  write(event: string, facts?: object): void;
  close(): void;
}

/** Opens a log for appending; one that does nothing when no path is given. Throws a `FileError` when it cannot be written. */
export function openLog(path: string | undefined, now: () => Date = () => new Date()): LogFile {
  if (path === undefined) return { write() {}, close() {} };
  const { fd, isNew } = openForAppend(path);
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    write(event, facts = {}) {
      if (!open) return;
      try {
        writeSync(fd, `${JSON.stringify({ at: now().toISOString(), event, ...facts })}\n`);
      } catch (error) {
        close();
        if (isNew) unlinkSync(path); // half a line of a log nobody had before
        throw cannotWrite(path, error);
      }
    },
    close,
  };
}

function openForAppend(path: string): { fd: number; isNew: boolean } {
  try {
    return { fd: openSync(path, "ax"), isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw cannotWrite(path, error);
  }
  try {
    // Opening a FIFO waits for a reader that may never come, deaf to every signal.
    if (statSync(path).isFIFO()) throw new Error("it is a FIFO");
    return { fd: openSync(path, "a"), isNew: false };
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): FileError {
  const file = escapeName(path);
  const { code = "" } = error as NodeJS.ErrnoException;
  const why = {
    ENOENT: "its folder does not exist",
    EISDIR: "it is a folder",
    EACCES: "no permission",
    ENOSPC: "the disk is full",
  }[code];
  return new FileError(
    "cannot-write",
    `--log: cannot write ${file}: ${why ?? (error as Error).message}`,
    "name a file in a folder you can write to",
    { file },
  );
}
