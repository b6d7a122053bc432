/**
 * Paths that lead nowhere, to something that is no file, or to very many files; files that change under
 * the reader; names that would play tricks on a terminal.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { liesInData } from "../../src/engine/catalog/discover.js";
import { openCatalog } from "../../src/engine/catalog/open-catalog.js";
import { BardeckError, DataError, FileError, UsageError } from "../../src/engine/errors.js";
import { createXnysCalendar } from "../../src/engine/market/calendar.js";
import { barRows, rowAt } from "../fixtures/bar-rows.js";
import { expectFailure, loadAll, loadDay, outcome } from "../fixtures/load-catalog.js";
import { barBytes, column, parquetBytes, writeBars } from "../fixtures/parquet.js";
import { dayBars } from "../fixtures/source-day.js";
import { removeFolder, tempFolder, type TempFolder } from "../fixtures/temp-folder.js";
import { startWatchdog, type Watchdog } from "../fixtures/watchdog.js";

const DATE = "2013-10-07";
const rows = barRows("SPY", DATE);
const NOBODY = 65534;

/** Opening a FIFO would hold a thread of the pool for ever, which no test timeout ends. */
let watchdog: Watchdog;
beforeAll(() => void (watchdog = startWatchdog(60_000)));
afterAll(() => watchdog.stop());

describe("path not found", () => {
  it.each(["", " "])("no path at all (%j): stops with exit 2, and does not open the folder one is in", async (path) => {
    await expectFailure({ path }, { class: UsageError, names: ["is empty"], hint: /file, a folder or a glob/ });
  });

  it("path not found: stops with exit 4, the nearest name suggested", async () => {
    const folder = tempFolder();
    const there = writeBars(folder.file("market", "SPY.parquet"), rows);
    for (const written of [(path: string) => path, (path: string) => relative(process.cwd(), path)]) {
      const error = await expectFailure(
        { path: written(join(folder.path, "market", "SYP.parquet")) },
        { class: FileError, names: ["SYP.parquet"] },
      );
      expect(error.hint).toBe(`did you mean ${written(there)}?`);
    }
  });

  it("path not found (a folder above it misspelt): the nearest name of that folder suggested", async () => {
    const folder = tempFolder();
    writeBars(folder.file("market", "SPY.parquet"), rows);
    const error = await expectFailure(
      { path: join(folder.path, "markte", "SPY.parquet") },
      { class: FileError, names: ["markte"] },
    );
    expect(`${error.message} ${error.hint}`).toMatch(/market\b/);
  });

  it("path not found (nothing like it, an empty name, a name of 5,000 letters, a NUL): stops with exit 4", async () => {
    for (const path of ["/nowhere/at/all.parquet", "x".repeat(5000), "a\u0000b.parquet"]) {
      await expectFailure({ path }, { class: FileError });
    }
    const empty = await outcome(() => loadAll({ path: "" }));
    expect([2, 4]).toContain((empty as BardeckError).exitCode);
  });

  it("a glob that matches nothing: stops with exit 4", async () => {
    const folder = tempFolder();
    writeBars(folder.file("SPY.parquet"), rows);
    await expectFailure({ path: join(folder.path, "Q*.parquet") }, { class: FileError, names: ["Q*.parquet"] });
  });

  it("a file below a file: stops with exit 4", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    await expectFailure({ path: join(path, "more.parquet") }, { class: FileError, names: ["more.parquet"] });
  });
});

describe("directory without Parquet", () => {
  it("directory without Parquet (empty): stops with exit 4", async () => {
    const folder = tempFolder();
    await expectFailure({ path: folder.path }, { class: FileError, names: [folder.path] });
  });

  it("directory without Parquet (other files): stops with exit 4", async () => {
    const folder = tempFolder();
    folder.put("SPY.csv", "a,b");
    folder.put("deep/er/notes.txt", "x");
    await expectFailure({ path: folder.path }, { class: FileError, names: [folder.path] });
  });

  it("other files beside Parquet are left alone", async () => {
    const folder = tempFolder();
    folder.put("_SUCCESS", "");
    folder.put(".SPY.parquet.crc", "crc");
    folder.put("README.md", "x");
    writeBars(folder.file("SPY.parquet"), rows);
    expect((await loadDay({ path: folder.path })).catalog.files.map(({ path }) => path)).toEqual(["SPY.parquet"]);
  });
});

