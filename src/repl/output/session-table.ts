/** A closed session as text: a heading, a row a symbol, and what stands out. Pure. */
import type { ClosedDay, DayRecord, SymbolRecord } from "../../engine/index.js";
import { formatCount, formatDay, formatPercent, formatPrice, listSome, plural, type ExchangeClock } from "./format.js";
import { leftOutTexts } from "./left-out.js";
import { formatTable, type TableColumn, type TableStyle } from "./table.js";
import { qualityPaint, type Theme } from "./theme.js";

export interface SessionTableStyle {
  readonly theme: Theme;
  readonly clock: ExchangeClock;
  readonly width: number;
  /** Says what has no room; without it, below every table. */
  readonly tellHidden?: TableStyle["tellHidden"];
}

/** Rows of a table at most: beyond it the worst are shown, the rest is counted; `--json` has all. */
export const MOST_ROWS = 30;
/** Outages of one day that are told; its longest gaps stand in the table. */
const MOST_OUTAGES = 5;
/** Reasons for leaving symbols out that are told of one day. */
const MOST_REASONS = 5;

/** What leaves first is what says least about the quality of the data. */
const COLUMNS: readonly TableColumn[] = [
  { title: "SYMBOL" },
  { title: "QUALITY", align: "right" },
  { title: "BARS", align: "right" },
  { title: "MISSING", align: "right" },
  { title: "FILLED", align: "right" },
  { title: "LONGEST GAP" },
  ...["OPEN", "HIGH", "LOW", "LAST"].map((title) => ({ title, align: "right", leaves: 4, group: "prices" }) as const),
  { title: "VOLUME", align: "right", leaves: 2 },
  { title: "OFF-HOURS", align: "right", leaves: 1 },
  { title: "DERIVED", leaves: 3 },
  { title: "BAD ROWS", cuts: true },
];

/** The lines for one closed session; `warmUpUntilUs` is where its warm-up ended, if it had one. */
export function sessionLines(day: ClosedDay, style: SessionTableStyle, warmUpUntilUs?: number): string[] {
  const { record } = day;
  const { theme } = style;
  const lines = [heading(record, style, warmUpUntilUs), ...remarks(day, style)];
  if (record.noData || isLeftOut(record)) return lines;
  const shown = chooseRows(record.symbols);
  const rows = shown.map((symbol) => tableRow(symbol, style));
  lines.push(...formatTable(COLUMNS, rows, { width: style.width, paintHead: theme.dim, tellHidden: style.tellHidden }));
  const left = record.symbols.length - shown.length;
  if (left > 0) {
    const { ellipsis, none } = theme.glyphs;
    const best = shown.at(-1)?.quality ?? null;
    const which = best === null ? "absent or left out" : `of quality ${formatPercent(best, none)} or better`;
    lines.push(theme.dim(` ${ellipsis} and ${plural(left, "symbol")} ${which}`));
  }
  return lines;
}

/** Every symbol was left out: there is nothing to judge and nothing to list. */
function isLeftOut({ symbols }: DayRecord): boolean {
  return symbols.length > 0 && symbols.every((symbol) => symbol.leftOut);
}

function heading(record: DayRecord, { theme, clock }: SessionTableStyle, warmUpUntilUs: number | undefined): string {
  const { dash, none } = theme.glyphs;
  const { opensAtUs, closesAtUs } = record;
  const minutes = (closesAtUs - opensAtUs) / 60e6;
  const hours = `${clock.time(opensAtUs)}${dash}${clock.time(closesAtUs)} ${clock.zone(opensAtUs)}`;
  const parts = [
    theme.strong(formatDay(record.date)),
    hours,
    `${minutes} minutes${record.kind === "half" ? ", half day" : ""}`,
  ];
  if (warmUpUntilUs !== undefined) parts.push(`warm-up ${clock.time(opensAtUs)}${dash}${clock.time(warmUpUntilUs)}`);
  if (record.noData) return [...parts, theme.bad("no data")].join("  ");
  if (isLeftOut(record)) return [...parts, theme.bad("left out")].join("  ");
  const { mean, worst } = dayQuality(record);
  const paint = qualityPaint(theme, mean);
  parts.push(`quality ${paint(formatPercent(mean, none))}`);
  if (worst && record.symbols.length > 1)
    parts.push(`worst ${worst.symbol} ${qualityPaint(theme, worst.quality)(formatPercent(worst.quality, none))}`);
  return parts.join("  ");
}

/** Mean and worst over the symbols that can be judged: those present and read. */
export function dayQuality({ symbols }: DayRecord): { mean: number | null; worst: SymbolRecord | undefined } {
  const present = symbols.filter((symbol) => symbol.quality !== null);
  if (present.length === 0) return { mean: null, worst: undefined };
  const mean = present.reduce((sum, symbol) => sum + (symbol.quality ?? 0), 0) / present.length;
  return { mean, worst: present.reduce((a, b) => ((b.quality ?? 0) < (a.quality ?? 0) ? b : a)) };
}

