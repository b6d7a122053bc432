/** What is done to data as a whole, without a session to move: the engine's functions, which know no `"demo"`. */
import {
  ensureDemoData,
  exportData as engineExportData,
  inspect as engineInspect,
  verify as engineVerify,
  type DataOptions,
  type ExportHooks,
  type ExportReport,
  type Inspection,
  type InspectHooks,
  type OpenOptions,
  type VerifyHooks,
  type VerifyReport,
} from "../../engine/index.js";
import { userPaths } from "../paths.js";
import { checkText, inWordsOfCode } from "./arguments.js";

/**
 * What is in the data, without a replay: symbols, days and their coverage, rows by class, worst gaps, outages, suspected splits. As
 * plain data; times are microseconds UTC.
 *
 * @throws DataError, FileError, UsageError as `open` does
 * @example
 * const found = await inspect({ path: "demo" });
 * found.worstGaps[0]; // the longest of all
 * found.symbols.filter(({ quality }) => (quality ?? 0) < 95);
 */
export function inspect(options: DataOptions, hooks?: InspectHooks): Promise<Inspection> {
  return onData("inspect", options, (found) => engineInspect(found, hooks));
}

/**
 * Replays the data at several speeds, with pauses and seeks, and compares the digests, which must be one.
 *
 * @throws DataError, FileError, UsageError as `open` does; faults of the engine are reported, not thrown
 * @example
 * const { ok, brokenInvariants } = await verify({ path: "demo", symbols: ["SPY"] });
 */
export function verify(options: OpenOptions, hooks?: VerifyHooks): Promise<VerifyReport> {
  return onData("verify", options, (found) => engineVerify(found, hooks));
}

/**
 * Replays the data and writes bars, derived bars, quality and gaps as Parquet into a new or empty folder: all of it, or nothing.
 *
 * @throws FileError when the folder is not empty or cannot be written; else as `open` does
 * @example
 * const { files } = await exportData({ path: "demo", symbols: ["SPY"] }, "out");
 * const again = await open("out/bars-1m"); // the same bars
 */
export function exportData(options: OpenOptions, outDir: string, hooks?: ExportHooks): Promise<ExportReport> {
  return onData("exportData", options, (found) => engineExportData(found, outDir, hooks));
}

async function onData<Options extends DataOptions, Answer>(
  what: string,
  options: Options,
  perform: (options: Options) => Promise<Answer>,
): Promise<Answer> {
  const path: unknown = (options as Options | undefined)?.path;
  checkText(`${what}: path`, path, `{ path: "demo" }`);
  try {
    const isDemo = path === "demo";
    return await perform(isDemo ? { ...options, path: await ensureDemoData(userPaths(process.env).cache) } : options);
  } catch (error) {
    throw inWordsOfCode(error);
  }
}
