/** A view of a made-up day, for tests of what is shown: two symbols, 390 minutes from 09:30 in New York. */
import type { BarsView, MinuteRow, QualityView, SymbolQuality, View } from "../../src/engine/index.js";
import { MINUTE_STATE } from "../../src/engine/index.js";

export const ZONE = "America/New_York";
export const OPEN_US = Date.UTC(2025, 6, 2, 13, 30) * 1000;
export const MINUTE = 60_000_000;
const SYMBOLS = ["AAPL", "<TSLA>"];
const MINUTES = 390;

export interface FakeDay {
  /** Minutes passed. */
  readonly passed: number;
  /** Minutes without a bar, by symbol. */
  readonly missing?: Readonly<Record<string, readonly number[]>>;
  readonly filled?: Readonly<Record<string, readonly number[]>>;
}

export function fakeView({ passed, missing = {}, filled = {} }: FakeDay): View {
  const stateOf = (symbol: string, minute: number): number => {
    if (minute >= passed) return MINUTE_STATE.notDue;
    if (filled[symbol]?.includes(minute)) return MINUTE_STATE.filled;
    return missing[symbol]?.includes(minute) ? MINUTE_STATE.missing : MINUTE_STATE.streamed;
  };
  const minuteStates = (symbol: string): Uint8Array =>
    Uint8Array.from({ length: MINUTES }, (_, i) => stateOf(symbol, i));
  const qualityOf = (symbol: string): SymbolQuality => {
    const states = [...minuteStates(symbol)];
    const observed = states.filter((state) => state === MINUTE_STATE.streamed).length;
    const percent = passed === 0 ? null : (observed / passed) * 100;
    return {
      symbol,
      due: passed,
      observed,
      missing: passed - observed,
      percent,
      percent30: percent,
      filled: states.filter((state) => state === MINUTE_STATE.filled).length,
      gaps: passed - observed > 0 ? 1 : 0,
      longestGap: passed - observed,
      openGap: 0,
      duplicates: 1,
      conflicts: 0,
      rejected: 0,
      flagged: 0,
      absent: false,
      volume: observed * 1000,
      ...(observed === 0
        ? { open: null, high: null, low: null, last: null }
        : { open: 100, high: 102, low: 99.5, last: 101.25 }),
    };
  };
  function quality(): QualityView;
  function quality(symbol: string): SymbolQuality;
  function quality(symbol?: string): QualityView | SymbolQuality {
    if (symbol !== undefined) return qualityOf(symbol);
    const symbols = SYMBOLS.map(qualityOf);
    const mean = passed === 0 ? null : symbols.reduce((sum, { percent }) => sum + percent!, 0) / symbols.length;
    const worst = symbols.toSorted((a, b) => (a.percent ?? 0) - (b.percent ?? 0))[0];
    return {
      symbols,
      mean,
      worst: passed === 0 ? null : { symbol: worst.symbol, percent: worst.percent! },
      outagesUs: [],
    };
  }
  return {
    date: "2025-07-02",
    epoch: 0,
    timeUs: OPEN_US + passed * MINUTE,
    opensAtUs: OPEN_US,
    closesAtUs: OPEN_US + MINUTES * MINUTE,
    minute: passed,
    minutes: MINUTES,
    barCount: passed * 2,
    quality,
    gaps: () => [{ symbol: "AAPL", startUs: OPEN_US, endUs: OPEN_US + 3 * MINUTE, bars: 3, open: false }],
    bars: (symbol, interval = 1) => fakeBars(symbol, Number.parseInt(String(interval), 10), minuteStates(symbol)),
    source: (symbol, startUs) =>
      stateOf(symbol, (startUs - OPEN_US) / MINUTE) === MINUTE_STATE.streamed
        ? { file: `symbol=${symbol}/day.parquet`, row: (startUs - OPEN_US) / MINUTE, rowGroup: 0, flags: [] }
        : null,
    minuteStates,
    minuteRows: (): MinuteRow[] => [],
    value: (symbol) => qualityOf(symbol).last,
    events: () => [],
    digest: () => "d1:0",
  };
}

/** Bar i opens at 100 + i / 100. */
function fakeBars(symbol: string, intervalMinutes: number, states: Uint8Array): BarsView {
  const starts: number[] = [];
  const passed = states.findLastIndex((state) => state !== MINUTE_STATE.notDue) + 1;
  for (let minute = 0; minute + intervalMinutes <= passed; minute += intervalMinutes)
    if (states[minute] === MINUTE_STATE.streamed || states[minute] === MINUTE_STATE.filled) starts.push(minute);
  const column = (value: (minute: number) => number): Float64Array => Float64Array.from(starts, value);
  return {
    symbol,
    intervalMinutes,
    startUs: column((minute) => OPEN_US + minute * MINUTE),
    open: column((minute) => 100 + minute / 100),
    high: column((minute) => 100.5 + minute / 100),
    low: column((minute) => 99.5 + minute / 100),
    close: column((minute) => 100.2 + minute / 100),
    volume: column((minute) => 1000 + minute),
    origin: starts.map((minute) =>
      intervalMinutes > 1 ? "derived" : states[minute] === MINUTE_STATE.filled ? "forward-filled" : "streamed",
    ),
    n: Int32Array.from(starts, () => intervalMinutes),
    m: Int32Array.from(starts, () => intervalMinutes),
    status: starts.map(() => "complete"),
  };
}
