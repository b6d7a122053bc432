/** "Did you mean …?" for the names of files, columns, symbols, words and marks. */
import { distance } from "fastest-levenshtein";

/**
 * The candidate most like `wanted`, else the first that begins with it, or undefined when there is neither:
 * `nearestName("qualty", ["quality", "gap"])` is `"quality"`, and so is that of `"qual"`.
 */
export function nearestName(wanted: string, candidates: readonly string[]): string | undefined {
  const lower = wanted.slice(0, 200).toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(lower.length / 2)) + 1;
  for (const candidate of candidates) {
    const apart = distance(lower, candidate.toLowerCase());
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best ?? (lower.length < 3 ? undefined : candidates.find((name) => name.toLowerCase().startsWith(lower)));
}
