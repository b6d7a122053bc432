/** The cause of a hit in words, from the day alone: where the session stands by now does not matter. */
import { assert } from "../assert.js";
import { bucketMinutes } from "../derived/buckets.js";
import { EXCEPTION_WORDS, ORIGIN, REJECT_CAUSES, ROW_CLASS, type RejectCause } from "../market/bars.js";
import { STATUS } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { dueSlots } from "../quality/gaps.js";
import { hasPlace, isPlaceAtom } from "./atom-kinds.js";
import { compare } from "./compare.js";
import type { Condition, DataAtom, MeasureAtom, SlotClass } from "./condition.js";
import { DayWatch, type WatchedDay } from "./day-watch.js";
import { formatAtoms } from "./format-condition.js";

/**
 * Why `condition` holds once `slot` has passed: of a condition with place atoms the place and what holds there (`slot` is the last
 * one passed, −1 at the open), of others the hit. `clock` writes microseconds UTC as `HH:MM` of the exchange. `passed` is a watch of
 * this day that has just passed `slot`: with it a condition without places is told without passing the day again.
 *
 * @example
 * describeHit(condition, symbols, day, slot, clock, openUs); // TSLA quality 94.87 < 95 at 11:42 (gap 11:38–11:42)
 */
export function describeHit(
  condition: Condition,
  symbols: readonly string[],
  day: WatchedDay,
  slot: number,
  clock: (us: number) => string,
  openUs: number,
  passed?: DayWatch,
): string {
  const places = hasPlace(condition) ? condition.atoms.filter(isPlaceAtom) : [];
  const data = condition.atoms.filter((atom): atom is DataAtom => !isPlaceAtom(atom));
  if (data.length === 0) return formatAtoms(places);
  const watch = places.length === 0 && passed ? passed : new DayWatch(symbols, day, [condition]);
  assert(watch !== passed || watch.position === slot + 1, "a watch that stands elsewhere");
  if (watch !== passed) watch.passTo(slot + 1);
  const count = day.grid.symbols;
  const symbol = places.length > 0 ? (watch.holder(0) ?? 0) : slot % count;
  const hit = new Hit(symbols, day, watch, slot, Math.floor(slot / count) + 1, (minute) =>
    clock(openUs + minute * MINUTE_US),
  );
  const causes = data.map((atom) => hit.cause(atom, atom.symbol === undefined ? symbol : symbols.indexOf(atom.symbol)));
  const isFill = data.every(({ kind }) => kind === "fill"); // says its minute itself
  const notes = [...new Set(causes.map(({ note }) => note).filter((note) => note !== undefined))];
  return [
    places.length > 0 ? `${formatAtoms(places)} if ` : "",
    withoutRepeatedNames(causes).join(" and "),
    isFill ? "" : ` at ${hit.time(hit.minutes)}`,
    notes.length > 0 ? ` (${notes.join(", ")})` : "",
  ].join("");
}

interface Cause {
  readonly name: string;
  readonly text: string;
  /** Goes into the brackets at the end. */
  readonly note?: string;
}

function withoutRepeatedNames(causes: readonly Cause[]): string[] {
  return causes.map(({ name, text }, i) => (i > 0 && causes[i - 1].name === name ? text : `${name} ${text}`));
}

class Hit {
  constructor(
    private readonly symbols: readonly string[],
    private readonly day: WatchedDay,
    private readonly watch: DayWatch,
    private readonly slot: number,
    /** Begun by the slot: the data is of the time at their end. */
    readonly minutes: number,
    readonly time: (minute: number) => string,
  ) {}

  cause(atom: DataAtom, symbol: number): Cause {
    const name = this.symbols[symbol];
    switch (atom.kind) {
      case "measure":
        return { name, ...this.measure(atom, symbol) };
      case "class":
        return { name, ...this.rows(atom.name) };
      case "fill": {
        const how =
          this.day.grid.origin[this.slot] === ORIGIN.forwardFilled ? "forward-filled" : "from the second source";
        return { name, text: `${this.time(this.minutes - 1)} filled`, note: how };
      }
      case "derived":
        return { name, text: this.buckets(STATUS[atom.status], atom.status) };
    }
  }

