/**
 * `--fail-if "quality<95"`: conditions on the record of each symbol and session, for scripts that must not go on
 * with bad data.
 */
import { UsageError, type DayRecord, type SymbolRecord } from "../../engine/index.js";
import { nearestName } from "../../engine/nearest-name.js";

const MEASURES = {
  quality: (record) => record.quality,
  missing: (record) => record.missing,
  longestGap: (record) => record.longestGap,
  rejected: (record) => record.rejected,
  conflicts: (record) => record.conflicts,
  duplicates: (record) => record.duplicates,
  filled: (record) => record.filled,
} as const satisfies Record<string, (record: SymbolRecord) => number | null>;
type Measure = keyof typeof MEASURES;

const COMPARE = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "=": (a, b) => a === b,
} as const satisfies Record<string, (a: number, b: number) => boolean>;
type Comparison = keyof typeof COMPARE;

/** A condition as written: `TSLA.quality<95`; without a symbol it is tried on all. */
export interface FailCondition {
  readonly text: string;
  readonly symbol: string | undefined;
  readonly measure: Measure;
  readonly comparison: Comparison;
  readonly limit: number;
}

/** Where a condition held. */
export interface FailHit {
  readonly condition: FailCondition;
  readonly date: string;
  readonly symbol: string;
  readonly value: number;
}

/** Throws a `UsageError` that says which part is wrong. */
export function parseFailIf(text: string): FailCondition {
  const parts = /^\s*(?:(\S+)\.)?([A-Za-z]+)\s*(<=|>=|==|=|<|>)\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(text);
  const measures = Object.keys(MEASURES) as Measure[];
  if (!parts) {
    throw new UsageError(`--fail-if: ${JSON.stringify(text)} is no condition`, 'write --fail-if "quality<95"');
  }
  const [, symbol, name, comparison, limit] = parts;
  const measure = measures.find((one) => one.toLowerCase() === name.toLowerCase());
  if (!measure) {
    const near = nearestName(name, measures);
    throw new UsageError(
      `--fail-if: ${JSON.stringify(name)} is nothing that is measured`,
      near ? `did you mean ${near}?` : `it can be ${measures.join(", ")}`,
    );
  }
  const sign = comparison === "==" ? "=" : (comparison as Comparison);
  return { text: text.trim(), symbol, measure, comparison: sign, limit: Number(limit) };
}

/** Throws a `UsageError` for a symbol that is not replayed. */
export function checkFailSymbols(conditions: readonly FailCondition[], symbols: readonly string[]): void {
  for (const { symbol, text } of conditions) {
    if (symbol === undefined || symbols.includes(symbol)) continue;
    const near = nearestName(symbol, symbols);
    throw new UsageError(
      `--fail-if ${JSON.stringify(text)}: ${symbol} is not replayed`,
      near ? `did you mean ${near}?` : `symbols are ${symbols.slice(0, 10).join(", ")}`,
    );
  }
}

/**
 * Where the conditions hold on a day. The quality of a symbol without rows is unknown, so no condition on it holds; of
 * one that was left out nothing at all is known.
 */
export function findHits(conditions: readonly FailCondition[], day: DayRecord): FailHit[] {
  const hits: FailHit[] = [];
  for (const condition of conditions) {
    for (const record of day.symbols) {
      if (record.leftOut || (condition.symbol !== undefined && condition.symbol !== record.symbol)) continue;
      const value = MEASURES[condition.measure](record);
      if (value === null || !COMPARE[condition.comparison](value, condition.limit)) continue;
      hits.push({ condition, date: day.date, symbol: record.symbol, value });
    }
  }
  return hits;
}

/** `TSLA 2025-07-02: quality 94.36 (quality<95)`. Never rounded onto the limit. */
export function describeHit({ condition, date, symbol, value }: FailHit): string {
  return `${symbol} ${date}: ${condition.measure} ${exactEnough(value, condition.limit)} (${condition.text})`;
}

/** Cut off, not rounded, like all percentages shown; with as many digits as tell it from the limit. */
function exactEnough(value: number, limit: number): string {
  if (value === limit) return String(value);
  for (let digits = 2; digits < 12; digits++) {
    const cut = Math.floor(value * 10 ** digits + 1e-7) / 10 ** digits;
    if (cut !== limit) return String(cut);
  }
  return String(value);
}
