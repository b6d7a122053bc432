/** The journal as NDJSON: data events by id, the same in every run, then the control events of this one. */
import { writeWholeFile } from "../partial-file.js";
import { isoUtc } from "../market/time.js";
import type { JournalEntry } from "../session/views.js";
import { dayEvents, nameFiles } from "../work/day-events.js";
import type { ControlEvent } from "./control-log.js";
import { eventEntry } from "./data-entries.js";
import { controlEntry, journalDays, type JournalOf } from "./journal.js";

/**
 * Writes the data events of the days in memory, oldest first, and all control events that are kept. Returns the lines written. What is
 * written is settled when this is called, wherever the session goes meanwhile.
 *
 * @throws FileError when the file cannot be written; nothing is left of it then
 */
export async function exportJournal(of: JournalOf, control: readonly ControlEvent[], file: string): Promise<number> {
  const entries = [
    ...dataOf(of).map((event) => eventEntry(of.plan, event)),
    ...control.map((event) => controlEntry(of.plan, event)),
  ];
  await writeWholeFile(file, lines(entries));
  return entries.length;
}

function dataOf(of: JournalOf) {
  const days = [...journalDays(of)].reverse();
  return days.flatMap(({ plan, files, epoch, segment, position, completedSteps }) =>
    nameFiles(dayEvents(plan, epoch, segment, position, completedSteps), files),
  );
}

function* lines(entries: readonly JournalEntry[]): Generator<string> {
  for (const { control, timeUs, ...rest } of entries)
    yield `${JSON.stringify({ type: control ? "control" : "data", time: isoUtc(timeUs), ...rest })}\n`;
}
