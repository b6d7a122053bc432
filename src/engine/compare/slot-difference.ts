/** The first slot of a day in which two runs differ: found by the digests of the minutes, named by the bars. */
import { ORIGINS, type BarColumns } from "../market/bars.js";
import { BUCKET_STATUS, type DerivedGrid } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { exchangeDateTime } from "../market/time-zones.js";
import type { DayDifference } from "./day-difference.js";
import { bucketsByLastMinute, COLUMNS } from "./minute-digests.js";
import type { RunDay, RunHeader } from "./run-day.js";

/** A value of a slot, as it is told. */
interface Values {
  readonly here: string;
  readonly there: string;
}

/** Looks at what both days have passed. */
export function findSlotDifference(a: RunDay, b: RunDay, header: RunHeader): DayDifference | undefined {
  const { symbols, timeZone } = header;
  const bothWhole = Math.min(a.minutes.length, b.minutes.length);
  let minute = 0;
  while (minute < bothWhole && a.minutes[minute] === b.minutes[minute]) minute++;
  const [from, to] = [minute * symbols.length, Math.min((minute + 1) * symbols.length, a.position, b.position)];
  const at = (startMinute: number): string => exchangeDateTime(a.openUs + startMinute * MINUTE_US, timeZone).slice(10);
  for (let slot = from; slot < to; slot++) {
    const values = compareSlot(a, b, slot);
    if (!values) continue;
    const symbol = symbols[slot - from];
    return { minute, symbol, text: `${at(minute)} ${symbol}: ${values.here} here, ${values.there} there` };
  }
  for (const [i, derived] of a.derived.entries()) {
    const other = b.derived[i];
    const bucket = bucketsByLastMinute(a.grid.minutes, derived.intervalMinutes)[minute] ?? -1;
    if (bucket < 0) continue;
    const first = bucket * symbols.length;
    const end = Math.min(first + symbols.length, derived.status.length, other.status.length);
    for (let cell = first; cell < end; cell++) {
      const values = compareBucket(derived, other, cell);
      if (!values) continue;
      const symbol = symbols[cell - first];
      const name = `${at(bucket * derived.intervalMinutes)} ${symbol} ${derived.intervalMinutes}m`;
      return { minute, symbol, text: `${name}: ${values.here} here, ${values.there} there` };
    }
  }
  return undefined;
}

function compareSlot(a: RunDay, b: RunDay, slot: number): Values | undefined {
  const [here, there] = [a.grid.origin[slot], b.grid.origin[slot]];
  if (here !== there) return { here: originWord(here), there: originWord(there) };
  return compareColumns(a.grid.bars, b.grid.bars, slot);
}

function originWord(origin: number): string {
  return origin === 0 ? "missing" : (ORIGINS[origin] ?? String(origin));
}

function compareBucket(a: DerivedGrid, b: DerivedGrid, cell: number): Values | undefined {
  const word = ({ status, count }: DerivedGrid): string => `${BUCKET_STATUS[status[cell]]} of ${count[cell]}`;
  if (word(a) !== word(b)) return { here: word(a), there: word(b) };
  return compareColumns(a.bars, b.bars, cell);
}

function compareColumns(a: BarColumns, b: BarColumns, at: number): Values | undefined {
  const name = COLUMNS.find((column) => !Object.is(a[column][at], b[column][at]));
  if (!name) return undefined;
  const told = name === "volume" ? String : priceText;
  return { here: `${name} ${told(a[name][at])}`, there: told(b[name][at]) };
}

/** Every digit there is, since two prices may differ in the last, and at least cents. */
function priceText(price: number): string {
  const text = String(price);
  return /^-?\d+(\.\d)?$/.test(text) ? price.toFixed(2) : text;
}
