import { truncateSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import fc from "fast-check";
import { writeDemoData } from "../../src/engine/demo/demo-data.js";
import { DEMO_FACTS, timeOfMinute } from "../../src/engine/demo/demo-plan.js";
import { inspect } from "../../src/engine/inspect/inspect.js";
import type { Inspection } from "../../src/engine/inspect/inspection.js";
import { ScratchDay } from "../../src/engine/inspect/scratch-day.js";
import { splitRatio } from "../../src/engine/inspect/splits.js";
import { Worst } from "../../src/engine/inspect/worst.js";
import { inspectionJson } from "../../src/repl/output/inspection-json.js";
import { inspectionLines } from "../../src/repl/output/inspection-text.js";
import { createTheme } from "../../src/repl/output/theme.js";
import { barRows, exchangeUs, wallClock, type BarRow } from "../fixtures/bar-rows.js";
import { chunkRange, overwritten } from "../fixtures/damage.js";
import { barBytes, writeBars } from "../fixtures/parquet.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { jsonSchema, schemaErrors } from "../repl/schema.js";

let demo: Inspection;

beforeAll(async () => {
  const folder = tempFolder({ keep: true });
  await writeDemoData(folder.path);
  demo = await inspect({ path: folder.path });
});

const atTime = (us: number): string => wallClock(us).slice(11);

it("finds every planted gap of the demo data, the longest first", () => {
  const planted = DEMO_FACTS.gaps
    .map(({ symbol, date, start, end, bars }) => ({ symbol, date, start, end, bars }))
    .sort((a, b) => b.bars - a.bars);
  const found = demo.worstGaps.map(({ symbol, date, startUs, endUs, bars }) => ({
    symbol,
    date,
    start: atTime(startUs),
    end: atTime(endUs),
    bars,
  }));
  expect(found.length).toBe(50);
  expect(planted).toEqual(expect.arrayContaining(found));
  expect(found.map((gap) => gap.bars)).toEqual(planted.slice(0, 50).map((gap) => gap.bars));
});

it("gives each symbol and day the coverage that the planted gaps leave", () => {
  const expected = DEMO_FACTS.sessions.map(({ date, minutes }) =>
    DEMO_FACTS.symbols.map((symbol) => {
      const missing = DEMO_FACTS.gaps
        .filter((gap) => gap.symbol === symbol && gap.date === date)
        .reduce((sum, gap) => sum + gap.bars, 0);
      return ((minutes - missing) / minutes) * 100;
    }),
  );
  expect(demo.days.map((day) => day.coverage)).toEqual(expected);
});

it("puts every row of every file into exactly one class", () => {
  const sum = (classes: Record<string, number>): number => Object.values(classes).reduce((a, b) => a + b, 0);
  for (const { rows, classes } of demo.files) expect(sum(classes)).toBe(rows);
  expect(sum(demo.classes)).toBe(demo.catalog.rows);
  expect(demo.classes).toMatchObject({
    rejected: DEMO_FACTS.badRows.length,
    duplicate: DEMO_FACTS.duplicates.length,
    conflict: DEMO_FACTS.conflicts.length,
  });
  const causes: Record<string, number> = {};
  for (const { cause } of DEMO_FACTS.badRows) causes[cause] = (causes[cause] ?? 0) + 1;
  expect(demo.rejectedBy).toEqual(causes);
});

it("finds the planted outage and nothing that looks like one", () => {
  const { date, start, end, symbols } = DEMO_FACTS.outage;
  const found = demo.days.flatMap((day) => day.outages);
  expect(found.map((one) => ({ ...one, startUs: atTime(one.startUs), endUs: atTime(one.endUs) }))).toEqual([
    { date, startUs: start, endUs: end, minutes: 4, symbols: [...symbols] },
  ]);
  expect(demo.splits).toEqual([]);
  expect(timeOfMinute(0)).toBe("09:30");
});

it("tells a day that is missing from days outside a symbol's dates", async () => {
  const folder = tempFolder();
  const write = (symbol: string, date: string): string =>
    writeBars(folder.file(`symbol=${symbol}`, `date=${date}.parquet`), barRows(symbol, date));
  for (const date of ["2013-10-07", "2013-10-09", "2013-10-10", "2013-10-14"]) write("SPY", date);
  for (const date of ["2013-10-08", "2013-10-09", "2013-10-10"]) write("IBM", date);
  const found = await inspect({ path: folder.path });
  expect(found.days.map((day) => [day.date, day.coverage])).toEqual([
    ["2013-10-07", [null, 100]],
    ["2013-10-08", [100, null]],
    ["2013-10-09", [100, 100]],
    ["2013-10-10", [100, 100]],
    ["2013-10-11", [null, null]], // nobody has it, but SPY has the days around it
    ["2013-10-14", [null, 100]],
  ]);
  expect(found.symbols.map(({ symbol, sessions, absent }) => [symbol, sessions, absent])).toEqual([
    ["IBM", 3, 0],
    ["SPY", 4, 2],
  ]);
  expect(found.worstDays.map(({ symbol, date, quality }) => [symbol, date, quality])).toEqual([
    ["SPY", "2013-10-08", null],
    ["SPY", "2013-10-11", null],
  ]);
});

it("judges nothing that could not be read: what is left out is neither missing nor an outage", async () => {
  const folder = tempFolder();
  for (const symbol of ["AIG", "IBM", "SPY"])
    for (const date of ["2013-10-04", "2013-10-07", "2013-10-08"])
      writeBars(folder.file(`symbol=${symbol}`, `date=${date}.parquet`), barRows(symbol, date));
  truncateSync(folder.file("symbol=SPY", "date=2013-10-04.parquet"), 900); // found out by the scan
  const { from, to } = chunkRange(barBytes(barRows("SPY", "2013-10-07")), { column: "close" });
  const late = overwritten(barBytes(barRows("SPY", "2013-10-07")), from, new Uint8Array(to - from)); // by the load
  folder.put("symbol=SPY/date=2013-10-07.parquet", late);
  const found = await inspect({ path: folder.path, onLoadError: "skip-symbol" });
  expect(found.days.map((day) => [day.coverage, day.leftOut])).toEqual([
    [[100, 100, null], [2]],
    [[100, 100, null], [2]],
    [[100, 100, 100], []],
  ]);
  expect(found.symbols[2]).toMatchObject({ sessions: 1, absent: 0, leftOut: 2, quality: 100, worst: 100, missing: 0 });
  expect([found.worstDays, found.worstGaps, found.days.flatMap((day) => day.outages)]).toEqual([[], [], []]);
  const text = inspectionLines(found, "", createTheme({ color: false, ascii: false }), 120).join("\n");
  expect(text).toContain(" SPY   unread  unread    100");
  expect(text).toMatch(/ SYMBOL .* NO DATA {2}LEFT OUT {2}QUALITY/);
  expect(text).toContain("left out 2013-10-07 SPY: symbol=SPY/date=2013-10-07.parquet");
  const lines = inspectionJson(found, { path: folder.path }, "0", "");
  expect(schemaErrors(lines, jsonSchema("inspect"))).toEqual([]);
  expect(lines.filter((line) => line.type === "day")[1]).toMatchObject({ coverage: { SPY: null }, leftOut: ["SPY"] });
});

it("counts a day with rows before the open only as a day without a bar, not as a missing one", async () => {
  const folder = tempFolder();
  writeBars(folder.file("SPY.parquet"), [
    ...barRows("SPY", "2013-10-07"),
    ...barRows("SPY", "2013-10-08", { open: "08:00", count: 10, after: 0 }),
  ]);
  const found = await inspect({ path: folder.path });
  expect(found.days.map((day) => day.coverage)).toEqual([[100], [0]]);
  expect(found.symbols[0]).toMatchObject({ sessions: 2, absent: 0, quality: 50, worst: 0, missing: 390 });
});

it("suspects a split overnight and within a session, by the prices around it", async () => {
  const folder = tempFolder();
  const [first, second] = [barRows("SPY", "2013-10-07", { price: 400 }), barRows("SPY", "2013-10-08", { price: 100 })];
  const split = exchangeUs("2013-10-08", "12:00");
  for (const row of second) {
    if ((row.us ?? 0) < split) continue;
    for (const price of ["open", "high", "low", "close"] as const) row[price] = (row[price] ?? 0) * 10;
  }
  writeBars(folder.file("SPY.parquet"), [...first, ...second]);
  const { splits } = await inspect({ path: folder.path });
  const firstBar = second.find((row) => row.us === exchangeUs("2013-10-08", "09:30"));
  expect(firstBar?.open).not.toBe(firstBar?.close);
  expect(splits[0]?.after).toBe(firstBar?.open);
  expect(splits.map(({ date, timeUs, ratio, where }) => [date, atTime(timeUs), ratio, where])).toEqual([
    ["2013-10-08", "09:30", "4:1", "overnight"],
    ["2013-10-08", "12:00", "1:10", "within the session"],
  ]);
});

it("takes only the symbols and dates asked for, and accounts for the others", async () => {
  const folder = tempFolder();
  for (const symbol of ["IBM", "SPY"]) {
    writeBars(folder.file(`${symbol}.parquet`), [...barRows(symbol, "2013-10-07"), ...barRows(symbol, "2013-10-08")]);
  }
  const found = await inspect({ path: folder.path, symbols: ["SPY"], from: "2013-10-08" });
  expect(found.days.map((day) => day.date)).toEqual(["2013-10-08"]);
  expect(found.classes).toEqual({ streamed: 390, preMarket: 5, atClose: 1, afterHours: 4, outOfRange: 1200 });
});

it("stops between two sessions when it is asked to", async () => {
  const folder = tempFolder();
  writeBars(folder.file("SPY.parquet"), [...barRows("SPY", "2013-10-07"), ...barRows("SPY", "2013-10-08")]);
  const stop = new AbortController();
  const seen: string[] = [];
  const onProgress = (stage: string, done: number): void => {
    seen.push(`${stage} ${done}`);
    if (stage === "sessions") stop.abort(new Error("enough"));
  };
  await expect(inspect({ path: folder.path }, { onProgress, signal: stop.signal })).rejects.toThrow("enough");
  expect(seen).toEqual(["scan 1", "sessions 1"]);
});

it("rejects as opening the data would", async () => {
  await expect(inspect({ path: tempFolder().path })).rejects.toMatchObject({ exitCode: 4 });
});

it("knows a split by a factor near a whole number, in both directions, and nothing else", () => {
  expect([splitRatio(400, 100), splitRatio(645.57, 92.69), splitRatio(10, 100), splitRatio(100, 51)]).toEqual([
    "4:1",
    "7:1",
    "1:10",
    "2:1",
  ]);
  expect([splitRatio(100, 100), splitRatio(100, 90), splitRatio(100, 40), splitRatio(100, 140)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 50 }), fc.double({ min: 1, max: 1000, noNaN: true }), (n, price) => {
      expect(splitRatio(price * n, price)).toBe(`${n}:1`);
      expect(splitRatio(price, price * n)).toBe(`1:${n}`);
    }),
  );
});

