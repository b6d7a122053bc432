import { describe, expect, it } from "vitest";
import { parseCalendar } from "../../src/engine/market/calendar-file.js";
import { isoUtc } from "../../src/engine/market/time.js";

const london = {
  name: "XLON",
  timeZone: "Europe/London",
  open: "08:00",
  close: "16:30",
  holidays: ["2023-12-25", "2023-12-26", "2024-03-29"],
  earlyCloses: { "2023-12-22": "12:30" },
  lastDate: "2024-12-31",
};

/** The error for the London file with some fields changed; a field set to undefined is left out. */
function errorFor(changes: Record<string, unknown>): { message: string; hint: string } {
  return errorOf(
    Object.fromEntries(Object.entries({ ...london, ...changes }).filter(([, value]) => value !== undefined)),
  );
}

function errorOf(json: unknown): { message: string; hint: string } {
  try {
    parseCalendar(json, "my/lon.json");
  } catch (error) {
    expect(error).toMatchObject({
      name: "DataError",
      code: "calendar-file",
      place: { file: "my/lon.json" },
      exitCode: 3,
    });
    const { message, hint } = error as { message: string; hint: string };
    expect(message.startsWith("my/lon.json: ")).toBe(true);
    return { message: message.slice("my/lon.json: ".length), hint };
  }
  throw new Error("the file was accepted");
}

describe("a calendar file", () => {
  const calendar = parseCalendar(london, "lon.json");

  it("gives sessions in the exchange's own time, across its clock changes", () => {
    expect(isoUtc(calendar.session("2024-03-28")?.openUs ?? 0)).toBe("2024-03-28T08:00:00Z");
    expect(isoUtc(calendar.session("2024-04-02")?.openUs ?? 0)).toBe("2024-04-02T07:00:00Z");
    expect(calendar.session("2024-04-02")).toMatchObject({ kind: "full", minutes: 510 });
  });

  it("gives half days, and none on weekends and holidays", () => {
    expect(calendar.session("2023-12-22")).toMatchObject({ kind: "half", minutes: 270 });
    expect(calendar.sessionsBetween("2023-12-22", "2023-12-28").map(({ date }) => date)).toEqual([
      "2023-12-22",
      "2023-12-27",
      "2023-12-28",
    ]);
  });

  it("knows dates from the year of its earliest entry, or from firstDate", () => {
    expect([calendar.name, calendar.firstDate, calendar.lastDate]).toEqual(["XLON", "2023-01-01", "2024-12-31"]);
    expect(parseCalendar({ ...london, firstDate: "2023-06-01" }, "lon.json").firstDate).toBe("2023-06-01");
    expect(parseCalendar({ ...london, holidays: [], earlyCloses: {} }, "lon.json").firstDate).toBe("1970-01-01");
    expect(() => calendar.session("2022-12-30")).toThrow(
      "before the calendar XLON: its first known date is 2023-01-01",
    );
  });

  it("may name other trading days and end at midnight, whatever the clock does that day", () => {
    const riyadh = parseCalendar(
      { ...london, name: "XSAU", timeZone: "Asia/Riyadh", tradingDays: ["Sun", "Mon", "Tue", "Wed", "Thu"] },
      "sau.json",
    );
    expect(riyadh.sessionsBetween("2024-05-02", "2024-05-06").map(({ date }) => date)).toEqual([
      "2024-05-02",
      "2024-05-05",
      "2024-05-06",
    ]);
    const allDay = { ...london, open: "00:00", close: "24:00", tradingDays: ["Sun"], earlyCloses: {} };
    const days = parseCalendar(allDay, "all.json").sessionsBetween("2024-03-24", "2024-03-31");
    expect(days.map(({ minutes }) => minutes)).toEqual([1440, 1380]);
  });

  it("has no session that lies in the hour the clock is set forward over", () => {
    const night = { ...london, open: "01:30", close: "02:00", earlyCloses: {}, tradingDays: ["Sun"] };
    const dates = parseCalendar(night, "night.json").sessionsBetween("2024-03-24", "2024-04-07");
    expect(dates.map(({ date }) => date)).toEqual(["2024-03-24", "2024-04-07"]);
  });

  it("has no session on a date its zone left out", () => {
    const apia = parseCalendar({ ...london, name: "X", timeZone: "Pacific/Apia", firstDate: "2011-01-01" }, "x.json");
    expect(apia.sessionsBetween("2011-12-29", "2012-01-02").map(({ date }) => date)).toEqual([
      "2011-12-29",
      "2012-01-02",
    ]);
  });
});

