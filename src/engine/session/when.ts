/** Turns times as people write them into places of a plan. */
import { UsageError } from "../errors.js";
import { DateTime } from "luxon";
import { positionAtTime, positionPlace, type Place } from "../protocol/places.js";
import { shapeOf, type SessionPlan } from "../plan.js";

const TIME_OF_DAY = /^(\d{1,2}):(\d{2})$/;
const DATE_AND_TIME = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})$/;

/** `2013-10-08 15:58`: a moment, where `15:58` comes every day. */
export function isDatedTime(text: string): boolean {
  return DATE_AND_TIME.test(text.trim());
}

/** Minutes since midnight of `HH:MM`. Throws a `UsageError` for anything else. */
export function parseTimeOfDay(text: string, what = "time"): number {
  const match = TIME_OF_DAY.exec(text.trim());
  const [hours, minutes] = match ? [Number(match[1]), Number(match[2])] : [NaN, NaN];
  if (!(hours <= 24 && minutes < 60 && hours * 60 + minutes <= 1440))
    throw new UsageError(`${what} "${text}" is no time of day`, "write it like 15:58, in the exchange's time");
  return hours * 60 + minutes;
}

/** Microseconds UTC of a time of day on a session's date, in the exchange's zone. */
export function timeOfSession(plan: SessionPlan, epoch: number, minuteOfDay: number): number {
  const midnight = DateTime.fromISO(plan.sessions[epoch].date, { zone: plan.exchangeZone });
  return midnight.set({ hour: Math.floor(minuteOfDay / 60), minute: minuteOfDay % 60 }).toMillis() * 1000;
}

/**
 * The place of a time: every slot with end ≤ time passed. `15:58` means the session `presentEpoch`,
 * `2013-10-08 15:58` that date's, a number microseconds UTC.
 */
export function placeOfTime(plan: SessionPlan, time: string | number, presentEpoch: number): Place {
  const shape = shapeOf(plan);
  if (plan.sessions.length === 0) throw new UsageError("there is no session to go to", "choose a range that has one");
  if (typeof time === "number") {
    mustBeTime(time);
    const epoch = plan.sessions.findLastIndex((session) => session.openUs <= time);
    return positionPlace(Math.max(epoch, 0), positionAtTime(shape, Math.max(epoch, 0), time));
  }
  const dated = DATE_AND_TIME.exec(time.trim());
  const epoch = dated ? sessionOf(plan, dated[1]) : presentEpoch;
  const minute = parseTimeOfDay(dated ? dated[2] : time);
  return positionPlace(epoch, positionAtTime(shape, epoch, timeOfSession(plan, epoch, minute)));
}

/** Microseconds UTC of a time as `placeOfTime` reads it; it need not lie inside the session. */
export function timeUsOf(plan: SessionPlan, time: string | number, presentEpoch: number): number {
  if (typeof time === "number") return mustBeTime(time);
  const dated = DATE_AND_TIME.exec(time.trim());
  const epoch = dated ? sessionOf(plan, dated[1]) : presentEpoch;
  return timeOfSession(plan, epoch, parseTimeOfDay(dated ? dated[2] : time));
}

function mustBeTime(us: number): number {
  if (Number.isNaN(us)) throw new UsageError(`${us} is no time`, "give microseconds UTC, or text like 15:58");
  return us;
}

function sessionOf(plan: SessionPlan, date: string): number {
  const epoch = plan.sessions.findIndex((session) => session.date === date);
  if (epoch >= 0) return epoch;
  const before = plan.sessions.findLast((session) => session.date < date)?.date;
  const after = plan.sessions.find((session) => session.date > date)?.date;
  throw new UsageError(`there is no session on ${date} in this replay`, neighbours(before, after));
}

function neighbours(before: string | undefined, after: string | undefined): string {
  if (before !== undefined && after !== undefined) return `the sessions next to it are ${before} and ${after}`;
  if (before !== undefined) return `the last session is ${before}`;
  return after === undefined ? "" : `the first session is ${after}`;
}
