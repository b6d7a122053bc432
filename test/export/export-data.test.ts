/** Export over real threads: what is written, that it opens again as the same bars, and that a failure leaves nothing. Runs the built workers. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DEMO_FACTS, writeDemoData } from "../../src/engine/demo/demo-data.js";
import { exportData, type DayRecord, type OpenOptions } from "../../src/engine/index.js";
import type { DayGrid } from "../../src/engine/market/day.js";
import { segmentGrid } from "../../src/engine/memory/segment.js";
import { shapeOf } from "../../src/engine/plan.js";
import { STEP } from "../../src/engine/protocol/phases.js";
import { endPlace, stepPlace } from "../../src/engine/protocol/places.js";
import { openWithHooks } from "../../src/engine/session/open.js";
import { Hash } from "../../src/engine/work/hash.js";
import { barRows } from "../fixtures/bar-rows.js";
import { fillDisk, hasFullDisk } from "../fixtures/full-disk.js";
import { writeBars } from "../fixtures/parquet.js";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // many replays a test

const REAL = "../shared/data/us-equity/bars-1m";
const MINUTE_US = 60_000_000;
const demo = tempFolder({ keep: true });
beforeAll(() => writeDemoData(demo.path));
afterAll(() => removeFolder(demo.path));

type Rows = Record<string, unknown>[];

/** Times as microseconds, 64-bit integers as numbers. */
async function readRows(path: string): Promise<Rows> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  const plain = (value: unknown): unknown =>
    value instanceof Date ? value.getTime() * 1000 : typeof value === "bigint" ? Number(value) : value;
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
}

interface Replayed {
  readonly records: DayRecord[];
  readonly digest: string;
  /** Digest of the published slots of each session: presence, origin, prices, volume. */
  readonly slots: string[];
}

async function replayed(options: OpenOptions): Promise<Replayed> {
  const session = await openWithHooks(options, {});
  try {
    const shape = shapeOf(session.plan);
    const slots: string[] = [];
    for (let epoch = 0; epoch < shape.sessionCount; epoch++) {
      const isLast = epoch + 1 === shape.sessionCount;
      await session.runToPlace(isLast ? endPlace(shape) : stepPlace(shape, epoch, STEP.roll), "test");
      slots.push(slotDigest(segmentGrid(session.closedSegment())));
    }
    return { records: session.days.map(({ record }) => record), digest: session.summary().digest, slots };
  } finally {
    await session.dispose();
  }
}

function slotDigest({ bars, origin, minutes, symbols }: DayGrid): string {
  const hash = new Hash().array(origin, 0, minutes * symbols);
  for (const name of ["open", "high", "low", "close", "volume"] as const) hash.array(bars[name], 0, minutes * symbols);
  return hash.digest();
}

/** What the bars decide of a record; what the rows that are no bars decide is left out. */
function ofBars({ date, kind, opensAtUs, closesAtUs, forcedFromUs, symbols }: DayRecord): object {
  const bars = symbols.map(({ symbol, missing, filled, quality, quality30, gaps, derived, ...of }) => {
    const { due, observed, longestGap, open, high, low, last, volume } = of;
    return {
      symbol,
      missing,
      filled,
      quality,
      quality30,
      gaps,
      derived,
      due,
      observed,
      longestGap,
      open,
      high,
      low,
      last,
      volume,
    };
  });
  return { date, kind, opensAtUs, closesAtUs, forcedFromUs, symbols: bars };
}

/** Everything below a folder, hidden names included. */
const below = (folder: string): string[] => (readdirSync(folder, { recursive: true }) as string[]).sort();

