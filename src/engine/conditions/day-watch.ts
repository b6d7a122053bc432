/**
 * Judges conditions slot by slot: the numbers of every symbol's session so far, and which conditions become true. A function of the
 * slots passed alone, however they are cut into calls (I13). Knows neither threads nor how the slots come to be: by the time one is passed
 * here, its origin, its fill and the derived bars it finishes are there. Place atoms are not its business (condition-places.ts).
 */
import { assert } from "../assert.js";
import { EXCEPTION_WORDS, ORIGIN, ROW_CLASS, ROW_CLASSES } from "../market/bars.js";
import { STATUS, type DayGrid, type DerivedGrid } from "../market/day.js";
import { isMeasureAtom, isPulseAtom } from "./atom-kinds.js";
import { compare } from "./compare.js";
import { MEASURES, type Comparison, type Condition, type Measure, type PulseAtom } from "./condition.js";

/** A day as conditions see it; ahead of the slots passed nothing is read. */
export interface WatchedDay {
  readonly grid: DayGrid;
  readonly derived: readonly DerivedGrid[];
  /** Sorted by slot, `EXCEPTION_WORDS` words an entry. */
  readonly exceptions: Uint32Array;
  readonly exceptionCount: number;
  /** Symbols without a row on the session: their quality is unknown. Nobody when left out. */
  readonly absent?: readonly boolean[];
}

/** Due slots before quality is known. */
const FEWEST_DUE = 20;
const LAST_MINUTES = 30;

/** Things that happen at one slot, a bit each: row classes by their number, then these. */
const FILL_BIT = 1 << ROW_CLASSES.length;
const STREAMED_BIT = 1 << ROW_CLASS.streamed;
const STATUS_BIT = ROW_CLASSES.length + 1;

/** Number of each measure. */
const NUMBER = { quality: 0, quality30: 1, gap: 2, last: 3, high: 4, low: 5, volume: 6 } as const satisfies Record<
  Measure,
  number
>;

const ANY = -1;
const NEVER = -2;

interface WatchedMeasure {
  /** `ANY`: of the symbol whose slot passes. */
  readonly symbol: number;
  /** Where the measure's numbers begin. */
  readonly begin: number;
  readonly comparison: Comparison;
  readonly value: number;
}

interface Watched {
  readonly measures: readonly WatchedMeasure[];
  /** Bits of what must happen at the slot; 0 for a condition that is judged by its edge. */
  readonly pulses: number;
  readonly pulseSymbol: number;
  /** A condition whose atoms all name symbols is one for all, judged at their slots: those have a 1. */
  readonly named: Uint8Array | undefined;
  /** Whether it was true after the last slot of each symbol; of one with `named` only the first counts. */
  readonly wasTrue: Uint8Array;
}

/**
 * The conditions of a day while its slots pass.
 *
 * A condition hits at a slot of symbol s when it is true after it and was not after the slot of s before; a session begins with
 * none true. Atoms without a symbol speak of s. One whose atoms all name symbols is judged at their slots only, against the
 * last of those. One with a pulse (class, fill, derived) hits at every slot where all its pulses happen and the rest is true.
 *
 * @example
 * const watch = new DayWatch(["SPY"], day, [parseCondition("gap>=3", { symbols: ["SPY"] })]);
 * while (watch.position < 390) if (watch.pass().length > 0) console.log(`hit at slot ${watch.position - 1}`);
 */
export class DayWatch {
  private readonly watched: readonly Watched[];
  private readonly slots: number;
  private readonly needsPulses: boolean;
  private readonly observed: Int32Array;
  private readonly observed30: Int32Array;
  /** Every measure of every symbol, NaN while unknown: index = number of the measure × symbols + symbol. */
  private readonly numbers: Float64Array;
  private readonly hits: number[] = [];
  private passed = 0;
  private minute = 0;
  private symbol = 0;
  private exception = 0;

