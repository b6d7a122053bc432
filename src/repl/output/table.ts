/** Aligned tables without borders: easy to read, to cut with `awk`, and for a screen reader. */
import { stripVTControlCharacters } from "node:util";
import CliTable from "cli-table3";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Columns of the highest number leave first, together, when the width does not suffice; 0, the default, never leaves. */
  readonly leaves?: number;
  /** What columns that leave together are called when that is told; the title when absent. */
  readonly group?: string;
  /** Where nothing is left to leave, the cells of this column, the last, are cut short. */
  readonly cuts?: boolean;
}

/** Columns there was no room for. */
export interface HiddenColumns {
  /** Titles, or names of groups, in the order of the columns. */
  readonly names: readonly string[];
  /** Columns of a terminal that has room for all. */
  readonly neededWidth: number;
}

/** Blanks between columns. */
export const COLUMN_GAP = 2;
const NO_BORDERS = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid"]
    .concat(["mid", "mid-mid", "right", "right-mid", "middle"])
    .map((name) => [name, ""]),
);

export interface TableStyle {
  readonly width?: number;
  readonly indent?: number;
  paintHead?(text: string): string;
  /** What is said below the table about columns without room: a line, unless somebody has said it already. */
  tellHidden?(hidden: HiddenColumns): readonly string[];
}

/**
 * The lines of a table, each indented by `indent`, and one that names the columns there was no room for. A column whose
 * cells are all empty is left out. Cells may carry colours; they must not carry line ends.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: ReadonlyArray<readonly string[]>,
  { width = Infinity, indent = 1, paintHead = (text) => text, tellHidden = hiddenLines }: TableStyle = {},
): string[] {
  const { kept, hidden, widths } = fit(columns, rows, width - indent);
  const below = hidden.names.length === 0 ? [] : tellHidden({ ...hidden, neededWidth: hidden.neededWidth + indent });
  const table = new CliTable({
    head: kept.map((i) => paintHead(columns[i].title)),
    colAligns: kept.map((i) => columns[i].align ?? "left"),
    colWidths: cutWidths(columns, kept, widths, width - indent),
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": COLUMN_GAP, compact: true },
  });
  for (const row of rows) table.push(kept.map((i) => row[i]));
  return table
    .toString()
    .split("\n")
    .map((line) => " ".repeat(indent) + line.trimEnd())
    .concat(below.map((line) => " ".repeat(indent) + paintHead(line)));
}

/** `not shown: prices, VOLUME (needs 152 columns, or --json)`: short enough for 80 columns itself. */
export function hiddenLines({ names, neededWidth }: HiddenColumns): string[] {
  return [`not shown: ${names.join(", ")} (needs ${neededWidth} columns, or --json)`];
}

interface Fit {
  /** Indices of the columns that are shown. */
  readonly kept: readonly number[];
  readonly hidden: HiddenColumns;
  /** Characters each column needs. */
  readonly widths: readonly number[];
}

function fit(columns: readonly TableColumn[], rows: ReadonlyArray<readonly string[]>, width: number): Fit {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => visibleWidth(row[i]))));
  const all = columns.map((_, i) => i).filter((i) => rows.length === 0 || rows.some((row) => row[i] !== ""));
  let kept = all;
  while (totalWidth(kept, widths) > width) {
    const leaving = Math.max(0, ...kept.map((i) => columns[i].leaves ?? 0));
    if (leaving === 0) break;
    kept = kept.filter((i) => (columns[i].leaves ?? 0) !== leaving);
  }
  const gone = all.filter((i) => !kept.includes(i)).map((i) => columns[i].group ?? columns[i].title);
  return { kept, hidden: { names: [...new Set(gone)], neededWidth: totalWidth(all, widths) }, widths };
}

function totalWidth(shown: readonly number[], widths: readonly number[]): number {
  return shown.reduce((sum, i) => sum + widths[i] + COLUMN_GAP, -COLUMN_GAP);
}

/** Width of the last column where its cells must be cut; null, as wide as it is, for the others. */
function cutWidths(
  columns: readonly TableColumn[],
  kept: readonly number[],
  widths: readonly number[],
  width: number,
): (number | null)[] {
  const over = totalWidth(kept, widths) - width;
  return kept.map((i) => {
    const { cuts, title } = columns[i];
    return cuts && over > 0 ? Math.max(title.length, widths[i] - over) + COLUMN_GAP : null;
  });
}

/** Characters of a text that carries colours. */
export function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
