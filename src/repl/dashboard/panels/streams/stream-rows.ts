/** A row for a stream. Pure. */
import type { StreamView } from "../../../../engine/index.js";
import { formatCount, formatPrice, type ExchangeClock } from "../../../output/format.js";
import { fitText, line, span, type Row } from "../../parts/row.js";

export const STREAM_HEAD = line(" SYM        LAST BAR       CLOSE   LEFT  END", "dim");

/** The symbols whose streams end last among those that have not ended: until then the day cannot drain. */
export function lastToEnd(streams: readonly StreamView[]): ReadonlySet<string> {
  const open = streams.filter((stream) => !stream.atEnd && stream.endsAtUs !== null);
  const latest = Math.max(...open.map((stream) => stream.endsAtUs!));
  return new Set(open.filter((stream) => stream.endsAtUs === latest).map((stream) => stream.symbol));
}

export function streamRow(
  { symbol, lastBarUs, last, left, atEnd, endsAtUs }: StreamView,
  { clock, chosen, keeps }: { readonly clock: ExchangeClock; readonly chosen: boolean; readonly keeps: boolean },
): Row {
  const end = endsAtUs === null ? "no bars today" : atEnd ? "at its end" : clock.time(endsAtUs);
  return [
    span(` ${fitText(symbol, 8)}${chosen ? "▸ " : "  "}`, chosen ? "strong" : undefined),
    span(fitText(lastBarUs === null ? "–" : clock.time(lastBarUs), 8, "right")),
    span(fitText(formatPrice(last, "–"), 12, "right")),
    span(fitText(formatCount(left), 7, "right")),
    span(`  ${end}`, atEnd ? "dim" : undefined),
    span(keeps ? "  keeps the day" : "", "fair"),
  ];
}
