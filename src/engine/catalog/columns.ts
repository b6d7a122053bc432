/**
 * Which column of a file is which, and how each is read. Names are the usual ones in any case, or
 * the ones given with `--columns`.
 */
import type { SchemaElement } from "hyparquet/src/types.js";
import { DataError, UsageError, type DataPlace } from "../errors.js";
import { nearestName } from "../nearest-name.js";
import { escapeName } from "./escape.js";
import type { ColumnInfo } from "./parquet-layout.js";
import { COLUMN_ROLES, type ColumnRole } from "./types.js";
import { TIME_UNITS, widenNumbers, widenTimes, type TimeUnit, type Widen } from "./widen.js";

/** Columns of numbers a bar is made of, in the order of `BarColumns`. */
export const VALUE_ROLES = ["open", "high", "low", "close", "volume"] as const;
type ValueRole = (typeof VALUE_ROLES)[number];

/** How a file's columns are read. */
export interface FileColumns {
  readonly timestamp: ColumnInfo;
  readonly values: Readonly<Record<ValueRole, { readonly column: ColumnInfo; readonly widen: Widen }>>;
  readonly symbol: ColumnInfo | undefined;
  /** Set when the type says it; a plain integer's unit is inferred from the year. */
  readonly unit: TimeUnit | undefined;
  /** Whether the type says the times are UTC. Plain integers and INT96 do not say. */
  readonly utc: boolean;
  /** Names of columns that are not used. */
  readonly extra: readonly string[];
}

/** The names each role goes by; the first found wins, the others are extra columns. */
const USUAL_NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  timestamp: ["timestamp", "datetime", "time", "date", "ts", "ts_event", "t"],
  open: ["open", "o"],
  high: ["high", "h"],
  low: ["low", "l"],
  close: ["close", "c"],
  volume: ["volume", "vol", "v"],
  symbol: ["symbol", "ticker"],
};

/** Own names as given with `--columns`. */
export type OwnNames = Readonly<Partial<Record<ColumnRole, string>>>;

/**
 * Recognises the columns of a file. Throws a `DataError` for a missing, ambiguous, nested or
 * wrongly typed column, naming what was found and `--columns`.
 */
export function recogniseColumns(columns: readonly ColumnInfo[], own: OwnNames, file: string): FileColumns {
  checkSpelling(columns, own, file);
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const find = (role: ColumnRole): ColumnInfo | undefined => findRole(role, columns, byName, own);
  const missing = COLUMN_ROLES.filter((role) => role !== "symbol" && !find(role));
  const ownSymbol = own.symbol !== undefined && !find("symbol");
  if (missing.length > 0 || ownSymbol)
    throw missingColumns(ownSymbol ? [...missing, "symbol"] : missing, find, columns, own, file);
  const timestamp = find("timestamp")!;
  const symbol = find("symbol");
  if (symbol) checkSymbol(symbol, file);
  const values = Object.fromEntries(
    VALUE_ROLES.map((role) => [role, valueColumn(find(role)!, role, file)]),
  ) as FileColumns["values"];
  const used = new Set<ColumnInfo>([timestamp, ...VALUE_ROLES.map((role) => values[role].column)]);
  if (symbol) used.add(symbol);
  const extra = columns.filter((column) => !used.has(column)).map((column) => escapeName(column.name));
  return { timestamp, values, symbol, ...timeKind(timestamp, file), extra };
}

function findRole(
  role: ColumnRole,
  columns: readonly ColumnInfo[],
  byName: Map<string, ColumnInfo>,
  own: OwnNames,
): ColumnInfo | undefined {
  const wanted = own[role];
  if (wanted !== undefined) return columns.find((column) => column.name === wanted) ?? byName.get(wanted.toLowerCase());
  const taken = new Set(Object.values(own).map((name) => name.toLowerCase()));
  const found = USUAL_NAMES[role]
    .filter((name) => !taken.has(name))
    .map((name) => byName.get(name))
    .filter((column) => column !== undefined);
  // A date beside a timestamp is common; the one that has a time of day is meant.
  return (role === "timestamp" ? found.find((column) => isTime(column.element)) : undefined) ?? found[0];
}

