/**
 * Rows that cannot be bars are rejected and counted, suspicious ones are kept and flagged, and the rest of
 * the day streams as if they were not there.
 */
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import type { RejectCause, RowFlag } from "../../src/engine/market/bars.js";
import { barRows, minuteOf, rowAt, type BarRow } from "../fixtures/bar-rows.js";
import { expectFailure, loadAll, loadDay } from "../fixtures/load-catalog.js";
import { writeBars, type BarFile } from "../fixtures/parquet.js";
import { barOf, causeCounts, dayBars, dayExceptions, flagCounts } from "../fixtures/source-day.js";
import { tempFolder } from "../fixtures/temp-folder.js";

const DATE = "2013-10-07";
const AT = "11:00";
const MINUTE = minuteOf(AT);
const FIRST_ROWS = 5;

/** The loaded day after `change` of the row at 11:00. */
async function dayWith(change: Partial<BarRow> | ((row: BarRow) => void), layout: BarFile = { volume: "double" }) {
  const rows = barRows("SPY", DATE);
  const row = rowAt(rows, DATE, AT);
  if (typeof change === "function") change(row);
  else Object.assign(row, change);
  return { row, rows, ...(await loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), rows, layout) })) };
}

describe("rejected rows", () => {
  const prices = ["open", "high", "low", "close"] as const;
  const cases: Array<[string, Partial<BarRow> | ((row: BarRow) => void), RejectCause]> = [
    ...prices.flatMap((role): Array<[string, Partial<BarRow>, RejectCause]> => [
      [`NaN ${role}`, { [role]: NaN }, "notANumber"],
      [`+Infinity ${role}`, { [role]: Infinity }, "infinite"],
      [`-Infinity ${role}`, { [role]: -Infinity }, "infinite"],
      [`null ${role}`, { [role]: null }, "missingValue"],
    ]),
    ["null volume", { volume: null }, "missingValue"],
    ["NaN volume", { volume: NaN }, "notANumber"],
    ["+Infinity volume", { volume: Infinity }, "infinite"],
    ["negative price", { open: -1, high: -1, low: -1, close: -1 }, "notPositive"],
    ["zero price", { open: 0, high: 0, low: 0, close: 0 }, "notPositive"],
    ["negative low", { low: -0.01 }, "notPositive"],
    ["zero low", { low: 0 }, "notPositive"],
    ["high < low", { open: 100, close: 100, high: 99, low: 101 }, "highBelowLow"],
    ["open above high by more than 1e-6 of the price", (row) => (row.open = row.high! * (1 + 2e-6)), "outsideRange"],
    ["open below low by more than 1e-6 of the price", (row) => (row.open = row.low! * (1 - 2e-6)), "outsideRange"],
    ["close above high by more than 1e-6 of the price", (row) => (row.close = row.high! * (1 + 2e-6)), "outsideRange"],
    ["close below low by more than 1e-6 of the price", (row) => (row.close = row.low! * (1 - 2e-6)), "outsideRange"],
    ["negative volume", { volume: -1 }, "negativeVolume"],
  ];
  for (const [name, change, cause] of cases) {
    it(`${name}: rejected as ${cause}, shown, all else streams`, async () => {
      const { day, load, classes, notices } = await dayWith(change);
      expect(classes).toEqual({ streamed: 389, rejected: 1, preMarket: 5, afterHours: 4, atClose: 1 });
      expect(causeCounts(day)).toEqual({ [cause]: 1 });
      expect(barOf(day, MINUTE)).toBeUndefined();
      const rejected = dayExceptions(day, load).filter((entry) => entry.rowClass === "rejected");
      const row = FIRST_ROWS + MINUTE;
      expect(rejected).toEqual([{ minute: MINUTE, symbol: 0, rowClass: "rejected", cause, count: 1, file: 0, row }]);
      const shown = notices.filter((notice) => notice.kind === "rejected");
      expect(shown).toHaveLength(1);
      expect(shown[0]).toMatchObject({ cause, symbol: "SPY", file: "SPY.parquet", row });
      expect(shown[0].text).toContain("SPY");
    });
  }

  it("null timestamp: rejected as missingTime, counted with the file", async () => {
    const rows = barRows("SPY", DATE);
    rowAt(rows, DATE, AT).us = null;
    const { classes, day, notices } = await loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), rows) });
    expect(classes).toEqual({ streamed: 389, rejected: 1, preMarket: 5, afterHours: 4, atClose: 1 });
    expect(barOf(day, MINUTE)).toBeUndefined();
    expect(notices.filter(({ cause }) => cause === "missingTime")).toHaveLength(1);
  });

  it("many bad rows: all counted, by cause, the first five of a cause shown", async () => {
    const rows = barRows("SPY", DATE);
    for (let i = 0; i < 20; i++) rows[FIRST_ROWS + i * 3].close = i % 2 === 0 ? NaN : null;
    const { classes, day, load } = await loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), rows) });
    expect(classes.rejected).toBe(20);
    expect(classes.streamed).toBe(370);
    expect(causeCounts(day)).toEqual({ notANumber: 10, missingValue: 10 });
    for (const cause of ["notANumber", "missingValue"]) {
      const shown = load.notices.filter((notice) => notice.kind === "rejected" && notice.cause === cause);
      expect(shown.map(({ row }) => row)).toHaveLength(5);
      const first = cause === "notANumber" ? 0 : 1;
      expect(shown.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4].map((n) => FIRST_ROWS + (2 * n + first) * 3));
    }
  });

  it("a value that is missing is told as null, not as one that is no number", async () => {
    const rows = barRows("SPY", DATE);
    rowAt(rows, DATE, AT).volume = null;
    const { load } = await loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), rows) });
    expect(load.notices[0].text).toMatch(
      / a value is missing: open [\d.]+ high [\d.]+ low [\d.]+ close [\d.]+ volume null$/,
    );
  });

  it("bad rows of one symbol do not touch another's", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE));
    const rows = barRows("SPY", DATE);
    rowAt(rows, DATE, AT).high = 1;
    writeBars(folder.file("SPY.parquet"), rows);
    const { day } = await loadDay({ path: folder.path });
    expect([dayBars(day, 0).length, dayBars(day, 1).length]).toEqual([390, 389]);
    expect([causeCounts(day, 0), causeCounts(day, 1)]).toEqual([{}, { highBelowLow: 1 }]);
  });

  it("a rejected row shows the values that are wrong", async () => {
    const { notices } = await dayWith({ open: 100, close: 100, high: 98.75, low: 101.5 });
    const text = notices.find((notice) => notice.kind === "rejected")!.text;
    expect(text).toContain("98.75");
    expect(text).toContain("101.5");
    expect(text).toMatch(/2013-10-07.*11:00/);
  });
});