describe("a bad calendar file gets an error that", () => {
  it("names a missing field and shows how to write it", () => {
    expect(errorFor({ lastDate: undefined })).toEqual({
      message: "lastDate: is missing",
      hint: 'write the last date the file is right for, e.g. "lastDate": "2026-12-31"',
    });
  });

  it("names the others when there are several", () => {
    expect(errorFor({ lastDate: undefined, open: undefined }).message).toBe("open: is missing (and lastDate)");
  });

  it("shows a value of the wrong kind", () => {
    expect(errorFor({ open: 930 })).toEqual({
      message: "open: 930 is not what belongs here",
      hint: 'write the regular open in exchange time, e.g. "open": "09:30"',
    });
    expect(errorFor({ name: "" }).message).toBe('name: "" is empty');
    expect(errorFor({ tradingDays: ["Monday"] }).hint).toContain("Mon, Tue, Wed");
  });

  it.each(["9:30", "09:60", "24:01", "1 pm", "09:30:00"])("refuses %j as a time of day", (open) => {
    expect(errorFor({ open }).message).toBe(`open: ${JSON.stringify(open)} is not a time of day`);
  });

  it("corrects a date", () => {
    expect(errorFor({ holidays: ["2024-12-25", "2024-02-31"] })).toEqual({
      message: 'holidays[1]: "2024-02-31" is not a date: February 2024 has 29 days',
      hint: "write 2024-02-29?",
    });
    expect(errorFor({ earlyCloses: { "2024/12/24": "12:30" } })).toEqual({
      message: 'earlyCloses["2024/12/24"]: the key is not a date as written here',
      hint: "write 2024-12-24",
    });
    expect(errorFor({ lastDate: "2024-1-1" }).hint).toBe("write 2024-01-01");
    expect(errorFor({ lastDate: "2999-01-01" }).message).toBe(
      'lastDate: "2999-01-01" lies outside 1970-01-01 … 2100-12-31',
    );
  });

  it("suggests the zone that was meant", () => {
    expect(errorFor({ timeZone: "Europe/Londn" })).toEqual({
      message: 'timeZone: "Europe/Londn" is not a time zone',
      hint: "did you mean Europe/London?",
    });
  });

  it("names a field nobody knows", () => {
    const { message, hint } = errorFor({ holiday: [] });
    expect(message).toBe("holiday: is not a field of a calendar");
    expect(hint).toContain("holidays");
  });

  it("points at an early close that cannot be", () => {
    expect(errorFor({ earlyCloses: { "2024-12-24": "noon" } })).toEqual({
      message: 'earlyCloses["2024-12-24"]: "noon" is not a time of day',
      hint: 'write hours and minutes, e.g. "09:30"',
    });
    for (const close of ["16:30", "08:00", "17:00"]) {
      expect(errorFor({ earlyCloses: { "2024-12-24": close } }).message).toBe(
        `earlyCloses["2024-12-24"]: "${close}" does not lie between 08:00 and 16:30`,
      );
    }
    expect(errorFor({ earlyCloses: { "2023-12-25": "12:30" } }).message).toBe(
      'earlyCloses["2023-12-25"]: is also a holiday',
    );
  });

  it("refuses sessions over midnight and a last date before the first", () => {
    expect(errorFor({ open: "18:00", close: "17:00" }).message).toBe('close: "17:00" is not after the open, "18:00"');
    expect(errorFor({ open: "16:30" }).message).toBe('close: "16:30" is not after the open, "16:30"');
    expect(errorFor({ lastDate: "2022-12-31" }).message).toBe(
      'lastDate: "2022-12-31" is before the first date, 2023-01-01',
    );
  });

  it("says so when the file is no object at all", () => {
    expect(errorOf([]).message).toBe("a calendar is a JSON object, not an array");
    expect(errorOf(null).message).toBe("a calendar is a JSON object, not null");
    expect(errorOf("XNYS").message).toBe("a calendar is a JSON object, not a string");
  });

  it("shows control characters escaped and long values cut", () => {
    expect(errorFor({ open: "\u001b[2J" }).message).toBe('open: "\\u001b[2J" is not a time of day');
    expect(errorFor({ open: "x".repeat(1000) }).message.length).toBeLessThan(120);
  });
});
