/**
 * The catalogue against data nobody here wrote: counts, prices and decisions as in facts.json.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openCatalog } from "../../src/engine/catalog/open-catalog.js";
import type { DataOptions, OpenCatalog } from "../../src/engine/catalog/types.js";
import { accountFor, classesOf, loadSession, summaryOf } from "./source-day.js";

const DATA = "../shared/data";
const present = existsSync(`${DATA}/facts.json`);
if (!present) console.warn(`skipped: the real data is not at ${DATA} (seen from the repository's root)`);

interface DayFacts {
  date: string;
  rows: number;
  preMarketRows: number;
  afterHoursRows: number;
  zeroVolume: number;
  session: {
    close: string;
    minutes: number;
    bars: number;
    missing: number;
    open: number;
    high: number;
    low: number;
    last: number;
    volume: number;
  };
}

const facts: Record<string, { kind: string; stamp: string; days: DayFacts[] }> = present
  ? JSON.parse(readFileSync(`${DATA}/facts.json`, "utf8"))
  : {};
const bars = Object.entries(facts).filter(([, fact]) => fact.kind === "bars" && Array.isArray(fact.days));

/** The facts of every symbol-day under a folder. */
function symbolDays(folder: string): Array<[symbol: string, DayFacts]> {
  return bars
    .filter(([path]) => path.startsWith(folder))
    .flatMap(([path, fact]) => {
      const symbol = /symbol=([^/.]+)/.exec(path)?.[1] ?? path.slice(path.lastIndexOf("/") + 1, -".parquet".length);
      return fact.days.map((day): [string, DayFacts] => [symbol, day]);
    });
}

async function compareWithFacts(open: OpenCatalog, days: Array<[string, DayFacts]>, extraPreMarket = 0): Promise<void> {
  for (const [symbol, fact] of days) {
    const index = open.catalog.sessions.findIndex((session) => session.date === fact.date);
    const s = open.catalog.symbols.indexOf(symbol);
    expect(open.catalog.sessions[index].minutes, `${symbol} ${fact.date}`).toBe(fact.session.minutes);
    expect(open.catalog.sessions[index].rows[s]).toBe(fact.rows);
    const { day, load } = await loadSession(open, index);
    const classes = classesOf(day, s);
    expect(classes.streamed, `${symbol} ${fact.date} streamed`).toBe(fact.session.bars);
    expect(classes.preMarket ?? 0).toBe(fact.preMarketRows + extraPreMarket);
    expect((classes.atClose ?? 0) + (classes.afterHours ?? 0)).toBe(fact.afterHoursRows);
    expect(fact.session.minutes - fact.session.bars).toBe(fact.session.missing);
    expect(Object.values(classes).reduce((a, b) => a + b, 0)).toBe(fact.rows);
    const { open: first, high, low, last, volume } = fact.session;
    expect(summaryOf(day, s), `${symbol} ${fact.date}`).toEqual({
      bars: fact.session.bars,
      open: first,
      high,
      low,
      last,
      volume,
    });
    expect(load.skipped).toEqual([]);
  }
}

async function refusal(options: DataOptions): Promise<{ code: string; message: string; hint: string }> {
  return openCatalog(options).then(
    () => expect.fail("opened"),
    (error) => error,
  );
}

