/** Classification as a pure function: whatever the rows, each is in one class, and how they are cut into batches does not matter. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DayClassifier, type ClassifyOptions, type RowBatch } from "../../src/engine/catalog/classify-rows.js";
import {
  EXCEPTION_WORDS,
  FLAG_BIT,
  REJECT_CAUSES,
  ROW_CLASS,
  ROW_CLASSES,
  ROW_FLAGS,
  type SourceDay,
} from "../../src/engine/market/bars.js";
import { createXnysCalendar } from "../../src/engine/market/calendar.js";
import { MINUTE_US } from "../../src/engine/market/time.js";
import { createDay } from "./source-day.js";

const session = createXnysCalendar().session("2015-12-24")!;
const SYMBOLS = ["AIG", "SPY"];
const DAY_START = session.openUs - 570 * MINUTE_US;

interface Row {
  us: number;
  symbol: number;
  values: [open: number, high: number, low: number, close: number, volume: number];
  isNull?: boolean;
}

function options(change: Partial<ClassifyOptions> = {}): ClassifyOptions {
  return {
    session,
    dayStartUs: DAY_START,
    dayEndUs: DAY_START + 1440 * MINUTE_US,
    symbols: SYMBOLS,
    timeZone: "America/New_York",
    fileName: (file) => `file-${file}.parquet`,
    placeOf: (file, row) => ({ file: `file-${file}.parquet`, row }),
    floorMinutes: false,
    onConflict: "first",
    closeBefore: undefined,
    ...change,
  };
}

function batchOf(rows: readonly Row[], file = 0, firstRow = 0): RowBatch {
  const column = (i: number): Float64Array => Float64Array.from(rows, (row) => row.values[i]);
  return {
    file,
    firstRow,
    count: rows.length,
    startUs: Float64Array.from(rows, (row) => row.us),
    symbol: Int32Array.from(rows, (row) => row.symbol),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: column(4),
    nulls: rows.some((row) => row.isNull) ? Uint8Array.from(rows, (row) => (row.isNull ? 1 : 0)) : undefined,
    misfiled: false,
  };
}

function classify(batches: readonly RowBatch[], change: Partial<ClassifyOptions> = {}) {
  const day = createDay(session.minutes, SYMBOLS.length, 500);
  const classifier = new DayClassifier(day, options(change));
  for (const batch of batches) classifier.add(batch);
  return { day, notices: classifier.notices, ...classifier.finish() };
}

/** The minute after the open, as an instant. */
const at = (minute: number): number => session.openUs + minute * MINUTE_US;
const good: Row["values"] = [100, 101, 99, 100.5, 10];
const countOf = (day: SourceDay, symbol: number, name: keyof typeof ROW_CLASS): number =>
  day.classCount[symbol * ROW_CLASSES.length + ROW_CLASS[name]];

const anyValue = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 90, max: 110, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -1, 1e-9) },
);
const anyRow: fc.Arbitrary<Row> = fc.record({
  us: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -30, max: 240 }).map(at) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 200 }).map((minute) => at(minute) + 59_000_000) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, DAY_START - 1, DAY_START + 1440 * MINUTE_US, session.closeUs) },
  ),
  symbol: fc.constantFrom(0, 1, 0, 1, -1),
  values: fc.oneof(
    fc.constant(good),
    fc.tuple(anyValue, anyValue, anyValue, anyValue, fc.integer({ min: -1, max: 1000 })) as fc.Arbitrary<Row["values"]>,
  ),
  isNull: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

