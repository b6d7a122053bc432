/**
 * Time as the engine counts it: whole microseconds since 1970-01-01T00:00:00Z in a plain number
 * (exact up to the year 2255). Zones and calendars are turned into such numbers once per day,
 * never per bar. Knows nothing of files, memory or threads.
 */

export const MINUTE_US = 60_000_000;
export const DAY_US = 86_400_000_000;

/** A calendar date of the exchange, `YYYY-MM-DD`. Compares correctly as text. */
export type IsoDate = string;

/** `2013-10-07T13:30:00Z`; fractions only where there are any. */
export function isoUtc(us: number): string {
  const text = new Date(us / 1000).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text;
}
