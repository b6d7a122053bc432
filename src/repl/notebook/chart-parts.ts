/** From bars to what a chart draws: the minutes without a bar put back in, and marks put on the axis. Pure. */
import type { BarsView } from "../../engine/index.js";
import { formatDay } from "../output/format.js";
import { clockOf } from "./column.js";
import { Time } from "./time.js";

/** A minute or bucket on the axis of a chart, in order; those without a bar too. */
export interface ChartSlot {
  /** What the axis says: `10:15`, or with its date on a chart of several days. */
  readonly label: string;
  readonly state: "streamed" | "filled" | "incomplete" | "missing";
  /** NaN where there is no bar. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A line across the chart. `slot`: at a moment; `price`: at a level. */
export interface ChartMark {
  readonly text: string;
  readonly slot?: number;
  readonly price?: number;
  readonly kind: "breakpoint" | "place" | "difference";
}

export interface ChartParts {
  readonly title: string;
  readonly symbol: string;
  readonly slots: readonly ChartSlot[];
  readonly marks: readonly ChartMark[];
  /** Bars left out at the front to keep the picture small. */
  readonly leftOut: number;
  /** A second run to compare with, drawn as a line of closes; as many values as slots. */
  readonly other?: { readonly name: string; readonly close: readonly number[] };
}

/** A mark before the axis is known. */
export interface MarkAt {
  readonly text: string;
  readonly kind: ChartMark["kind"];
  readonly timeUs?: number;
  readonly price?: number;
}

export interface ChartWindow {
  /** The axis begins and ends here; undefined: with the first and the last bar. */
  readonly fromUs?: number;
  readonly toUs?: number;
}

/** More would not be seen, and the picture is to stay small. */
const MOST_SLOTS = 420;

const NO_BAR = { open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN };

type TimedSlot = ChartSlot & { readonly startUs: number };

export function chartParts(
  bars: BarsView,
  zone: string,
  { fromUs, toUs }: ChartWindow,
  marks: readonly MarkAt[],
): ChartParts {
  const stepUs = bars.intervalMinutes * 60_000_000;
  const all = withHoles(bars, zone, stepUs, fromUs, toUs);
  const slots = all.slice(-MOST_SLOTS);
  const first = slots.at(0);
  const last = slots.at(-1);
  return {
    title: `${bars.symbol} ${bars.intervalMinutes}m${first && last ? ` · ${spanText(first.startUs, last.startUs + stepUs, zone)}` : ""}`,
    symbol: bars.symbol,
    slots,
    marks: marks.flatMap((mark) => placed(mark, slots, stepUs)),
    leftOut: all.length - slots.length,
  };
}

function withHoles(bars: BarsView, zone: string, stepUs: number, fromUs?: number, toUs?: number): TimedSlot[] {
  const { startUs } = bars;
  const several =
    startUs.length > 0 && new Time(startUs[0], zone).date !== new Time(startUs[startUs.length - 1], zone).date;
  const clock = clockOf(zone);
  const label = (us: number): string => (several ? new Time(us, zone).text.slice(5) : clock.time(us));
  const slots: TimedSlot[] = [];
  const holes = (from: number, to: number): void => {
    for (let us = from; us + stepUs <= to; us += stepUs)
      slots.push({ startUs: us, label: label(us), state: "missing", ...NO_BAR });
  };
  startUs.forEach((us, i) => {
    const before = slots.at(-1);
    if (before === undefined) holes(fromUs ?? us, us);
    else if (new Time(before.startUs, zone).date === new Time(us, zone).date) holes(before.startUs + stepUs, us);
    slots.push({ startUs: us, label: label(us), ...barAt(bars, i) });
  });
  const end = slots.at(-1);
  if (end !== undefined && toUs !== undefined) holes(end.startUs + stepUs, toUs);
  return slots;
}

function barAt({ open, high, low, close, volume, origin, status }: BarsView, i: number): Omit<ChartSlot, "label"> {
  const state = origin[i].includes("filled") ? "filled" : status[i] === "incomplete" ? "incomplete" : "streamed";
  return { state, open: open[i], high: high[i], low: low[i], close: close[i], volume: volume[i] };
}

/** A moment belongs to the slot that it ends: 10:15 to the bar of 10:14. The place in a bucket under way: to the one before. */
function placed({ text, kind, timeUs, price }: MarkAt, slots: readonly TimedSlot[], stepUs: number): ChartMark[] {
  if (timeUs === undefined) return price === undefined ? [] : [{ text, kind, price }];
  const last = slots.at(-1);
  const isUnderWay = kind === "place" && last !== undefined && timeUs - last.startUs < 2 * stepUs;
  const ended = slots.findIndex(({ startUs }) => startUs < timeUs && timeUs <= startUs + stepUs);
  const slot = ended < 0 && isUnderWay ? slots.length - 1 : ended;
  return slot < 0 ? [] : [{ text, kind, slot }];
}

function spanText(startUs: number, endUs: number, zone: string): string {
  const [start, end] = [new Time(startUs, zone), new Time(endUs, zone)];
  const until = start.date === end.date ? end.clock : `${formatDay(end.date)} ${end.clock}`;
  return `${formatDay(start.date)} ${start.clock} → ${until} ${start.zoneName}`;
}
