/** Opening and loading small data made for one rule each: layouts, claims, symbols, ranges, policies, order of loading. */
import { chmodSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openCatalog } from "../../src/engine/catalog/open-catalog.js";
import { rowGroupOf } from "../../src/engine/catalog/row-place.js";
import type { DataOptions } from "../../src/engine/catalog/types.js";
import { FLAG_BIT, ROW_CLASS } from "../../src/engine/market/bars.js";
import { barAt, barRows, type BarRow } from "../fixtures/bar-rows.js";
import { writeBars } from "../fixtures/parquet.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { accountFor, classesOf, loadSession } from "./source-day.js";

const MON = "2013-10-07";
const TUE = "2013-10-08";
const WED = "2013-10-09";

async function expectAccounted(options: DataOptions) {
  const open = await openCatalog(options);
  for (const { path, rows, classes } of await accountFor(open)) {
    expect(
      classes.reduce((a, b) => a + b, 0),
      path,
    ).toBe(rows);
  }
  return open;
}

async function refusal(options: DataOptions) {
  return openCatalog(options).then(
    () => expect.fail("it opened"),
    (error) => error,
  );
}

describe("layouts", () => {
  test.each([
    ["symbol above date", (symbol: string, date: string) => `symbol=${symbol}/date=${date}.parquet`],
    ["date above symbol", (symbol: string, date: string) => `date=${date}/symbol=${symbol}.parquet`],
    ["a folder for each key", (symbol: string, date: string) => `date=${date}/ticker=${symbol}/part-0.parquet`],
    [
      "year, month and day",
      (symbol: string, date: string) =>
        `symbol=${symbol}/year=${date.slice(0, 4)}/month=${date.slice(5, 7)}/day=${date.slice(8)}/x.parquet`,
    ],
    ["a folder a symbol", (symbol: string, date: string) => `${symbol}/${date}.parquet`],
    ["symbol and date in the name", (symbol: string, date: string) => `${symbol}_${date}.parquet`],
  ])("%s", async (_, name) => {
    const folder = tempFolder();
    for (const symbol of ["AIG", "SPY"])
      for (const date of [MON, TUE]) writeBars(folder.file(name(symbol, date)), barRows(symbol, date));
    const open = await expectAccounted({ path: folder.path });
    expect(open.catalog.symbols).toEqual(["AIG", "SPY"]);
    expect(open.catalog.sessions.map(({ date, rows }) => [date, rows])).toEqual([
      [MON, [400, 400]],
      [TUE, [400, 400]],
    ]);
    const { day } = await loadSession(open, 1);
    expect(classesOf(day, 1)).toEqual({ streamed: 390, preMarket: 5, atClose: 1, afterHours: 4 });
    expect(day.flags.every((flags) => flags === 1)).toBe(true);
  });

  test("one file of a Hive tree opens by itself, its keys read from the folders above", async () => {
    const path = writeBars(tempFolder().file("symbol=BRK%2FB", `date=${MON}.parquet`), barRows("BRK/B", MON));
    expect((await openCatalog({ path })).catalog.symbols).toEqual(["BRK/B"]);
  });

  const symbols = ["AIG", "IBM", "SPY"];
  const bySymbol = symbols.flatMap((symbol) => [MON, TUE].flatMap((date) => barRows(symbol, date)));
  const byTime = [...bySymbol].sort((a, b) => a.us! - b.us!);
  test.each([
    ["symbol after symbol", bySymbol],
    ["minute after minute", byTime],
  ] as const)("a symbol column, %s, in small row groups", async (_, rows) => {
    const path = writeBars(tempFolder().file("bars.parquet"), rows, { symbolColumn: true, rowGroupSize: 333 });
    const open = await expectAccounted({ path });
    expect(open.catalog.symbols).toEqual(symbols);
    const { day, load } = await loadSession(open, 1);
    for (let s = 0; s < 3; s++) expect(classesOf(day, s).streamed).toBe(390);
    expect(load.exceptionCount).toBe(9);
    const slot = 100 * 3 + 1;
    expect(rows[day.row[slot]]).toMatchObject({
      symbol: "IBM",
      close: day.bars.close[slot],
      us: open.catalog.sessions[1].openUs + 100 * 60e6,
    });
    const some = await expectAccounted({ path, symbols: ["SPY"] });
    expect(some.catalog.files[0].scanned[ROW_CLASS.outOfRange]).toBe(1600);
  });

  test("rows of another symbol under a symbol's folder are wrong, even when that symbol is asked for", async () => {
    const folder = tempFolder();
    const mixed = [...barRows("SPY", MON), ...barRows("AIG", MON)].sort((a, b) => a.us! - b.us!);
    writeBars(folder.file("symbol=SPY/a.parquet"), mixed, { symbolColumn: true });
    writeBars(folder.file("symbol=AIG/a.parquet"), barRows("AIG", MON));
    const open = await expectAccounted({ path: folder.path });
    expect(open.catalog.files[1].scanned[ROW_CLASS.wrongSymbol]).toBe(400);
    const { day } = await loadSession(open, 0);
    expect([classesOf(day, 0).streamed, classesOf(day, 0).duplicate]).toEqual([390, undefined]);
  });

  test("the same bytes in another order of files load the same, whichever was read first", async () => {
    const folder = tempFolder();
    writeBars(folder.file("SPY.parquet"), barRows("SPY", MON));
    writeBars(folder.file("z", "SPY.parquet"), [barAt("SPY", MON, "10:00", { close: 100.02 })]);
    for (let i = 0; i < 5; i++) {
      const open = await openCatalog({ path: folder.path });
      const { day } = await loadSession(open, 0);
      expect(day.file[30]).toBe(0);
      expect(classesOf(day, 0).conflict).toBe(1);
    }
  });
});

