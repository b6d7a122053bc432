/** The journal, an event a line: data events as facts, control events dimmed and marked. */
import { escapeName, type JournalEntry } from "../../engine/index.js";
import { drawTable, type ViewStyle } from "./style.js";

const COLUMNS = [
  { title: "DATE", leaves: 1 },
  { title: "TIME" },
  { title: "THREAD", leaves: 2 },
  { title: "KIND" },
  { title: "SYMBOL" },
  { title: "WHAT" },
];

export function journalLines(entries: readonly JournalEntry[], style: ViewStyle): string[] {
  if (entries.length === 0) return ["nothing has happened that fits"];
  const { theme, clock } = style;
  const rows = entries.map(({ control, thread, date, timeUs, kind, symbol, text }) => {
    const cells = [date, clock.time(timeUs), thread, kind, escapeName(symbol ?? ""), escapeName(text)];
    // A word beside the colour: control events are never compared.
    return control ? [...cells.slice(0, 3), `(${kind})`, ...cells.slice(4)].map(theme.dim) : cells;
  });
  return drawTable(COLUMNS, rows, style);
}
