/** Prices that jump by a factor near n:1: splits that were not adjusted for. Pure. */

/** Farthest a factor may be from n:1: the price moves on the same night. */
const TOLERANCE = 0.05;

/**
 * `4:1` for a price that falls to a quarter, `1:10` for one that grows tenfold; undefined for a factor that no split
 * explains. Between sessions a fall or rise by half needs no split, so 2:1 is the least.
 */
export function splitRatio(before: number, after: number): string | undefined {
  const factor = after / before;
  const times = factor < 1 ? 1 / factor : factor;
  const whole = Math.round(times);
  if (whole < 2 || Math.abs(times / whole - 1) > TOLERANCE) return undefined;
  return factor < 1 ? `${whole}:1` : `1:${whole}`;
}
