/**
 * What is made of a saved run's lines (NDJSON, version 1) and read back from them. Knows no disk; run-lines.ts has the
 * schemas, and what the lines are.
 */
import { isoUtc, MINUTE_US } from "../market/time.js";
import type { RunEvent } from "./event-line.js";
import { minuteDigests } from "./minute-digests.js";
import { packBars, unpackBars } from "./pack-bars.js";
import type { DayCopy, RunDay, RunHeader } from "./run-day.js";
import type { DayLine, EndLine, HeaderLine } from "./run-lines.js";
import { RUN_FILE_TYPE, RUN_FILE_VERSION } from "./run-version.js";

/** A session around the clock, and a clock change. */
const MOST_MINUTES = 26 * 60;

export function headerText(header: RunHeader): string {
  const line: HeaderLine = {
    type: RUN_FILE_TYPE,
    version: RUN_FILE_VERSION,
    ...header,
    symbols: [...header.symbols],
    intervals: [...header.intervals],
  };
  return lineText(line);
}

/** The lines of a day. */
export async function dayText({ events, ...day }: RunDay): Promise<string> {
  const line: DayLine = {
    type: "day",
    epoch: day.epoch,
    date: day.date,
    opensAt: isoUtc(day.openUs),
    closesAt: isoUtc(day.closeUs),
    position: day.position,
    steps: day.steps,
    digest: day.digest,
    minutes: [...day.minutes],
    bars: await packBars(day),
  };
  return [line, ...events].map(lineText).join("");
}

export function endText(days: number, place: string): string {
  return lineText({ type: "end", days, place } satisfies EndLine);
}

function lineText(line: object): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * A day and, still empty, its events. Rejects with an error that says what does not fit: the line is damaged, or was written by hand.
 */
export async function readDay(
  line: DayLine,
  { symbols, intervals }: RunHeader,
): Promise<DayCopy & { events: RunEvent[] }> {
  const [openUs, closeUs] = [line.opensAt, line.closesAt].map((text) => Date.parse(text) * 1000);
  const minutes = (closeUs - openUs) / MINUTE_US;
  if (!(Number.isInteger(minutes) && minutes >= 1 && minutes <= MOST_MINUTES))
    throw new Error(`a session of ${minutes} minutes`);
  const { position } = line;
  if (position > minutes * symbols.length) throw new Error(`${position} slots are more than the session has`);
  const { grid, derived } = await unpackBars(line.bars, { minutes, symbols: symbols.length, intervals, position });
  if (minuteDigests(grid, derived, position).join() !== line.minutes.join())
    throw new Error("its bars do not give its digests");
  const { epoch, date, steps, digest } = line;
  return { epoch, date, openUs, closeUs, position, steps, digest, minutes: line.minutes, grid, derived, events: [] };
}