describe("no permission", () => {
  /** As nobody, when the tests run as root, whom permissions do not stop. */
  async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
    if (process.getuid?.() !== 0) return work();
    process.seteuid!(NOBODY);
    try {
      return await work();
    } finally {
      process.seteuid!(0);
    }
  }

  it("no permission (file): stops with exit 4", async () => {
    const folder = tempFolder();
    const path = writeBars(folder.file("SPY.parquet"), rows);
    chmodSync(folder.path, 0o755);
    chmodSync(path, 0o000);
    await unprivileged(() => expectFailure({ path }, { class: FileError, names: ["SPY.parquet", /permission/i] }));
  });

  it("no permission (a folder inside): stops with exit 4 naming it, never as if it were empty", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE));
    writeBars(folder.file("closed", "SPY.parquet"), rows);
    chmodSync(folder.path, 0o755);
    chmodSync(join(folder.path, "closed"), 0o000);
    await unprivileged(() =>
      expectFailure({ path: folder.path }, { class: FileError, names: ["closed", /permission/i] }),
    );
    chmodSync(join(folder.path, "closed"), 0o755);
  });
});

describe("folders with 1-minute bars beside other things", () => {
  const write = (folder: TempFolder, name: string): string => writeBars(folder.file(name, "symbol=SPY.parquet"), rows);
  const quality = [column("date", { type: "BYTE_ARRAY", converted_type: "UTF8" }, ["2013-10-07"])];

  it("the top folder of an export: stops, naming its folder of 1-minute bars, however it is written", async () => {
    const folder = tempFolder();
    for (const name of ["out/bars-1m", "out/bars-5m"]) write(folder, name);
    folder.put("out/quality.parquet", parquetBytes(quality));
    const out = join(folder.path, "out");
    for (const path of [out, `${out}/`, join(out, "*"), join(out, "**", "*.parquet")]) {
      const error = await expectFailure({ path }, { class: DataError, names: ["is the folder of an export"] });
      expect([error.code, error.hint]).toEqual(["export-folder", `open its 1-minute bars: ${join(out, "bars-1m")}`]);
    }
    expect((await loadDay({ path: join(out, "bars-1m") })).classes.streamed).toBe(390);
    expect((await loadDay({ path: join(out, "bars-1m", "*") })).classes.streamed).toBe(390);
  });

  it("other data beside the bars: the error names the folder of bars, and nothing where there is none", async () => {
    const folder = tempFolder();
    write(folder, "all/bars-1m");
    folder.put("all/quotes/symbol=SPY.parquet", parquetBytes(quality));
    const error = await expectFailure({ path: join(folder.path, "all") }, { class: DataError, names: ["quotes/"] });
    expect(error.hint).toBe(`open the 1-minute bars alone: ${join(folder.path, "all", "bars-1m")}`);
    folder.put("all/bars-1m/symbol=TSLA.parquet", parquetBytes(quality));
    unlinkSync(folder.file("all/quotes/symbol=SPY.parquet"));
    for (const path of [join(folder.path, "all"), join(folder.path, "all", "bars-1m")]) {
      const { code, hint } = await expectFailure({ path }, { class: DataError, names: ["symbol=TSLA.parquet"] });
      expect([code, hint]).toEqual(["schema-differs", expect.stringContaining("--columns")]);
    }
  });
});

