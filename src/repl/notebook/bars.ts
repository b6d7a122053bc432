/** Bars of one symbol: a table whose rows know the row of the file they came from. */
import {
  escapeName,
  UsageError,
  type BarSource as EngineSource,
  type BarsView,
  type View as EngineView,
} from "../../engine/index.js";
import { clockOf, type Column } from "./column.js";
import { escapeHtml, inspectAs, Shown } from "./display.js";
import { formatDay, formatPrice, formatCount } from "../output/format.js";
import { Table } from "./table.js";
import { Time } from "./time.js";

/** The columns of `Bars`, one value a bar. */
export interface BarColumns {
  readonly symbol: readonly string[];
  /** Start of each bar, microseconds UTC. */
  readonly startUs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Shares. */
  readonly volume: Float64Array;
  /** Minutes with a bar in each, of how many. */
  readonly n: Int32Array;
  readonly m: Int32Array;
  readonly origin: readonly Bar["origin"][];
  readonly status: readonly Bar["status"][];
}

/** A bar: it covers the minutes from `start` on. */
export class Bar {
  declare readonly symbol: string;
  declare readonly start: Time;
  declare readonly open: number;
  declare readonly high: number;
  declare readonly low: number;
  declare readonly close: number;
  /** Shares. */
  declare readonly volume: number;
  /** Minutes with a bar in it, of how many: 1 of 1 for base bars. */
  declare readonly n: number;
  declare readonly m: number;
  declare readonly origin: "streamed" | "filled" | "forward-filled" | "derived";
  declare readonly status: "complete" | "incomplete" | "stub";
  readonly #view: EngineView;

  constructor(fields: object, view: EngineView) {
    Object.assign(this, fields);
    this.#view = view;
  }

  /**
   * Where a 1-minute bar was read from: file, row and row group, 0-based as stored; `null` for a fill.
   *
   * @throws UsageError for a derived bar, which is made of several
   * @example
   * s.bars("AAPL").row(3).source()?.file;
   */
  source(): Source | null {
    if (this.origin === "derived")
      throw new UsageError(
        `${this.symbol} ${this.start.clock} is made of ${this.m} one-minute bars`,
        `look at those: s.bars("${this.symbol}", "1m", { from: "${this.start.text}" }).row(0).source()`,
      );
    const source = this.#view.source(this.symbol, this.start.us);
    return source === null ? null : new Source(source);
  }
}
inspectAs(Bar.prototype, function (this: Bar) {
  const { symbol, start, open, high, low, close, volume, origin, n, m } = this;
  const price = (letter: string, value: number): string => `${letter} ${formatPrice(value, "–")}`;
  const prices = [price("O", open), price("H", high), price("L", low), price("C", close)].join(" ");
  const made = origin === "derived" ? `${n} of ${m} minutes` : origin;
  return `Bar ${symbol} ${start} · ${prices} · ${formatCount(volume)} shares · ${made}`;
});

/** The row of a file a bar was read from. */
export class Source extends Shown {
  readonly file: string;
  /** Within the file, 0-based as stored. */
  readonly row: number;
  /** 0-based; NaN when it is not known. */
  readonly rowGroup: number;
  /** Marks on the row, e.g. `"priceJump"`. */
  readonly flags: readonly string[];

  constructor({ file, row, rowGroup, flags }: EngineSource) {
    super();
    this.file = file;
    this.row = row;
    this.rowGroup = rowGroup ?? NaN;
    this.flags = flags;
  }

  override toString(): string {
    const group = Number.isNaN(this.rowGroup) ? "" : `, row group ${this.rowGroup}`;
    const flags = this.flags.length > 0 ? ` · flagged ${this.flags.join(", ")}` : "";
    return `${escapeName(this.file)} row ${this.row}${group}${flags}`;
  }

  override toHtml(): string {
    return `<code>${escapeHtml(this.toString())}</code>`;
  }
}

/**
 * Bars of one symbol and interval, oldest first.
 *
 * @example
 * const bars = s.bars("AAPL", "5m");
 * bars.show(); // head and tail, shape, units
 * bars.row(-1).close;
 * bars.columns().volume; // Float64Array
 */
export class Bars extends Table<Bar, BarColumns> {
  readonly symbol: string;
  readonly intervalMinutes: number;
  readonly #view: EngineView;

  constructor(view: EngineView, bars: BarsView, zone: string) {
    super({
      title: `${bars.symbol} ${bars.intervalMinutes}m bars · ${rangeText(bars, zone)}`,
      zone,
      columns: columnsOf(bars, zone),
      notes: [{ text: `start of each bar in ${zoneNameOf(bars, zone)}; prices in the currency of the data` }],
    });
    this.symbol = bars.symbol;
    this.intervalMinutes = bars.intervalMinutes;
    this.#view = view;
  }

  override row(index: number): Bar {
    return new Bar(super.row(index), this.#view);
  }
}

function columnsOf(bars: BarsView, zone: string): Column[] {
  const { startUs, n, m } = bars;
  const days = new Set(Array.from(startUs, (us) => new Time(us, zone).date));
  const isBase = bars.intervalMinutes === 1;
  const start: Column = { name: "start", kind: "time", values: startUs, fileName: "timestamp" };
  return [
    { name: "symbol", kind: "text", values: Array.from(startUs, () => bars.symbol), hidden: true },
    days.size > 1 ? { ...start, text: (i) => new Time(startUs[i], zone).text } : start,
    ...(["open", "high", "low", "close"] as const).map((name): Column => ({ name, kind: "price", values: bars[name] })),
    { name: "volume", kind: "volume", unit: "shares", values: bars.volume },
    { name: "n", title: "minutes", kind: "count", values: n, hidden: isBase, text: (i) => `${n[i]} of ${m[i]}` },
    { name: "m", kind: "count", values: m, hidden: true },
    { name: "origin", kind: "text", values: bars.origin, hidden: !isBase },
    { name: "status", kind: "text", values: bars.status, hidden: isBase },
  ];
}

function rangeText({ startUs, intervalMinutes }: BarsView, zone: string): string {
  if (startUs.length === 0) return "no bar passed";
  const first = new Time(startUs[0], zone);
  const last = new Time(startUs[startUs.length - 1], zone);
  const end = new Time(last.us + intervalMinutes * 60_000_000, zone);
  const until = first.date === last.date ? end.clock : `${formatDay(last.date)} ${end.clock}`;
  return `${formatDay(first.date)} ${clockOf(zone).time(first.us)} → ${until} ${first.zoneName}`;
}

function zoneNameOf({ startUs }: BarsView, zone: string): string {
  return startUs.length === 0 ? zone : `exchange time (${new Time(startUs[0], zone).zoneName})`;
}