/** Two names that differ only in case cannot be told apart by names without case, unless the person did. */
function checkSpelling(columns: readonly ColumnInfo[], own: OwnNames, file: string): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const lower = name.toLowerCase();
    const other = seen.get(lower);
    seen.set(lower, name);
    if (other === undefined) continue;
    const [one, two] = [escapeName(other), escapeName(name)];
    if (other === name) {
      const hint = "rename one of them when the file is written: no option can tell them apart";
      throw new DataError("ambiguous-column", `${file} has two columns named ${one}`, hint, { file, column: two });
    }
    if (Object.values(own).some((given) => given === name || given === other)) continue;
    const role = COLUMN_ROLES.find((any) => {
      const given = own[any];
      return given === undefined ? USUAL_NAMES[any].includes(lower) : given.toLowerCase() === lower;
    });
    throw new DataError(
      "ambiguous-column",
      `${file} has columns ${one} and ${two}, which differ only in case`,
      role === undefined
        ? "rename one of them, or leave one out, when the file is written"
        : `rename one of them, or say which one is meant: --columns ${role}=${one} or --columns ${role}=${two}`,
      { file, column: two },
    );
  }
}

function missingColumns(
  missing: readonly ColumnRole[],
  find: (role: ColumnRole) => ColumnInfo | undefined,
  columns: readonly ColumnInfo[],
  own: OwnNames,
  file: string,
): DataError {
  const names = columns.map((column) => escapeName(column.name)).join(", ");
  const unnamed = missing.filter((role) => own[role] === undefined);
  const what = [
    ...(unnamed.length > 0 ? [`no column for ${unnamed.join(", ")}`] : []),
    ...missing.flatMap((role) => (own[role] === undefined ? [] : [`no column ${escapeName(own[role])} for ${role}`])),
  ];
  const taken = new Set(COLUMN_ROLES.map(find));
  const hint = nameHint(
    missing,
    columns.filter((column) => !taken.has(column)),
    own,
  );
  return new DataError(
    "missing-column",
    `${file} has ${what.join(" and ")}; its columns are ${names || "none"}`,
    hint,
    { file, column: missing[0] },
  );
}

/** The option with a column for each missing role: the one that is meant as far as name or type tell it, else NAME. */
function nameHint(missing: readonly ColumnRole[], unused: readonly ColumnInfo[], own: OwnNames): string {
  const left = new Set(unused);
  // By name first, for all: the one number that is left may be the close's by its name.
  const guesses = new Map<ColumnRole, ColumnInfo>();
  let byType = false;
  for (const guess of [namedLike, onlyOneFitting]) {
    for (const role of missing) {
      const found = guesses.has(role) ? undefined : guess(role, own[role] ?? role, [...left]);
      if (!found) continue;
      guesses.set(role, found);
      left.delete(found);
      byType ||= guess === onlyOneFitting;
    }
  }
  const option = `--columns ${missing.map((role) => `${role}=${escapeName(guesses.get(role)?.name ?? "NAME")}`).join(",")}`;
  if (unused.length === 0) return `write the file with one: no column is left that ${option} could name`;
  const others = [...left].map((column) => escapeName(column.name)).join(", ");
  const open = missing.filter((role) => !guesses.has(role));
  const rest = open.length > 0 ? `; not used are ${others || "no others"}` : byType ? ", if that is what it holds" : "";
  return `name ${missing.length === 1 ? "it" : "them"} with ${option}${rest}`;
}

/** A column whose name is nearly the one wanted, or contains it: `clsoe`, `adj_close`. */
function namedLike(role: ColumnRole, wanted: string, among: readonly ColumnInfo[]): ColumnInfo | undefined {
  const fitting = among.filter((column) => couldBe(role, column));
  const near = nearestName(
    wanted,
    fitting.map((column) => column.name),
  );
  const within = ({ name }: ColumnInfo): boolean => name.toLowerCase().includes(role);
  return fitting.find((column) => column.name === near) ?? fitting.find(within);
}

/** The column a role must be, when no other is of a type it could have. */
function onlyOneFitting(role: ColumnRole, _wanted: string, among: readonly ColumnInfo[]): ColumnInfo | undefined {
  const fitting = among.filter((column) => couldBe(role, column));
  // A plain integer may be a time; a timestamp is one.
  const sure = role === "timestamp" ? fitting.filter(({ element }) => timeUnitOf(element) !== undefined) : fitting;
  const [only, ...others] = sure.length > 0 ? sure : fitting;
  return others.length === 0 ? only : undefined;
}

/** Whether a column's type suits a role. */
function couldBe(role: ColumnRole, column: ColumnInfo): boolean {
  if (column.nested) return false;
  if (role === "timestamp") return isTime(column.element);
  if (role === "symbol") return isText(column.element);
  return widenNumbers(column.element) !== undefined;
}

function valueColumn(column: ColumnInfo, role: ValueRole, file: string): { column: ColumnInfo; widen: Widen } {
  const widen = column.nested ? undefined : widenNumbers(column.element);
  if (widen) return { column, widen };
  throw wrongType(column, `${role} must be a number`, role, file);
}

function checkSymbol(column: ColumnInfo, file: string): void {
  if (column.nested || !isText(column.element)) throw wrongType(column, "symbol must be text", "symbol", file);
}

