/** Random days as plain lists of bars, the grids they are published as, and what straight code says about them. */
import fc from "fast-check";
import { FLAG_PRESENT, ORIGIN, type BarColumns } from "../../src/engine/market/bars.js";
import type { DayGrid, QualityCounters } from "../../src/engine/market/day.js";
import type { FillMode, FillSource } from "../../src/engine/quality/take-in.js";

export interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** `undefined` where there is no bar; index = minute × symbols + symbol. */
export interface BarList {
  readonly symbols: number;
  readonly minutes: number;
  readonly bars: readonly (Bar | undefined)[];
  /** What a second source has. */
  readonly others: readonly (Bar | undefined)[];
}

export const COLUMNS = ["open", "high", "low", "close", "volume"] as const;
export const FILL_MODES: readonly FillMode[] = ["none", "source", "forward"];

export interface Limits {
  readonly mostSymbols?: number;
  readonly mostMinutes?: number;
}

/** Days from empty to full, with quiet symbols, and with minutes in which most symbols miss. */
export function barLists({ mostSymbols = 4, mostMinutes = 40 }: Limits = {}): fc.Arbitrary<BarList> {
  return fc
    .tuple(fc.integer({ min: 1, max: mostSymbols }), fc.integer({ min: 1, max: mostMinutes }))
    .chain(([symbols, minutes]) => {
      const words = fc.array(fc.nat({ max: 0x3fffffff }), {
        minLength: symbols * minutes,
        maxLength: symbols * minutes,
      });
      return fc.record({
        symbols: fc.constant(symbols),
        minutes: fc.constant(minutes),
        words,
        otherWords: words,
        missing: fc.array(fc.constantFrom(0, 2, 30, 80, 100), { minLength: symbols, maxLength: symbols }),
        dead: fc.array(fc.record({ minute: fc.nat({ max: minutes - 1 }), mask: fc.nat({ max: 15 }) }), {
          maxLength: 4,
        }),
      });
    })
    .map(({ symbols, minutes, words, otherWords, missing, dead }) => ({
      symbols,
      minutes,
      bars: words.map((word, slot) => {
        const symbol = slot % symbols;
        const isDead = dead.some(({ minute, mask }) => minute === Math.floor(slot / symbols) && (mask >> symbol) & 1);
        return isDead || word % 100 < missing[symbol] ? undefined : barOf(word);
      }),
      others: otherWords.map((word) => (word % 2 === 0 ? undefined : barOf(word))),
    }));
}

/** A day and a position within it. */
export function barListsAt(limits?: Limits): fc.Arbitrary<{ day: BarList; position: number }> {
  return barLists(limits).chain((day) =>
    fc.record({ day: fc.constant(day), position: fc.nat({ max: day.bars.length }) }),
  );
}

/** Volumes with a fraction: their sums depend on the order of adding, as a sum of rounded volumes does. */
function barOf(word: number): Bar {
  const open = 1 + ((word >> 2) % 997) / 100;
  const close = 1 + ((word >> 7) % 991) / 100;
  const high = Math.max(open, close) + ((word >> 13) % 5) / 100;
  const low = Math.min(open, close) - ((word >> 17) % 5) / 100;
  return { open, high, low, close, volume: ((word >> 11) % 1009) / 10 };
}

/** Cuts [0, end) into pieces, some of them empty. */
export function pieces(end: number, cuts: readonly number[]): [from: number, to: number][] {
  const places = [0, ...cuts.map((cut) => cut % (end + 1)).sort((a, b) => a - b), end];
  return places.slice(1).map((to, i) => [places[i], to]);
}

export const someCuts = fc.array(fc.nat({ max: 100_000 }), { maxLength: 6 });

/** The grid as the coordinator leaves it after `published` slots; all of them unless told. */
export function publishedGrid(day: BarList, published = day.bars.length): DayGrid {
  const grid: DayGrid = {
    minutes: day.minutes,
    symbols: day.symbols,
    bars: emptyColumns(day.bars.length),
    origin: new Uint8Array(day.bars.length),
  };
  day.bars.slice(0, published).forEach((bar, slot) => {
    if (!bar) return;
    for (const column of COLUMNS) grid.bars[column][slot] = bar[column];
    grid.origin[slot] = ORIGIN.streamed;
  });
  return grid;
}

export function emptyColumns(length: number): BarColumns {
  const column = (): Float64Array => new Float64Array(length);
  return { open: column(), high: column(), low: column(), close: column(), volume: column() };
}

export function newCounters(symbols: number): QualityCounters {
  const counter = (): Int32Array => new Int32Array(symbols);
  return {
    observed: counter(),
    missing: counter(),
    filled: counter(),
    openGap: counter(),
    longestGap: counter(),
    gaps: counter(),
    lastClose: new Float64Array(symbols).fill(NaN),
  };
}

export function fillSource(day: BarList, mode: FillMode): FillSource {
  if (mode !== "source") return { mode };
  const bars = emptyColumns(day.others.length);
  // A second source's memory may hold anything where it has no bar.
  for (const column of COLUMNS) bars[column].fill(777);
  const flags = new Uint8Array(day.others.length);
  day.others.forEach((bar, slot) => {
    flags[slot] = bar ? FLAG_PRESENT | (slot % 3 === 0 ? 4 : 0) : 8;
    if (bar) for (const column of COLUMNS) bars[column][slot] = bar[column];
  });
  return { mode, bars, flags };
}

// ---- straight code ----

/** Passed minutes of a symbol as text: `x` where there is a bar, `.` where there is none. */
export function passedMinutes(day: BarList, symbol: number, position: number): string {
  let text = "";
  for (let slot = symbol; slot < position; slot += day.symbols) text += day.bars[slot] ? "x" : ".";
  return text;
}

/** The bar and origin each slot has once `position` slots have passed; streamed bars ahead of it are already published. */
export function straightSlots(
  day: BarList,
  mode: FillMode,
  position: number,
): { bar: Bar | undefined; origin: number }[] {
  return day.bars.map((bar, slot) => {
    if (bar) return { bar, origin: ORIGIN.streamed };
    if (slot >= position || mode === "none") return { bar: undefined, origin: ORIGIN.empty };
    if (mode === "source") {
      const other = day.others[slot];
      return { bar: other, origin: other ? ORIGIN.filled : ORIGIN.empty };
    }
    const before = day.bars.filter((b, s) => b && s < slot && s % day.symbols === slot % day.symbols).at(-1);
    if (!before) return { bar: undefined, origin: ORIGIN.empty };
    const price = before.close;
    return { bar: { open: price, high: price, low: price, close: price, volume: 0 }, origin: ORIGIN.forwardFilled };
  });
}

/** The grid as rows of numbers, for comparison with `straightSlots`. */
export function slotsOf(grid: DayGrid): { bar: Bar | undefined; origin: number }[] {
  return Array.from(grid.origin, (origin, slot) => {
    const { open, high, low, close, volume } = grid.bars;
    const bar = { open: open[slot], high: high[slot], low: low[slot], close: close[slot], volume: volume[slot] };
    if (origin !== ORIGIN.empty) return { bar, origin };
    const isClear = COLUMNS.every((column) => Object.is(bar[column], 0));
    return { bar: isClear ? undefined : bar, origin };
  });
}
