/** The end of a run as text: what was replayed, where every row went, and how the data was read. Pure. */
import {
  ROW_CLASSES,
  type Catalog,
  type ClosedDay,
  type FileAccount,
  type RowClass,
  type SessionSummary,
} from "../../engine/index.js";
import {
  createExchangeClock,
  formatCount,
  formatDay,
  formatPercent,
  formatRate,
  formatSeconds,
  listSome,
  plural,
} from "./format.js";
import { dayQuality } from "./session-table.js";
import { qualityPaint, type Theme } from "./theme.js";

export interface RunResult {
  readonly catalog: Catalog;
  readonly summary: SessionSummary;
  readonly files: readonly FileAccount[];
  readonly days: readonly ClosedDay[];
  readonly interrupted: boolean;
  readonly openDay: OpenDay | undefined;
}

/** A session that had begun when the run ended, and had not been closed. */
export interface OpenDay {
  readonly date: string;
  /** What it had come to, microseconds UTC. */
  readonly timeUs: number;
}

/** The lines of the summary. */
export function summaryLines(result: RunResult, theme: Theme): string[] {
  const { catalog, summary, files, days } = result;
  const entries: [string, string][] = [
    [statusWord(result), sessionsText(catalog, summary)],
    [
      "bars",
      `${formatCount(summary.bars)} streamed from ${plural(summary.rows, "row")} in ${plural(files.length, "file")}`,
    ],
    ["open", openText(result)],
    ["rows", classesText(sumClasses(files), summary.rows)],
    ["flagged", flaggedText(days)],
    ["quality", qualityText(days, theme)],
    ["left out", leftOutText(days)],
    ["speed", `${formatRate(summary.barsPerSecond)} bars/s (${formatSeconds(summary.seconds)})`],
    ["calendar", `${catalog.calendarName}, ${catalog.exchangeZone}`],
    ...readingEntries(catalog),
    ["input", catalog.inputDigest],
    ["digest", summary.digest],
  ];
  return entryLines(entries, theme);
}

/** Label, zone and unit, each with how it was decided. */
export function readingEntries({ label, timeZone, unit }: Catalog): [string, string][] {
  return [
    ["label", `${label.value}: ${label.how}`],
    ["zone", `${timeZone.value}: ${timeZone.how}`],
    ["unit", `${unit.value}: ${unit.how}`],
  ];
}

/** Lines ` name     text`, those without text left out. */
export function entryLines(entries: ReadonlyArray<readonly [string, string]>, theme: Theme): string[] {
  const shown = entries.filter(([, text]) => text !== "");
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, text]) => ` ${theme.dim(name.padEnd(width))}  ${text}`);
}

/** What the counts leave out: a session counts when it has been closed. */
function openText({ catalog, openDay }: RunResult): string {
  if (!openDay) return "";
  const time = createExchangeClock(catalog.exchangeZone).time(openDay.timeUs);
  return `${formatDay(openDay.date)} had come to ${time} and is not counted: a session counts once it is closed`;
}

function statusWord({ summary, interrupted }: RunResult): string {
  return interrupted ? "interrupted" : summary.status;
}

/** `3 sessions; 1,953 sessions without data skipped; inside the data: none`. */
export function sessionsText({ withoutData, sessions }: Catalog, summary?: SessionSummary): string {
  const replayed =
    summary && summary.sessions < sessions.length
      ? `${formatCount(summary.sessions)} of ${plural(sessions.length, "session")}`
      : plural(sessions.length, "session");
  const { count, insideData } = withoutData;
  if (count === 0) return replayed;
  const inside = insideData.length === 0 ? "none" : listSome(insideData, 5);
  return `${replayed}; ${plural(count, "session")} without data skipped; inside the data: ${inside}`;
}

/** `5,490 streamed + 1,204 preMarket = 6,694 rows`. */
export function classesText(classes: Partial<Record<RowClass, number>>, rows: number): string {
  const parts = ROW_CLASSES.filter((name) => classes[name]).map((name) => `${formatCount(classes[name] ?? 0)} ${name}`);
  const sum = ROW_CLASSES.reduce((total, name) => total + (classes[name] ?? 0), 0);
  const equals =
    sum === rows ? `= ${plural(rows, "row")}` : `= ${formatCount(sum)}, but there are ${plural(rows, "row")}`;
  return parts.length === 0 ? plural(rows, "row") : `${parts.join(" + ")} ${equals}`;
}

export function sumClasses(files: readonly FileAccount[]): Partial<Record<RowClass, number>> {
  const sum: Partial<Record<RowClass, number>> = {};
  for (const { classes } of files) {
    for (const [name, count] of Object.entries(classes) as [RowClass, number][]) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

function flaggedText(days: readonly ClosedDay[]): string {
  const sum = new Map<string, number>();
  for (const { record } of days) {
    for (const { flagged } of record.symbols) {
      for (const [flag, count] of Object.entries(flagged)) sum.set(flag, (sum.get(flag) ?? 0) + count);
    }
  }
  return [...sum].map(([flag, count]) => `${formatCount(count)} ${flag}`).join(", ");
}

function leftOutText(days: readonly ClosedDay[]): string {
  const all = days.flatMap(({ record }) => record.symbols);
  const left = all.filter((symbol) => symbol.leftOut).length;
  return left === 0 ? "" : `${formatCount(left)} of ${plural(all.length, "symbol-day")}: not read, so not judged`;
}

/** Mean over the symbols of all sessions; null when none can be judged. */
export function meanQuality(days: readonly ClosedDay[]): number | null {
  const qualities = judged(days);
  return qualities.length === 0 ? null : qualities.reduce((sum, quality) => sum + quality, 0) / qualities.length;
}

function judged(days: readonly ClosedDay[]): number[] {
  return days
    .flatMap(({ record }) => record.symbols.map(({ quality }) => quality))
    .filter((quality) => quality !== null);
}

/** That mean, and the worst of them. */
function qualityText(days: readonly ClosedDay[], theme: Theme): string {
  const { none } = theme.glyphs;
  let worst: { symbol: string; date: string; quality: number } | undefined;
  for (const { record } of days) {
    const least = dayQuality(record).worst;
    if (least && least.quality !== null && (!worst || least.quality < worst.quality)) {
      worst = { symbol: least.symbol, date: record.date, quality: least.quality };
    }
  }
  const mean = meanQuality(days);
  if (!worst || mean === null) return "";
  const show = (percent: number): string => qualityPaint(theme, percent)(formatPercent(percent, none));
  if (judged(days).length === 1) return show(mean);
  return `${show(mean)}, worst ${show(worst.quality)} (${worst.symbol} ${worst.date})`;
}
