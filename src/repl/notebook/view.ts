/** What can be seen at one place of a session, as values that show themselves. */
import {
  MEASURES,
  UsageError,
  type BarRange as EngineRange,
  type BarsView,
  type Measure,
  type View as EngineView,
} from "../../engine/index.js";
import { formatDay } from "../output/format.js";
import { checkOptions, checkText, checkWord, inWordsOfCode, type Kinds } from "./arguments.js";
import { Bars } from "./bars.js";
import { eventTable, gapTable, minuteTable, type EventRow, type GapRow, type MinutesRow } from "./boards.js";
import { Chart } from "./chart.js";
import { chartParts, type ChartWindow, type MarkAt } from "./chart-parts.js";
import { Quality, SymbolQuality } from "./quality.js";
import type { Table } from "./table.js";
import { engineTime, Time, type When } from "./time.js";

/** Minutes of the bars: `"1m"` for base bars, else one of the intervals the session was opened with, 5 and 15 by default. */
export type Interval = "1m" | "5m" | "15m" | (`${number}m` & Record<never, never>) | number; // so that the words are offered

/** Which bars; those of the present day when nothing is given. */
export interface BarRange {
  /** The first start. */
  readonly from?: When;
  /** Exclusive. */
  readonly to?: When;
  /** As they were at that moment: of the present day and days that are kept. */
  readonly asOf?: When;
  /** Only the last so many. */
  readonly last?: number;
}

/** What a chart shows. */
export interface ChartOptions extends BarRange {
  /** `"1m"` when absent. */
  readonly interval?: Interval;
}

const RANGE: Kinds<BarRange> = { from: "moment", to: "moment", asOf: "moment", last: "number" };
const CHART: Kinds<ChartOptions> = { ...RANGE, interval: "moment" };

/**
 * A read-only look at one place: everything passed, nothing ahead. `Session` is one at the present place,
 * `s.at("10:15")` one at a place behind.
 *
 * @example
 * s.at("10:15").quality("TSLA").percent;
 */
export class View {
  readonly #view: EngineView;
  readonly #zone: string;

  /** @internal */
  constructor(view: EngineView, zone: string) {
    this.#view = view;
    this.#zone = zone;
  }

  /**
   * The session's date, e.g. `"2025-07-02"`.
   *
   * @example
   * s.date;
   */
  get date(): string {
    return this.#view.date;
  }

