/**
 * The commands and their options as commander sees them, made from the option table. Commands are imported when they
 * run: `--help` answers without loading the engine.
 */
import { Command, Option } from "commander";
import type { CommandContext } from "./context.js";
import { OPTION_GROUPS, OPTIONS, optionName, type CommandName } from "./options/option-table.js";

/** What a command is called with. `data` is empty for commands without data. */
export type RunCommand = (context: CommandContext, raw: Record<string, unknown>, data: string) => Promise<number>;

/** What commander would print. It is printed by the caller, so that nothing unescaped reaches a terminal. */
export interface ProgramOutput {
  writeOut(text: string): void;
  writeErr(text: string): void;
}

interface CommandRow {
  readonly name: CommandName;
  readonly about: string;
  readonly takesData: boolean;
  readonly load: () => Promise<RunCommand>;
}

const COMMANDS: readonly CommandRow[] = [
  {
    name: "demo",
    about: "make a small data set (once) and open it",
    takesData: false,
    load: async () => (await import("./commands/demo.js")).demo,
  },
  {
    name: "open",
    about: "debug it on the dashboard: step, break and look",
    takesData: true,
    load: async () => (await import("./commands/open.js")).openCommand,
  },
  {
    name: "run",
    about: "replay to the end and show a table for each session",
    takesData: true,
    load: async () => (await import("./commands/run.js")).run,
  },
  {
    name: "inspect",
    about: "what is in the data: symbols, gaps, coverage, outages, splits",
    takesData: true,
    load: async () => (await import("./commands/inspect.js")).inspectCommand,
  },
  {
    name: "verify",
    about: "replay at different speeds, with pauses and seeks, and compare the digests",
    takesData: true,
    load: async () => (await import("./commands/verify.js")).verifyCommand,
  },
  {
    name: "export",
    about: "write bars, derived bars and quality as Parquet",
    takesData: true,
    load: async () => (await import("./commands/export.js")).exportCommand,
  },
  {
    name: "info",
    about: "version, folders, Node version",
    takesData: false,
    load: async () => (await import("./commands/info.js")).info,
  },
];

/** What `bardeck` alone prints. */
export const SHORT_HELP = `bardeck replays 1-minute bars from Parquet files and accounts for every row.

  bardeck demo                  open a small data set made on the spot
  bardeck inspect DATA          see what is in your files: gaps, coverage, bad rows
  bardeck run DATA              replay it; --json for one JSON object a line
  bardeck open DATA             debug it: play, step, step back, break

DATA is a file, a folder or a glob in quotes. bardeck --help lists everything.
`;

const MORE_HELP = `
Exit codes: 0 ok, 1 internal failure or broken invariant, 2 usage, 3 data, 4 input or output,
5 a --fail-if held, 6 differs, 130 interrupted. Messages go to stderr, results to stdout.
`;

/** Builds the program. `finish` is told the exit code of the command that ran. */
export function buildProgram(
  context: CommandContext,
  version: string,
  output: ProgramOutput,
  finish: (code: number) => void,
): Command {
  const program = new Command("bardeck")
    .description("A debugger for market sessions: replays 1-minute bars from Parquet files.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show help for a command")
    .exitOverride()
    .configureOutput({ ...output, outputError: () => undefined })
    .addHelpText("after", MORE_HELP);
  for (const row of COMMANDS) addCommand(program, row, context, finish);
  addKernel(program, context, finish);
  return program;
}

function addCommand(program: Command, row: CommandRow, context: CommandContext, finish: (code: number) => void): void {
  const command = program.command(row.name).description(row.about);
  if (row.takesData) command.argument("<data>", "a file, a folder or a glob in quotes");
  addOptions(command, row.name);
  command.action(async (...args: unknown[]) => {
    const data = row.takesData ? (args[0] as string) : "";
    const run = await row.load();
    finish(await run(context, command.opts(), data));
  });
}

function addOptions(command: Command, name: CommandName): void {
  for (const group of OPTION_GROUPS) {
    for (const row of OPTIONS) {
      if (row.group !== group || !row.on.includes(name)) continue;
      const about = row.choices ? `${row.about} (${row.choices.join("|")})` : row.about;
      const option = new Option(row.flags, about).helpGroup(`${group}:`);
      if (row.repeatable) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
      command.addOption(option);
    }
  }
}

function addKernel(program: Command, context: CommandContext, finish: (code: number) => void): void {
  program
    .command("kernel")
    .description("register the TypeScript notebook kernel with Jupyter, for this user")
    .argument("[action]", "install")
    .option("--prefix <folder>", "under share/jupyter of this folder instead")
    .action(async (action: string | undefined, { prefix }: { prefix?: string }) => {
      const { kernel } = await import("./commands/kernel.js");
      finish(await kernel(context, action ?? "", prefix));
    });
}

/** Names of the commands, for suggestions. */
export const COMMAND_NAMES: readonly string[] = [...COMMANDS.map((row) => row.name), "kernel"];

/** Names of the options of a command, or of all, for suggestions. */
export function optionNames(command: string | undefined): string[] {
  return OPTIONS.filter((row) => command === undefined || row.on.some((name) => name === command)).map(optionName);
}
