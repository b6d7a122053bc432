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

/** Four present slots of the origin column, seen as one word. */
const FOUR_STREAMED = 0x01010101 * ORIGIN.streamed;

/**
 * Calls `visit` for every slot behind `position` that is missing, filled or not, in order. They are few, so those
 * that are not missing are passed over four at a glance: the end of a day looks at all of its slots several times.
 */
export function eachMissing(
  { symbols, origin }: Pick<DayGrid, "symbols" | "origin">,
  position: number,
  visit: (minute: number, symbol: number) => void,
): void {
  const words = new Int32Array(origin.buffer, origin.byteOffset, position >> 2);
  const rest = words.length * 4;
  const look = (slot: number): void => {
    if (origin[slot] !== ORIGIN.streamed) visit(Math.floor(slot / symbols), slot % symbols);
  };
  for (let word = 0; word < words.length; word++)
    if (words[word] !== FOUR_STREAMED) for (let slot = word * 4; slot < word * 4 + 4; slot++) look(slot);
  for (let slot = rest; slot < position; slot++) look(slot);
}

/**
 * Outage minutes: those in which at least half of the symbols that had been ≥ 95 % before that minute are missing, and
 * at least two: what one symbol misses alone is its gap, and says nothing of the others.
 * `present` names the symbols with rows on that session.
 */
export function findOutages(day: DayGrid, present: readonly number[], position: number): number[] {
  const judge = new OutageJudge(day.symbols, present);
  eachMissing(day, position - (position % day.symbols), (minute, symbol) => judge.missing(minute, symbol));
  return judge.outages();
}

/** Judges the minutes of a day by their missing slots, told in order. */
export class OutageJudge {
  private readonly isPresent: Uint8Array;
  /** Missing minutes of each symbol before the present one. */
  private readonly missed: Int32Array;
  /** Present symbols that miss `minute`. */
  private readonly absent: number[] = [];
  private minute = 0;
  private readonly found: number[] = [];

  constructor(
    symbols: number,
    private readonly present: readonly number[],
  ) {
    this.isPresent = new Uint8Array(symbols);
    for (const symbol of present) this.isPresent[symbol] = 1;
    this.missed = new Int32Array(symbols);
  }

  missing(minute: number, symbol: number): void {
    if (this.isPresent[symbol] === 0) return;
    if (minute !== this.minute) this.endMinute(minute);
    this.absent.push(symbol);
  }

  outages(): number[] {
    this.endMinute(this.minute);
    return this.found;
  }

  private endMinute(next: number): void {
    const { absent, missed, minute } = this;
    if (absent.length > 1 && this.isOutage()) this.found.push(minute);
    for (const symbol of absent) missed[symbol]++;
    absent.length = 0;
    this.minute = next;
  }

  private isOutage(): boolean {
    const { absent, minute, present } = this;
    if (minute === 0) return false; // nobody had been good before
    const missing = absent.filter((symbol) => this.wasGood(symbol)).length;
    if (missing < 2) return false;
    let good = 0;
    for (let i = 0; i < present.length && good <= 2 * missing; i++) if (this.wasGood(present[i])) good++;
    return missing * 2 >= good;
  }

  private wasGood(symbol: number): boolean {
    return this.minute - this.missed[symbol] >= 0.95 * this.minute;
  }
}
