/** Opening and comparing from a notebook or a script. */
import { ensureDemoData, open as openEngine, type OpenOptions as EngineOptions } from "../../engine/index.js";
import { userPaths } from "../paths.js";
import { checkOptions, checkText, inWordsOfCode, type Kinds } from "./arguments.js";
import { ticker } from "./move.js";
import { endLost, endReplaced } from "./open-sessions.js";
import { Session } from "./session.js";

/** How data is chosen, read and replayed. */
export interface OpenOptions extends Omit<EngineOptions, "path" | "onScan"> {}

const OPTIONS: Kinds<OpenOptions> = {
  symbols: "texts",
  from: "text",
  to: "text",
  startTime: "text",
  sessions: ["data", "calendar"],
  calendar: "text",
  tz: "text",
  label: ["start", "end"],
  columns: "object",
  floorMinutes: "flag",
  onLoadError: ["stop", "skip-symbol", "skip-day"],
  onConflict: ["first", "last", "error"],
  speed: "number",
  derive: "numbers",
  derived: ["flag", "withhold"],
  fill: ["none", "source", "forward"],
  fillFrom: "text",
  keepDays: "number",
  events: "flag",
  signal: "object",
};

/**
 * Opens bars and stops before the first one. `"demo"` is a small seeded data set with planted faults; else a file, a folder or a glob of
 * Parquet files. In a notebook, a session whose variable is given another one is ended, and so is one that nothing holds any more.
 *
 * @throws DataError, FileError, UsageError with what is wrong, where, and what to do
 * @example
 * const s = await open("demo");
 * const t = await open("bars-1m", { symbols: ["SPY", "IBM"], from: "2013-10-04", to: "2013-10-11" });
 */
export async function open(path: "demo" | (string & {}), options: OpenOptions = {}): Promise<Session> {
  checkText("open", path, 'open("demo"), or open("bars-1m")');
  checkOptions("open", options, OPTIONS);
  endReplaced();
  await endLost();
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
  } catch (error) {
    throw inWordsOfCode(error);
  } finally {
    progress.end();
  }
}
