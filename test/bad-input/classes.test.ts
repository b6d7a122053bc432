/**
 * Rows that are good but not part of what is replayed: each in a class by itself, none lost.
 */
import { describe, expect, it } from "vitest";
import { DataError, UsageError } from "../../src/engine/errors.js";
import { barAt, barRows, exchangeUs, type BarRow } from "../fixtures/bar-rows.js";
import { classesByFile, expectFailure, loadAll, loadDay } from "../fixtures/load-catalog.js";
import { writeBars, type BarFile } from "../fixtures/parquet.js";
import { barOf, classCounts, dayBars, dayExceptions, flagCounts, namedClasses } from "../fixtures/source-day.js";
import { tempFolder } from "../fixtures/temp-folder.js";

const REGULAR = { before: 0, after: 0 };
const MONDAY = "2013-10-07";
const TUESDAY = "2013-10-08";
const WEDNESDAY = "2013-10-09";

function put(rows: readonly BarRow[], layout?: BarFile): string {
  return writeBars(tempFolder().file("SPY.parquet"), rows, layout);
}

/** Rows every minute of [from, to). */
function minutes(date: string, from: string, to: string): BarRow[] {
  const count = (exchangeUs(date, to) - exchangeUs(date, from)) / 60_000_000;
  return barRows("SPY", date, { ...REGULAR, open: from, count });
}

describe("rows outside the regular session", () => {
  it("pre-market, after hours, at close: each in its class, the close print kept beside", async () => {
    const rows = [
      ...minutes(MONDAY, "04:00", "16:00"),
      barAt("SPY", MONDAY, "16:00", { close: 99.99, volume: 777 }),
      ...minutes(MONDAY, "16:01", "20:00"),
    ];
    const { day, load, classes } = await loadDay({ path: put(rows) });
    expect(classes).toEqual({ preMarket: 330, streamed: 390, atClose: 1, afterHours: 239 });
    expect(classCounts(day)).toEqual(classes);
    expect([day.atClosePrice[0], day.atCloseVolume[0]]).toEqual([99.99, 777]);
    const filtered = { symbol: 0, file: -1, row: -1 };
    expect(dayExceptions(day, load)).toEqual(
      expect.arrayContaining([
        { ...filtered, minute: 0, rowClass: "preMarket", count: 330 },
        { ...filtered, minute: 389, rowClass: "atClose", count: 1 },
        { ...filtered, minute: 389, rowClass: "afterHours", count: 239 },
      ]),
    );
    expect(load.exceptionCount).toBe(3);
  });

  it("two rows at the close are both counted there; the first as stored is shown", async () => {
    const [first, second] = [101.5, 99.99].map((close, i) => barAt("SPY", MONDAY, "16:00", { close, volume: 7 + i }));
    const path = put([...barRows("SPY", MONDAY, REGULAR), first, second]);
    const { day, classes } = await loadDay({ path, label: "start" });
    expect(classes).toEqual({ streamed: 390, atClose: 2 });
    expect([day.atClosePrice[0], day.atCloseVolume[0]]).toEqual([101.5, 7]);
  });

  it("no row at the close: price and volume at the close are NaN", async () => {
    const { day } = await loadDay({ path: put(barRows("SPY", MONDAY, REGULAR)) });
    expect([day.atClosePrice[0], day.atCloseVolume[0]]).toEqual([NaN, NaN]);
  });

  it("after hours (the afternoon of a half day too): 13:00 is at the close, the rest after hours", async () => {
    const { day, session, classes } = await loadDay({ path: put(barRows("SPY", "2013-11-29", REGULAR)) });
    expect(session).toMatchObject({ kind: "half", minutes: 210 });
    expect(classes).toEqual({ streamed: 210, atClose: 1, afterHours: 179 });
    expect(dayBars(day).at(-1)!.minute).toBe(209);
  });

  it("holiday, weekend: noSession, and no session of that date", async () => {
    const rows = [
      ...barRows("SPY", "2013-11-27", REGULAR),
      ...minutes("2013-11-28", "09:30", "10:00"), // Thanksgiving
      ...minutes("2013-11-29", "09:30", "13:00"),
      ...minutes("2013-11-30", "12:00", "12:07"), // Saturday
    ];
    const { catalog, classes } = await loadAll({ path: put(rows) });
    expect(classes).toEqual({ streamed: 600, noSession: 37 });
    expect(catalog.sessions.map(({ date }) => date)).toEqual(["2013-11-27", "2013-11-29"]);
    expect(namedClasses(catalog.files[0].scanned)).toEqual({ noSession: 37 });
  });

  it("out of range (dates): counted with the file, not loaded", async () => {
    const rows = [MONDAY, TUESDAY, WEDNESDAY].flatMap((date) => barRows("SPY", date));
    const { catalog, classes } = await loadAll({ path: put(rows), from: TUESDAY, to: TUESDAY });
    expect(catalog.sessions.map(({ date }) => date)).toEqual([TUESDAY]);
    expect(classes).toEqual({ streamed: 390, preMarket: 5, atClose: 1, afterHours: 4, outOfRange: 800 });
  });

  it("out of range (symbols): counted with their file, not loaded", async () => {
    const folder = tempFolder();
    for (const symbol of ["AIG", "SPY"]) writeBars(folder.file(`${symbol}.parquet`), barRows(symbol, MONDAY));
    const { catalog, days, classes } = await loadAll({ path: folder.path, symbols: ["SPY"] });
    expect(catalog.symbols).toEqual(["SPY"]);
    expect(classes).toEqual({ streamed: 390, preMarket: 5, atClose: 1, afterHours: 4, outOfRange: 400 });
    const byFile = classesByFile(catalog, days).map(namedClasses);
    expect(byFile.find((counts) => counts.streamed === undefined)).toEqual({ outOfRange: 400 });
  });

  it("out of range (symbols) in one file with a symbol column", async () => {
    const rows = [...barRows("AIG", MONDAY), ...barRows("SPY", MONDAY)];
    const path = writeBars(tempFolder().file("all.parquet"), rows, { symbolColumn: true });
    const { classes } = await loadAll({ path, symbols: ["AIG"] });
    expect(classes).toEqual({ streamed: 390, preMarket: 5, atClose: 1, afterHours: 4, outOfRange: 400 });
  });

  it("a symbol without rows on a session others have: no bars, no error", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", MONDAY));
    writeBars(folder.file("SPY.parquet"), [...barRows("SPY", MONDAY), ...barRows("SPY", TUESDAY)]);
    const { days } = await loadAll({ path: folder.path });
    expect(days.map(({ session, day }) => [session.rows, dayBars(day, 0).length, dayBars(day, 1).length])).toEqual([
      [[400, 400], 390, 390],
      [[0, 400], 0, 390],
    ]);
  });
});

