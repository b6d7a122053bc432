/** What is on the screen while a session is being opened. Pure. */
import { formatCount } from "../output/format.js";
import { fitRow, line, paintRow, span, type Paint, type Row } from "./parts/row.js";
import type { ScreenSize } from "./terminal/screen.js";

const BAR_CELLS = 40;

/** A whole frame. `total` is 0 while nothing is known. */
export function loadingFrame(
  name: string,
  done: number,
  total: number,
  { columns, rows }: ScreenSize,
  paint: Paint,
): string {
  const share = total > 0 ? done / total : 0;
  const cells = Math.min(BAR_CELLS, Math.max(0, columns - 12));
  const full = Math.round(share * cells);
  const what = total > 0 ? `scanning file ${formatCount(done)} of ${formatCount(total)}` : "looking for files";
  const content: Row[] = [
    [span(" bardeck ", "strong"), span(name)],
    [span(` ${"█".repeat(full)}`), span("─".repeat(cells - full), "dim"), span(` ${Math.floor(share * 100)}%`)],
    line(` ${what}; q gives up`, "dim"),
  ];
  const above = Math.max(0, Math.floor((rows - content.length) / 2));
  const lines = content.map((row) => paintRow(fitRow(row, columns), paint).trimEnd());
  return [...Array.from<string>({ length: above }).fill(""), ...lines].slice(0, rows).join("\n");
}
