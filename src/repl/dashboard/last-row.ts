/** The last line of the screen: what is being typed, else the newest message, else the keys people need first. Pure. */
import { fitRow, rowWidth, span, type Row, type Span } from "./parts/row.js";
import type { Typing, Ui } from "./ui.js";

/** Keys and a word for each; as many as fit. */
export const HINTS: readonly (readonly [keys: string, word: string])[] = [
  ["space", "play"],
  [".", "step"],
  [",", "back"],
  ["n", "phase"],
  ["E", "to EOD"],
  ["[ ]", "speed"],
  [":", "command"],
  ["?", "help"],
  ["q", "quit"],
  ["m", "mode"],
  ["v", "views"],
  ["z", "zoom"],
];

export function lastRow({ typing, message, count }: Ui, width: number): Row {
  if (typing) return typedRow(typing, width);
  const counted: Row = count === "" ? [] : [span(` ${count} `, "inverse")];
  if (message) return fitRow([...counted, span(" "), span(message.text, message.isError ? "bad" : "accent")], width);
  const hints: Span[] = [...counted];
  for (const [keys, word] of HINTS) {
    const hint = [span(` ${keys}`, "strong"), span(` ${word} `)];
    if (rowWidth([...hints, ...hint]) <= width) hints.push(...hint);
  }
  return fitRow(hints, width);
}

function typedRow({ what, line: { text, at }, candidates = [] }: Typing, width: number): Row {
  const sign = what === "command" ? ":" : "/";
  const under = Array.from(text.slice(at))[0] ?? " ";
  const row = [
    span(sign, "strong"),
    span(text.slice(0, at)),
    span(under, "inverse"),
    span(text.slice(at + under.length)),
  ];
  const offers = candidates.length === 0 ? [] : [span(`   ${candidates.join(" ")}`, "dim")];
  // A long line shows the part around the cursor.
  const excess = rowWidth(row.slice(0, 3)) - width;
  if (excess <= 0) return fitRow([...row, ...offers], width);
  return fitRow([span("…"), span(text.slice(excess + 1, at)), span(under, "inverse")], width);
}