  private measure(atom: MeasureAtom, symbol: number): Omit<Cause, "name"> {
    const { measure, comparison } = atom;
    const value = this.watch.value(symbol, measure) ?? NaN;
    if (measure === "gap") {
      if (value === 0) return { text: "no gap" };
      return { text: `gap of ${counted(value, "bar")} since ${this.time(this.due(symbol) - value)}` };
    }
    const text = `${measure} ${shown(value, atom)} ${comparison} ${atom.value}`;
    return measure === "quality" || measure === "quality30" ? { text, note: this.gapNote(symbol) } : { text };
  }

  /** The gap that is open, or that the symbol's last bar has just closed. */
  private gapNote(symbol: number): string | undefined {
    const { origin, symbols } = this.day.grid;
    const isMissing = (minute: number): boolean => origin[minute * symbols + symbol] !== ORIGIN.streamed;
    const due = this.due(symbol);
    const end = due > 0 && !isMissing(due - 1) ? due - 1 : due;
    let start = end;
    while (start > 0 && isMissing(start - 1)) start--;
    return start < end ? `gap ${this.time(start)}–${this.time(end)}` : undefined;
  }

  private due(symbol: number): number {
    return dueSlots(this.day.grid, symbol, this.slot + 1);
  }

  private rows(name: SlotClass): Omit<Cause, "name"> {
    if (name === "streamed") return { text: `bar ${this.time(this.minutes - 1)} streamed` };
    const { rows, causes } = rowsAt(this.day, this.slot, ROW_CLASS[name]);
    if (name !== "rejected") return { text: counted(rows, `${name} row`) };
    return { text: `${rows === 1 ? "row" : `${rows} rows`} rejected`, note: causes.join(", ") };
  }

  private buckets(status: number, word: string): string {
    const { grid, derived } = this.day;
    const texts: string[] = [];
    for (const { intervalMinutes, status: statuses, count } of derived) {
      const bucket = Math.floor((this.minutes - 1) / intervalMinutes);
      const start = bucket * intervalMinutes;
      const length = bucketMinutes(grid.minutes, intervalMinutes, bucket);
      const at = bucket * grid.symbols + (this.slot % grid.symbols);
      if (start + length !== this.minutes || statuses[at] !== status) continue;
      const of = `(${count[at]} of ${length})`;
      texts.push(`${intervalMinutes}m bar ${this.time(start)}–${this.time(this.minutes)} ${word} ${of}`);
    }
    return texts.join(", ");
  }
}

/** The rows of a class at a slot; an entry of a filtered class stands for several. */
function rowsAt(day: WatchedDay, slot: number, rowClass: number): { rows: number; causes: RejectCause[] } {
  const causes = new Set<RejectCause>();
  let rows = 0;
  for (let i = firstEntryAt(day, slot); i < day.exceptionCount; i++) {
    const [at, kind, third] = day.exceptions.subarray(i * EXCEPTION_WORDS, (i + 1) * EXCEPTION_WORDS);
    if (at !== slot) break;
    if ((kind & 0xff) !== rowClass) continue;
    const isListed = rowClass >= ROW_CLASS.rejected;
    rows += isListed ? 1 : third;
    if (rowClass === ROW_CLASS.rejected) causes.add(REJECT_CAUSES[kind >> 8]);
  }
  return { rows, causes: [...causes] };
}

/** The first exception at `slot` or after it: they are sorted, and a day of bad rows has very many. */
function firstEntryAt({ exceptions, exceptionCount }: WatchedDay, slot: number): number {
  let [low, high] = [0, exceptionCount];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (exceptions[middle * EXCEPTION_WORDS] < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rounded, but never so far that the comparison seems wrong: 94.9996 < 95, not 95.00 < 95. */
function shown(value: number, { measure, comparison, value: bound }: MeasureAtom): string {
  const isShare = measure === "quality" || measure === "quality30";
  for (let decimals = isShare ? 2 : 4; decimals <= 12; decimals++) {
    const text = isShare ? value.toFixed(decimals) : String(Number(value.toFixed(decimals)));
    if (compare(Number(text), comparison, bound)) return text;
  }
  return String(value);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
