/** The threads, their words, the streams they read and the end of the day, as tables. */
import { escapeName, type EodView, type StreamView, type ThreadView, type WordView } from "../../engine/index.js";
import { formatCount, formatPrice, listSome } from "../output/format.js";
import { drawTable, formatDuration, timeOr, type ViewStyle } from "./style.js";

const THREAD_COLUMNS = [
  { title: "THREAD" },
  { title: "STATE" },
  { title: "SLOTS", align: "right" as const },
  { title: "LAG", align: "right" as const, leaves: 2 },
  { title: "NEXT" },
  { title: "LAST EVENT", leaves: 1 },
];

export function threadLines(threads: readonly ThreadView[], style: ViewStyle): string[] {
  const rows = threads.map((thread) => [
    thread.name,
    thread.state === "held" ? style.theme.fair("HELD") : thread.state,
    thread.position === null ? "" : formatCount(thread.position),
    thread.position === null ? "" : formatCount(thread.lag),
    escapeName(waitText(thread)),
    escapeName(thread.lastEvent),
  ]);
  return drawTable(THREAD_COLUMNS, rows, style);
}

/** For a stop: what each thread would do or waits for, without a head. */
export function briefThreadLines(threads: readonly ThreadView[], { theme }: ViewStyle): string[] {
  const nameWidth = Math.max(...threads.map(({ name }) => name.length));
  const stateWidth = Math.max(...threads.map(({ state }) => state.length));
  return threads.map((thread) => {
    const state = thread.state.padEnd(stateWidth);
    const shown = thread.state === "held" ? theme.fair(state.toUpperCase()) : state;
    return ` ${theme.dim(thread.name.padEnd(nameWidth))}  ${shown}  ${escapeName(waitText(thread))}`.trimEnd();
  });
}

/** What it would do, and what keeps it from doing so. */
function waitText({ would, waitsFor }: ThreadView): string {
  if (waitsFor === null || waitsFor === "" || would.includes(waitsFor)) return would;
  return would === "" ? `waits: ${waitsFor}` : `${would}; waits: ${waitsFor}`;
}

const WORD_COLUMNS = [
  { title: "WORD" },
  { title: "VALUE", align: "right" as const },
  { title: "MEANS NOW" },
  { title: "WRITER", leaves: 1 },
  { title: "MEANING", leaves: 2 },
];

export function wordLines(words: readonly WordView[], style: ViewStyle): string[] {
  const rows = words.map(({ name, value, text, writer, meaning }) => [
    name,
    String(value),
    escapeName(text === String(value) ? "" : text),
    writer,
    meaning,
  ]);
  return drawTable(WORD_COLUMNS, rows, style);
}

const STREAM_COLUMNS = [
  { title: "SYMBOL" },
  { title: "LAST BAR" },
  { title: "CLOSE", align: "right" as const },
  { title: "LEFT", align: "right" as const },
  { title: "ENDS" },
  { title: "" },
];

/** Below, who keeps the day from draining: the streams that end last. */
export function streamLines(streams: readonly StreamView[], style: ViewStyle): string[] {
  const { theme, clock } = style;
  const { none } = theme.glyphs;
  const rows = streams.map((stream) => [
    escapeName(stream.symbol),
    timeOr(stream.lastBarUs, none, style),
    formatPrice(stream.last, none),
    formatCount(stream.left),
    timeOr(stream.endsAtUs, "no bars", style),
    stream.atEnd ? "at its end" : "",
  ]);
  const endsAt = (stream: StreamView): number => (stream.atEnd ? -Infinity : (stream.endsAtUs ?? -Infinity));
  const latest = Math.max(...streams.map(endsAt));
  const last = streams.filter((stream) => endsAt(stream) === latest).map(({ symbol }) => escapeName(symbol));
  const verdict =
    latest === -Infinity
      ? "all streams are at their end: the day can drain"
      : `the day cannot drain before ${clock.time(latest)}: ${listSome(last, 5)}`;
  return [...drawTable(STREAM_COLUMNS, rows, style), ` ${verdict}`];
}

const EOD_COLUMNS = [
  { title: "STEP" },
  { title: "THREAD" },
  { title: "STATE" },
  { title: "TOOK", align: "right" as const },
  { title: "TIME" },
];

export function eodLines({ date, steps, before }: EodView, style: ViewStyle): string[] {
  const { theme, clock } = style;
  const rows = steps.map(({ step, thread, state, durationUs, fromUs, toUs }) => [
    step,
    thread,
    state === "next" ? theme.strong("NEXT") : state === "done" ? theme.good("done") : state,
    durationUs === null ? "" : formatDuration(durationUs),
    fromUs === toUs ? clock.time(fromUs) : `${clock.time(fromUs)} ${theme.glyphs.arrow} ${clock.time(toUs)}`,
  ]);
  const last = before.map((day) => `${day.date} ${formatDuration(day.totalUs)}`);
  return [
    `the end of ${date}`,
    ...drawTable(EOD_COLUMNS, rows, style),
    ...(last.length > 0 ? [` ${theme.dim("before:")} ${last.join(", ")}`] : []),
  ];
}
