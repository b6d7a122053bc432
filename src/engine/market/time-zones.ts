/**
 * Names of time zones, their offsets over time, and wall-clock text for messages.
 * The only file besides calendar.ts that asks luxon anything; `zoneOffsets` turns the answers into
 * a short table, so that readers of millions of rows ask it once.
 */
import { distance } from "fastest-levenshtein";
import { IANAZone } from "luxon";
import { assert } from "../assert.js";
import { UsageError } from "../errors.js";

/** Whether this is the name of an IANA zone, such as `America/New_York` or `UTC`. Offsets such as `+05:00` are not names. */
export function isTimeZone(name: string): boolean {
  // Newer Node accepts "+05:00" as a zone; refusing it keeps all versions alike.
  return /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name);
}

/**
 * Checks the name of a zone a person wrote and returns it, spelt as the zone database spells it.
 * Throws a `UsageError` with the nearest name; `where` (an option such as `--tz`) opens the message.
 *
 *     parseTimeZone("america/new_york") // "America/New_York"
 *     parseTimeZone("New York", "--tz") // --tz: "New York" is not a time zone; did you mean America/New_York?
 */
export function parseTimeZone(text: string, where = ""): string {
  if (isTimeZone(text)) {
    const lower = text.toLowerCase();
    return zoneNames().find((name) => name.toLowerCase() === lower) ?? text;
  }
  throw new UsageError(`${where && `${where}: `}${JSON.stringify(text)} is not a time zone`, timeZoneHint(text));
}

/** What to write instead of a text that names no zone: the nearest name, or an example. */
export function timeZoneHint(text: string): string {
  if (/^[A-Za-z]*[+-]\d/.test(text))
    return "write an IANA name, e.g. America/New_York; a fixed offset has no clock changes";
  const known = ABBREVIATIONS[text.trim().toUpperCase()];
  const nearest = known ?? nearestZone(text);
  return nearest ? `did you mean ${nearest}?` : "write an IANA name, e.g. America/New_York or UTC";
}

/** What people write for a zone that no spelling distance finds. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ET: "America/New_York",
  EDT: "America/New_York",
  NY: "America/New_York",
  NYC: "America/New_York",
  CT: "America/Chicago",
  CDT: "America/Chicago",
  PT: "America/Los_Angeles",
  PDT: "America/Los_Angeles",
  BST: "Europe/London",
  CEST: "Europe/Berlin",
  JST: "Asia/Tokyo",
  HKT: "Asia/Hong_Kong",
  Z: "UTC",
};

function nearestZone(text: string): string | undefined {
  const wanted = letters(text.slice(0, 64));
  let best: string | undefined;
  let bestDistance = Math.floor(wanted.length / 3) + 1;
  for (const name of zoneNames()) {
    // A city alone is as good as the whole name: "london", "New York".
    const city = name.slice(name.lastIndexOf("/") + 1);
    const apart = Math.min(distance(wanted, letters(name)), distance(wanted, letters(city)));
    if (apart < bestDistance) [best, bestDistance] = [name, apart];
  }
  return best;
}

function letters(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, "");
}

function zoneNames(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone")];
}

/**
 * Offsets of a zone over time, as stretches: from `startUs[i]` up to `startUs[i + 1]` the wall clock
 * shows UTC + `offsetUs[i]`. `startUs[0]` is -Infinity and one more entry, +Infinity, ends the last
 * stretch; beyond the range asked for the first and the last offset simply go on.
 */
export interface ZoneOffsets {
  /** Microseconds UTC, ascending; one entry more than `offsetUs`. */
  readonly startUs: Float64Array;
  readonly offsetUs: Float64Array;
}

/** Steps at which a zone is probed. The shortest distance of two changes in any zone since 1970 is above eleven days. */
const PROBE_US = 7 * 86_400_000_000;

/** The offsets of an existing zone between two instants (microseconds UTC), clock changes exact to the millisecond. */
export function zoneOffsets(timeZone: string, fromUs: number, toUs: number): ZoneOffsets {
  assert(isTimeZone(timeZone), `${timeZone} was not checked`);
  assert(fromUs <= toUs && Number.isFinite(toUs - fromUs), `zone range ${fromUs}–${toUs}`);
  const zone = IANAZone.create(timeZone);
  const offsetAt = (us: number): number => Math.round(zone.offset(us / 1000) * 60) * 1_000_000;
  const starts = [-Infinity];
  const offsets = [offsetAt(fromUs)];
  for (let us = fromUs; us < toUs;) {
    const current = offsets[offsets.length - 1];
    const probe = Math.min(us + PROBE_US, toUs);
    if (offsetAt(probe) === current) {
      us = probe;
      continue;
    }
    us = changeBetween(us, probe, (at) => offsetAt(at) !== current);
    starts.push(us);
    offsets.push(offsetAt(us));
  }
  return { startUs: Float64Array.of(...starts, Infinity), offsetUs: Float64Array.from(offsets) };
}

/** First millisecond, in microseconds, at which `changed` holds: not at `beforeUs`, but at `afterUs`. */
function changeBetween(beforeUs: number, afterUs: number, changed: (us: number) => boolean): number {
  let before = Math.floor(beforeUs / 1000);
  let after = Math.ceil(afterUs / 1000);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (changed(middle * 1000)) after = middle;
    else before = middle;
  }
  return after * 1000;
}

/**
 * Index of the stretch that holds `value`, for starts as in `ZoneOffsets`. `recent` is tried first:
 * rows come in order, so it nearly always holds. NaN gives 0, which keeps NaN a NaN for the caller.
 */
export function stretchOf(starts: Float64Array, value: number, recent: number): number {
  if (value >= starts[recent] && value < starts[recent + 1]) return recent;
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Time of day in a zone, for messages: `15:58`, with seconds and fractions only where there are any (`15:58:59.5`).
 * @param us microseconds UTC
 */
export function exchangeTime(us: number, timeZone: string): string {
  return wallText(us, timeZone).slice(11);
}

/**
 * Date and time of day in a zone, for messages: `2013-10-07 15:58`, with seconds and fractions only where there are any.
 * @param us microseconds UTC
 */
export function exchangeDateTime(us: number, timeZone: string): string {
  return wallText(us, timeZone);
}

/** Since 1970 clocks have been changed at full quarters of an hour UTC; Monrovia's once were not, in 1972. */
const QUARTER_US = 15 * 60_000_000;
const MOST_QUARTERS = 10_000;
/** Offsets found already, by zone and quarter: a journal or a chart asks for the same day again and again. */
const knownOffsets = new Map<string, number>();

function offsetAt(us: number, timeZone: string): number {
  const quarter = Math.floor(us / QUARTER_US);
  const key = `${timeZone} ${quarter}`;
  let offsetMs = knownOffsets.get(key);
  if (offsetMs === undefined) {
    if (knownOffsets.size >= MOST_QUARTERS) knownOffsets.clear();
    offsetMs = IANAZone.create(timeZone).offset((quarter * QUARTER_US) / 1000) * 60_000;
    knownOffsets.set(key, offsetMs);
  }
  return offsetMs;
}

function wallText(us: number, timeZone: string): string {
  const offsetMs = offsetAt(us, timeZone);
  const wholeMs = Math.floor(us / 1000);
  const text = new Date(wholeMs + offsetMs).toISOString();
  const seconds = `${text.slice(17, 23)}${String(us - wholeMs * 1000).padStart(3, "0")}`.replace(/\.?0+$/, "");
  return `${text.slice(0, 10)} ${text.slice(11, 16)}${seconds === "00" ? "" : `:${seconds}`}`;
}
