/**
 * n-minute bars from the published grid: pure. Buckets are anchored at the open and cut at the close; a symbol's
 * bucket is finished when the position has passed its last slot, and is computed then from the slots behind it,
 * so a derived bar never depends on how the position got there (I11–I13).
 */
import { ORIGIN } from "../market/bars.js";
import { STATUS, type DayGrid, type DerivedGrid } from "../market/day.js";

export function bucketCount(minutes: number, intervalMinutes: number): number {
  return Math.ceil(minutes / intervalMinutes);
}

/** Minutes of bucket `bucket`: the interval, or less for the stub at the close. */
export function bucketMinutes(minutes: number, intervalMinutes: number, bucket: number): number {
  return Math.min(intervalMinutes, minutes - bucket * intervalMinutes);
}

/** How many buckets (over all symbols, in bucket-major order) are finished at `position`. */
export function finishedBuckets(
  { minutes, symbols }: Pick<DayGrid, "minutes" | "symbols">,
  intervalMinutes: number,
  position: number,
): number {
  const minute = Math.floor(position / symbols);
  if (minute >= minutes) return bucketCount(minutes, intervalMinutes) * symbols;
  const bucket = Math.floor(minute / intervalMinutes);
  const last = bucket * intervalMinutes + bucketMinutes(minutes, intervalMinutes, bucket) - 1;
  return bucket * symbols + (minute === last ? position - minute * symbols : 0);
}

/**
 * Writes every bucket whose last slot lies in [from, to). `finer` is a grid of the same day that has been derived up to
 * `to` and whose interval divides this one's: then its buckets are taken together instead of the slots again.
 */
export function deriveBuckets(day: DayGrid, derived: DerivedGrid, from: number, to: number, finer?: DerivedGrid): void {
  const start = finishedBuckets(day, derived.intervalMinutes, from);
  const end = finishedBuckets(day, derived.intervalMinutes, to);
  const { symbols } = day;
  for (let index = start; index < end;) {
    const bucket = Math.floor(index / symbols);
    const first = index - bucket * symbols;
    const last = Math.min(symbols, end - bucket * symbols);
    if (finer) joinRow(day, derived, finer, bucket, first, last);
    else deriveRow(day, derived, bucket, first, last);
    index = bucket * symbols + last;
  }
}

/** The coarsest of `finer` that `deriveBuckets` can build `intervalMinutes` from. */
export function finerOf(grids: readonly DerivedGrid[], intervalMinutes: number): DerivedGrid | undefined {
  return grids.findLast(
    (grid) => grid.intervalMinutes < intervalMinutes && intervalMinutes % grid.intervalMinutes === 0,
  );
}

/**
 * `to` where `moves`, else `from`, without a branch: whether the next of a few prices is a new high is a toss, and a processor that
 * guesses wrong every other time takes twice as long.
 */
function moved(from: number, to: number, moves: boolean): number {
  return from + Math.imul(to - from, +moves);
}

/**
 * One bucket for the symbols [first, last), a symbol at a time: its few slots lie a row apart and are still in the
 * cache, and everything but the result stays in registers.
 */
function deriveRow(day: DayGrid, derived: DerivedGrid, bucket: number, first: number, last: number): void {
  const { symbols, origin } = day;
  const { open, high, low, close, volume } = day.bars;
  const to = derived.bars;
  const { count, status, intervalMinutes } = derived;
  const length = bucketMinutes(day.minutes, intervalMinutes, bucket);
  const whole = length === intervalMinutes ? STATUS.complete : STATUS.stub;
  const base = bucket * symbols;
  const begin = bucket * intervalMinutes * symbols;
  const end = begin + length * symbols;
  for (let symbol = first; symbol < last; symbol++) {
    const at = base + symbol;
    let slot = begin + symbol;
    while (slot < end && origin[slot] === ORIGIN.empty) slot += symbols;
    if (slot >= end) continue; // no source: stays as cleared
    let sources = 1;
    let highest = slot;
    let lowest = slot;
    let total = volume[slot];
    let latest = slot;
    to.open[at] = open[slot];
    for (slot += symbols; slot < end; slot += symbols) {
      if (origin[slot] === ORIGIN.empty) continue;
      sources++;
      highest = moved(highest, slot, high[slot] > high[highest]);
      lowest = moved(lowest, slot, low[slot] < low[lowest]);
      total += volume[slot];
      latest = slot;
    }
    to.high[at] = high[highest];
    to.low[at] = low[lowest];
    to.volume[at] = total;
    to.close[at] = close[latest];
    count[at] = sources;
    status[at] = sources < length ? STATUS.incomplete : whole;
  }
}

/** As `deriveRow`, from the buckets of a finer grid. Volume is still added up slot by slot: the order of a sum is part of its result. */
function joinRow(
  day: DayGrid,
  derived: DerivedGrid,
  finer: DerivedGrid,
  bucket: number,
  first: number,
  last: number,
): void {
  const { symbols, origin } = day;
  const { volume } = day.bars;
  const { bars: from, count: parts } = finer;
  const to = derived.bars;
  const { count, status, intervalMinutes } = derived;
  const length = bucketMinutes(day.minutes, intervalMinutes, bucket);
  const whole = length === intervalMinutes ? STATUS.complete : STATUS.stub;
  const firstPart = (bucket * intervalMinutes) / finer.intervalMinutes;
  const begin = firstPart * symbols;
  const end = begin + bucketCount(length, finer.intervalMinutes) * symbols;
  const firstSlot = bucket * intervalMinutes * symbols;
  const endSlot = firstSlot + length * symbols;
  for (let symbol = first; symbol < last; symbol++) {
    const at = bucket * symbols + symbol;
    let part = begin + symbol;
    while (part < end && parts[part] === 0) part += symbols;
    if (part >= end) continue; // no source: stays as cleared
    let sources = parts[part];
    let highest = part;
    let lowest = part;
    let latest = part;
    to.open[at] = from.open[part];
    for (part += symbols; part < end; part += symbols) {
      if (parts[part] === 0) continue;
      sources += parts[part];
      highest = moved(highest, part, from.high[part] > from.high[highest]);
      lowest = moved(lowest, part, from.low[part] < from.low[lowest]);
      latest = part;
    }
    let slot = firstSlot + symbol;
    while (origin[slot] === ORIGIN.empty) slot += symbols;
    let total = volume[slot];
    for (slot += symbols; slot < endSlot; slot += symbols) if (origin[slot] !== ORIGIN.empty) total += volume[slot];
    to.high[at] = from.high[highest];
    to.low[at] = from.low[lowest];
    to.volume[at] = total;
    to.close[at] = from.close[latest];
    count[at] = sources;
    status[at] = sources < length ? STATUS.incomplete : whole;
  }
}
