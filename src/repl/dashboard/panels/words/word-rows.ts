/** A row for a control word or a watch. Pure. */
import type { WatchValue, WordView } from "../../../../engine/index.js";
import { formatPrice } from "../../../output/format.js";
import { fitText, span, type Row } from "../../parts/row.js";

/** A word that the last move has changed is marked with `*` and shows what it was, where there is room. */
export function wordRow(
  { name, value, text, meaning }: WordView,
  { before, chosen, width }: { readonly before: number | undefined; readonly chosen: boolean; readonly width: number },
): Row {
  const changed = before !== undefined && before !== value;
  const shown = text === String(value) || text === "" ? String(value) : `${value} ${text}`;
  const was = changed && width >= 60 ? ` was ${before}` : "";
  return [
    span(`${chosen ? "▸" : " "}${fitText(name, 16)}`, chosen ? "strong" : undefined),
    span(changed ? "*" : " ", "accent"),
    span(fitText(`${shown}${was}`, width >= 60 ? 32 : 22), changed ? "inverse" : undefined),
    span(` ${meaning}`, "dim"),
  ];
}

export function watchRow({ text, value }: WatchValue): Row {
  return [span(` ${fitText(text, 16)} `, "accent"), span(formatPrice(value, "unknown"), "strong"), span("  watched", "dim")];
}
