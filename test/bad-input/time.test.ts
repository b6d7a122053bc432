/**
 * Timestamps: seconds, labels, zones, units, clock changes, and bars that are not of one minute.
 */
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { barAt, barRows, exchangeUs, EXCHANGE_ZONE, minuteOf, rowAt, type BarRow } from "../fixtures/bar-rows.js";
import { expectFailure, loadAll, loadDay } from "../fixtures/load-catalog.js";
import {
  column,
  parquetBytes,
  barColumns,
  wallClockUs,
  writeBars,
  type BarFile,
  type TimeLayout,
} from "../fixtures/parquet.js";
import { barOf, causeCounts, dayBars, dayExceptions, flagCounts } from "../fixtures/source-day.js";
import { tempFolder } from "../fixtures/temp-folder.js";

const DATE = "2013-10-07";
const AT = "11:00";
const MINUTE = minuteOf(AT);
const REGULAR = { before: 0, after: 0 };
const rows = barRows("SPY", DATE);

function put(given: readonly BarRow[], layout?: BarFile): string {
  return writeBars(tempFolder().file("SPY.parquet"), given, layout);
}

/** Rows moved by so many microseconds. */
function shifted(given: readonly BarRow[], us: number): BarRow[] {
  return given.map((row) => ({ ...row, us: row.us! + us }));
}

describe("seconds ≠ 00 on a 1-minute bar", () => {
  for (const [name, offsetUs] of [
    ["30 s", 30_000_000],
    ["1 µs", 1],
    ["59.999 s", 59_999_000],
  ] as const) {
    it(`seconds ≠ 00 (${name} past the minute): rejected as notOnMinute`, async () => {
      const given = barRows("SPY", DATE);
      rowAt(given, DATE, AT).us! += offsetUs;
      const { day, load, classes } = await loadDay({ path: put(given) });
      expect(classes).toEqual({ streamed: 389, rejected: 1, preMarket: 5, afterHours: 4, atClose: 1 });
      expect(causeCounts(day)).toEqual({ notOnMinute: 1 });
      const [entry] = dayExceptions(day, load).filter(({ rowClass }) => rowClass === "rejected");
      expect(entry).toMatchObject({ minute: MINUTE, cause: "notOnMinute", row: MINUTE + 5 });
    });

    it(`seconds ≠ 00 (${name} past the minute) with --floor-minutes: streamed at its minute, flagged floored`, async () => {
      const given = barRows("SPY", DATE);
      const row = rowAt(given, DATE, AT);
      row.us! += offsetUs;
      const { day, classes } = await loadDay({ path: put(given), floorMinutes: true });
      expect(classes.streamed).toBe(390);
      expect(barOf(day, MINUTE)).toMatchObject({ close: row.close, flags: ["floored"] });
      expect(flagCounts(day)).toEqual({ floored: 1 });
    });
  }

  it("with --floor-minutes two rows of one minute are as any two rows of one minute", async () => {
    const given = barRows("SPY", DATE, REGULAR);
    const first = rowAt(given, DATE, AT);
    given.splice(MINUTE + 1, 0, { ...first, us: first.us! + 30_000_000, volume: 1 });
    const { classes } = await loadDay({ path: put(given), floorMinutes: true });
    expect(classes).toEqual({ streamed: 390, conflict: 1 });
  });
});

describe("more than half of a file rejected for one cause", () => {
  it("more than half of a file rejected (all bars stamped :59): stops naming file, cause and --floor-minutes", async () => {
    const path = put(shifted(rows, 59_000_000));
    await expectFailure(
      { path },
      { class: DataError, names: ["SPY.parquet", /second|:59|minute/], hint: /--floor-minutes/ },
    );
  });

  it("the option it names helps", async () => {
    const path = put(shifted(rows, 59_000_000));
    const { classes, day } = await loadDay({ path, floorMinutes: true });
    expect(classes.streamed).toBe(390);
    expect(flagCounts(day)).toEqual({ floored: 390 });
  });
});

