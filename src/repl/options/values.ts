/**
 * Values of options, from the text a person wrote. Each parser returns the value or throws a `UsageError` that names
 * the option, says what is wrong and what to write. Dates, zones and symbols are checked by the catalogue, which
 * knows what there is.
 */
import { COLUMN_ROLES, UsageError, type ColumnRole } from "../../engine/index.js";
import { nearestName } from "../../engine/nearest-name.js";

/** `SPY, IBM` → `["SPY", "IBM"]`; each once. */
export function parseSymbols(text: string): string[] {
  const symbols = text
    .split(",")
    .map((symbol) => symbol.trim())
    .filter((symbol) => symbol !== "");
  if (symbols.length === 0)
    throw new UsageError(`--symbols: ${quote(text)} names no symbol`, "write --symbols SPY,IBM");
  return [...new Set(symbols)];
}

/** A multiple of real time; 0 and `max` are data-driven. */
export function parseSpeed(text: string, what = "--speed"): number {
  if (/^max$/i.test(text.trim())) return 0;
  const speed = text.trim() === "" ? NaN : Number(text.trim().replace(/x$/i, ""));
  if (Number.isFinite(speed) && speed >= 0) return speed;
  throw new UsageError(
    `${what}: ${quote(text)} is ${speed < 0 ? "negative: time cannot run backwards here" : "no speed"}`,
    "0 or max is as fast as the data allows, 60 replays an hour in a minute",
  );
}

/** `HH:MM` of the exchange. */
export function parseStartTime(text: string): string {
  const parts = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (parts && Number(parts[1]) < 24 && Number(parts[2]) < 60) return `${parts[1].padStart(2, "0")}:${parts[2]}`;
  throw new UsageError(
    `--start-time: ${quote(text)} is not a time`,
    "write hours and minutes of the exchange, e.g. 12:00",
  );
}

const SHORTEST_INTERVAL = 2;
const LONGEST_INTERVAL = 1440;

/** `5m,15m` → `[5, 15]`, ascending. */
export function parseIntervals(text: string): number[] {
  const intervals = text.split(",").map((part) => {
    const digits = /^\s*(\d+)\s*(m|min)?\s*$/i.exec(part)?.[1];
    const minutes = Number(digits);
    if (digits !== undefined && minutes >= SHORTEST_INTERVAL && minutes <= LONGEST_INTERVAL) return minutes;
    const hours = /^\s*(\d+)\s*h\s*$/i.exec(part)?.[1];
    throw new UsageError(
      `--derive: ${quote(part)} is not a whole number of minutes from ${SHORTEST_INTERVAL} to ${LONGEST_INTERVAL}`,
      hours === undefined ? "write --derive 5m,15m" : `write --derive ${Number(hours) * 60}m`,
    );
  });
  return [...new Set(intervals)].sort((a, b) => a - b);
}

/** A whole number, 0 or more. */
export function parseCount(text: string, option: string): number {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text);
  throw new UsageError(`${option}: ${quote(text)} is not a whole number`, `write ${option} 3`);
}

/** `timestamp=ts,volume=qty` → `{ timestamp: "ts", volume: "qty" }`. */
export function parseColumns(text: string): Partial<Record<ColumnRole, string>> {
  const columns: Partial<Record<ColumnRole, string>> = {};
  for (const pair of text.split(",")) {
    const at = pair.indexOf("=");
    const role = pair.slice(0, at).trim();
    const name = pair.slice(at + 1).trim();
    if (at < 0 || name === "") {
      throw new UsageError(`--columns: ${quote(pair)} is not role=name`, "write --columns timestamp=ts,volume=qty");
    }
    const known = COLUMN_ROLES.find((one) => one === role.toLowerCase());
    if (!known) {
      const near = nearestName(role, COLUMN_ROLES);
      throw new UsageError(
        `--columns: there is no role ${quote(role)}`,
        near ? `did you mean ${near}?` : `roles are ${COLUMN_ROLES.join(", ")}`,
      );
    }
    if (columns[known] !== undefined) throw new UsageError(`--columns: ${known} is named twice`);
    columns[known] = name;
  }
  return columns;
}

/** One of some words. */
export function parseChoice<Word extends string>(text: string, option: string, choices: readonly Word[]): Word {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const near = nearestName(text, choices);
  const all = choices.join(", ");
  throw new UsageError(
    `${option}: ${quote(text)} is not one of ${all}`,
    near ? `did you mean ${option} ${near}?` : `write ${option} ${choices[0]}`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.trim());
}