describe("a path that lies in the data", () => {
  const folder = tempFolder({ keep: true });
  const { path } = folder;
  afterAll(() => removeFolder(path));
  writeBars(folder.file("data", "symbol=SPY", "date=2013-10-07.parquet"), rows);
  mkdirSync(join(path, "other"));
  symlinkSync("data", join(path, "link"));
  it.each([
    ["data", "data/out", true],
    ["data", "data/a/b/c", true],
    ["data", "data", true],
    ["data", "data/.hidden", true],
    ["data", "link/out", true],
    ["link", "data/out", true],
    ["data", "other/../data/out", true],
    ["data", "data2", false],
    ["data", "other/data", false],
    ["data", "data/..out", true],
    ["data/symbol=SPY", "data/out", false],
    ["data/symbol=SPY/date=2013-10-07.parquet", "data/symbol=SPY/out", false],
    ["data/symbol=SPY/date=2013-10-07.parquet", "data/symbol=SPY/date=2013-10-07.parquet/out", false],
    ["nothing", "nothing/out", false],
    ["data/*", "data/out", true],
    ["data/*/*.parquet", "data/out/quality.parquet", true],
    ["data/*/*.parquet", "data/out/a/quality.parquet", false],
    ["data/**/*.parquet", "data/out/a/quality.parquet", true],
    ["data/**/*.parquet", "data/quality.parquet", true],
    ["data/**", "data/a/b", true],
    ["data/**/x.parquet", "data/a/y.parquet", false],
    ["data/symbol=*", "data/out", false],
    ["{data,other}/*", "other/out", true],
    ["data/*", "data/.out/x", false],
    ["data/**", "data/.out/x", false],
    ["data/**/*.parquet", "data/.out/quality.parquet", false],
    ["link/*", "data/out", true],
  ])("DATA %s, path %s: %s", async (data, inside, expected) => {
    expect(await liesInData(join(path, inside), join(path, data))).toBe(expected);
  });
});

describe("FIFO, device", () => {
  it("FIFO: stops with exit 4, never blocks", async () => {
    const path = tempFolder().file("SPY.parquet");
    execFileSync("mkfifo", [path]);
    watchdog.watch("opening a FIFO");
    await expectFailure({ path }, { class: FileError, names: ["SPY.parquet", /FIFO|pipe/i] });
  });

  it("FIFO in a folder: stops with exit 4 naming it, never blocks", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE));
    execFileSync("mkfifo", [folder.file("SPY.parquet")]);
    watchdog.watch("opening a folder with a FIFO");
    await expectFailure({ path: folder.path }, { class: FileError, names: ["SPY.parquet"] });
  });

  it("FIFO behind a symbolic link: stops with exit 4, never blocks", async () => {
    const folder = tempFolder();
    execFileSync("mkfifo", [folder.file("pipe")]);
    symlinkSync("pipe", folder.file("SPY.parquet"));
    watchdog.watch("opening a link to a FIFO");
    await expectFailure({ path: folder.file("SPY.parquet") }, { class: FileError, names: ["SPY.parquet"] });
  });

  for (const device of ["/dev/null", "/dev/zero", "/dev/stdin", "/dev/tty"]) {
    it(`device (${device}): stops with exit 4, never blocks`, async () => {
      watchdog.watch(`opening ${device}`);
      await expectFailure({ path: device }, { class: FileError, names: [device] });
    });
  }

  for (const [what, make] of [
    ["FIFO", () => tempFolder().file("pipe")],
    ["device", () => "/dev/zero"],
  ] as const) {
    it(`${what} given as --calendar: stops with exit 4 saying what it is, never blocks`, async () => {
      const calendar = make();
      if (what === "FIFO") execFileSync("mkfifo", [calendar]);
      const path = writeBars(tempFolder().file("SPY.parquet"), rows);
      watchdog.watch(`reading a calendar from a ${what}`);
      await expectFailure(
        { path, calendar },
        { class: FileError, names: [calendar, new RegExp(`is a ${what}, not a JSON file`)], hint: /24\/7/ },
      );
    });
  }

  it("socket: stops with exit 4, never blocks", async () => {
    const path = tempFolder().file("SPY.parquet");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      await expectFailure({ path }, { class: FileError, names: ["SPY.parquet"] });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe("symlink loop", () => {
  it("symlink loop (two links to each other): stops with exit 4", async () => {
    const folder = tempFolder();
    symlinkSync("b.parquet", folder.file("a.parquet"));
    symlinkSync("a.parquet", folder.file("b.parquet"));
    await expectFailure({ path: folder.file("a.parquet") }, { class: FileError, names: ["a.parquet", /link/] });
    await expectFailure({ path: folder.path }, { class: FileError, names: [/link/] });
  });

  it("symlink loop (a folder that holds itself): stops with exit 4 naming the link", async () => {
    const folder = tempFolder();
    writeBars(folder.file("SPY.parquet"), rows);
    mkdirSync(join(folder.path, "deep"));
    symlinkSync("..", join(folder.path, "deep", "up"));
    await expectFailure({ path: folder.path }, { class: FileError, names: [/up/] });
    await expectFailure({ path: join(folder.path, "**", "*.parquet") }, { class: FileError, names: [/up/] });
  });

  it("a link to nothing that is named as Parquet: stops with exit 4", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE));
    symlinkSync("gone", folder.file("SPY.parquet"));
    await expectFailure({ path: folder.path }, { class: FileError, names: ["SPY.parquet"] });
  });

  it("a link to a file is that file", async () => {
    const folder = tempFolder();
    writeBars(folder.file("store", "x.bin"), rows);
    symlinkSync(join("store", "x.bin"), folder.file("SPY.parquet"));
    expect((await loadDay({ path: folder.path })).classes.streamed).toBe(390);
  });
});

