/**
 * Reads naive timestamps: wall-clock microseconds without a zone into microseconds UTC, a value at a
 * time, with the two cases a clock change makes told apart.
 */
import { dayNumber, EARLIEST_DATE, LATEST_DATE } from "./dates.js";
import { DAY_US } from "./time.js";
import { parseTimeZone, stretchOf, zoneOffsets, type ZoneOffsets } from "./time-zones.js";

/** `read` of a wall time that never was: the clock was set forward over it. */
export const CLOCK_GAP = Number.NEGATIVE_INFINITY;
/** `read` of a wall time that was twice: the clock was set back over it. */
export const CLOCK_OVERLAP = Number.POSITIVE_INFINITY;

export interface ZoneReader {
  readonly timeZone: string;
  /**
   * The instant (microseconds UTC) at which the zone's wall clock showed `wallUs` (microseconds, counted
   * as if the wall clock were UTC), `CLOCK_GAP` or `CLOCK_OVERLAP`. NaN stays NaN. A few ns for rows in order.
   */
  read(wallUs: number): number;
}

/**
 * A reader of wall times of a zone. Clock changes are known within [fromUs, toUs], by default 1970 to 2100;
 * beyond it the nearest offset goes on, so a row far outside gets some instant far outside.
 * Throws a `UsageError` for a name that is no zone.
 *
 *     const reader = createZoneReader("America/New_York");
 *     reader.read(Date.UTC(2013, 9, 7, 9, 30) * 1000) // 13:30Z in microseconds
 *     reader.read(Date.UTC(2013, 10, 3, 1, 30) * 1000) === CLOCK_OVERLAP // true
 */
export function createZoneReader(timeZone: string, fromUs = EARLIEST_US, toUs = LATEST_US): ZoneReader {
  const zone = parseTimeZone(timeZone);
  // Wall and UTC differ by less than two days, so a range given in either is covered.
  const { startWallUs, shiftUs } = wallStretches(zoneOffsets(zone, fromUs - 2 * DAY_US, toUs + 2 * DAY_US));
  let recent = 0;
  return {
    timeZone: zone,
    read(wallUs) {
      recent = stretchOf(startWallUs, wallUs, recent);
      return wallUs - shiftUs[recent];
    },
  };
}

const EARLIEST_US = dayNumber(EARLIEST_DATE) * DAY_US;
const LATEST_US = (dayNumber(LATEST_DATE) + 1) * DAY_US;

/**
 * The wall clock cut into stretches: ordinary ones carry their offset, and each clock change adds one
 * that carries ∓Infinity, so that subtracting it yields the sentinel without a branch per row.
 *
 *     wall   … before ── │ gap or overlap │ ── after …
 *                      change + smaller  change + larger offset
 */
function wallStretches(offsets: ZoneOffsets): { startWallUs: Float64Array; shiftUs: Float64Array } {
  const { startUs, offsetUs } = offsets;
  const starts = [-Infinity];
  const shifts = [offsetUs[0]];
  for (let i = 1; i < offsetUs.length; i++) {
    const [before, after] = [offsetUs[i - 1], offsetUs[i]];
    starts.push(startUs[i] + Math.min(before, after), startUs[i] + Math.max(before, after));
    shifts.push(after > before ? -CLOCK_GAP : -CLOCK_OVERLAP, after);
  }
  return { startWallUs: Float64Array.of(...starts, Infinity), shiftUs: Float64Array.from(shifts) };
}
