/** The comparisons of conditions. */
import type { Comparison } from "./condition.js";

/** Never true of an unknown number, which is NaN. */
export function compare(a: number, comparison: Comparison, b: number): boolean {
  switch (comparison) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "=":
      return a === b;
  }
}
