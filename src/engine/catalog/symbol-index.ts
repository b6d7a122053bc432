/** Which symbol a name means. */
import { nearestName } from "../nearest-name.js";
import { UsageError } from "../errors.js";

/** Index of a symbol in the plan. Throws a `UsageError` that names the nearest. */
export function symbolIndex(symbols: readonly string[], symbol: string): number {
  const index = symbols.indexOf(symbol);
  if (index >= 0) return index;
  const near = nearestName(symbol, symbols);
  const some = symbols.length > 8 ? `${symbols.slice(0, 8).join(", ")}, …` : symbols.join(", ");
  throw new UsageError(
    `there is no symbol ${JSON.stringify(symbol)} in this session`,
    near ? `did you mean ${near}?` : `its symbols are ${some}`,
  );
}
