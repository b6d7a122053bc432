/**
 * The same minute more than once, and rows out of order: duplicates, conflicts, overlapping files.
 */
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { barAt, barRows, minuteOf, rowAt, type BarRow } from "../fixtures/bar-rows.js";
import { expectFailure, loadDay } from "../fixtures/load-catalog.js";
import { writeBars, type BarFile } from "../fixtures/parquet.js";
import { barOf, dayBars, dayExceptions, flagCounts } from "../fixtures/source-day.js";
import { tempFolder } from "../fixtures/temp-folder.js";

const DATE = "2013-10-07";
const AT = "11:00";
const MINUTE = minuteOf(AT);
const REGULAR = { before: 0, after: 0 };

function put(rows: readonly BarRow[], layout?: BarFile): string {
  return writeBars(tempFolder().file("SPY.parquet"), rows, layout);
}

/** A day with the 11:00 row twice; the second one directly behind the first, changed. */
function rowsWithTwin(change: Partial<BarRow> = {}): { rows: BarRow[]; first: BarRow; twin: BarRow } {
  const rows = barRows("SPY", DATE, REGULAR);
  const first = rowAt(rows, DATE, AT);
  const twin = { ...first, ...change };
  rows.splice(MINUTE + 1, 0, twin);
  return { rows, first, twin };
}

describe("same timestamp twice, same row", () => {
  it("same timestamp twice, same row: one streams, the other is a duplicate and counted", async () => {
    const { rows } = rowsWithTwin();
    const { day, load, classes } = await loadDay({ path: put(rows) });
    expect(classes).toEqual({ streamed: 390, duplicate: 1 });
    expect(barOf(day, MINUTE)).toMatchObject({ row: MINUTE });
    expect(dayExceptions(day, load)).toEqual([
      { minute: MINUTE, symbol: 0, rowClass: "duplicate", count: 1, file: 0, row: MINUTE + 1 },
    ]);
  });

  it("same timestamp twice, same row, with --on-conflict error: no error", async () => {
    const { rows } = rowsWithTwin();
    expect((await loadDay({ path: put(rows), onConflict: "error" })).classes).toEqual({ streamed: 390, duplicate: 1 });
  });

  it("every row twice: 390 duplicates", async () => {
    const rows = barRows("SPY", DATE, REGULAR).flatMap((row) => [row, { ...row }]);
    const { classes, load } = await loadDay({ path: put(rows) });
    expect(classes).toEqual({ streamed: 390, duplicate: 390 });
    expect(load.notices.filter(({ kind }) => kind === "duplicate").length).toBeLessThanOrEqual(5);
  });
});

