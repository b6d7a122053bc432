/** A row for a control word or a watch. Pure. */
import type { WatchValue, WordView } from "../../../../engine/index.js";
import { formatPrice } from "../../../output/format.js";
import { fitText, span, type Row } from "../../parts/row.js";

/** Below this width the meaning of a word is left out. */
const NARROW = 50;

/** A word that the last move has changed is marked with `*` and shows what it was. */
export function wordRow(
  { name, value, text, meaning }: WordView,
  { before, chosen, width }: { readonly before: number | undefined; readonly chosen: boolean; readonly width: number },
): Row {
  const changed = before !== undefined && before !== value;
  const shown = text === String(value) || text === "" ? String(value) : `${value} ${text}`;
  const told = changed ? `${shown} was ${before}` : shown;
  const isNarrow = width < NARROW;
  return [
    span(`${chosen ? "▸" : " "}${fitText(name, 16)}`, chosen ? "strong" : undefined),
    span(changed ? "*" : " ", "accent"),
    span(fitText(told, isNarrow ? width - 18 : 28), changed ? "inverse" : undefined),
    span(isNarrow ? "" : ` ${meaning}`, "dim"),
  ];
}

export function watchRow({ text, value }: WatchValue): Row {
  return [
    span(` ${fitText(text, 16)} `, "accent"),
    span(formatPrice(value, "unknown"), "strong"),
    span("  watched", "dim"),
  ];
}
