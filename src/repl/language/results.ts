/** Verbs that write files or compare with one. */
import { escapeName, exportData, type Session } from "../../engine/index.js";
import { formatCount, plural } from "../output/format.js";
import { differenceLines } from "../views/difference-text.js";
import type { Arguments } from "./arguments.js";
import type { Outcome, ShellPort } from "./verb.js";

export async function save(session: Session, args: Arguments): Promise<Outcome> {
  const file = args.word("a file");
  args.end();
  return written(await session.save(file), file);
}

/** A run that differs is a result, and makes a program exit 6. */
export async function diff(session: Session, args: Arguments, { style: { theme } }: ShellPort): Promise<Outcome> {
  const file = args.word("a saved run");
  args.end();
  const found = await session.diff(file);
  return { value: found, lines: differenceLines(found, theme), exitCode: found.equal ? 0 : 6 };
}

export const EXPORTS = [
  { name: "data", form: "DIR", about: "bars, derived bars and quality of the whole range as Parquet" },
  { name: "journal", form: "FILE", about: "data and control events as NDJSON" },
  { name: "trace", form: "FILE", about: "what the threads did, for Perfetto" },
] as const;

export async function exportResults(session: Session, args: Arguments, shell: ShellPort): Promise<Outcome> {
  const kind = args.pick(
    EXPORTS.map(({ name }) => name),
    "thing to export",
  );
  const target = args.word(kind === "data" ? "a folder" : "a file");
  args.end();
  if (kind === "journal") {
    const [first] = session.journal({ kind: "load", control: false, last: MOST_ENTRIES });
    const outcome = written(await session.exportJournal(target), target);
    return { ...outcome, lines: [...outcome.lines, ...lostDays(session, first?.date)] };
  }
  if (kind === "trace") return written(await session.exportTrace(target), target);
  const { files, rows, digest } = await exportData(session.info.options, target, { signal: shell.signal });
  const text = `${plural(rows, "row")} in ${plural(files.length, "file")} under ${escapeName(target)}`;
  return { value: { folder: target, files, rows, digest }, lines: [`written: ${text}`] };
}

const MOST_ENTRIES = 1_000_000;

/** Data events are read from the days in memory: which are there is said, lest the others be taken for days without events. */
function lostDays({ info: { catalog }, date }: Session, first: string | undefined): string[] {
  const passed = catalog.sessions.filter((one) => one.date < (first ?? date)).length;
  if (passed === 0) return [];
  const from = first === undefined ? "none" : `from ${first} on`;
  return [
    `data events ${from}: of ${plural(passed, "session")} before none is in memory (--keep-days keeps more of those played)`,
  ];
}

function written(lines: number, file: string): Outcome {
  return {
    value: { file, lines },
    lines: [`written: ${formatCount(lines)} ${lines === 1 ? "line" : "lines"} to ${escapeName(file)}`],
  };
}
