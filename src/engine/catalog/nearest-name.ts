/**
 * "Did you mean …?" for names of files, columns and symbols.
 */
import { distance } from "fastest-levenshtein";

/** The candidate most like `wanted`, or nothing when none is close. */
export function nearestName(wanted: string, candidates: Iterable<string>): string | undefined {
  const lower = wanted.slice(0, 200).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(lower.length / 2)) + 1;
  for (const candidate of candidates) {
    if (candidate.startsWith(".")) continue;
    const apart = distance(lower, candidate.toLowerCase());
    if (apart < bestDistance) [best, bestDistance] = [candidate, apart];
  }
  return best;
}
