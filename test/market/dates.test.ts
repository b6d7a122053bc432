import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import {
  addDays,
  dateOfDayNumber,
  dayNumber,
  isIsoDate,
  isWeekend,
  nextDate,
  parseIsoDate,
  weekday,
} from "../../src/engine/market/dates.js";
import type { UsageError } from "../../src/engine/errors.js";

function refusal(text: string, where?: string): { message: string; hint: string } {
  try {
    parseIsoDate(text, where);
  } catch (error) {
    expect(error).toMatchObject({ name: "UsageError", exitCode: 2 });
    return { message: (error as UsageError).message, hint: (error as UsageError).hint };
  }
  throw new Error(`${text} was accepted`);
}

describe("a date a person writes", () => {
  it("is returned unchanged when it exists", () => {
    for (const date of ["2013-10-07", "2016-02-29", "2000-02-29", "1998-12-31"]) expect(parseIsoDate(date)).toBe(date);
  });

  it("is refused with the days of that month when the day does not exist", () => {
    expect(refusal("2014-02-31", "--from")).toEqual({
      message: '--from: "2014-02-31" is not a date: February 2014 has 28 days',
      hint: "write 2014-02-28?",
    });
    expect(refusal("2100-02-29").message).toContain("February 2100 has 28 days");
    expect(refusal("2014-04-31").message).toContain("April 2014 has 30 days");
    expect(refusal("2014-13-01").message).toContain("there is no month 13");
    expect(refusal("2014-01-00").message).toContain("January 2014 has 31 days");
  });

  it("is refused with the right spelling when only the spelling is wrong", () => {
    for (const text of ["2014-2-3", "20140203", "2014/02/03", "2014.2.3", " 2014-02-03"]) {
      expect(refusal(text).hint).toBe("write 2014-02-03");
    }
  });

  it("is refused without a guess when its order is unknown", () => {
    for (const text of ["02/03/2014", "yesterday", "", "2014-02", "2014-02-03T00:00", "2014-02-03\n1", "٢٠١٤-٠٢-٠٣"]) {
      expect(refusal(text).hint).toBe("write year-month-day, e.g. 2013-10-07");
    }
    expect(refusal("\u001b[2J").message).not.toContain("\u001b");
  });

  it("is accepted exactly when luxon knows the date", () => {
    const number = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(number(9999), number(13), number(32), (year, month, day) => {
        const text = [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join(
          "-",
        );
        expect(isIsoDate(text)).toBe(DateTime.fromISO(text, { zone: "UTC" }).isValid);
      }),
      { numRuns: 500 },
    );
  });
});

describe("counting dates", () => {
  it("goes over ends of months and years and leap days", () => {
    expect([nextDate("2016-02-28"), nextDate("2015-02-28"), nextDate("1999-12-31")]).toEqual([
      "2016-02-29",
      "2015-03-01",
      "2000-01-01",
    ]);
    expect(addDays("2013-10-07", -7)).toBe("2013-09-30");
    expect(dayNumber("1970-01-02")).toBe(1);
  });

  it("agrees with luxon on day numbers and days of the week", () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
        const date = dateOfDayNumber(day);
        const expected = DateTime.fromMillis(day * 86_400_000, { zone: "UTC" });
        expect(date).toBe(expected.toISODate());
        expect(dayNumber(date)).toBe(day);
        expect(weekday(date)).toBe(expected.weekday - 1);
        expect(isWeekend(date)).toBe(expected.weekday >= 6);
      }),
    );
  });
});
