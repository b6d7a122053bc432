/**
 * What is planted in the demo data, declared before a single price exists: which minutes are
 * missing and why, which rows are doubled or broken. The generator follows this plan and tests
 * compare a replay with it, so nothing here may be computed from generated rows.
 */
import type { RejectCause } from "../market/bars.js";
import type { IsoDate } from "../market/time.js";
import { createRandom, DEMO_SEED } from "./random.js";

/** Why a run of minutes has no bar: `quiet` (nobody traded), `outage`, `halt`, `rejected` (its row is bad), `ended` (the stream stops). */
export type DemoGapCause = "quiet" | "outage" | "halt" | "rejected" | "ended";

/** A maximal run of minutes of the regular session without a usable row. Times are exchange-local `HH:MM`, `end` exclusive. */
export interface DemoGap {
  readonly symbol: string;
  readonly date: IsoDate;
  readonly start: string;
  readonly end: string;
  readonly bars: number;
  readonly cause: DemoGapCause;
}

/** A planted row, by the exchange-local time it is stamped with. */
export interface DemoRowFact {
  readonly symbol: string;
  readonly date: IsoDate;
  /** `HH:MM`, or `HH:MM:SS`. */
  readonly time: string;
}

/** A planted row that must be rejected. `instead`: it stands in for the minute's good row, so the minute is a gap. */
export interface DemoBadRow extends DemoRowFact {
  readonly cause: RejectCause;
  readonly instead: boolean;
}

export interface DemoSession {
  readonly date: IsoDate;
  readonly kind: "full" | "half";
  /** Of the regular session. */
  readonly minutes: number;
}

/** Everything planted. Rows of the regular session = minutes − bars of the gaps, + the planted extra rows. */
export interface DemoFacts {
  /** Ascending. */
  readonly symbols: readonly string[];
  /** The symbol that trades too rarely for its quality to be good. */
  readonly illiquid: string;
  readonly sessions: readonly DemoSession[];
  /** Every gap of every symbol, by session, then symbol, then time. */
  readonly gaps: readonly DemoGap[];
  /** Minutes in which most of the symbols are missing at once. */
  readonly outage: {
    readonly date: IsoDate;
    readonly start: string;
    readonly end: string;
    readonly symbols: readonly string[];
  };
  /** Minutes whose row is there twice, equal in every column. */
  readonly duplicates: readonly DemoRowFact[];
  /** Minutes with a second row of other values; the first stored is the good one. */
  readonly conflicts: readonly DemoRowFact[];
  readonly badRows: readonly DemoBadRow[];
  /** Symbols and days with a row stamped exactly at the close (16:00, 13:00 on the half day). */
  readonly atClose: readonly DemoRowFact[];
  /** A stream whose last row of the day starts the minute before `time`; no row of the day follows. */
  readonly ended: readonly DemoRowFact[];
}

const OPEN = "09:30";
const ILLIQUID = "THIN";
const SESSIONS: readonly DemoSession[] = [
  { date: "2025-07-02", kind: "full", minutes: 390 },
  { date: "2025-07-03", kind: "half", minutes: 210 }, // closes 13:00; the 4th is a holiday, then a weekend
  { date: "2025-07-07", kind: "full", minutes: 390 },
];
const [WEDNESDAY, HALF_DAY, MONDAY] = SESSIONS.map((session) => session.date);

const OUTAGE = { date: WEDNESDAY, start: "11:38", end: "11:42", symbols: ["AAPL", "MSFT", "NVDA", "TSLA"] };

/** Gaps of the liquid symbols. TSLA's first three put it below 95 % exactly at 11:42, with the outage: 7 of 132 missing. */
const PLANNED_GAPS: readonly DemoGap[] = [
  gap("AAPL", WEDNESDAY, "14:05", 1, "quiet"),
  gap("MSFT", WEDNESDAY, "13:13", 1, "quiet"),
  gap("NVDA", WEDNESDAY, OPEN, 1, "quiet"), // the first bar of the day comes late
  gap("NVDA", WEDNESDAY, "14:02", 1, "rejected"),
  gap("TSLA", WEDNESDAY, "09:52", 1, "quiet"),
  gap("TSLA", WEDNESDAY, "10:47", 2, "quiet"),
  ...OUTAGE.symbols.map((symbol) => gap(symbol, WEDNESDAY, OUTAGE.start, 4, "outage")),

  gap("MSFT", HALF_DAY, "12:59", 1, "quiet"), // the last bar of the day is lost, yet a row at 13:00 exists
  gap("NVDA", HALF_DAY, "11:21", 2, "quiet"),
  gap("TSLA", HALF_DAY, "10:10", 1, "rejected"),

  gap("MSFT", MONDAY, "15:31", 1, "quiet"),
  gap("NVDA", MONDAY, "10:41", 5, "halt"),
  gap("SPY", MONDAY, "12:31", 1, "rejected"),
  gap("TSLA", MONDAY, "14:30", 90, "ended"),
];

