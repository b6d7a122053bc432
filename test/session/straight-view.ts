/** What a view must show of a random day, by straight code over its list of bars. */
import type { Measure } from "../../src/engine/conditions/condition.js";
import { ORIGIN } from "../../src/engine/market/bars.js";
import type { SymbolQuality } from "../../src/engine/session/views.js";
import { straightSlots, type Bar } from "../quality/random-grid.js";
import { FILTERED, marksOf, OPEN_US, type RandomDay } from "../work/random-day.js";

export const MINUTE_US = 60_000_000;

/** A passed slot of one symbol. */
export interface Passed {
  readonly minute: number;
  readonly slot: number;
  readonly bar: Bar | undefined;
  readonly origin: number;
}

/** The slots of a symbol behind `position`, in order. */
export function passedOf(day: RandomDay, symbol: number, position: number): Passed[] {
  return straightSlots(day, day.fillMode, position)
    .map(({ bar, origin }, slot) => ({ minute: Math.floor(slot / day.symbols), slot, bar, origin }))
    .filter(({ slot }) => slot < position && slot % day.symbols === symbol);
}

const isStreamed = ({ origin }: Passed): boolean => origin === ORIGIN.streamed;

/** Runs of missing minutes as [first, end). */
export function gapsOf(day: RandomDay, symbol: number, position: number): [number, number][] {
  const gaps: [number, number][] = [];
  for (const slot of passedOf(day, symbol, position)) {
    if (isStreamed(slot)) continue;
    const last = gaps.at(-1);
    if (last?.[1] === slot.minute) last[1]++;
    else gaps.push([slot.minute, slot.minute + 1]);
  }
  return gaps;
}

/** A symbol without a row. */
export function isAbsent(day: RandomDay, symbol: number): boolean {
  return (
    day.unread[symbol] === 0 &&
    !day.entries.some((entry) => entry.symbol === symbol) &&
    !day.bars.some((bar, slot) => bar !== undefined && slot % day.symbols === symbol)
  );
}

function share(slots: readonly Passed[]): number | null {
  return slots.length === 0 ? null : (slots.filter(isStreamed).length / slots.length) * 100;
}

export function qualityOf(day: RandomDay, symbol: number, position: number, isOver = false): SymbolQuality {
  const passed = passedOf(day, symbol, position);
  const bars = passed.filter(isStreamed).map(({ bar }) => bar!);
  const gaps = gapsOf(day, symbol, position);
  const lengths = gaps.map(([start, end]) => end - start);
  const isOpen = !isOver && passed.length > 0 && !isStreamed(passed.at(-1)!);
  const absent = isAbsent(day, symbol);
  const rows = (name: string): number =>
    day.entries.filter(
      (entry) =>
        entry.symbol === symbol &&
        entry.rowClass === name &&
        !FILTERED.includes(entry.rowClass) &&
        entry.minute * day.symbols + symbol < position,
    ).length;
  return {
    symbol: `S${symbol}`,
    due: passed.length,
    observed: bars.length,
    missing: passed.length - bars.length,
    filled: passed.filter(({ origin }) => origin > ORIGIN.streamed).length,
    percent: absent ? null : share(passed),
    percent30: absent ? null : share(passed.slice(-30)),
    gaps: gaps.length,
    longestGap: Math.max(0, ...lengths),
    openGap: isOpen ? lengths.at(-1)! : 0,
    duplicates: rows("duplicate"),
    conflicts: rows("conflict"),
    rejected: rows("rejected"),
    flagged: bars.filter((bar) => marksOf(bar).length > 0).length,
    open: bars[0]?.open ?? null,
    high: bars.length === 0 ? null : Math.max(...bars.map(({ high }) => high)),
    low: bars.length === 0 ? null : Math.min(...bars.map(({ low }) => low)),
    last: bars.at(-1)?.close ?? null,
    volume: bars.reduce((sum, { volume }) => sum + volume, 0),
    absent,
  };
}

/** Minutes in which half of the symbols that had been at 95 % or more before are missing, and at least two. */
export function outagesOf(day: RandomDay, position: number): number[] {
  const outages: number[] = [];
  for (let minute = 1; (minute + 1) * day.symbols <= position; minute++) {
    let good = 0;
    let missing = 0;
    for (let symbol = 0; symbol < day.symbols; symbol++) {
      const passed = passedOf(day, symbol, position);
      if (isAbsent(day, symbol) || (share(passed.slice(0, minute)) ?? 0) < 95) continue;
      good++;
      if (!isStreamed(passed[minute])) missing++;
    }
    if (missing > 1 && missing * 2 >= good) outages.push(OPEN_US + minute * MINUTE_US);
  }
  return outages;
}

/** As conditions define them: coverage is unknown before 20 due slots. */
export function measureOf(day: RandomDay, symbol: number, position: number, measure: Measure): number | null {
  const { due, percent, percent30, last, high, low, volume } = qualityOf(day, symbol, position);
  switch (measure) {
    case "quality":
      return due < 20 ? null : percent;
    case "quality30":
      return due < 20 ? null : percent30;
    case "gap":
      return qualityOf(day, symbol, position).openGap;
    case "last":
      return last;
    case "high":
      return high;
    case "low":
      return low;
    case "volume":
      return volume;
  }
}
