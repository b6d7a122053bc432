/** The keys of the dashboard that stand for commands, read from the table of verbs. Pure. */
import { parseLine } from "./parse.js";
import type { Command, KeyBinding } from "./verb.js";
import { VERBS } from "./verbs.js";

/** Every key with its command, in the order of the table. */
export const KEY_BINDINGS: readonly KeyBinding[] = VERBS.flatMap((verb) => verb.keys ?? []);

/**
 * The command of a key: `10` before `.` is `step 10 bar`. Undefined for a key that stands for none; a count before a key that
 * takes none is dropped.
 */
export function commandOfKey(key: string, playing: boolean, count?: number): Command | undefined {
  const state = playing ? "playing" : "standing";
  const binding = KEY_BINDINGS.find((one) => one.key === key && (one.when ?? state) === state);
  if (!binding) return undefined;
  const [command] = parseLine(binding.command);
  if (count === undefined || !binding.repeatable) return command;
  return { ...command, words: [String(count), ...command.words] };
}
