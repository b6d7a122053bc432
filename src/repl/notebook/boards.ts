/** What the engine shows of itself, as tables: threads, words, streams, the end of the day, journal, breakpoints, events. */
import {
  escapeName,
  type Breakpoint,
  type DataEvent,
  type EodView,
  type FileAccount,
  type GapView,
  type JournalEntry,
  type MinuteRow,
  type StreamView,
  type ThreadView,
  type WordView,
} from "../../engine/index.js";
import { formatCount, formatPrice } from "../output/format.js";
import { clockOf, numbers, type Column } from "./column.js";
import { escapeHtml } from "./display.js";
import { Table } from "./table.js";
import type { Time } from "./time.js";

const text = (name: string, values: readonly (string | null)[], look: Partial<Column> = {}): Column => ({
  name,
  kind: "text",
  values: values.map((value) => value ?? ""),
  ...look,
});
const count = (name: string, values: readonly (number | null)[], look: Partial<Column> = {}): Column => ({
  name,
  kind: "count",
  values: numbers(values),
  ...look,
});
const time = (name: string, values: readonly (number | null)[], look: Partial<Column> = {}): Column => ({
  name,
  kind: "time",
  values: numbers(values),
  ...look,
});

/** A run of missing minutes of a symbol. */
export interface GapRow {
  readonly symbol: string;
  readonly start: Time;
  /** Exclusive. */
  readonly end: Time;
  /** Minutes without a bar. */
  readonly bars: number;
  /** `"open"` while it still grows. */
  readonly state: "open" | "closed";
}

export function gapTable(gaps: readonly GapView[], zone: string, heading: string): Table<GapRow> {
  return new Table({
    title: `Gaps · ${heading}`,
    zone,
    columns: [
      text(
        "symbol",
        gaps.map(({ symbol }) => symbol),
      ),
      time(
        "start",
        gaps.map(({ startUs }) => startUs),
      ),
      time(
        "end",
        gaps.map(({ endUs }) => endUs),
      ),
      count(
        "bars",
        gaps.map(({ bars }) => bars),
        { title: "missing", unit: "min" },
      ),
      text(
        "state",
        gaps.map(({ open }) => (open ? "open" : "closed")),
      ),
    ],
  });
}

export interface ThreadRow {
  readonly thread: "main" | "coordinator" | "upkeep" | "prefetch";
  readonly state: ThreadView["state"];
  /** Slots published or taken in; NaN for the other threads. */
  readonly position: number;
  /** Slots between coordinator and upkeep. */
  readonly lag: number;
  readonly would: string;
  /** Empty when it waits for nothing. */
  readonly waitsFor: string;
  readonly lastEvent: string;
}

export function threadTable(threads: readonly ThreadView[], zone: string, heading: string): Table<ThreadRow> {
  return new Table({
    title: `Threads · ${heading}`,
    zone,
    columns: [
      text(
        "thread",
        threads.map(({ name }) => name),
      ),
      text(
        "state",
        threads.map(({ state }) => state),
      ),
      count(
        "position",
        threads.map(({ position }) => position),
        { unit: "slots" },
      ),
      count(
        "lag",
        threads.map(({ lag }) => lag),
        { unit: "slots" },
      ),
      text(
        "would",
        threads.map(({ would }) => would),
        { title: "would do" },
      ),
      text(
        "waitsFor",
        threads.map(({ waitsFor }) => waitsFor),
        { hidden: true },
      ),
      text(
        "lastEvent",
        threads.map(({ lastEvent }) => lastEvent),
        { title: "last event" },
      ),
    ],
  });
}

export interface EodRow {
  readonly step: string;
  readonly thread: string;
  readonly state: "done" | "next" | "later";
  /** Wall time it took, microseconds; NaN while it has not been done in this run. */
  readonly durationUs: number;
  /** Session time before and after it. */
  readonly from: Time;
  readonly to: Time;
}

const STEP_SIGN = { done: "✓", next: "▶", later: "○" } as const;

