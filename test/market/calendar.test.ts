import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createAlwaysOpenCalendar, createXnysCalendar, type TradingSession } from "../../src/engine/market/calendar.js";
import { isWeekend, nextDate } from "../../src/engine/market/dates.js";
import { isoUtc } from "../../src/engine/market/time.js";
import { exchangeTime } from "../../src/engine/market/time-zones.js";

const xnys = createXnysCalendar();

function hoursOf(session: TradingSession | undefined): string | undefined {
  return session && `${session.kind} ${isoUtc(session.openUs)} ${isoUtc(session.closeUs)} ${session.minutes}`;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

const factsFile = new URL("../../../shared/data/us-equity/market-hours-facts.json", import.meta.url);
const factsAreHere = existsSync(factsFile);
if (!factsAreHere) console.info("skipped: XNYS day by day, for want of ../shared/data beside the repository");

describe("XNYS against the market-hours facts", () => {
  // The three early closes the facts lack (shared/data/README.md).
  const missingInFacts = ["1998-11-27", "1998-12-24", "1999-12-31"];

  it.skipIf(!factsAreHere)("agrees on every date from 1998 to 2028 whether and until when there is trading", () => {
    const facts = JSON.parse(readFileSync(factsFile, "utf8")) as {
      holidays: string[];
      earlyCloses: Array<{ date: string; close: string }>;
    };
    const holidays = new Set(facts.holidays);
    const early = new Map(facts.earlyCloses.map(({ date, close }) => [date, close]));
    for (const date of missingInFacts) early.set(date, "13:00");
    const differences: string[] = [];
    let dates = 0;
    for (let date = "1998-01-01"; date <= "2028-12-31"; date = nextDate(date), dates++) {
      const wanted = isWeekend(date) || holidays.has(date) ? "closed" : `09:30–${early.get(date) ?? "16:00"}`;
      const session = xnys.session(date);
      const zone = xnys.timeZone;
      const found = session ? `${exchangeTime(session.openUs, zone)}–${exchangeTime(session.closeUs, zone)}` : "closed";
      if (found !== wanted) differences.push(`${date}: ${found}, facts say ${wanted}`);
    }
    expect(differences).toEqual([]);
    expect(dates).toBe(11323);
  });
});

describe("sessions of XNYS", () => {
  it("open an hour earlier in UTC once summer time has begun", () => {
    expect(hoursOf(xnys.session("2008-03-07"))).toBe("full 2008-03-07T14:30:00Z 2008-03-07T21:00:00Z 390");
    expect(hoursOf(xnys.session("2008-03-10"))).toBe("full 2008-03-10T13:30:00Z 2008-03-10T20:00:00Z 390");
  });

  it("follow the older dates of summer time before 2007", () => {
    expect(hoursOf(xnys.session("2006-03-31"))).toBe("full 2006-03-31T14:30:00Z 2006-03-31T21:00:00Z 390");
    expect(hoursOf(xnys.session("2006-04-03"))).toBe("full 2006-04-03T13:30:00Z 2006-04-03T20:00:00Z 390");
  });

  it("last 210 minutes on a half day", () => {
    expect(hoursOf(xnys.session("2015-12-24"))).toBe("half 2015-12-24T14:30:00Z 2015-12-24T18:00:00Z 210");
  });

  it.each(["1998-11-27", "1998-12-24", "1999-12-31", "2002-07-05", "2003-12-26", "2013-07-03"])(
    "close at 13:00 on %s",
    (date) => {
      expect(xnys.session(date)?.kind).toBe("half");
    },
  );

  it.each(["1998-07-02", "2002-07-03", "2021-12-23", "2021-12-31", "2026-07-02"])("are full on %s", (date) => {
    expect(xnys.session(date)?.kind).toBe("full");
  });

  it.each(["2001-09-11", "2004-06-11", "2007-01-02", "2012-10-30", "2018-12-05", "2025-01-09", "2022-06-20"])(
    "do not exist on %s",
    (date) => {
      expect(xnys.session(date)).toBeUndefined();
    },
  );

  it("exist on the Friday before a New Year's Day on Saturday, and on Juneteenth before 2022", () => {
    expect(xnys.session("2010-12-31")?.kind).toBe("full");
    expect(xnys.session("2021-12-31")?.kind).toBe("full");
    expect(xnys.session("2020-06-19")?.kind).toBe("full");
  });

  it("between two dates come in order, both ends included, without weekends and holidays", () => {
    const dates = xnys.sessionsBetween("2013-11-27", "2013-12-02").map((session) => session.date);
    expect(dates).toEqual(["2013-11-27", "2013-11-29", "2013-12-02"]);
  });

  it("between Saturday and Sunday, or when the end is before the start, are none", () => {
    expect(xnys.sessionsBetween("2013-10-05", "2013-10-06")).toEqual([]);
    expect(xnys.sessionsBetween("2013-10-08", "2013-10-07")).toEqual([]);
  });

  it("are worked out once and cannot be changed by whoever gets them", () => {
    const session = xnys.session("2013-10-07");
    expect(xnys.session("2013-10-07")).toBe(session);
    expect(Object.isFrozen(session)).toBe(true);
  });
});

describe("the ends of a calendar", () => {
  it("are inside it", () => {
    expect(xnys.session("1998-01-01")).toBeUndefined();
    expect(xnys.session("2028-12-29")?.kind).toBe("full");
    expect(xnys.session("2028-12-31")).toBeUndefined();
  });

  it("are named, with what lies beyond, by the error for a date outside", () => {
    expect(thrownBy(() => xnys.session("2029-01-02"))).toMatchObject({
      name: "DataError",
      code: "calendar-range",
      exitCode: 3,
      message: "2029-01-02 is beyond the calendar XNYS: its last known date is 2028-12-31",
    });
    expect(thrownBy(() => xnys.session("1997-12-31"))).toMatchObject({
      code: "calendar-range",
      message: "1997-12-31 is before the calendar XNYS: its first known date is 1998-01-01",
    });
  });

  it("hold for both ends of a range", () => {
    expect(thrownBy(() => xnys.sessionsBetween("1997-12-31", "1998-01-10"))).toMatchObject({ code: "calendar-range" });
    expect(thrownBy(() => xnys.sessionsBetween("2028-12-01", "2029-01-01"))).toMatchObject({ code: "calendar-range" });
    expect(thrownBy(() => xnys.sessionsBetween("2029-01-02", "2028-01-01"))).toMatchObject({ code: "calendar-range" });
  });

  it("do not matter for a text that is no date: that is a mistake of usage", () => {
    expect(thrownBy(() => xnys.session("2014-02-31"))).toMatchObject({ name: "UsageError", exitCode: 2 });
    expect(thrownBy(() => xnys.sessionsBetween("2014-01-01", "yesterday"))).toMatchObject({ name: "UsageError" });
  });
});

describe("the calendar 24/7", () => {
  const always = createAlwaysOpenCalendar();

  it("has a session of 1440 minutes on every date, midnight to midnight UTC", () => {
    expect(hoursOf(always.session("2024-02-29"))).toBe("full 2024-02-29T00:00:00Z 2024-03-01T00:00:00Z 1440");
    const week = always.sessionsBetween("2024-12-21", "2025-01-02");
    expect(week).toHaveLength(13);
    for (let i = 1; i < week.length; i++) expect(week[i].openUs).toBe(week[i - 1].closeUs);
  });

  it("knows 1970 to 2100, its last session included", () => {
    expect(hoursOf(always.session("1970-01-01"))).toBe("full 1970-01-01T00:00:00Z 1970-01-02T00:00:00Z 1440");
    expect(hoursOf(always.session("2100-12-31"))).toBe("full 2100-12-31T00:00:00Z 2101-01-01T00:00:00Z 1440");
    expect(thrownBy(() => always.session("2101-01-01"))).toMatchObject({ code: "calendar-range" });
  });
});
