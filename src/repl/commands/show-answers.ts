/** How the line mode shows what comes of commands: as text for people, or as NDJSON for programs. */
import { escapeName, type DataEvent, type LogEntry, type SessionInfo, type Stop } from "../../engine/index.js";
import type { OutputStream } from "../context.js";
import type { Answer } from "../language/verb.js";
import { describeError } from "../output/errors.js";
import { errorLine, eventLine, jsonText, logLine, plainValue, runLine, stopLine } from "../output/json.js";
import type { Printer } from "../output/printer.js";
import { createTextReport } from "../output/run-report.js";
import type { AnswerLine } from "../output/schema.js";
import { logText } from "../views/point-text.js";

export interface AnswerReport {
  /** The session has been opened and stands at `stop`; `lines` say so. */
  opened(info: SessionInfo, stop: Stop, lines: readonly string[]): Promise<void>;
  answer(answer: Answer): Promise<void>;
  log(entry: LogEntry): Promise<void>;
  events(events: readonly DataEvent[]): Promise<void>;
}

const LONGEST_ECHO = 200;

/** The command in full, then what it came to. Errors go to stderr. */
export function createTextAnswers(printer: Printer, version: string): AnswerReport {
  const { theme } = printer;
  return {
    async opened(info, _stop, lines) {
      await createTextReport(printer, version).opened(info);
      await printer.results(lines);
    },
    async answer({ command, lines, error }) {
      const echo = escapeName(command.slice(0, LONGEST_ECHO));
      await printer.results([theme.dim(`> ${echo}`), ...lines]);
      if (error) await printer.messages(describeError(error, printer.errTheme));
    },
    async log(entry) {
      const [point, text] = logText(entry);
      await printer.results([`${theme.strong(point)} ${text}`]);
    },
    // Events are lines of NDJSON; people read the journal.
    async events() {},
  };
}

/** A line an answer; errors are in it, and on stderr for people. */
export function createJsonAnswers(out: OutputStream, printer: Printer, version: string): AnswerReport {
  return {
    async opened(info, stop) {
      await printer.messages(info.catalog.notes.map((note) => `note: ${note}`));
      await out.write(jsonText(runLine(info, version)));
      await out.write(jsonText(stopLine(stop)));
    },
    async answer(answer) {
      await out.write(jsonText(answerLine(answer)));
      if (answer.error) await printer.messages(describeError(answer.error, printer.errTheme));
    },
    log: (entry) => out.write(jsonText(logLine(entry))),
    async events(events) {
      for (const event of events) await out.write(jsonText(eventLine(event)));
    },
  };
}

export function answerLine({ command, lines, stop, value, error }: Answer): AnswerLine {
  return {
    type: "answer",
    command,
    text: [...lines],
    stop: stop ? stopLine(stop) : null,
    value: value === undefined ? null : plainValue(value),
    error: error ? errorLine(error) : null,
  };
}
