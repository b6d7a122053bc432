/** `bardeck run`: replays to the end of the range and reports each session as it closes. */
import { open, plainError, type ClosedDay, type PlainError, type Session, type Stop } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { openLog, type LogFile } from "../log-file.js";
import { checkFailSymbols, findHits, parseFailIf, type FailCondition, type FailHit } from "../options/fail-if.js";
import { readOpenOptions, readOutputOptions, refuseUnbuilt, type RawOptions } from "../options/read-options.js";
import { plainOptions } from "../output/json.js";
import { createPrinter, type Printer } from "../output/printer.js";
import type { OpenDay } from "../output/run-summary.js";
import { createJsonReport, createTextReport, type RunReport } from "../output/run-report.js";
import { readVersion } from "../version.js";
import { DayQueue } from "./day-queue.js";
import { showScan, watchProgress } from "./show-progress.js";

/** How sessions are opened; tests give one of their own. */
export type Open = typeof open;

/** Runs the command. Returns the exit code; rejects with what stopped it before a session was open. */
export async function run(
  context: CommandContext,
  raw: RawOptions,
  data: string,
  openSession: Open = open,
): Promise<number> {
  refuseUnbuilt(raw);
  const { path, ...options } = readOpenOptions(data, raw);
  const output = readOutputOptions(raw);
  const conditions = ((raw.failIf as string[] | undefined) ?? []).map(parseFailIf);
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
    return await replay({ context, session, report, printer, log, conditions });
  } catch (error) {
    log.write("error", shortError(plainError(error)));
    throw error;
  } finally {
    printer.bar.clear();
    log.close();
  }
}

interface Replay {
  readonly context: CommandContext;
  readonly session: Session;
  readonly report: RunReport;
  readonly printer: Printer;
  readonly log: LogFile;
  readonly conditions: readonly FailCondition[];
}

async function replay(of: Replay): Promise<number> {
  const { context, session, log } = of;
  const dispose = (): void => void session.dispose();
  context.signal.addEventListener("abort", dispose, { once: true });
  try {
    context.signal.throwIfAborted();
    checkFailSymbols(of.conditions, session.info.catalog.symbols);
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

async function playAndReport({ context, session, report, printer, log, conditions }: Replay): Promise<number> {
  await report.opened(session.info);
  const hits: FailHit[] = [];
  const queue = new DayQueue<ClosedDay>();
  const stopListening = session.on("day", (day) => queue.push(day));
  const stopWatching = watchProgress(session, printer.bar);
  const reporting = queue.forEach(async (day) => {
    hits.push(...findHits(conditions, day.record));
    const { date, digest } = day.record;
    log.write("day", { date, digest });
    await report.closedDay(day);
  });
  // A log or a pipe that cannot be written ends the replay, not only the reporting of it.
  reporting.catch(() => session.dispose());
  const { stop, error } = await play(session);
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
    interrupted,
    openDay: openDayOf(session),
  });
  if (interrupted) return EXIT.interrupted;
  if (error) return error.exitCode;
  return hits.length > 0 ? EXIT.failIf : EXIT.ok;
}

/** The session a run was in when it ended before the end of the range. */
function openDayOf(session: Session): OpenDay | undefined {
  const { epoch, date, timeUs } = session.progress();
  const hasBegun = timeUs > (session.info.catalog.sessions[epoch]?.openUs ?? Infinity);
  return hasBegun && !session.days.some(({ record }) => record.epoch === epoch) ? { date, timeUs } : undefined;
}

/** Plays to the end. What goes wrong on the way is a result too: the days before it have been reported. */
async function play(session: Session): Promise<{ stop: Stop | undefined; error: PlainError | undefined }> {
  try {
    const stop = await session.play();
    return { stop, error: stop.reason === "failed" ? session.summary().error : undefined };
  } catch (error) {
    return { stop: undefined, error: plainError(error) };
  }
}

function shortError({ code, message, place, hint }: PlainError): object {
  return { code, message, hint, ...place };
}
