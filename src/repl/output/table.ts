/** Aligned tables without borders: easy to read, to cut with `awk`, and for a screen reader. */
import { stripVTControlCharacters } from "node:util";
import CliTable from "cli-table3";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Columns of the highest number leave first when the width does not suffice; 0, the default, never leaves. */
  readonly leaves?: number;
}

/** Blanks between columns. */
export const COLUMN_GAP = 2;
const NO_BORDERS = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid"]
    .concat(["mid", "mid-mid", "right", "right-mid", "middle"])
    .map((name) => [name, ""]),
);

/**
 * The lines of a table, each indented by `indent`. A column whose cells are all empty is left out.
 * Cells may carry colours; they must not carry line ends.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: ReadonlyArray<readonly string[]>,
  { width = Infinity, indent = 1, paintHead = (text: string) => text } = {},
): string[] {
  const kept = fit(columns, rows, width - indent);
  const table = new CliTable({
    head: kept.map((i) => paintHead(columns[i].title)),
    colAligns: kept.map((i) => columns[i].align ?? "left"),
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": COLUMN_GAP, compact: true },
  });
  for (const row of rows) table.push(kept.map((i) => row[i]));
  return table
    .toString()
    .split("\n")
    .map((line) => " ".repeat(indent) + line.trimEnd());
}

/** Indices of the columns that are shown. */
function fit(columns: readonly TableColumn[], rows: ReadonlyArray<readonly string[]>, width: number): number[] {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => visibleWidth(row[i]))));
  const kept = columns.map((_, i) => i).filter((i) => rows.length === 0 || rows.some((row) => row[i] !== ""));
  while (kept.reduce((sum, i) => sum + widths[i] + COLUMN_GAP, -COLUMN_GAP) > width) {
    const leaving = kept.reduce(
      (most, i) => ((columns[i].leaves ?? 0) > (columns[most].leaves ?? 0) ? i : most),
      kept[0],
    );
    if (!columns[leaving]?.leaves) break;
    kept.splice(kept.indexOf(leaving), 1);
  }
  return kept;
}

/** Characters of a text that carries colours. */
export function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