/** The plan of the demo data. @example DEMO_FACTS.gaps.filter((gap) => gap.symbol === "TSLA") */
export const DEMO_FACTS: DemoFacts = {
  symbols: ["AAPL", "MSFT", "NVDA", "SPY", ILLIQUID, "TSLA"],
  illiquid: ILLIQUID,
  sessions: SESSIONS,
  gaps: [...PLANNED_GAPS, ...SESSIONS.flatMap(illiquidGaps)].sort(bySessionSymbolTime),
  outage: OUTAGE,
  duplicates: [
    { symbol: "AAPL", date: WEDNESDAY, time: "10:15" },
    { symbol: "SPY", date: HALF_DAY, time: "11:05" },
    { symbol: "AAPL", date: MONDAY, time: "15:59" }, // the last bar of the day, twice
  ],
  conflicts: [{ symbol: "MSFT", date: WEDNESDAY, time: "13:30" }],
  badRows: [
    { symbol: "NVDA", date: WEDNESDAY, time: "14:02", cause: "highBelowLow", instead: true },
    { symbol: "TSLA", date: HALF_DAY, time: "10:10", cause: "notANumber", instead: true },
    { symbol: "AAPL", date: MONDAY, time: "11:00:17", cause: "notOnMinute", instead: false },
    { symbol: "SPY", date: MONDAY, time: "12:31", cause: "negativeVolume", instead: true },
  ],
  atClose: SESSIONS.flatMap(({ date, kind }) =>
    (kind === "half" ? ["AAPL", "MSFT", "SPY"] : ["AAPL", "MSFT", "NVDA", "SPY"]).map((symbol) => ({
      symbol,
      date,
      time: kind === "half" ? "13:00" : "16:00",
    })),
  ),
  ended: [{ symbol: "TSLA", date: MONDAY, time: "14:30" }],
};

/** Minutes since 09:30 of an exchange-local `HH:MM`; seconds are ignored. Negative before the open. */
export function minuteOfSession(time: string): number {
  return minuteOfDay(time) - minuteOfDay(OPEN);
}

/** The inverse of `minuteOfSession`. */
export function timeOfMinute(minute: number): string {
  const ofDay = minute + minuteOfDay(OPEN);
  return `${String(Math.floor(ofDay / 60)).padStart(2, "0")}:${String(ofDay % 60).padStart(2, "0")}`;
}

function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

function gap(symbol: string, date: IsoDate, start: string, bars: number, cause: DemoGapCause): DemoGap {
  return { symbol, date, start, end: timeOfMinute(minuteOfSession(start) + bars), bars, cause };
}

/** About a third of the minutes, in runs of one to three: low coverage, yet never an outage. */
function illiquidGaps({ date, minutes }: DemoSession, index: number): DemoGap[] {
  const random = createRandom(DEMO_SEED, "gaps", index);
  const gaps: DemoGap[] = [];
  let minute = 0;
  for (;;) {
    minute += 1 + Math.floor(random() * 5);
    const draw = random();
    const bars = draw < 0.6 ? 1 : draw < 0.9 ? 2 : 3;
    if (minute + bars >= minutes) return gaps; // the last minute stays: nothing else hides at the close
    gaps.push(gap(ILLIQUID, date, timeOfMinute(minute), bars, "quiet"));
    minute += bars;
  }
}

function bySessionSymbolTime(a: DemoGap, b: DemoGap): number {
  const key = (of: DemoGap): string => `${of.date} ${of.symbol} ${of.start}`;
  return key(a) < key(b) ? -1 : 1;
}