describe("kept and flagged rows", () => {
  it("zero volume: streamed, flagged zeroVolume", async () => {
    const { day, classes } = await dayWith({ volume: 0 });
    expect(classes.streamed).toBe(390);
    expect(barOf(day, MINUTE)).toMatchObject({ volume: 0, flags: ["zeroVolume"] });
    expect(flagCounts(day)).toEqual({ zeroVolume: 1 });
  });

  for (const [role, side, sign] of [
    ["open", "high", 1],
    ["open", "low", -1],
    ["close", "high", 1],
    ["close", "low", -1],
  ] as const) {
    it(`${role} beyond ${side} by rounding: streamed as stored, flagged rounded`, async () => {
      const { row, day } = await dayWith((bar) => (bar[role] = bar[side]! * (1 + sign * 5e-7)));
      expect(barOf(day, MINUTE)).toMatchObject({ [role]: row[role], flags: ["rounded"] });
      expect(flagCounts(day)).toEqual({ rounded: 1 });
    });
  }

  it("open and close at high and low exactly: no flag", async () => {
    const { day } = await dayWith({ open: 100.07, high: 100.07, low: 99.95, close: 99.95 });
    expect(flagCounts(day)).toEqual({});
  });

  /** Prices from 11:00 on multiplied. */
  async function dayWithJump(factor: number) {
    const rows = barRows("SPY", DATE);
    for (const row of rows.slice(FIRST_ROWS + MINUTE)) {
      for (const role of ["open", "high", "low", "close"] as const) row[role] = row[role]! * factor;
    }
    return loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), rows) });
  }

  const jumps: Array<[string, number, RowFlag | undefined]> = [
    ["price jump > 50 % down", 0.4, "priceJump"],
    ["price jump > 50 % up", 1.6, "priceJump"],
    ["price jump near 4:1", 0.25, "splitLike"],
    ["price jump near 1:10", 10, "splitLike"],
    ["price jump of 30 %", 0.7, undefined],
    ["price jump of 45 % up", 1.45, undefined],
  ];
  for (const [name, factor, flag] of jumps) {
    it(`${name}: streamed, ${flag === undefined ? "no flag" : `flagged ${flag} once`}`, async () => {
      const { day, classes, notices } = await dayWithJump(factor);
      expect(classes.streamed).toBe(390);
      const flagged = dayBars(day).filter((bar) => bar.flags.length > 0);
      if (flag === undefined) {
        expect(flagged).toEqual([]);
        return;
      }
      expect(flagged.map(({ minute }) => minute)).toEqual([MINUTE]);
      expect(flagged[0].flags).toContain(flag);
      if (flag === "priceJump") expect(flagged[0].flags).not.toContain("splitLike");
      const texts = notices.filter((notice) => notice.kind === "flagged").map(({ text }) => text);
      expect(texts.length).toBeGreaterThan(0);
      if (flag === "splitLike") expect(texts.join("\n")).toMatch(/looks like a split/);
    });
  }

  it("price jump near 4:1 overnight (where splits happen): the first bar of the next day is flagged, whichever day is loaded first", async () => {
    const folder = tempFolder();
    const rows = [...barRows("SPY", "2013-10-07"), ...barRows("SPY", "2013-10-08", { price: 25 })];
    const path = writeBars(folder.file("SPY.parquet"), rows);
    const both = await loadAll({ path });
    expect(flagCounts(both.days[0].day)).toEqual({});
    expect(barOf(both.days[1].day, 0)!.flags).toContain("splitLike");
  });
});