describe("naive time zone", () => {
  const naive = (zone: string, unit: "ms" | "us" = "us"): BarFile => ({
    time: { as: "timestamp", unit, utc: false, zone },
  });

  for (const zone of ["UTC", EXCHANGE_ZONE]) {
    it(`naive time zone, ${zone}: decided from a whole day, with the evidence`, async () => {
      const { catalog, day } = await loadDay({ path: put(rows, naive(zone)) });
      expect(catalog.timeZone.value).toBe(zone);
      expect(catalog.timeZone.how).toMatch(/\d+(\.\d+)? ?%/);
      expect(dayBars(day).map(({ minute }) => minute)).toEqual(Array.from({ length: 390 }, (_, i) => i));
    });
  }

  it("naive time zone without any volume: decided by rows", async () => {
    const { catalog } = await loadDay({
      path: put(
        rows.map((row) => ({ ...row, volume: 0 })),
        naive(EXCHANGE_ZONE),
      ),
    });
    expect(catalog.timeZone.value).toBe(EXCHANGE_ZONE);
  });

  /** 15:00 is inside the session read either way. */
  const six = ["15:00", "15:01", "15:02", "15:03", "15:04", "15:05"].map((time) => barAt("SPY", DATE, time));

  it("naive time zone, ambiguous (six rows both readings place in the session): stops naming --tz", async () => {
    const path = put(six, naive(EXCHANGE_ZONE));
    await expectFailure({ path }, { class: DataError, names: [/UTC/, /America\/New_York/], hint: /--tz/ });
    const { day } = await loadDay({ path, tz: EXCHANGE_ZONE });
    expect(dayBars(day).map(({ minute }) => minute)).toEqual([330, 331, 332, 333, 334, 335]);
    const utc = await loadDay({ path, tz: "UTC" });
    expect(dayBars(utc.day).map(({ minute }) => minute)).toEqual([90, 91, 92, 93, 94, 95]);
  });

  it("naive time zone, ambiguous (neither reading places rows in the session): stops naming --tz", async () => {
    const night = ["01:00", "01:01", "01:02"].map((time) => barAt("SPY", DATE, time));
    await expectFailure({ path: put(night, naive(EXCHANGE_ZONE)) }, { class: DataError, hint: /--tz/ });
  });

  it("naive time zone of what trades around the clock: the hint names the calendar for it too, and that helps", async () => {
    const path = put(barRows("BTC", DATE, { ...REGULAR, open: "00:00", count: 1440 }), naive("UTC"));
    await expectFailure({ path }, { class: DataError, hint: /--tz UTC.*--calendar 24\/7/ });
    expect((await loadAll({ path, calendar: "24/7" })).classes).toEqual({ streamed: 1440 });
    const error = await expectFailure({ path: put(six, naive(EXCHANGE_ZONE)) }, { class: DataError, hint: /--tz/ });
    expect(error.hint).not.toContain("24/7");
  });

  it("naive time zone, a file that is ambiguous alone: decided by the source it belongs to", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE), naive(EXCHANGE_ZONE));
    writeBars(folder.file("SPY.parquet"), six, naive(EXCHANGE_ZONE));
    const { day } = await loadDay({ path: folder.path });
    expect(dayBars(day, 1).map(({ minute }) => minute)).toEqual([330, 331, 332, 333, 334, 335]);
  });

  it("naive time zone, another one: --tz reads it", async () => {
    const path = put(rows, naive("Europe/London"));
    const { day, catalog } = await loadDay({ path, tz: "Europe/London" });
    expect(dayBars(day)).toHaveLength(390);
    expect(catalog.timeZone.value).toBe("Europe/London");
  });

  it("naive time zone under the calendar 24/7: UTC, and it says it was assumed", async () => {
    const { catalog } = await loadDay({ path: put(six, naive("UTC")), calendar: "24/7" });
    expect(catalog.timeZone.value).toBe("UTC");
    expect(catalog.timeZone.how).toMatch(/assum|24\/7/);
  });

  it("instants need no decision", async () => {
    const { catalog, day } = await loadDay({ path: put(six) });
    expect(catalog.timeZone.value).toBe("UTC");
    expect(dayBars(day)).toHaveLength(6);
  });
});

