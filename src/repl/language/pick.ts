/** Finds the word that was meant: written in full, or as much of it as no other word begins with. Pure. */
import { escapeName, UsageError } from "../../engine/index.js";
import { nearestName } from "../../engine/nearest-name.js";

/**
 * The candidate `word` stands for. Throws a `UsageError` that lists the candidates when there are several, or suggests
 * the nearest when there is none.
 *
 * @param what what a candidate is, e.g. `unit`: `"phse" is no unit; did you mean phase?`
 */
export function pickWord<Name extends string>(word: string, candidates: readonly Name[], what: string): Name {
  const found = matches(word, candidates);
  if (found.length === 1) return found[0];
  const shown = escapeName(JSON.stringify(word.slice(0, 60)));
  if (found.length > 1) throw new UsageError(`${shown} could be ${listWords(found)}`, "write more of it");
  throw new UsageError(`${shown} is no ${what}`, hintFor(word, candidates));
}

/** The candidates that `word` could stand for: one when it is written in full, whatever the case. */
function matches<Name extends string>(word: string, candidates: readonly Name[]): Name[] {
  const lower = word.toLowerCase();
  const exact = candidates.find((one) => one === word) ?? candidates.find((one) => one.toLowerCase() === lower);
  if (exact !== undefined) return [exact];
  return lower === "" ? [] : candidates.filter((one) => one.toLowerCase().startsWith(lower));
}

/** Candidates a hint lists. */
const MOST_LISTED = 20;

function hintFor(word: string, candidates: readonly string[]): string {
  const near = nearestName(word, candidates);
  if (near !== undefined) return `did you mean ${near}?`;
  if (candidates.length === 0) return "";
  const more = candidates.length - MOST_LISTED;
  return `it can be ${listWords(candidates.slice(0, MOST_LISTED))}${more > 0 ? ` and ${more} more` : ""}`;
}

function listWords(words: readonly string[]): string {
  return words.join(", ");
}
