/**
 * A file that has its name only once it is complete: until then it lies beside its target under a hidden name. Owns that
 * promise and the words for what the disk refuses; knows nothing of what is written.
 */
import { constants, unlinkSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { assert } from "../assert.js";
import { FileError } from "../errors.js";

/** Partial files of this process that are open now: removed should the process exit in between. */
const openPartials = new Set<string>();
let partialCounter = 0;
let exitHookInstalled = false;

function installExitHook(): void {
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.on("exit", () => {
    for (const partial of openPartials) {
      try {
        unlinkSync(partial);
      } catch {
        // Nobody is left to be told.
      }
    }
  });
}

/** A file that has its name only once it is complete: `.name.partial-<pid>-<n>` until then. */
export class PartialFile {
  private state: "open" | "done" = "open";

  private constructor(
    private readonly target: string,
    private readonly partial: string,
    private readonly handle: FileHandle,
    private bytes: number,
  ) {}

  static async create(target: string): Promise<PartialFile> {
    await refuseNonFile(target);
    partialCounter += 1;
    const partial = join(dirname(target), `.${basename(target)}.partial-${process.pid}-${partialCounter}`);
    try {
      // A crashed process may have had our number (it does, in containers). O_EXCL: never through a link.
      await rm(partial, { force: true });
      const handle = await open(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666);
      installExitHook();
      openPartials.add(partial);
      return new PartialFile(target, partial, handle, 0);
    } catch (error) {
      throw cannotWrite(target, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.handle.writeFile(bytes); // goes on at the current position, and until all is written
      this.bytes += bytes.length;
    } catch (error) {
      throw cannotWrite(this.target, error);
    }
  }

  /** Flushes, closes and renames; resolves with the size in bytes. */
  async commit(): Promise<number> {
    assert(this.state === "open", `${this.target} is still being written`);
    try {
      await this.handle.sync(); // before the rename, or a power cut could leave the name on an empty file
      await this.handle.close();
      await rename(this.partial, this.target);
    } catch (error) {
      throw cannotWrite(this.target, error);
    }
    this.state = "done";
    openPartials.delete(this.partial);
    return this.bytes;
  }

  /** Removes the partial file; harmless when it is gone or has become the target. Never throws. */
  async discard(): Promise<void> {
    if (this.state === "done") return;
    this.state = "done";
    await this.handle.close().catch(() => {}); // closed already when it was the rename that failed
    await rm(this.partial, { force: true }).catch(() => {});
    openPartials.delete(this.partial);
  }
}

/** A rename would silently replace a device or a pipe by a file, and fails late on a folder. */
async function refuseNonFile(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  throw new FileError(
    "cannot-write",
    `cannot write ${target}: ${found.isDirectory() ? "it is a folder" : "it is not a regular file"}`,
    "choose the name of a file that is new or may be replaced",
    { file: target },
  );
}

const HINT_BY_ERRNO: Readonly<Record<string, string>> = {
  ENOENT: "create the folder first, or choose another one",
  ENOTDIR: "part of the path is a file where a folder is needed: choose another path",
  EISDIR: "it is a folder: choose the name of a file",
  EACCES: "no permission: choose a folder you can write to",
  EPERM: "no permission: choose a folder you can write to",
  EROFS: "the file system is read-only: choose another folder",
  ENOSPC: "the disk is full: free some space or choose another disk; the partial file was removed",
  EDQUOT: "your disk quota is used up: free some space or choose another disk; the partial file was removed",
  EFBIG: "the file would be larger than the limit set for this process or disk; the partial file was removed",
  ENAMETOOLONG: "choose a shorter name",
};

function cannotWrite(path: string, error: unknown): FileError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new FileError(
    "cannot-write",
    `cannot write ${path}: ${code === "" ? message : describeErrno(code, message)}`,
    HINT_BY_ERRNO[code] ?? "choose another folder, or look at the disk",
    { file: path },
  );
}

/** `ENOSPC: no space left on device, write` without the system call, which says nothing to a person. */
function describeErrno(code: string, message: string): string {
  return /^[A-Z0-9]+: [^,]+/.exec(message)?.[0] ?? code;
}