  /** Data atoms alone count. Symbols in the order of the grid. */
  constructor(
    symbols: readonly string[],
    private readonly day: WatchedDay,
    conditions: readonly Condition[],
  ) {
    const count = day.grid.symbols;
    assert(symbols.length === count, `${symbols.length} symbols for a grid of ${count}`);
    this.slots = day.grid.minutes * count;
    this.watched = conditions.map((condition) => watchedCondition(condition, symbols));
    this.needsPulses = this.watched.some(({ pulses }) => pulses !== 0);
    this.observed = new Int32Array(count);
    this.observed30 = new Int32Array(count);
    this.numbers = new Float64Array(MEASURES.length * count).fill(NaN);
    this.numbers.fill(0, NUMBER.gap * count, (NUMBER.gap + 1) * count);
    this.numbers.fill(0, NUMBER.volume * count, (NUMBER.volume + 1) * count);
  }

  /** Slots passed. */
  get position(): number {
    return this.passed;
  }

  /** Passes the slot at `position` and returns the indices of the conditions that hit there, ascending. The array is used again. */
  pass(): readonly number[] {
    const { hits, watched, symbol } = this;
    if (hits.length > 0) hits.length = 0;
    this.countSlot();
    const pulses = this.needsPulses ? this.pulsesOf(this.passed) : 0;
    for (let i = 0; i < watched.length; i++) if (this.judge(watched[i], symbol, pulses)) hits.push(i);
    this.moveOn();
    return hits;
  }

  /** Passes the slots up to `position` without telling hits. */
  passTo(position: number): void {
    assert(position >= this.passed && position <= this.slots, `no way from slot ${this.passed} to ${position}`);
    // What was true after the last slot of each symbol is settled by the last row.
    const lastRow = position - this.day.grid.symbols;
    while (this.passed < lastRow) {
      this.countSlot();
      this.moveOn();
    }
    while (this.passed < position) this.pass();
  }

  /** Whether the data atoms of condition `i` hold now; atoms without a symbol all of one symbol. What happens at a slot does not last: false. */
  holds(i: number): boolean {
    return this.holder(i) !== undefined;
  }

  /** The first symbol of which condition `i` holds now; for one whose atoms all name symbols simply the first. */
  holder(i: number): number | undefined {
    const condition = this.watched[i];
    if (condition.pulses !== 0) return undefined;
    for (let symbol = 0; symbol < this.day.grid.symbols; symbol++) if (this.isTrue(condition, symbol)) return symbol;
    return undefined;
  }

  /** A number of a symbol's session so far; null while it is unknown. */
  value(symbol: number, measure: Measure): number | null {
    const value = this.numbers[NUMBER[measure] * this.day.grid.symbols + symbol];
    return Number.isNaN(value) ? null : value;
  }

  private countSlot(): void {
    const { symbol, minute, passed: slot, numbers, observed, observed30 } = this;
    const { grid } = this.day;
    const { origin, symbols } = grid;
    assert(slot < this.slots, "the day is over");
    if (minute >= LAST_MINUTES && origin[slot - LAST_MINUTES * symbols] === ORIGIN.streamed) observed30[symbol]--;
    if (origin[slot] === ORIGIN.streamed) {
      observed[symbol]++;
      observed30[symbol]++;
      this.countBar(slot, symbol);
    } else numbers[NUMBER.gap * symbols + symbol]++;
    const due = minute + 1;
    if (due < FEWEST_DUE || this.day.absent?.[symbol] === true) return;
    // As `coverage` of quality/gaps.ts has it, but that may answer null and so costs memory at every slot.
    numbers[NUMBER.quality * symbols + symbol] = (observed[symbol] / due) * 100;
    numbers[NUMBER.quality30 * symbols + symbol] = (observed30[symbol] / Math.min(due, LAST_MINUTES)) * 100;
  }

  private countBar(slot: number, symbol: number): void {
    const { numbers } = this;
    const { bars, symbols } = this.day.grid;
    const high = NUMBER.high * symbols + symbol;
    const low = NUMBER.low * symbols + symbol;
    numbers[NUMBER.gap * symbols + symbol] = 0;
    numbers[NUMBER.last * symbols + symbol] = bars.close[slot];
    // Written so that the first bar replaces NaN.
    if (!(bars.high[slot] <= numbers[high])) numbers[high] = bars.high[slot];
    if (!(bars.low[slot] >= numbers[low])) numbers[low] = bars.low[slot];
    numbers[NUMBER.volume * symbols + symbol] += bars.volume[slot];
  }

