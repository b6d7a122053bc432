/** A moment of a session, as people and programs read it. Knows the zone of the exchange, and no session. */
import { DateTime } from "luxon";
import { isoUtc, UsageError } from "../../engine/index.js";
import { clockOf } from "./column.js";
import { inspectAs } from "./display.js";

/**
 * A moment as an argument. Text is exchange time, `"15:58"` or `"2013-10-08 15:58"`; a number is microseconds UTC; a
 * `Date` or a luxon `DateTime` is the moment it is, in whatever zone it was written.
 *
 * @example
 * await s.goto("2025-07-03 12:45");
 * await s.goto(new Date("2025-07-03T16:45:00Z")); // the same place
 * await s.goto(DateTime.fromISO("2025-07-03T18:45", { zone: "Europe/Berlin" })); // and again
 */
export type When = (string & {}) | number | Date | Time | DateTime;

/** A moment as the engine takes it. */
export function engineTime(when: When): string | number {
  if (typeof when === "string" || typeof when === "number") return when;
  if (when instanceof Time) return when.us;
  // A DateTime of another copy of luxon is one too.
  const ms = when instanceof Date ? when.getTime() : typeof when?.toMillis === "function" ? when.toMillis() : NaN;
  if (Number.isFinite(ms)) return Math.round(ms * 1000);
  throw new UsageError(`${String(when)} is no time`, 'give text like "15:58", microseconds UTC, a Date or a DateTime');
}

/**
 * A moment of a session: whole microseconds UTC, and the exchange's zone to read it in. Compares with `<` and `-` as
 * its microseconds do.
 *
 * @example
 * const { time } = await s.until("10:15");
 * time.text; // "2025-07-02 10:15"
 * time.iso; // "2025-07-02T14:15:00Z"
 * time > s.opensAt; // true
 */
export class Time {
  /**
   * @param us microseconds since 1970-01-01T00:00:00Z
   * @param zone the exchange's zone, e.g. `America/New_York`
   */
  constructor(
    readonly us: number,
    readonly zone: string,
  ) {}

  /** UTC, e.g. `"2025-07-02T14:15:00Z"`. */
  get iso(): string {
    return isoUtc(this.us);
  }

  /** Exchange time, e.g. `"2025-07-02 10:15"`. What `until` and `goto` take. */
  get text(): string {
    return this.#format(this.us % 60_000_000 === 0 ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss");
  }

  /** The date at the exchange, e.g. `"2025-07-02"`. */
  get date(): string {
    return this.#format("yyyy-MM-dd");
  }

  /** The time of day at the exchange, e.g. `"10:15"`. */
  get clock(): string {
    return this.#format("HH:mm");
  }

  /** The short name of the zone at that moment, as everywhere in bardeck, e.g. `"EDT"`; `"GMT+2"` where there is none. */
  get zoneName(): string {
    return clockOf(this.zone).zone(this.us);
  }

  /**
   * The moment as a luxon `DateTime` in the exchange's zone.
   *
   * @example
   * s.time.toLuxon().weekdayLong; // "Wednesday"
   */
  toLuxon(): DateTime {
    return DateTime.fromMillis(this.us / 1000, { zone: this.zone });
  }

  /**
   * The moment as a `Date`.
   *
   * @example
   * s.time.toDate().getUTCHours(); // 14
   */
  toDate(): Date {
    return new Date(this.us / 1000);
  }

  /**
   * Text with its zone.
   *
   * @example
   * String(s.time); // "2025-07-02 10:15 EDT"
   */
  toString(): string {
    return `${this.text} ${this.zoneName}`;
  }

  /**
   * As `iso`.
   *
   * @example
   * JSON.stringify({ at: s.time }); // {"at":"2025-07-02T14:15:00Z"}
   */
  toJSON(): string {
    return this.iso;
  }

  /**
   * Microseconds, so that `<` and `-` work.
   *
   * @example
   * Number(s.time) - Number(s.opensAt);
   */
  valueOf(): number {
    return this.us;
  }

  #format(pattern: string): string {
    return this.toLuxon().toFormat(pattern, { locale: "en-US" });
  }
}
inspectAs(Time.prototype, function (this: Time) {
  return this.toString();
});