describe("plan", () => {
  test("skipped sessions are counted, and named where a symbol has data before and after", async () => {
    const folder = tempFolder();
    writeBars(folder.file("SPY.parquet"), [...barRows("SPY", MON), ...barRows("SPY", WED)]);
    writeBars(folder.file("AIG.parquet"), barRows("AIG", "2013-10-15"));
    const { catalog } = await openCatalog({ path: folder.path });
    expect(catalog.withoutData).toEqual({ count: 4, insideData: [TUE] });
    expect(catalog.bySymbol).toEqual([
      { symbol: "AIG", rows: 400, firstDate: "2013-10-15", lastDate: "2013-10-15" },
      { symbol: "SPY", rows: 800, firstDate: MON, lastDate: WED },
    ]);
    const every = await openCatalog({ path: folder.path, sessions: "calendar" });
    expect(every.catalog.sessions.length).toBe(7);
    expect(every.catalog.sessions[1].rows).toEqual([0, 0]);
  });

  test("a symbol without rows in the range is left out with a note, unless it is asked for", async () => {
    const folder = tempFolder();
    writeBars(folder.file("SPY.parquet"), barRows("SPY", MON));
    writeBars(folder.file("AIG.parquet"), barRows("AIG", TUE));
    const range = { path: folder.path, from: MON, to: MON };
    const { catalog } = await expectAccounted(range);
    expect(catalog.symbols).toEqual(["SPY"]);
    expect(catalog.notes).toContain("no row in the range: AIG");
    expect((await expectAccounted({ ...range, symbols: ["SPY", "AIG"] })).catalog.symbols).toEqual(["AIG", "SPY"]);
  });

  test("a range without a session that has data says so, and where the data is", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), [...barRows("SPY", MON), ...barRows("SPY", TUE)]);
    const told = async (options: { from?: string; to?: string }): Promise<readonly string[]> =>
      (await openCatalog({ path, ...options })).catalog.notes.filter((note) => note.startsWith("no session"));
    expect(await told({ from: "2013-10-12", to: "2013-10-13" })).toEqual([
      `no session in the range has data: the data is of ${MON} … ${TUE}`,
    ]);
    expect(await told({ from: MON, to: MON })).toEqual([]);
    expect(await told({})).toEqual([]);
  });

  test("mostSessionRows bounds the exceptions of any day", async () => {
    const rows = barRows("SPY", MON);
    const twice = [...rows, ...rows.map((row) => ({ ...row, volume: 1 }))];
    const open = await openCatalog({ path: writeBars(tempFolder().file("SPY.parquet"), twice) });
    expect(open.catalog.mostSessionRows).toBe(782);
    const { load } = await loadSession(open, 0);
    expect(load.exceptionCount).toBe(390 + 3);
  });

  test("a range inside the data leaves the rest out of range, and holidays without a session", async () => {
    const rows = [
      ...barRows("SPY", MON),
      ...barRows("SPY", TUE),
      barAt("SPY", "2013-10-12", "10:00"),
      ...barRows("SPY", "2013-10-14"),
    ];
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    const { catalog } = await expectAccounted({ path, from: TUE, to: "2013-10-13" });
    expect(catalog.sessions.map(({ date }) => date)).toEqual([TUE]);
    const { scanned } = catalog.files[0];
    expect([scanned[ROW_CLASS.outOfRange], scanned[ROW_CLASS.noSession]]).toEqual([800, 1]);
  });

  test("rows beyond the calendar stop, unless the range leaves them out", async () => {
    const rows = [...barRows("SPY", MON), barAt("SPY", "2029-01-03", "10:00")];
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    const error = await refusal({ path });
    expect(error).toMatchObject({ code: "calendar-range", hint: expect.stringContaining("--to 2028-12-31") });
    const { catalog } = await expectAccounted({ path, to: "2028-12-31" });
    expect(catalog.files[0].scanned[ROW_CLASS.outOfRange]).toBe(1);
  });

  test("an aborted scan rejects with the reason", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), barRows("SPY", MON));
    await expect(openCatalog({ path }, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("decisions", () => {
  test("24/7 assumes that naive times are UTC, and says so", async () => {
    const path = writeBars(tempFolder().file("BTC.parquet"), barRows("BTC", MON), {
      time: { as: "timestamp", unit: "us", utc: false },
    });
    const { catalog } = await openCatalog({ path, calendar: "24/7" });
    expect(catalog.timeZone).toEqual({ value: "UTC", how: "assumed: sessions of 24/7 are in UTC" });
    expect(catalog.sessions[0].minutes).toBe(1440);
  });

  test("the unit of integers comes from the year, with the evidence", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), barRows("SPY", MON), {
      time: { as: "integer", unit: "ns" },
    });
    const { catalog } = await openCatalog({ path });
    expect(catalog.unit.value).toBe("ns");
    expect(catalog.unit.how).toMatch(/inferred from the year: \d+ is 2013-10-07T13:25:00Z in nanoseconds/);
  });

  test("bars of fifteen minutes are too few a day to be refused, but are noted", async () => {
    const dates = [MON, TUE, WED];
    const rows = dates.flatMap((date) => barRows("SPY", date, { count: 26, everyMinutes: 15, before: 0, after: 0 }));
    const { catalog } = await openCatalog({ path: writeBars(tempFolder().file("SPY.parquet"), rows) });
    expect(catalog.notes.join("\n")).toContain("SPY starts on a multiple of 15 minutes");
  });

  test("end-labelled bars: one day in five that ends earlier does not hide them, two do", async () => {
    const dates = [MON, TUE, WED, "2013-10-10", "2013-10-11"];
    const ends = (early: number): BarRow[] =>
      dates.flatMap((date, i) =>
        barRows("SPY", date, { label: "end", before: 0, after: 0 }).slice(0, i < early ? -3 : undefined),
      );
    expect(await refusal({ path: writeBars(tempFolder().file("SPY.parquet"), ends(1)) })).toMatchObject({
      code: "label-end",
      message: expect.stringContaining("4 of 5 symbol-days (80.0 %)"),
    });
    const { catalog } = await openCatalog({ path: writeBars(tempFolder().file("SPY.parquet"), ends(2)) });
    expect(catalog.label).toEqual({
      value: "start",
      how: "on 3 of 5 symbol-days (60.0 %) the last row is stamped exactly at the close",
    });
  });
});

