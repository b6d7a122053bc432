/** What looks wrong with how the data was read, though nothing proves it: said, never acted upon. */
import type { Catalog } from "../catalog/types.js";
import type { Counts } from "./inspection.js";
import type { RowClass } from "../market/bars.js";

/** Bars of real sets fill more of their sessions than this, quiet symbols and bad days included. */
const LEAST_QUALITY = 60;

/**
 * Times read hours off: most rows lie outside the regular session, and its minutes are mostly empty. Early and late trading alone does
 * not do that, however many rows it has, because then the session's own minutes are there.
 */
export function doubtAboutZone(
  { timeZone, exchangeZone }: Catalog,
  classes: Counts<RowClass>,
  meanQuality: number | null,
): string | undefined {
  const { streamed = 0, preMarket = 0, afterHours = 0 } = classes;
  const outside = preMarket + afterHours;
  if (meanQuality === null || meanQuality >= LEAST_QUALITY || outside <= streamed) return undefined;
  const { value, how } = timeZone;
  return (
    `${outside} rows lie before or after the regular session and only ${streamed} in it: are the times really ${value} (${how})? ` +
    `Times of another zone, of ${exchangeZone} say, can be read when they are written without a zone: --tz ${exchangeZone}`
  );
}
