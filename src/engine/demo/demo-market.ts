/**
 * A made-up market for the demo data: prices that move with a common factor, volume heavy at open
 * and close, and then the damage that the plan asks for. Pure: rows come out, no file is touched.
 * All prices are invented.
 */
import { assert } from "../assert.js";
import { MINUTE_US } from "../market/time.js";
import type { TradingSession } from "../market/calendar.js";
import { DEMO_FACTS, minuteOfSession } from "./demo-plan.js";
import { createRandom, DEMO_SEED, nearlyNormal } from "./random.js";
import type { Random } from "./random.js";

/** A row of a demo file. Prices in dollars, volume in shares. */
export interface DemoRow {
  /** Start of the bar, microseconds UTC. */
  startUs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** All rows of one symbol on one session, in the order in which they are stored. */
export interface DemoSymbolDay {
  readonly symbol: string;
  readonly date: string;
  readonly rows: DemoRow[];
}

interface SymbolModel {
  /** Price before the first pre-market minute, in dollars. */
  readonly price: number;
  /** How far it follows the common factor. */
  readonly beta: number;
  /** Deviation of its own moves within a regular minute of average activity, as a share of the price. */
  readonly ownMove: number;
  /** Shares in a regular minute of average activity. */
  readonly volume: number;
  /** Trades that are seen of a regular minute, 1 to `TRADES_PER_MINUTE`. */
  readonly trades: number;
  /** Move from the last trade of the session before to the first of this one, percent, by session. */
  readonly overnight: readonly [number, number, number];
  /** Share of minutes with a row outside the regular session, where it is busiest. */
  readonly extendedShare: number;
}

/** Deviation of the common factor within a regular minute of average activity, and its drift over each session. */
const FACTOR_MOVE = 3.2e-4;
const FACTOR_DRIFT = [0.0035, 0.004, -0.006] as const;
const TRADES_PER_MINUTE = 8;
const PRE_MARKET_MINUTES = 330; // from 04:00
const AFTER_HOURS_MINUTES = 240; // to 20:00, to 17:00 on the half day
const HALF_DAY_ACTIVITY = 0.6;
/** The closing print, in regular minutes of average activity. */
const CLOSING_PRINT = 22;

const MODELS: Readonly<Record<string, SymbolModel>> = {
  AAPL: model(207.4, 1.1, 3.6e-4, 105_000, [0.2, 0.4, -1.1], 0.95),
  MSFT: model(491.8, 0.9, 3.0e-4, 48_000, [-0.1, 0.3, -0.4], 0.9),
  NVDA: model(153.9, 1.7, 5.5e-4, 340_000, [0.3, 0.9, -0.8], 1),
  SPY: model(617.6, 1, 0.6e-4, 130_000, [0.1, 0.4, -0.5], 1),
  THIN: { ...model(21.35, 0.5, 7.0e-4, 420, [0.5, -0.7, 1.2], 0.06), trades: 2 },
  TSLA: model(301.2, 1.9, 8.5e-4, 230_000, [0.8, 0.5, -3.9], 1),
};

/** The whole demo: for each session every symbol in ascending order. `sessions` are those of the plan, from a calendar. */
export function makeDemoMarket(sessions: readonly TradingSession[]): DemoSymbolDay[] {
  const days: DemoSymbolDay[] = [];
  const lastPrice = new Map(DEMO_FACTS.symbols.map((symbol) => [symbol, MODELS[symbol].price]));
  sessions.forEach((session, index) => {
    const factor = factorMoves(session, index);
    for (const [symbolIndex, symbol] of DEMO_FACTS.symbols.entries()) {
      const random = createRandom(DEMO_SEED, symbol, index * DEMO_FACTS.symbols.length + symbolIndex);
      const start = lastPrice.get(symbol)! * (1 + MODELS[symbol].overnight[index] / 100);
      const day = tradeDay(session, MODELS[symbol], factor, start, random);
      lastPrice.set(symbol, day.lastPrice);
      days.push({ symbol, date: session.date, rows: damage(symbol, session, day.rows) });
    }
  });
  return days;
}

function model(
  price: number,
  beta: number,
  ownMove: number,
  volume: number,
  overnight: [number, number, number],
  extendedShare: number,
): SymbolModel {
  return { price, beta, ownMove, volume, overnight, extendedShare, trades: TRADES_PER_MINUTE };
}

/** One move of the common factor per trade of each minute, from the first pre-market minute on. */
function factorMoves(session: TradingSession, index: number): Float64Array {
  const random = createRandom(DEMO_SEED, "factor", index);
  const minutes = PRE_MARKET_MINUTES + session.minutes + AFTER_HOURS_MINUTES;
  const drift = FACTOR_DRIFT[index] / (session.minutes * TRADES_PER_MINUTE);
  const moves = new Float64Array(minutes * TRADES_PER_MINUTE);
  for (let i = 0; i < moves.length; i++) {
    const minute = Math.floor(i / TRADES_PER_MINUTE) - PRE_MARKET_MINUTES;
    const regular = minute >= 0 && minute < session.minutes;
    moves[i] = tradeMove(FACTOR_MOVE, session, minute, random) + (regular ? drift : 0);
  }
  return moves;
}

/** Rows of an undamaged day: every regular minute, the closing print, and what trades before and after. By minute of the session. */
function tradeDay(
  session: TradingSession,
  symbol: SymbolModel,
  factor: Float64Array,
  startPrice: number,
  random: Random,
): { rows: Map<number, DemoRow>; lastPrice: number } {
  const rows = new Map<number, DemoRow>();
  let price = startPrice;
  for (let minute = -PRE_MARKET_MINUTES; minute < session.minutes + AFTER_HOURS_MINUTES; minute++) {
    const regular = minute >= 0 && minute < session.minutes;
    const atClose = minute === session.minutes;
    const trades = atClose ? 1 : regular ? symbol.trades : Math.min(2, symbol.trades);
    const cents: number[] = [];
    for (let trade = 0; trade < TRADES_PER_MINUTE; trade++) {
      const common = factor[(minute + PRE_MARKET_MINUTES) * TRADES_PER_MINUTE + trade];
      price *= 1 + symbol.beta * common + tradeMove(symbol.ownMove, session, minute, random);
      // The last `trades` of the minute are seen: the walk goes on in between, as quotes do.
      if (trade >= TRADES_PER_MINUTE - trades) cents.push(Math.round(price * 100));
    }
    // Drawn for every minute, used or not, so that the walk does not depend on which rows exist.
    const volume = tradedVolume(session, symbol, minute, spread(cents) / (price * 100 * symbol.ownMove), random());
    const seen = random() < extendedShare(session, symbol, minute);
    if (regular || atClose || seen) rows.set(minute, row(session.openUs + minute * MINUTE_US, cents, volume));
  }
  return { rows, lastPrice: price };
}

/** Whole cents divided by 100 give the doubles that a vendor's decimals parse to: high ≥ open, close ≥ low exactly. */
function row(startUs: number, cents: readonly number[], volume: number): DemoRow {
  return {
    startUs,
    open: cents[0] / 100,
    high: Math.max(...cents) / 100,
    low: Math.min(...cents) / 100,
    close: cents[cents.length - 1] / 100,
    volume,
  };
}

function spread(cents: readonly number[]): number {
  return Math.max(...cents) - Math.min(...cents);
}

/** One trade's share of a minute's move; livelier after the open and before the close, calm outside the session. */
function tradeMove(minuteMove: number, session: TradingSession, minute: number, random: Random): number {
  const left = session.minutes - 1 - minute;
  const activity = minute < 0 || left < 0 ? 0.3 : 0.65 + 1.5 / (1 + minute / 12) + 0.5 / (1 + left / 15);
  return nearlyNormal(random) * minuteMove * activity * 0.35355339059327373; // 1 / √TRADES_PER_MINUTE
}

/** Shares traded: U-shaped over the session, more when the price moves, a crowd at the opening and the closing print. */
function tradedVolume(
  session: TradingSession,
  symbol: SymbolModel,
  minute: number,
  liveliness: number,
  draw: number,
): number {
  const left = session.minutes - 1 - minute;
  const squared = draw * draw; // products only, not `**`: see random.ts
  const rareCrowd = squared * squared * squared * squared * squared * squared;
  const noise = (0.55 + 0.6 * draw + 1.6 * rareCrowd) * (0.7 + 0.15 * Math.min(liveliness, 5));
  const level = session.kind === "half" ? HALF_DAY_ACTIVITY : 1;
  const activity =
    minute === session.minutes
      ? CLOSING_PRINT
      : minute < 0
        ? 0.02 + 0.1 / (1 - minute / 25)
        : left < 0
          ? 0.02 + 0.2 / (1 - left / 15)
          : 0.42 + 2.4 / (1 + minute / 14) + 1.9 / (1 + left / 9) + (minute === 0 ? 2.5 : 0);
  return Math.max(1, Math.round(symbol.volume * level * activity * noise));
}

/** How likely a minute outside the session has a row: more so the nearer the session is. 0 inside it. */
function extendedShare(session: TradingSession, symbol: SymbolModel, minute: number): number {
  if (minute < 0) return symbol.extendedShare * (0.12 + 0.88 / (1 - minute / 60));
  const after = minute - session.minutes;
  return after <= 0 ? 0 : symbol.extendedShare * (0.1 + 0.9 / (1 + after / 40));
}

/** Applies the plan: removes minutes, doubles rows, spoils rows, ends streams. */
function damage(symbol: string, session: TradingSession, good: ReadonlyMap<number, DemoRow>): DemoRow[] {
  const here = <Fact extends { symbol: string; date: string }>(facts: readonly Fact[]): Fact[] =>
    facts.filter((fact) => fact.symbol === symbol && fact.date === session.date);
  const kept = new Map(good);
  for (const gap of here(DEMO_FACTS.gaps)) {
    const start = minuteOfSession(gap.start);
    for (let minute = start; minute < start + gap.bars; minute++) kept.delete(minute);
  }
  if (here(DEMO_FACTS.atClose).length === 0) kept.delete(session.minutes);
  for (const { time } of here(DEMO_FACTS.ended)) {
    for (const minute of kept.keys()) if (minute >= minuteOfSession(time)) kept.delete(minute);
  }

  const rows = [...kept.values()];
  for (const { time } of here(DEMO_FACTS.duplicates)) rows.push({ ...rowAt(kept, time) });
  for (const { time } of here(DEMO_FACTS.conflicts)) rows.push(contradict(rowAt(kept, time)));
  for (const { time, cause } of here(DEMO_FACTS.badRows)) {
    const seconds = Number(time.slice(6) || 0);
    rows.push(spoil(rowAt(good, time), cause, seconds));
  }
  // Array.sort is stable: of two rows with one time the planted one comes second.
  return rows.sort((a, b) => a.startUs - b.startUs);
}

function rowAt(rows: ReadonlyMap<number, DemoRow>, time: string): DemoRow {
  const found = rows.get(minuteOfSession(time));
  assert(found !== undefined, `the demo plan needs a row at ${time}`);
  return found;
}

/** The same minute as another source might have it: seven cents higher, half the volume. */
function contradict(row: DemoRow): DemoRow {
  const higher = (price: number): number => (Math.round(price * 100) + 7) / 100;
  return {
    startUs: row.startUs,
    open: higher(row.open),
    high: higher(row.high),
    low: higher(row.low),
    close: higher(row.close),
    volume: Math.max(1, Math.floor(row.volume / 2)),
  };
}

function spoil(row: DemoRow, cause: string, seconds: number): DemoRow {
  switch (cause) {
    case "highBelowLow":
      return { ...row, high: (Math.round(row.low * 100) - 5) / 100 };
    case "notANumber":
      return { ...row, close: NaN };
    case "negativeVolume":
      return { ...row, volume: -row.volume };
    case "notOnMinute":
      return { ...row, startUs: row.startUs + seconds * 1_000_000 };
    default:
      throw new Error(`bardeck bug: the demo generator cannot make a row with ${cause}`);
  }
}
