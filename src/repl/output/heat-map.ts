/**
 * Coverage of symbols × days as text. Numbers while they fit; else a sign a cell that also reads without colour:
 * `█` complete, a digit for the tens of percent, `X` for a day without a row, `?` for one that could not be read, `·`
 * outside the symbol's dates.
 * A cell of several days shows the worst of them. Pure.
 */
import type { Theme } from "./theme.js";
import { qualityPaint } from "./theme.js";
import { formatTable } from "./table.js";

/** Coverage of one cell: percent, `absent` where a row is missing that should be there, `unread` where it was left out, `outside` the symbol's dates. */
export type Cell = number | "absent" | "unread" | "outside";

export interface HeatMap {
  readonly dates: readonly string[];
  readonly rows: readonly { readonly symbol: string; readonly cells: readonly Cell[] }[];
}

/** Of too many symbols, those with the worst cells are shown. */
const MOST_ROWS = 40;
const NUMBER_CELL = 7;

/** The lines of the map, and below it how to read it. */
export function heatMapLines(map: HeatMap, theme: Theme, width: number): string[] {
  if (map.dates.length === 0) return [];
  const shown = chooseRows(map);
  const label = Math.max(6, ...shown.rows.map(({ symbol }) => symbol.length));
  const room = Math.max(10, width - label - 4);
  const lines =
    map.dates.length * (NUMBER_CELL + 2) <= room ? numberLines(shown, theme) : signLines(shown, theme, label, room);
  const left = map.rows.length - shown.rows.length;
  if (left > 0) lines.push(theme.dim(` ${theme.glyphs.ellipsis} and ${left} symbols that are no worse`));
  return lines;
}

function chooseRows(map: HeatMap): HeatMap {
  if (map.rows.length <= MOST_ROWS) return map;
  const rank = (cells: readonly Cell[]): number =>
    cells.reduce<number>((least, cell) => Math.min(least, cellRank(cell)), 101);
  const rows = [...map.rows].sort((a, b) => rank(a.cells) - rank(b.cells)).slice(0, MOST_ROWS);
  return { dates: map.dates, rows };
}

/** Order of badness: absent, then unread, then the percentages, then what does not count. */
function cellRank(cell: Cell): number {
  return typeof cell === "number" ? cell : { absent: -2, unread: -1, outside: 101 }[cell];
}

function numberLines({ dates, rows }: HeatMap, theme: Theme): string[] {
  const sameYear = dates.every((date) => date.slice(0, 4) === dates[0].slice(0, 4));
  const columns = [
    { title: sameYear ? dates[0].slice(0, 4) : "" },
    ...dates.map((date) => ({ title: sameYear ? date.slice(5) : date, align: "right" as const })),
  ];
  const body = rows.map(({ symbol, cells }) => [
    symbol,
    ...cells.map((cell) => paintCell(cell, numberText(cell, theme), theme)),
  ]);
  return formatTable(columns, body, { paintHead: theme.dim });
}

function numberText(cell: Cell, { glyphs }: Theme): string {
  if (cell === "absent") return "no data";
  if (cell === "unread") return "unread";
  if (cell === "outside") return glyphs.outside;
  return cell === 100 ? "100" : (Math.floor(cell * 10 + 1e-7) / 10).toFixed(1);
}

function signLines({ dates, rows }: HeatMap, theme: Theme, label: number, room: number): string[] {
  const perCell = Math.ceil(dates.length / room);
  const starts = dates.filter((_, i) => i % perCell === 0);
  const lines = [` ${" ".repeat(label)}  ${theme.dim(ruler(starts))}`];
  for (const { symbol, cells } of rows) {
    let text = "";
    for (let i = 0; i < cells.length; i += perCell) {
      const worst = cells.slice(i, i + perCell).reduce((a, b) => (cellRank(b) < cellRank(a) ? b : a));
      text += paintCell(worst, cellSign(worst, theme), theme);
    }
    lines.push(` ${symbol.padEnd(label)}  ${text}`);
  }
  const { full, absent, unread, outside } = theme.glyphs;
  const left = rows.some(({ cells }) => cells.includes("unread")) ? `  ${unread} unread` : "";
  const many = perCell > 1 ? `; ${perCell} sessions a cell, the worst of them shown` : "";
  lines.push(
    theme.dim(` ${full} 100%  9 90-99%  0 below 10%  ${absent} no row${left}  ${outside} outside its dates${many}`),
  );
  return lines;
}

function cellSign(cell: Cell, { glyphs }: Theme): string {
  if (typeof cell === "string") return glyphs[cell];
  return cell === 100 ? glyphs.full : String(Math.min(9, Math.floor(cell / 10)));
}

function paintCell(cell: Cell, text: string, theme: Theme): string {
  if (cell === "absent" || cell === "unread") return theme.strong(theme.bad(text));
  return cell === "outside" ? theme.dim(text) : qualityPaint(theme, cell)(text);
}

/** Months above their first cell, as far as they do not touch: `2013-10      2013-11`. */
function ruler(starts: readonly string[]): string {
  let text = "";
  let month = "";
  starts.forEach((date, i) => {
    const now = date.slice(0, 7);
    if (now === month) return;
    month = now;
    const isFree = text.length === 0 || text.length < i;
    if (isFree) text = text.padEnd(i) + now;
  });
  return text;
}
