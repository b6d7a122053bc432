/** The session of one symbol, a cell a minute, half an hour a line or more where there is room. Pure. */
import type { ExchangeClock } from "../../../output/format.js";
import { line, span, type Row } from "../../parts/row.js";
import { STATE_LEGEND, stateStrip } from "../../parts/strip.js";

const MINUTE_US = 60_000_000;
const TIME_WIDTH = 8;

export function minuteGrid(
  states: Uint8Array,
  opensAtUs: number,
  { width, height, clock }: { readonly width: number; readonly height: number; readonly clock: ExchangeClock },
): Row[] {
  const fits = (minutes: number): boolean =>
    minutes + TIME_WIDTH <= width && Math.ceil(states.length / minutes) + 1 <= height;
  const perLine = [30, 60, 120].find(fits) ?? Math.max(10, width - TIME_WIDTH);
  const rows: Row[] = [];
  for (let from = 0; from < states.length && rows.length < height - 1; from += perLine) {
    const time = clock.time(opensAtUs + from * MINUTE_US);
    rows.push([span(` ${time}  `, "dim"), ...stateStrip(states.subarray(from, from + perLine), 1)]);
  }
  return [...rows, line(` ${STATE_LEGEND}`, "dim")];
}