describe("what is exported opens again as the same bars", () => {
  const check = async (options: OpenOptions): Promise<void> => {
    const { path } = tempFolder();
    const out = join(path, "out");
    const { digest } = await exportData(options, out);
    const before = await replayed(options);
    const after = await replayed({ path: join(out, "bars-1m") });
    expect(digest).toBe(before.digest);
    expect(after.records.map(ofBars)).toEqual(before.records.map(ofBars));
    for (const { symbols } of after.records) for (const { rows, streamed } of symbols) expect(rows).toBe(streamed);
    expect(after.slots).toEqual(before.slots);
  };

  it("the demo: symbol by symbol, and slot by slot by digest", () => check({ path: demo.path }));

  it.runIf(existsSync(REAL))("real data, with a half day, a holiday and quiet minutes", async () => {
    await check({ path: REAL, symbols: ["AIG", "BAC", "IBM", "SPY"], from: "2013-10-04", to: "2013-10-11" });
    await check({ path: REAL, symbols: ["GOOG"], from: "2015-12-23", to: "2015-12-28" });
  });

  it.runIf(existsSync(REAL))("data labelled by end comes out labelled by start", () =>
    check({
      path: "../shared/data/us-equity-endstamped-2019",
      symbols: ["TZA", "BK"],
      label: "end",
      from: "2019-02-11",
      to: "2019-02-13",
    }),
  );

  it("and the export of an export is the same, byte by byte", async () => {
    const { path } = tempFolder();
    await exportData({ path: demo.path }, join(path, "a"));
    const { files, digest } = await exportData({ path: join(path, "a/bars-1m") }, join(path, "b"));
    const again = await exportData({ path: join(path, "b/bars-1m") }, join(path, "c"));
    expect(again).toMatchObject({ files, digest });
    const bytes = (folder: string): Buffer[] => files.map((file) => readFileSync(join(path, folder, file)));
    expect(bytes("b")).toEqual(bytes("c"));
    const bars = files.filter((file) => file.startsWith("bars-1m/"));
    expect(bars.map((file) => readFileSync(join(path, "a", file)))).toEqual(
      bars.map((file) => readFileSync(join(path, "b", file))),
    );
  });

  it("a symbol whose name is no file name keeps it", async () => {
    const { path } = tempFolder();
    const rows = ["BRK/B", "A B%2F", "..", "Ä&ö"].flatMap((symbol) => barRows(symbol, "2025-07-02"));
    writeBars(join(path, "in/all.parquet"), rows, { symbolColumn: true });
    const { files } = await exportData({ path: join(path, "in") }, join(path, "out"));
    expect(files).toContain("bars-1m/symbol=BRK%2FB/date=2025-07-02.parquet");
    const { records } = await replayed({ path: join(path, "out/bars-1m") });
    expect(records[0].symbols.map(({ symbol }) => symbol)).toEqual(["..", "A B%2F", "BRK/B", "Ä&ö"]);
  });
});

