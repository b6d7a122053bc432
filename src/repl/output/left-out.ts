/** What was left out because it could not be read, as text: symbols with one reason are named together. Pure. */
import { formatCount, listSome } from "./format.js";

const MOST_NAMES = 10;

/**
 * `SPY (400 rows unread): SPY.parquet is cut off`, one text for each reason; `all symbols` where it is all of a day.
 *
 * @param skipped symbols of one day, each with why
 * @param symbols how many the day has
 * @param unreadOf rows of a symbol that were counted and not read
 */
export function leftOutTexts(
  skipped: readonly { readonly symbol: string; readonly message: string }[],
  symbols: number,
  unreadOf: (symbol: string) => number = () => 0,
): string[] {
  const byReason = new Map<string, string[]>();
  for (const { symbol, message } of skipped) byReason.set(message, [...(byReason.get(message) ?? []), symbol]);
  return [...byReason].map(([message, names]) => {
    const unread = names.reduce((sum, name) => sum + unreadOf(name), 0);
    const who = names.length === symbols && symbols > 1 ? "all symbols" : listSome(names, MOST_NAMES);
    return `${who}${unread > 0 ? ` (${formatCount(unread)} rows unread)` : ""}: ${message}`;
  });
}