export function eodTable({ date, steps, before }: EodView, zone: string): Table<EodRow> {
  const last = before.map((day) => `${day.date} ${formatCount(day.totalUs)} µs`).join(", ");
  return new Table({
    title: `End of day ${date}`,
    zone,
    columns: [
      text(
        "step",
        steps.map(({ step }) => step),
      ),
      text(
        "thread",
        steps.map(({ thread }) => thread),
      ),
      text(
        "state",
        steps.map(({ state }) => state),
        { text: (i) => `${STEP_SIGN[steps[i].state]} ${steps[i].state}` },
      ),
      count(
        "durationUs",
        steps.map(({ durationUs }) => durationUs),
        { title: "took", unit: "µs" },
      ),
      time(
        "from",
        steps.map(({ fromUs }) => fromUs),
      ),
      time(
        "to",
        steps.map(({ toUs }) => toUs),
      ),
    ],
    notes: last === "" ? [] : [{ text: `closes before: ${last}` }],
  });
}

export interface JournalRow {
  /** Empty for control events. */
  readonly id: string;
  readonly time: Time;
  readonly thread: string;
  readonly kind: string;
  readonly symbol: string;
  readonly text: string;
}

export function journalTable(entries: readonly JournalEntry[], zone: string): Table<JournalRow> {
  const shown = (value: (entry: JournalEntry) => string): Partial<Column> => ({
    html: (i) => {
      const content = escapeHtml(value(entries[i]));
      return entries[i].control ? `<span style="opacity: 0.65">${content}</span>` : content;
    },
  });
  const words = (name: string, value: (entry: JournalEntry) => string, look: Partial<Column> = {}): Column =>
    text(name, entries.map(value), { ...shown(value), ...look });
  return new Table({
    title: "Journal, newest last",
    zone,
    columns: [
      words("id", ({ id }) => id ?? "", { hidden: true }),
      words("date", ({ date }) => date, { hidden: new Set(entries.map(({ date }) => date)).size < 2 }),
      time(
        "time",
        entries.map(({ timeUs }) => timeUs),
      ),
      words("thread", ({ thread }) => thread),
      words("kind", ({ kind }) => kind),
      words("symbol", ({ symbol }) => symbol ?? ""),
      words("text", (entry) => escapeName(entry.text)),
    ],
    mostRows: 40,
  });
}

export interface EventRow {
  readonly id: string;
  readonly time: Time;
  readonly kind: string;
  readonly symbol: string;
  readonly facts: string;
}

export function eventTable(events: readonly DataEvent[], zone: string, heading: string): Table<EventRow> {
  const known = new Set(["id", "kind", "epoch", "position", "timeUs", "symbol"]);
  const facts = (event: DataEvent): string =>
    Object.entries(event)
      .filter(([name, value]) => !known.has(name) && value !== undefined)
      .map(
        ([name, value]) =>
          `${name} ${escapeName(name.endsWith("Us") ? clockOf(zone).time(Number(value)) : String(value))}`,
      )
      .join(", ");
  return new Table({
    title: `Data events · ${heading}`,
    zone,
    columns: [
      text(
        "id",
        events.map(({ id }) => id),
      ),
      time(
        "time",
        events.map(({ timeUs }) => timeUs),
      ),
      text(
        "kind",
        events.map(({ kind }) => kind),
      ),
      text(
        "symbol",
        events.map((event) => ("symbol" in event ? event.symbol : "")),
      ),
      text("facts", events.map(facts)),
    ],
  });
}

export interface WordRow {
  readonly word: string;
  readonly value: number;
  readonly text: string;
  readonly writer: string;
  readonly meaning: string;
}

export function wordTable(words: readonly WordView[], zone: string): Table<WordRow> {
  return new Table({
    title: "Control words",
    zone,
    columns: [
      text(
        "word",
        words.map(({ name }) => name),
      ),
      count(
        "value",
        words.map(({ value }) => value),
      ),
      text(
        "text",
        words.map((word) => word.text),
      ),
      text(
        "writer",
        words.map(({ writer }) => writer),
      ),
      text(
        "meaning",
        words.map(({ meaning }) => meaning),
      ),
    ],
    mostRows: 60,
  });
}

