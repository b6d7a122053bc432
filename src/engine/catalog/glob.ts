/**
 * A small glob, one path segment at a time: `*`, `?`, `[a-z]`, `[!a]`, `{SPY,IBM}` and `**` (any folders).
 * Knows nothing of the disk: discover.ts walks, this decides.
 */
import { UsageError } from "../errors.js";

/** Whether the text has any character a glob gives a meaning to. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** One segment of a pattern: `any folders` for `**`, else a test of a name. */
export type GlobSegment = { readonly deep: true } | { readonly deep: false; readonly test: (name: string) => boolean };

/**
 * The segments of a pattern, after its braces are expanded: one list for each alternative.
 * Throws a `UsageError` for a pattern that cannot be read.
 *
 *     parseGlob("symbol={SPY,IBM}/*.parquet").length // 2
 */
export function parseGlob(pattern: string): GlobSegment[][] {
  return expandBraces(pattern).map((one) => one.split("/").filter(Boolean).map(parseSegment));
}

/** Whether the segments match the path of these names, or a folder above it: what such a folder holds is read too. */
export function globReaches(segments: readonly GlobSegment[], names: readonly string[]): boolean {
  const [segment, ...rest] = segments;
  if (segment === undefined) return true;
  const [name, ...below] = names;
  if (name === undefined) return false;
  if (!segment.deep) return segment.test(name) && globReaches(rest, below);
  // `**` stands for any folders, none too, but not for hidden ones; as the last segment it is all that is there.
  const isHidden = name.startsWith(".");
  return rest.length === 0 ? !isHidden : globReaches(rest, names) || (!isHidden && globReaches(segments, below));
}

/** Hidden names match only a pattern that starts with a dot itself, as in a shell. */
function parseSegment(segment: string): GlobSegment {
  if (segment === "**") return { deep: true };
  const source = segmentSource(segment);
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${source})$`, "su");
  } catch {
    throw new UsageError(`${JSON.stringify(segment)} is not a pattern`, "quote a path that contains [ or { as it is");
  }
  const hidden = segment.startsWith(".");
  return { deep: false, test: (name) => (hidden || !name.startsWith(".")) && pattern.test(name) };
}

function segmentSource(segment: string): string {
  let source = "";
  for (let i = 0; i < segment.length; i++) {
    const character = segment[i];
    const end = character === "[" ? segment.indexOf("]", i + 2) : -1;
    if (end > 0) {
      const inside = segment.slice(i + 1, end).replace(/[\\\]^[]/g, "\\$&");
      source += inside.startsWith("!") ? `[^${inside.slice(1)}]` : `[${inside}]`;
      i = end;
    } else {
      source +=
        character === "*" ? "[^/]*" : character === "?" ? "[^/]" : character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    }
  }
  // Runs of stars would make the expression slow on long names that do not match.
  return source.replace(/(\[\^\/\]\*)+/g, "[^/]*");
}

const MAX_ALTERNATIVES = 1000;

function expandBraces(pattern: string): string[] {
  const group = /\{([^{}]*)\}/.exec(pattern);
  if (!group) return [pattern];
  const [before, after] = [pattern.slice(0, group.index), pattern.slice(group.index + group[0].length)];
  const expanded = group[1].split(",").flatMap((one) => expandBraces(before + one + after));
  if (expanded.length > MAX_ALTERNATIVES) {
    throw new UsageError(
      `a pattern with more than ${MAX_ALTERNATIVES} alternatives`,
      "use * instead of a long list in braces",
    );
  }
  return expanded;
}
