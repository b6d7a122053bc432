/**
 * Two runs side by side: where they part, and what each has there. Sessions are saved to a file of their own first, so that a session
 * and a saved run are read the same way.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  compareRuns,
  openRun,
  ORIGINS,
  UsageError,
  type BarsView,
  type Difference,
  type RunDay,
  type RunReader,
} from "../../engine/index.js";
import { Chart } from "./chart.js";
import { chartParts } from "./chart-parts.js";
import { numbers, type Column } from "./column.js";
import { escapeHtml, Shown, TITLE } from "./display.js";
import { Session } from "./session.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

const MINUTE_US = 60_000_000;
/** Minutes around the difference: in the table, in the chart. */
const NEAR = 5;
const WIDE = 45;

/** A minute of both runs; NaN where a run has no bar. */
export interface ComparedRow {
  readonly start: Time;
  readonly closeHere: number;
  readonly closeThere: number;
  readonly volumeHere: number;
  readonly volumeThere: number;
  /** `here: streamed, there: empty`, or the columns that differ; empty where nothing does. */
  readonly differs: string;
}

/**
 * Where two runs part: the first difference in words, the minutes around it from both, and a chart.
 *
 * @example
 * const found = await compare(s, "run1.ndjson");
 * found.equal; // false
 * found.show();
 * found.table?.rows();
 */
export class Comparison extends Shown {
  /** Equal as far as both go. */
  readonly equal: boolean;
  /** `2025-07-02 13:30 MSFT: close 491.58 here, 491.60 there`. */
  readonly text: string;
  /** End of the first minute that differs; undefined when none does, or the runs cannot be compared. */
  readonly time: Time | undefined;
  readonly symbol: string | undefined;
  /** Whole days that are alike, their minutes and data events. */
  readonly compared: Difference["compared"];
  /** The minutes around the difference. */
  readonly table: Table<ComparedRow> | undefined;
  readonly chart: Chart | undefined;

  /** @internal */
  constructor(
    difference: Difference,
    parts: { table: Table<ComparedRow>; chart: Chart; time: Time; symbol: string } | undefined,
  ) {
    super();
    this.equal = difference.equal;
    this.text = difference.text;
    this.compared = difference.compared;
    this.time = parts?.time;
    this.symbol = parts?.symbol;
    this.table = parts?.table;
    this.chart = parts?.chart;
  }

  override toString(): string {
    return [this.#head(), this.table?.toString() ?? ""].filter((part) => part !== "").join("\n");
  }

  override toHtml(): string {
    return `<div style="${TITLE}">${escapeHtml(this.#head())}</div>${this.table?.toHtml() ?? ""}${this.chart?.toHtml() ?? ""}`;
  }

  #head(): string {
    return `${this.equal ? "equal" : "differs"}: ${this.text}`;
  }
}

/**
 * Compares two runs, as far as both go: sessions as they stand (each replays to its place and stands there again), or
 * files written by `save`. In the words of the answer the first is `here`, the second `there`.
 *
 * @throws DataError, FileError when a file is no saved run or cannot be read
 * @example
 * (await compare(a, b)).show();
 * (await compare("run1.ndjson", "run2.ndjson")).text;
 */
