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
export function finishedBuckets(day: DayGrid, intervalMinutes: number, position: number): number {
  const { minutes, symbols } = day;
  const minute = Math.floor(position / symbols);
  if (minute >= minutes) return bucketCount(minutes, intervalMinutes) * symbols;
  const bucket = Math.floor(minute / intervalMinutes);
  const last = bucket * intervalMinutes + bucketMinutes(minutes, intervalMinutes, bucket) - 1;
  return bucket * symbols + (minute === last ? position - minute * symbols : 0);
}

/** Writes every bucket whose last slot lies in [from, to). */
export function deriveBuckets(day: DayGrid, derived: DerivedGrid, from: number, to: number): void {
  const start = finishedBuckets(day, derived.intervalMinutes, from);
  const end = finishedBuckets(day, derived.intervalMinutes, to);
  const { symbols } = day;
  for (let index = start; index < end; ) {
    const bucket = Math.floor(index / symbols);
    const first = index - bucket * symbols;
    const last = Math.min(symbols, end - bucket * symbols);
    deriveRow(day, derived, bucket, first, last);
    index = bucket * symbols + last;
  }
}

/** One bucket for the symbols [first, last): row by row, since the grid is minute-major. */
function deriveRow(day: DayGrid, derived: DerivedGrid, bucket: number, first: number, last: number): void {
  const { symbols, origin } = day;
  const { open, high, low, close, volume } = day.bars;
  const to = derived.bars;
  const { count, status, intervalMinutes } = derived;
  const length = bucketMinutes(day.minutes, intervalMinutes, bucket);
  const base = bucket * symbols;
  let row = bucket * intervalMinutes * symbols;
  for (let minute = 0; minute < length; minute++, row += symbols) {
    for (let symbol = first; symbol < last; symbol++) {
      const slot = row + symbol;
      if (origin[slot] === ORIGIN.empty) continue;
      const at = base + symbol;
      if (count[at]++ === 0) {
        to.open[at] = open[slot];
        to.high[at] = high[slot];
        to.low[at] = low[slot];
        to.volume[at] = volume[slot];
      } else {
        if (high[slot] > to.high[at]) to.high[at] = high[slot];
        if (low[slot] < to.low[at]) to.low[at] = low[slot];
        to.volume[at] += volume[slot];
      }
      to.close[at] = close[slot];
    }
  }
  const whole = length === intervalMinutes ? STATUS.complete : STATUS.stub;
  for (let at = base + first; at < base + last; at++)
    status[at] = count[at] === 0 ? STATUS.none : count[at] < length ? STATUS.incomplete : whole;
}
