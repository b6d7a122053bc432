/** What commander found wrong with the arguments, as a `UsageError` with a hint. */
import { existsSync } from "node:fs";
import type { CommanderError } from "commander";
import { UsageError } from "../engine/index.js";
import { quoteArgument } from "./commands/command-line.js";
import { OPTIONS, optionName } from "./options/option-table.js";
import { nearestName } from "../engine/nearest-name.js";
import { COMMAND_NAMES, optionNames } from "./program.js";

/** Commander's own suggestion where it has one; else ours. */
export function usageError(error: CommanderError, argv: readonly string[]): UsageError {
  const [first, ...rest] = error.message.replace(/^error: /, "").split("\n");
  const elsewhere = error.code === "commander.unknownOption" ? optionOfOthers(first, argv) : undefined;
  if (elsewhere) return elsewhere;
  const own = /\(Did you mean (.+)\?\)/.exec(rest.join(" "))?.[1];
  return new UsageError(first, own ? `did you mean ${own}?` : hintFor(error.code, first, argv));
}

/** An option there is, but not for this command. */
function optionOfOthers(message: string, argv: readonly string[]): UsageError | undefined {
  const command = argv.find((word) => COMMAND_NAMES.includes(word));
  const name = /'([^'=]*)/.exec(message)?.[1];
  const row = OPTIONS.find((one) => optionName(one) === name);
  if (!command || !row) return undefined;
  const others = row.on.filter((one) => one !== "demo").map((one) => `bardeck ${one}`);
  return new UsageError(`bardeck ${command} takes no ${name}`, `it is an option of ${others.join(", ")}`);
}

function hintFor(code: string, message: string, argv: readonly string[]): string {
  const command = argv.find((word) => COMMAND_NAMES.includes(word));
  const help = command ? `bardeck ${command} --help` : "bardeck --help";
  const word = /'([^']*)'/.exec(message)?.[1] ?? "";
  switch (code) {
    case "commander.unknownCommand":
      return existsSync(word)
        ? `did you mean bardeck run ${quoteArgument(word)}?`
        : near(word, COMMAND_NAMES) || `${help} lists the commands`;
    case "commander.unknownOption":
      return near(word.split("=")[0], optionNames(command)) || `${help} lists the options`;
    case "commander.excessArguments":
      return command === undefined || command === "info" || command === "demo"
        ? `${help} shows what it takes`
        : "DATA is one path; quote a glob so that the shell leaves it alone: 'data/*.parquet'";
    case "commander.missingArgument":
      return `name a file, a folder or a glob: bardeck ${command ?? "run"} DATA`;
    default:
      return help;
  }
}

function near(word: string, candidates: readonly string[]): string {
  const found = nearestName(word, candidates);
  return found ? `did you mean ${found}?` : "";
}