describe("a file that cannot be read", () => {
  async function damaged(onLoadError: DataOptions["onLoadError"]) {
    const folder = tempFolder();
    for (const symbol of ["AIG", "SPY"])
      for (const date of [MON, TUE])
        writeBars(folder.file(`symbol=${symbol}/date=${date}.parquet`), barRows(symbol, date));
    const open = await openCatalog({ path: folder.path, onLoadError });
    return { open, spyTuesday: folder.file(`symbol=SPY/date=${TUE}.parquet`) };
  }

  test("stops the load by default, and the next load still works", async () => {
    const { open, spyTuesday } = await damaged("stop");
    rmSync(spyTuesday);
    await expect(loadSession(open, 1)).rejects.toMatchObject({ code: "not-found", exitCode: 4 });
    expect(classesOf((await loadSession(open, 0)).day, 1).streamed).toBe(390);
  });

  test("skip-symbol leaves the symbol's rows unread, and nothing of it in the day", async () => {
    const { open, spyTuesday } = await damaged("skip-symbol");
    rmSync(spyTuesday);
    const { day, load } = await loadSession(open, 1);
    expect(classesOf(day, 0).streamed).toBe(390);
    expect(classesOf(day, 1)).toEqual({ unread: 400 });
    expect(load.skipped).toEqual([
      { symbol: "SPY", message: expect.stringContaining(`symbol=SPY/date=${TUE}.parquet`) },
    ]);
    expect(Array.from(day.flags).filter((flags, slot) => flags !== 0 && slot % 2 === 1)).toEqual([]);
    for (const { rows, classes } of await accountFor(open)) expect(classes.reduce((a, b) => a + b, 0)).toBe(rows);
  });

  test("skip-day leaves all rows of the day unread", async () => {
    const { open, spyTuesday } = await damaged("skip-day");
    rmSync(spyTuesday);
    const { day, load } = await loadSession(open, 1);
    expect([classesOf(day, 0), classesOf(day, 1)]).toEqual([{ unread: 400 }, { unread: 400 }]);
    expect(load.skipped.length).toBe(2);
    expect(day.flags.every((flags) => flags === 0)).toBe(true);
  });

  test("a day that has loaded once does not turn into a missing one, whatever the policy", async () => {
    const { open, spyTuesday } = await damaged("skip-symbol");
    await loadSession(open, 1);
    rmSync(spyTuesday);
    await expect(loadSession(open, 1)).rejects.toMatchObject({ code: "not-found" });
  });

  test("a file that changed stops under every policy", async () => {
    const { open, spyTuesday } = await damaged("skip-day");
    utimesSync(spyTuesday, new Date(), new Date(Date.now() + 5000));
    await expect(loadSession(open, 1)).rejects.toMatchObject({ code: "file-changed" });
  });

  test("a file that is damaged at the opening is left out only where asked, and its symbol says why", async () => {
    const folder = tempFolder();
    writeBars(folder.file(`symbol=AIG/date=${MON}.parquet`), barRows("AIG", MON));
    writeBars(folder.file(`symbol=SPY/date=${MON}.parquet`), barRows("SPY", MON));
    truncateSync(folder.file(`symbol=AIG/date=${MON}.parquet`), 900);
    expect(await refusal({ path: folder.path })).toMatchObject({ code: "truncated" });
    const open = await expectAccounted({ path: folder.path, onLoadError: "skip-symbol" });
    expect(open.catalog.symbols).toEqual(["AIG", "SPY"]);
    expect(open.catalog.notes.join("\n")).toContain("left out: symbol=AIG");
    const { load, day } = await loadSession(open, 0);
    expect(load.skipped).toEqual([{ symbol: "AIG", message: expect.stringContaining("cut off") }]);
    expect(classesOf(day, 1).streamed).toBe(390);
  });

  test("a file left out counts for its date and its symbol, at the ends of the data too, where they are asked for", async () => {
    const folder = tempFolder();
    const dates = ["2013-10-04", MON, TUE];
    for (const symbol of ["AIG", "SPY"])
      for (const date of dates) writeBars(folder.file(`symbol=${symbol}/date=${date}.parquet`), barRows(symbol, date));
    for (const symbol of ["AIG", "SPY"]) truncateSync(folder.file(`symbol=${symbol}/date=${dates[0]}.parquet`), 900);
    truncateSync(folder.file(`symbol=AIG/date=${TUE}.parquet`), 900);
    const sessionsOf = async (more: Partial<DataOptions>): Promise<unknown> => {
      const { catalog } = await openCatalog({ path: folder.path, onLoadError: "skip-symbol", ...more });
      return [catalog.symbols.join(" "), ...catalog.sessions.map(({ date }) => date)];
    };
    expect(await sessionsOf({})).toEqual(["AIG SPY", ...dates]);
    expect(await sessionsOf({ from: MON })).toEqual(["AIG SPY", MON, TUE]);
    expect(await sessionsOf({ from: TUE })).toEqual(["AIG SPY", TUE]);
    expect(await sessionsOf({ symbols: ["SPY"], to: MON })).toEqual(["SPY", dates[0], MON]);
  });

  test("a file left out whose name tells a date without a session, or none the calendar knows, makes no session", async () => {
    const folder = tempFolder();
    writeBars(folder.file(`symbol=SPY/date=${MON}.parquet`), barRows("SPY", MON));
    for (const date of ["2013-12-25", "1997-12-31", "2029-01-01", "2150-01-01"])
      writeFileSync(folder.file(`symbol=SPY/date=${date}.parquet`), "PAR1");
    const options: DataOptions = { path: folder.path, onLoadError: "skip-symbol" };
    const { catalog } = await openCatalog(options);
    expect(catalog.sessions.map(({ date }) => date)).toEqual([MON]);
    expect(catalog.withoutData.count).toBe(0);
    // Nor does one outside the range that is asked for.
    writeFileSync(folder.file("symbol=SPY/date=2013-10-08.parquet"), "PAR1");
    const { catalog: later } = await openCatalog({ ...options, from: "2013-10-09" });
    expect([later.sessions.length, later.withoutData.count]).toEqual([0, 1]);
  });

  test.skipIf(process.getuid?.() === 0)("no permission is said as that", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), barRows("SPY", MON));
    chmodSync(path, 0);
    expect(await refusal({ path })).toMatchObject({ code: "no-permission", exitCode: 4 });
  });
});