describe("same timestamp twice, other values", () => {
  const change = { high: 123.45, volume: 4321 };

  it("same timestamp twice, other values: conflict, the first streams by default, both rows shown", async () => {
    const { rows, first } = rowsWithTwin(change);
    const { day, load, classes } = await loadDay({ path: put(rows) });
    expect(classes).toEqual({ streamed: 390, conflict: 1 });
    expect(barOf(day, MINUTE)).toMatchObject({ high: first.high, volume: first.volume, row: MINUTE });
    expect(dayExceptions(day, load)).toEqual([
      { minute: MINUTE, symbol: 0, rowClass: "conflict", count: 1, file: 0, row: MINUTE + 1 },
    ]);
    const shown = load.notices.filter(({ kind }) => kind === "conflict").map(({ text }) => text);
    expect(shown.join("\n")).toContain("123.45");
    expect(shown.join("\n")).toContain(String(first.high));
  });

  it("--on-conflict first says the same as the default", async () => {
    const { rows, first } = rowsWithTwin(change);
    const { day } = await loadDay({ path: put(rows), onConflict: "first" });
    expect(barOf(day, MINUTE)).toMatchObject({ high: first.high, row: MINUTE });
  });

  it("--on-conflict last: the last as stored streams, the other is the conflict", async () => {
    const { rows } = rowsWithTwin(change);
    const { day, load, classes } = await loadDay({ path: put(rows), onConflict: "last" });
    expect(classes).toEqual({ streamed: 390, conflict: 1 });
    expect(barOf(day, MINUTE)).toMatchObject({ high: 123.45, volume: 4321, row: MINUTE + 1 });
    expect(dayExceptions(day, load)).toEqual([
      { minute: MINUTE, symbol: 0, rowClass: "conflict", count: 1, file: 0, row: MINUTE },
    ]);
  });

  it("--on-conflict error: stops naming file, row and both values, and says what else can be done", async () => {
    const { rows, first } = rowsWithTwin(change);
    const error = await expectFailure(
      { path: put(rows), onConflict: "error" },
      { class: DataError, names: ["SPY.parquet", "SPY", /11:00/, "123.45", String(first.high)], hint: /--on-conflict/ },
    );
    expect([MINUTE, MINUTE + 1]).toContain(error.place.row);
  });

  it("order is that of the row groups, though the file is not in order of time", async () => {
    const { rows } = rowsWithTwin(change);
    const [twin] = rows.splice(MINUTE + 1, 1);
    rows.push(twin);
    const path = put(rows, { rowGroupSize: 50 });
    expect(barOf((await loadDay({ path })).day, MINUTE)).toMatchObject({ row: MINUTE });
    expect(barOf((await loadDay({ path, onConflict: "last" })).day, MINUTE)).toMatchObject({ row: 390, high: 123.45 });
    rows.pop();
    rows.unshift(twin);
    const turned = put(rows, { rowGroupSize: 50 });
    expect(barOf((await loadDay({ path: turned })).day, MINUTE)).toMatchObject({ row: 0, high: 123.45 });
  });

  it("three rows of a minute: one streams, the equal one is a duplicate, the other a conflict", async () => {
    const { rows, first } = rowsWithTwin(change);
    rows.splice(MINUTE + 2, 0, { ...first });
    const { classes, day } = await loadDay({ path: put(rows) });
    expect(classes).toEqual({ streamed: 390, conflict: 1, duplicate: 1 });
    expect(barOf(day, MINUTE)).toMatchObject({ high: first.high });
  });

  it("a rejected row beside a good one of the same minute is rejected, not a conflict", async () => {
    const { rows } = rowsWithTwin({ close: NaN });
    const { classes, day } = await loadDay({ path: put(rows) });
    expect(classes).toEqual({ streamed: 390, rejected: 1 });
    expect(barOf(day, MINUTE)).toMatchObject({ row: MINUTE });
  });
});

describe("descending or out of order within a file", () => {
  it("descending within a file: sorted, flagged with a count", async () => {
    const rows = barRows("SPY", DATE, REGULAR).reverse();
    const { day, classes } = await loadDay({ path: put(rows, { rowGroupSize: 100 }) });
    expect(classes).toEqual({ streamed: 390 });
    expect(dayBars(day).map(({ row }) => row)).toEqual(Array.from({ length: 390 }, (_, i) => 389 - i));
    expect(dayBars(day).map(({ close }) => close)).toEqual([...rows].reverse().map((row) => row.close));
    expect(flagCounts(day)).toEqual({ outOfOrder: 389 });
  });

  it("two rows exchanged within a file: sorted, one flagged", async () => {
    const rows = barRows("SPY", DATE, REGULAR);
    [rows[100], rows[101]] = [rows[101], rows[100]];
    const { day, classes } = await loadDay({ path: put(rows) });
    expect(classes).toEqual({ streamed: 390 });
    expect([barOf(day, 100)!.row, barOf(day, 101)!.row]).toEqual([101, 100]);
    expect(flagCounts(day)).toEqual({ outOfOrder: 1 });
  });

  it("days in descending order, each ascending: sorted and streamed", async () => {
    const rows = [...barRows("SPY", "2013-10-08", REGULAR), ...barRows("SPY", DATE, REGULAR)];
    const { loadAll } = await import("../fixtures/load-catalog.js");
    const { days } = await loadAll({ path: put(rows) });
    expect(days.map(({ session, day }) => [session.date, dayBars(day).length])).toEqual([
      [DATE, 390],
      ["2013-10-08", 390],
    ]);
  });

  it("symbols one after the other in one file are not out of order", async () => {
    const rows = [...barRows("AIG", DATE, REGULAR), ...barRows("SPY", DATE, REGULAR)];
    const { day } = await loadDay({ path: writeBars(tempFolder().file("all.parquet"), rows, { symbolColumn: true }) });
    expect([flagCounts(day, 0), flagCounts(day, 1)]).toEqual([{}, {}]);
  });
});