describe("what is in the files", () => {
  const { path } = tempFolder({ keep: true });
  afterAll(() => removeFolder(path));
  const out = join(path, "flag");
  const options: OpenOptions = {
    path: demo.path,
    fill: "forward",
    derive: [5, 45],
    sessions: "calendar",
    from: "2025-07-01",
    to: "2025-07-07",
    speed: 1,
  };
  let files: readonly string[] = [];
  let records: DayRecord[] = [];

  beforeAll(async () => {
    const progress: unknown[] = [];
    const report = await exportData(options, out, { onProgress: (...of) => progress.push(of) });
    files = report.files;
    const data = await replayed({ ...options, speed: 0 });
    records = data.records;
    expect(report.digest).toBe(data.digest);
    expect(progress).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
    const rows = await Promise.all(files.map(async (file) => (await readRows(join(out, file))).length));
    expect(report.rows).toBe(rows.reduce((sum, n) => sum + n, 0));
  });

  const bars = (minutes: number, symbol: string, date: string): Promise<Rows> =>
    readRows(join(out, `bars-${minutes}m/symbol=${symbol}/date=${date}.parquet`));

  it("files: by interval, symbol and session; none for a session without bars; and no others", () => {
    const dates = DEMO_FACTS.sessions.map(({ date }) => date);
    const expected = [1, 5, 45].flatMap((interval) =>
      DEMO_FACTS.symbols.flatMap((symbol) =>
        dates.map((date) => `bars-${interval}m/symbol=${symbol}/date=${date}.parquet`),
      ),
    );
    const wanted = [...expected, "gaps.parquet", "quality.parquet"].sort();
    expect([...files].sort()).toEqual(wanted);
    expect(below(out).filter((name) => name.endsWith(".parquet"))).toEqual(wanted);
    expect(readdirSync(path)).toEqual(["flag"]);
  });

  it("types: UTC microseconds, doubles for prices and volume, text", async () => {
    const file = await asyncBufferFromFile(join(out, files[0]));
    const { schema } = await parquetMetadataAsync(file);
    expect(schema.slice(1).map(({ name, type, converted_type }) => [name, type, converted_type])).toEqual([
      ["timestamp", "INT64", "TIMESTAMP_MICROS"],
      ...["open", "high", "low", "close", "volume"].map((name) => [name, "DOUBLE", undefined]),
      ["origin", "BYTE_ARRAY", "UTF8"],
    ]);
  });

  it("base bars: streamed and filled ones, a missing one before the first bar is no row", async () => {
    const rows = await bars(1, "NVDA", "2025-07-02"); // its first bar comes a minute late
    const record = records[1].symbols.find(({ symbol }) => symbol === "NVDA")!;
    expect(rows).toHaveLength(389);
    expect(rows[0].timestamp).toBe(records[1].opensAtUs + MINUTE_US);
    expect(rows.filter(({ origin }) => origin === "streamed")).toHaveLength(record.observed);
    const fills = rows.filter(({ origin }) => origin === "forward-filled");
    expect(fills).toHaveLength(record.filled);
    const outage = rows.findIndex(({ origin }) => origin === "forward-filled");
    const close = rows[outage - 1].close;
    expect(rows[outage]).toMatchObject({ open: close, high: close, low: close, close, volume: 0 });
    expect(rows.reduce((sum, { volume }) => sum + (volume as number), 0)).toBe(record.volume);
  });

  it("derived bars: what a recomputation from the base bars gives", async () => {
    for (const { date, opensAtUs, closesAtUs } of records.slice(1)) {
      for (const [interval, symbol] of [
        [5, "THIN"],
        [45, "TSLA"],
        [45, "NVDA"],
        [5, "NVDA"],
      ] as const) {
        const base = await bars(1, symbol, date);
        expect(await bars(interval, symbol, date)).toEqual(derive(base, interval, opensAtUs, closesAtUs));
      }
    }
    const statuses = (await bars(45, "NVDA", "2025-07-02")).map(({ status }) => status);
    expect([statuses[0], statuses[1], statuses.at(-1)]).toEqual(["incomplete", "complete", "stub"]); // 390 = 8 × 45 + 30
  });

  it("quality: a row a symbol and session, its classes adding up to its rows", async () => {
    const rows = await readRows(join(out, "quality.parquet"));
    const expected = records.flatMap((record) => record.symbols.map((symbol) => qualityOf(record, symbol)));
    expect(rows).toEqual(expected);
    expect(rows).toHaveLength(4 * 6);
    for (const row of rows) {
      const classes = [
        "streamed",
        "pre_market",
        "after_hours",
        "at_close",
        "rejected",
        "duplicate",
        "conflict",
        "unread",
      ];
      expect(classes.reduce((sum, name) => sum + (row[name] as number), 0)).toBe(row.rows);
    }
    expect(rows[0]).toMatchObject({
      date: "2025-07-01",
      symbol: "AAPL",
      rows: 0,
      quality: null,
      missing: 390,
      longest_gap: 390,
      open: null,
      volume: 0,
    });
  });

  it("gaps: the planted ones, and whole sessions without data", async () => {
    const local = (us: unknown): string => new Date((us as number) / 1000 - 4 * 3600_000).toISOString().slice(11, 16);
    const rows = (await readRows(join(out, "gaps.parquet"))).map((row) => ({
      ...row,
      start: local(row.start),
      end: local(row.end),
    }));
    const empty = DEMO_FACTS.symbols.map((symbol) => ({
      symbol,
      date: "2025-07-01",
      start: "09:30",
      end: "16:00",
      bars: 390,
    }));
    const planted = DEMO_FACTS.gaps.map(({ symbol, date, start, end, bars }) => ({ symbol, date, start, end, bars }));
    expect(rows).toHaveLength(planted.length + empty.length);
    expect(rows).toEqual(expect.arrayContaining([...planted, ...empty]));
  });

  it("with withhold, incomplete derived bars stay away and stubs stay", async () => {
    const withheld = join(path, "withheld");
    await exportData({ ...options, derived: "withhold" }, withheld);
    for (const file of files.filter((name) => name.startsWith("bars-") && !name.startsWith("bars-1m"))) {
      const all = await readRows(join(out, file));
      const kept = all.filter(({ status }) => status !== "incomplete");
      expect(existsSync(join(withheld, file)), file).toBe(kept.length > 0);
      if (kept.length > 0) expect(await readRows(join(withheld, file))).toEqual(kept);
    }
    rmSync(withheld, { recursive: true });
  });
});

