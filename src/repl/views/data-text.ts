/** Quality, gaps, bars and minutes as tables. Times are of the exchange. */
import {
  escapeName,
  type BarsView,
  type GapView,
  type MinuteRow,
  type MinuteSlot,
  type QualityView,
  type SymbolQuality,
} from "../../engine/index.js";
import { formatCount, formatPercent, formatPrice, listSome, plural } from "../output/format.js";
import { entryLines } from "../output/run-summary.js";
import { COLUMN_GAP, visibleWidth } from "../output/table.js";
import { qualityPaint } from "../output/theme.js";
import { drawTable, type ViewStyle } from "./style.js";

const right = { align: "right" } as const;

const QUALITY_COLUMNS = [
  { title: "SYMBOL" },
  { title: "QUALITY", ...right },
  { title: "LAST 30", ...right },
  { title: "BARS", ...right },
  { title: "DUE", ...right },
  { title: "MISSING", ...right },
  { title: "FILLED", ...right },
  { title: "GAPS", ...right, leaves: 2 },
  { title: "LONGEST", ...right, leaves: 1 },
  { title: "OPEN NOW", ...right },
  { title: "LAST", ...right, leaves: 3 },
  { title: "VOLUME", ...right, leaves: 4 },
  { title: "BAD ROWS" },
];

export function qualityLines({ symbols, mean, worst, outagesUs }: QualityView, style: ViewStyle): string[] {
  const { theme, clock } = style;
  const rows = symbols.map((one) => [
    escapeName(one.symbol),
    one.absent ? theme.dim("absent") : paintPercent(one.percent, style),
    paintPercent(one.percent30, style),
    formatCount(one.observed),
    formatCount(one.due),
    formatCount(one.missing),
    countOrNothing(one.filled),
    formatCount(one.gaps),
    formatCount(one.longestGap),
    countOrNothing(one.openGap),
    formatPrice(one.last, theme.glyphs.none),
    formatCount(one.volume),
    badRows(one),
  ]);
  const lines = drawTable(QUALITY_COLUMNS, rows, style);
  const least = worst ? `, worst ${escapeName(worst.symbol)} ${paintPercent(worst.percent, style)}` : "";
  lines.push(` mean ${paintPercent(mean, style)}${least}`);
  if (outagesUs.length > 0) {
    const times = listSome(outagesUs.map(clock.time), 10);
    lines.push(theme.fair(` outage in ${plural(outagesUs.length, "minute")}: ${times}: most symbols are missing`));
  }
  return lines;
}

export function symbolQualityLines(one: SymbolQuality, style: ViewStyle): string[] {
  const { theme } = style;
  const { none } = theme.glyphs;
  const prices = [one.open, one.high, one.low, one.last].map((price) => formatPrice(price, none));
  const open = one.openGap > 0 ? `, ${plural(one.openGap, "minute")} open now` : "";
  return entryLines(
    [
      ["symbol", `${escapeName(one.symbol)}${one.absent ? ": absent, no rows on this session" : ""}`],
      ["quality", `${paintPercent(one.percent, style)}, of the last 30 minutes ${paintPercent(one.percent30, style)}`],
      [
        "minutes",
        `${formatCount(one.due)} due = ${formatCount(one.observed)} observed + ${formatCount(one.missing)} missing`,
      ],
      ["filled", formatCount(one.filled)],
      ["gaps", `${formatCount(one.gaps)}, longest ${plural(one.longestGap, "minute")}${open}`],
      ["prices", `open ${prices[0]}  high ${prices[1]}  low ${prices[2]}  last ${prices[3]}`],
      ["volume", formatCount(one.volume)],
      ["bad rows", badRows(one)],
    ],
    theme,
  );
}

function paintPercent(percent: number | null, { theme }: ViewStyle): string {
  return qualityPaint(theme, percent)(formatPercent(percent, theme.glyphs.none));
}

const countOrNothing = (count: number): string => (count === 0 ? "" : formatCount(count));

function badRows({ rejected, conflicts, duplicates, flagged }: SymbolQuality): string {
  const counts: [number, string][] = [
    [rejected, "rejected"],
    [conflicts, "conflicting"],
    [duplicates, "duplicate"],
    [flagged, "flagged"],
  ];
  return counts.flatMap(([count, name]) => (count > 0 ? [`${formatCount(count)} ${name}`] : [])).join(", ");
}

const GAP_COLUMNS = [
  { title: "SYMBOL" },
  { title: "FROM" },
  { title: "TO" },
  { title: "MINUTES", ...right },
  { title: "" },
];

