/**
 * Calendar dates as text and as day numbers. Proleptic Gregorian, no zone: which instant a date
 * starts at is the business of day-table.ts and calendar.ts.
 */
import { UsageError } from "../errors.js";
import { DAY_US, type IsoDate } from "./time.js";

/** Days of the week as `weekday` counts them, Monday first. */
export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The dates any calendar may know: within them microseconds stay exact and zone rules are defined. */
export const EARLIEST_DATE: IsoDate = "1970-01-01";
export const LATEST_DATE: IsoDate = "2100-12-31";

const DAY_MS = DAY_US / 1000;

/** Whether the text is a date that exists, written `YYYY-MM-DD`: true for 2016-02-29, false for 2014-02-31. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = text.split("-").map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/**
 * Checks a date a person wrote and returns it unchanged.
 * Throws a `UsageError` that says what is wrong and what to write; `where` (an option such as `--from`) opens the message.
 *
 *     parseIsoDate("2013-10-07") // "2013-10-07"
 *     parseIsoDate("2014-02-31", "--from") // --from: "2014-02-31" is not a date: February 2014 has 28 days
 */
export function parseIsoDate(text: string, where = ""): IsoDate {
  if (isIsoDate(text)) return text;
  const { reason, hint } = explainBadDate(text);
  throw new UsageError(`${where && `${where}: `}${JSON.stringify(text)} is not a date${reason}`, hint);
}

/** Why a text is no date, and what to write instead. For callers with an error of their own. */
export function explainBadDate(text: string): { reason: string; hint: string } {
  // Year first is the only order read as a suggestion: 02/03/2014 is February or March.
  const parts = /^\s*(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))\s*$/.exec(text);
  if (!parts) return { reason: "", hint: "write year-month-day, e.g. 2013-10-07" };
  const year = Number(parts[1]);
  const month = Number(parts[3] ?? parts[5]);
  const day = Number(parts[4] ?? parts[6]);
  if (month < 1 || month > 12) {
    return { reason: `: there is no month ${month}`, hint: "write year-month-day, e.g. 2013-10-07" };
  }
  const days = daysInMonth(year, month);
  if (day < 1 || day > days) {
    const name = new Date(Date.UTC(2000, month - 1, 1)).toLocaleString("en-US", { month: "long", timeZone: "UTC" });
    return { reason: `: ${name} ${parts[1]} has ${days} days`, hint: `write ${isoDate(year, month, days)}?` };
  }
  return { reason: " as written here", hint: `write ${isoDate(year, month, day)}` };
}

/** The text of a date given by numbers; month 1–12. `isoDate(2013, 10, 7)` is `"2013-10-07"`. */
export function isoDate(year: number, month: number, day: number): IsoDate {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** Days from 1970-01-01 to a date that exists. `dayNumber("1970-01-02")` is 1. */
export function dayNumber(date: IsoDate): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** The date that many days after 1970-01-01; the inverse of `dayNumber`. */
export function dateOfDayNumber(day: number): IsoDate {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The next date. `nextDate("2016-02-28")` is `"2016-02-29"`. */
export function nextDate(date: IsoDate): IsoDate {
  return addDays(date, 1);
}

/** The date `days` later, earlier when negative. `addDays("2013-10-07", -7)` is `"2013-09-30"`. */
export function addDays(date: IsoDate, days: number): IsoDate {
  return dateOfDayNumber(dayNumber(date) + days);
}

/** Day of the week, 0 = Monday … 6 = Sunday: an index into `WEEKDAYS`. */
export function weekday(date: IsoDate): number {
  // Day 0, 1970-01-01, was a Thursday; the second modulo is for dates before it.
  return (((dayNumber(date) + 3) % 7) + 7) % 7;
}

/** Saturday or Sunday. */
export function isWeekend(date: IsoDate): boolean {
  return weekday(date) >= 5;
}

function daysInMonth(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