export async function compare(a: Session | string, b: Session | string): Promise<Comparison> {
  const folder = await mkdtemp(join(tmpdir(), "bardeck-compare-"));
  try {
    const here = await readerOf(a, join(folder, "here.ndjson"));
    const there = await readerOf(b, join(folder, "there.ndjson"));
    const difference = await compareRuns(here, there);
    const { date, timeUs } = difference;
    if (date === null || timeUs === null) return new Comparison(difference, undefined);
    const days = [await dayOf(here, date), await dayOf(there, date)] as const;
    if (days[0] === undefined || days[1] === undefined) return new Comparison(difference, undefined);
    const symbol = difference.symbol ?? here.header.symbols[0];
    const zone = here.header.timeZone;
    const [barsHere, barsThere] = [barsOf(days[0], here, symbol), barsOf(days[1], there, symbol)];
    return new Comparison(difference, {
      symbol,
      time: new Time(timeUs, zone),
      table: tableOf(barsHere, barsThere, timeUs, zone),
      chart: chartOf(barsHere, barsThere, timeUs, zone),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readerOf(run: Session | string, file: string): Promise<RunReader> {
  if (typeof run === "string") return openRun(run);
  if (!(run instanceof Session))
    throw new UsageError(
      `${String(run)} is no run`,
      "give what open() returned, or the name of a file that save() wrote",
    );
  await run.save(file);
  return openRun(file);
}

async function dayOf(run: RunReader, date: string): Promise<RunDay | undefined> {
  for await (const day of run.days()) if (day.date === date) return day;
  return undefined;
}

/** A symbol's minutes of a day. */
function barsOf({ grid, openUs, position }: RunDay, { header }: RunReader, symbol: string): BarsView {
  const column = header.symbols.indexOf(symbol);
  const slots: number[] = [];
  for (let slot = column; slot < position; slot += grid.symbols) if (grid.origin[slot] !== 0) slots.push(slot);
  const of = (values: Float64Array): Float64Array => Float64Array.from(slots, (slot) => values[slot]);
  const { open, high, low, close, volume } = grid.bars;
  return {
    symbol,
    intervalMinutes: 1,
    startUs: Float64Array.from(slots, (slot) => openUs + Math.floor(slot / grid.symbols) * MINUTE_US),
    open: of(open),
    high: of(high),
    low: of(low),
    close: of(close),
    volume: of(volume),
    origin: slots.map((slot) => ORIGINS[grid.origin[slot]] as "streamed" | "filled" | "forward-filled"),
    n: Int32Array.from(slots, () => 1),
    m: Int32Array.from(slots, () => 1),
    status: slots.map(() => "complete"),
  };
}

const PRICES = ["open", "high", "low", "close", "volume"] as const;

function tableOf(here: BarsView, there: BarsView, timeUs: number, zone: string): Table<ComparedRow> {
  const starts = Array.from({ length: 2 * NEAR }, (_, i) => timeUs + (i - NEAR) * MINUTE_US);
  const at = (bars: BarsView): number[] => starts.map((us) => bars.startUs.indexOf(us));
  const [rowsHere, rowsThere] = [at(here), at(there)];
  const seen = starts.map((_, i) => i).filter((i) => rowsHere[i] >= 0 || rowsThere[i] >= 0);
  const values = (bars: BarsView, rows: readonly number[], name: "close" | "volume"): Float64Array =>
    numbers(seen.map((i) => (rows[i] < 0 ? null : bars[name][rows[i]])));
  const column = (name: string, title: string, kind: Column["kind"], cells: Float64Array): Column => ({
    name,
    title,
    kind,
    values: cells,
  });
  return new Table({
    title: `${here.symbol} around the first difference`,
    zone,
    columns: [
      { name: "start", kind: "time", values: Float64Array.from(seen, (i) => starts[i]) },
      column("closeHere", "close here", "price", values(here, rowsHere, "close")),
      column("closeThere", "close there", "price", values(there, rowsThere, "close")),
      column("volumeHere", "volume here", "volume", values(here, rowsHere, "volume")),
      column("volumeThere", "volume there", "volume", values(there, rowsThere, "volume")),
      { name: "differs", kind: "text", values: seen.map((i) => differs(here, rowsHere[i], there, rowsThere[i])) },
    ],
  });
}

function differs(here: BarsView, i: number, there: BarsView, j: number): string {
  if (i < 0 || j < 0) return `${i < 0 ? "no bar" : here.origin[i]} here, ${j < 0 ? "no bar" : there.origin[j]} there`;
  const columns = PRICES.filter((name) => here[name][i] !== there[name][j]);
  const origin = here.origin[i] === there.origin[j] ? [] : [`${here.origin[i]} here, ${there.origin[j]} there`];
  return [...columns, ...origin].join(", ");
}

function chartOf(here: BarsView, there: BarsView, timeUs: number, zone: string): Chart {
  const [fromUs, toUs] = [timeUs - WIDE * MINUTE_US, timeUs + WIDE * MINUTE_US];
  const near = cut(here, fromUs, toUs);
  const mark = {
    text: `first difference ${new Time(timeUs - MINUTE_US, zone).clock}`,
    kind: "difference" as const,
    timeUs,
  };
  const parts = chartParts(near, zone, {}, [mark]);
  const first = near.startUs.at(0);
  const close = parts.slots.map((_, i) => {
    const row = first === undefined ? -1 : there.startUs.indexOf(first + i * MINUTE_US);
    return row < 0 ? NaN : there.close[row];
  });
  return new Chart({ ...parts, other: { name: "close there", close } });
}

function cut(bars: BarsView, fromUs: number, toUs: number): BarsView {
  const from = bars.startUs.findIndex((us) => us >= fromUs);
  const after = bars.startUs.findIndex((us) => us >= toUs);
  const range = [from < 0 ? bars.startUs.length : from, after < 0 ? bars.startUs.length : after] as const;
  const entries = Object.entries(bars).map(([name, value]) => [
    name,
    typeof value === "object" ? (value as Float64Array).slice(...range) : value,
  ]);
  return Object.fromEntries(entries) as BarsView;
}