describe("ms/µs/ns confusion", () => {
  for (const unit of ["s", "ms", "us", "ns"] as const) {
    it(`integer timestamps in ${unit}: the unit is inferred from the year, and it says how`, async () => {
      const { catalog, day } = await loadDay({ path: put(rows, { time: { as: "integer", unit } }) });
      expect(catalog.unit.value).toBe(unit);
      expect(catalog.unit.how).not.toBe("");
      expect(dayBars(day)).toHaveLength(390);
    });
  }

  const wrong: Array<[string, TimeLayout, number, RegExp]> = [
    ["milliseconds typed as microseconds (1970)", { as: "timestamp", unit: "us", utc: true }, 1e-3, /milli|\bms\b/i],
    ["seconds typed as milliseconds (1970)", { as: "timestamp", unit: "ms", utc: true }, 1e-3, /\bseconds|\bs\b/i],
    ["microseconds typed as nanoseconds (1970)", { as: "timestamp", unit: "ns", utc: true }, 1e-3, /micro|µs|\bus\b/i],
    [
      "microseconds typed as milliseconds (year 45,000)",
      { as: "timestamp", unit: "ms", utc: true },
      1e3,
      /micro|µs|\bus\b/i,
    ],
    ["milliseconds typed as microseconds, naive", { as: "timestamp", unit: "us", utc: false }, 1e-3, /milli|\bms\b/i],
  ];
  for (const [name, time, factor, reading] of wrong) {
    it(`ms/µs/ns confusion, ${name}: stops with the likely reading`, async () => {
      const given = rows.map((row) => ({ ...row, us: Math.round(row.us! * factor) }));
      const error = await expectFailure({ path: put(given, { time }) }, { class: DataError, names: ["SPY.parquet"] });
      expect(`${error.message} ${error.hint}`).toMatch(reading);
      expect(error.place.column ?? "timestamp").toBe("timestamp");
    });
  }

  it("integers that are no time in any unit (20131007): stops naming the column", async () => {
    const columns = barColumns(rows);
    columns[0] = column(
      "timestamp",
      { type: "INT64" },
      rows.map(() => 20131007n),
    );
    const path = tempFolder().put("SPY.parquet", parquetBytes(columns));
    await expectFailure({ path }, { class: DataError, names: ["SPY.parquet", "timestamp"] });
  });

  it("years before 1990 and after 2100: stops", async () => {
    for (const date of ["1987-10-19", "2101-01-03"]) {
      await expectFailure(
        { path: put(barRows("SPY", date)) },
        { class: DataError, names: ["SPY.parquet", date.slice(0, 4)] },
      );
    }
  });
});

describe("INT96 timestamp", () => {
  it("INT96 timestamp: accepted", async () => {
    const { day, classes } = await loadDay({ path: put(rows, { time: { as: "int96" } }) });
    expect(classes).toEqual({ streamed: 390, preMarket: 5, afterHours: 4, atClose: 1 });
    expect(dayBars(day).map(({ close }) => close)).toEqual(rows.slice(5, 395).map((row) => row.close));
  });
});

describe("end-labelled bars read as start-labelled", () => {
  const ended = { ...REGULAR, label: "end" } as const;
  const dates = ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11"];

  function source(symbols: readonly string[], endDays: number, more?: (folder: string) => void): string {
    const folder = tempFolder();
    for (const symbol of symbols) {
      for (const [i, date] of dates.entries()) {
        writeBars(
          folder.file(`symbol=${symbol}/date=${date}.parquet`),
          barRows(symbol, date, i < endDays ? ended : REGULAR),
        );
      }
    }
    more?.(folder.path);
    return folder.path;
  }

  it("end-labelled bars read as start-labelled: stops with the evidence and both ways out", async () => {
    const error = await expectFailure({ path: source(["AIG", "SPY"], 5) }, { class: DataError, hint: /--label end/ });
    expect(error.hint).toMatch(/--label start/);
    expect(error.message).toMatch(/close/);
    expect(error.message).toMatch(/100 ?%|10 of 10|all/);
  });

  it("--label end: bars begin a minute earlier, nothing is lost", async () => {
    const { days, classes, catalog } = await loadAll({ path: source(["SPY"], 5), label: "end" });
    expect(classes).toEqual({ streamed: 5 * 390 });
    expect(dayBars(days[0].day).map(({ minute }) => minute)).toEqual(Array.from({ length: 390 }, (_, i) => i));
    expect(catalog.label.value).toBe("end");
  });

  it("--label start: taken as said; the last row of each day is at the close", async () => {
    const { classes, catalog } = await loadAll({ path: source(["SPY"], 5), label: "start" });
    expect(classes).toEqual({ streamed: 5 * 389, atClose: 5 });
    expect(catalog.label.value).toBe("start");
  });

  it("end-labelled on 80 % of the days: stops; on 60 %: loads as start-labelled", async () => {
    await expectFailure({ path: source(["SPY"], 4) }, { class: DataError, hint: /--label end/ });
    const { catalog, classes } = await loadAll({ path: source(["SPY"], 3) });
    expect(catalog.label.value).toBe("start");
    expect(classes).toEqual({ streamed: 5 * 390 - 3, atClose: 3 });
  });

  it("end-labelled source of which one start-labelled day is asked for: stops all the same", async () => {
    await expectFailure(
      { path: source(["SPY"], 4), from: dates[4], to: dates[4] },
      { class: DataError, hint: /--label end/ },
    );
  });

  it("end-labelled source of which one start-labelled symbol is asked for: stops all the same", async () => {
    const path = source(["AIG", "IBM", "BAC", "GE"], 5, (folder) => {
      for (const date of dates) writeBars(`${folder}/symbol=SPY/date=${date}.parquet`, barRows("SPY", date, REGULAR));
    });
    await expectFailure({ path, symbols: ["SPY"] }, { class: DataError, hint: /--label end/ });
  });

  it("rows later than the close: not end-labelled", async () => {
    const { catalog } = await loadDay({ path: put(barRows("SPY", DATE, { before: 0, after: 2 })) });
    expect(catalog.label.value).toBe("start");
  });

  it("a day spread over files: what its last row is, is asked of all of them, whichever comes first by name", async () => {
    const halves = (given: readonly BarRow[]): string => {
      const folder = tempFolder();
      writeBars(folder.file("symbol=SPY/a.parquet"), given.slice(200));
      writeBars(folder.file("symbol=SPY/b.parquet"), given.slice(0, 200));
      return folder.path;
    };
    await expectFailure({ path: halves(barRows("SPY", DATE, ended)) }, { class: DataError, hint: /--label end/ });
    const traded = [...barRows("SPY", DATE, { before: 0, after: 9 }), barAt("SPY", DATE, "16:00")].reverse();
    expect((await loadAll({ path: halves(traded) })).catalog.label.value).toBe("start");
  });

  it("end-labelled half day (last row 13:00): stops", async () => {
    const path = put(barRows("SPY", "2013-11-29", { ...ended, count: 210 }));
    await expectFailure({ path }, { class: DataError, hint: /--label end/ });
    expect((await loadDay({ path, label: "end" })).classes).toEqual({ streamed: 210 });
  });
});

