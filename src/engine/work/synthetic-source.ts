/**
 * A source of seeded bars without files: for tests, the simulator and benches. The same seed and session give the
 * same bars on every thread.
 */
import { DataError } from "../errors.js";
import { FLAG_PRESENT, ROW_CLASS, ROW_CLASSES, type DayLoad, type DaySource, type SourceDay } from "../market/bars.js";
import type { PlannedSession } from "../plan.js";

export interface SyntheticOptions {
  readonly seed: number;
  readonly symbols: number;
  readonly sessions: number;
  readonly minutes: number;
  /** Share of minutes without a bar, 0…1. */
  readonly missing: number;
  /** Minute at which every stream of a session ends, by session; the close when absent. */
  readonly endsAt?: readonly number[];
  /** Sessions whose load fails. */
  readonly fails?: readonly number[];
  /** Sessions whose load never ends. */
  readonly hangs?: readonly number[];
  /** Shift between opens, minutes; a day when absent. */
  readonly periodMinutes?: number;
}

const FIRST_OPEN_US = Date.UTC(2024, 0, 2, 14, 30) * 1000;

/** The sessions of a synthetic plan: equally long, one a day. */
export function syntheticSessions(options: SyntheticOptions): PlannedSession[] {
  const period = (options.periodMinutes ?? 1440) * 60_000_000;
  return Array.from({ length: options.sessions }, (_, epoch) => {
    const openUs = FIRST_OPEN_US + epoch * period;
    const rows = Array.from({ length: options.symbols }, (_, symbol) => countBars(options, epoch, symbol));
    return {
      date: new Date(openUs / 1000).toISOString().slice(0, 10),
      kind: "full",
      openUs,
      closeUs: openUs + options.minutes * 60_000_000,
      minutes: options.minutes,
      rows,
    };
  });
}

export function createSyntheticSource(options: SyntheticOptions): DaySource {
  return {
    async load(epoch, into) {
      if (options.fails?.includes(epoch)) throw new DataError("synthetic", `session ${epoch} fails on purpose`);
      if (options.hangs?.includes(epoch)) await new Promise<never>(() => {});
      return fillSynthetic(options, epoch, into);
    },
    async close() {},
  };
}

/** Writes the bars of one session. */
export function fillSynthetic(options: SyntheticOptions, epoch: number, into: SourceDay): DayLoad {
  const { symbols, minutes, bars } = into;
  for (let minute = 0; minute < minutes; minute++) {
    for (let symbol = 0; symbol < symbols; symbol++) {
      if (!hasBar(options, epoch, minute, symbol)) continue;
      const slot = minute * symbols + symbol;
      const noise = random(options.seed, epoch, minute, symbol + 7919);
      const price = 20 + symbol * 3 + Math.round(noise * 400) / 100;
      bars.open[slot] = price;
      bars.high[slot] = price + 0.05;
      bars.low[slot] = price - 0.05;
      bars.close[slot] = price + 0.01;
      bars.volume[slot] = 100 + Math.floor(noise * 1000);
      into.flags[slot] = FLAG_PRESENT;
      into.row[slot] = minute;
      into.file[slot] = symbol;
      into.classCount[symbol * ROW_CLASSES.length + ROW_CLASS.streamed]++;
    }
  }
  return { exceptionCount: 0, fileClasses: [], notices: [], skipped: [] };
}

function hasBar(options: SyntheticOptions, epoch: number, minute: number, symbol: number): boolean {
  if (minute >= (options.endsAt?.[epoch] ?? options.minutes)) return false;
  return random(options.seed, epoch, minute, symbol) >= options.missing;
}

function countBars(options: SyntheticOptions, epoch: number, symbol: number): number {
  let count = 0;
  for (let minute = 0; minute < options.minutes; minute++) if (hasBar(options, epoch, minute, symbol)) count++;
  return count;
}

/** A number in [0, 1) that depends on its arguments alone. */
function random(seed: number, a: number, b: number, c: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul((h ^ a) + 0x165667b1, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 15) ^ b) + 0x27d4eb2f, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13) ^ c) + 0x9e3779b9, 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}