export interface StreamRow {
  readonly symbol: string;
  /** Undefined before the first. */
  readonly lastBar: Time | undefined;
  readonly last: number;
  /** Bars still to come today. */
  readonly left: number;
  /** Undefined for a symbol without bars. */
  readonly endsAt: Time | undefined;
  readonly state: "at its end" | "streams";
}

export function streamTable(streams: readonly StreamView[], zone: string, heading: string): Table<StreamRow> {
  return new Table({
    title: `Streams · ${heading}`,
    zone,
    columns: [
      text(
        "symbol",
        streams.map(({ symbol }) => symbol),
      ),
      time(
        "lastBar",
        streams.map(({ lastBarUs }) => lastBarUs),
        { title: "last bar" },
      ),
      { name: "last", kind: "price", values: numbers(streams.map(({ last }) => last)) },
      count(
        "left",
        streams.map(({ left }) => left),
        { unit: "bars" },
      ),
      time(
        "endsAt",
        streams.map(({ endsAtUs }) => endsAtUs),
        { title: "ends at" },
      ),
      text(
        "state",
        streams.map(({ atEnd }) => (atEnd ? "at its end" : "streams")),
      ),
    ],
    mostRows: 30,
  });
}

export interface BreakpointRow {
  readonly id: number;
  readonly condition: string;
  readonly kind: "stops" | "once" | "logs";
  readonly hits: number;
  /** Hits still to be passed over. */
  readonly ignore: number;
}

export function breakpointTable(breakpoints: readonly Breakpoint[], zone: string): Table<BreakpointRow> {
  return new Table({
    title: "Breakpoints",
    zone,
    columns: [
      count(
        "id",
        breakpoints.map(({ id }) => id),
      ),
      text(
        "condition",
        breakpoints.map((breakpoint) => breakpoint.text),
      ),
      text(
        "kind",
        breakpoints.map(({ log, temporary }) => (log ? "logs" : temporary ? "once" : "stops")),
      ),
      count(
        "hits",
        breakpoints.map(({ hits }) => hits),
      ),
      count(
        "ignore",
        breakpoints.map(({ ignore }) => ignore),
      ),
    ],
    mostRows: 30,
  });
}

export interface FileRow {
  readonly file: string;
  readonly rows: number;
  /** `1,170 streamed, 4 rejected`: adds up to `rows`. */
  readonly classes: string;
}

export function fileTable(files: readonly FileAccount[], zone: string): Table<FileRow> {
  const classes = ({ classes: byClass }: FileAccount): string =>
    Object.entries(byClass)
      .map(([name, rows]) => `${formatCount(rows)} ${name}`)
      .join(", ");
  return new Table({
    title: "Rows of each file by class",
    zone,
    columns: [
      text(
        "file",
        files.map(({ path }) => escapeName(path)),
      ),
      count(
        "rows",
        files.map(({ rows }) => rows),
      ),
      text("classes", files.map(classes)),
    ],
    mostRows: 20,
  });
}

/** A minute; each symbol's slot stands under the symbol's name, e.g. `"209.70"`, `"missing"`. */
export interface MinutesRow {
  readonly start: Time;
  readonly [symbol: string]: string | Time;
}

export function minuteTable(rows: readonly MinuteRow[], zone: string, heading: string): Table<MinutesRow> {
  const symbols = rows[0]?.slots.map(({ symbol }) => symbol) ?? [];
  const slotText = ({ state, close, classes }: MinuteRow["slots"][number]): string => {
    const bad = Object.keys(classes).filter((name) => name !== "streamed");
    const value = close === null ? state : `${formatPrice(close, "–")}${state === "filled" ? " filled" : ""}`;
    return [value, ...bad].join(" ");
  };
  return new Table({
    title: `Minutes · ${heading}`,
    zone,
    columns: [
      time(
        "start",
        rows.map(({ startUs }) => startUs),
      ),
      ...symbols.map((symbol, i) =>
        text(
          symbol,
          rows.map(({ slots }) => slotText(slots[i])),
          { likeNumbers: true },
        ),
      ),
    ],
    mostRows: 30,
  });
}
