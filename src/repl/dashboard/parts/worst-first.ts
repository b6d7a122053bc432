/** The order of lists of symbols. Pure. */
import type { SymbolQuality } from "../../../engine/index.js";

/** Lowest quality first, then by name; symbols that are not judged last. */
export function worstFirst(symbols: readonly SymbolQuality[]): readonly string[] {
  const rank = ({ percent }: SymbolQuality): number => percent ?? Infinity;
  return [...symbols].sort((a, b) => compare(rank(a), rank(b)) || compare(a.symbol, b.symbol)).map((one) => one.symbol);
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