/** n-minute bars of one session by hand, from rows of base bars. */
function derive(base: Rows, interval: number, openUs: number, closeUs: number): Rows {
  const derived: Rows = [];
  for (let startUs = openUs; startUs < closeUs; startUs += interval * MINUTE_US) {
    const endUs = Math.min(startUs + interval * MINUTE_US, closeUs);
    const inside = base.filter(({ timestamp }) => (timestamp as number) >= startUs && (timestamp as number) < endUs);
    if (inside.length === 0) continue;
    const column = (name: string): number[] => inside.map((row) => row[name] as number);
    const m = (endUs - startUs) / MINUTE_US;
    derived.push({
      timestamp: startUs,
      open: column("open")[0],
      high: Math.max(...column("high")),
      low: Math.min(...column("low")),
      close: column("close").at(-1),
      volume: column("volume").reduce((sum, v) => sum + v, 0),
      n: inside.length,
      m,
      status: inside.length < m ? "incomplete" : m < interval ? "stub" : "complete",
    });
  }
  return derived;
}

function qualityOf({ date, digest }: DayRecord, of: DayRecord["symbols"][number]): object {
  const { symbol, rows, streamed, filtered, rejected, unread, due, observed, missing, filled, quality, quality30 } = of;
  const { open, high, low, last, volume } = of;
  const same = {
    symbol,
    rows,
    streamed,
    rejected,
    unread,
    due,
    observed,
    missing,
    filled,
    quality,
    quality30,
    open,
    high,
    low,
    last,
    volume,
  };
  return {
    ...same,
    date,
    digest,
    pre_market: filtered.preMarket,
    after_hours: filtered.afterHours,
    at_close: filtered.atClose,
    duplicate: of.duplicates,
    conflict: of.conflicts,
    longest_gap: of.longestGap,
    gaps: of.gaps.length,
  };
}

it("a symbol that was left out has a row without quality, nothing missing and no gaps", async () => {
  const { path, put } = tempFolder();
  for (const symbol of ["IBM", "SPY"])
    for (const date of ["2025-07-02", "2025-07-07"])
      writeBars(join(path, `in/symbol=${symbol}/date=${date}.parquet`), barRows(symbol, date));
  put("in/symbol=SPY/date=2025-07-07.parquet", "PAR1");
  const options: OpenOptions = { path: join(path, "in"), onLoadError: "skip-symbol" };
  await exportData(options, join(path, "out"));
  const left = { symbol: "SPY", date: "2025-07-07", due: 0, missing: 0, quality: null, longest_gap: 0, gaps: 0 };
  expect(await readRows(join(path, "out/quality.parquet"))).toContainEqual(expect.objectContaining(left));
  expect(await readRows(join(path, "out/gaps.parquet"))).toEqual([]);
});

