/**
 * What a calendar has to know before clocks and zones come in: the exchange's hours by date, in wall time.
 */
import type { IsoDate } from "./time.js";

/** Minutes of the exchange's wall clock after midnight; a close of 1440 is the following midnight. */
export interface WallHours {
  readonly openMinute: number;
  readonly closeMinute: number;
  readonly kind: "full" | "half";
}

/** An exchange in its own time: XNYS, `24/7`, or a calendar file. calendar.ts makes a `Calendar` of it. */
export interface CalendarRules {
  readonly name: string;
  /** A name that `isTimeZone` accepts. */
  readonly timeZone: string;
  /** First and last date known, inclusive. */
  readonly firstDate: IsoDate;
  readonly lastDate: IsoDate;
  /** Hours on a known date, undefined when there is no session. */
  hours(date: IsoDate): WallHours | undefined;
}
