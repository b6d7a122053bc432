/** What a run shows, while it goes on and at its end: as text for people, or as NDJSON for programs. */
import {
  doubtAboutTimes,
  type ClosedDay,
  type Difference,
  type FileAccount,
  type PlainError,
  type SessionInfo,
  type SessionSummary,
  type Stop,
} from "../../engine/index.js";
import type { OutputStream } from "../context.js";
import { describeHit, type FailHit } from "../options/fail-if.js";
import { EXIT } from "../exit-codes.js";
import { describeError } from "./errors.js";
import { createExchangeClock, formatCount, plural } from "./format.js";
import {
  differenceLine,
  errorLine,
  eventLine,
  fileLine,
  jsonText,
  runLine,
  sessionLine,
  stopLine,
  summaryLine,
} from "./json.js";
import { NoticeBook } from "./notice-book.js";
import type { Printer } from "./printer.js";
import { meanQuality, sumClasses, summaryLines, type OpenDay } from "./run-summary.js";
import { hiddenLines, type TableStyle } from "./table.js";
import { differenceLines } from "../views/difference-text.js";
import { sessionLines, type SessionTableStyle } from "./session-table.js";

/** How a run ended. */
export interface RunEnd {
  readonly info: SessionInfo;
  readonly summary: SessionSummary;
  readonly files: readonly FileAccount[];
  readonly days: readonly ClosedDay[];
  readonly stop: Stop | undefined;
  readonly error: PlainError | undefined;
  readonly hits: readonly FailHit[];
  readonly difference: Difference | undefined;
  readonly interrupted: boolean;
  readonly openDay: OpenDay | undefined;
}

export interface RunReport {
  opened(info: SessionInfo): Promise<void>;
  closedDay(day: ClosedDay): Promise<void>;
  /** At a breakpoint, or where the run was to stop; `lines` say it to people. */
  stopped(stop: Stop, lines: readonly string[]): Promise<void>;
  ended(end: RunEnd): Promise<void>;
}

const MOST_HITS_SHOWN = 20;

/** Where the warm-up of a day ended: only the first has one, and it cannot outlast the day's streams. */
function warmUpOf(info: SessionInfo | undefined, { record }: ClosedDay): number | undefined {
  if (info?.warmUpUntilUs === undefined || record.epoch !== 0) return undefined;
  const untilUs = Math.min(info.warmUpUntilUs, record.forcedFromUs ?? Infinity);
  return untilUs > record.opensAtUs ? untilUs : undefined;
}

/** Says what a table has no room for when it is not what the table before it had no room for. */
function tellOnce(): TableStyle["tellHidden"] {
  let told = "";
  return (hidden) => {
    const names = hidden.names.join();
    if (names === told) return [];
    told = names;
    return hiddenLines(hidden);
  };
}

/** Tables on stdout, remarks and errors on stderr. */
export function createTextReport(printer: Printer, version: string): RunReport {
  const { theme } = printer;
  const notices = new NoticeBook(theme);
  let style: SessionTableStyle;
  let opened: SessionInfo | undefined;
  return {
    async opened(info) {
      const { catalog } = (opened = info);
      style = { theme, clock: createExchangeClock(catalog.exchangeZone), width: printer.width, tellHidden: tellOnce() };
      await printer.messages(catalog.notes.map((note) => `note: ${note}`));
      const dates = catalog.sessions.length > 0 ? ` ${dateRange(info, theme.glyphs.ellipsis)}` : "";
      const what = [
        plural(catalog.symbols.length, "symbol"),
        `${plural(catalog.sessions.length, "session")}${dates}`,
        plural(catalog.files.length, "file"),
        plural(catalog.rows, "row"),
      ];
      await printer.results([
        `${theme.strong(`bardeck ${version}`)}  ${what.join(", ")}`,
        ...notices.take(catalog.notices),
        "",
      ]);
    },
    async closedDay(day) {
      await printer.results([...sessionLines(day, style, warmUpOf(opened, day)), ...notices.take(day.notices), ""]);
    },
    async stopped(_stop, lines) {
      await printer.results([...lines, ""]);
    },
    async ended({ info, summary, files, days, error, hits, difference, interrupted, openDay }) {
      const classes = sumClasses(files);
      const more = notices.more({ rejected: classes.rejected ?? 0, conflict: classes.conflict ?? 0 });
      if (more.length > 0) await printer.results([...more.map((line) => ` ${line}`), ""]);
      const summaryOf = { catalog: info.catalog, summary, files, days, interrupted, openDay };
      if (hasBegun(days, error)) await printer.results(summaryLines(summaryOf, theme));
      await tellDoubt(printer, info, files, days);
      if (difference) await printer.results(differenceLines(difference, theme).map((line) => ` ${line}`));
      await reportHits(printer, hits);
      if (error) await printer.messages(describeError(error, printer.errTheme));
    },
  };
}