describe("overlapping files for one symbol and day", () => {
  /** Morning and afternoon in two files; both hold 11:00. */
  function overlapping(change: Partial<BarRow> = {}) {
    const folder = tempFolder();
    const rows = barRows("SPY", DATE, REGULAR);
    writeBars(folder.file("symbol=SPY/a.parquet"), rows.slice(0, MINUTE + 1));
    const later = rows.slice(MINUTE).map((row) => ({ ...row }));
    Object.assign(later[0], change);
    writeBars(folder.file("symbol=SPY/b.parquet"), later);
    return folder.path;
  }

  it("overlapping files for one symbol and day, same row: a duplicate that names both files", async () => {
    const { classes, load } = await loadDay({ path: overlapping() });
    expect(classes).toEqual({ streamed: 390, duplicate: 1 });
    const [notice] = load.notices.filter(({ kind }) => kind === "duplicate");
    expect(`${notice.text} ${notice.file}`).toContain("a.parquet");
    expect(`${notice.text} ${notice.file}`).toContain("b.parquet");
  });

  it("overlapping files for one symbol and day, other values: a conflict that names both, by path", async () => {
    const path = overlapping({ high: 123.45 });
    const first = await loadDay({ path });
    expect(first.classes).toEqual({ streamed: 390, conflict: 1 });
    const [notice] = first.load.notices.filter(({ kind }) => kind === "conflict");
    expect(`${notice.text} ${notice.file}`).toContain("a.parquet");
    expect(`${notice.text} ${notice.file}`).toContain("b.parquet");
    expect(first.catalog.files[barOf(first.day, MINUTE)!.file].path).toContain("a.parquet");
    const last = await loadDay({ path, onConflict: "last" });
    expect(barOf(last.day, MINUTE)).toMatchObject({ high: 123.45 });
    expect(last.catalog.files[barOf(last.day, MINUTE)!.file].path).toContain("b.parquet");
  });

  it("the order of paths is that of their letters' codes, the same in every language: Z.parquet before a.parquet", async () => {
    const folder = tempFolder();
    const rows = barRows("SPY", DATE, REGULAR);
    writeBars(folder.file("symbol=SPY/a.parquet"), rows);
    writeBars(folder.file("symbol=SPY/Z.parquet"), [{ ...rows[MINUTE], high: 123.45 }]);
    const { day, classes } = await loadDay({ path: folder.path });
    expect(classes).toEqual({ streamed: 390, conflict: 1 });
    expect(barOf(day, MINUTE)).toMatchObject({ high: 123.45 });
  });

  it("overlapping files with --on-conflict error: stops naming both files", async () => {
    await expectFailure(
      { path: overlapping({ high: 123.45 }), onConflict: "error" },
      { class: DataError, names: ["a.parquet", "b.parquet"], hint: /--on-conflict/ },
    );
  });

  it("two copies of a file under other dates: 390 duplicates", async () => {
    const folder = tempFolder();
    for (const name of ["date=2013-10-07", "date=2013-10-08"]) {
      writeBars(folder.file(`symbol=SPY/${name}.parquet`), barRows("SPY", DATE, REGULAR));
    }
    expect((await loadDay({ path: folder.path })).classes).toEqual({ streamed: 390, duplicate: 390 });
  });

  it("conflicts outside the session are filtered rows, not conflicts", async () => {
    const rows = [
      ...barRows("SPY", DATE, REGULAR),
      barAt("SPY", DATE, "17:00"),
      barAt("SPY", DATE, "17:00", { volume: 1 }),
    ];
    expect((await loadDay({ path: put(rows) })).classes).toEqual({ streamed: 390, afterHours: 2 });
  });
});