describe("naive local time at a clock change", () => {
  /** A naive file of a day's rows and rows of given wall-clock times, which need not exist. */
  function wallClockFile(date: string, texts: readonly string[]): string {
    const day = barRows("SPY", date, REGULAR).map((row) => ({ ...row, us: wallClockUs(row.us!, EXCHANGE_ZONE) }));
    const odd = texts.map((text) => ({
      ...barAt("SPY", date, "10:00"),
      us: exchangeUs(text.slice(0, 10), text.slice(11), "UTC"),
    }));
    return put([...odd, ...day], { time: { as: "timestamp", unit: "us", utc: false, zone: "UTC" } });
  }

  it("naive local time in a clock-change gap: rejected as clockGap, the rest loads", async () => {
    const path = wallClockFile("2013-03-11", ["2013-03-10 02:00", "2013-03-10 02:30", "2013-03-10 03:00"]);
    const { classes, notices } = await loadDay({ path, tz: EXCHANGE_ZONE });
    expect(classes).toEqual({ streamed: 390, rejected: 2, noSession: 1 });
    const shown = notices.filter(({ cause }) => cause === "clockGap");
    expect(shown.map(({ row }) => row)).toEqual([0, 1]);
    expect(shown[0].file).toBe("SPY.parquet");
  });

  it("naive local time in a clock-change overlap: stops naming file and row", async () => {
    const path = wallClockFile("2013-11-04", ["2013-11-03 00:30", "2013-11-03 01:30"]);
    const error = await expectFailure(
      { path, tz: EXCHANGE_ZONE },
      { class: DataError, names: ["SPY.parquet"], row: 1 },
    );
    expect(`${error.message} ${error.hint}`).toMatch(/clock|twice|UTC/);
  });

  it("an hour around the change is no trouble in UTC", async () => {
    const given = [barAt("SPY", "2013-11-03", "00:30"), ...barRows("SPY", "2013-11-04", REGULAR)];
    expect((await loadDay({ path: put(given) })).classes).toEqual({ streamed: 390, noSession: 1 });
  });

  for (const date of ["2013-03-08", "2013-03-11", "2013-11-01", "2013-11-04"]) {
    it(`the sessions beside a clock change are read right in either zone: ${date}`, async () => {
      for (const zone of ["UTC", EXCHANGE_ZONE]) {
        const layout: BarFile = { time: { as: "timestamp", unit: "ms", utc: false, zone } };
        const { day } = await loadDay({ path: put(barRows("SPY", date), layout) });
        expect(dayBars(day).map(({ minute }) => minute)).toEqual(Array.from({ length: 390 }, (_, i) => i));
      }
    });
  }
});

