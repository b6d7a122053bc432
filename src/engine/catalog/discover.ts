/**
 * From what a person typed (a file, a folder or a glob) to the list of files to read.
 * Opens no file, follows links but never in a circle, and reads nothing that could block.
 */
import { readdir, realpath, stat } from "node:fs/promises";
import type { Dirent, Stats } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { FileError, UsageError } from "../errors.js";
import { escapeName } from "./escape.js";
import { nearestName } from "../nearest-name.js";
import { globReaches, isGlob, parseGlob, type GlobSegment } from "./glob.js";

/** A file to read. */
export interface FoundFile {
  /** Absolute, for opening. */
  readonly path: string;
  /** Relative to DATA, with control characters escaped, for showing and for order. */
  readonly name: string;
}

/** Names read as Parquet inside a folder; a file named by the person may be called anything. */
const PARQUET_NAME = /\.(parquet|parq|pq)$/i;

/**
 * The Parquet files DATA stands for, ordered by name. Hidden files and folders are left out.
 * Throws a `FileError` (exit 4): not found (with the nearest name), no permission, no Parquet inside,
 * not a regular file, links in a circle; a `UsageError` for a glob that cannot be read.
 *
 *     await discover("data/symbol=*") // [{ path: "/…/data/symbol=IBM/date=2013-10-07.parquet", name: "symbol=IBM/…" }, …]
 */
export async function discover(data: string): Promise<FoundFile[]> {
  // An unset variable in a script would otherwise open whatever folder the script is in.
  if (data.trim() === "") throw new UsageError("the path of the data is empty", "name a file, a folder or a glob");
  const root = resolve(data);
  const found = await lookUp(root, data);
  if (!found) {
    if (isGlob(data)) return discoverGlob(data);
    throw await notFound(root, data);
  }
  if (found.isFile()) return [{ path: root, name: escapeName(basename(root)) }];
  if (!found.isDirectory()) throw notRegular(data, found);
  const paths: string[] = [];
  await walk(root, new Set(), paths);
  if (paths.length === 0) throw noParquet(data, "folder");
  return named(paths, root);
}

/**
 * Whether a path, that need not be there yet, lies in what DATA stands for: in the folder, or where the glob would find
 * it. Links are followed.
 */
export async function liesInData(path: string, data: string): Promise<boolean> {
  const [real, root] = [await realPathOf(resolve(path)), resolve(data)];
  const found = await stat(root).catch(() => undefined);
  if (found) return found.isDirectory() && isWithin(await realPathOf(root), real);
  if (!isGlob(data)) return false;
  const { base, pattern } = splitGlob(data);
  const realBase = await realPathOf(base);
  if (!isWithin(realBase, real)) return false;
  const names = relative(realBase, real).split(sep).filter(Boolean);
  return parseGlob(pattern).some((segments) => globReaches(segments, names));
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The path without links, as far as it is there. */
async function realPathOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined || dirname(path) === path) return real ?? path;
  return join(await realPathOf(dirname(path)), basename(path));
}

/** `stat` that answers `undefined` for what is not there and says the rest in our words. */
async function lookUp(path: string, shown: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ERR_INVALID_ARG_VALUE")
      return undefined;
    throw cannotRead(error, shown);
  }
}

/** What the system said, as a `FileError` with a hint. */
export function cannotRead(error: unknown, shown: string): FileError {
  const file = escapeName(shown);
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "EACCES" || code === "EPERM") {
    return new FileError(
      "no-permission",
      `no permission to read ${file}`,
      "check the permissions of the file and of the folders above it",
      { file },
    );
  }
  if (code === "ELOOP") return linkLoop(shown);
  if (code === "ENOENT")
    return new FileError("not-found", `${file} is not there`, "was it removed or renamed while it was in use?", {
      file,
    });
  if (code === "EMFILE" || code === "ENFILE") {
    return new FileError(
      "too-many-files",
      `too many open files while opening ${file}`,
      "raise the limit of open files (ulimit -n)",
      { file },
    );
  }
  const reason = escapeName(error instanceof Error ? error.message : String(error));
  return new FileError(
    "unreadable",
    `cannot read ${file}: ${reason}`,
    "check the disk or the network share it lies on",
    { file },
  );
}

function linkLoop(shown: string): FileError {
  const file = escapeName(shown);
  return new FileError(
    "symlink-loop",
    `${file} is a symbolic link that leads back to itself`,
    "remove the link, or name the folders to read",
    { file },
  );
}

/** A FIFO, device or socket: opening one may block for ever, so it is refused by its kind. */
export function notRegular(shown: string, found: Stats | Dirent): FileError {
  const file = escapeName(shown);
  return new FileError(
    "not-a-file",
    `${file} is ${kindOf(found)}, not a file`,
    "copy its content to a file; Parquet is read from both ends",
    { file },
  );
}

