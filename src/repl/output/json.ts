/**
 * Results as NDJSON (interfaces.md): one function a line type, from the engine's records to plain objects with ISO
 * times. The shapes are those of schema.ts.
 */
import {
  eventLine as plainEvent,
  isoUtc,
  type ClosedDay,
  type DataEvent,
  type Difference,
  type Decided,
  type FileAccount,
  type GapRecord,
  type LogEntry,
  type OpenOptions,
  type PlainError,
  type SessionInfo,
  type SessionSummary,
  type Stop,
  type SymbolRecord,
} from "../../engine/index.js";
import type {
  DifferenceLine,
  ErrorLine,
  EventLine,
  FileLine,
  LogLine,
  RunLine,
  SessionLine,
  StopLine,
  SummaryLine,
} from "./schema.js";

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

/** A data event. */
export function eventLine(event: DataEvent): EventLine {
  return plainEvent(event) as EventLine;
}

/** Microseconds that are no times. */
const DURATIONS: ReadonlySet<string> = new Set(["durationUs", "totalUs", "lagUs"]);

/** What the engine shows as JSON has it: every time as ISO text under a name without its unit, columns as arrays. */
export function plainValue(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) =>
      name.endsWith("Us") && !DURATIONS.has(name) ? [name.slice(0, -2), isoTimes(one)] : [name, plainValue(one)],
    ),
  );
}

function isoTimes(value: unknown): unknown {
  if (Array.isArray(value) || value instanceof Float64Array) return [...value].map(isoTimes);
  return typeof value === "number" ? isoUtc(value) : null;
}

/** The rows of a file by class. */
export function fileLine({ path, rows, classes }: FileAccount): FileLine {
  return { type: "file", path, rows, classes: { ...classes } };
}

/** An answer to a command that moves. */
export function stopLine({ step, timeUs, position, breakpoints, watches, ...stop }: Stop): StopLine {
  return {
    type: "stop",
    ...stop,
    step: step ?? null,
    time: isoUtc(timeUs),
    position: { ...position },
    breakpoints: [...breakpoints],
    watches: watches.map((watch) => ({ ...watch })),
  };
}

/** A hit of a log point. */
export function logLine({ timeUs, ...entry }: LogEntry): LogLine {
  return { type: "log", ...entry, time: isoUtc(timeUs) };
}

export function summaryLine({ status, error: _error, ...totals }: SessionSummary): SummaryLine {
  return { type: "summary", status, ...totals };
}

/** What a comparison with a saved run found. */
export function differenceLine({ timeUs, compared, ...found }: Difference): DifferenceLine {
  return {
    type: "difference",
    ...found,
    time: timeUs === null ? null : isoUtc(timeUs),
    compared: { ...compared },
  };
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
