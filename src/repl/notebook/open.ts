/** Opening and comparing from a notebook or a script. */
import { ensureDemoData, open as openEngine, type OpenOptions as EngineOptions } from "../../engine/index.js";
import { userPaths } from "../paths.js";
import { ticker } from "./move.js";
import { endReplaced } from "./open-sessions.js";
import { Session } from "./session.js";

/** How data is chosen, read and replayed. */
export interface OpenOptions extends Omit<EngineOptions, "path" | "onScan"> {}

/**
 * Opens bars and stops before the first one. `"demo"` is a small seeded data set with planted faults; else a file, a folder or a glob of
 * Parquet files. In a notebook, a session whose variable is given another one is ended.
 *
 * @throws DataError, FileError, UsageError with what is wrong, where, and what to do
 * @example
 * const s = await open("demo");
 * const t = await open("bars-1m", { symbols: ["SPY", "IBM"], from: "2013-10-04", to: "2013-10-11" });
 */
export async function open(path: "demo" | (string & {}), options: OpenOptions = {}): Promise<Session> {
  endReplaced();
  let share = 0;
  let doing = "";
  const progress = ticker(
    `opening ${path}`,
    () => doing,
    () => share,
  );
  const at =
    (what: string) =>
    (done: number, total: number): void => {
      share = total === 0 ? 1 : done / total;
      doing = `${what} · ${done} of ${total} files`;
    };
  try {
    const found =
      path === "demo" ? await ensureDemoData(userPaths(process.env).cache, at("making the demo data")) : path;
    return new Session(await openEngine(found, { ...options, onScan: at(`reading ${path}`) }));
  } finally {
    progress.end();
  }
}
