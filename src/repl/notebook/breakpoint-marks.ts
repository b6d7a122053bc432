/** Breakpoints that have a place on a chart: a time of day, a moment, or a price of the symbol. Pure. */
import type { Breakpoint } from "../../engine/index.js";
import { DateTime } from "luxon";
import type { MarkAt } from "./chart-parts.js";

const PRICE = /^(?:(\S+)\.)?(?:last|high|low)(?:<=|>=|<|>|=)([\d.]+)$/;
const MOMENT = /^(?:(\d{4}-\d{2}-\d{2}) )?(\d{1,2}:\d{2})$/;

/** `date` is the day a time of day stands for. */
export function breakpointMarks(
  breakpoints: readonly Breakpoint[],
  symbol: string,
  date: string,
  zone: string,
): MarkAt[] {
  return breakpoints.flatMap(({ text, log }): MarkAt[] => {
    if (log) return [];
    const marks = text.split(" and ").flatMap((atom): MarkAt[] => {
      const price = PRICE.exec(atom);
      if (price && (price[1] ?? symbol) === symbol) return [{ text, kind: "breakpoint", price: Number(price[2]) }];
      const moment = MOMENT.exec(atom);
      if (!moment) return [];
      const at = DateTime.fromISO(`${moment[1] ?? date}T${moment[2].padStart(5, "0")}`, { zone });
      return [{ text, kind: "breakpoint", timeUs: at.toMillis() * 1000 }];
    });
    return marks.slice(0, 1);
  });
}