it("gives a zeroed day each time, whatever was left in the last one", () => {
  const { catalog } = demo;
  const scratch = new ScratchDay(catalog);
  const arrays = (minutes: number): (Float64Array | Uint32Array | Uint8Array)[] => {
    const { bars, flags, file, row, exceptions, classCount, causeCount, flagCount, atClosePrice, atCloseVolume } =
      scratch.fresh(minutes);
    return [
      ...Object.values(bars),
      flags,
      file,
      row,
      exceptions,
      classCount,
      causeCount,
      flagCount,
      atClosePrice,
      atCloseVolume,
    ];
  };
  for (const array of arrays(390)) array.fill(7);
  const fresh = arrays(210);
  expect(fresh.every((array) => array.every((value) => value === 0))).toBe(true);
  expect(fresh[0].length).toBe(210 * catalog.symbols.length);
});

it("keeps the worst few in order, whatever order they come in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 5 }), (values, most) => {
      const worst = new Worst<number>(most, (a, b) => b - a);
      for (const value of values) worst.add(value);
      expect(worst.all).toEqual([...values].sort((a, b) => b - a).slice(0, most));
    }),
  );
});

it("doubts the zone where most rows lie outside sessions that are mostly empty, as when local times are stored as UTC", async () => {
  const hours = (n: number): BarRow[] =>
    ["2013-10-07", "2013-10-08"].flatMap((date) =>
      barRows("SPY", date, { before: 60, after: 60 }).map((row) => ({ ...row, us: row.us! + n * 3_600_000_000 })),
    );
  const doubts = async (rows: readonly BarRow[]): Promise<string[]> => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows, {
      time: { as: "timestamp", unit: "us", utc: true },
    });
    return (await inspect({ path })).catalog.notes.filter((note) => note.includes("are the times really"));
  };
  expect(await doubts(hours(0))).toEqual([]);
  expect(await doubts(hours(-4))).toEqual([
    expect.stringMatching(/really UTC \(the times are UTC by their type\)\?.*--tz with America\/New_York/),
  ]);
  expect(await doubts(hours(5))).toHaveLength(1);
});

