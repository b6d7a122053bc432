/**
 * The lines of `--json`, as zod schemas: strict, so that a field nobody promised is a failing test. The published JSON
 * Schemas are made from these (write-schema.ts), the types of json.ts too. Nothing loads this file while a command runs.
 */
import { z } from "zod";
import { EOD_STEPS, PHASE_NAMES, REJECT_CAUSES, ROW_CLASSES, ROW_FLAGS, type StopReason } from "../../engine/index.js";

const count = z.int().nonnegative();
const date = z.iso.date().describe("date of the exchange");
const time = z.iso.datetime().describe("ISO 8601, UTC");
const digest = z.string().regex(/^d\d+:[0-9a-f]+$/);
const percent = z.number().min(0).max(100).nullable();
const price = z.number().nullable();
const decided = z.strictObject({ value: z.string(), how: z.string() });
const classes = z.partialRecord(z.enum(ROW_CLASSES), count);

/** Events of these kinds tell nothing but when they happened. */
const STEPS = ["load", "activate", "hand-over", "drain", "finalize", "verify", "record", "deactivate", "roll"] as const;

const gap = z.strictObject({ start: time, end: time.describe("exclusive"), bars: count });
const derived = z.strictObject({ complete: count, incomplete: count, stub: count });

const symbolDay = z.strictObject({
  rows: count.describe("rows of the session's date, over all classes"),
  streamed: count,
  filtered: z.strictObject({ preMarket: count, afterHours: count, atClose: count }),
  rejected: count,
  rejectedBy: z.partialRecord(z.enum(REJECT_CAUSES), count),
  flagged: z.partialRecord(z.enum(ROW_FLAGS), count),
  duplicates: count,
  conflicts: count,
  unread: count,
  leftOut: z
    .string()
    .nullable()
    .describe("why its rows could not be read and are done without (--on-load-error); null when they were read"),
  due: count.describe("minutes of the session; 0 for a symbol that was left out: what was not read is not missing"),
  observed: count,
  missing: count.describe("due less observed, so 0 for a symbol that was left out"),
  filled: count,
  quality: percent.describe("observed of due in percent; null for a symbol without rows on the session or left out"),
  quality30: percent,
  longestGap: count,
  gaps: z.array(gap).describe("empty for a symbol that was left out"),
  open: price,
  high: price,
  low: price,
  last: price,
  volume: z.number(),
  atClose: z.strictObject({ price, volume: z.number().nullable() }),
  derived: z.record(z.string().regex(/^\d+m$/), derived),
});

export const runLine = z.strictObject({
  type: z.literal("run"),
  schema: z.literal(1),
  version: z.string(),
  options: z.record(z.string(), z.unknown()).describe("as given"),
  calendar: decided,
  label: decided,
  timeZone: decided,
  unit: decided,
  files: count,
  symbols: z.array(z.string()),
  sessions: count,
  inputDigest: z.string().describe("hash of the names and contents of all files"),
});

export const sessionLine = z.strictObject({
  type: z.literal("session"),
  date,
  epoch: count,
  kind: z.enum(["full", "half"]),
  opensAt: time,
  closesAt: time,
  warmUpUntil: time
    .nullable()
    .describe("--start-time: up to here the first session ran data-driven, to be at this time; null without a warm-up"),
  forcedFrom: time.nullable().describe("the close was forced from here, because all streams had ended"),
  digest,
  symbols: z.record(z.string(), symbolDay),
});

export const fileLine = z.strictObject({ type: z.literal("file"), path: z.string(), rows: count, classes });

const event = <Kinds extends readonly [string, ...string[]], Facts extends z.ZodRawShape>(kinds: Kinds, facts: Facts) =>
  z.strictObject({
    type: z.literal("event"),
    id: z.string().describe("epoch.position.kind.counter: the same in every run"),
    kind: z.enum(kinds),
    epoch: count,
    position: count.describe("slot of the day at whose passing it happens"),
    time: time.describe("session time from which on it is known"),
    ...facts,
  });
const symbol = z.string();
const rowFacts = { symbol, file: z.string(), row: count, count };

/** A data event; what else it tells depends on its kind. */
export const eventLine = z.discriminatedUnion("kind", [
  event(["no-data", ...STEPS], {}),
  event(["force-close"], { forcedFrom: time.nullable() }),
  event(["gap"], { symbol, start: time, end: time.describe("exclusive"), bars: count }),
  event(["fill"], { symbol, start: time, origin: z.enum(["filled", "forward-filled"]) }),
  event(["rejected"], { ...rowFacts, cause: z.enum(REJECT_CAUSES) }),
  event(["duplicate"], { ...rowFacts, cause: z.literal("duplicate") }),
  event(["conflict"], { ...rowFacts, cause: z.literal("conflict") }),
  event(["flagged"], { symbol, marks: z.array(z.enum(ROW_FLAGS)), file: z.string(), row: count }),
  event(["filtered"], { symbol, class: z.enum(["preMarket", "afterHours", "atClose"]), count }),
  event(["derived"], {
    symbol,
    intervalMinutes: count,
    start: time,
    n: count,
    m: count,
    status: z.enum(["incomplete", "stub"]),
  }),
]);

