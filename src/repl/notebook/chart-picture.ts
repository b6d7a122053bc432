/** Draws a chart as SVG, by echarts on the server side. The one file that knows echarts. */
import { createRequire } from "node:module";
import type { CustomSeriesOption, CustomSeriesRenderItemAPI, ECharts, EChartsOption } from "echarts";
import type { ChartMark, ChartParts, ChartSlot } from "./chart-parts.js";
import { COLORS } from "./colors.js";
import { runsOf } from "./gap-strip.js";

type EchartsModule = typeof import("echarts");

let loaded: EchartsModule | undefined;

/** Loaded with the first chart: it takes longer than all the rest together. */
function echarts(): EchartsModule {
  return (loaded ??= createRequire(import.meta.url)("echarts") as EchartsModule);
}

const FONT = "sans-serif";
const TEXT = { color: COLORS.text, fontFamily: FONT, fontSize: 12 };
const PRICE_GRID = { left: 64, right: 24, top: 64, height: 208 };
const VOLUME_GRID = { left: 64, right: 24, top: 308, height: 60 };
const SHADE = "#80808040";
const MARK_COLOR = { breakpoint: COLORS.fair, place: COLORS.streamed, difference: COLORS.bad } as const;

/** A complete SVG document, transparent, in colours that read on light and dark. */
export function drawChart(parts: ChartParts, size: { readonly width: number; readonly height: number }): string {
  const chart: ECharts = echarts().init(null, null, { renderer: "svg", ssr: true, ...size });
  try {
    chart.setOption(optionOf(parts));
    return withoutHandles(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** What a live page would hang on to: a third of the bytes, and other ids in every process. */
function withoutHandles(svg: string): string {
  return svg
    .replace(/ (?:ecmeta_\w+|pointer-events|class|xml:space|baseProfile)="[^"]*"/g, "")
    .replace(/<style\s*>[\s\S]*?<\/style>\s*/g, "");
}

function optionOf(parts: ChartParts): EChartsOption {
  const { slots, title, other, marks } = parts;
  return {
    animation: false,
    backgroundColor: "transparent",
    textStyle: { fontFamily: FONT, color: COLORS.text },
    title: { text: title, left: 8, top: 4, textStyle: { ...TEXT, fontSize: 14 } },
    grid: [PRICE_GRID, VOLUME_GRID],
    xAxis: xAxes(slots.map(({ label }) => label)),
    yAxis: yAxes(slots),
    series: [
      shading(slots, 0),
      shading(slots, 1),
      {
        type: "candlestick",
        silent: true,
        data: slots.map(candle),
        itemStyle: { color: "transparent", color0: COLORS.bad, borderColor: COLORS.good, borderColor0: COLORS.bad },
        markLine: { silent: true, symbol: "none", data: marks.flatMap(levelLine) },
      },
      {
        type: "bar",
        silent: true,
        xAxisIndex: 1,
        yAxisIndex: 1,
        data: slots.map(({ volume }) => (Number.isNaN(volume) ? "-" : volume)),
        itemStyle: { color: "#80808099" },
      },
      {
        type: "scatter",
        silent: true,
        symbol: "triangle",
        symbolSize: 7,
        symbolOffset: [0, 8],
        data: slots.flatMap(({ state, low }, i) => (state === "filled" ? [[i, low]] : [])),
        itemStyle: { color: COLORS.filled },
      },
      ...(other === undefined ? [] : [otherLine(other)]),
      moments(marks),
    ],
  } as EChartsOption;
}

function xAxes(labels: readonly string[]): object[] {
  const shown = labelShown(labels);
  const axis = {
    type: "category",
    data: labels,
    axisLine: { lineStyle: { color: COLORS.rule } },
    axisTick: { show: false },
    splitLine: { show: false },
  };
  return [
    { ...axis, gridIndex: 0, axisLabel: { show: false } },
    { ...axis, gridIndex: 1, axisLabel: { ...TEXT, interval: (i: number) => shown(i), hideOverlap: true } },
  ];
}

function yAxes(slots: readonly ChartSlot[]): object[] {
  const spread = Math.max(...slots.map(({ high }) => high || 0)) - Math.min(...slots.map(({ low }) => low || Infinity));
  const decimals = spread < 0.02 ? 4 : 2;
  const nameTextStyle = { ...TEXT, align: "right", padding: [0, 8, -2, 0] };
  return [
    {
      type: "value",
      gridIndex: 0,
      scale: true,
      splitNumber: 4,
      name: "price",
      nameTextStyle,
      nameGap: 10,
      axisLabel: { ...TEXT, formatter: (value: number) => value.toFixed(decimals) },
      splitLine: { show: true, lineStyle: { color: COLORS.rule } },
    },
    {
      type: "value",
      gridIndex: 1,
      splitNumber: 2,
      name: "volume, shares",
      nameTextStyle: { ...nameTextStyle, align: "left", padding: [0, 0, -2, -56] },
      nameGap: 10,
      axisLabel: { ...TEXT, formatter: shortCount },
      splitLine: { show: false },
    },
  ];
}

function candle({ open, high, low, close, state }: ChartSlot): object {
  if (Number.isNaN(close)) return { value: ["-", "-", "-", "-"] };
  const value = [open, close, low, high];
  const amber = {
    color: "transparent",
    color0: COLORS.filled,
    borderColor: COLORS.filled,
    borderColor0: COLORS.filled,
  };
  if (state === "filled") return { value, itemStyle: amber };
  return state === "incomplete" ? { value, itemStyle: { borderType: "dashed" } } : { value };
}

function otherLine({ name, close }: NonNullable<ChartParts["other"]>): object {
  return {
    type: "line",
    name,
    silent: true,
    showSymbol: false,
    data: close.map((value) => (Number.isNaN(value) ? "-" : value)),
    lineStyle: { color: COLORS.streamed, width: 1.5 },
  };
}

/** Slots without a bar, shaded to their edges. */
function shading(slots: readonly ChartSlot[], axis: 0 | 1): CustomSeriesOption {
  const missing = slots.map(({ state }) => (state === "missing" ? 1 : 0));
  const runs = runsOf(missing, 1);
  return {
    type: "custom",
    silent: true,
    xAxisIndex: axis,
    yAxisIndex: axis,
    z: 1,
    encode: { x: 0, y: -1 },
    data: runs.map(({ from, to }) => [from, to]),
    renderItem: (params, api) => {
      const { left, band, top, height } = place(params, api);
      const width = (Number(api.value(1)) - Number(api.value(0))) * band;
      return { type: "rect", shape: { x: left, y: top, width, height }, style: { fill: SHADE } };
    },
  };
}

/** Lines at the moments of marks: at the right edge of the slot that they end. */
function moments(marks: readonly ChartMark[]): CustomSeriesOption {
  const shown = marks.filter(({ slot }) => slot !== undefined);
  return {
    type: "custom",
    silent: true,
    z: 5,
    encode: { x: 0, y: -1 },
    data: shown.map(({ slot }) => [slot!]),
    renderItem: (params, api) => {
      const { text, kind } = shown[params.dataIndex];
      const { left, band, top, height, right } = place(params, api);
      const x = left + band;
      const color = MARK_COLOR[kind];
      const line = { stroke: color, lineWidth: 1.2, lineDash: kind === "place" ? undefined : [4, 3] };
      const label = { text: labelOf(shown[params.dataIndex]), fill: color, font: `12px ${FONT}`, y: top - 16 };
      const align = x > right - text.length * 4 ? ("right" as const) : ("center" as const);
      return {
        type: "group",
        children: [
          { type: "line", shape: { x1: x, y1: top, x2: x, y2: top + height }, style: line },
          { type: "text", style: { ...label, x, align } },
        ],
      };
    },
  };
}

function labelOf({ text, kind }: ChartMark): string {
  return kind === "breakpoint" ? `◆ ${text}` : text;
}

/** Pixels of the slot in hand, and of its grid. */
function place(
  params: { coordSys: unknown },
  api: CustomSeriesRenderItemAPI,
): Record<"left" | "band" | "top" | "height" | "right", number> {
  const [centre] = api.coord([api.value(0), 0]);
  const [band] = api.size!([1, 0]) as number[];
  const { x, y, width, height } = params.coordSys as Record<"x" | "y" | "width" | "height", number>;
  return { left: centre - band / 2, band, top: y, height, right: x + width };
}

/** On a ground of its own: candles may lie below it. */
const LEVEL_LABEL = {
  position: "insideStartTop",
  color: "#000000",
  padding: [2, 4],
  borderRadius: 2,
  fontFamily: FONT,
  fontSize: 12,
} as const;

/** A line at a price. */
function levelLine(mark: ChartMark): object[] {
  if (mark.price === undefined) return [];
  const color = MARK_COLOR[mark.kind];
  return [
    {
      yAxis: mark.price,
      lineStyle: { color, type: "dashed", width: 1.2 },
      label: { ...LEVEL_LABEL, formatter: labelOf(mark), backgroundColor: color },
    },
  ];
}

/** Labels on round times, every 5, 15, 30, 60 minutes …: at most nine of them. */
function labelShown(labels: readonly string[]): (index: number) => boolean {
  const minutes = labels.map((label) => {
    const [hours, rest] = label.slice(-5).split(":").map(Number);
    return hours * 60 + rest;
  });
  const step = [1, 5, 10, 15, 30, 60, 120, 240].find((size) => minutes.filter((m) => m % size === 0).length <= 9);
  if (step !== undefined) return (i) => minutes[i] % step === 0;
  const stride = Math.ceil(labels.length / 8);
  return (i) => i % stride === 0;
}

function shortCount(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(value);
}
