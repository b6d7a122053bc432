/**
 * The demo data on disk: six symbols, three sessions, some of it damaged on purpose, so that
 * everything the debugger shows can be tried without data of one's own. Owns the folder layout and
 * the cache; what is in the rows is decided by demo-plan.ts and demo-market.ts.
 */
import { rmSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assert } from "../assert.js";
import { BardeckError, FileError } from "../errors.js";
import { makeFolders } from "../export/make-folders.js";
import { createXnysCalendar } from "../market/calendar.js";
import type { DemoRow } from "./demo-market.js";
import { DEMO_FACTS } from "./demo-plan.js";

export { DEMO_FACTS } from "./demo-plan.js";

/** Name of the folder in the cache. Its number goes up whenever the rows change, so an old copy is never taken for the new. */
export const DEMO_FOLDER = "demo-1";

/** Called after each file. */
export type DemoProgress = (done: number, total: number) => void;

/** What `writeDemoData` has written. `files` are relative to the folder, in ascending order of symbol, then date. */
export interface DemoWritten {
  readonly files: string[];
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Writes the demo data as Hive folders (`symbol=AAPL/date=2025-07-02.parquet`; columns timestamp in
 * UTC microseconds, open, high, low, close, volume) into `dir`, which is created when missing.
 * The same bytes each time. 8,796 rows. All prices are invented.
 *
 * @throws FileError (exit 4) when the folder or a file cannot be written; the reason of an aborted `signal`
 * @example await writeDemoData("my-demo", (done, total) => bar.update(done / total));
 */
export async function writeDemoData(
  dir: string,
  onProgress?: DemoProgress,
  signal?: AbortSignal,
): Promise<DemoWritten> {
  // Only now: most of the time the data is there, and a start does not wait for what makes it.
  const [{ makeDemoMarket }, { writeParquet }] = await Promise.all([
    import("./demo-market.js"),
    import("../export/parquet-writer.js"),
  ]);
  const days = makeDemoMarket(demoSessions());
  let rows = 0;
  let bytes = 0;
  for (const [i, day] of days.entries()) {
    signal?.throwIfAborted();
    const path = join(dir, demoFile(day.symbol, day.date));
    await makeFolder(dirname(path));
    const written = await writeParquet(path, demoColumns(day.rows), {
      metadata: { "bardeck.demo": DEMO_FOLDER, "bardeck.note": "invented by a seeded generator: not market prices" },
    });
    rows += written.rows;
    bytes += written.bytes;
    onProgress?.(i + 1, days.length);
  }
  return { files: demoFiles(), rows, bytes };
}

/**
 * The path of a complete demo data set inside `cacheDir`, made when it is missing (well under a second)
 * or when files of it have been deleted. Safe to call from several processes at once, and after a
 * crash: the data is made in a folder of its own and renamed when complete. Nothing is left of it when `signal` is
 * aborted or the process exits.
 *
 * @throws FileError (exit 4) naming XDG_CACHE_HOME when the cache cannot be written; the reason of an aborted `signal`
 * @example const path = await ensureDemoData(join(homedir(), ".cache", "bardeck"));
 */
export async function ensureDemoData(
  cacheDir: string,
  onProgress?: DemoProgress,
  signal?: AbortSignal,
): Promise<string> {
  const target = join(cacheDir, DEMO_FOLDER);
  await removeAbandoned(cacheDir);
  if (await isComplete(target)) return target;
  makingCounter += 1;
  const making = join(cacheDir, `${MAKING_PREFIX}${process.pid}-${makingCounter}`);
  const onExit = (): void => rmSync(making, { recursive: true, force: true });
  process.on("exit", onExit);
  try {
    await rm(making, { recursive: true, force: true }); // left by a crashed process that had our number
    await writeDemoData(making, onProgress, signal);
    await install(making, target);
    return target;
  } catch (error) {
    signal?.throwIfAborted();
    if (await isComplete(target)) return target; // whatever went wrong here, another process got it done
    throw cacheError(cacheDir, error);
  } finally {
    await rm(making, { recursive: true, force: true }).catch(() => {});
    process.off("exit", onExit);
  }
}

/** The files of a complete demo data set, relative to its folder. */
export function demoFiles(): string[] {
  return DEMO_FACTS.symbols.flatMap((symbol) => DEMO_FACTS.sessions.map(({ date }) => demoFile(symbol, date)));
}

function demoFile(symbol: string, date: string): string {
  return join(`symbol=${symbol}`, `date=${date}.parquet`);
}

function demoSessions() {
  const calendar = createXnysCalendar();
  return DEMO_FACTS.sessions.map((planned) => {
    const session = calendar.session(planned.date);
    assert(
      session?.kind === planned.kind && session.minutes === planned.minutes,
      `the demo plan and the calendar agree about ${planned.date}`,
    );
    return session;
  });
}

function demoColumns(rows: readonly DemoRow[]) {
  const prices = (["open", "high", "low", "close"] as const).map((name) => ({
    name,
    kind: "double" as const,
    values: rows.map((row) => row[name]),
  }));
  return [
    { name: "timestamp", kind: "timestamp" as const, values: rows.map((row) => row.startUs) },
    ...prices,
    { name: "volume", kind: "int64" as const, values: rows.map((row) => row.volume) },
  ];
}

async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
  } catch (error) {
    throw new FileError(
      "cannot-write",
      `cannot make the folder ${path}: ${(error as Error).message}`,
      "choose a folder you can write to",
      {
        file: path,
      },
    );
  }
}

// ---- The cache ----------------------------------------------------------------------------------

const MAKING_PREFIX = `.${DEMO_FOLDER}.making-`;
/** Making takes under a second: what is this old belongs to nobody. */
const ABANDONED_AFTER_MS = 60_000;
let makingCounter = 0;

/** Every file there and not empty. A cache cleaner may have taken some, a power cut may have emptied some. */
async function isComplete(target: string): Promise<boolean> {
  const found = await Promise.all(demoFiles().map((file) => stat(join(target, file)).catch(() => undefined)));
  return found.every((file) => file !== undefined && file.isFile() && file.size > 0);
}

/** Renames the complete folder into place; whoever comes second finds the first one's and keeps it. */
async function install(making: string, target: string): Promise<void> {
  try {
    await rename(making, target);
    return;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOTEMPTY", "EEXIST", "EPERM", "ENOTDIR"].includes(code)) throw error;
  }
  if (await isComplete(target)) return;
  const aside = `${making}.replaced`; // begins like a folder being made, so a crash here is cleaned up too
  try {
    await rename(target, aside);
    await rename(making, target);
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => {});
  }
}

/** Removes what crashed makers left. Leaves alone what a living process may still be writing. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  const names = await readdir(cacheDir).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(MAKING_PREFIX))) {
    const path = join(cacheDir, name);
    const age = await stat(path).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    const pid = Number.parseInt(name.slice(MAKING_PREFIX.length), 10);
    if (age > ABANDONED_AFTER_MS || !isAlive(pid)) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function cacheError(cacheDir: string, error: unknown): unknown {
  const isOurs = error instanceof BardeckError;
  if (!isOurs && (error as NodeJS.ErrnoException).code === undefined) return error; // a bug, not the cache
  return new FileError(
    "cannot-write",
    `cannot make the demo data in ${cacheDir}: ${(error as Error).message}`,
    `set XDG_CACHE_HOME to a folder you can write to${isOurs && error.hint !== "" ? `; or: ${error.hint}` : ""}`,
    { file: cacheDir },
  );
}