const REASONS = [
  "opened",
  "step",
  "back",
  "until",
  "goto",
  "breakpoint",
  "waits",
  "paused",
  "finished",
  "superseded",
  "stopped",
  "failed",
] as const satisfies readonly StopReason[];

export const stopLine = z.strictObject({
  type: z.literal("stop"),
  reason: z.enum(REASONS),
  why: z.string().describe("the cause in words"),
  phase: z.enum(PHASE_NAMES),
  step: z.enum(EOD_STEPS).nullable().describe("the step of the end of the day that comes next"),
  time,
  position: z.strictObject({
    run: count,
    epoch: count,
    date: z.string(),
    slots: count.describe("published"),
    processed: count.describe("taken in by upkeep"),
    slotsDue: count,
  }),
  next: z.string().describe("what a further step would do, and in which thread"),
  breakpoints: z.array(count).describe("those that were hit"),
  watches: z.array(z.strictObject({ text: z.string(), value: z.number().nullable() })),
  client: z.string(),
  command: count.describe("ordinal of the command in the session"),
});

export const logLine = z.strictObject({
  type: z.literal("log"),
  breakpoint: count,
  epoch: count,
  date,
  time,
  text: z.string(),
});

export const summaryLine = z.strictObject({
  type: z.literal("summary"),
  status: z.enum(["finished", "stopped", "failed"]),
  sessions: count.describe("closed"),
  sessionsWithoutData: count,
  bars: count.describe("streamed in closed sessions; one a run was stopped in is not among them"),
  rows: count.describe("of all files"),
  seconds: z.number().nonnegative(),
  barsPerSecond: z.number().nonnegative(),
  digest,
});

export const errorLine = z.strictObject({
  type: z.literal("error"),
  code: z.string(),
  message: z.string(),
  file: z.string().nullable(),
  rowGroup: count.nullable(),
  column: z.string().nullable(),
  row: count.nullable(),
  hint: z.string(),
});

export const differenceLine = z.strictObject({
  type: z.literal("difference"),
  equal: z.boolean(),
  text: z.string().describe("where the runs part, in words"),
  date: date.nullable(),
  time: time.nullable().describe("end of the first minute that differs"),
  symbol: z.string().nullable(),
  compared: z.strictObject({ days: count, minutes: count, events: count }),
});

// ---- open ----

export const answerLine = z.strictObject({
  type: z.literal("answer"),
  command: z.string().describe("with its verb in full, as it can be written again"),
  text: z.array(z.string()).describe("for people"),
  stop: stopLine.nullable(),
  value: z.unknown().describe("what was seen or made; times are ISO 8601, UTC"),
  error: errorLine.nullable(),
});

// ---- inspect ----

export const inspectLine = z.strictObject({
  type: z.literal("inspect"),
  schema: z.literal(1),
  version: z.string(),
  options: z.record(z.string(), z.unknown()),
  calendar: decided,
  label: decided,
  timeZone: decided,
  unit: decided,
  files: count,
  rows: count,
  symbols: z.array(z.string()),
  sessions: count,
  sessionsWithoutData: z.strictObject({ count, insideData: z.array(date) }),
  notes: z.array(z.string()),
});

export const inspectedSymbolLine = z.strictObject({
  type: z.literal("symbol"),
  symbol: z.string(),
  firstDate: date.nullable(),
  lastDate: date.nullable(),
  rows: count.describe("over all dates of the source"),
  sessions: count,
  absent: count.describe("sessions between its first and last date without a row"),
  leftOut: count.describe("sessions it was left out of (--on-load-error); they count for nothing else here"),
  quality: percent.describe("mean over its sessions"),
  worst: percent,
  missing: count,
  classes,
  rejectedBy: z.partialRecord(z.enum(REJECT_CAUSES), count),
  flagged: z.partialRecord(z.enum(ROW_FLAGS), count),
});

const outage = z.strictObject({
  start: time,
  end: time.describe("exclusive"),
  minutes: count,
  symbols: z.array(z.string()).describe("those that miss a minute of it"),
});