  /**
   * The session's time at this place.
   *
   * @example
   * s.time.clock; // "10:15"
   */
  get time(): Time {
    return new Time(this.#view.timeUs, this.#zone);
  }

  /**
   * The open of this day's session.
   *
   * @example
   * s.opensAt.clock; // "09:30"
   */
  get opensAt(): Time {
    return new Time(this.#view.opensAtUs, this.#zone);
  }

  /**
   * Its close.
   *
   * @example
   * s.closesAt.clock; // "16:00", or "13:00" on a half day
   */
  get closesAt(): Time {
    return new Time(this.#view.closesAtUs, this.#zone);
  }

  /** Whole minutes passed. */
  get minute(): number {
    return this.#view.minute;
  }

  /** Minutes of this day's session: 390, or 210 on a half day. */
  get minutes(): number {
    return this.#view.minutes;
  }

  /** Bars streamed so far on this day, over all symbols. */
  get barCount(): number {
    return this.#view.barCount;
  }

  /**
   * How complete the day is so far: a table of all symbols with gap strips, or one symbol.
   *
   * @throws UsageError when there is no such symbol
   * @example
   * s.quality().show();
   * s.quality("TSLA").percent; // NaN before the first due minute
   */
  quality(): Quality;
  quality(symbol: string): SymbolQuality;
  quality(symbol?: string): Quality | SymbolQuality {
    if (symbol !== undefined) return new SymbolQuality(this.#view, symbol);
    return new Quality(this.#view, this.#zone, this.#heading());
  }

  /**
   * Runs of minutes without a bar, of one symbol or of all.
   *
   * @example
   * s.gaps("TSLA").rows().filter((gap) => gap.bars >= 3);
   */
  gaps(symbol?: string): Table<GapRow> {
    const which = symbol === undefined ? "" : `${symbol} `;
    return gapTable(this.#view.gaps(symbol), this.#zone, `${which}${this.#heading()}`);
  }

  /**
   * Bars of a symbol, of 1 minute or derived. Without a range those of the present day; other days while they are kept.
   *
   * @throws UsageError for a symbol or an interval the session does not have
   * @example
   * s.bars("AAPL", "5m").show();
   * s.bars("AAPL", "1m", { from: "2025-07-02 15:00", last: 30 }).columns().close;
   * s.bars("AAPL").row(3).source(); // file, row group and row it came from
   */
  bars(symbol: string, interval: Interval = "1m", range: BarRange = {}): Bars {
    checkText("bars", symbol, 's.bars("AAPL", "5m")');
    checkOptions("bars", range, RANGE);
    if (range.asOf !== undefined) return this.asOf(range.asOf).bars(symbol, interval, { ...range, asOf: undefined });
    return new Bars(this.#view, this.#barsOf(symbol, interval, range), this.#zone);
  }

  /**
   * A chart of candles and volume: gaps shaded, fills marked, breakpoints and the place shown.
   *
   * @example
   * s.chart("AAPL", { last: 120 }).show();
   * s.chart("AAPL", { interval: "5m" }).svg;
   */
  chart(symbol: string, options: ChartOptions = {}): Chart {
    checkText("chart", symbol, 's.chart("AAPL", { last: 120 })');
    checkOptions("chart", options, CHART);
    const { interval = "1m", asOf, ...range } = options;
    if (asOf !== undefined) return this.asOf(asOf).chart(symbol, { ...range, interval });
    const bars = this.#barsOf(symbol, interval, range);
    const place: MarkAt = { text: this.time.clock, kind: "place", timeUs: this.time.us };
    return new Chart(chartParts(bars, this.#zone, this.#window(bars, range), [place, ...this.chartMarks(symbol)]));
  }

  /**
   * A number as conditions see it; NaN while it is not known.
   *
   * @example
   * s.value("SPY", "last");
   */
  value(symbol: string, measure: Measure): number {
    checkText("value", symbol, 's.value("SPY", "last")');
    checkWord("value", measure, MEASURES);
    return this.#view.value(symbol, measure) ?? NaN;
  }

  /**
   * The last minutes, a row each, and what each symbol's came to.
   *
   * @example
   * s.minuteRows(5).show();
   */
  minuteRows(last = 10, symbol?: string): Table<MinutesRow> {
    return minuteTable(this.#view.minuteRows(last, symbol), this.#zone, this.#heading());
  }

  /**
   * Gaps, fills, bad rows, unfinished derived bars and steps of the day so far: the same in every run.
   *
   * @example
   * s.events().show();
   */
  events(): Table<EventRow> {
    return eventTable(this.#view.events(), this.#zone, this.#heading());
  }

  /**
   * Stands for everything passed on this day: equal in every run of the same data at the same place.
   *
   * @example
   * s.digest();
   */
  digest(): string {
    return this.#view.digest();
  }

  /** The same at a place behind. @internal */
  protected asOf(when: When): View {
    throw new UsageError(
      `asOf ${String(when)}: this is a look at the past already`,
      "ask the session: s.bars(…, { asOf })",
    );
  }

  /** @internal */
  protected chartMarks(_symbol: string): readonly MarkAt[] {
    return [];
  }

  /** A chart of the present day begins at its open and ends at the place, with or without bars there. */
  #window({ startUs }: BarsView, { from, to, last }: BarRange): ChartWindow {
    const { opensAtUs, timeUs } = this.#view;
    const isToday = (us: number | undefined): boolean => us !== undefined && us >= opensAtUs;
    return {
      ...(from === undefined && last === undefined && isToday(startUs.at(0)) ? { fromUs: opensAtUs } : {}),
      ...(to === undefined && isToday(startUs.at(-1)) ? { toUs: timeUs } : {}),
    };
  }

  #barsOf(symbol: string, interval: Interval, range: BarRange): BarsView {
    try {
      return this.#view.bars(symbol, minutesOf(interval), engineRange(range));
    } catch (error) {
      throw inWordsOfCode(error);
    }
  }

  #heading(): string {
    const { minute, minutes, time } = this;
    return `${formatDay(this.date)} ${time.clock} ${time.zoneName} · ${minute} of ${minutes} minutes`;
  }
}

/** The engine's derived bars, or base bars, which it knows by the number alone. */
function minutesOf(interval: Interval): string | number {
  return interval === "1m" ? 1 : interval;
}

function engineRange({ from, to, last }: BarRange): EngineRange {
  return {
    ...(from === undefined ? {} : { from: engineTime(from) }),
    ...(to === undefined ? {} : { to: engineTime(to) }),
    ...(last === undefined ? {} : { last }),
  };
}