it("doubts the zone where as many rows lie on one side of the session as are missing in it, as with times of Chicago", async () => {
  const inChicago = ["2013-10-07", "2013-10-08"].flatMap((date) =>
    barRows("SPY", date, { before: 0, after: 0 }).map((row) => ({ ...row, us: row.us! - 5 * 3_600_000_000 })),
  );
  const path = writeBars(tempFolder().file("SPY.parquet"), inChicago, {
    time: { as: "timestamp", unit: "us", utc: false },
  });
  const { catalog } = await inspect({ path });
  expect(catalog.timeZone.value).toBe("America/New_York");
  expect(catalog.notes.join()).toMatch(
    /120 rows lie before the regular session, about as many as are missing in it: are the times really America\/New_York/,
  );
});

it("takes a row a day for bars of a day, not for another zone", async () => {
  const rows = ["2013-10-07", "2013-10-08", "2013-10-09"].map((date) => {
    const [first] = barRows("SPY", date);
    return { ...first, us: first.us! - 13.5 * 3_600_000_000 }; // midnight UTC
  });
  const path = writeBars(tempFolder().file("SPY.parquet"), rows, { time: { as: "timestamp", unit: "us", utc: true } });
  const notes = (await inspect({ path })).catalog.notes.join();
  expect(notes).toContain("are they bars of a day?");
  expect(notes).not.toContain("are the times really");
});

it("does not doubt the zone of a quiet symbol, or of one with much trading before and after the session", async () => {
  const busy = barRows("SPY", "2013-10-07", { before: 300, after: 200 });
  const quiet = barRows("SHY", "2013-10-07", { before: 30, after: 30 }).filter((_, i) => i % 7 === 0);
  for (const rows of [busy, quiet]) {
    const path = writeBars(tempFolder().file("one.parquet"), rows, {
      symbolColumn: true,
      time: { as: "timestamp", unit: "us", utc: true },
    });
    expect((await inspect({ path })).catalog.notes.join()).not.toContain("are the times really");
  }
});
