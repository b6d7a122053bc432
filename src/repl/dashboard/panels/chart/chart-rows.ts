/** The rows of the chart: a column is a minute or bucket of the session, whether it has a bar or not. Pure. */
import type { BarsView } from "../../../../engine/index.js";
import { formatCount, formatPrice, type ExchangeClock } from "../../../output/format.js";
import { candleCells, priceOfRow, priceScale, rowOfPrice, volumeCells, type Candle } from "../../parts/candles.js";
import { fitText, line, span, textWidth, type Row, type Span } from "../../parts/row.js";

export interface ChartDay {
  readonly opensAtUs: number;
  /** Minutes passed, of how many. */
  readonly minute: number;
  readonly minutes: number;
  readonly interval: number;
}
export interface ChartRoom {
  readonly width: number;
  readonly height: number;
  readonly clock: ExchangeClock;
}

const MINUTE_US = 60_000_000;
const AXIS_WIDTH = 10;
const EMPTY: readonly Span[] = [];

/** Columns of one slot: two where the whole day has room for it, so that the width of a slot never changes within a day. */
function slotWidth({ minutes, interval }: ChartDay, { width }: ChartRoom): number {
  return Math.ceil(minutes / interval) * 2 <= width - AXIS_WIDTH ? 2 : 1;
}

/** Slots that have room. */
export function chartSlots(day: ChartDay, room: ChartRoom): number {
  return Math.max(1, Math.floor((room.width - AXIS_WIDTH) / slotWidth(day, room)));
}

export function chartRows(bars: BarsView, day: ChartDay, room: ChartRoom): Row[] {
  const volumeRows = room.height >= 14 ? 3 : room.height >= 9 ? 2 : 0;
  const priceRows = room.height - volumeRows - 1;
  if (priceRows < 2) return [line(" no room for a chart", "dim")];
  const slots = chartSlots(day, room);
  // In the midst of a row some symbols have a bar of a minute that has not passed for all.
  const newest = bars.startUs.length === 0 ? -1 : slotOf(bars.startUs.at(-1)!, day);
  const passed = Math.max(Math.floor(day.minute / day.interval), newest + 1);
  const first = Math.max(0, passed - slots);
  const candles = placeCandles(bars, day, first, slots);
  const shown = candles.filter((candle) => candle !== undefined);
  if (shown.length === 0) return [line(` no bar of ${bars.symbol} yet`, "dim")];
  const scale = priceScale(shown);
  const most = Math.max(...shown.map((candle) => candle.volume));
  const step = slotWidth(day, room);
  const columns = candles.map((candle, i) => ({
    price: candle ? candleCells(candle, scale, priceRows) : EMPTY,
    volume: candle
      ? volumeCells(candle.volume, most, volumeRows).map((sign) => span(sign))
      : missingCells(first + i < passed, volumeRows),
  }));
  const gap = step === 2 ? [span(" ")] : EMPTY;
  const plot = (cells: (column: (typeof columns)[number]) => Span): Span[] =>
    columns.flatMap((column) => [cells(column), ...gap]);
  const lastRow = rowOfPrice(shown.at(-1)!.close, scale, priceRows);
  return [
    ...Array.from({ length: priceRows }, (_, row): Row => [
      ...plot((column) => column.price[row] ?? span(" ")),
      priceLabel(row, lastRow, shown.at(-1)!.close, priceOfRow(row, scale, priceRows), priceRows),
    ]),
    ...Array.from({ length: volumeRows }, (_, row): Row => [
      ...plot((column) => column.volume[row] ?? span(" ")),
      span(row === 0 ? ` vol ${short(most)}` : "", "dim"),
    ]),
    timeAxis(day, first, slots, step, room),
  ];
}

/** A candle for each slot from `first` on; undefined where there is no bar. */
function placeCandles(bars: BarsView, day: ChartDay, first: number, slots: number): (Candle | undefined)[] {
  const placed = Array.from<Candle | undefined>({ length: slots });
  for (let i = 0; i < bars.startUs.length; i++) {
    const slot = slotOf(bars.startUs[i], day) - first;
    if (slot < 0 || slot >= slots) continue;
    const origin = bars.origin[i];
    placed[slot] = {
      open: bars.open[i],
      high: bars.high[i],
      low: bars.low[i],
      close: bars.close[i],
      volume: bars.volume[i],
      hatched: bars.status[i] === "incomplete" || origin === "filled" || origin === "forward-filled",
    };
  }
  return placed;
}

function slotOf(startUs: number, { opensAtUs, interval }: ChartDay): number {
  return Math.floor((startUs - opensAtUs) / (interval * MINUTE_US));
}

/** A slot that has passed without a bar shows at the foot of the volume. */
function missingCells(isDue: boolean, rows: number): readonly Span[] {
  return Array.from({ length: rows }, (_, row) => (isDue && row === rows - 1 ? span("░", "bad") : span(" ")));
}

function priceLabel(row: number, lastRow: number, last: number, price: number, rows: number): Span {
  if (row === lastRow) return span(` ◀ ${fitText(axisPrice(last), AXIS_WIDTH - 3)}`, "strong");
  const every = Math.max(2, Math.floor(rows / 5));
  return row % every === 0 && Math.abs(row - lastRow) > 0 ? span(` ┤ ${axisPrice(price)}`, "dim") : span(" │", "dim");
}

function axisPrice(price: number): string {
  return Math.abs(price) >= 1000 ? formatCount(price) : formatPrice(Number(price.toFixed(2)), "");
}

/** `1.2M`, `340k`. */
function short(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)}M`;
  return count >= 1e4 ? `${Math.round(count / 1e3)}k` : String(Math.round(count));
}

/** Times under the slots, as many as there is room for. */
function timeAxis(day: ChartDay, first: number, slots: number, step: number, { clock }: ChartRoom): Row {
  let text = "";
  const every = [5, 10, 15, 30, 60, 120, 240].find((minutes) => (minutes / day.interval) * step >= 7) ?? 480;
  for (let slot = 0; slot < slots; slot++) {
    const minute = (first + slot) * day.interval;
    const label = clock.time(day.opensAtUs + minute * MINUTE_US);
    const [hours, minutes] = label.split(":").map(Number);
    const isRound = (hours * 60 + minutes) % every < day.interval && minute < day.minutes;
    if (isRound && textWidth(text) <= slot * step && slot * step + 5 <= slots * step)
      text = `${text.padEnd(slot * step)}${label} `;
  }
  return line(text, "dim");
}