describe("row under another date's folder", () => {
  it("row under another date's folder: streamed on its own date, flagged misfiled", async () => {
    const folder = tempFolder();
    const strays = minutes(TUESDAY, "09:30", "09:40");
    writeBars(folder.file(`symbol=SPY/date=${MONDAY}.parquet`), [...barRows("SPY", MONDAY, REGULAR), ...strays]);
    writeBars(folder.file(`symbol=SPY/date=${TUESDAY}.parquet`), barRows("SPY", TUESDAY, REGULAR).slice(10));
    const { days, classes, notices } = await loadAll({ path: folder.path });
    expect(classes).toEqual({ streamed: 780 });
    expect(days.map(({ day }) => flagCounts(day))).toEqual([{}, { misfiled: 10 }]);
    expect(barOf(days[1].day, 9)!.flags).toEqual(["misfiled"]);
    expect(
      notices
        .filter(({ cause }) => cause === "misfiled")
        .map(({ text, file }) => `${text} ${file}`)
        .join("\n"),
    ).toContain(`date=${MONDAY}.parquet`);
  });

  it("a whole file under another date: streamed, all flagged misfiled, also when only the true date is asked for", async () => {
    const folder = tempFolder();
    writeBars(folder.file(`symbol=SPY/date=${MONDAY}.parquet`), barRows("SPY", TUESDAY, REGULAR));
    const { days, classes } = await loadAll({ path: folder.path, from: TUESDAY, to: TUESDAY });
    expect(classes).toEqual({ streamed: 390 });
    expect(flagCounts(days[0].day)).toEqual({ misfiled: 390 });
  });

  it("after-hours rows of an evening in New York, which is the next day in UTC, are not misfiled", async () => {
    const folder = tempFolder();
    const evening = [barAt("SPY", MONDAY, "19:59"), barAt("SPY", MONDAY, "20:30")];
    writeBars(folder.file(`symbol=SPY/date=${MONDAY}.parquet`), [...barRows("SPY", MONDAY, REGULAR), ...evening]);
    const { classes, catalog } = await loadAll({ path: folder.path });
    expect(classes).toEqual({ streamed: 390, afterHours: 2 });
    expect(catalog.sessions.map(({ date }) => date)).toEqual([MONDAY]);
  });
});

