/**
 * Which exchange-local date an instant lies on, asked once per row of a file: arithmetic on a table
 * built once, no date library.
 */
import { assert } from "../assert.js";
import { dateOfDayNumber, dayNumber } from "./dates.js";
import { DAY_US, type IsoDate } from "./time.js";
import { parseTimeZone, stretchOf, zoneOffsets, type ZoneOffsets } from "./time-zones.js";

/** Limit of a table: more than 250 years of days are no market data but a unit misread. */
const MAX_DAYS = 100_000;

/** Consecutive local dates of a zone, numbered from 0. */
export interface DayTable {
  readonly timeZone: string;
  /** Number of dates; valid indices are 0 … count - 1. */
  readonly count: number;
  /** Index of the local date of an instant (microseconds UTC); -1 outside the table and for NaN. A few ns for rows in order. */
  dateIndex(us: number): number;
  /** The date at an index. */
  date(index: number): IsoDate;
  /** Index of a date, -1 when it is not in the table. */
  indexOf(date: IsoDate): number;
  /**
   * First instant (microseconds UTC) of the date: local midnight, or the end of a gap in the clock that
   * swallows midnight. `startUs(count)` is the end of the last date, so a day lasts
   * `startUs(i + 1) - startUs(i)`: 23 or 25 hours across a clock change.
   */
  startUs(index: number): number;
}

/**
 * The local dates touched by [fromUs, toUs] (microseconds UTC, both inclusive), right across clock changes.
 * Throws a `UsageError` for a name that is no zone.
 *
 *     const days = createDayTable("America/New_York", fromUs, toUs);
 *     days.date(days.dateIndex(us)) // "2013-10-07"
 */
export function createDayTable(timeZone: string, fromUs: number, toUs: number): DayTable {
  const zone = parseTimeZone(timeZone);
  // Two days more on either side hold every midnight of the first and last date, whatever the offset.
  const offsets = zoneOffsets(zone, fromUs - 2 * DAY_US, toUs + 2 * DAY_US);
  let recent = 0;
  const dayOf = (us: number): number => {
    recent = stretchOf(offsets.startUs, us, recent);
    return Math.floor((us + offsets.offsetUs[recent]) / DAY_US);
  };
  const firstDay = dayOf(fromUs);
  const count = dayOf(toUs) - firstDay + 1;
  assert(count >= 1 && count <= MAX_DAYS, `a day table of ${count} days`);
  const starts = localMidnights(offsets, firstDay, count + 1);
  const dates: IsoDate[] = [];
  return {
    timeZone: zone,
    count,
    dateIndex(us) {
      const index = dayOf(us) - firstDay;
      return index >= 0 && index < count ? index : -1;
    },
    date(index) {
      assert(index >= 0 && index < count, `date ${index} of ${count}`);
      return (dates[index] ??= dateOfDayNumber(firstDay + index));
    },
    indexOf(date) {
      const index = dayNumber(date) - firstDay;
      return index >= 0 && index < count ? index : -1;
    },
    startUs(index) {
      assert(index >= 0 && index <= count, `start ${index} of ${count}`);
      return starts[index];
    },
  };
}

/** For each day number from `firstDay` on, the first instant whose wall clock has reached its 00:00. */
function localMidnights(offsets: ZoneOffsets, firstDay: number, count: number): Float64Array {
  const { startUs, offsetUs } = offsets;
  const starts = new Float64Array(count);
  let stretch = 0;
  for (let i = 0; i < count; i++) {
    const midnight = (firstDay + i) * DAY_US;
    // A stretch that ends before its wall clock shows midnight leaves it to the next, which may start past it.
    while (midnight - offsetUs[stretch] >= startUs[stretch + 1]) stretch++;
    starts[i] = Math.max(startUs[stretch], midnight - offsetUs[stretch]);
  }
  return starts;
}
