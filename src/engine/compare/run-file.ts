/**
 * The lines of a saved run (NDJSON, version 1), as zod schemas, and what a line is made of and read into. Knows no disk.
 *
 *   {"type":"bardeck-run", …}   first: what the run was of
 *   {"type":"day", …}           each day: where it stood, its digest, a digest a minute, its bars (pack-bars.ts)
 *   {"type":"event", …}         the data events of the day above, as in `run --json --events`
 *   {"type":"end", …}           last: without it the file was cut off
 */
import { z } from "zod";
import { isoUtc, MINUTE_US } from "../market/time.js";
import { STEP } from "../protocol/phases.js";
import { EVENT_KINDS } from "../work/day-events.js";
import type { RunEvent } from "./event-line.js";
import { MINUTE_DIGEST_DIGITS, minuteDigests } from "./minute-digests.js";
import { packBars, unpackBars } from "./pack-bars.js";
import type { DayCopy, RunDay, RunHeader } from "./run-day.js";

export const RUN_FILE_TYPE = "bardeck-run";
export const RUN_FILE_VERSION = 1;

/** A session around the clock, and a clock change. */
const MOST_MINUTES = 26 * 60;

const count = z.int().nonnegative();
const time = z.iso.datetime().describe("ISO 8601, UTC");

export const headerLine = z.strictObject({
  type: z.literal(RUN_FILE_TYPE),
  version: z.literal(RUN_FILE_VERSION),
  calendar: z.string(),
  timeZone: z.string(),
  symbols: z.array(z.string()),
  intervals: z.array(z.int().min(1).max(1440)),
  fill: z.enum(["none", "source", "forward"]),
  sessions: count.describe("of the plan, replayed or not"),
  inputDigest: z.string(),
});

const dayLine = z.strictObject({
  type: z.literal("day"),
  epoch: count,
  date: z.iso.date(),
  opensAt: time,
  closesAt: time,
  position: count.describe("slots passed: all of them for a closed day"),
  steps: z.int().min(0).max(STEP.roll).describe("end-of-day steps completed"),
  digest: z.string().regex(/^d\d+:[0-9a-f]+$/),
  minutes: z.array(z.string().regex(new RegExp(`^[0-9a-f]{${MINUTE_DIGEST_DIGITS}}$`))).describe("a digest a minute"),
  bars: z.string().describe("deflated columns in base64"),
});

const eventLine = z
  .object({
    type: z.literal("event"),
    id: z.string().regex(/^\d+\.\d+\.\d+\.\d+$/),
    kind: z.enum(EVENT_KINDS),
    epoch: count,
    position: count,
    time,
  })
  .catchall(z.union([z.string(), z.number(), z.null(), z.array(z.string())]));

const endLine = z.strictObject({ type: z.literal("end"), days: count, place: z.string().describe("in words") });

/** Any line after the first. */
export const laterLine = z.discriminatedUnion("type", [dayLine, eventLine, endLine]);
type DayLine = z.infer<typeof dayLine>;

export function headerText(header: RunHeader): string {
  const line: z.input<typeof headerLine> = {
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
  return lineText({ type: "end", days, place } satisfies z.infer<typeof endLine>);
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
