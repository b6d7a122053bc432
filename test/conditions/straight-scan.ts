/** What conditions come to, said by straight code: every number anew from the slots at every position. */
import type { Condition, DataAtom, Measure } from "../../src/engine/conditions/condition.js";
import type { WatchedDay } from "../../src/engine/conditions/day-watch.js";
import { EXCEPTION_WORDS, ORIGIN, ROW_CLASSES } from "../../src/engine/market/bars.js";
import { BUCKET_STATUS } from "../../src/engine/market/day.js";
import { coverage } from "../../src/engine/quality/gaps.js";

/** Slots of a symbol behind a position, oldest first. */
function passedSlots({ grid }: WatchedDay, symbol: number, position: number): number[] {
  const slots: number[] = [];
  for (let slot = symbol; slot < position; slot += grid.symbols) slots.push(slot);
  return slots;
}

export function straightValue(day: WatchedDay, symbol: number, measure: Measure, position: number): number | null {
  const { origin, bars } = day.grid;
  const passed = passedSlots(day, symbol, position);
  const isStreamed = (slot: number): boolean => origin[slot] === ORIGIN.streamed;
  const streamed = passed.filter(isStreamed);
  const share = (slots: number[]): number | null =>
    passed.length < 20 || day.absent?.[symbol] ? null : coverage(slots.filter(isStreamed).length, slots.length);
  switch (measure) {
    case "quality":
      return share(passed);
    case "quality30":
      return share(passed.slice(-30));
    case "gap":
      return passed.length - 1 - passed.findLastIndex(isStreamed);
    case "last":
      return streamed.length === 0 ? null : bars.close[streamed[streamed.length - 1]];
    case "high":
      return streamed.length === 0 ? null : Math.max(...streamed.map((slot) => bars.high[slot]));
    case "low":
      return streamed.length === 0 ? null : Math.min(...streamed.map((slot) => bars.low[slot]));
    case "volume":
      return streamed.reduce((sum, slot) => sum + bars.volume[slot], 0);
  }
}

/** Whether an atom holds after `position` slots, for the symbol whose slot was the last to pass. */
function atomHolds(
  day: WatchedDay,
  symbols: readonly string[],
  atom: DataAtom,
  symbol: number,
  position: number,
): boolean {
  const slot = position - 1;
  const of = atom.symbol === undefined ? symbol : symbols.indexOf(atom.symbol);
  if (atom.kind === "measure") {
    const value = straightValue(day, of, atom.measure, position);
    if (value === null) return false;
    const order = Math.sign(value - atom.value);
    return { "<": [-1], "<=": [-1, 0], ">": [1], ">=": [1, 0], "=": [0] }[atom.comparison].includes(order);
  }
  if (slot % day.grid.symbols !== of) return false;
  if (atom.kind === "fill") return day.grid.origin[slot] !== ORIGIN.empty && day.grid.origin[slot] !== ORIGIN.streamed;
  if (atom.kind === "derived") return finishedWith(day, slot).includes(atom.status);
  if (atom.name === "streamed") return day.grid.origin[slot] === ORIGIN.streamed;
  const entries = Array.from({ length: day.exceptionCount }, (_, i) => day.exceptions.slice(i * EXCEPTION_WORDS));
  return entries.some(([at, kind]) => at === slot && ROW_CLASSES[kind % 256] === atom.name);
}

/** Statuses of the buckets whose last slot this is, from their sources. */
function finishedWith(day: WatchedDay, slot: number): string[] {
  const { symbols, minutes, origin } = day.grid;
  const minute = Math.floor(slot / symbols);
  return day.derived.flatMap(({ intervalMinutes }) => {
    const start = minute - (minute % intervalMinutes);
    const end = Math.min(start + intervalMinutes, minutes);
    if (minute !== end - 1) return [];
    let sources = 0;
    for (let m = start; m < end; m++) if (origin[m * symbols + (slot % symbols)] !== ORIGIN.empty) sources++;
    if (sources === 0) return [];
    const whole = end - start === intervalMinutes ? "complete" : "stub";
    const status: (typeof BUCKET_STATUS)[number] = sources < end - start ? "incomplete" : whole;
    return [status];
  });
}

/** All slots at which a condition hits. */
export function straightHits(day: WatchedDay, symbols: readonly string[], { atoms }: Condition): number[] {
  const data = atoms as readonly DataAtom[];
  const count = symbols.length;
  const isTrue = (slot: number): boolean => data.every((atom) => atomHolds(day, symbols, atom, slot % count, slot + 1));
  const hasPulse = data.some(({ kind }) => kind !== "measure");
  const owners = data.map(({ symbol }) => symbol);
  const allNamed = !owners.includes(undefined);
  const hits: number[] = [];
  let latest = false;
  for (let slot = 0; slot < count * day.grid.minutes; slot++) {
    if (hasPulse) {
      if (isTrue(slot)) hits.push(slot);
    } else if (allNamed) {
      if (!owners.includes(symbols[slot % count])) continue;
      if (isTrue(slot) && !latest) hits.push(slot);
      latest = isTrue(slot);
    } else if (isTrue(slot) && !(slot >= count && isTrue(slot - count))) hits.push(slot);
  }
  return hits;
}

/** Whether a condition of numbers alone holds after `position` slots, of one symbol. */
export function straightLevel(
  day: WatchedDay,
  symbols: readonly string[],
  { atoms }: Condition,
  position: number,
): boolean {
  return symbols.some((_, symbol) =>
    (atoms as readonly DataAtom[]).every((atom) => atomHolds(day, symbols, atom, symbol, position)),
  );
}
