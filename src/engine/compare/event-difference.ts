/** The first data event in which two runs of a day differ: one that only one of them has, or a fact of one that both have. */
import { isDeepStrictEqual } from "node:util";
import { MINUTE_US } from "../market/time.js";
import { exchangeDateTime, exchangeTime } from "../market/time-zones.js";
import type { DayDifference } from "./day-difference.js";
import type { RunEvent } from "./event-line.js";
import type { RunDay, RunHeader } from "./run-day.js";

/**
 * Events at an earlier place of a day are the first ones of those at a later place. So the lists must agree as far as the shorter goes,
 * and what the longer has beyond it must lie beyond where the other stands.
 */
export function findEventDifference(a: RunDay, b: RunDay, header: RunHeader): DayDifference | undefined {
  const both = Math.min(a.events.length, b.events.length);
  for (let i = 0; i < both; i++) {
    const [here, there] = [a.events[i], b.events[i]];
    if (isDeepStrictEqual(here, there)) continue;
    if (here.id === there.id) return differingFact(a, header, here, there);
    const isHere = compareIds(here.id, there.id) < 0;
    return onlyOne(a, header, isHere ? here : there, isHere ? "here" : "there");
  }
  const [extra, where, reached] =
    a.events.length > both ? [a.events[both], "here", b] : [b.events.at(both), "there", a];
  return extra && mustBeThere(extra, reached, a, b) ? onlyOne(a, header, extra, where) : undefined;
}

/** A run that has come at least as far as the other must have all its events. */
function mustBeThere(event: RunEvent, reached: RunDay, a: RunDay, b: RunDay): boolean {
  const other = reached === a ? b : a;
  const isAsFar =
    reached.position > other.position || (reached.position === other.position && reached.steps >= other.steps);
  return isAsFar || event.position < reached.position;
}

function onlyOne(day: RunDay, header: RunHeader, event: RunEvent, where: string): DayDifference {
  const { kind, cause, start, end } = event;
  const which = [
    typeof cause === "string" && cause !== kind ? ` (${cause})` : "",
    kind === "gap" ? ` ${factText(start, header.timeZone)}–${factText(end, header.timeZone)}` : "",
  ];
  return told(day, header, event, `${kind}${which.join("")} only ${where}`);
}

function differingFact(day: RunDay, header: RunHeader, here: RunEvent, there: RunEvent): DayDifference {
  const names = new Set([...Object.keys(here), ...Object.keys(there)]);
  const name = [...names].find((fact) => !isDeepStrictEqual(here[fact], there[fact]))!;
  const value = (event: RunEvent): string => factText(event[name], header.timeZone);
  return told(day, header, here, `${here.kind} ${name} ${value(here)} here, ${value(there)} there`);
}

function told(day: RunDay, { symbols, timeZone }: RunHeader, event: RunEvent, text: string): DayDifference {
  const symbol = typeof event.symbol === "string" ? event.symbol : null;
  const minute = Math.floor(event.position / symbols.length);
  const startUs = Math.min(day.openUs + minute * MINUTE_US, day.closeUs);
  const name = [exchangeDateTime(startUs, timeZone).slice(10), symbol].filter((part) => part !== null).join(" ");
  return { minute, symbol, text: `${name}: ${text}` };
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

function factText(value: unknown, timeZone: string): string {
  if (typeof value === "string" && ISO_TIME.test(value)) return exchangeTime(Date.parse(value) * 1000, timeZone);
  if (Array.isArray(value)) return value.join(" ");
  return value === null || value === undefined ? "none" : String(value as string | number);
}

/** In the order of events: by session, position, kind and counter. */
function compareIds(a: string, b: string): number {
  const [first, second] = [a, b].map((id) => id.split(".").map(Number));
  const i = first.findIndex((part, at) => part !== second[at]);
  return i < 0 ? 0 : first[i] - second[i];
}
