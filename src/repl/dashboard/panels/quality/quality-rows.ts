/** The rows of the quality panel. Pure. */
import type { SymbolQuality } from "../../../../engine/index.js";
import { formatCount, formatPercent, formatPrice } from "../../../output/format.js";
import { fitText, line, span, textWidth, type Row, type Tone } from "../../parts/row.js";
import { minutesPerCell, stateStrip } from "../../parts/strip.js";

export interface QualityEntry {
  readonly quality: SymbolQuality;
  /** `MINUTE_STATE` of every minute. */
  readonly states: Uint8Array;
}

/** Columns besides the strip, in order; those of a higher `from` need a wider panel. */
interface Column {
  readonly title: string;
  readonly width: number;
  readonly from: number;
  readonly text: (of: SymbolQuality) => string;
  readonly tone?: (of: SymbolQuality) => Tone | undefined;
}

const COLUMNS: readonly Column[] = [
  {
    title: "QUAL",
    width: 8,
    from: 0,
    text: (of) => (of.absent ? "absent" : formatPercent(of.percent, "–")),
    tone: (of) => qualityTone(of.percent),
  },
  { title: "MISS", width: 5, from: 0, text: (of) => formatCount(of.missing) },
  { title: "FILL", width: 5, from: 50, text: (of) => formatCount(of.filled) },
  { title: "GAP", width: 5, from: 50, text: (of) => formatCount(of.longestGap) },
  {
    title: "30 MIN",
    width: 8,
    from: 90,
    text: (of) => formatPercent(of.percent30, "–"),
    tone: (of) => qualityTone(of.percent30),
  },
  { title: "BAD ROWS", width: 9, from: 90, text: (of) => formatCount(of.rejected + of.duplicates + of.conflicts) },
  { title: "LAST", width: 11, from: 100, text: (of) => formatPrice(of.last, "–") },
  { title: "VOLUME", width: 14, from: 116, text: (of) => formatCount(of.volume) },
];

/** Green from 95 %, yellow from 80 %, red below; the number always stands beside it. */
export function qualityTone(percent: number | null): Tone | undefined {
  if (percent === null) return "dim";
  return percent >= 95 ? "good" : percent >= 80 ? "fair" : "bad";
}

/** A head and a row for each entry. */
export function qualityRows(
  entries: readonly QualityEntry[],
  { opensAt, closesAt }: { readonly opensAt: string; readonly closesAt: string },
  { width, symbol }: { readonly width: number; readonly symbol: string },
): Row[] {
  const columns = COLUMNS.filter((column) => column.from <= width);
  const nameWidth = Math.min(12, Math.max(4, ...entries.map((entry) => textWidth(entry.quality.symbol))));
  const taken = columns.reduce((sum, column) => sum + column.width, nameWidth + 3);
  const cells = Math.max(1, width - taken - 3);
  const perCell = minutesPerCell(entries[0]?.states.length ?? 0, cells);
  const head = [
    ` ${fitText("SYM", nameWidth + 2)}`,
    ...columns.map((column) => fitText(column.title, column.width, "right")),
    "  ",
    stripHead(opensAt, closesAt, perCell, Math.ceil((entries[0]?.states.length ?? 0) / perCell)),
  ].join("");
  if (entries.length === 0) return [line(head, "dim"), line(" no symbol matches the filter", "dim")];
  return [
    line(head, "dim"),
    ...entries.map(({ quality, states }): Row => {
      const chosen = quality.symbol === symbol;
      return [
        span(` ${fitText(quality.symbol, nameWidth)}${chosen ? " ▸" : "  "}`, chosen ? "strong" : undefined),
        ...columns.map(({ text, width: cellWidth, tone }) =>
          span(fitText(text(quality), cellWidth, "right"), tone?.(quality)),
        ),
        span("  "),
        ...stateStrip(states, perCell),
      ];
    }),
  ];
}

/** `09:30 ── 13 min a cell ── 16:00` over so many cells, or as much of it as fits. */
function stripHead(opensAt: string, closesAt: string, perCell: number, cells: number): string {
  for (const text of [`${perCell} min a cell`, `${perCell} min`, ""]) {
    const rules = cells - textWidth(opensAt) - textWidth(closesAt) - textWidth(text) - (text === "" ? 2 : 4);
    if (rules < 0) continue;
    const left = Math.floor(rules / 2);
    const middle = text === "" ? "─".repeat(rules) : `${"─".repeat(left)} ${text} ${"─".repeat(rules - left)}`;
    return `${opensAt} ${middle} ${closesAt}`;
  }
  return opensAt;
}
