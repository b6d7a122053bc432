/**
 * What upkeep does with each slot it passes: count it, open or close a gap, fill it if asked. Pure loops over
 * the caller's arrays; the result depends on the slots alone, never on how they are cut into calls (I13).
 */
import { FLAG_PRESENT, ORIGIN, type BarColumns } from "../market/bars.js";
import type { DayGrid, QualityCounters } from "../market/day.js";

export type FillMode = "none" | "source" | "forward";

/** Where fills come from: nothing, the session's own last close, or a second source's day. */
export interface FillSource {
  readonly mode: FillMode;
  /** The second source's decoded day when `mode` is `source`. */
  readonly bars?: BarColumns;
  readonly flags?: Uint8Array;
}

/** Takes in the slots [from, to), in order. Never touches a streamed slot (I3). */
export function takeIn(day: DayGrid, quality: QualityCounters, fill: FillSource, from: number, to: number): void {
  const { symbols, origin } = day;
  const { close } = day.bars;
  const { observed, missing, openGap, longestGap, gaps, lastClose } = quality;
  const fills = fill.mode !== "none";
  let symbol = from % symbols;
  for (let slot = from; slot < to; slot++) {
    if (origin[slot] === ORIGIN.streamed) {
      observed[symbol]++;
      openGap[symbol] = 0;
      lastClose[symbol] = close[slot];
    } else {
      missing[symbol]++;
      const length = ++openGap[symbol];
      if (length === 1) gaps[symbol]++;
      if (length > longestGap[symbol]) longestGap[symbol] = length;
      if (fills && fillSlot(day, fill, lastClose[symbol], slot)) quality.filled[symbol]++;
    }
    if (++symbol === symbols) symbol = 0;
  }
}

function fillSlot(day: DayGrid, fill: FillSource, lastClose: number, slot: number): boolean {
  const { bars, origin } = day;
  if (fill.mode === "forward") {
    if (Number.isNaN(lastClose)) return false; // never before the session's first observed bar
    bars.open[slot] = bars.high[slot] = bars.low[slot] = bars.close[slot] = lastClose;
    bars.volume[slot] = 0;
    origin[slot] = ORIGIN.forwardFilled;
    return true;
  }
  const { bars: source, flags } = fill;
  if (!source || !flags || (flags[slot] & FLAG_PRESENT) === 0) return false;
  bars.open[slot] = source.open[slot];
  bars.high[slot] = source.high[slot];
  bars.low[slot] = source.low[slot];
  bars.close[slot] = source.close[slot];
  bars.volume[slot] = source.volume[slot];
  origin[slot] = ORIGIN.filled;
  return true;
}
