/** Folders to write into. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing; answers the topmost it has made, undefined when all were there. Not
 * `mkdir` with `recursive`, which tries for ever where a folder that is there answers ENOENT to what is made in it (/proc).
 */
export async function makeFolders(path: string): Promise<string | undefined> {
  const code = await tryToMake(path);
  if (code === undefined) return path;
  if (code !== "ENOENT" || dirname(path) === path) return undefined;
  const above = await makeFolders(dirname(path));
  const again = await tryToMake(path);
  if (again === "ENOENT") await mkdir(path); // what is above is there now, so this is its answer
  return above ?? (again === undefined ? path : undefined);
}

/** Undefined when the folder has been made, `there` when it was there, ENOENT; rejects with any other error. */
async function tryToMake(path: string): Promise<"there" | "ENOENT" | undefined> {
  try {
    await mkdir(path);
    return undefined;
  } catch (error) {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) return "there";
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return "ENOENT";
  }
}
