/**
 * The data part of the journal: a day's events and bars up to a place, as lines in words; the same in every run. Bars are
 * no events of their own (work/day-events.ts): they are read from the grid, the newest first, as many as are wanted.
 */
import { bucketMinutes, finishedBuckets } from "../derived/buckets.js";
import { ORIGIN } from "../market/bars.js";
import { STATUS, type DayGrid } from "../market/day.js";
import { MINUTE_US } from "../market/time.js";
import { exchangeTime } from "../market/time-zones.js";
import { segmentDerived, segmentGrid, streamsEnd, type Segment } from "../memory/segment.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import { EOD_STEPS, STEP, type EodStep } from "../protocol/phases.js";
import { positionPlace, stepPlace, type Place } from "../protocol/places.js";
import { dueSlots } from "../quality/gaps.js";
import type { JournalEntry } from "../session/views.js";
import { dayEvents, nameFiles, type DataEvent } from "../work/day-events.js";
import { barText, derivedText, eventText, symbolsText, threadOf } from "./event-text.js";

/** A day of the session up to a place. */
export interface JournalDay {
  readonly plan: SessionPlan;
  readonly files: readonly { readonly path: string }[];
  readonly epoch: number;
  readonly segment: Segment;
  readonly position: number;
  readonly completedSteps: number;
}

/** What is wanted of it. */
export interface DataFilter {
  /** Index of the only symbol wanted. */
  readonly symbol: number | undefined;
  readonly kind: string | undefined;
  readonly bars: boolean;
  readonly last: number;
}

/** A line, and the place behind which it is known. */
export interface PlacedEntry {
  readonly place: Place;
  readonly entry: JournalEntry;
}

/**
 * Numbers in the ids of what is merged in, `epoch.position.number.counter` as events have them; far from theirs, which
 * grow from 0. A row stands at its first slot, and its line grows until all of it has passed.
 */
const ID_NUMBER = { row: 100, bar: 101, derived: 102, derivedRow: 103 } as const;

/** At one slot: what begins or ends the day there, then its bar, then what follows from it. */
const RANK = { day: 0, bar: 1, event: 2, derived: 3 } as const;

interface Line {
  readonly position: number;
  readonly rank: number;
  readonly place: Place;
  readonly entry: JournalEntry;
}

/** Rows that are looked at first when all symbols are wanted; twice as many each time until there is enough. */
const FIRST_ROWS = 4;

/** The newest lines of the day, oldest first: at most `filter.last`. Most of a day is not looked at for a few lines. */
export function dataEntries(day: JournalDay, filter: DataFilter): PlacedEntry[] {
  const count = day.plan.symbols.length;
  const row = Math.floor(day.position / count);
  // Of one symbol there is about a line a row.
  for (let rows = filter.symbol === undefined ? FIRST_ROWS : filter.last + 1; ; rows *= 2) {
    const from = Math.max(0, row - rows) * count;
    const lines = eventLines(day, filter, from);
    if (filter.bars) lines.push(...barLines(day, filter, from), ...derivedLines(day, filter, from));
    if (lines.length < filter.last && from > 0) continue;
    lines.sort((a, b) => a.position - b.position || a.rank - b.rank);
    return lines.slice(Math.max(0, lines.length - filter.last));
  }
}

/** From slot `from` on, as all lines are. */
function eventLines(day: JournalDay, { symbol, kind, last }: DataFilter, from: number): Line[] {
  const { plan, files, epoch, segment, position, completedSteps } = day;
  const wanted = symbol === undefined ? undefined : plan.symbols[symbol];
  const events = dayEvents(plan, epoch, segment, position, completedSteps, from).filter(
    (event) =>
      (kind === undefined || event.kind === kind) &&
      (wanted === undefined || ("symbol" in event && event.symbol === wanted)),
  );
  const newest = events.slice(Math.max(0, events.length - last));
  return nameFiles(newest, files).map((event) => ({
    position: event.position,
    rank: BEFORE_SLOTS.includes(event.kind) ? RANK.day : RANK.event,
    place: placeOf(day, event),
    entry: eventEntry(plan, event),
  }));
}

