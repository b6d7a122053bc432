/** The help, made from the table of verbs. Pure. */
import type { Theme } from "../output/theme.js";
import { formatTable } from "../output/table.js";
import { readVerb } from "./parse.js";
import { EXPORTS } from "./results.js";
import { TOPICS } from "./topics.js";
import type { Verb } from "./verb.js";
import { KINDS, verbNamed, VERBS } from "./verbs.js";

const CONDITIONS = [
  ["15:58, 2013-10-08 15:58", "a time of each day, or of one"],
  ["quality<95, quality30<80", "percent so far or of 30 min; from minute 20"],
  ["gap>=3", "minutes missing in a row"],
  ["last>168, high, low, volume", "of the bars so far"],
  ["rejected, class=duplicate", "a row that was rejected; any class of rows"],
  ["fill, derived=incomplete", "a minute that was filled; a derived bar that lacks minutes"],
  ["phase=roll", "before a step of the end of the day"],
  ["day=2013-10-08", "on a date"],
  ["TSLA.quality<95", "of one symbol; without it, of any"],
  ["A and B, A if B", "both"],
] as const;

/** All verbs with their forms; the examples say more than a grammar. */
export function helpLines(theme: Theme): string[] {
  const lines: string[] = [];
  for (const { kind, title } of KINDS) {
    lines.push(theme.strong(title));
    const rows = VERBS.filter((verb) => verb.kind === kind).map((verb) => [shortNames(verb), verb.about]);
    lines.push(...table(rows), "");
  }
  lines.push(
    theme.strong("Conditions"),
    ...table(CONDITIONS),
    "",
    "The beginning of a word suffices where nothing else begins so. ; parts commands, quotes keep a file name together.",
    "An empty line repeats the last step. help VERB says how a verb is written.",
  );
  return lines;
}

/** One verb: how it is written, what it does, its short names and keys. Throws a `UsageError` for a word that is none. */
export function verbHelpLines(word: string, theme: Theme): string[] {
  const verb = verbNamed(readVerb(word).name);
  const names = Object.entries(verb.aliases ?? {}).map(([alias, adds]) =>
    [alias, ...(adds.length > 0 ? ["for", verb.name, ...adds] : [])].join(" "),
  );
  const keys = (verb.keys ?? []).map(({ key, command }) => `${key} for ${command}`);
  const lines = [
    theme.strong(`${verb.name} ${verb.form}`.trimEnd()),
    ` ${verb.about}`,
    ...entry("example", [verb.example]),
    ...entry("short", names),
    ...entry("keys", keys),
  ];
  if (verb.name === "info") lines.push(...table(TOPICS.map(({ name, form, about }) => [`${name} ${form}`, about])));
  if (verb.name === "export") lines.push(...table(EXPORTS.map(({ name, form, about }) => [`${name} ${form}`, about])));
  if (verb.takes?.flat().includes("condition")) lines.push(` ${theme.strong("conditions")}`, ...table(CONDITIONS));
  return lines;
}

const shortNames = ({ name, aliases = {} }: Verb): string => [name, ...Object.keys(aliases)].join(", ");

const entry = (name: string, texts: readonly string[]): string[] =>
  texts.length === 0 ? [] : [` ${name}: ${texts.join(", ")}`];

/** Without its head: the columns speak for themselves. */
function table(rows: ReadonlyArray<readonly [string, string] | readonly string[]>): string[] {
  return formatTable([{ title: "" }, { title: "" }], rows, { indent: 2 }).slice(1);
}