function isText({ type, logical_type: logical, converted_type: converted }: SchemaElement): boolean {
  return (
    (type === "BYTE_ARRAY" || type === "FIXED_LEN_BYTE_ARRAY") &&
    !["DECIMAL", "UUID", "FLOAT16"].includes(logical?.type ?? "") &&
    converted !== "DECIMAL"
  );
}

function wrongType(column: ColumnInfo, must: string, role: ColumnRole, file: string): DataError {
  const name = escapeName(column.name);
  const place: DataPlace = { file, column: name };
  return new DataError(
    "column-type",
    `${file}, column ${name}: ${must}, but it is ${typeText(column)}`,
    `${conversion(column, role)}, or name another column: --columns ${role}=NAME`,
    place,
  );
}

/** Times kept as text are what a CSV leaves behind: the way out is worth its words. */
function conversion(column: ColumnInfo, role: ColumnRole): string {
  if (role !== "timestamp" || column.nested || !isText(column.element)) return "convert it when writing the file";
  return "write it as TIMESTAMP, date and time of day together (pandas: to_datetime, SQL: CAST(… AS TIMESTAMP))";
}

/** A type in words a person knows: `text`, `nested`, `DOUBLE`, `DATE`. */
function typeText(column: ColumnInfo): string {
  const { type, logical_type: logical, converted_type: converted } = column.element;
  if (column.nested) return "nested (a list or a structure)";
  const kind = logical?.type ?? converted ?? (type === "BYTE_ARRAY" ? "STRING" : type);
  return kind === "STRING" || kind === "UTF8" || kind === "ENUM" ? "text" : String(kind);
}

function isTime(element: SchemaElement): boolean {
  return timeUnitOf(element) !== "no time";
}

/** The unit a type states, nothing for plain integers, `no time` for what cannot be a timestamp. */
function timeUnitOf(element: SchemaElement): TimeUnit | undefined | "no time" {
  const { type, logical_type: logical, converted_type: converted } = element;
  if (type === "INT96") return "ns";
  if (type !== "INT32" && type !== "INT64") return "no time";
  if (logical?.type === "TIMESTAMP") return logical.unit === "MILLIS" ? "ms" : logical.unit === "MICROS" ? "us" : "ns";
  if (converted === "TIMESTAMP_MILLIS") return "ms";
  if (converted === "TIMESTAMP_MICROS") return "us";
  const plain =
    (logical === undefined || logical.type === "INTEGER") && (converted === undefined || /^U?INT_/.test(converted));
  return plain ? undefined : "no time";
}

function timeKind(column: ColumnInfo, file: string): { unit: TimeUnit | undefined; utc: boolean } {
  const unit = column.nested ? "no time" : timeUnitOf(column.element);
  if (unit === "no time") throw wrongType(column, timeNeeds(column.element), "timestamp", file);
  const { logical_type: logical, converted_type: converted, type } = column.element;
  if (type === "INT96") return { unit, utc: false };
  // The older annotation without the newer one means UTC by the format's rules.
  const utc =
    logical?.type === "TIMESTAMP"
      ? logical.isAdjustedToUTC
      : converted !== undefined && converted.startsWith("TIMESTAMP");
  return { unit, utc };
}

function timeNeeds(element: SchemaElement): string {
  const kind = element.logical_type?.type ?? element.converted_type ?? "";
  if (kind === "DATE") return "timestamp must have a time of day";
  if (kind.startsWith("TIME")) return "timestamp must have a date";
  return "timestamp must be a TIMESTAMP or an integer";
}

/** Widths in which the first value of a plain integer column lands in a sensible year. */
export function inferUnit(value: number): TimeUnit | undefined {
  return TIME_UNITS.find((unit) => isSensibleTime(value * MICROS[unit]));
}

const MICROS = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 } as const;
/** 1990-01-01 and 2101-01-01: outside, a unit was misread. */
const EARLIEST_US = Date.UTC(1990, 0, 1) * 1000;
const LATEST_US = Date.UTC(2101, 0, 1) * 1000;

export function isSensibleTime(us: number): boolean {
  return us >= EARLIEST_US && us < LATEST_US;
}

/** The reader of a file's timestamps for a unit. */
export function timeReader(column: ColumnInfo, unit: TimeUnit): Widen {
  const widen = widenTimes(column.element, unit);
  if (!widen) throw new UsageError(`column ${column.name} cannot hold times in ${unit}`);
  return widen;
}

/** How many units of a stored value a microsecond is, for naming a value as it is stored. */
export function storedValue(us: number, unit: TimeUnit): number {
  return Math.round(us / MICROS[unit]);
}