describe("more than half of a file rejected for one cause", () => {
  it("more than half of a file rejected for one cause (all prices zero): stops naming file and cause", async () => {
    const rows = barRows("SPY", DATE).map((row) => ({ ...row, open: 0, high: 0, low: 0, close: 0 }));
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    await expectFailure({ path }, { class: DataError, names: ["SPY.parquet", /positive|zero/i] });
  });

  it("more than half of a file rejected for one cause (high and low exchanged): stops with the option to use", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), barRows("SPY", DATE, { before: 0, after: 0 }), {
      names: { high: "low", low: "high" },
    });
    await expectFailure({ path }, { class: DataError, names: ["SPY.parquet", /high/], hint: /--columns/ });
  });

  it("half of a file rejected: streamed and counted", async () => {
    const rows = barRows("SPY", DATE, { before: 0, after: 0 });
    rows.forEach((row, i) => i % 2 === 0 && (row.close = NaN));
    const { classes } = await loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), rows) });
    expect(classes).toEqual({ streamed: 195, rejected: 195 });
  });

  it("more than half of one file among sound ones: stops naming that file", async () => {
    const folder = tempFolder();
    for (const symbol of ["AIG", "IBM"]) writeBars(folder.file(`${symbol}.parquet`), barRows(symbol, DATE));
    const rows = barRows("SPY", DATE).map((row, i) => (i % 3 === 0 ? row : { ...row, volume: -5 }));
    writeBars(folder.file("SPY.parquet"), rows);
    await expectFailure({ path: folder.path }, { class: DataError, names: ["SPY.parquet", /volume/] });
  });
});