describe("classification", () => {
  test("every row of the date is in exactly one class, and slots, exceptions and counters tell the same", () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 80 }),
        fc.boolean(),
        fc.constantFrom("first", "last" as const),
        (rows, floorMinutes, onConflict) => {
          const { day, exceptionCount, fileClasses } = classify([batchOf(rows)], {
            floorMinutes,
            onConflict: onConflict as "first" | "last",
          });
          const dated = rows.filter(
            (row) => row.us >= DAY_START && row.us < DAY_START + 1440 * MINUTE_US && row.symbol >= 0,
          );
          const total = (counts: ArrayLike<number>): number => Array.from(counts).reduce((a, b) => a + b, 0);
          expect(total(day.classCount)).toBe(dated.length);
          expect(fileClasses.reduce((sum, { counts }) => sum + total(counts), 0)).toBe(dated.length);
          SYMBOLS.forEach((_, s) => {
            const present = Array.from(day.flags).filter((flags, slot) => flags !== 0 && slot % 2 === s).length;
            expect(present).toBe(countOf(day, s, "streamed"));
            const causes = day.causeCount.subarray(s * REJECT_CAUSES.length, (s + 1) * REJECT_CAUSES.length);
            expect(total(causes)).toBe(countOf(day, s, "rejected"));
          });
          const slots = Array.from({ length: exceptionCount }, (_, i) => day.exceptions[i * EXCEPTION_WORDS]);
          expect(slots).toEqual([...slots].sort((a, b) => a - b));
          for (let slot = 0; slot < day.flags.length; slot++) {
            if (day.flags[slot] === 0) continue;
            const [h, l] = [day.bars.high[slot], day.bars.low[slot]];
            expect(h >= l && l > 0 && Number.isFinite(h) && day.bars.volume[slot] >= 0).toBe(true);
          }
        },
      ),
    );
  });

  test("how rows are cut into batches makes no difference", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), fc.nat(60), (rows, cut) => {
        const whole = classify([batchOf(rows)]);
        const parts = classify([batchOf(rows.slice(0, cut)), batchOf(rows.slice(cut), 0, Math.min(cut, rows.length))]);
        expect(parts.day).toEqual(whole.day);
      }),
    );
  });

  test("the first of two rows for a minute stays, whatever its place in time", () => {
    const rows: Row[] = [
      { us: at(5), symbol: 1, values: good },
      { us: at(3), symbol: 1, values: good },
      { us: at(5), symbol: 1, values: good },
      { us: at(5), symbol: 1, values: [100, 101, 99, 100.5, 11] },
    ];
    const first = classify([batchOf(rows)]);
    expect([
      countOf(first.day, 1, "streamed"),
      countOf(first.day, 1, "duplicate"),
      countOf(first.day, 1, "conflict"),
    ]).toEqual([2, 1, 1]);
    expect(first.day.row[5 * 2 + 1]).toBe(0);
    expect(first.day.flags[3 * 2 + 1] & FLAG_BIT.outOfOrder).not.toBe(0);
    const last = classify([batchOf(rows)], { onConflict: "last" });
    expect(last.day.row[5 * 2 + 1]).toBe(3);
    expect(last.day.bars.volume[5 * 2 + 1]).toBe(11);
    expect(last.fileClasses[0].counts.reduce((a, b) => a + b, 0)).toBe(4);
    expect([countOf(last.day, 1, "streamed"), countOf(last.day, 1, "conflict")]).toEqual([2, 1]);
  });

  test("out of order is a matter within a file: a second file may begin earlier", () => {
    const row = (minute: number): Row => ({ us: at(minute), symbol: 0, values: good });
    const { day } = classify([batchOf([row(5), row(6)], 0), batchOf([row(3), row(2)], 1)]);
    const marked = [2, 3, 5, 6].filter((minute) => (day.flags[minute * 2] & FLAG_BIT.outOfOrder) !== 0);
    expect(marked).toEqual([2]);
  });

  test.each([
    [[102, 101, 99, 100, 1], "outsideRange"],
    [[100, 101, 99, 98.9, 1], "outsideRange"],
    [[101.00005, 101, 99, 100, 1], "rounded"],
    [[100, 99, 101, 100, 1], "highBelowLow"],
    [[100, Infinity, 99, 100, 1], "infinite"],
    [[NaN, 101, 99, 100, 1], "notANumber"],
    [[100, 101, 0, 100, 1], "notPositive"],
    [[100, 101, 99, 100, -1], "negativeVolume"],
    [[100, 101, 99, 100, 0], "zeroVolume"],
  ] as Array<[Row["values"], string]>)("%j is %s", (values, what) => {
    const { day } = classify([batchOf([{ us: at(0), symbol: 0, values }])]);
    const causes = REJECT_CAUSES.filter((_, i) => day.causeCount[i] > 0);
    const flags = ROW_FLAGS.filter((_, i) => day.flagCount[i] > 0);
    expect([...causes, ...flags]).toEqual([what]);
  });

  test("a conflict shows both rows, and stops where asked to", () => {
    const batches = [
      batchOf([{ us: at(5), symbol: 0, values: good }], 0),
      batchOf([{ us: at(5), symbol: 0, values: [1, 2, 1, 1, 7] }], 3, 40),
    ];
    const { notices } = classify(batches);
    expect(notices[0].text).toBe(
      "AIG 2015-12-24 09:35 is there twice and differs: 100/101/99/100.5 volume 10 in file-0.parquet row 0 and 1/2/1/1 volume 7 in file-3.parquet row 40",
    );
    expect(() => classify(batches, { onConflict: "error" })).toThrow(/is there twice and differs/);
  });

  test("rows before the open, at the close and after it are not examined", () => {
    const bad: Row["values"] = [NaN, -1, 5, 0, -3];
    const { day } = classify([
      batchOf(
        [at(-1), session.closeUs, session.closeUs + 1, at(209) + 60_000_001].map((us) => ({
          us,
          symbol: 0,
          values: bad,
        })),
      ),
    ]);
    expect([countOf(day, 0, "preMarket"), countOf(day, 0, "atClose"), countOf(day, 0, "afterHours")]).toEqual([
      1, 1, 2,
    ]);
    expect(day.atCloseVolume[0]).toBe(-3);
    expect(day.atClosePrice[1]).toBeNaN();
  });

  test("a jump is measured from the bar before, also when it is of the session before", () => {
    const rows: Row[] = [{ us: at(0), symbol: 0, values: [50, 50, 50, 50, 1] }];
    const flags = (closeBefore: Float64Array | undefined): string[] => {
      const { day } = classify([batchOf(rows)], { closeBefore });
      return ROW_FLAGS.filter((flag) => (day.flags[0] & FLAG_BIT[flag]) !== 0);
    };
    expect(flags(undefined)).toEqual([]);
    expect(flags(Float64Array.of(0, 100))).toEqual([]);
    expect(flags(Float64Array.of(80, 0))).toEqual([]);
    expect(flags(Float64Array.of(130, 0))).toEqual(["priceJump"]);
    expect(flags(Float64Array.of(350, 0))).toEqual(["priceJump", "splitLike"]);
    expect(flags(Float64Array.of(99, 0))).toEqual(["priceJump", "splitLike"]);
  });
});