describe("a failure leaves nothing behind", () => {
  const FEW = ["AAPL", "SPY"];

  /** Exports into a new folder; answers the error. What was there before must be there still, and nothing else. */
  async function failing(
    change: Partial<OpenOptions>,
    hooks: Parameters<typeof exportData>[2] = {},
    out = "a/b/out",
  ): Promise<unknown> {
    const { path } = tempFolder();
    writeFileSync(join(path, "kept"), "");
    const error = await exportData({ path: demo.path, symbols: FEW, ...change }, join(path, out), hooks).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(below(path)).toEqual(["kept"]);
    return error;
  }

  it.runIf(hasFullDisk)("a full disk, at whatever write it happens", async () => {
    const disk = await fillDisk();
    const { path } = tempFolder();
    await exportData({ path: demo.path, symbols: FEW }, join(path, "out"));
    const all = disk.writes;
    expect(all).toBeGreaterThan(2 * 3 * 3 * 3); // symbols, sessions, intervals, writes a file
    for (const writes of [0, 3, Math.floor(all / 2), all - 1]) {
      disk.left = writes;
      const error = await failing({});
      expect(error, `${writes} writes`).toMatchObject({
        exitCode: 4,
        code: "cannot-write",
        hint: expect.stringContaining("free some space"),
      });
      expect((error as Error).message).toMatch(/out\/.*\.parquet: ENOSPC: no space left on device$/);
      expect((error as Error).message).not.toContain("partial");
    }
  });

  it("an interruption: before, while scanning, between sessions", async () => {
    const reason = new Error("enough");
    expect(await failing({}, { signal: AbortSignal.abort(reason) })).toBe(reason);
    for (const when of [0, 1, 3]) {
      const controller = new AbortController();
      const stop = (done: number): void => void (done === when && controller.abort(reason));
      expect(await failing({ onScan: () => stop(0) }, { onProgress: stop, signal: controller.signal })).toBe(reason);
    }
  });

  it("data that cannot be used, at once or on a later day", async () => {
    expect(await failing({ path: join(demo.path, "nothing") })).toMatchObject({ exitCode: 4, code: "not-found" });
    expect(await failing({ symbols: ["NOPE"] })).toMatchObject({
      exitCode: expect.any(Number),
      hint: expect.any(String),
    });
    const { path } = tempFolder();
    await writeDemoData(path);
    const gone = join(path, "symbol=SPY", "date=2025-07-07.parquet");
    const error = await failing({ path }, { onProgress: (done) => void (done === 1 && rmSync(gone)) });
    expect(error).toMatchObject({
      exitCode: expect.any(Number),
      place: { file: expect.stringContaining("2025-07-07") },
    });
  });

  it("a folder that is not empty, or is no folder, is left as it is (exit 4)", async () => {
    const { path, put } = tempFolder();
    put("full/notes.txt", "mine");
    put("file", "mine");
    for (const [out, message] of [
      ["full", "is not empty"],
      ["file", "not a directory"],
      ["file/out", "not a directory"],
    ]) {
      await expect(exportData({ path: demo.path }, join(path, out))).rejects.toMatchObject({
        exitCode: 4,
        message: expect.stringContaining(message),
        hint: expect.stringMatching(/./),
      });
    }
    for (const out of ["/proc/bardeck", "/proc/bardeck/a/b"])
      await expect(exportData({ path: demo.path }, out)).rejects.toMatchObject({ exitCode: 4, code: "cannot-write" });
    expect(below(path)).toEqual(["file", "full", "full/notes.txt"]);
  });

  it("a folder inside the data, or inside what fills come from, is refused before anything is written (exit 2)", async () => {
    const { path } = tempFolder();
    await writeDemoData(join(path, "data"));
    await writeDemoData(join(path, "fills"));
    const before = below(path);
    const data = join(path, "data");
    const options: OpenOptions[] = [
      { path: data },
      { path: join(data, "*") },
      { path: join(data, "**/*.parquet") },
      { path: demo.path, fillFrom: data },
    ];
    for (const one of options)
      await expect(exportData(one, join(data, "new/out"))).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining("lies in"),
        hint: expect.stringContaining("beside the data"),
      });
    expect(below(path)).toEqual(before);
    const beside = { path: join(data, "symbol=SPY"), symbols: ["SPY"], derive: [] };
    expect((await exportData(beside, join(data, "out"))).files).toHaveLength(5);
  });

  it("a folder that was filled while the export ran is left as it is", async () => {
    const { path, put } = tempFolder();
    const fill = (done: number): void => void (done === 3 && put("out/notes.txt", "mine"));
    await expect(exportData({ path: demo.path }, join(path, "out"), { onProgress: fill })).rejects.toMatchObject({
      exitCode: 4,
    });
    expect(below(path)).toEqual(["out", "out/notes.txt"]);
  });

  it("an empty folder is taken", async () => {
    const { path } = tempFolder();
    mkdirSync(join(path, "out"));
    const { files } = await exportData({ path: demo.path, symbols: ["SPY"], derive: [] }, join(path, "out"));
    expect(files).toHaveLength(5);
    expect(readdirSync(path)).toEqual(["out"]);
  });
});