/** One object a line on stdout; what people should know, on stderr too. */
export function createJsonReport(out: OutputStream, printer: Printer, version: string): RunReport {
  const write = (line: object): Promise<void> => {
    printer.bar.clear();
    return out.write(jsonText(line));
  };
  let opened: SessionInfo | undefined;
  return {
    async opened(info) {
      opened = info;
      await printer.messages(info.catalog.notes.map((note) => `note: ${note}`));
      await write(runLine(info, version));
    },
    async closedDay(day) {
      for (const event of day.events) await write(eventLine(event));
      await write(sessionLine(day, warmUpOf(opened, day)));
    },
    stopped: (stop) => write(stopLine(stop)),
    async ended({ info, summary, files, days, stop, error, hits, difference }) {
      for (const file of files) await write(fileLine(file));
      if (stop && stop.reason !== "finished") await write(stopLine(stop));
      if (difference) await write(differenceLine(difference));
      for (const line of hitErrors(hits)) await write(errorLine(line));
      if (error) await write(errorLine(error));
      await write(summaryLine(summary));
      await tellDoubt(printer, info, files, days);
      await reportHits(printer, hits);
      if (error) await printer.messages(describeError(error, printer.errTheme));
    },
  };
}

/** A run that was asked for what makes no sense has no end to tell people of. */
function hasBegun(days: readonly ClosedDay[], error: PlainError | undefined): boolean {
  return days.length > 0 || error?.exitCode !== EXIT.usage;
}

/** Known only at the end: how much of the sessions the bars fill. */
async function tellDoubt(
  printer: Printer,
  { catalog }: SessionInfo,
  files: readonly FileAccount[],
  days: readonly ClosedDay[],
): Promise<void> {
  const doubt = doubtAboutTimes(catalog, sumClasses(files), meanQuality(days));
  if (doubt !== undefined) await printer.messages([`note: ${doubt}`]);
}

function dateRange({ catalog }: SessionInfo, ellipsis: string): string {
  const [first, last] = [catalog.sessions[0].date, catalog.sessions[catalog.sessions.length - 1].date];
  return first === last ? first : `${first} ${ellipsis} ${last}`;
}

async function reportHits(printer: Printer, hits: readonly FailHit[]): Promise<void> {
  if (hits.length === 0) return;
  const { errTheme: theme } = printer;
  const lines = hits.slice(0, MOST_HITS_SHOWN).map((hit) => `${theme.bad("--fail-if held:")} ${describeHit(hit)}`);
  const more = hits.length - MOST_HITS_SHOWN;
  if (more > 0) lines.push(`${theme.glyphs.ellipsis} and ${formatCount(more)} more`);
  await printer.messages(lines);
}

/** The conditions that held, each with the first places, as the errors of a run that a script should look at. */
function hitErrors(hits: readonly FailHit[]): PlainError[] {
  const texts = [...new Set(hits.map((hit) => hit.condition.text))];
  return texts.map((text) => {
    const held = hits.filter((hit) => hit.condition.text === text);
    const places = held.slice(0, MOST_HITS_SHOWN).map(describeHit).join("; ");
    const more = held.length > MOST_HITS_SHOWN ? `; and ${held.length - MOST_HITS_SHOWN} more` : "";
    const message = `--fail-if ${JSON.stringify(text)} held: ${places}${more}`;
    return { name: "FailIf", code: "fail-if", message, hint: "", place: {}, exitCode: 5, stack: "" };
  });
}
