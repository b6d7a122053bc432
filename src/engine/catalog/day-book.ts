/**
 * The sessions of a calendar by day number, for loops over rows: which date an instant lies on, and
 * when that date's session opens and closes. Sessions are asked of the calendar once each.
 */
import { dayNumber } from "../market/dates.js";
import { createDayTable, type DayTable } from "../market/day-table.js";
import type { Calendar, TradingSession } from "../market/calendar.js";
import { DAY_US, type IsoDate } from "../market/time.js";

/** A date that lies in the calendar, by its number in the book. */
export type DayIndex = number;

export class DayBook {
  private readonly table: DayTable;
  private readonly first: number;
  private readonly last: number;
  private readonly asked: Uint8Array;
  private readonly opens: Float64Array;
  private readonly closes: Float64Array;

  constructor(readonly calendar: Calendar) {
    // A day more on either side, so that the first and last date are whole in any zone.
    this.table = createDayTable(
      calendar.timeZone,
      (dayNumber(calendar.firstDate) - 1) * DAY_US,
      (dayNumber(calendar.lastDate) + 2) * DAY_US,
    );
    this.first = this.table.indexOf(calendar.firstDate);
    this.last = this.table.indexOf(calendar.lastDate);
    this.asked = new Uint8Array(this.table.count);
    this.opens = new Float64Array(this.table.count).fill(NaN);
    this.closes = new Float64Array(this.table.count).fill(NaN);
  }

  /** Number of days the book can hold; every `DayIndex` is below it. */
  get count(): number {
    return this.table.count;
  }

  /** First instant of the first date, and the end of the last, microseconds UTC. */
  get firstUs(): number {
    return this.table.startUs(this.first);
  }

  get endUs(): number {
    return this.table.startUs(this.last + 1);
  }

  /** The date an instant lies on; -1 before and -2 after the dates the calendar knows. */
  dayOf(us: number): DayIndex | -1 | -2 {
    const day = this.table.dateIndex(us);
    if (day >= this.first && day <= this.last) return day;
    return us < this.firstUs ? -1 : -2;
  }

  /** First instant of the date, microseconds UTC; `startUs(day + 1)` ends it. */
  startUs(day: DayIndex): number {
    return this.table.startUs(day);
  }

  date(day: DayIndex): IsoDate {
    return this.table.date(day);
  }

  indexOf(date: IsoDate): DayIndex | -1 {
    return this.table.indexOf(date);
  }

  /** Open of the date's session, NaN when it has none. */
  openUs(day: DayIndex): number {
    if (this.asked[day] === 0) this.ask(day);
    return this.opens[day];
  }

  /** Close of the date's session, NaN when it has none. */
  closeUs(day: DayIndex): number {
    if (this.asked[day] === 0) this.ask(day);
    return this.closes[day];
  }

  session(day: DayIndex): TradingSession | undefined {
    return this.calendar.session(this.table.date(day));
  }

  private ask(day: DayIndex): void {
    this.asked[day] = 1;
    const session = this.session(day);
    if (session) [this.opens[day], this.closes[day]] = [session.openUs, session.closeUs];
  }
}
