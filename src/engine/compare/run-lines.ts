/**
 * The lines of a saved run as zod schemas, loaded only where one is read: zod costs a tenth of a second.
 *
 *   {"type":"bardeck-run", …}   first: what the run was of
 *   {"type":"day", …}           each day: where it stood, its digest, a digest a minute, its bars (pack-bars.ts)
 *   {"type":"event", …}         the data events of the day above, as in `run --json --events`
 *   {"type":"end", …}           last: without it the file was cut off
 */
import { z } from "zod";
import { STEP } from "../protocol/phases.js";
import { EVENT_KINDS } from "../work/day-events.js";
import { MINUTE_DIGEST_DIGITS } from "./minute-digests.js";
import { RUN_FILE_TYPE, RUN_FILE_VERSION } from "./run-version.js";

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
export type DayLine = z.infer<typeof dayLine>;
export type HeaderLine = z.input<typeof headerLine>;
export type EndLine = z.infer<typeof endLine>;
