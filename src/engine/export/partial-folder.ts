/**
 * A folder that has its name only once it is complete: until then it lies beside its target under a hidden name, which
 * no reader of data looks into. Owns the promise "all or nothing"; knows nothing of what is written.
 */
import { rmSync } from "node:fs";
import { mkdir, readdir, realpath, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { FileError } from "../errors.js";
import { makeFolders } from "./make-folders.js";

let counter = 0;

/**
 * @example
 * const folder = await PartialFolder.create("out");
 * try {
 *   await writeFile(await folder.file("bars/x.parquet"), bytes);
 *   await folder.commit();
 * } finally {
 *   await folder.discard();
 * }
 */
export class PartialFolder {
  private readonly made = new Set<string>();
  private readonly onExit = (): void => rmSync(this.partial, { recursive: true, force: true });
  private isOver = false;

  private constructor(
    /** Where the files will be: absolute. */
    readonly target: string,
    private readonly partial: string,
    /** The topmost of the folders made on the way to the target; undefined when all were there. */
    private readonly firstMade: string | undefined,
  ) {
    process.on("exit", this.onExit);
  }

  /**
   * Begins a folder. The target must not exist, or be an empty folder; folders above it are made.
   * @throws FileError (exit 4): something is there, no permission, read-only, not a folder
   */
  static async create(target: string): Promise<PartialFolder> {
    const path = await refuseOccupied(resolve(target), target);
    const parent = dirname(path);
    const partial = join(parent, `.${basename(path)}.partial-${process.pid}-${++counter}`);
    try {
      const firstMade = await makeFolders(parent);
      await rm(partial, { recursive: true, force: true }); // a crashed process may have had our number
      await mkdir(partial);
      return new PartialFolder(path, partial, firstMade);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** The path to write a file to now; the folders above it are made. `name` is relative, with `/`. */
  async file(name: string): Promise<string> {
    const path = join(this.partial, ...name.split("/"));
    const folder = dirname(path);
    if (this.made.has(folder)) return path;
    try {
      await makeFolders(folder);
    } catch (error) {
      throw cannotWrite(join(this.target, ...name.split("/")), error);
    }
    this.made.add(folder);
    return path;
  }

  /** Gives the folder its name. @throws FileError when something has taken the name in the meantime, or the system refuses */
  async commit(): Promise<void> {
    try {
      await rename(this.partial, this.target).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPERM" && error.code !== "EEXIST") throw error;
        await rmdir(this.target); // Windows does not rename onto an empty folder; one that is not empty stays
        await rename(this.partial, this.target);
      });
    } catch (error) {
      throw cannotWrite(this.target, error);
    }
    this.end();
  }

  /** Removes what has been written, and the folders made for it. Does nothing after `commit`, or when called again. Never throws. */
  async discard(): Promise<void> {
    if (this.isOver) return;
    this.end();
    await rm(this.partial, { recursive: true, force: true }).catch(() => {});
    if (this.firstMade === undefined) return;
    for (let folder = dirname(this.target); folder.length >= this.firstMade.length; folder = dirname(folder)) {
      const isGone = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!isGone || folder === dirname(folder)) return;
    }
  }

  /** An error of writing a file in here, told of where the file would have been. */
  toldOfTarget(error: unknown): unknown {
    if (!(error instanceof FileError)) return error;
    const named = (text: string): string => text.replaceAll(this.partial, this.target);
    const { file } = error.place;
    return new FileError(error.code, named(error.message), error.hint, {
      ...error.place,
      ...(file && { file: named(file) }),
    });
  }

  private end(): void {
    this.isOver = true;
    process.off("exit", this.onExit);
  }
}

/** The target without links, once it is known to be free. */
async function refuseOccupied(path: string, shown: string): Promise<string> {
  const found = await readdir(path).catch((error: NodeJS.ErrnoException) => error);
  if (Array.isArray(found)) {
    if (found.length === 0) return realpath(path);
    const hint = "name a folder that is new or empty";
    throw new FileError("not-empty", `${shown} is not empty`, hint, { file: shown });
  }
  if (found.code === "ENOENT") return path;
  throw cannotWrite(shown, found);
}

const HINT_BY_ERRNO: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder: make it first, or choose another",
  EISDIR: "there is a folder of that name: choose another name",
  ENOTDIR: "there is a file where a folder is needed: choose another folder",
  EEXIST: "there is a file where a folder is needed: choose another folder",
  ENOTEMPTY: "something has been written there in the meantime: name a folder that is new or empty",
  EACCES: "no permission: choose a folder you can write to",
  EPERM: "no permission: choose a folder you can write to",
  EROFS: "the file system is read-only: choose another folder",
  ENOSPC: "the disk is full: free some space or choose another disk; nothing is left of what was written",
  EDQUOT: "your disk quota is used up: free some space or choose another disk; nothing is left of what was written",
  EBUSY: "it is in use, or a disk is mounted there: name a new folder inside it",
  EXDEV: "a disk is mounted there: name a new folder inside it",
  ENAMETOOLONG: "choose a shorter name",
};

/** The error of a file or folder that cannot be written, with what to do about it. */
export function cannotWrite(path: string, error: unknown): FileError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const cause = /^[A-Z0-9]+: [^,]+/.exec(message)?.[0] ?? message;
  return new FileError(
    "cannot-write",
    `cannot write ${path}: ${cause}`,
    HINT_BY_ERRNO[code] ?? "choose another folder",
    { file: path },
  );
}
