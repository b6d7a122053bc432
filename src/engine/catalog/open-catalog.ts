/**
 * The front door of the catalogue: files → typed columns, with every row accounted for. Knows nothing
 * of threads, shared memory or the terminal.
 */
import { readFile, stat } from "node:fs/promises";
import { DataError, FileError } from "../errors.js";
import { createAlwaysOpenCalendar, createXnysCalendar, type Calendar } from "../market/calendar.js";
import { refuseExportFolder } from "./bars-folder.js";
import { DayBook } from "./day-book.js";
import { DayLoader } from "./day-loader.js";
import { cannotRead, discover, kindOf } from "./discover.js";
import { escapeName } from "./escape.js";
import { checkRange, makePlan } from "./plan.js";
import { scanSource } from "./scan.js";
import type { DataOptions, OpenCatalog, ScanProgress } from "./types.js";

/**
 * Opens data: finds the files, scans their timestamps, decides unit, zone, label and interval, and
 * plans the sessions. Prices are read by `source.load`, a session at a time.
 *
 * Rejects with a `UsageError` (exit 2), `DataError` (3) or `FileError` (4) that names the file and what
 * to do. `onProgress` is called after each file; an aborted `signal` rejects with its reason.
 *
 *     const { catalog, source } = await openCatalog({ path: "data", symbols: ["SPY"], from: "2013-10-07" });
 *     const load = await source.load(0, day); // day: a SourceDay of catalog.sessions[0].minutes × 1
 */
export async function openCatalog(
  options: DataOptions,
  hooks: { onProgress?: ScanProgress; signal?: AbortSignal } = {},
): Promise<OpenCatalog> {
  const calendar = await readCalendar(options.calendar);
  checkRange(options, calendar);
  const found = await discover(options.path);
  refuseExportFolder(found, options.path);
  hooks.signal?.throwIfAborted();
  const book = new DayBook(calendar);
  const scan = await scanSource(found, book, options, hooks);
  const plan = makePlan(scan, book, options);
  return { catalog: plan.catalog, calendar, source: new DayLoader(scan, plan, book, options) };
}

const MAX_CALENDAR_BYTES = 16 << 20;

async function readCalendar(name: string | undefined): Promise<Calendar> {
  if (name === undefined || name.toUpperCase() === "XNYS") return createXnysCalendar();
  if (name === "24/7") return createAlwaysOpenCalendar();
  const file = escapeName(name);
  const found = await stat(name).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw cannotRead(error, name);
    throw new FileError(
      "not-found",
      `calendar ${file} is neither built in nor a file`,
      "use XNYS, 24/7 or the path of a JSON calendar",
      { file },
    );
  });
  // A FIFO or a device is never opened: that could block for ever.
  if (!found.isFile() || found.size > MAX_CALENDAR_BYTES) {
    const what = found.isFile() ? "too large for a calendar" : `${kindOf(found)}, not a JSON file`;
    const hint = "use XNYS, 24/7 or the path of a JSON calendar";
    throw new FileError("not-a-file", `calendar ${file} is ${what}`, hint, { file });
  }
  const text = await readFile(name, "utf8").catch((error) => Promise.reject(cannotRead(error, name)));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DataError(
      "calendar-file",
      `calendar ${file} is not JSON: ${escapeName((error as Error).message)}`,
      "it needs name, timeZone, open, close, holidays, earlyCloses and lastDate",
      { file },
    );
  }
  const { parseCalendar } = await import("../market/calendar-file.js");
  return parseCalendar(json, file);
}
