/** Values shown at every stop, as `SPY.last`. */
import { symbolIndex } from "../catalog/symbol-index.js";
import { MEASURES, type Measure } from "../conditions/condition.js";
import { nearestName } from "../nearest-name.js";
import { UsageError } from "../errors.js";
import type { WatchValue } from "./types.js";
import type { View } from "./views.js";

const MOST_WATCHES = 1000;

export class Watches {
  private readonly watched = new Map<string, { symbol: string; measure: Measure }>();

  constructor(private readonly symbols: readonly string[]) {}

  add(text: string): void {
    if (this.watched.size >= MOST_WATCHES) throw new UsageError(`${MOST_WATCHES} watches are enough`, "unwatch some");
    const at = text.trim().lastIndexOf(".");
    const name = text
      .trim()
      .slice(at + 1)
      .toLowerCase();
    const measure = MEASURES.find((one) => one === name);
    if (at < 1 || !measure)
      throw new UsageError(
        `${JSON.stringify(text)} is nothing to watch`,
        `write SYMBOL.${nearestName(name, MEASURES) ?? "last"}; there are ${MEASURES.join(", ")}`,
      );
    const symbol = this.symbols[symbolIndex(this.symbols, text.trim().slice(0, at))];
    this.watched.set(`${symbol}.${measure}`, { symbol, measure });
  }

  remove(text: string): void {
    if (!this.watched.delete(text.trim()))
      throw new UsageError(
        `${JSON.stringify(text)} is not watched`,
        `watched: ${[...this.watched.keys()].join(", ") || "nothing"}`,
      );
  }

  get isEmpty(): boolean {
    return this.watched.size === 0;
  }

  values(view: View): WatchValue[] {
    return [...this.watched].map(([text, { symbol, measure }]) => ({ text, value: view.value(symbol, measure) }));
  }
}
