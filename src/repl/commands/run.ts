/** `bardeck run`: replays to the end of the range and reports each session as it closes. */
import { accessSync, constants } from "node:fs";
import {
  escapeName,
  FileError,
  open,
  plainError,
  type ClosedDay,
  type Difference,
  type PlainError,
  type Session,
  type Stop,
} from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { openLog, type LogFile } from "../log-file.js";
import { checkFailSymbols, findHits, parseFailIf, type FailCondition, type FailHit } from "../options/fail-if.js";
import { readOpenOptions, readOutputOptions, type RawOptions } from "../options/read-options.js";
import { plainOptions } from "../output/json.js";
import { createPrinter, type Printer } from "../output/printer.js";
import type { OpenDay } from "../output/run-summary.js";
import { createJsonReport, createTextReport, type RunReport } from "../output/run-report.js";
import { readVersion } from "../version.js";
import { stopLines } from "../views/stop-text.js";
import { viewStyle } from "../views/style.js";
import { DayQueue } from "./day-queue.js";
import { showScan, watchProgress } from "./show-progress.js";
import { whyUnreadable } from "../language/source-file.js";

/** How sessions are opened; tests give one of their own. */
export type Open = typeof open;

/** Runs the command. Returns the exit code; rejects with what stopped it before a session was open. */
export async function run(
  context: CommandContext,
  raw: RawOptions,
  data: string,
  openSession: Open = open,
): Promise<number> {
  const { path, ...options } = readOpenOptions(data, raw);
  const output = readOutputOptions(raw);
  const conditions = ((raw.failIf as string[] | undefined) ?? []).map(parseFailIf);
  const stops = readStops(raw);
  const version = readVersion();
  const printer = createPrinter(context, output);
  const log = openLog(output.log);
  log.write("start", { version, command: "run", path, options: plainOptions(options) });
  try {
    const session = await openSession(path, {
      ...options,
      ...(output.events ? { events: true } : {}),
      onScan: showScan(printer.bar),
      signal: context.signal,
    });
    printer.bar.clear();
    const report = output.json ? createJsonReport(context.out, printer, version) : createTextReport(printer, version);
    return await replay({ context, session, report, printer, log, conditions, stops });
  } catch (error) {
    log.write("error", shortError(plainError(error)));
    throw error;
  } finally {
    printer.bar.clear();
    log.close();
  }
}

/** Where to stop, and what to compare with. */
interface Stops {
  readonly until: string | undefined;
  readonly breaks: readonly string[];
  readonly baseline: string | undefined;
}

function readStops(raw: RawOptions): Stops {
  const { until, baseline } = raw as { until?: string; baseline?: string };
  if (baseline !== undefined) checkReadable(baseline);
  return { until, breaks: (raw.break as string[] | undefined) ?? [], baseline };
}

/** Before a replay that may take long, not after it. */
function checkReadable(baseline: string): void {
  try {
    accessSync(baseline, constants.R_OK);
  } catch (error) {
    const file = escapeName(baseline);
    throw new FileError(
      "cannot-read",
      `--baseline: cannot read ${file}: ${whyUnreadable(error as NodeJS.ErrnoException)}`,
      "bardeck open DATA --exec 'play; save FILE' writes one",
      { file },
    );
  }
}

interface Replay {
  readonly context: CommandContext;
  readonly session: Session;
  readonly report: RunReport;
  readonly printer: Printer;
  readonly log: LogFile;
  readonly conditions: readonly FailCondition[];
  readonly stops: Stops;
}

/** What is reported while a replay goes on, in its order. */
type Report = { readonly day: ClosedDay } | { readonly stop: Stop; readonly lines: readonly string[] };

async function replay(of: Replay): Promise<number> {
  const { context, session, log } = of;
  const dispose = (): void => void session.dispose();
  context.signal.addEventListener("abort", dispose, { once: true });
  try {
    context.signal.throwIfAborted();
    checkFailSymbols(of.conditions, session.info.catalog.symbols);
    for (const condition of of.stops.breaks) session.break(condition);
    const { catalog } = session.info;
    log.write("opened", {
      files: catalog.files.length,
      rows: catalog.rows,
      symbols: catalog.symbols,
      sessions: catalog.sessions.length,
    });
    for (const note of catalog.notes) log.write("note", { note });
    return await playAndReport(of);
  } finally {
    context.signal.removeEventListener("abort", dispose);
    await session.dispose();
  }
}

async function playAndReport(of: Replay): Promise<number> {
  const { context, session, report, printer, log, conditions, stops } = of;
  await report.opened(session.info);
  const hits: FailHit[] = [];
  const queue = new DayQueue<Report>();
  const stopListening = session.on("day", (day) => queue.push({ day }));
  const stopWatching = watchProgress(session, printer.bar);
  const reporting = queue.forEach(async (one) => {
    if ("stop" in one) return report.stopped(one.stop, one.lines);
    hits.push(...findHits(conditions, one.day.record));
    const { date, digest } = one.day.record;
    log.write("day", { date, digest });
    await report.closedDay(one.day);
  });
  // A log or a pipe that cannot be written ends the replay, not only the reporting of it.
  reporting.catch(() => session.dispose());
  const style = viewStyle(session, printer.theme, printer.width);
  const { stop, error, difference } = await play(session, stops, (at) => {
    log.write("stop", { reason: at.reason, why: at.why });
    queue.push({ stop: at, lines: stopLines(at, session, style) });
  });
  stopListening();
  queue.end();
  await reporting;
  stopWatching();
  const interrupted = context.signal.aborted;
  const summary = session.summary();
  log.write("end", { ...summary, ...(error ? { error: shortError(error) } : {}) });
  await report.ended({
    info: session.info,
    summary,
    files: session.files(),
    days: session.days,
    stop,
    error: interrupted ? undefined : error,
    hits,
    difference,
    interrupted,
    openDay: openDayOf(session),
  });
  if (interrupted) return EXIT.interrupted;
  if (error) return error.exitCode;
  if (difference?.equal === false) return EXIT.differs;
  return hits.length > 0 ? EXIT.failIf : EXIT.ok;
}

/** The session a run was in when it ended before the end of the range. */
function openDayOf(session: Session): OpenDay | undefined {
  const { epoch, date, timeUs } = session.progress();
  const hasBegun = timeUs > (session.info.catalog.sessions[epoch]?.openUs ?? Infinity);
  return hasBegun && !session.days.some(({ record }) => record.epoch === epoch) ? { date, timeUs } : undefined;
}

interface Played {
  /** The last stop, unless it has been told. */
  readonly stop?: Stop;
  readonly error?: PlainError;
  readonly difference?: Difference;
}

/**
 * Plays to the end, or to where it is to stop; tells every stop on the way and goes on. What goes wrong is a result too: the
 * days before it have been reported.
 */
async function play(session: Session, { until, baseline }: Stops, tell: (stop: Stop) => void): Promise<Played> {
  try {
    for (;;) {
      const stop = until === undefined ? await session.play() : await session.until(until);
      if (stop.reason === "failed") return { stop, error: session.summary().error };
      if (stop.reason === "breakpoint") {
        tell(stop);
        continue;
      }
      const reached = stop.reason === "until";
      if (reached) tell(stop);
      const difference = baseline === undefined || stop.reason === "stopped" ? undefined : await session.diff(baseline);
      return { stop: reached ? undefined : stop, difference };
    }
  } catch (error) {
    return { error: plainError(error) };
  }
}

function shortError({ code, message, place, hint }: PlainError): object {
  return { code, message, hint, ...place };
}
