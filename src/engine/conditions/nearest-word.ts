/** "Did you mean …?" for the words of a condition. */
import { distance } from "fastest-levenshtein";

/** The candidate most like `word`, or undefined when none is close: `nearestWord("qualty", ["quality", "gap"])` is `"quality"`. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.slice(0, 100).toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(lower.length / 2)) + 1;
  for (const candidate of candidates) {
    const apart = distance(lower, candidate.toLowerCase());
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best;
}