  private moveOn(): void {
    this.passed++;
    if (++this.symbol < this.day.grid.symbols) return;
    this.symbol = 0;
    this.minute++;
  }

  private pulsesOf(slot: number): number {
    const { grid, derived, exceptions, exceptionCount } = this.day;
    const origin = grid.origin[slot];
    let bits = origin === ORIGIN.streamed ? STREAMED_BIT : origin === ORIGIN.empty ? 0 : FILL_BIT;
    while (this.exception < exceptionCount) {
      const entry = this.exception * EXCEPTION_WORDS;
      if (exceptions[entry] > slot) break;
      if (exceptions[entry] === slot) bits |= 1 << (exceptions[entry + 1] & 0xff);
      this.exception++;
    }
    const end = this.minute + 1;
    for (let i = 0; i < derived.length; i++) {
      const { intervalMinutes, status } = derived[i];
      if (end % intervalMinutes !== 0 && end !== grid.minutes) continue;
      const bucket = Math.floor(this.minute / intervalMinutes);
      const of = status[bucket * grid.symbols + this.symbol];
      if (of !== STATUS.none) bits |= 1 << (STATUS_BIT + of);
    }
    return bits;
  }

  private judge(condition: Watched, symbol: number, pulses: number): boolean {
    if (condition.pulses !== 0) {
      if ((pulses & condition.pulses) !== condition.pulses) return false;
      if (condition.pulseSymbol !== ANY && condition.pulseSymbol !== symbol) return false;
      return this.isTrue(condition, symbol);
    }
    const { named, wasTrue } = condition;
    if (named !== undefined && named[symbol] === 0) return false;
    const at = named === undefined ? symbol : 0;
    const before = wasTrue[at];
    const now = this.isTrue(condition, symbol);
    wasTrue[at] = now ? 1 : 0;
    return now && before === 0;
  }

  private isTrue(condition: Watched, symbol: number): boolean {
    const { measures } = condition;
    for (let i = 0; i < measures.length; i++) {
      const atom = measures[i];
      const at = atom.begin + (atom.symbol === ANY ? symbol : atom.symbol);
      if (!compare(this.numbers[at], atom.comparison, atom.value)) return false;
    }
    return true;
  }
}

function watchedCondition({ atoms }: Condition, symbols: readonly string[]): Watched {
  const indexOf = (symbol: string | undefined): number => {
    if (symbol === undefined) return ANY;
    const index = symbols.indexOf(symbol);
    assert(index >= 0, `a condition on ${symbol}, which is not replayed`);
    return index;
  };
  const measures = atoms.filter(isMeasureAtom).map(({ symbol, measure, comparison, value }): WatchedMeasure => ({
    symbol: indexOf(symbol),
    begin: NUMBER[measure] * symbols.length,
    comparison,
    value,
  }));
  const pulseAtoms = atoms.filter(isPulseAtom);
  const pulseOwners = new Set(pulseAtoms.map(({ symbol }) => indexOf(symbol)).filter((symbol) => symbol !== ANY));
  const [pulseSymbol = ANY] = pulseOwners;
  const isNamed = measures.every(({ symbol }) => symbol !== ANY);
  const named = isNamed ? new Uint8Array(symbols.length) : undefined;
  if (named) for (const { symbol } of measures) named[symbol] = 1;
  return {
    measures,
    pulses: pulseAtoms.reduce((bits, atom) => bits | pulseBit(atom), 0),
    pulseSymbol: pulseOwners.size > 1 ? NEVER : pulseSymbol,
    named,
    wasTrue: new Uint8Array(isNamed ? 1 : symbols.length),
  };
}

function pulseBit(atom: PulseAtom): number {
  switch (atom.kind) {
    case "class":
      return 1 << ROW_CLASS[atom.name];
    case "fill":
      return FILL_BIT;
    case "derived":
      return 1 << (STATUS_BIT + STATUS[atom.status]);
  }
}