/** What something that is no file is, in words. */
export function kindOf(found: Stats | Dirent): string {
  if (found.isFIFO()) return "a FIFO";
  if (found.isSocket()) return "a socket";
  return found.isDirectory() ? "a folder" : "a device";
}

function noParquet(shown: string, kind: "folder" | "pattern"): FileError {
  const file = escapeName(shown);
  const what = kind === "folder" ? `no Parquet file in ${file}` : `no Parquet file matches ${file}`;
  return new FileError("no-parquet", what, "name a file, a folder with *.parquet in it, or a glob in quotes", { file });
}

async function notFound(root: string, shown: string): Promise<FileError> {
  const file = escapeName(shown);
  const near = await nearestPath(root, isAbsolute(shown));
  return new FileError(
    "not-found",
    `${file} does not exist`,
    near ? `did you mean ${escapeName(near)}?` : "check the spelling, or the folder you are in",
    { file },
  );
}

/** The nearest name in the deepest folder of the path that exists; written as the path was. */
async function nearestPath(path: string, absolute: boolean): Promise<string | undefined> {
  let [missing, folder] = [basename(path), dirname(path)];
  for (; ; [missing, folder] = [basename(folder), dirname(folder)]) {
    const names = await readdir(folder).catch(() => undefined);
    if (names) {
      const near = nearestName(
        missing,
        names.filter((name) => !name.startsWith(".")),
      );
      return near && join(absolute ? folder : relative(process.cwd(), folder), near);
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * Adds the Parquet files under a folder. `above` holds the real paths of the folders being walked:
 * meeting one again means a link leads back up.
 */
async function walk(folder: string, above: Set<string>, paths: string[]): Promise<void> {
  const real = await realpath(folder).catch((error) => Promise.reject(cannotRead(error, folder)));
  if (above.has(real)) throw linkLoop(folder);
  above.add(real);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) =>
    Promise.reject(cannotRead(error, folder)),
  );
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    await visit(join(folder, entry.name), entry, above, paths);
  }
  above.delete(real);
}

async function visit(path: string, entry: Dirent | Stats, above: Set<string>, paths: string[]): Promise<void> {
  if (entry.isDirectory()) return walk(path, above, paths);
  const parquet = PARQUET_NAME.test(path);
  if (entry.isSymbolicLink()) {
    const target = await stat(path).catch((error) =>
      parquet ? Promise.reject(cannotRead(error, path)) : onlyLoops(error, path),
    );
    if (target) await visit(path, target, above, paths);
  } else if (parquet) {
    if (!entry.isFile()) throw notRegular(path, entry);
    paths.push(path);
  }
}

/** A broken link that is no Parquet file is nothing to us; one that leads in a circle is said. */
function onlyLoops(error: unknown, path: string): undefined {
  if ((error as NodeJS.ErrnoException).code === "ELOOP") throw linkLoop(path);
  return undefined;
}

async function discoverGlob(data: string): Promise<FoundFile[]> {
  const { base, pattern } = splitGlob(data);
  const folder = await lookUp(base, base);
  if (!folder?.isDirectory()) throw await notFound(base, data);
  const paths = new Set<string>();
  for (const segments of parseGlob(pattern)) await match(base, segments, 0, paths, new Set());
  if (paths.size === 0) throw noParquet(data, "pattern");
  return named([...paths], base);
}

/** The folder a glob begins in, and the pattern of what is below it. */
function splitGlob(data: string): { base: string; pattern: string } {
  const parts = resolve(data).split(sep).join("/").split("/");
  const fixed = parts.findIndex((part) => isGlob(part));
  return { base: parts.slice(0, fixed).join("/") || "/", pattern: parts.slice(fixed).join("/") };
}

async function match(
  folder: string,
  segments: GlobSegment[],
  at: number,
  paths: Set<string>,
  above: Set<string>,
): Promise<void> {
  const real = await realpath(folder).catch((error) => Promise.reject(cannotRead(error, folder)));
  if (above.has(`${at} ${real}`)) throw linkLoop(folder);
  above.add(`${at} ${real}`);
  const segment = segments[at];
  if (segment.deep && at + 1 < segments.length) await match(folder, segments, at + 1, paths, above);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) =>
    Promise.reject(cannotRead(error, folder)),
  );
  for (const entry of entries) {
    if (segment.deep ? entry.name.startsWith(".") : !segment.test(entry.name)) continue;
    const path = join(folder, entry.name);
    const last = at + 1 === segments.length;
    if (last) {
      const matched: string[] = [];
      await visit(path, entry, new Set(), matched);
      for (const one of matched) paths.add(one);
    } else if (await isFolder(path, entry)) {
      await match(path, segments, segment.deep ? at : at + 1, paths, above);
    }
  }
  above.delete(`${at} ${real}`);
}

async function isFolder(path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false,
  );
}

function named(paths: string[], root: string): FoundFile[] {
  const files = paths.map((path) => ({ path, name: escapeName(relative(root, path).split(sep).join("/")) }));
  // By code unit, not by locale: the order decides which of two conflicting rows is first.
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
