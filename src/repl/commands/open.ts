/** `bardeck open`: a session to be debugged: the dashboard on a terminal, else the line mode. */
import { open, plainError, type OpenOptions, type Session } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { openLog, type LogFile } from "../log-file.js";
import { formatCommand } from "../language/parse.js";
import { Shell } from "../language/shell.js";
import { readOpenOptions, readOutputOptions, type OutputOptions, type RawOptions } from "../options/read-options.js";
import { plainOptions } from "../output/json.js";
import { createPrinter, type Printer } from "../output/printer.js";
import { userPaths } from "../paths.js";
import { readVersion } from "../version.js";
import { stopLines } from "../views/stop-text.js";
import { viewStyle } from "../views/style.js";
import { openCommandLine } from "./command-line.js";
import { lineMode } from "./line-mode.js";
import type { Open } from "./run.js";
import { createJsonAnswers, createTextAnswers } from "./show-answers.js";
import { showScan } from "./show-progress.js";

/** True when a person sits before it: keys come from a terminal and results go to one. */
export function wantsDashboard({ input, out, env }: CommandContext, raw: RawOptions): boolean {
  return input.isTTY === true && out.isTerminal && env.TERM !== "dumb" && raw.json !== true && raw.plain !== true;
}

export async function openCommand(
  context: CommandContext,
  raw: RawOptions,
  data: string,
  openSession: Open = open,
): Promise<number> {
  const { path, ...options } = readOpenOptions(data, raw);
  const output = readOutputOptions(raw);
  const log = openLog(output.log);
  log.write("start", { version: readVersion(), command: "open", path, options: plainOptions(options) });
  const opening: Opening = {
    context,
    raw,
    output,
    log,
    path,
    open: (how) => openSession(path, { ...options, ...(output.events ? { events: true } : {}), ...how }),
  };
  try {
    const code = await (wantsDashboard(context, raw) ? onDashboard(opening) : inLines(opening));
    log.write("end", { code });
    return code;
  } catch (error) {
    log.write("error", plainError(error));
    throw error;
  } finally {
    log.close();
  }
}

interface Opening {
  readonly context: CommandContext;
  readonly raw: RawOptions;
  readonly output: OutputOptions;
  readonly log: LogFile;
  readonly path: string;
  open(how: Pick<OpenOptions, "onScan" | "signal">): Promise<Session>;
}

async function onDashboard({ context, raw, output, path, open: openSession }: Opening): Promise<number> {
  const { openDashboard } = await import("../dashboard/open-dashboard.js");
  return openDashboard(context, {
    open: openSession,
    name: path,
    output,
    paths: userPaths(context.env),
    preamble,
    ...readLines(raw),
  });
}

async function inLines(opening: Opening): Promise<number> {
  const { context, output } = opening;
  const printer = createPrinter(context, output);
  let session: Session | undefined;
  const dispose = (): void => void session?.dispose();
  try {
    session = await opening.open({ onScan: showScan(printer.bar), signal: context.signal });
    printer.bar.clear();
    context.signal.addEventListener("abort", dispose, { once: true });
    context.signal.throwIfAborted();
    return await debug(opening, session, printer);
  } finally {
    printer.bar.clear();
    context.signal.removeEventListener("abort", dispose);
    await session?.dispose();
  }
}

async function debug({ context, raw, output, log }: Opening, session: Session, printer: Printer): Promise<number> {
  const { input, out, env } = context;
  // A dumb terminal edits its lines itself and knows no cursor: its lines are taken as those of a pipe.
  const terminal = input.isTTY === true && out.isTerminal && env.TERM !== "dumb" && !output.json;
  const style = viewStyle(session, printer.theme, printer.width);
  const shell = new Shell({
    session,
    style,
    paths: userPaths(context.env),
    signal: context.signal,
    preamble: preamble(session),
  });
  const version = readVersion();
  const report = output.json ? createJsonAnswers(context.out, printer, version) : createTextAnswers(printer, version);
  await report.opened(session.info, session.lastStop, stopLines(session.lastStop, session, style));
  return lineMode({ context, session, shell, report, log, terminal, ...readLines(raw) });
}

/** How the session was opened, for a script that is to be carried out again. */
function preamble({ info }: Session): string[] {
  return [`# ${openCommandLine(info.options)}`];
}

/** The lines that options stand for. */
function readLines(raw: RawOptions): { setup: string[]; exec: string[] | undefined } {
  const line = (verb: string, condition: string): string =>
    formatCommand({ verb, words: condition.split(/\s+/).filter((word) => word !== "") });
  const breaks = ((raw.break as string[] | undefined) ?? []).map((condition) => line("break", condition));
  const until = typeof raw.until === "string" ? [line("until", raw.until)] : [];
  const exec = typeof raw.exec === "string" ? raw.exec.split(/\r\n|\n/) : undefined;
  return { setup: [...breaks, ...until], exec };
}