describe("wrong symbol in a single-symbol file", () => {
  it("wrong symbol in a single-symbol file: filtered as wrongSymbol and counted", async () => {
    const rows = barRows("SPY", MONDAY, REGULAR);
    for (const i of [10, 20, 30]) rows[i].symbol = "QQQ";
    const path = writeBars(tempFolder().file(`symbol=SPY/date=${MONDAY}.parquet`), rows, { symbolColumn: true });
    const { catalog, day, classes } = await loadDay({ path });
    expect(catalog.symbols).toEqual(["SPY"]);
    expect(classes).toEqual({ streamed: 387, wrongSymbol: 3 });
    expect(barOf(day, 10)).toBeUndefined();
  });

  it("wrong symbol in a single-symbol file, all rows: stops naming file and both symbols", async () => {
    const folder = tempFolder();
    writeBars(folder.file(`symbol=AIG/date=${MONDAY}.parquet`), barRows("AIG", MONDAY), { symbolColumn: true });
    writeBars(folder.file(`symbol=SPY/date=${MONDAY}.parquet`), barRows("QQQ", MONDAY), { symbolColumn: true });
    await expectFailure({ path: folder.path }, { class: DataError, names: ["symbol=SPY", "QQQ", "SPY"] });
  });

  it("a row without a symbol in a file of many: told and counted, the rest streams", async () => {
    const rows = [...barRows("AIG", MONDAY, REGULAR), ...barRows("SPY", MONDAY, REGULAR)];
    rows[3].symbol = null;
    const path = writeBars(tempFolder().file("all.parquet"), rows, { symbolColumn: true });
    const { classes } = await loadDay({ path });
    expect(classes.streamed).toBe(779);
  });
});

describe("ranges", () => {
  const threeDays = () => put([MONDAY, TUESDAY, WEDNESDAY].flatMap((date) => barRows("SPY", date)));

  it("range without sessions: nothing to replay, no error", async () => {
    const { catalog, classes } = await loadAll({ path: threeDays(), from: "2013-10-12", to: "2013-10-13" });
    expect(catalog.sessions).toEqual([]);
    expect(classes).toEqual({ outOfRange: 1200 });
  });

  it("range without data: nothing to replay, no error, the skipped sessions counted", async () => {
    const { catalog } = await loadAll({ path: threeDays(), from: "2014-01-06", to: "2014-01-10" });
    expect(catalog.sessions).toEqual([]);
    expect(catalog.withoutData.count).toBe(5);
  });

  it("a session without data inside the data is skipped and named", async () => {
    const { catalog } = await loadAll({ path: put([...barRows("SPY", MONDAY), ...barRows("SPY", WEDNESDAY)]) });
    expect(catalog.sessions.map(({ date }) => date)).toEqual([MONDAY, WEDNESDAY]);
    expect(catalog.withoutData).toEqual({ count: 1, insideData: [TUESDAY] });
  });

  it("end < start: stops with exit 2", async () => {
    const path = threeDays();
    await expectFailure({ path, from: WEDNESDAY, to: MONDAY }, { class: UsageError, names: [WEDNESDAY, MONDAY] });
  });

  it("31 February: stops with exit 2", async () => {
    await expectFailure({ path: threeDays(), from: "2013-02-31" }, { class: UsageError, names: ["2013-02-31"] });
  });

  for (const sessions of ["data", "calendar"] as const) {
    it(`range beyond the calendar (--sessions ${sessions}): stops naming the last known date`, async () => {
      await expectFailure(
        { path: threeDays(), sessions, from: MONDAY, to: "2090-01-02" },
        { class: DataError, names: ["2090", /last|until|up to|ends/] },
      );
    });
  }

  it("range beyond a calendar of one's own: stops naming its last date", async () => {
    const calendar = tempFolder().put(
      "mine.json",
      JSON.stringify({
        name: "MINE",
        timeZone: "America/New_York",
        open: "09:30",
        close: "16:00",
        holidays: ["2013-01-01"],
        earlyCloses: {},
        lastDate: TUESDAY,
      }),
    );
    const path = threeDays();
    await expectFailure({ path, calendar, to: WEDNESDAY }, { class: DataError, names: [TUESDAY] });
    const { classes } = await loadAll({ path, calendar, from: MONDAY, to: TUESDAY });
    expect(classes.streamed).toBe(780);
  });

  it("one row beyond the calendar: stops naming file, row and the last known date", async () => {
    const rows = barRows("SPY", MONDAY);
    rows[7].us = exchangeUs("2090-01-03", "10:00");
    const names = ["SPY.parquet", /20\d\d-12-31/];
    await expectFailure({ path: put(rows) }, { class: DataError, names, row: 7 });
  });

  it("data beyond a calendar of one's own, no range asked: stops naming its last date, never guesses", async () => {
    const calendar = tempFolder().put(
      "mine.json",
      JSON.stringify({
        name: "MINE",
        timeZone: "America/New_York",
        open: "09:30",
        close: "16:00",
        holidays: ["2013-01-01"],
        earlyCloses: {},
        lastDate: TUESDAY,
      }),
    );
    await expectFailure({ path: threeDays(), calendar }, { class: DataError, names: [TUESDAY] });
  });
});
