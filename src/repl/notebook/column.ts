/** A column of a table and how its cells read. */
import { createExchangeClock, formatCount, formatPercent, formatPrice, type ExchangeClock } from "../output/format.js";

/**
 * `time`: microseconds UTC. `count`: whole numbers; `volume`: shown like them, but may have fractions. NaN, or an empty text, is
 * what is not known.
 */
export type ColumnKind = "text" | "time" | "price" | "count" | "volume" | "percent";

export interface Column {
  /** The property of a row. */
  readonly name: string;
  readonly kind: ColumnKind;
  readonly values: Float64Array | Int32Array | readonly string[];
  /** The head; the name when absent. */
  readonly title?: string;
  readonly unit?: string;
  /** The name in files; the name when absent. */
  readonly fileName?: string;
  /** Texts that are mostly numbers stand as numbers do. */
  readonly likeNumbers?: boolean;
  /** In rows and files, but not shown. */
  readonly hidden?: boolean;
  /** What is shown instead of the value; HTML, where there is any, instead of the text. */
  readonly text?: (row: number) => string;
  readonly html?: (row: number) => string;
}

/** Whether its cells end below each other, in letters of one width. */
export function standsRight({ kind, likeNumbers }: Column): boolean {
  return kind !== "text" || likeNumbers === true;
}

/** A column from values that may be null. */
export function numbers(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values, (value) => value ?? NaN);
}

const clocks = new Map<string, ExchangeClock>();

export function clockOf(zone: string): ExchangeClock {
  let clock = clocks.get(zone);
  if (clock === undefined) clocks.set(zone, (clock = createExchangeClock(zone)));
  return clock;
}

export function cellText(column: Column, row: number, zone: string): string {
  if (column.text) return column.text(row);
  const value = column.values[row];
  if (typeof value === "string") return value;
  if (Number.isNaN(value)) return "–";
  switch (column.kind) {
    case "time":
      return clockOf(zone).time(value);
    case "price":
      return formatPrice(value, "–");
    case "percent":
      return formatPercent(value, "–").replace("%", "");
    default:
      return formatCount(value);
  }
}
