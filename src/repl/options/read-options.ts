/**
 * From what commander collected (text and booleans) to what the engine takes. Throws a `UsageError` for the first
 * value that makes no sense.
 */
import { UsageError, type DataOptions, type OpenOptions } from "../../engine/index.js";
import {
  parseChoice,
  parseColumns,
  parseCount,
  parseIntervals,
  parseSpeed,
  parseStartTime,
  parseSymbols,
} from "./values.js";

/** Options as commander gives them: `--fail-if` under `failIf`, `--no-color` as `color`. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** How results are shown. */
export interface OutputOptions {
  readonly json: boolean;
  readonly events: boolean;
  /** False after `--no-color`. */
  readonly color: boolean;
  readonly ascii: boolean;
  readonly log: string | undefined;
}

/** Throws a `UsageError` for `--events` without `--json`: events are lines of NDJSON. */
export function readOutputOptions(raw: RawOptions): OutputOptions {
  if (raw.events === true && raw.json !== true)
    throw new UsageError("--events needs --json", "a line for each event: --json --events");
  return {
    json: raw.json === true,
    events: raw.events === true,
    color: raw.color !== false,
    ascii: raw.ascii === true,
    log: text(raw, "log"),
  };
}

/** For commands that replay more than once, or for another purpose. Throws a `UsageError` when events are asked of them. */
export function refuseEvents({ events }: OutputOptions, command: string): void {
  if (events)
    throw new UsageError(
      `${command} has no events to show`,
      "bardeck run DATA --json --events shows those of a replay",
    );
}

/** The options that choose and read data. Those not given are left out. */
export function readDataOptions(path: string, raw: RawOptions): DataOptions {
  return withoutUndefined({
    path,
    symbols: parsed(raw, "symbols", parseSymbols),
    from: text(raw, "from"),
    to: text(raw, "to"),
    sessions: choice(raw, "sessions", ["data", "calendar"]),
    calendar: text(raw, "calendar"),
    tz: text(raw, "tz"),
    label: choice(raw, "label", ["start", "end"]),
    columns: parsed(raw, "columns", parseColumns),
    floorMinutes: raw.floorMinutes === true ? true : undefined,
    onLoadError: choice(raw, "onLoadError", ["stop", "skip-symbol", "skip-day"]),
    onConflict: choice(raw, "onConflict", ["first", "last", "error"]),
  });
}

/** The options a session is opened with. Those not given are left out. */
export function readOpenOptions(path: string, raw: RawOptions): OpenOptions {
  const fillFrom = text(raw, "fillFrom");
  return withoutUndefined({
    ...readDataOptions(path, raw),
    speed: parsed(raw, "speed", parseSpeed),
    startTime: parsed(raw, "startTime", parseStartTime),
    derive: parsed(raw, "derive", parseIntervals),
    derived: choice(raw, "derived", ["flag", "withhold"]),
    fill: readFill(choice(raw, "fill", ["none", "source", "forward"]), fillFrom),
    fillFrom,
    keepDays: parsed(raw, "keepDays", (value) => parseCount(value, "--keep-days")),
  });
}

function readFill(fill: OpenOptions["fill"], fillFrom: string | undefined): OpenOptions["fill"] {
  if (fillFrom === undefined) {
    if (fill === "source") throw new UsageError("--fill source needs a second source", "name it with --fill-from DATA");
    return fill;
  }
  if (fill === undefined || fill === "source") return "source";
  throw new UsageError(
    `--fill ${fill} and --fill-from contradict each other`,
    "--fill-from alone makes it --fill source",
  );
}

function text(raw: RawOptions, key: string): string | undefined {
  const value = raw[key];
  return typeof value === "string" ? value : undefined;
}

function parsed<Value>(raw: RawOptions, key: string, parse: (value: string) => Value): Value | undefined {
  const value = text(raw, key);
  return value === undefined ? undefined : parse(value);
}

function choice<Word extends string>(raw: RawOptions, key: string, choices: readonly Word[]): Word | undefined {
  const option = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return parsed(raw, key, (value) => parseChoice(value, option, choices));
}

/** Options not given are absent, not undefined: they are shown and compared as they were asked for. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
