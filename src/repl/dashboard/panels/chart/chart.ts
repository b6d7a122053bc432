/** Candles and volume of one symbol and interval, up to the present place. */
import { formatPrice } from "../../../output/format.js";
import type { Panel } from "../panel.js";
import { chartRows, chartSlots } from "./chart-rows.js";

export const chart: Panel = (session, scene) => {
  const { symbol, interval, clock } = scene;
  const { opensAtUs, minute, minutes } = session;
  const room = { width: scene.width, height: scene.height, clock };
  const day = { opensAtUs, minute, minutes, interval };
  const bars = session.bars(symbol, interval === 1 ? undefined : interval, { last: chartSlots(day, room) });
  const last = bars.close.at(-1);
  return {
    title: `Chart ${symbol} ${interval}m`,
    note: last === undefined ? "" : `last ${formatPrice(last, "")}`,
    rows: chartRows(bars, day, room),
  };
};
