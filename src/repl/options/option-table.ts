/**
 * Every option of every command, once (interfaces.md). The program, its help and the reader of the values are made
 * from this table. Loaded at start: imports nothing.
 */

export type CommandName = "demo" | "open" | "run" | "inspect" | "verify" | "export" | "info" | "kernel";

export const OPTION_GROUPS = ["Which data", "How to read it", "How to replay it", "What to show", "Debugger"] as const;

export interface OptionRow {
  /** As commander reads it. */
  readonly flags: string;
  readonly about: string;
  readonly group: (typeof OPTION_GROUPS)[number];
  readonly on: readonly CommandName[];
  /** The words it takes; a slip gets a suggestion. */
  readonly choices?: readonly string[];
  readonly repeatable?: true;
}

const REPLAYS = ["open", "run", "demo", "verify", "export"] as const;
/** `demo` brings its own data: it takes what concerns the replay. */
const READS = ["open", "run", "verify", "export", "inspect"] as const;
const CHOOSES = [...READS, "demo"] as const;
const DEBUGS = ["open", "run", "demo"] as const;
const ALL = [...CHOOSES, "info", "kernel"] as const;

export const OPTIONS: readonly OptionRow[] = [
  { flags: "--symbols <A,B>", about: "only these symbols", group: "Which data", on: CHOOSES },
  { flags: "--from <date>", about: "first session, e.g. 2013-10-07", group: "Which data", on: CHOOSES },
  { flags: "--to <date>", about: "last session", group: "Which data", on: CHOOSES },
  {
    flags: "--sessions <which>",
    about: "replay the sessions that have data, or all of the calendar",
    group: "Which data",
    on: CHOOSES,
    choices: ["data", "calendar"],
  },
  {
    flags: "--calendar <name>",
    about: "XNYS, 24/7 or a JSON file (default: XNYS)",
    group: "How to read it",
    on: READS,
  },
  {
    flags: "--tz <zone>",
    about: "zone of timestamps without one, e.g. America/New_York (default: decided from the data)",
    group: "How to read it",
    on: READS,
  },
  {
    flags: "--label <which>",
    about: "what a timestamp stands for: the start of a bar, or its end",
    group: "How to read it",
    on: READS,
    choices: ["start", "end"],
  },
  {
    flags: "--columns <role=name,…>",
    about: "names of your columns, e.g. timestamp=ts,volume=qty",
    group: "How to read it",
    on: READS,
  },
  {
    flags: "--floor-minutes",
    about: "move rows with seconds to the minute they lie in, instead of rejecting them",
    group: "How to read it",
    on: READS,
  },
  {
    flags: "--on-load-error <what>",
    about: "when a file cannot be read",
    group: "How to read it",
    on: READS,
    choices: ["stop", "skip-symbol", "skip-day"],
  },
  {
    flags: "--on-conflict <what>",
    about: "when two rows of a minute differ: which one counts",
    group: "How to read it",
    on: READS,
    choices: ["first", "last", "error"],
  },
  {
    flags: "--start-time <HH:MM>",
    about: "warm up to this time of the first session",
    group: "How to replay it",
    on: REPLAYS,
  },
  {
    flags: "--speed <n>",
    about: "0 or max: as fast as the data allows; 60: an hour in a minute (default: 0)",
    group: "How to replay it",
    on: REPLAYS,
  },
  { flags: "--derive <5m,15m>", about: "intervals of the derived bars", group: "How to replay it", on: REPLAYS },
  {
    flags: "--derived <what>",
    about: "derived bars with missing minutes: mark them, or hold them back",
    group: "How to replay it",
    on: REPLAYS,
    choices: ["flag", "withhold"],
  },
  {
    flags: "--fill <how>",
    about: "fill missing minutes",
    group: "How to replay it",
    on: REPLAYS,
    choices: ["none", "source", "forward"],
  },
  {
    flags: "--fill-from <data>",
    about: "second source for fills; makes it --fill source",
    group: "How to replay it",
    on: REPLAYS,
  },
  {
    flags: "--keep-days <n>",
    about: "closed days kept in memory (default: 3)",
    group: "How to replay it",
    on: REPLAYS,
  },
  { flags: "--json", about: "results as one JSON object a line", group: "What to show", on: ALL },
  {
    flags: "--events",
    about: "with --json: a line for each data event",
    group: "What to show",
    on: REPLAYS,
  },
  {
    flags: "--fail-if <condition>",
    about: 'exit 5 when it holds for a symbol and session, e.g. "quality<95" (repeatable)',
    group: "What to show",
    on: ["run", "demo"],
    repeatable: true,
  },
  {
    flags: "--strict",
    about: "exit 3 when rows were rejected or flagged",
    group: "What to show",
    on: ["inspect"],
  },
  { flags: "--no-color", about: "no colours", group: "What to show", on: ALL },
  { flags: "--ascii", about: "nothing but ASCII", group: "What to show", on: ALL },
  {
    flags: "--log <file>",
    about: "append what the program does to this file, as NDJSON",
    group: "What to show",
    on: CHOOSES,
  },
  { flags: "--out <folder>", about: "where to write (required)", group: "What to show", on: ["export"] },
  {
    flags: "--schedules <n>",
    about: "replay the days and their rolls under n seeded schedules of the threads, and nothing else",
    group: "Debugger",
    on: ["verify"],
  },
  {
    flags: "--seed <n>",
    about: "seed of the first schedule; alone, replay that one (default: 1)",
    group: "Debugger",
    on: ["verify"],
  },
  {
    flags: "--until <condition>",
    about: 'stop there, e.g. 15:58, "TSLA.quality<95" or phase=roll',
    group: "Debugger",
    on: DEBUGS,
  },
  {
    flags: "--break <condition>",
    about: "breakpoint (repeatable); run shows each hit and goes on",
    group: "Debugger",
    on: DEBUGS,
    repeatable: true,
  },
  {
    flags: "--baseline <file>",
    about: "compare with a run that was saved; exit 6 when it differs",
    group: "Debugger",
    on: ["run"],
  },
  {
    flags: "--exec <verbs>",
    about: "commands to begin with, separated by ;",
    group: "Debugger",
    on: ["open"],
  },
  { flags: "--plain", about: "commands line by line, without a dashboard", group: "Debugger", on: ["open"] },
];

/** The long name of an option: `--fail-if` of `--fail-if <condition>`. */
export function optionName({ flags }: OptionRow): string {
  return flags.split(" ")[0];
}
