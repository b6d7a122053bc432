/**
 * Trading calendars: which dates have a session, when it opens and closes in UTC.
 */
import type { IsoDate } from "./time.js";

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
  /** The session on that date, or undefined for weekends and holidays. Throws a `DataError` outside [firstDate, lastDate]. */
  session(date: IsoDate): TradingSession | undefined;
  /** All sessions with from ≤ date ≤ to, ascending. Throws a `DataError` outside the known dates. */
  sessionsBetween(from: IsoDate, to: IsoDate): TradingSession[];
}