/** A data event as a line of the journal. */
export function eventEntry(plan: SessionPlan, event: DataEvent): JournalEntry {
  return {
    id: event.id,
    control: false,
    thread: threadOf(event.kind),
    date: plan.sessions[event.epoch].date,
    timeUs: event.timeUs,
    kind: event.kind,
    symbol: "symbol" in event ? event.symbol : null,
    text: eventText(plan, event),
    facts: { ...event },
  };
}

const BEFORE_SLOTS: readonly string[] = ["load", "activate", "no-data", "hand-over", "drain"];

/** The place that is left when the event happens. */
function placeOf(day: JournalDay, { kind, position }: DataEvent): Place {
  const shape = shapeOf(day.plan);
  if (kind === "no-data") return stepPlace(shape, day.epoch, STEP.activate);
  const step = EOD_STEPS.indexOf(kind as EodStep) + 1;
  return step > 0 ? stepPlace(shape, day.epoch, step) : slotPlace(day, position);
}

/** The place that is left when a slot passes: slots after the end of all streams pass in the forced close. */
function slotPlace({ plan, epoch, segment }: JournalDay, slot: number): Place {
  const handOver = streamsEnd(segment) * plan.symbols.length;
  return slot < handOver ? positionPlace(epoch, slot) : stepPlace(shapeOf(plan), epoch, STEP.forceClose);
}

/** A line a row, or a line a bar when a symbol or bars are asked for. Nothing is published after the hand-over. */
function barLines(day: JournalDay, { symbol, kind, last }: DataFilter, from: number): Line[] {
  const { plan, segment } = day;
  const count = plan.symbols.length;
  const end = Math.min(day.position, streamsEnd(segment) * count);
  const lines: Line[] = [];
  if (symbol === undefined && (kind === undefined || kind === "row")) {
    for (let row = Math.ceil(end / count) - 1; row * count >= from && lines.length < last; row--)
      lines.push(rowLine(day, row, end));
  } else if (kind === undefined || kind === "bar") {
    const stride = symbol === undefined ? 1 : count;
    const first = symbol ?? 0;
    const due = symbol === undefined ? end : dueSlots(segmentGrid(segment), symbol, end);
    for (let slot = first + (due - 1) * stride; slot >= from && lines.length < last; slot -= stride) {
      if (segment.published.origin[slot] === ORIGIN.streamed) lines.push(barLine(day, slot));
    }
  }
  return lines;
}

function rowLine(day: JournalDay, row: number, end: number): Line {
  const { plan, epoch, segment } = day;
  const { date, openUs } = plan.sessions[epoch];
  const first = row * plan.symbols.length;
  const startUs = openUs + row * MINUTE_US;
  const there = plan.symbols.filter(
    (_, s) => first + s < end && segment.published.origin[first + s] === ORIGIN.streamed,
  );
  const time = exchangeTime(startUs, plan.exchangeZone);
  return {
    position: first,
    rank: RANK.bar,
    place: positionPlace(epoch, first),
    entry: {
      id: `${epoch}.${first}.${ID_NUMBER.row}.0`,
      control: false,
      thread: "coordinator",
      date,
      timeUs: startUs + MINUTE_US,
      kind: "row",
      symbol: null,
      text: `row ${time} published: ${symbolsText(there, plan.symbols)}`,
      facts: { startUs, symbols: there },
    },
  };
}

function barLine(day: JournalDay, slot: number): Line {
  const { plan, files, epoch, segment } = day;
  const { date, openUs } = plan.sessions[epoch];
  const symbol = plan.symbols[slot % plan.symbols.length];
  const startUs = openUs + Math.floor(slot / plan.symbols.length) * MINUTE_US;
  const { open, high, low, close, volume } = segment.published.bars;
  const bar = { open: open[slot], high: high[slot], low: low[slot], close: close[slot], volume: volume[slot] };
  const { file, row } = segment.source;
  return {
    position: slot,
    rank: RANK.bar,
    place: positionPlace(epoch, slot),
    entry: {
      id: `${epoch}.${slot}.${ID_NUMBER.bar}.0`,
      control: false,
      thread: "coordinator",
      date,
      timeUs: startUs + MINUTE_US,
      kind: "bar",
      symbol,
      text: barText(plan, symbol, startUs, bar),
      facts: { startUs, ...bar, file: files[file[slot]]?.path ?? null, row: row[slot] },
    },
  };
}

