/** Minutes of a session as a strip of cells. Pure. */
import { span, type Row, type Span, type Tone } from "./row.js";

/** Glyph and tone of each minute state, in the order of their numbers: the higher, the worse. */
const LOOK: readonly { readonly glyph: string; readonly tone?: Tone }[] = [
  { glyph: "·", tone: "dim" },
  { glyph: "█" },
  { glyph: "▒", tone: "fair" },
  { glyph: "░", tone: "bad" },
];

export const STATE_LEGEND = "█ streamed ▒ filled ░ missing · not due";

/** Minutes each of at most `cells` cells stands for. */
export function minutesPerCell(minutes: number, cells: number): number {
  return Math.max(1, Math.ceil(minutes / Math.max(1, cells)));
}

/** A cell shows the worst minute in it: missing before filled before streamed before not due. */
export function stateStrip(states: Uint8Array, perCell: number): Row {
  const row: Span[] = [];
  let run = "";
  let runState = -1;
  const flush = (): void => {
    if (run !== "") row.push(span(run, LOOK[runState].tone));
    run = "";
  };
  for (let from = 0; from < states.length; from += perCell) {
    let worst = 0;
    for (let i = from; i < Math.min(from + perCell, states.length); i++) worst = Math.max(worst, states[i]);
    if (worst !== runState) flush();
    runState = worst;
    run += LOOK[worst].glyph;
  }
  flush();
  return row;
}

/** One minute. */
export function stateSpan(state: number): Span {
  return span(LOOK[state].glyph, LOOK[state].tone);
}
