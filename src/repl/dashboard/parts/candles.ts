/**
 * Bars as candles in terminal cells, with half a cell of resolution, and their volume. Pure. A candle that rose is drawn with
 * thin strokes, one that fell with blocks, one that is not whole hatched: colour only repeats it.
 */
import type { Span, Tone } from "./row.js";
import { span } from "./row.js";

export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Incomplete, or filled: something other than what was traded. */
  readonly hatched: boolean;
}

/** Prices at the upper edge of the first cell and the lower edge of the last. */
export interface PriceScale {
  readonly top: number;
  readonly bottom: number;
}

const NOTHING = 0;
const WICK = 1;
const BODY = 2;

/** Signs by what the upper and the lower half of a cell hold: `upper * 3 + lower`. */
const ROSE = [" ", "╷", "╻", "╵", "│", "╽", "╹", "╿", "┃"];
const FELL = [" ", "╷", "▄", "╵", "│", "╽", "▀", "╿", "█"];
const HATCHED = [" ", "╷", "▒", "╵", "│", "▒", "▒", "▒", "▒"];
const EIGHTHS = " ▁▂▃▄▅▆▇█";

export function priceScale(candles: readonly Candle[]): PriceScale {
  const top = Math.max(...candles.map((candle) => candle.high));
  const bottom = Math.min(...candles.map((candle) => candle.low));
  if (top > bottom) return { top, bottom };
  const margin = Math.abs(top) * 0.001 || 1;
  return { top: top + margin, bottom: bottom - margin };
}

/** The cell, from 0 at the top, in which a price lies. */
export function rowOfPrice(price: number, scale: PriceScale, rows: number): number {
  return Math.floor(halfOf(price, scale, rows) / 2);
}

/** The price in the middle of a cell. */
export function priceOfRow(row: number, { top, bottom }: PriceScale, rows: number): number {
  return top - ((row + 0.5) / rows) * (top - bottom);
}

function halfOf(price: number, { top, bottom }: PriceScale, rows: number): number {
  const share = (top - price) / (top - bottom);
  return Math.min(2 * rows - 1, Math.max(0, Math.floor(share * 2 * rows)));
}

/** The cells of a candle from top to bottom. */
export function candleCells(candle: Candle, scale: PriceScale, rows: number): Span[] {
  const { open, high, low, close, hatched } = candle;
  const rose = close >= open;
  const signs = hatched ? HATCHED : rose ? ROSE : FELL;
  const tone: Tone = rose ? "good" : "bad";
  const half = (price: number): number => halfOf(price, scale, rows);
  const [bodyTop, bodyBottom] = [half(Math.max(open, close)), half(Math.min(open, close))];
  const [wickTop, wickBottom] = [half(high), half(low)];
  const at = (y: number): number =>
    y >= bodyTop && y <= bodyBottom ? BODY : y >= wickTop && y <= wickBottom ? WICK : NOTHING;
  return Array.from({ length: rows }, (_, row) => {
    const sign = signs[at(2 * row) * 3 + at(2 * row + 1)];
    return sign === " " ? span(" ") : span(sign, tone);
  });
}

/** The cells of a volume bar from top to bottom; the smallest volume shows. */
export function volumeCells(volume: number, most: number, rows: number): string[] {
  const eighths = most > 0 && volume > 0 ? Math.max(1, Math.round((volume / most) * rows * 8)) : 0;
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * 8;
    return EIGHTHS[Math.max(0, Math.min(8, eighths - below))];
  });
}
