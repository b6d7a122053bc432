/** A line of the command language → commands as plain data, and back. Pure. */
import { UsageError } from "../../engine/index.js";
import { pickWord } from "./pick.js";
import type { Command } from "./verb.js";
import { VERBS } from "./verbs.js";
import { quoteWord, splitLine, type Word } from "./words.js";

/** Longer lines are no commands but a file that was taken for some. */
const LONGEST_LINE = 10_000;

const NAMES = VERBS.map((verb) => verb.name);
const ALIASES = new Map(
  VERBS.flatMap(({ name, aliases = {} }) =>
    Object.entries(aliases).map(([alias, adds]) => [alias, { name, adds }] as const),
  ),
);

/**
 * The commands of a line, verbs in full: `n 3; b gap>=3` is `step 3 phase` and `break gap>=3`. None for an empty line and
 * for a remark (`# …`). Throws a `UsageError` for the whole line when one of its verbs is unknown or a quote is not closed:
 * a line is carried out as a whole or not at all.
 */
export function parseLine(line: string): Command[] {
  if (line.length > LONGEST_LINE)
    throw new UsageError(`a line of ${line.length} characters is no command`, `the longest has ${LONGEST_LINE}`);
  const { commands, unclosed } = splitLine(line);
  if (unclosed !== undefined)
    throw new UsageError(
      `the quote at column ${unclosed + 1} is not closed`,
      "close it, or put the word between quotes of the other kind",
    );
  return commands.filter((words) => words.length > 0).map(readCommand);
}

function readCommand([first, ...rest]: readonly Word[]): Command {
  const words = rest.map((word) => word.text);
  const { name, adds } = readVerb(first.text);
  return { verb: name, words: [...words, ...adds] };
}

/** The verb a word stands for, and the words an alias adds. */
export function readVerb(word: string): { readonly name: string; readonly adds: readonly string[] } {
  const alias = ALIASES.get(word);
  if (alias) return alias;
  try {
    return { name: pickWord(word, NAMES, "command"), adds: [] };
  } catch (error) {
    if (!(error instanceof UsageError) || !error.hint.startsWith("it can be")) throw error;
    throw new UsageError(error.message, "help lists the commands");
  }
}

/** The command as a line; parsed again it is the same. */
export function formatCommand({ verb, words }: Command): string {
  return [verb, ...words.map(quoteWord)].join(" ");
}
