/**
 * Results as NDJSON (interfaces.md): one function a line type, from the engine's records to plain objects with ISO
 * times. The shapes are those of schema.ts.
 */
import {
  isoUtc,
  type ClosedDay,
  type DataEvent,
  type Decided,
  type FileAccount,
  type GapRecord,
  type OpenOptions,
  type PlainError,
  type SessionInfo,
  type SessionSummary,
  type Stop,
  type SymbolRecord,
} from "../../engine/index.js";
import type { ErrorLine, EventLine, FileLine, RunLine, SessionLine, StopLine, SummaryLine } from "./schema.js";

/** What a run was asked and what was settled when it was opened. */
export function runLine({ catalog, options }: SessionInfo, version: string): RunLine {
  return {
    type: "run",
    schema: 1,
    version,
    options: plainOptions(options),
    calendar: decidedCalendar(options.calendar, catalog.calendarName),
    label: plainDecided(catalog.label),
    timeZone: plainDecided(catalog.timeZone),
    unit: plainDecided(catalog.unit),
    files: catalog.files.length,
    symbols: [...catalog.symbols],
    sessions: catalog.sessions.length,
    inputDigest: catalog.inputDigest,
  };
}

/** A closed day; `warmUpUntilUs` is where its warm-up ended, if it had one. */
export function sessionLine({ record, skipped }: ClosedDay, warmUpUntilUs?: number): SessionLine {
  const reasons = new Map(skipped.map(({ symbol, message }) => [symbol, message]));
  return {
    type: "session",
    date: record.date,
    epoch: record.epoch,
    kind: record.kind,
    opensAt: isoUtc(record.opensAtUs),
    closesAt: isoUtc(record.closesAtUs),
    warmUpUntil: warmUpUntilUs === undefined ? null : isoUtc(warmUpUntilUs),
    forcedFrom: record.forcedFromUs === null ? null : isoUtc(record.forcedFromUs),
    digest: record.digest,
    symbols: Object.fromEntries(
      record.symbols.map((symbol) => [symbol.symbol, symbolFields(symbol, reasons.get(symbol.symbol) ?? null)]),
    ),
  };
}

function symbolFields(
  { symbol: _symbol, gaps, derived, ...record }: SymbolRecord,
  leftOut: string | null,
): SessionLine["symbols"][string] {
  return {
    ...record,
    leftOut,
    gaps: gaps.map(gapFields),
    derived: Object.fromEntries(derived.map(({ intervalMinutes, ...counts }) => [`${intervalMinutes}m`, counts])),
  };
}

/** A gap with ISO times. */
export function gapFields({ startUs, endUs, bars }: GapRecord): { start: string; end: string; bars: number } {
  return { start: isoUtc(startUs), end: isoUtc(endUs), bars };
}

/** A data event; every time in it as ISO text under a name without its unit. */
export function eventLine(event: DataEvent): EventLine {
  const { timeUs, ...facts } = event;
  const line: Record<string, unknown> = { type: "event", time: isoUtc(timeUs) };
  for (const [name, value] of Object.entries(facts)) {
    if (name.endsWith("Us")) line[name.slice(0, -2)] = typeof value === "number" ? isoUtc(value) : null;
    else line[name] = value;
  }
  return line as EventLine;
}

/** The rows of a file by class. */
export function fileLine({ path, rows, classes }: FileAccount): FileLine {
  return { type: "file", path, rows, classes: { ...classes } };
}

export function stopLine({ step, timeUs, position, ...stop }: Stop): StopLine {
  return { type: "stop", ...stop, step: step ?? null, time: isoUtc(timeUs), position: { ...position } };
}

export function summaryLine({ status, error: _error, ...totals }: SessionSummary): SummaryLine {
  return { type: "summary", status, ...totals };
}

export function errorLine({ code, message, hint, place }: PlainError): ErrorLine {
  return {
    type: "error",
    code,
    message,
    file: place.file ?? null,
    rowGroup: place.rowGroup ?? null,
    column: place.column ?? null,
    row: place.row ?? null,
    hint,
  };
}

/** Options as they were given: functions and signals are not part of what was asked. */
export function plainOptions(options: Partial<OpenOptions>): Record<string, unknown> {
  const { onScan: _onScan, signal: _signal, events: _events, path, ...asked } = options;
  return path === undefined ? asked : { path, ...asked };
}

/** The calendar is never guessed: it is the built-in one unless another was given. */
export function decidedCalendar(given: string | undefined, name: string): { value: string; how: string } {
  return { value: name, how: given === undefined ? "the default" : "given with --calendar" };
}

export function plainDecided({ value, how }: Decided<string>): { value: string; how: string } {
  return { value, how };
}

/** An object as one line. */
export function jsonText(line: object): string {
  return `${JSON.stringify(line)}\n`;
}
