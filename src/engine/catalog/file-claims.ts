/**
 * What the place of a file says about its rows: symbol and date, from Hive keys in any order or from
 * its name. A claim helps to find rows; the timestamp and the symbol column decide.
 */
import { basename, dirname } from "node:path";
import { isIsoDate } from "../market/dates.js";
import type { IsoDate } from "../market/time.js";
import { escapeName } from "./escape.js";

export interface FileClaims {
  /** Control characters escaped. */
  readonly symbol?: string;
  /** A `key` says so in so many words; a `name` may as well be the name of a whole data set. */
  readonly symbolBy?: "key" | "name";
  readonly date?: IsoDate;
}

const SYMBOL_KEYS = new Set(["symbol", "ticker", "sym"]);
const DATE_KEYS = new Set(["date", "day", "dt"]);

/**
 * The claims of an absolute path. The nearest key wins; keys above DATA count too, so one file of a
 * Hive tree opens like the tree.
 *
 *     fileClaims("/data/symbol=SPY/date=2013-10-07.parquet") // { symbol: "SPY", symbolBy: "key", date: "2013-10-07" }
 *     fileClaims("/data/SPY.parquet")                        // { symbol: "SPY", symbolBy: "name" }
 */
export function fileClaims(path: string): FileClaims {
  const stem = basename(path).replace(/\.(parquet|parq|pq)$/i, "");
  const keys = hiveKeys([...dirname(path).split(/[\\/]/), stem]);
  const symbol = pick(keys, SYMBOL_KEYS);
  const date = readDate(pick(keys, DATE_KEYS)) ?? dateOfParts(keys);
  if (symbol !== undefined) return { symbol: escapeName(symbol), symbolBy: "key", date: date ?? readDate(stem) };
  if (/^[A-Za-z_]+=/.test(stem)) return { date };
  return claimsOfName(stem, basename(dirname(path)), date);
}

/** `SPY`, `SPY_2013-10-07`, or a date in a folder named for the symbol. */
function claimsOfName(stem: string, folder: string, date: IsoDate | undefined): FileClaims {
  const ownDate = readDate(stem);
  if (ownDate)
    return folder === "" ? { date: ownDate } : { symbol: escapeName(folder), symbolBy: "name", date: ownDate };
  const both = /^(.+?)[_.-](\d{4}-\d{2}-\d{2}|\d{8})$/.exec(stem);
  const tail = both && readDate(both[2]);
  if (both && tail) return { symbol: escapeName(both[1]), symbolBy: "name", date: tail };
  return { symbol: escapeName(stem), symbolBy: "name", date };
}

function hiveKeys(parts: string[]): Map<string, string> {
  const keys = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals > 0 && equals < part.length - 1)
      keys.set(part.slice(0, equals).toLowerCase(), decode(part.slice(equals + 1)));
  }
  return keys;
}

/** Hive writes special characters as `%2F`. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function pick(keys: Map<string, string>, names: ReadonlySet<string>): string | undefined {
  for (const [key, value] of keys) if (names.has(key)) return value;
  return undefined;
}

function dateOfParts(keys: Map<string, string>): IsoDate | undefined {
  const [year, month, day] = [keys.get("year"), keys.get("month"), keys.get("day")];
  if (!year || !month || !day) return undefined;
  return readDate(`${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`);
}

function readDate(text: string | undefined): IsoDate | undefined {
  if (text === undefined) return undefined;
  const iso = /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : text;
  return isIsoDate(iso) ? iso : undefined;
}