/** The complete derived bars; the others have events of their own. Without a symbol those that finish together are one line. */
function derivedLines(day: JournalDay, { symbol, kind, last }: DataFilter, from: number): Line[] {
  if (kind !== undefined && kind !== "derived") return [];
  const grid = segmentGrid(day.segment);
  const lines: Line[] = [];
  segmentDerived(day.segment).forEach(({ intervalMinutes, status }, interval) => {
    const finished = finishedBuckets(grid, intervalMinutes, day.position);
    const begun = lines.length;
    for (let bucket = Math.ceil(finished / grid.symbols) - 1; bucket >= 0; bucket--) {
      const bar = { interval, intervalMinutes, bucket };
      if (lines.length - begun >= last || lastSlot(grid, bar, 0) < from) break;
      const first = bucket * grid.symbols;
      const complete: number[] = [];
      for (let s = 0; s < grid.symbols && first + s < finished; s++)
        if (status[first + s] === STATUS.complete && (symbol === undefined || s === symbol)) complete.push(s);
      if (complete.length === 0) continue;
      if (symbol === undefined && kind === undefined) lines.push(bucketLine(day, grid, bar, complete));
      else for (const s of complete.reverse()) lines.push(derivedLine(day, grid, bar, s));
    }
  });
  return lines;
}

interface Bucket {
  readonly interval: number;
  readonly intervalMinutes: number;
  readonly bucket: number;
}

/** The last slot of a symbol's bucket: there it is finished. */
function lastSlot(grid: DayGrid, { intervalMinutes, bucket }: Bucket, symbol: number): number {
  const minutes = bucketMinutes(grid.minutes, intervalMinutes, bucket);
  return (bucket * intervalMinutes + minutes - 1) * grid.symbols + symbol;
}

function derivedLine(day: JournalDay, grid: DayGrid, bar: Bucket, s: number): Line {
  const { plan, epoch, segment } = day;
  const { interval, intervalMinutes, bucket } = bar;
  const { date, openUs } = plan.sessions[epoch];
  const startUs = openUs + bucket * intervalMinutes * MINUTE_US;
  const m = bucketMinutes(grid.minutes, intervalMinutes, bucket);
  const position = lastSlot(grid, bar, s);
  const { open, high, low, close, volume } = segment.derived[interval].bars;
  const cell = bucket * grid.symbols + s;
  const prices = { open: open[cell], high: high[cell], low: low[cell], close: close[cell], volume: volume[cell] };
  const facts = { symbol: plan.symbols[s], intervalMinutes, startUs, n: m, m, status: "complete" };
  return {
    position,
    rank: RANK.derived,
    place: slotPlace(day, position),
    entry: {
      id: `${epoch}.${position}.${ID_NUMBER.derived}.${interval}`,
      control: false,
      thread: "upkeep",
      date,
      timeUs: startUs + m * MINUTE_US,
      kind: "derived",
      symbol: plan.symbols[s],
      text: derivedText(plan, facts),
      facts: { ...facts, ...prices },
    },
  };
}

function bucketLine(day: JournalDay, grid: DayGrid, bar: Bucket, complete: readonly number[]): Line {
  const { plan, epoch } = day;
  const { interval, intervalMinutes, bucket } = bar;
  const { date, openUs } = plan.sessions[epoch];
  const startUs = openUs + bucket * intervalMinutes * MINUTE_US;
  const position = lastSlot(grid, bar, 0);
  const there = complete.map((s) => plan.symbols[s]);
  const time = exchangeTime(startUs, plan.exchangeZone);
  return {
    // The line is about all symbols, so it stands after the events of the whole row, at which it grows.
    position: position + grid.symbols - 1,
    rank: RANK.derived,
    place: slotPlace(day, position),
    entry: {
      id: `${epoch}.${position}.${ID_NUMBER.derivedRow}.${interval}`,
      control: false,
      thread: "upkeep",
      date,
      timeUs: startUs + bucketMinutes(grid.minutes, intervalMinutes, bucket) * MINUTE_US,
      kind: "derived",
      symbol: null,
      text: `${intervalMinutes}m ${time} complete: ${symbolsText(there, plan.symbols)}`,
      facts: { intervalMinutes, startUs, symbols: there },
    },
  };
}
