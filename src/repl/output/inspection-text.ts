/** What `inspect` found, as text: what sells the tool, so the worst news stands out. Pure. */
import { ROW_CLASSES, type InspectedDay, type InspectedSymbol, type Inspection } from "../../engine/index.js";
import {
  createExchangeClock,
  formatCount,
  formatDay,
  formatPercent,
  formatPrice,
  listSome,
  plural,
  type ExchangeClock,
} from "./format.js";
import { leftOutTexts } from "./left-out.js";
import { heatMapLines, type Cell, type HeatMap } from "./heat-map.js";
import { NoticeBook } from "./notice-book.js";
import { classesText, entryLines, readingEntries, sessionsText } from "./run-summary.js";
import { formatTable } from "./table.js";
import { qualityPaint, type Theme } from "./theme.js";

/** How much of the worst is shown. */
const MOST_SHOWN = 10;
const MOST_SYMBOLS = 100;
/** A map takes what width there is; in a pipe that has no end. */
const WIDEST_MAP = 160;

/** All lines; sections are apart by an empty line. */
export function inspectionLines(found: Inspection, tryNext: string, theme: Theme, width: number): string[] {
  const clock = createExchangeClock(found.catalog.exchangeZone);
  const sections = [
    sourceSection(found, theme),
    symbolSection(found, theme, width),
    heatSection(found, theme, width),
    daySection(found, theme, width),
    gapSection(found, theme, clock, width),
    outageSection(found, theme, clock),
    splitSection(found, theme, clock, width),
    noticeSection(found, theme),
    [`${theme.strong("Try next")}`, ` ${tryNext}`],
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

function sourceSection({ catalog, classes, flagged }: Inspection, theme: Theme): string[] {
  const dates = catalog.bySymbol
    .flatMap(({ firstDate, lastDate }) => (firstDate === "" ? [] : [firstDate, lastDate]))
    .sort();
  const range = dates.length > 0 ? `, ${dates[0]} ${theme.glyphs.ellipsis} ${dates[dates.length - 1]}` : "";
  return entryLines(
    [
      [
        "data",
        `${plural(catalog.files.length, "file")}, ${plural(catalog.rows, "row")}, ${plural(catalog.symbols.length, "symbol")}${range}`,
      ],
      ["sessions", `${sessionsText(catalog)} (${catalog.calendarName}, ${catalog.exchangeZone})`],
      ...readingEntries(catalog),
      ["rows", classesText(classes, catalog.rows)],
      [
        "flagged",
        Object.entries(flagged)
          .map(([flag, count]) => `${formatCount(count)} ${flag}`)
          .join(", "),
      ],
    ],
    theme,
  );
}

function symbolSection({ symbols }: Inspection, theme: Theme, width: number): string[] {
  if (symbols.length === 0) return [];
  const columns = [
    { title: "SYMBOL" },
    { title: "FIRST", leaves: 1, group: "dates" },
    { title: "LAST", leaves: 1, group: "dates" },
    { title: "SESSIONS", align: "right" as const },
    { title: "NO DATA", align: "right" as const },
    { title: "LEFT OUT", align: "right" as const },
    { title: "QUALITY", align: "right" as const },
    { title: "WORST", align: "right" as const },
    { title: "MISSING", align: "right" as const },
    { title: "ROWS", align: "right" as const, leaves: 2 },
    { title: "ROWS OF THESE SESSIONS BY CLASS", leaves: 3, group: "their classes" },
  ];
  const shown = symbols.slice(0, MOST_SYMBOLS);
  const lines = formatTable(
    columns,
    shown.map((one) => symbolRow(one, theme)),
    { width, paintHead: theme.dim },
  );
  const left = symbols.length - shown.length;
  return [
    theme.strong("Symbols"),
    ...lines,
    ...(left > 0 ? [theme.dim(` ${theme.glyphs.ellipsis} and ${plural(left, "symbol")} more (--json has all)`)] : []),
  ];
}

function symbolRow(one: InspectedSymbol, theme: Theme): string[] {
  const { none } = theme.glyphs;
  const percent = (value: number | null): string => qualityPaint(theme, value)(formatPercent(value, none));
  const classes = ROW_CLASSES.filter((name) => one.classes[name]).map(
    (name) => `${formatCount(one.classes[name] ?? 0)} ${name}`,
  );
  return [
    one.symbol,
    one.firstDate || none,
    one.lastDate || none,
    formatCount(one.sessions),
    one.absent > 0 ? theme.bad(formatCount(one.absent)) : "0",
    one.leftOut > 0 ? theme.bad(formatCount(one.leftOut)) : "",
    percent(one.quality),
    percent(one.worst),
    formatCount(one.missing),
    formatCount(one.rows),
    classes.join(", "),
  ];
}

function heatSection(found: Inspection, theme: Theme, width: number): string[] {
  const lines = heatMapLines(heatMapOf(found), theme, Math.min(width, WIDEST_MAP));
  return lines.length === 0 ? [] : [theme.strong("Coverage, percent of the minutes with a bar"), ...lines];
}

/** A day without a row counts only between the symbol's first and last date. */
export function heatMapOf({ catalog, days }: Inspection): HeatMap {
  return {
    dates: days.map((day) => day.date),
    rows: catalog.symbols.map((symbol, i) => ({
      symbol,
      cells: days.map((day) => cellOf(day, i, catalog.bySymbol[i])),
    })),
  };
}

function cellOf(day: InspectedDay, i: number, { firstDate, lastDate }: { firstDate: string; lastDate: string }): Cell {
  if (day.leftOut.includes(i)) return "unread";
  const coverage = day.coverage[i];
  if (coverage !== null) return coverage;
  return firstDate !== "" && day.date >= firstDate && day.date <= lastDate ? "absent" : "outside";
}

function daySection({ worstDays }: Inspection, theme: Theme, width: number): string[] {
  if (worstDays.length === 0) return [];
  const columns = [
    { title: "SYMBOL" },
    { title: "SESSION" },
    { title: "QUALITY", align: "right" as const },
    { title: "MISSING", align: "right" as const },
    { title: "LONGEST GAP", align: "right" as const },
  ];
  const rows = worstDays
    .slice(0, MOST_SHOWN)
    .map(({ symbol, date, quality, missing, longestGap }) => [
      symbol,
      formatDay(date),
      quality === null ? theme.bad("no data") : qualityPaint(theme, quality)(formatPercent(quality, "")),
      formatCount(missing),
      formatCount(longestGap),
    ]);
  return [theme.strong("Worst days"), ...formatTable(columns, rows, { width, paintHead: theme.dim })];
}

function gapSection({ worstGaps }: Inspection, theme: Theme, clock: ExchangeClock, width: number): string[] {
  if (worstGaps.length === 0) return [];
  const columns = [
    { title: "SYMBOL" },
    { title: "SESSION" },
    { title: "FROM" },
    { title: "TO" },
    { title: "MINUTES", align: "right" as const },
  ];
  const rows = worstGaps
    .slice(0, MOST_SHOWN)
    .map(({ symbol, date, startUs, endUs, bars }) => [
      symbol,
      formatDay(date),
      clock.time(startUs),
      clock.time(endUs),
      formatCount(bars),
    ]);
  return [theme.strong("Longest gaps"), ...formatTable(columns, rows, { width, paintHead: theme.dim })];
}

function outageSection({ days }: Inspection, theme: Theme, clock: ExchangeClock): string[] {
  const outages = days.flatMap((day) => day.outages);
  if (outages.length === 0) return [];
  const { dash, ellipsis } = theme.glyphs;
  const lines = [...outages]
    .sort((a, b) => b.minutes - a.minutes || a.startUs - b.startUs)
    .slice(0, MOST_SHOWN)
    .map(({ date, startUs, endUs, minutes, symbols }) => {
      const when = `${formatDay(date)} ${clock.time(startUs)}${dash}${clock.time(endUs)}`;
      return ` ${theme.fair(when)}  ${plural(minutes, "minute")}, ${plural(symbols.length, "symbol")}: ${listSome(symbols, 8)}`;
    });
  const left = outages.length - lines.length;
  if (left > 0) lines.push(theme.dim(` ${ellipsis} and ${formatCount(left)} more`));
  return [
    theme.strong("Outages, minutes that half or more of the good symbols miss (95% before it, at least two)"),
    ...lines,
  ];
}

function splitSection({ splits }: Inspection, theme: Theme, clock: ExchangeClock, width: number): string[] {
  if (splits.length === 0) return [];
  const columns = [
    { title: "SYMBOL" },
    { title: "SESSION" },
    { title: "AT" },
    { title: "BEFORE", align: "right" as const },
    { title: "AFTER", align: "right" as const },
    { title: "LOOKS LIKE" },
  ];
  const rows = splits
    .slice(0, MOST_SHOWN)
    .map(({ symbol, date, timeUs, before, after, ratio, where }) => [
      symbol,
      formatDay(date),
      clock.time(timeUs),
      formatPrice(before, ""),
      formatPrice(after, ""),
      theme.fair(`${ratio} ${where}`),
    ]);
  const left = splits.length - rows.length;
  return [
    theme.strong("Suspected splits"),
    ...formatTable(columns, rows, { width, paintHead: theme.dim }),
    ...(left > 0 ? [theme.dim(` ${theme.glyphs.ellipsis} and ${formatCount(left)} more`)] : []),
  ];
}

function noticeSection({ catalog, notices, classes, skipped }: Inspection, theme: Theme): string[] {
  const book = new NoticeBook(theme);
  const dates = [...new Set(skipped.map(({ date }) => date))];
  const leftOut = dates.flatMap((date) =>
    leftOutTexts(
      skipped.filter((one) => one.date === date),
      catalog.symbols.length,
    ).map((text) => `${date} ${text}`),
  );
  const lines = [
    ...book.take(notices),
    ...book.more({ rejected: classes.rejected ?? 0, conflict: classes.conflict ?? 0 }).map((line) => ` ${line}`),
    ...leftOut.slice(0, MOST_SHOWN).map((text) => ` ${theme.bad("left out")} ${text}`),
    ...(leftOut.length > MOST_SHOWN ? [` ${theme.glyphs.ellipsis} and ${leftOut.length - MOST_SHOWN} more`] : []),
  ];
  return lines.length === 0 ? [] : [theme.strong("Bad rows"), ...lines];
}
