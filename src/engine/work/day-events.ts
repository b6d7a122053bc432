/**
 * The data events of a day: what happened to its rows, gaps, fills, derived bars and end-of-day steps. There is no
 * ring for them: state is a function of position, and so are its events (I13). They are read from the segment for a
 * place, the same in every run, at every speed, with the same ids. What depends on the run (commands, pauses, waits) is
 * not here.
 */
import { bucketMinutes, finishedBuckets } from "../derived/buckets.js";
import {
  EXCEPTION_WORDS,
  FLAG_BIT,
  FLAG_PRESENT,
  ORIGIN,
  ORIGINS,
  REJECT_CAUSES,
  ROW_CLASS,
  ROW_CLASSES,
  ROW_FLAGS,
  type Origin,
  type RejectCause,
  type RowClass,
  type RowFlag,
} from "../market/bars.js";
import { STATUS, type DayGrid } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { hasNoData, isLeftOut, segmentDerived, segmentGrid, streamsEnd, type Segment } from "../memory/segment.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import { EOD_STEPS, STEP, type EodStep } from "../protocol/phases.js";
import { timeAtPosition } from "../protocol/places.js";
import { findGaps } from "../quality/gaps.js";
import { exceptionsPassed } from "./digest.js";

/**
 * Every kind, in the order of events at one position: the number in an id is the index here, so new kinds go to the
 * end of this list only with a new schema. A position is a slot about to be passed: what begins or ends the day there
 * comes before the slot's own events, and the steps from `force-close` on come after the last slot.
 */