describe.skipIf(!present)("real data", () => {
  test("every symbol-day of the start-labelled set has the rows, classes, prices and volume of facts.json", async () => {
    const open = await openCatalog({ path: `${DATA}/us-equity/bars-1m` });
    const days = symbolDays("us-equity/bars-1m");
    expect(days.length).toBe(35);
    await compareWithFacts(open, days);
    expect(open.catalog.symbols).toEqual(["AAPL", "AIG", "BAC", "GOOG", "IBM", "SHY", "SPY", "TWX"]);
    expect(open.catalog.label.value).toBe("start");
    expect(open.catalog.timeZone.value).toBe("UTC");
    expect(open.catalog.unit.value).toBe("us");
    expect(open.catalog.withoutData).toEqual({ count: 1953, insideData: [] });
  });

  test.each(["2016", "2019"])(
    "the set of %s stops because it is labelled by the end, and opens when told so",
    async (year) => {
      const path = `${DATA}/us-equity-endstamped-${year}/bars-1m`;
      const error = await refusal({ path });
      expect(error.code).toBe("label-end");
      expect(error.hint).toContain("--label end");
      expect(error.hint).toContain("--label start");
      expect(error.message).toMatch(/symbol-days \((100\.0|9\d\.\d) %\)/);
      const open = await openCatalog({ path, label: "end" });
      // The MSFT file has a 09:30 stamp, which is the end of a bar before the open; facts.json does not count it.
      await compareWithFacts(open, symbolDays(`us-equity-endstamped-${year}/bars-1m`), year === "2016" ? 1 : 0);
    },
  );

  test("the 1-second bars stop because of their interval, whatever is asked for", async () => {
    const path = `${DATA}/us-equity/bars-1s`;
    for (const floorMinutes of [false, true]) {
      const error = await refusal({ path, floorMinutes });
      expect(error.code).toBe("interval");
      expect(error.message).toContain("the interval is 1 second, not 1 minute");
    }
  });

  test("a file in descending order is sorted, and its rows are marked", async () => {
    const open = await openCatalog({ path: `${DATA}/us-equity-endstamped-2019/descending/TZA.parquet`, label: "end" });
    await compareWithFacts(open, symbolDays("us-equity-endstamped-2019/descending"));
    const { day } = await loadSession(open, 0);
    expect(day.flagCount[6]).toBe(348);
  });

  test("a folder with the same rows twice streams each once and counts the others as duplicates", async () => {
    const open = await openCatalog({ path: `${DATA}/us-equity-endstamped-2019`, label: "end", symbols: ["TZA"] });
    for (let s = 0; s < open.catalog.sessions.length; s++) {
      const { day, load } = await loadSession(open, s);
      const { streamed, duplicate } = classesOf(day, 0);
      expect(duplicate).toBe(streamed);
      expect(load.notices.find((notice) => notice.kind === "duplicate")?.text).toMatch(
        /bars-1m\/symbol=TZA\.parquet row \d+ and descending\/TZA\.parquet row \d+/,
      );
    }
  });

  test("two days around a clock change decide the zone by volume, and say so", async () => {
    const { catalog } = await openCatalog({ path: `${DATA}/us-equity/bars-1m/symbol=SHY` });
    expect(catalog.timeZone.value).toBe("UTC");
    expect(catalog.timeZone.how).toMatch(
      /9\d\.\d % of the volume in the regular session read as UTC, \d+\.\d % as America\/New_York/,
    );
    expect(catalog.sessions.map((session) => new Date(session.openUs / 1000).toISOString())).toEqual([
      "2008-03-07T14:30:00.000Z",
      "2008-03-10T13:30:00.000Z",
    ]);
  });

  test("the afternoon of a half day is after hours", async () => {
    const open = await openCatalog({ path: `${DATA}/us-equity/bars-1m/symbol=GOOG/date=2015-12-24.parquet` });
    expect(open.catalog.symbols).toEqual(["GOOG"]);
    const { day } = await loadSession(open, 0);
    expect(day.minutes).toBe(210);
    expect(classesOf(day, 0)).toMatchObject({ streamed: 210, preMarket: 2 });
  });

  test("trades and quotes are refused with the columns that are there", async () => {
    const error = await refusal({ path: `${DATA}/us-equity/trades` });
    expect(error.code).toBe("missing-column");
    expect(error.message).toContain("timestamp, price, size, exchange, condition, suspicious");
    expect(error.hint).toContain("--columns");
  });

  test.each([
    { path: "us-equity/bars-1m", options: {} },
    { path: "us-equity/bars-1m", options: { symbols: ["IBM", "SPY"], from: "2013-10-07", to: "2013-10-09" } },
    { path: "us-equity-endstamped-2019", options: { label: "end", onConflict: "last" } },
    { path: "us-equity-endstamped-2016/bars-1m", options: { label: "start" } },
  ] as const)("the classes of every file of $path add up to its rows ($options)", async ({ path, options }) => {
    const open = await openCatalog({ path: `${DATA}/${path}`, ...options });
    const files = await accountFor(open);
    expect(files.length).toBeGreaterThan(0);
    for (const { path: file, rows, classes } of files)
      expect(
        classes.reduce((a, b) => a + b, 0),
        file,
      ).toBe(rows);
  });
});