/** What a person should not have to find in the table. */
function remarks({ record, skipped }: ClosedDay, { theme, clock }: SessionTableStyle): string[] {
  const { dash, arrow } = theme.glyphs;
  const lines: string[] = [];
  const isJudged = record.symbols.some((symbol) => symbol.quality !== null);
  if (record.forcedFromUs !== null && isJudged) {
    lines.push(` ${clock.time(record.forcedFromUs)} ${arrow} ${clock.time(record.closesAtUs)}: all streams ended`);
  }
  const outages = outageRuns(record.outagesUs);
  for (const { startUs, endUs, minutes } of outages.slice(0, MOST_OUTAGES)) {
    const when = `${clock.time(startUs)}${dash}${clock.time(endUs)} (${plural(minutes, "minute")})`;
    lines.push(theme.fair(` outage ${when}: ${missingText(record, startUs, endUs)}`));
  }
  if (outages.length > MOST_OUTAGES)
    lines.push(theme.fair(` ${theme.glyphs.ellipsis} and ${plural(outages.length - MOST_OUTAGES, "outage")} more`));
  const absent = record.noData ? [] : record.symbols.filter(({ quality, leftOut }) => quality === null && !leftOut);
  if (absent.length > 0) {
    const names = listSome(
      absent.map((symbol) => symbol.symbol),
      10,
    );
    lines.push(theme.fair(` absent: ${names} (no rows on this session)`));
  }
  const unread = new Map(record.symbols.map((symbol) => [symbol.symbol, symbol.unread]));
  const reasons = leftOutTexts(skipped, record.symbols.length, (symbol) => unread.get(symbol) ?? 0);
  lines.push(...reasons.slice(0, MOST_REASONS).map((text) => theme.bad(` left out: ${text}`)));
  if (reasons.length > MOST_REASONS)
    lines.push(theme.bad(` left out: ${plural(reasons.length - MOST_REASONS, "reason")} more (--json has all)`));
  return lines;
}

/** `4 of 6 symbols miss bars: AAPL, MSFT, NVDA, TSLA`. A quiet symbol may be among them by chance. */
function missingText({ symbols }: DayRecord, startUs: number, endUs: number): string {
  const judged = symbols.filter(({ quality }) => quality !== null);
  const missing = judged.filter(({ gaps }) => gaps.some((gap) => gap.startUs < endUs && gap.endUs > startUs));
  const names = missing.map(({ symbol }) => symbol);
  return `${formatCount(missing.length)} of ${plural(judged.length, "symbol")} miss bars: ${listSome(names, 10)}`;
}

/** Outage minutes as runs. */
function outageRuns(minutesUs: readonly number[]): { startUs: number; endUs: number; minutes: number }[] {
  const runs: { startUs: number; endUs: number; minutes: number }[] = [];
  for (const startUs of minutesUs) {
    const run = runs.at(-1);
    if (run?.endUs === startUs) {
      run.endUs += 60e6;
      run.minutes++;
    } else runs.push({ startUs, endUs: startUs + 60e6, minutes: 1 });
  }
  return runs;
}

/** All symbols, in their order; of too many the worst, those first. */
function chooseRows(symbols: readonly SymbolRecord[]): readonly SymbolRecord[] {
  if (symbols.length <= MOST_ROWS) return symbols;
  const rank = (symbol: SymbolRecord): number => symbol.quality ?? Infinity;
  return [...symbols].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b))).slice(0, MOST_ROWS);
}

function tableRow(record: SymbolRecord, { theme, clock }: SessionTableStyle): string[] {
  const { none, dash } = theme.glyphs;
  const { filtered } = record;
  const longest = record.gaps.find((gap) => gap.bars === record.longestGap);
  const gap = longest ? `${longest.bars} at ${clock.time(longest.startUs)}${dash}${clock.time(longest.endUs)}` : none;
  /** Of a symbol that was left out nothing was counted: a 0 would say that something was. */
  const counted = (count: number): string => (record.leftOut ? none : formatCount(count));
  return [
    record.symbol,
    qualityText(record, theme),
    counted(record.streamed),
    counted(record.missing),
    record.filled === 0 ? "" : formatCount(record.filled),
    gap,
    ...[record.open, record.high, record.low, record.last].map((price) => formatPrice(price, none)),
    counted(record.volume),
    counted(filtered.preMarket + filtered.afterHours + filtered.atClose),
    record.leftOut ? none : record.derived.map((one) => derivedText(one, record.due)).join(" "),
    badRows(record, theme),
  ];
}

function qualityText({ quality, leftOut }: SymbolRecord, theme: Theme): string {
  if (leftOut) return theme.bad("left out");
  return qualityPaint(theme, quality)(quality === null ? "absent" : formatPercent(quality, theme.glyphs.none));
}

/** `5m 74/78`: complete ones of all the buckets of the session, those without any bar among them. */
function derivedText({ intervalMinutes, complete }: SymbolRecord["derived"][number], due: number): string {
  return `${intervalMinutes}m ${complete}/${Math.ceil(due / intervalMinutes)}`;
}

function badRows(record: SymbolRecord, theme: Theme): string {
  const flagged = Object.entries(record.flagged).map(([flag, count]) => `${formatCount(count)} ${flag}`);
  const bad = [
    record.rejected > 0 ? `${formatCount(record.rejected)} rejected` : "",
    record.conflicts > 0 ? plural(record.conflicts, "conflict") : "",
    record.duplicates > 0 ? plural(record.duplicates, "duplicate") : "",
    record.unread > 0 ? `${formatCount(record.unread)} unread` : "",
  ].filter((part) => part !== "");
  const text = [...bad.map(theme.bad), ...flagged].join(", ");
  return text;
}
