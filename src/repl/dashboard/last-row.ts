/** The last line of the screen: what is being typed, else the newest message, else the keys people need first. Pure. */
import { cutStart, fitRow, rowWidth, span, textWidth, type Row } from "./parts/row.js";
import type { Typing, Ui } from "./ui.js";

/** Keys and a word for each; as many as fit, those of a higher rank leave first. */
export const HINTS: readonly (readonly [keys: string, word: string, rank: number])[] = [
  ["space", "play", 0],
  [".", "step", 0],
  [",", "back", 0],
  ["n", "phase", 2],
  ["E", "to EOD", 2],
  ["[ ]", "speed", 3],
  [":", "command", 1],
  ["?", "help", 0],
  ["q", "quit", 0],
  ["m", "mode", 4],
  ["v", "views", 5],
  ["z", "zoom", 6],
];

export function lastRow({ typing, message, count }: Ui, width: number, isPlaying = false): Row {
  if (typing) return typedRow(typing, width);
  const counted: Row = count === "" ? [] : [span(` ${count} `, "inverse")];
  if (message) return fitRow([...counted, span(" "), span(message.text, message.isError ? "bad" : "accent")], width);
  const hints = HINTS.map(([keys, word, rank]) => ({
    rank,
    spans: [span(` ${keys}`, "strong"), span(` ${keys === "space" && isPlaying ? "pause" : word} `)],
  }));
  let room = width - rowWidth(counted);
  const kept = new Set(hints.toSorted((a, b) => a.rank - b.rank).filter(({ spans }) => (room -= rowWidth(spans)) >= 0));
  return fitRow([...counted, ...hints.filter((hint) => kept.has(hint)).flatMap(({ spans }) => spans)], width);
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
  if (rowWidth(row.slice(0, 3)) <= width) return fitRow([...row, ...offers], width);
  const [, before, cursor] = row;
  const room = width - textWidth("…") - textWidth(cursor.text);
  return fitRow([span("…"), span(cutStart(before.text, room)), cursor], width);
}
