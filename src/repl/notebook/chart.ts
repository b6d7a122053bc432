/**
 * A chart of one symbol: candles and volume, gaps shaded, fills marked, breakpoints and the place. Holds what is drawn,
 * as plain data; chart-picture.ts draws it.
 */
import { formatCount, formatPrice, plural } from "../output/format.js";
import type { ChartParts } from "./chart-parts.js";
import { drawChart } from "./chart-picture.js";
import { escapeHtml, NOTE, Shown, svgImage } from "./display.js";

/** Pixels. */
export const CHART_SIZE = { width: 800, height: 400 } as const;

const BARS = "▁▂▃▄▅▆▇█";

/**
 * A chart that shows itself, e.g. `s.chart("AAPL", { last: 120 }).show()`. Its `svg` stands alone.
 *
 * @example
 * writeFileSync("aapl.svg", s.chart("AAPL", { interval: "5m" }).svg);
 */
export class Chart extends Shown {
  readonly #parts: ChartParts;
  #svg: string | undefined;

  constructor(parts: ChartParts) {
    super();
    this.#parts = parts;
  }

  /** The picture, a complete SVG document of at most 300 kB. */
  get svg(): string {
    return (this.#svg ??= drawChart(this.#parts, CHART_SIZE));
  }

  override toString(): string {
    const { title, slots } = this.#parts;
    const bars = slots.filter(({ close }) => !Number.isNaN(close));
    if (bars.length === 0) return `${title} · no bar`;
    const high = Math.max(...bars.map((bar) => bar.high));
    const low = Math.min(...bars.map((bar) => bar.low));
    const volume = bars.reduce((sum, bar) => sum + bar.volume, 0);
    const prices = `low ${formatPrice(low, "–")} high ${formatPrice(high, "–")} last ${formatPrice(bars[bars.length - 1].close, "–")}`;
    return `${title} · ${prices} · volume ${formatCount(volume)} shares${this.#missingText()}\n ${this.#sparkline(low, high)}`;
  }

  override toHtml(): string {
    const { leftOut, slots, marks, other } = this.#parts;
    const alternative = this.toString().split("\n")[0];
    const legend = [
      "hollow: up · full: down",
      slots.some(({ state }) => state === "missing") ? "shaded: no bar" : "",
      slots.some(({ state }) => state === "filled") ? "▲ amber: filled" : "",
      slots.some(({ state }) => state === "incomplete") ? "dashed: minutes are missing in it" : "",
      marks.some(({ kind }) => kind === "breakpoint") ? "◆ breakpoint" : "",
      other === undefined ? "" : `blue line: ${other.name}`,
      leftOut > 0 ? `${plural(leftOut, "earlier bar")} left out: choose a longer interval, or a range` : "",
    ];
    const { width, height } = CHART_SIZE;
    const note = legend.filter((part) => part !== "").join(" · ");
    return `<div style="overflow: auto">${svgImage(this.svg, width, height, alternative)}</div><div style="${NOTE}">${escapeHtml(note)}</div>`;
  }

  #missingText(): string {
    const missing = this.#parts.slots.filter(({ state }) => state === "missing").length;
    return missing === 0 ? "" : ` · ${formatCount(missing)} without a bar`;
  }

  /** At most 60 cells, each the close of its last bar; `·` where there is none. */
  #sparkline(low: number, high: number): string {
    const { slots } = this.#parts;
    const cells = Math.min(60, slots.length);
    return Array.from({ length: cells }, (_, i) => {
      const from = Math.floor((i * slots.length) / cells);
      const to = Math.floor(((i + 1) * slots.length) / cells);
      const close = slots.slice(from, to).findLast((slot) => !Number.isNaN(slot.close))?.close;
      if (close === undefined) return "·";
      const share = high === low ? 0.5 : (close - low) / (high - low);
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    }).join("");
  }
}
