/** Quality as people look at it: a table with gap strips, and a symbol's line. */
import type { QualityView, SymbolQuality as EngineQuality, View as EngineView } from "../../engine/index.js";
import { formatCount, formatPercent, plural } from "../output/format.js";
import { clockOf, numbers, type Column, type ColumnKind } from "./column.js";
import { qualityWord } from "./colors.js";
import { escapeHtml, Shown } from "./display.js";
import { STRIP_LEGEND, stripHtml, stripText } from "./gap-strip.js";
import { Table } from "./table.js";

/** A symbol's session so far. What is not known yet is NaN, which no comparison is true for. */
export interface QualityRow {
  readonly symbol: string;
  /** Share of the due minutes that have a bar, in percent; NaN before the first and for a symbol without rows. */
  readonly percent: number;
  /** The same of the last 30 due minutes. */
  readonly percent30: number;
  /** Minutes passed, bars streamed in them, and the rest. */
  readonly due: number;
  readonly observed: number;
  readonly missing: number;
  readonly filled: number;
  readonly gaps: number;
  /** Minutes. */
  readonly longestGap: number;
  /** Minutes of the gap that is open now; 0 when there is none. */
  readonly openGap: number;
  /** Rows that did not become a bar. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly rejected: number;
  /** Rows that did, with a mark. */
  readonly flagged: number;
  /** Of the streamed bars. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  /** Shares. */
  readonly volume: number;
}

/** The columns of `Quality`, one value a symbol. */
export type QualityColumns = { readonly [Name in Exclude<keyof QualityRow, "symbol">]: Float64Array } & {
  readonly symbol: readonly string[];
};

interface Measure {
  readonly name: Exclude<keyof QualityRow, "symbol">;
  readonly kind: ColumnKind;
  readonly title?: string;
  readonly unit?: string;
  readonly hidden?: boolean;
}

const MEASURES: readonly Measure[] = [
  { name: "percent", kind: "percent", title: "quality", unit: "%" },
  { name: "percent30", kind: "percent", title: "last 30", unit: "%" },
  { name: "due", kind: "count", hidden: true },
  { name: "observed", kind: "count", hidden: true },
  { name: "missing", kind: "count", unit: "min" },
  { name: "filled", kind: "count", unit: "min" },
  { name: "gaps", kind: "count", hidden: true },
  { name: "longestGap", kind: "count", title: "longest gap", unit: "min" },
  { name: "openGap", kind: "count", hidden: true },
  { name: "duplicates", kind: "count", hidden: true },
  { name: "conflicts", kind: "count", hidden: true },
  { name: "rejected", kind: "count", hidden: true },
  { name: "flagged", kind: "count", hidden: true },
  { name: "open", kind: "price", hidden: true },
  { name: "high", kind: "price", hidden: true },
  { name: "low", kind: "price", hidden: true },
  { name: "last", kind: "price" },
  { name: "volume", kind: "volume", unit: "shares" },
];

/**
 * Quality of all symbols at a place.
 *
 * @example
 * s.quality().show(); s.quality().mean;
 */
export class Quality extends Table<QualityRow, QualityColumns> {
  /** Over the symbols that are present, in percent; NaN before the first due minute. */
  readonly mean: number;
  /** The symbol that is worst; undefined before the first due minute. */
  readonly worst: { readonly symbol: string; readonly percent: number } | undefined;

  constructor(view: EngineView, zone: string, heading: string) {
    const quality = view.quality();
    super({
      title: titleOf(quality, heading),
      zone,
      columns: columnsOf(quality.symbols, view),
      notes: [...outageNotes(quality, zone), STRIP_LEGEND],
      mostRows: 30,
    });
    this.mean = quality.mean ?? NaN;
    this.worst = quality.worst ?? undefined;
  }
}

function titleOf({ mean, worst }: QualityView, heading: string): string {
  const overall = mean === null ? "nothing due yet" : `mean ${formatPercent(mean, "–")}`;
  return `Quality · ${heading} · ${overall}${worst ? ` · worst ${worst.symbol} ${formatPercent(worst.percent, "–")}` : ""}`;
}