export const dayLine = z.strictObject({
  type: z.literal("day"),
  date,
  kind: z.enum(["full", "half"]),
  minutes: count,
  coverage: z.record(z.string(), percent).describe("null: no row on this day, or left out"),
  leftOut: z.array(z.string()).describe("symbols whose rows could not be read (--on-load-error)"),
  outages: z.array(outage),
});

export const splitLine = z.strictObject({
  type: z.literal("split"),
  symbol: z.string(),
  date,
  time,
  before: z.number(),
  after: z.number(),
  ratio: z.string().describe("new for old: 4:1"),
  where: z.enum(["overnight", "within the session"]),
});

const worstDay = z.strictObject({
  symbol: z.string(),
  date,
  quality: percent,
  missing: count,
  longestGap: count,
});
const worstGap = z.strictObject({ symbol: z.string(), date, start: time, end: time, bars: count });

export const inspectionLine = z.strictObject({
  type: z.literal("summary"),
  sessions: count,
  rows: count,
  classes,
  flagged: z.partialRecord(z.enum(ROW_FLAGS), count),
  quality: percent,
  worstDays: z.array(worstDay),
  worstGaps: z.array(worstGap),
  tryNext: z.string().describe("a command line"),
});

// ---- verify, export, info ----

export const verifyLine = z.strictObject({
  type: z.literal("verify"),
  ok: z.boolean(),
  digest,
  variants: z.array(z.strictObject({ name: z.string(), digest, equal: z.boolean(), seconds: z.number() })),
  brokenInvariants: z.array(z.string()),
});

/** After the line above; with `--schedules` alone. */
export const schedulesLine = z.strictObject({
  type: z.literal("schedules"),
  ok: z.boolean(),
  schedules: count.describe("replayed: those asked for, or up to the first that failed"),
  seed: count.describe("of the first; the others follow"),
  sessions: count.describe("different ones among the schedules"),
  rolls: count,
  sessionsOfRange: count,
  steps: count,
  seconds: z.number().nonnegative(),
  digest: digest.describe("of the sessions replayed; as run shows it when they are all of the range"),
  failure: z
    .strictObject({
      seed: count,
      from: date,
      to: date,
      invariant: z.string().describe("I13 is a digest that differs"),
      what: z.string(),
      step: count,
      actions: z.array(z.string()).describe("the last before it"),
      replay: z.string().describe("a command line"),
    })
    .nullable(),
});

export const exportLine = z.strictObject({
  type: z.literal("export"),
  folder: z.string(),
  files: z.array(z.string()),
  rows: count,
  digest: digest.describe("of the replay, as run shows it"),
});

export const infoLine = z.strictObject({
  type: z.literal("info"),
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  paths: z.strictObject({ config: z.string(), cache: z.string(), state: z.string(), log: z.string() }),
});

/** Any line of each command. */
export const OUTPUT_SCHEMAS = {
  run: z.discriminatedUnion("type", [
    runLine,
    sessionLine,
    fileLine,
    eventLine,
    stopLine,
    differenceLine,
    errorLine,
    summaryLine,
  ]),
  open: z.discriminatedUnion("type", [runLine, stopLine, answerLine, logLine, eventLine, errorLine]),
  inspect: z.discriminatedUnion("type", [
    inspectLine,
    inspectedSymbolLine,
    dayLine,
    fileLine,
    splitLine,
    errorLine,
    inspectionLine,
  ]),
  verify: z.discriminatedUnion("type", [verifyLine, schedulesLine, errorLine]),
  export: z.discriminatedUnion("type", [exportLine, errorLine]),
  info: z.discriminatedUnion("type", [infoLine, errorLine]),
} as const;

export type RunLine = z.infer<typeof runLine>;
export type SessionLine = z.infer<typeof sessionLine>;
export type EventLine = z.infer<typeof eventLine>;
export type FileLine = z.infer<typeof fileLine>;
export type DifferenceLine = z.infer<typeof differenceLine>;
export type LogLine = z.infer<typeof logLine>;
export type AnswerLine = z.infer<typeof answerLine>;
export type StopLine = z.infer<typeof stopLine>;
export type SummaryLine = z.infer<typeof summaryLine>;
export type ErrorLine = z.infer<typeof errorLine>;
export type InspectLine = z.infer<typeof inspectLine>;
export type InspectedSymbolLine = z.infer<typeof inspectedSymbolLine>;
export type DayLine = z.infer<typeof dayLine>;
export type SplitLine = z.infer<typeof splitLine>;
export type InspectionLine = z.infer<typeof inspectionLine>;
export type VerifyLine = z.infer<typeof verifyLine>;
export type SchedulesLine = z.infer<typeof schedulesLine>;
export type ExportLine = z.infer<typeof exportLine>;
export type InfoLine = z.infer<typeof infoLine>;