describe("5-minute bars given as 1-minute", () => {
  const fives = barRows("SPY", DATE, { ...REGULAR, count: 78, everyMinutes: 5 });

  it('5-minute bars given as 1-minute: stops with "interval is 5 minutes"', async () => {
    await expectFailure({ path: put(fives) }, { class: DataError, names: ["SPY.parquet", /interval is 5 minutes/] });
  });

  it("5-minute bars, end-labelled: stops", async () => {
    const path = put(barRows("SPY", DATE, { ...REGULAR, count: 78, everyMinutes: 5, label: "end" }));
    await expectFailure({ path, label: "end" }, { class: DataError, names: ["SPY.parquet", /5 minutes/] });
  });

  it("5-minute bars of one symbol among 1-minute bars: stops naming its file", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE));
    writeBars(folder.file("SPY.parquet"), fives);
    await expectFailure({ path: folder.path }, { class: DataError, names: ["SPY.parquet", /interval is 5 minutes/] });
  });

  it("fewer than 30 bars on multiples of 5 minutes: a quiet symbol, streamed; 30 of them: stops", async () => {
    expect((await loadDay({ path: put(fives.slice(0, 29)) })).classes).toEqual({ streamed: 29 });
    await expectFailure({ path: put(fives.slice(0, 30)) }, { class: DataError, names: [/all 30 bars/] });
  });

  it("one start off the multiples of 5 minutes: 1-minute bars, streamed", async () => {
    const given = [...fives.slice(0, 40), barAt("SPY", DATE, "15:01")];
    expect((await loadDay({ path: put(given) })).classes).toEqual({ streamed: 41 });
  });
});

describe("bars shorter than a minute given as 1-minute", () => {
  /** Bars of a day's first part, `stepUs` apart from the open on. */
  const every = (stepUs: number, count: number, symbol = "SPY"): BarRow[] =>
    barRows(symbol, DATE, { ...REGULAR, count }).map((row, i) => ({
      ...row,
      us: exchangeUs(DATE, "09:30") + i * stepUs,
    }));
  const stops = (
    given: readonly BarRow[],
    interval: RegExp,
    options: object = {},
    layout?: BarFile,
  ): Promise<unknown> =>
    expectFailure(
      { path: put(given, layout), ...options },
      { class: DataError, names: ["SPY.parquet", interval], hint: /^make 1-minute bars/ },
    );

  it('1-second bars given as 1-minute: stops with "interval is 1 second", with --floor-minutes too', async () => {
    const given = every(1_000_000, 600);
    await stops(given, /interval is 1 second, .*590 of 600 rows .* row 1\)/);
    await stops(given, /interval is 1 second,/, { floorMinutes: true });
  });

  it("1-second bars with holes, newest first, in small row groups, or labelled by their end: the same", async () => {
    const given = every(1_000_000, 900);
    await stops(
      given.filter((_, i) => i % 7 < 4),
      /interval is 1 second,/,
    );
    await stops([...given].reverse(), /interval is 1 second,/);
    await stops(given, /interval is 1 second,/, {}, { rowGroupSize: 7 });
    await stops(given, /interval is 1 second,/, { label: "end" });
  });

  it("1-second bars of two symbols that take turns: the same", async () => {
    const [one, two] = [every(1_000_000, 300), every(1_000_000, 300, "IBM")];
    const given = one.flatMap((row, i) => [row, two[i]]);
    const path = writeBars(tempFolder().file("all.parquet"), given, { symbolColumn: true });
    for (const label of ["start", "end"] as const)
      await expectFailure({ path, label }, { class: DataError, names: ["all.parquet", /interval is 1 second,/] });
  });

  it.each([
    [5, 300],
    [15, 200],
    [30, 200],
  ])("%i-second bars: stops with their interval, newest first too", async (seconds, count) => {
    const given = every(seconds * 1_000_000, count);
    await stops(given, new RegExp(`interval is ${seconds} seconds, not 1 minute`));
    await stops([...given].reverse(), new RegExp(`interval is ${seconds} seconds, not 1 minute`));
  });

  it("bars of less than a second: stops with that", async () => {
    await stops(every(100_000, 1000), /interval is less than a second,/);
  });

  it("rows off the minute that are there twice are not shorter bars", async () => {
    const given = shifted(rows, 59_000_000).flatMap((row) => [row, row]);
    await expectFailure({ path: put(given) }, { class: DataError, hint: /--floor-minutes/ });
  });

  it("bars stamped with the second of their last trade are 1-minute bars: --floor-minutes is what helps", async () => {
    const given = rows.map((row, i) => ({ ...row, us: row.us! + ((i * 37) % 60) * 1_000_000 }));
    await expectFailure({ path: put(given) }, { class: DataError, hint: /--floor-minutes/ });
    expect((await loadDay({ path: put(given), floorMinutes: true })).classes.streamed).toBe(390);
  });
});
