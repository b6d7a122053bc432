/**
 * Trading calendars: which dates have a session, when it opens and closes in UTC. The door to the
 * files beside it: the dates of XNYS, and calendars read from JSON. Wall time becomes UTC here, once
 * per date, and nowhere else.
 */
import { DateTime } from "luxon";
import { assert } from "../assert.js";
import { DataError } from "../errors.js";
import type { CalendarRules } from "./calendar-rules.js";
import { EARLIEST_DATE, LATEST_DATE, nextDate, parseIsoDate } from "./dates.js";
import { MINUTE_US, type IsoDate } from "./time.js";
import { createXnysDays, XNYS_FIRST_DATE, XNYS_LAST_DATE } from "./xnys-dates.js";

/** One regular trading session. `minutes` = 390, or 210 on a half day of XNYS; the session is [openUs, closeUs). */
export interface TradingSession {
  readonly date: IsoDate;
  readonly kind: "full" | "half";
  /** Microseconds UTC. */
  readonly openUs: number;
  readonly closeUs: number;
  readonly minutes: number;
}

/** An exchange calendar. Dates are exchange-local. */
export interface Calendar {
  readonly name: string;
  /** IANA zone of the exchange. */
  readonly timeZone: string;
  /** First and last date the calendar knows, inclusive. */
  readonly firstDate: IsoDate;
  readonly lastDate: IsoDate;
  /**
   * The session on that date, or undefined for weekends and holidays. Throws a `DataError` (code `calendar-range`)
   * outside [firstDate, lastDate] and a `UsageError` for a text that is no date.
   */
  session(date: IsoDate): TradingSession | undefined;
  /** All sessions with from ≤ date ≤ to, ascending; none when from > to. Throws as `session` does, for either end. */
  sessionsBetween(from: IsoDate, to: IsoDate): TradingSession[];
}

/**
 * The New York Stock Exchange, 1998-01-01 to 2028-12-31: regular sessions 09:30–16:00, half days to 13:00.
 * Source: see xnys-dates.ts.
 *
 *     createXnysCalendar().session("2015-12-24") // kind "half", 14:30Z–18:00Z, 210 minutes
 */
export function createXnysCalendar(): Calendar {
  const dayOf = createXnysDays();
  const [full, half] = [
    { openMinute: 570, closeMinute: 960, kind: "full" },
    { openMinute: 570, closeMinute: 780, kind: "half" },
  ] as const;
  return createCalendar({
    name: "XNYS",
    timeZone: "America/New_York",
    firstDate: XNYS_FIRST_DATE,
    lastDate: XNYS_LAST_DATE,
    hours(date) {
      const day = dayOf(date);
      return day === "closed" ? undefined : day === "half" ? half : full;
    },
  });
}

/**
 * The calendar `24/7`: every date from 1970 to 2100 is one session of 1440 minutes, midnight to midnight UTC.
 *
 *     createAlwaysOpenCalendar().session("2024-02-29") // 2024-02-29T00:00Z–2024-03-01T00:00Z
 */
export function createAlwaysOpenCalendar(): Calendar {
  const hours = { openMinute: 0, closeMinute: 1440, kind: "full" } as const;
  return createCalendar({
    name: "24/7",
    timeZone: "UTC",
    firstDate: EARLIEST_DATE,
    lastDate: LATEST_DATE,
    hours: () => hours,
  });
}

/** Rules in wall time as a calendar in UTC; every date is worked out once. */
export function createCalendar(rules: CalendarRules): Calendar {
  const sessions = new Map<IsoDate, TradingSession | undefined>();
  function session(date: IsoDate): TradingSession | undefined {
    if (sessions.has(date)) return sessions.get(date);
    checkKnown(rules, date);
    const found = sessionOf(rules, date);
    sessions.set(date, found);
    return found;
  }
  function sessionsBetween(from: IsoDate, to: IsoDate): TradingSession[] {
    checkKnown(rules, from);
    checkKnown(rules, to);
    const found: TradingSession[] = [];
    for (let date = from; date <= to; date = nextDate(date)) {
      const onDate = session(date);
      if (onDate) found.push(onDate);
    }
    return found;
  }
  const { name, timeZone, firstDate, lastDate } = rules;
  return { name, timeZone, firstDate, lastDate, session, sessionsBetween };
}

function checkKnown(rules: CalendarRules, date: IsoDate): void {
  parseIsoDate(date);
  const { name, firstDate, lastDate } = rules;
  if (date >= firstDate && date <= lastDate) return;
  throw new DataError(
    "calendar-range",
    date > lastDate
      ? `${date} is beyond the calendar ${name}: its last known date is ${lastDate}`
      : `${date} is before the calendar ${name}: its first known date is ${firstDate}`,
    `ask for dates from ${firstDate} to ${lastDate}, or give a calendar file that knows more`,
  );
}

function sessionOf(rules: CalendarRules, date: IsoDate): TradingSession | undefined {
  const hours = rules.hours(date);
  if (!hours) return undefined;
  const open = wallTime(date, hours.openMinute, rules.timeZone);
  // The zone left the date out altogether (Apia, 2011-12-30): no session, whatever the rules say.
  if (open.toISODate() !== date) return undefined;
  const openUs = open.toMillis() * 1000;
  const closeUs = wallTime(date, hours.closeMinute, rules.timeZone).toMillis() * 1000;
  const minutes = (closeUs - openUs) / MINUTE_US;
  // Nor is there one when the clock is set forward over the whole of it.
  if (minutes <= 0) return undefined;
  assert(Number.isInteger(minutes), `${rules.name} ${date} lasts ${minutes} minutes`);
  return Object.freeze({ date, kind: hours.kind, openUs, closeUs, minutes });
}

/**
 * The instant a wall clock shows a minute of a date; minute 1440 is midnight of the next date, never "+24 h".
 * A time in a clock-change gap is taken as much later as the gap is long: 00:00 becomes 01:00 (luxon's rule).
 */
function wallTime(date: IsoDate, minute: number, zone: string): DateTime {
  const [year, month, day] = (minute === 1440 ? nextDate(date) : date).split("-").map(Number);
  const inDay = minute % 1440;
  return DateTime.fromObject({ year, month, day, hour: Math.floor(inDay / 60), minute: inDay % 60 }, { zone });
}
