/**
 * Folders that hold 1-minute bars beside other things, by the name `bars-1m`: what `bardeck export` writes, and what people
 * keep. Opening one as a whole mixes them; these functions name the folder that is meant. Knows names, opens nothing.
 */
import { dirname, join, resolve } from "node:path";
import { DataError } from "../errors.js";
import type { FoundFile } from "./discover.js";
import { escapeName } from "./escape.js";

const BARS = "bars-1m";
/** Lies beside the folders of bars in every export. */
const QUALITY = "quality.parquet";

/** Throws a `DataError` for the top folder of an export. */
export function refuseExportFolder(found: readonly FoundFile[], data: string): void {
  const quality = found.find(({ name }) => name === QUALITY);
  const bars = barsFolder(found, data);
  if (!quality || bars === undefined) return;
  throw new DataError(
    "export-folder",
    `${escapeName(dirname(bars))} is the folder of an export: bars of several intervals, ${QUALITY} and more`,
    `open its 1-minute bars: ${escapeName(bars)}`,
    { file: escapeName(data) },
  );
}

/** The path of the folder `bars-1m` among the files, as near as can be to what the person typed; undefined without one. */
export function barsFolder(found: readonly FoundFile[], data: string): string | undefined {
  const inside = found.find(({ name }) => name.startsWith(`${BARS}/`));
  if (!inside || found.every(({ name }) => name.startsWith(`${BARS}/`))) return undefined;
  let folder = inside.path;
  for (let depth = inside.name.split("/").length; depth > 1; depth--) folder = dirname(folder);
  const typed = join(data, BARS);
  return resolve(typed) === folder ? typed : folder;
}