describe("loading", () => {
  const dates = [MON, TUE, WED];
  const rows = dates.flatMap((date, i) => barRows("SPY", date, { price: 100 / 4 ** i }));

  test("days load the same in any order, also their marks that depend on the day before", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    const inOrder = await openCatalog({ path });
    const expected = [];
    for (const i of [0, 1, 2]) expected.push(await loadSession(inOrder, i));
    const open = await openCatalog({ path });
    for (const i of [2, 0, 1, 2]) {
      const { day, load } = await loadSession(open, i);
      expect(day).toEqual(expected[i].day);
      expect(load).toEqual(expected[i].load);
    }
    expect(expected.map(({ day }) => (day.flags[0] & FLAG_BIT.splitLike) !== 0)).toEqual([false, true, true]);
  });

  test("two loads at once do not disturb each other", async () => {
    const open = await openCatalog({ path: writeBars(tempFolder().file("SPY.parquet"), rows, { rowGroupSize: 500 }) });
    const [a, b] = await Promise.all([loadSession(open, 1), loadSession(open, 2)]);
    expect([classesOf(a.day, 0).streamed, classesOf(b.day, 0).streamed]).toEqual([390, 390]);
  });

  test("a row's group is known where a file has more than one, and errors name it", async () => {
    const one = await openCatalog({ path: writeBars(tempFolder().file("SPY.parquet"), rows, { rowGroupSize: 2000 }) });
    expect(one.catalog.files[0]).not.toHaveProperty("groupStarts");
    const path = writeBars(tempFolder().file("SPY.parquet"), rows, { rowGroupSize: 500 });
    const many = await openCatalog({ path });
    const { groupStarts } = many.catalog.files[0];
    expect(groupStarts).toEqual([0, 500, 1000]);
    expect([0, 499, 500, 999, 1000, 1172].map((row) => rowGroupOf(groupStarts, row))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(rowGroupOf(undefined, 1172)).toBe(0);

    const conflicting = rows.toSpliced(700, 0, { ...rows[699], close: rows[699].open });
    const other = writeBars(tempFolder().file("SPY.parquet"), conflicting, { rowGroupSize: 500 });
    const session = await openCatalog({ path: other, onConflict: "error" });
    await expect(loadSession(session, 1)).rejects.toMatchObject({ code: "conflict", place: { row: 700, rowGroup: 1 } });
  });

  test("a file of many days is decoded once, not once a day", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    const open = await openCatalog({ path });
    await loadSession(open, 0);
    renameSync(path, `${path}.gone`);
    expect(classesOf((await loadSession(open, 1)).day, 0).streamed).toBe(390);
  });

  test("more than half of a file rejected is found over its days, each counted once", async () => {
    const bad = rows.map((row, i) => (i < 800 ? { ...row, close: -1 } : row));
    const open = await openCatalog({ path: writeBars(tempFolder().file("SPY.parquet"), bad) });
    for (let i = 0; i < 3; i++) expect(classesOf((await loadSession(open, 0)).day, 0).rejected).toBe(390);
    await expect(loadSession(open, 1)).rejects.toMatchObject({
      code: "mostly-rejected",
      message: expect.stringContaining("780 of 1173"),
    });
  });
});
