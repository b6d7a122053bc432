/** What looks wrong with how the data was read, though nothing proves it: said, never acted upon. */
import type { Catalog } from "../catalog/types.js";
import type { Counts } from "./inspection.js";
import type { RowClass } from "../market/bars.js";

/** Bars of real sets fill more of their sessions than this, quiet symbols and bad days included. */
const LEAST_QUALITY = 60;
/** Fewer rows than this a symbol and day are no bars of minutes. */
const FEWEST_ROWS = 2;
/** Share of the minutes that is missing when times are read an hour off is more than this. */
const LEAST_SHIFT = 0.1;

/**
 * Times read hours off, or bars of days. Most rows lie outside the regular session, and its minutes are mostly empty: early and late
 * trading alone does not do that, however many rows it has, because then the session's own minutes are there. Or as many rows as are
 * missing in the session lie on one side of it.
 */
export function doubtAboutTimes(
  catalog: Catalog,
  classes: Counts<RowClass>,
  meanQuality: number | null,
): string | undefined {
  const { symbols, sessions } = catalog;
  const { streamed = 0, preMarket = 0, afterHours = 0, atClose = 0 } = classes;
  const outside = preMarket + afterHours + atClose;
  const isMostlyOutside = meanQuality !== null && meanQuality < LEAST_QUALITY && outside > streamed;
  if (isMostlyOutside && streamed + outside < FEWEST_ROWS * symbols.length * sessions.length)
    return `${outside} rows lie outside the regular session, about one a symbol and day: are they bars of a day? bardeck replays bars of a minute`;
  if (isMostlyOutside)
    return `${outside} rows lie before or after the regular session and only ${streamed} in it: ${askZone(catalog)}`;
  const slots = symbols.length * sessions.reduce((sum, { minutes }) => sum + minutes, 0);
  const missing = slots - streamed;
  const isOneSided = (preMarket === 0) !== (afterHours + atClose === 0);
  if (isOneSided && missing > LEAST_SHIFT * slots && Math.abs(outside - missing) < LEAST_SHIFT * missing)
    return `${outside} rows lie ${preMarket > 0 ? "before" : "after"} the regular session, about as many as are missing in it: ${askZone(catalog)}`;
  return undefined;
}

function askZone({ timeZone: { value, how }, exchangeZone }: Catalog): string {
  const another = value === exchangeZone ? "the zone they were written in" : exchangeZone;
  return (
    `are the times really ${value} (${how})? ` +
    `Times written without a zone can be read as those of another: --tz with ${another}`
  );
}
