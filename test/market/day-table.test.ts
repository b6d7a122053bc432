import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { createDayTable } from "../../src/engine/market/day-table.js";
import { DAY_US, isoUtc } from "../../src/engine/market/time.js";
import { ZONES, zoneAndInstant } from "./clock-changes.js";

const HOUR_US = 3_600_000_000;

function us(utc: string): number {
  return Date.parse(utc) * 1000;
}

describe("a day table", () => {
  const march = createDayTable("America/New_York", us("2008-03-07T14:30:00Z"), us("2008-03-11T03:59:00Z"));

  it("holds the local dates its range touches, and nothing else", () => {
    const dates = Array.from({ length: march.count }, (_, i) => march.date(i));
    // The end is 2008-03-10 23:59 in New York, though the 11th in UTC.
    expect(dates).toEqual(["2008-03-07", "2008-03-08", "2008-03-09", "2008-03-10"]);
    expect(march.dateIndex(us("2008-03-07T05:00:00Z"))).toBe(0);
    expect(march.dateIndex(us("2008-03-07T04:59:59Z"))).toBe(-1);
    expect(march.dateIndex(us("2008-03-11T04:00:00Z"))).toBe(-1);
    expect(march.dateIndex(Number.NaN)).toBe(-1);
    expect([march.indexOf("2008-03-06"), march.indexOf("2008-03-09"), march.indexOf("2008-03-11")]).toEqual([
      -1, 2, -1,
    ]);
  });

  it("starts each date at local midnight, so a day is 23 or 25 hours across a clock change", () => {
    expect(isoUtc(march.startUs(2))).toBe("2008-03-09T05:00:00Z");
    expect(isoUtc(march.startUs(3))).toBe("2008-03-10T04:00:00Z");
    expect(march.startUs(3) - march.startUs(2)).toBe(23 * HOUR_US);
    expect(march.startUs(4) - march.startUs(3)).toBe(24 * HOUR_US);
    const november = createDayTable("America/New_York", us("2013-11-03T12:00:00Z"), us("2013-11-03T12:00:00Z"));
    expect([november.count, november.date(0)]).toEqual([1, "2013-11-03"]);
    expect(november.startUs(1) - november.startUs(0)).toBe(25 * HOUR_US);
  });

  it("gives a date the clock skips no instant at all", () => {
    const apia = createDayTable("Pacific/Apia", us("2011-12-29T12:00:00Z"), us("2011-12-31T12:00:00Z"));
    const skipped = apia.indexOf("2011-12-30");
    expect(apia.startUs(skipped + 1) - apia.startUs(skipped)).toBe(0);
    expect(apia.dateIndex(apia.startUs(skipped))).toBe(skipped + 1);
  });

  it("refuses a zone nobody knows", () => {
    expect(() => createDayTable("America/NewYork", 0, 1)).toThrow('"America/NewYork" is not a time zone');
  });

  // One table for decades, as for a large source: the table of a lifetime must hold every change in it.
  const tables = new Map(
    ZONES.map((zone) => [zone, createDayTable(zone, us("1989-12-31T00:00:00Z"), us("2040-01-02T00:00:00Z"))]),
  );

  it("gives every instant the date luxon gives it, in any order", () => {
    fc.assert(
      fc.property(zoneAndInstant(), fc.integer({ min: 0, max: 59_999_999 }), ({ zone, us }, inMinute) => {
        const days = tables.get(zone)!;
        const date = DateTime.fromMillis(Math.floor((us + inMinute) / 1000), { zone }).toISODate();
        expect(days.date(days.dateIndex(us + inMinute))).toBe(date);
      }),
      { numRuns: 2000 },
    );
  });

  it("starts every date at the first instant luxon gives that date", () => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ zone, us }) => {
        const days = tables.get(zone)!;
        const index = days.dateIndex(us);
        const start = days.startUs(index);
        const dateAt = (at: number) => DateTime.fromMillis(at / 1000, { zone }).toISODate()!;
        expect(dateAt(start)).toBe(days.date(index));
        expect(dateAt(start - 1000) < days.date(index)).toBe(true);
        expect(us >= start && us < start + 2 * DAY_US).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
