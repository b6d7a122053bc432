/**
 * Where two runs part, in words: first what they are runs of, then day by day the first minute that differs, in it the first
 * slot, or the event. Two runs that are equal as far as both go are equal.
 */
import type { IsoDate } from "../market/time.js";
import { MINUTE_US } from "../market/time.js";
import { exchangeDateTime } from "../market/time-zones.js";
import { EOD_STEPS } from "../protocol/phases.js";
import type { DayDifference } from "./day-difference.js";
import { findEventDifference } from "./event-difference.js";
import { digestSteps, type RunDay, type RunHeader, type RunReader } from "./run-day.js";
import { findSlotDifference } from "./slot-difference.js";

/** Where two runs part. All null when they are equal as far as both go. */
export interface Difference {
  readonly equal: boolean;
  /** `2013-10-08 10:14 SPY: close 168.02 here, 168.03 there`; of equal runs what was compared: `2 days, 780 minutes, 61 events, to 2013-10-08 16:00`. */
  readonly text: string;
  readonly date: IsoDate | null;
  /** End of the first minute that differs, microseconds UTC. */
  readonly timeUs: number | null;
  readonly symbol: string | null;
  /** Minutes, days and events that were compared. */
  readonly compared: { readonly days: number; readonly minutes: number; readonly events: number };
}

/**
 * Compares two runs, a day of each in memory at a time. Rejects as the readers do.
 *
 * @param here what is called `here` in the text
 * @example
 * const { equal, text } = await compareRuns(present, await openRun("run1.ndjson"));
 */
export async function compareRuns(here: RunReader, there: RunReader): Promise<Difference> {
  const compared = { days: 0, minutes: 0, events: 0 };
  const cause = here.header.inputDigest === there.header.inputDigest ? "the same data files" : "other data files";
  const differ = (text: string, where: Partial<Difference> = {}): Difference => ({
    equal: false,
    date: null,
    timeUs: null,
    symbol: null,
    ...where,
    text: `${text}; read from ${cause}`,
    compared,
  });
  const headers = compareHeaders(here.header, there.header);
  if (headers !== undefined) return differ(headers);
  const { timeZone } = here.header;
  let lastUs: number | undefined;
  let goesOn: string | undefined;
  for await (const [a, b] of pairs(here.days(), there.days())) {
    if (!a || !b) {
      goesOn = `${a ? "here" : "there"} goes on with ${(a ?? b)?.date}`;
      break;
    }
    const difference = compareDays(a, b, here.header);
    if (difference) {
      const { minute, symbol, text } = difference;
      const timeUs = minute === undefined ? null : Math.min(a.openUs + (minute + 1) * MINUTE_US, a.closeUs);
      return differ(`${a.date}${text}`, { date: a.date, timeUs, symbol });
    }
    compared.days++;
    compared.minutes += Math.min(a.minutes.length, b.minutes.length);
    compared.events += Math.min(a.events.length, b.events.length);
    lastUs = a.openUs + Math.min(a.minutes.length, b.minutes.length) * MINUTE_US;
    const [far, near] = a.position > b.position ? ["here", b.position] : ["there", a.position];
    if (a.position !== b.position) goesOn = `${far} goes on after slot ${near}`;
  }
  return {
    equal: true,
    text: equalText(compared, lastUs, timeZone, goesOn),
    date: null,
    timeUs: null,
    symbol: null,
    compared,
  };
}

function equalText(
  { days, minutes, events }: Difference["compared"],
  lastUs: number | undefined,
  timeZone: string,
  goesOn: string | undefined,
): string {
  const counts = [count(days, "day"), count(minutes, "minute"), count(events, "event")].join(", ");
  const end = lastUs === undefined ? "" : `, to ${exchangeDateTime(lastUs, timeZone)}`;
  return `${counts}${end}${goesOn === undefined ? "" : `; ${goesOn}`}`;
}

function count(value: number, one: string): string {
  return `${value.toLocaleString("en-US")} ${one}${value === 1 ? "" : "s"}`;
}

/** What makes two runs incomparable, or undefined. Another range of sessions does not. */
function compareHeaders(a: RunHeader, b: RunHeader): string | undefined {
  const onlyHere = a.symbols.filter((symbol) => !b.symbols.includes(symbol));
  const onlyThere = b.symbols.filter((symbol) => !a.symbols.includes(symbol));
  if (onlyHere.length + onlyThere.length > 0)
    return `symbols: ${[some(onlyHere, "here"), some(onlyThere, "there")].filter((part) => part !== "").join(", ")}`;
  const intervals = ({ intervals }: RunHeader): string => intervals.map((minutes) => `${minutes}m`).join(" ") || "none";
  const rows: readonly (readonly [string, string, string])[] = [
    ["symbols", a.symbols.join(" "), b.symbols.join(" ")],
    ["calendar", a.calendar, b.calendar],
    ["time zone", a.timeZone, b.timeZone],
    ["derived bars", intervals(a), intervals(b)],
    ["fill", a.fill, b.fill],
  ];
  const differing = rows.find(([, here, there]) => here !== there);
  return differing && `${differing[0]}: ${differing[1]} here, ${differing[2]} there`;
}

const MOST_SYMBOLS_NAMED = 5;

function some(symbols: readonly string[], where: string): string {
  if (symbols.length === 0) return "";
  const more = symbols.length - MOST_SYMBOLS_NAMED;
  return `${symbols.slice(0, MOST_SYMBOLS_NAMED).join(" ")}${more > 0 ? ` and ${more} more` : ""} only ${where}`;
}

/** The first difference of a day; what comes later than both stand is not compared. */
function compareDays(a: RunDay, b: RunDay, header: RunHeader): DayDifference | undefined {
  const whole = (text: string): DayDifference => ({ minute: undefined, symbol: null, text });
  if (a.date !== b.date) return whole(` here, ${b.date} there`);
  if (a.openUs !== b.openUs || a.closeUs !== b.closeUs)
    return whole(`: ${hours(a, header.timeZone)} here, ${hours(b, header.timeZone)} there`);
  const slot = findSlotDifference(a, b, header);
  if (slot) {
    const row = findEventDifference(withoutSteps(a), withoutSteps(b), header);
    return row && row.minute! < slot.minute! ? row : slot;
  }
  const event = findEventDifference(a, b, header);
  if (event) return event;
  const isSamePlace = a.position === b.position && digestSteps(a.steps) === digestSteps(b.steps);
  if (isSamePlace && a.digest !== b.digest)
    return whole(": the digests differ, though bars and events do not: rows that became no bar lie elsewhere");
  return undefined;
}

/** Where the streams end follows from the bars: a last bar that is missing is the cause, the earlier hand-over is not. */
function withoutSteps(day: RunDay): RunDay {
  return { ...day, events: day.events.filter(({ kind }) => !EOD_STEPS.some((step) => step === kind)) };
}

function hours({ openUs, closeUs }: RunDay, timeZone: string): string {
  return [openUs, closeUs].map((us) => exchangeDateTime(us, timeZone).slice(11)).join("–");
}

/** Both in step; undefined where one has come to its end. */
async function* pairs<T>(a: AsyncIterable<T>, b: AsyncIterable<T>): AsyncGenerator<readonly [T?, T?]> {
  const iterators = [a[Symbol.asyncIterator](), b[Symbol.asyncIterator]()] as const;
  try {
    for (;;) {
      const [first, second] = [await iterators[0].next(), await iterators[1].next()];
      if (first.done && second.done) return;
      yield [first.done ? undefined : first.value, second.done ? undefined : second.value];
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}