export const EVENT_KINDS = [
  "load",
  "activate",
  "no-data",
  "hand-over",
  "drain",
  "gap",
  "fill",
  "rejected",
  "duplicate",
  "conflict",
  "flagged",
  "filtered",
  "derived",
  "force-close",
  "finalize",
  "verify",
  "record",
  "deactivate",
  "roll",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** What every event has. */
interface EventBase<Kind extends EventKind> {
  /** `epoch.position.kind.counter`, e.g. `0.1551.5.0`: unique in a session and the same in every run of it. */
  readonly id: string;
  readonly kind: Kind;
  /** Ordinal of the session in the plan. */
  readonly epoch: number;
  /** The slot at whose passing it happens; the number of slots of the day for what happens after the last. */
  readonly position: number;
  /**
   * Microseconds UTC of the data from which on it is known (I11): the end of the slot or bucket. Of a step: the
   * session's time when the step is done.
   */
  readonly timeUs: number;
}

/** No asked symbol has a row on the session. */
export type NoDataEvent = EventBase<"no-data">;

/** A step from the end of one day to the start of the next. `load` and `activate` are those that began this session. */
export type StepEvent = OfEach<Exclude<EodStep, "force-close">>;
type OfEach<Kind extends EventKind> = Kind extends EventKind ? EventBase<Kind> : never;

export interface ForceCloseEvent extends EventBase<"force-close"> {
  /** Time the close was forced from because all streams had ended; null when they lasted. Microseconds UTC. */
  readonly forcedFromUs: number | null;
}

/** A gap that has come to its end: by the symbol's next bar, or with the day. */
export interface GapEvent extends EventBase<"gap"> {
  readonly symbol: string;
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
  readonly bars: number;
}

/** A missing minute that was filled. `position` is its slot. */
export interface FillEvent extends EventBase<"fill"> {
  readonly symbol: string;
  /** Start of the minute, microseconds UTC. */
  readonly startUs: number;
  readonly origin: Extract<Origin, "filled" | "forward-filled">;
}

/** A row of a file that did not become a bar. */
export type RowEvent<File = string> =
  RowFacts<"rejected", File> | RowFacts<"duplicate", File> | RowFacts<"conflict", File>;

interface RowFacts<Kind extends EventKind, File> extends EventBase<Kind> {
  readonly symbol: string;
  readonly cause: RejectCause | "duplicate" | "conflict";
  /** Path relative to DATA; from `dayEvents` the file's index in the catalogue. */
  readonly file: File;
  /** Row within the file, 0-based, as stored. */
  readonly row: number;
  /** Rows the event stands for: 1, or in the last of a slot this row and all that follow with its cause. */
  readonly count: number;
}

/** A bar that was streamed and carries marks. */
export interface FlaggedEvent<File = string> extends EventBase<"flagged"> {
  readonly symbol: string;
  readonly marks: readonly RowFlag[];
  readonly file: File;
  readonly row: number;
}

/** Rows outside the regular session, a symbol's of one class together: `preMarket` with its first slot, the others with its last. */
export interface FilteredEvent extends EventBase<"filtered"> {
  readonly symbol: string;
  readonly class: Extract<RowClass, "preMarket" | "afterHours" | "atClose">;
  readonly count: number;
}

/** A finished derived bar that is not what its interval says: `n` of `m` sources, or cut at the close. */
export interface DerivedEvent extends EventBase<"derived"> {
  readonly symbol: string;
  readonly intervalMinutes: number;
  /** Start of the bucket, microseconds UTC. */
  readonly startUs: number;
  readonly n: number;
  readonly m: number;
  readonly status: "incomplete" | "stub";
}

/** Plain data. `File` says how a row's file is named: by path, or by index where no catalogue is at hand. */
export type DataEvent<File = string> =
  | NoDataEvent
  | StepEvent
  | ForceCloseEvent
  | GapEvent
  | FillEvent
  | RowEvent<File>
  | FlaggedEvent<File>
  | FilteredEvent
  | DerivedEvent;

/** Rows of one slot and cause that get an event each; one more stands for the rest. Bounds the events of a day (I16). */
export const ROW_EVENTS_A_CAUSE = 3;

/**
 * The events of session `epoch` at a place, by position, then kind: those at a later place of the day begin with
 * these. Reads what `position` has passed and nothing ahead of it (I11). At most a small constant a slot.
 *
 * @param segment holds the day, active or closed
 * @param position slots passed
 * @param completedSteps number (`STEP`) of the last end-of-day step done, 0 while the day streams
 * @param from only the events at this position and later ones; they are the same, ids included, for the work of their slots alone
 * @example
 * dayEvents(plan, 0, segment, 1560, STEP.record).filter((event) => event.kind === "gap");
 */
export function dayEvents(
  plan: SessionPlan,
  epoch: number,
  segment: Segment,
  position: number,
  completedSteps: number,
  from = 0,
): DataEvent<number>[] {
  const { openUs, closeUs } = plan.sessions[epoch];
  const grid = segmentGrid(segment);
  const day: DayPart = { plan, epoch, segment, grid, from, position, completedSteps, openUs, closeUs };
  const drafts = [beginning, stepEvents, gapEvents, slotEvents, exceptionEvents, derivedEvents].flatMap((part) =>
    part(day).filter((draft) => draft.position >= from),
  );
  return numbered(epoch, drafts);
}

/** The events with the paths of their files; `files` in the order of the catalogue. */
export function nameFiles(
  events: readonly DataEvent<number>[],
  files: readonly { readonly path: string }[],
): DataEvent[] {
  return events.map((event) => ("file" in event ? { ...event, file: files[event.file].path } : event));
}

/** A day up to a place. */
interface DayPart {
  readonly plan: SessionPlan;
  readonly epoch: number;
  readonly segment: Segment;
  readonly grid: DayGrid;
  readonly from: number;
  readonly position: number;
  readonly completedSteps: number;
  readonly openUs: number;
  readonly closeUs: number;
}

/** An event before it has its id. */
type Draft =
  DataEvent<number> extends infer Event ? (Event extends unknown ? Omit<Event, "id" | "epoch"> : never) : never;

const KIND_ORDER = new Map<EventKind, number>(EVENT_KINDS.map((kind, i) => [kind, i]));

/** In order, with ids. Sorting keeps events of one position and kind as they were found: by symbol, interval or row. */
function numbered(epoch: number, drafts: Draft[]): DataEvent<number>[] {
  const order = ({ kind }: Draft): number => KIND_ORDER.get(kind)!;
  drafts.sort((a, b) => a.position - b.position || order(a) - order(b));
  let counter = 0;
  return drafts.map((draft, i) => {
    const before = i > 0 ? drafts[i - 1] : undefined;
    counter = before?.position === draft.position && before.kind === draft.kind ? counter + 1 : 0;
    return { id: `${epoch}.${draft.position}.${order(draft)}.${counter}`, epoch, ...draft } as DataEvent<number>;
  });
}

const slotsOf = ({ grid }: DayPart): number => grid.minutes * grid.symbols;
const symbolAt = ({ plan, grid }: DayPart, slot: number): string => plan.symbols[slot % grid.symbols];
const startOf = ({ openUs, grid }: DayPart, slot: number): number =>
  openUs + Math.floor(slot / grid.symbols) * MINUTE_US;
/** A bar is known when its minute is over. */
const endOf = (day: DayPart, slot: number): number => startOf(day, slot) + MINUTE_US;

function beginning(day: DayPart): Draft[] {
  const at = { position: 0, timeUs: day.openUs };
  const drafts: Draft[] = [
    { kind: "load", ...at },
    { kind: "activate", ...at },
  ];
  if (hasNoData(day.segment)) drafts.push({ kind: "no-data", ...at });
  return drafts;
}

/** The hand-over is where the streams end, whatever stopped the session on the way: a fact of the data. */
function stepEvents(day: DayPart): Draft[] {
  const { plan, epoch, completedSteps, closeUs } = day;
  const slots = slotsOf(day);
  const handOver = streamsEnd(day.segment) * day.grid.symbols;
  const handOverUs = timeAtPosition(shapeOf(plan), epoch, handOver);
  const next = plan.sessions.at(epoch + 1);
  return EOD_STEPS.slice(0, Math.min(completedSteps, STEP.roll)).flatMap((kind): Draft[] => {
    switch (kind) {
      case "hand-over":
      case "drain":
        return [{ kind, position: handOver, timeUs: handOverUs }];
      case "force-close":
        return [{ kind, position: slots, timeUs: closeUs, forcedFromUs: handOver < slots ? handOverUs : null }];
      case "roll":
        return next ? [{ kind, position: slots, timeUs: next.openUs }] : [];
      default:
        return [{ kind, position: slots, timeUs: closeUs }];
    }
  });
}

/**
 * Gaps that are over. One that reaches the last minute is over when the day has been forced to its close. A symbol that
 * was left out has none: unread is not missing.
 */
function gapEvents(day: DayPart): Draft[] {
  const { plan, grid, from, position, completedSteps, openUs, closeUs } = day;
  const { minutes, symbols } = grid;
  // A gap is over at the minute behind its last.
  const fromMinute = Math.max(0, Math.floor(from / symbols) - 1);
  const dayIsOver = completedSteps >= STEP.forceClose;
  return plan.symbols.flatMap((symbol, s) => {
    if (isLeftOut(day.segment, s)) return [];
    return findGaps(grid, s, position, fromMinute).flatMap(({ start, end }): Draft[] => {
      const closing = end * symbols + s;
      const toTheEnd = end === minutes;
      if (toTheEnd ? !dayIsOver : closing >= position) return []; // still open
      const span = { startUs: openUs + start * MINUTE_US, endUs: openUs + end * MINUTE_US, bars: end - start };
      const at = toTheEnd
        ? { position: slotsOf(day), timeUs: closeUs }
        : { position: closing, timeUs: endOf(day, closing) };
      return [{ kind: "gap", ...at, symbol, ...span }];
    });
  });
}

/** Fills and marked bars: one event a slot at most. */
function slotEvents(day: DayPart): Draft[] {
  const { segment, grid, from, position } = day;
  const { flags, file, row } = segment.source;
  const drafts: Draft[] = [];
  for (let slot = from; slot < position; slot++) {
    const origin = grid.origin[slot];
    if (origin === ORIGIN.empty || (origin === ORIGIN.streamed && flags[slot] === FLAG_PRESENT)) continue;
    const at = { position: slot, timeUs: endOf(day, slot), symbol: symbolAt(day, slot) };
    if (origin === ORIGIN.streamed) {
      const marks = ROW_FLAGS.filter((mark) => (flags[slot] & FLAG_BIT[mark]) !== 0);
      drafts.push({ kind: "flagged", ...at, marks, file: file[slot], row: row[slot] });
    } else {
      drafts.push({ kind: "fill", ...at, startUs: startOf(day, slot), origin: ORIGINS[origin] as FillEvent["origin"] });
    }
  }
  return drafts;
}

/** The exceptions list up to the position. */
function exceptionEvents(day: DayPart): Draft[] {
  const { segment, from, position } = day;
  const { exceptions } = segment.source;
  const drafts: Draft[] = [];
  const passed = exceptionsPassed(segment, position);
  let ofSlot = new SlotRows(-1);
  for (let i = exceptionsPassed(segment, from); i < passed; i++) {
    const [slot, kind, third, row] = exceptions.subarray(i * EXCEPTION_WORDS, (i + 1) * EXCEPTION_WORDS);
    const at = { position: slot, timeUs: endOf(day, slot), symbol: symbolAt(day, slot) };
    const rowClass = ROW_CLASSES[kind & 0xff];
    if (isFiltered(rowClass)) {
      drafts.push({ kind: "filtered", ...at, class: rowClass, count: third });
      continue;
    }
    if (slot !== ofSlot.slot) ofSlot = new SlotRows(slot);
    const isRejected = (kind & 0xff) === ROW_CLASS.rejected;
    const name = rowClass as RowEvent["kind"];
    const cause = (isRejected ? REJECT_CAUSES[kind >> 8] : name) as RowEvent["cause"];
    const event = ofSlot.add(cause, () => ({ kind: name, ...at, cause, file: third, row, count: 1 }));
    if (event) drafts.push(event);
  }
  return drafts;
}

type RowDraft = { -readonly [Key in keyof Omit<RowEvent<number>, "id" | "epoch">]: RowEvent<number>[Key] };

/** The row events of one slot: a file may repeat a row a million times, its day still has a bounded number of events. */
class SlotRows {
  private readonly byCause = new Map<string, { events: number; last: RowDraft }>();

  constructor(readonly slot: number) {}

  /** The row's own event, or undefined when it is counted in the last one of its cause. */
  add(cause: string, make: () => RowDraft): RowDraft | undefined {
    const known = this.byCause.get(cause);
    if (known && known.events > ROW_EVENTS_A_CAUSE) {
      known.last.count++;
      return undefined;
    }
    const last = make();
    this.byCause.set(cause, { events: (known?.events ?? 0) + 1, last });
    return last;
  }
}

function isFiltered(rowClass: RowClass): rowClass is FilteredEvent["class"] {
  return rowClass === "preMarket" || rowClass === "afterHours" || rowClass === "atClose";
}

/** Finished buckets with too few sources or too few minutes, at the slot that finished them. */
function derivedEvents(day: DayPart): Draft[] {
  const { segment, grid, from, position } = day;
  const { symbols, minutes } = grid;
  const drafts: Draft[] = [];
  for (const { intervalMinutes, status, count } of segmentDerived(segment)) {
    const finished = finishedBuckets(grid, intervalMinutes, position);
    for (let cell = finishedBuckets(grid, intervalMinutes, from); cell < finished; cell++) {
      if (status[cell] !== STATUS.incomplete && status[cell] !== STATUS.stub) continue;
      const bucket = Math.floor(cell / symbols);
      const m = bucketMinutes(minutes, intervalMinutes, bucket);
      const first = bucket * intervalMinutes * symbols + (cell % symbols);
      const last = first + (m - 1) * symbols;
      const at = { position: last, timeUs: endOf(day, last), symbol: symbolAt(day, last) };
      const state = status[cell] === STATUS.stub ? "stub" : "incomplete";
      drafts.push({
        kind: "derived",
        ...at,
        intervalMinutes,
        startUs: startOf(day, first),
        n: count[cell],
        m,
        status: state,
      });
    }
  }
  return drafts;
}