function columnsOf(symbols: readonly EngineQuality[], view: EngineView): Column[] {
  const names = symbols.map(({ symbol }) => symbol);
  const states = names.map((symbol) => view.minuteStates(symbol));
  const measures = MEASURES.map(({ name, ...look }): Column => {
    const values = numbers(symbols.map((symbol) => symbol[name]));
    if (name === "filled") return { name, ...look, values, hidden: values.every((value) => value === 0) };
    return name === "percent"
      ? { name, ...look, values, html: (i) => percentHtml(values[i]) }
      : { name, ...look, values };
  });
  const strip: Column = {
    name: "minutes",
    kind: "text",
    values: states.map((state) => stripText(state)),
    html: (i) => stripHtml(names[i], states[i]),
  };
  const bad: Column = {
    name: "badRows",
    title: "bad rows",
    kind: "text",
    values: symbols.map(badRowsText),
    hidden: symbols.every((symbol) => badRowsText(symbol) === ""),
  };
  return [{ name: "symbol", kind: "text", values: names }, ...measures, bad, strip];
}

function percentHtml(percent: number): string {
  const { word, color } = qualityWord(percent);
  const number = formatPercent(Number.isNaN(percent) ? null : percent, "–").replace("%", "");
  return `<span style="color: ${color}">${word}</span> ${number}`;
}

function badRowsText({ duplicates, conflicts, rejected, flagged, absent }: EngineQuality): string {
  const parts = [
    duplicates > 0 ? plural(duplicates, "duplicate") : "",
    conflicts > 0 ? plural(conflicts, "conflict") : "",
    rejected > 0 ? `${formatCount(rejected)} rejected` : "",
    flagged > 0 ? `${formatCount(flagged)} flagged` : "",
    absent ? "absent" : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function outageNotes({ outagesUs }: QualityView, zone: string): { text: string }[] {
  if (outagesUs.length === 0) return [];
  const clock = clockOf(zone);
  const first = outagesUs[0];
  const last = outagesUs[outagesUs.length - 1];
  const where = first === last ? clock.time(first) : `${clock.time(first)}–${clock.time(last + 60_000_000)}`;
  return [{ text: `outage ${where}: most symbols are missing in ${plural(outagesUs.length, "minute")}` }];
}

/**
 * Quality of one symbol at a place.
 *
 * @example
 * s.quality("TSLA").percent;
 */
export class SymbolQuality extends Shown implements QualityRow {
  declare readonly symbol: string;
  declare readonly percent: number;
  declare readonly percent30: number;
  declare readonly due: number;
  declare readonly observed: number;
  declare readonly missing: number;
  declare readonly filled: number;
  declare readonly gaps: number;
  declare readonly longestGap: number;
  declare readonly openGap: number;
  declare readonly duplicates: number;
  declare readonly conflicts: number;
  declare readonly rejected: number;
  declare readonly flagged: number;
  declare readonly open: number;
  declare readonly high: number;
  declare readonly low: number;
  declare readonly last: number;
  declare readonly volume: number;
  readonly #states: Uint8Array;
  readonly #bad: string;

  constructor(view: EngineView, symbol: string) {
    super();
    const quality = view.quality(symbol);
    const values = MEASURES.map(({ name }) => [name, quality[name] ?? NaN] as const);
    Object.assign(this, { symbol: quality.symbol, ...Object.fromEntries(values) });
    this.#states = view.minuteStates(symbol);
    this.#bad = badRowsText(quality);
  }

  override toString(): string {
    return `${this.#line()}\n ${stripText(this.#states, 60)}`;
  }

  override toHtml(): string {
    return `<div>${escapeHtml(this.#line())}</div><div>${stripHtml(this.symbol, this.#states)}</div>`;
  }

  #line(): string {
    const percent = formatPercent(Number.isNaN(this.percent) ? null : this.percent, "–");
    const parts = [
      `${this.symbol} quality ${percent} (${qualityWord(this.percent).word})`,
      `${formatCount(this.observed)} of ${formatCount(this.due)} minutes`,
      this.gaps > 0 ? `${plural(this.gaps, "gap")}, longest ${this.longestGap} min` : "no gap",
      this.openGap > 0 ? `gap open for ${this.openGap} min` : "",
      this.filled > 0 ? `${this.filled} filled` : "",
      this.#bad,
    ];
    return parts.filter((part) => part !== "").join(" · ");
  }
}
