/** Gaps, coverage and outages read from the grid: pure functions of the slots behind a position. */
import { ORIGIN } from "../market/bars.js";
import type { DayGrid } from "../market/day.js";

/** A maximal run of missing passed minutes of one symbol. Minutes count from the open; `end` is exclusive. */
export interface Gap {
  readonly start: number;
  readonly end: number;
}

/** Slots of `symbol` that have passed at `position`. */
export function dueSlots(day: DayGrid, symbol: number, position: number): number {
  const rows = Math.floor(position / day.symbols);
  return rows + (position - rows * day.symbols > symbol ? 1 : 0);
}

/**
 * All gaps of a symbol at `position`, in order. A gap still open ends at the last passed minute.
 * @param fromMinute only those that reach into this minute or a later one
 */
export function findGaps(day: DayGrid, symbol: number, position: number, fromMinute = 0): Gap[] {
  const due = dueSlots(day, symbol, position);
  const gaps: Gap[] = [];
  const isMissing = (minute: number): boolean => day.origin[minute * day.symbols + symbol] !== ORIGIN.streamed;
  let first = fromMinute;
  while (first > 0 && first < due && isMissing(first) && isMissing(first - 1)) first--;
  let start = -1;
  for (let minute = first; minute < due; minute++) {
    const missing = isMissing(minute);
    if (missing && start < 0) start = minute;
    if (!missing && start >= 0) {
      gaps.push({ start, end: minute });
      start = -1;
    }
  }
  if (start >= 0) gaps.push({ start, end: due });
  return gaps;
}

/** Observed of due as a percentage; null before the first due slot. */
export function coverage(observed: number, due: number): number | null {
  return due === 0 ? null : (observed / due) * 100;
}

/** Coverage of the last 30 due minutes. */
export function coverage30(day: DayGrid, symbol: number, position: number): number | null {
  const due = dueSlots(day, symbol, position);
  const first = Math.max(0, due - 30);
  let observed = 0;
  for (let minute = first; minute < due; minute++)
    if (day.origin[minute * day.symbols + symbol] === ORIGIN.streamed) observed++;
  return coverage(observed, due - first);
}

/**
 * Outage minutes: those in which at least half of the symbols that had been ≥ 95 % before that minute are missing, and
 * at least two: what one symbol misses alone is its gap, and says nothing of the others.
 * `present` names the symbols with rows on that session.
 */
export function findOutages(day: DayGrid, present: readonly number[], position: number): number[] {
  const { symbols, origin } = day;
  const rows = Math.floor(position / symbols);
  const observed = new Int32Array(symbols);
  const outages: number[] = [];
  for (let minute = 0; minute < rows; minute++) {
    let good = 0;
    let missing = 0;
    const row = minute * symbols;
    const enough = minute > 0 ? 0.95 * minute : Infinity;
    for (let i = 0; i < present.length; i++) {
      const symbol = present[i];
      const isGood = observed[symbol] >= enough;
      if (isGood) good++;
      if (origin[row + symbol] === ORIGIN.streamed) observed[symbol]++;
      else if (isGood) missing++;
    }
    if (missing > 1 && missing * 2 >= good) outages.push(minute);
  }
  return outages;
}
