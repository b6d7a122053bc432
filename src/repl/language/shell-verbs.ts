/** Verbs that concern the shell alone. */
import type { Session } from "../../engine/index.js";
import { plural } from "../output/format.js";
import type { Arguments } from "./arguments.js";
import type { Outcome, ShellPort } from "./verb.js";

export function help(_: Session, args: Arguments, shell: ShellPort): Outcome {
  const verb = args.left > 0 ? args.word("a verb") : undefined;
  args.end();
  return { lines: shell.help(verb) };
}

/** The lines are the value too: a program that asks wants them. */
export function script(_: Session, args: Arguments, shell: ShellPort): Outcome {
  args.end();
  const lines = shell.script();
  return { lines, value: lines };
}

export async function source(_: Session, args: Arguments, shell: ShellPort): Promise<Outcome> {
  const file = args.word("a file");
  args.end();
  const commands = await shell.source(file);
  return { lines: [`${plural(commands, "command")} carried out`], value: { file, commands } };
}

export function quit(_: Session, args: Arguments, shell: ShellPort): Outcome {
  args.end();
  shell.quit();
  return { lines: [] };
}
