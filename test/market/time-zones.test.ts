import { describe, expect, it } from "vitest";
import type { UsageError } from "../../src/engine/errors.js";
import { exchangeDateTime, exchangeTime, isTimeZone, parseTimeZone } from "../../src/engine/market/time-zones.js";

function us(utc: string): number {
  return Date.parse(utc) * 1000;
}

function hintFor(text: string): string {
  try {
    parseTimeZone(text, "--tz");
  } catch (error) {
    expect(error).toMatchObject({
      name: "UsageError",
      exitCode: 2,
      message: `--tz: ${JSON.stringify(text)} is not a time zone`,
    });
    return (error as UsageError).hint;
  }
  throw new Error(`${text} was accepted`);
}

describe("the name of a zone", () => {
  it("is taken in any case and returned as the zone database spells it", () => {
    expect(parseTimeZone("America/New_York")).toBe("America/New_York");
    expect(parseTimeZone("america/new_york")).toBe("America/New_York");
    expect(parseTimeZone("utc")).toBe("UTC");
    // An alias the database lists under another name stays as written.
    expect(parseTimeZone("US/Eastern")).toBe("US/Eastern");
  });

  it.each([
    ["America/NewYork", "America/New_York"],
    ["New York", "America/New_York"],
    ["london", "Europe/London"],
    ["Europe/Berln", "Europe/Berlin"],
    ["EDT", "America/New_York"],
    ["ET", "America/New_York"],
  ])("that is wrong as %j gets %s suggested", (text, meant) => {
    expect(hintFor(text)).toBe(`did you mean ${meant}?`);
  });

  it("that is an offset, or like nothing known, gets an example", () => {
    expect(hintFor("+05:00")).toContain("a fixed offset has no clock changes");
    expect(hintFor("UTC+5")).toContain("a fixed offset has no clock changes");
    for (const text of ["qqqqqqqqqq", "", "123", "x".repeat(100_000)]) {
      expect(hintFor(text)).toBe("write an IANA name, e.g. America/New_York or UTC");
    }
  });

  it("is never luxon's own word for the machine's zone", () => {
    expect(["local", "system", "default"].map(isTimeZone)).toEqual([false, false, false]);
  });
});

describe("times in messages", () => {
  it("are the exchange's own, minutes only where the seconds are zero", () => {
    expect(exchangeTime(us("2013-10-07T19:58:00Z"), "America/New_York")).toBe("15:58");
    expect(exchangeDateTime(us("2013-10-07T19:58:00Z"), "America/New_York")).toBe("2013-10-07 15:58");
    expect(exchangeDateTime(us("2013-12-09T19:58:00Z"), "America/New_York")).toBe("2013-12-09 14:58");
    expect(exchangeDateTime(us("2013-10-08T03:30:00Z"), "America/New_York")).toBe("2013-10-07 23:30");
  });

  it("show seconds and fractions where there are any", () => {
    const noon = us("2013-10-07T12:00:00Z");
    const shown = [0, 59_000_000, 10_000_000, 500_000, 1, 59_500_000].map((more) => exchangeTime(noon + more, "UTC"));
    expect(shown).toEqual(["12:00", "12:00:59", "12:00:10", "12:00:00.5", "12:00:00.000001", "12:00:59.5"]);
  });
});