describe("file changed while being read", () => {
  const changes: Array<[string, (path: string) => void]> = [
    ["grown", (path) => appendFileSync(path, "more")],
    ["cut short", (path) => writeFileSync(path, readFileSync(path).subarray(0, 1000))],
    ["emptied", (path) => writeFileSync(path, "")],
    [
      "written anew with other rows of the same size",
      (path) => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes);
        utimesSync(path, new Date(), new Date(Date.now() + 5000));
      },
    ],
    [
      "replaced by another file",
      (path) => {
        writeFileSync(`${path}.new`, barBytes(barRows("SPY", DATE, { price: 55 })));
        renameSync(`${path}.new`, path);
      },
    ],
  ];
  for (const [name, change] of changes) {
    it(`file changed while being read (${name}): stops naming the file`, async () => {
      const path = writeBars(tempFolder().file("SPY.parquet"), rows, { codec: "UNCOMPRESSED" });
      await expectFailure(
        { path },
        { class: DataError, names: ["SPY.parquet", /chang|went from|written/] },
        { afterOpen: () => change(path) },
      );
    });
  }

  it("file changed while being read (removed): stops naming the file", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    const error = await outcome(() => loadAll({ path }, { afterOpen: () => unlinkSync(path) }));
    // A reader that still holds the file may read it to its end; nothing is wrong with those rows.
    if (error === undefined) return;
    expect(error).toBeInstanceOf(BardeckError);
    expect([3, 4]).toContain((error as BardeckError).exitCode);
    expect((error as BardeckError).message).toContain("SPY.parquet");
  });

  it("file changed between two days: the first day is kept, the second stops", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), [...rows, ...barRows("SPY", "2013-10-08")], {
      rowGroupSize: 400,
    });
    let loads = 0;
    await expectFailure(
      { path },
      { class: DataError, names: ["SPY.parquet"] },
      { afterLoad: () => void (loads++ === 0 && appendFileSync(path, "more")) },
    );
    expect(loads).toBe(1);
  });

  it("another file beside changed: no error for the day that does not need it", async () => {
    const folder = tempFolder();
    writeBars(folder.file(`symbol=SPY/date=${DATE}.parquet`), rows);
    const other = writeBars(folder.file("symbol=SPY/date=2013-10-08.parquet"), barRows("SPY", "2013-10-08"));
    const opened = await openCatalog({ path: folder.path });
    appendFileSync(other, "more");
    const { createSourceDay } = await import("../fixtures/source-day.js");
    const day = createSourceDay(390, 1, 2000);
    await opened.source.load(0, day);
    expect(dayBars(day)).toHaveLength(390);
    const error = await outcome(() => opened.source.load(1, createSourceDay(390, 1, 2000)));
    expect(error).toBeInstanceOf(DataError);
    await opened.source.close();
  });
});

