/** Rows of the minutes panel: a minute across symbols, or a minute of one symbol with where it was read. Pure. */
import { MINUTE_STATES, type MinuteRow, type MinuteSlot } from "../../../../engine/index.js";
import { formatCount, formatPrice, type ExchangeClock } from "../../../output/format.js";
import { fitText, span, type Row } from "../../parts/row.js";
import { stateSpan } from "../../parts/strip.js";

const TIME_WIDTH = 7;
const CELL_WIDTH = 13;

/** As many symbols as fit, the chosen one among them. */
export function symbolsShown(symbols: readonly string[], chosen: string, width: number): readonly string[] {
  const count = Math.max(1, Math.floor((width - TIME_WIDTH) / CELL_WIDTH));
  const first = Math.max(0, Math.min(symbols.indexOf(chosen), symbols.length - count));
  return symbols.slice(first, first + count);
}

export function minuteHead(symbols: readonly string[], chosen: string): Row {
  return [
    span(fitText(" TIME", TIME_WIDTH), "dim"),
    ...symbols.map((symbol) =>
      span(fitText(symbol === chosen ? `${symbol} ▸` : symbol, CELL_WIDTH), symbol === chosen ? "strong" : "dim"),
    ),
  ];
}

export function minuteRow({ startUs, slots }: MinuteRow, symbols: readonly string[], clock: ExchangeClock): Row {
  const bySymbol = new Map(slots.map((slot) => [slot.symbol, slot]));
  return [
    span(fitText(` ${clock.time(startUs)}`, TIME_WIDTH), "dim"),
    ...symbols.flatMap((symbol) => {
      const slot = bySymbol.get(symbol);
      return slot ? cell(slot) : [span(" ".repeat(CELL_WIDTH))];
    }),
  ];
}

/** Classes of rows that tell of a fault; the others are only left out. */
const BAD: ReadonlySet<string> = new Set(["rejected", "duplicate", "conflict"]);

/** `█ 168.02`, and `!` when the minute has bad rows. */
function cell(slot: MinuteSlot): Row {
  const text = slot.close === null ? slot.state : formatPrice(slot.close, "");
  return [
    stateSpan(MINUTE_STATES.indexOf(slot.state)),
    span(fitText(` ${text}`, CELL_WIDTH - 3)),
    span(hasBadRows(slot) ? "! " : "  ", "bad"),
  ];
}

/** A minute of one symbol: state, close, volume, what else was there, and the file and row it came from. */
export function slotRow({ startUs, slots: [slot] }: MinuteRow, clock: ExchangeClock): Row {
  if (slot === undefined) return [span(` ${clock.time(startUs)}`, "dim")];
  const from = slot.file === null ? "" : `${slot.file} row ${slot.row}`;
  return [
    span(` ${clock.time(startUs)} `, "dim"),
    stateSpan(MINUTE_STATES.indexOf(slot.state)),
    span(` ${fitText(slot.state, 9)}`),
    span(fitText(formatPrice(slot.close, "–"), 10, "right")),
    span(fitText(slot.volume === null ? "–" : formatCount(slot.volume), 12, "right")),
    span(`  ${otherRows(slot)}`, hasBadRows(slot) ? "bad" : "dim"),
    span(`  ${from}`, "dim"),
  ];
}

/** Classes of the rows that did not become a bar. */
function otherRows({ classes }: MinuteSlot): string {
  return Object.entries(classes)
    .filter(([name, count]) => name !== "streamed" && count > 0)
    .map(([name, count]) => (count === 1 ? name : `${count} ${name}`))
    .join(" ");
}

function hasBadRows({ classes }: MinuteSlot): boolean {
  return Object.entries(classes).some(([name, count]) => BAD.has(name) && count > 0);
}