/** The end of a gap is the start of the first minute after it. */
export function gapLines(gaps: readonly GapView[], style: ViewStyle): string[] {
  if (gaps.length === 0) return ["no gap so far"];
  const { clock, theme } = style;
  const rows = gaps.map(({ symbol, startUs, endUs, bars, open }) => [
    escapeName(symbol),
    clock.time(startUs),
    clock.time(endUs),
    formatCount(bars),
    open ? theme.fair("open") : "",
  ]);
  return drawTable(GAP_COLUMNS, rows, style);
}

const BAR_COLUMNS = [
  { title: "START" },
  { title: "OPEN", ...right },
  { title: "HIGH", ...right },
  { title: "LOW", ...right },
  { title: "CLOSE", ...right },
  { title: "VOLUME", ...right },
  { title: "" },
];

export function barsLines(bars: BarsView, style: ViewStyle): string[] {
  const name = `${escapeName(bars.symbol)} ${bars.intervalMinutes}m`;
  const count = bars.startUs.length;
  if (count === 0) return [`${name}: no bar so far`];
  const { clock, theme } = style;
  const rows = Array.from({ length: count }, (_, i) => [
    clock.time(bars.startUs[i]),
    ...[bars.open, bars.high, bars.low, bars.close].map((column) => formatPrice(column[i], theme.glyphs.none)),
    formatCount(bars.volume[i]),
    barNote(bars, i, style),
  ]);
  return [`${name}, ${plural(count, "bar")}, times are starts`, ...drawTable(BAR_COLUMNS, rows, style)];
}

/** Nothing for a streamed bar and a complete one. */
function barNote({ intervalMinutes, origin, n, m, status }: BarsView, i: number, { theme }: ViewStyle): string {
  if (intervalMinutes === 1) return origin[i] === "streamed" ? "" : theme.fair(origin[i]);
  return status[i] === "complete" ? "" : theme.fair(`${status[i]}, ${n[i]} of ${m[i]}`);
}

/** A row a minute and a column a symbol, as many as there is room for; with one symbol where its row comes from. */
export function minuteLines(minutes: readonly MinuteRow[], style: ViewStyle): string[] {
  const symbols = (minutes[0]?.slots ?? []).map((slot) => slot.symbol);
  if (symbols.length === 0) return ["no minute has passed"];
  const { clock, theme } = style;
  const columns = symbols.map((symbol, i) => [
    escapeName(symbol),
    ...minutes.map(({ slots }) => slotText(slots[i], style)),
  ]);
  const shown = columns.slice(0, countThatFit(columns, style));
  const details = symbols.length === 1 ? minutes.map(({ slots: [slot] }) => [volumeText(slot), sourceText(slot)]) : [];
  const head = [
    { title: "MINUTE" },
    ...shown.map(([title]) => ({ title, ...right })),
    ...(details.length > 0 ? [{ title: "VOLUME", ...right }, { title: "SOURCE" }] : []),
  ];
  const rows = minutes.map(({ startUs }, i) => [
    clock.time(startUs),
    ...shown.map((cells) => cells[i + 1]),
    ...(details[i] ?? []),
  ]);
  const more = symbols.length - shown.length;
  const left = more > 0 ? [theme.dim(` and ${plural(more, "symbol")} more; info minutes SYM shows one`)] : [];
  return [...drawTable(head, rows, style), ...left];
}

/** Columns that fit beside the minute; one always does. */
function countThatFit(columns: readonly (readonly string[])[], { width }: ViewStyle): number {
  let room = width - " MINUTE".length;
  const tooMany = columns.findIndex((cells) => (room -= Math.max(...cells.map(visibleWidth)) + COLUMN_GAP) < 0);
  return tooMany < 0 ? columns.length : Math.max(1, tooMany);
}

/** The close, or what the minute came to instead; rows that did not become a bar beside it. */
function slotText({ state, close, classes }: MinuteSlot, { theme }: ViewStyle): string {
  const price = formatPrice(close, theme.glyphs.none);
  const text = state === "streamed" ? price : state === "filled" ? theme.fair(`${price} filled`) : theme.bad(state);
  const others = Object.entries(classes).filter(([name]) => name !== "streamed");
  return [text, ...others.map(([name, count]) => (count === 1 ? name : `${count} ${name}`))].join(" ");
}

const volumeText = ({ volume }: MinuteSlot): string => (volume === null ? "" : formatCount(volume));

/** `SPY.parquet row 352`, as stored. */
function sourceText({ file, row }: MinuteSlot): string {
  return file === null || row === null ? "" : `${escapeName(file)} row ${row}`;
}