describe("names with control characters", () => {
  const EVIL = "SP\u001b[2J\u001b]0;x\u0007Y\r\n\u202e\u009b31m";
  const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

  it("names with control characters (a file): shown escaped in message and hint", async () => {
    const folder = tempFolder();
    folder.put(`${EVIL}.parquet`, "not parquet at all");
    for (const path of [folder.path, join(folder.path, `${EVIL}.parquet`), join(folder.path, `${EVIL}.parque`)]) {
      const error = (await outcome(() => loadAll({ path }))) as BardeckError;
      expect(error).toBeInstanceOf(BardeckError);
      expect(error.message).not.toMatch(CONTROL);
      expect(error.hint).not.toMatch(CONTROL);
      expect(`${error.message}${error.hint}`).toMatch(/x1b|u001b|\^\[|␛/i);
    }
  });

  it("names with control characters (symbols from a column): shown escaped in notes and notices", async () => {
    const given = barRows(EVIL, DATE);
    rowAt(given, DATE, "11:00").close = NaN;
    const path = writeBars(tempFolder().file("all.parquet"), [...given, ...barRows("AIG", DATE)], {
      symbolColumn: true,
    });
    const { catalog, notices } = await loadAll({ path });
    expect(notices.filter(({ kind }) => kind === "rejected")).toHaveLength(1);
    for (const text of [
      ...notices.map((notice) => notice.text),
      ...catalog.notes,
      catalog.label.how,
      catalog.timeZone.how,
    ]) {
      expect(text).not.toMatch(CONTROL);
    }
  });

  it("names with control characters (symbols from a folder, all fine): data is read, notes are escaped", async () => {
    const folder = tempFolder();
    writeBars(folder.file(`symbol=${EVIL}`, `date=${DATE}.parquet`), []);
    writeBars(folder.file("symbol=AIG", `date=${DATE}.parquet`), barRows("AIG", DATE));
    const { catalog } = await loadAll({ path: folder.path });
    for (const text of catalog.notes) expect(text).not.toMatch(CONTROL);
  });
});

describe("100,000 files", () => {
  const WANTED = Number(process.env.BARDECK_MANY_FILES ?? 2000);
  const OPEN_LIMIT = 128;
  const ROWS = 20;
  const sessions = createXnysCalendar()
    .sessionsBetween("2013-01-02", "2013-12-31")
    .slice(0, WANTED < 10_000 ? 10 : 200);
  const SYMBOLS = Math.ceil(WANTED / sessions.length);
  const COUNT = SYMBOLS * sessions.length;
  let folder: TempFolder;

  const openFiles = (): number => readdirSync("/proc/self/fd").length;

  beforeAll(() => {
    folder = tempFolder({ keep: true });
    for (const { date } of sessions) {
      const bytes = barBytes(barRows("ANY", date, { count: ROWS, before: 0, after: 0 }));
      for (let i = 0; i < SYMBOLS; i++) folder.put(`symbol=S${String(i).padStart(4, "0")}/date=${date}.parquet`, bytes);
    }
  }, 600_000);
  afterAll(() => removeFolder(folder.path), 600_000);

  it(`${COUNT.toLocaleString("en")} files (BARDECK_MANY_FILES=100000 for all): bounded open files, progress shown`, async () => {
    const before = openFiles();
    const progress: Array<[number, number]> = [];
    let mostOpen = 0;
    const look = (): void => {
      watchdog.watch(`${COUNT} files, ${progress.length} scanned`);
      mostOpen = Math.max(mostOpen, openFiles() - before);
    };
    const { catalog, classes } = await loadAll(
      { path: folder.path },
      {
        onProgress(done, total) {
          progress.push([done, total]);
          look();
        },
        afterOpen: look,
        afterLoad: look,
      },
    );
    expect(catalog.files).toHaveLength(COUNT);
    expect(classes).toEqual({ streamed: COUNT * ROWS });
    expect(mostOpen, "files open at once").toBeLessThanOrEqual(OPEN_LIMIT);
    expect(openFiles(), "files left open").toBeLessThanOrEqual(before + 2);
    expect(progress.length).toBeGreaterThan(2);
    expect(progress.at(-1)).toEqual([COUNT, COUNT]);
    const done = progress.map(([count]) => count);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  }, 600_000);

  it("a scan that is given up ends soon and leaves no file open", async () => {
    const before = openFiles();
    const controller = new AbortController();
    const attempt = () =>
      openCatalog(
        { path: folder.path },
        { signal: controller.signal, onProgress: (done: number) => void (done > 20 && controller.abort()) },
      );
    const error = await outcome(attempt);
    expect(error).toBeDefined();
    expect(openFiles()).toBeLessThanOrEqual(before + 2);
  }, 600_000);
});
