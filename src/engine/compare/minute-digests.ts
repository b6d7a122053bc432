/**
 * A digest a minute: what tells in which minute two runs part. It covers what the digest of a day says of that minute's
 * bars: presence, origin, prices and volume of all symbols, and the derived bars finished in it. One pass in memory order.
 */
import { bucketCount, bucketMinutes } from "../derived/buckets.js";
import type { DayGrid, DerivedGrid } from "../market/day.js";
import { Hash } from "../work/hash.js";

export const COLUMNS = ["open", "high", "low", "close", "volume"] as const;

/** Hexadecimal digits kept of each: 64 bits. */
export const MINUTE_DIGEST_DIGITS = 16;

/**
 * The digest of every minute whose slots have all been passed, in order. Depends on the data and the position alone.
 *
 * @param grid reaches at least to `position`, `derived` to what is finished there
 * @param position slots taken in by upkeep
 * @example
 * minuteDigests(grid, derived, 8); // 4 symbols: ["9c1185a5c5e9fc54", "612808ee8ca6d1f3"]
 */
export function minuteDigests(grid: DayGrid, derived: readonly DerivedGrid[], position: number): string[] {
  const { minutes, symbols, bars, origin } = grid;
  const finishing = derived.map((one) => bucketsByLastMinute(minutes, one.intervalMinutes));
  return Array.from({ length: Math.floor(position / symbols) }, (_, minute) => {
    const hash = new Hash();
    const [from, to] = [minute * symbols, (minute + 1) * symbols];
    for (const name of COLUMNS) hash.array(bars[name], from, to);
    hash.array(origin, from, to);
    derived.forEach((one, i) => {
      const bucket = finishing[i][minute];
      if (bucket >= 0) addBuckets(hash, one, bucket * symbols, (bucket + 1) * symbols);
    });
    return hash.digest().slice(0, MINUTE_DIGEST_DIGITS);
  });
}

function addBuckets(hash: Hash, { bars, count, status }: DerivedGrid, from: number, to: number): void {
  for (const name of COLUMNS) hash.array(bars[name], from, to);
  hash.array(count, from, to).array(status, from, to);
}

/** By minute the bucket whose last minute it is, −1 for none. */
export function bucketsByLastMinute(minutes: number, intervalMinutes: number): Int32Array {
  const bucketAt = new Int32Array(minutes).fill(-1);
  for (let bucket = 0; bucket < bucketCount(minutes, intervalMinutes); bucket++)
    bucketAt[bucket * intervalMinutes + bucketMinutes(minutes, intervalMinutes, bucket) - 1] = bucket;
  return bucketAt;
}
