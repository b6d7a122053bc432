/**
 * On which dates the New York Stock Exchange is closed or closes early, 1998–2028: rules where the
 * exchange has a rule, a table where it decided otherwise. Hours and zone are calendar.ts's.
 * Late openings (2001-09-17, 2002-09-11) are not known: such a session shows its first minutes as missing.
 *
 * Sources: holidays and early closes in QuantConnect/Lean, Data/market-hours/market-hours-database.json,
 * and gerrymanoim/exchange_calendars, tests/resources/xnys.csv (for 1998-11-27, 1998-12-24 and 1999-12-31).
 * From 2026 on the dates are what the rules forecast.
 */
import { addDays, dateOfDayNumber, dayNumber, isoDate, isWeekend, weekday } from "./dates.js";
import type { IsoDate } from "./time.js";

export const XNYS_FIRST_DATE: IsoDate = "1998-01-01";
export const XNYS_LAST_DATE: IsoDate = "2028-12-31";

/** Closed by decision, with the reason. */
const SPECIAL_CLOSINGS: Readonly<Record<IsoDate, string>> = {
  "2001-09-11": "attacks of 11 September",
  "2001-09-12": "attacks of 11 September",
  "2001-09-13": "attacks of 11 September",
  "2001-09-14": "attacks of 11 September",
  "2004-06-11": "mourning for Ronald Reagan",
  "2007-01-02": "mourning for Gerald Ford",
  "2012-10-29": "hurricane Sandy",
  "2012-10-30": "hurricane Sandy",
  "2018-12-05": "mourning for George H. W. Bush",
  "2025-01-09": "mourning for Jimmy Carter",
};

/** Closed at 13:00 by decision, with the reason. */
const SPECIAL_EARLY_CLOSES: Readonly<Record<IsoDate, string>> = {
  "1999-12-31": "eve of 2000",
  "2002-07-05": "Friday after Independence Day",
  "2003-12-26": "Friday after Christmas",
};

const [MONDAY, WEDNESDAY, THURSDAY, SATURDAY, SUNDAY] = [0, 2, 3, 5, 6];

/** `closed`: weekend, holiday or special closing; `half`: closes at 13:00. */
export type XnysDay = "closed" | "half" | "full";

/**
 * A function that says what XNYS does on a date within [XNYS_FIRST_DATE, XNYS_LAST_DATE]; all years are worked out at once.
 *
 *     const dayOf = createXnysDays();
 *     dayOf("2015-12-24") // "half"
 */
export function createXnysDays(): (date: IsoDate) => XnysDay {
  const closed = new Set(Object.keys(SPECIAL_CLOSINGS));
  const half = new Set(Object.keys(SPECIAL_EARLY_CLOSES));
  for (let year = Number(XNYS_FIRST_DATE.slice(0, 4)); year <= Number(XNYS_LAST_DATE.slice(0, 4)); year++) {
    for (const date of xnysHolidays(year)) closed.add(date);
    for (const date of regularEarlyCloses(year)) half.add(date);
  }
  return (date) => (isWeekend(date) || closed.has(date) ? "closed" : half.has(date) ? "half" : "full");
}

/** The regular holidays of a year on the dates the exchange keeps them, ascending. */
function xnysHolidays(year: number): IsoDate[] {
  const newYear = isoDate(year, 1, 1);
  return [
    // On a Saturday it is not kept: the Friday before would be the last trading day of the year.
    ...(weekday(newYear) === SATURDAY ? [] : [observed(newYear)]),
    nthWeekday(year, 1, MONDAY, 3), // Martin Luther King's birthday, kept since 1998
    nthWeekday(year, 2, MONDAY, 3), // Washington's birthday
    addDays(easterSunday(year), -2), // Good Friday
    lastMonday(year, 5), // Memorial Day
    ...(year >= 2022 ? [observed(isoDate(year, 6, 19))] : []), // Juneteenth
    observed(isoDate(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1), // Labor Day
    thanksgiving(year),
    observed(isoDate(year, 12, 25)),
  ];
}

/** Dates that close at 13:00 every year; where one falls on a holiday or weekend, that wins. */
function regularEarlyCloses(year: number): IsoDate[] {
  const eve = isoDate(year, 7, 3);
  // Before 2013 a Thursday holiday had no early close the day before it.
  const eveIsShort = weekday(eve) !== WEDNESDAY || year >= 2013;
  return [...(eveIsShort ? [eve] : []), addDays(thanksgiving(year), 1), isoDate(year, 12, 24)];
}

/** A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after. */
function observed(date: IsoDate): IsoDate {
  const day = weekday(date);
  return day === SATURDAY ? addDays(date, -1) : day === SUNDAY ? addDays(date, 1) : date;
}

function nthWeekday(year: number, month: number, day: number, n: number): IsoDate {
  const first = isoDate(year, month, 1);
  return addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (n - 1));
}

function lastMonday(year: number, month: number): IsoDate {
  const last = dateOfDayNumber(dayNumber(isoDate(year, month + 1, 1)) - 1);
  return addDays(last, -((weekday(last) - MONDAY + 7) % 7));
}

function thanksgiving(year: number): IsoDate {
  return nthWeekday(year, 11, THURSDAY, 4);
}

/** Gregorian Easter, the anonymous algorithm (Meeus, Astronomical Algorithms, chapter 8; his letters). */
function easterSunday(year: number): IsoDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return isoDate(year, Math.floor(n / 31), (n % 31) + 1);
}
