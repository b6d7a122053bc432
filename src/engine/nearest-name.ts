/** "Did you mean …?" for whatever has a name: files, columns, symbols, words, options, commands. Text alone: knows no engine. */
import { distance } from "fastest-levenshtein";

/** The candidate most like `wanted`, or undefined when none is close: `nearestName("qualty", ["quality", "gap"])` is `"quality"`. */
export function nearestName(wanted: string, candidates: readonly string[]): string | undefined {
  const lower = wanted.slice(0, 200).toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(lower.length / 2)) + 1;
  for (const candidate of candidates) {
    const apart = distance(lower, candidate.toLowerCase());
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best;
}
