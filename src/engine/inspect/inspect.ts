/**
 * What is in the data, without replaying it: every session is loaded once, looked at and forgotten, so memory does not
 * grow with the range. Uses the words and the functions of the replay, so both say the same of a day.
 */
import { openCatalog } from "../catalog/open-catalog.js";
import type { Catalog, CatalogSession, DataOptions, OpenCatalog } from "../catalog/types.js";
import {
  FLAG_BIT,
  ORIGIN,
  REJECT_CAUSES,
  ROW_CLASSES,
  ROW_FLAGS,
  type DayLoad,
  type RowNotice,
  type SourceDay,
} from "../market/bars.js";
import type { DayGrid } from "../market/day.js";
import { MINUTE_US, type IsoDate } from "../market/time.js";
import { coverage, findGaps, findOutages } from "../quality/gaps.js";
import type {
  Counts,
  InspectedDay,
  InspectedGap,
  InspectedOutage,
  InspectedSplit,
  InspectedSymbol,
  InspectedSymbolDay,
  Inspection,
  InspectHooks,
} from "./inspection.js";
import { doubtAboutTimes } from "./doubts.js";
import { ScratchDay } from "./scratch-day.js";
import { splitRatio } from "./splits.js";
import { Worst } from "./worst.js";

const MOST_WORST = 50;
const MOST_SPLITS = 200;
/** Notices kept of each kind. */
const MOST_NOTICES = 5;

/**
 * Looks through all of the data that is asked for. Rejects as opening it would, with the first error.
 *
 * @example
 * const { symbols, worstGaps } = await inspect({ path: "bars-1m", symbols: ["SPY"] });
 */
export async function inspect(options: DataOptions, hooks: InspectHooks = {}): Promise<Inspection> {
  const opened = await openCatalog(options, {
    onProgress: (done, total) => hooks.onProgress?.("scan", done, total),
    signal: hooks.signal,
  });
  const { catalog, source } = opened;
  const inspector = new Inspector(opened);
  const scratch = new ScratchDay(catalog);
  try {
    for (const [i, session] of catalog.sessions.entries()) {
      hooks.signal?.throwIfAborted();
      const day = scratch.fresh(session.minutes);
      const load = await source.load(i, day);
      inspector.take(session, day, scratch.grid(day), load);
      hooks.onProgress?.("sessions", i + 1, catalog.sessions.length);
    }
  } finally {
    await source.close();
  }
  return inspector.finish();
}

/** Sums of one symbol while the sessions pass. */
interface SymbolSums {
  sessions: number;
  absent: number;
  leftOut: number;
  coverageSum: number;
  worst: number | null;
  missing: number;
  classes: number[];
  causes: number[];
  flags: number[];
  /** Close of its last bar so far. */
  lastClose: number | undefined;
}

class Inspector {
  private readonly catalog: Catalog;
  private readonly days: InspectedDay[] = [];
  private readonly sums: SymbolSums[];
  private readonly fileClasses: number[][];
  private readonly worstDays = new Worst<InspectedSymbolDay>(MOST_WORST, worseDay);
  private readonly worstGaps = new Worst<InspectedGap>(MOST_WORST, worseGap);
  private readonly splits: InspectedSplit[] = [];
  private readonly notices: RowNotice[];
  private readonly skipped: { date: IsoDate; symbol: string; message: string }[] = [];

  constructor(private readonly opened: OpenCatalog) {
    this.catalog = opened.catalog;
    this.notices = [...opened.catalog.notices];
    this.fileClasses = this.catalog.files.map((file) => [...file.scanned]);
    this.sums = this.catalog.symbols.map(() => ({
      sessions: 0,
      absent: 0,
      leftOut: 0,
      coverageSum: 0,
      worst: null,
      missing: 0,
      classes: ROW_CLASSES.map(() => 0),
      causes: REJECT_CAUSES.map(() => 0),
      flags: ROW_FLAGS.map(() => 0),
      lastClose: undefined,
    }));
  }

  /** Takes in a loaded session; called in the order of the dates. */
  take(session: CatalogSession, day: SourceDay, grid: DayGrid, load: DayLoad): void {
    for (const { file, counts } of load.fileClasses) {
      counts.forEach((count, c) => (this.fileClasses[file][c] += count));
    }
    this.keepNotices(load.notices);
    for (const one of load.skipped) this.skipped.push({ date: session.date, ...one });
    const leftOut = load.skipped.map(({ symbol }) => this.catalog.symbols.indexOf(symbol));
    const shares = this.catalog.symbols.map((_, symbol) =>
      this.takeSymbol(session, day, grid, symbol, leftOut.includes(symbol)),
    );
    const present = [...shares.keys()].filter((symbol) => shares[symbol] !== null);
    const { date, kind, openUs, closeUs, minutes } = session;
    this.days.push({
      date,
      kind,
      openUs,
      closeUs,
      minutes,
      coverage: shares,
      leftOut,
      outages: this.outagesOf(session, grid, present),
    });
  }

  /** Coverage of a symbol's day, null when there is nothing to judge: no row, or none that could be read. */
  private takeSymbol(
    session: CatalogSession,
    day: SourceDay,
    grid: DayGrid,
    symbol: number,
    isLeftOut: boolean,
  ): number | null {
    const sums = this.sums[symbol];
    const name = this.catalog.symbols[symbol];
    const rows = addCounts(sums.classes, day.classCount, symbol);
    addCounts(sums.causes, day.causeCount, symbol);
    addCounts(sums.flags, day.flagCount, symbol);
    const { date } = session;
    if (isLeftOut) {
      sums.leftOut++;
      return null;
    }
    if (rows === 0) {
      this.noteAbsent(symbol, session);
      return null;
    }
    const gaps = findGaps(grid, symbol, grid.minutes * grid.symbols);
    const missing = gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
    const quality = coverage(grid.minutes - missing, grid.minutes) ?? 0;
    sums.sessions++;
    sums.coverageSum += quality;
    sums.worst = Math.min(sums.worst ?? quality, quality);
    sums.missing += missing;
    const longestGap = gaps.reduce((most, gap) => Math.max(most, gap.end - gap.start), 0);
    if (missing > 0) this.worstDays.add({ symbol: name, date, quality, missing, longestGap });
    for (const gap of gaps) {
      const [startUs, endUs] = [gap.start, gap.end].map((minute) => session.openUs + minute * MINUTE_US);
      this.worstGaps.add({ symbol: name, date, startUs, endUs, bars: gap.end - gap.start });
    }
    this.findSplits(session, day, symbol);
    return quality;
  }

  /** A session without a row counts against a symbol only between its first and last date. */
  private noteAbsent(symbol: number, { date, minutes }: { date: IsoDate; minutes: number }): void {
    const { symbol: name, firstDate, lastDate } = this.catalog.bySymbol[symbol];
    if (firstDate === "" || date < firstDate || date > lastDate) return;
    this.sums[symbol].absent++;
    this.worstDays.add({ symbol: name, date, quality: null, missing: minutes, longestGap: minutes });
  }

  private findSplits(session: CatalogSession, day: SourceDay, symbol: number): void {
    const sums = this.sums[symbol];
    let first = true;
    for (let minute = 0; minute < day.minutes; minute++) {
      const slot = minute * day.symbols + symbol;
      if (day.flags[slot] === 0) continue;
      const before = sums.lastClose;
      // Overnight the new price is the first open; within a session the catalogue has marked the row by its close.
      const marked = (day.flags[slot] & FLAG_BIT.splitLike) !== 0;
      const after = first ? day.bars.open[slot] : day.bars.close[slot];
      const ratio = before !== undefined && (first || marked) ? splitRatio(before, after) : undefined;
      if (before !== undefined && ratio !== undefined && this.splits.length < MOST_SPLITS) {
        this.splits.push({
          symbol: this.catalog.symbols[symbol],
          date: session.date,
          timeUs: session.openUs + minute * MINUTE_US,
          before,
          after,
          ratio,
          where: first ? "overnight" : "within the session",
        });
      }
      first = false;
      sums.lastClose = day.bars.close[slot];
    }
  }

  private outagesOf(session: CatalogSession, grid: DayGrid, present: readonly number[]): InspectedOutage[] {
    const runs: { start: number; end: number }[] = [];
    for (const minute of findOutages(grid, present, grid.minutes * grid.symbols)) {
      const run = runs.at(-1);
      if (run?.end === minute) run.end++;
      else runs.push({ start: minute, end: minute + 1 });
    }
    return runs.map(({ start, end }) => ({
      date: session.date,
      startUs: session.openUs + start * MINUTE_US,
      endUs: session.openUs + end * MINUTE_US,
      minutes: end - start,
      symbols: present
        .filter((symbol) => missesAny(grid, symbol, start, end))
        .map((symbol) => this.catalog.symbols[symbol]),
    }));
  }

  private keepNotices(notices: readonly RowNotice[]): void {
    for (const notice of notices) {
      if (this.notices.filter((kept) => kept.kind === notice.kind).length < MOST_NOTICES) this.notices.push(notice);
    }
  }

  finish(): Inspection {
    const { catalog } = this;
    this.addDaysWithoutData();
    const total = (list: readonly number[][], length: number): number[] =>
      Array.from({ length }, (_, i) => list.reduce((sum, counts) => sum + counts[i], 0));
    const classes = named(ROW_CLASSES, total(this.fileClasses, ROW_CLASSES.length));
    const doubt = doubtAboutTimes(catalog, classes, this.meanQuality());
    return {
      catalog: { ...catalog, notes: [...catalog.notes, ...(doubt === undefined ? [] : [doubt])] },
      days: this.days,
      symbols: this.sums.map((sums, i) => this.symbolOf(sums, i)),
      files: catalog.files.map(({ path, rows }, i) => ({
        path,
        rows,
        classes: named(ROW_CLASSES, this.fileClasses[i]),
      })),
      classes,
      rejectedBy: named(
        REJECT_CAUSES,
        total(
          this.sums.map((sums) => sums.causes),
          REJECT_CAUSES.length,
        ),
      ),
      flagged: named(
        ROW_FLAGS,
        total(
          this.sums.map((sums) => sums.flags),
          ROW_FLAGS.length,
        ),
      ),
      worstDays: this.worstDays.all,
      worstGaps: this.worstGaps.all,
      splits: this.splits.sort((a, b) => (a.symbol === b.symbol ? a.timeUs - b.timeUs : a.symbol < b.symbol ? -1 : 1)),
      notices: this.notices,
      skipped: this.skipped,
    };
  }

  /** Over the symbols' days that can be judged. */
  private meanQuality(): number | null {
    const days = this.sums.reduce((sum, { sessions }) => sum + sessions, 0);
    return days === 0 ? null : this.sums.reduce((sum, { coverageSum }) => sum + coverageSum, 0) / days;
  }

  /** Sessions that every symbol lacks between its days are days too: they are what a person looks for. */
  private addDaysWithoutData(): void {
    for (const date of this.catalog.withoutData.insideData) {
      const session = this.opened.calendar.session(date);
      if (!session) continue;
      const { kind, openUs, closeUs, minutes } = session;
      const none = this.catalog.symbols.map(() => null);
      this.catalog.symbols.forEach((_, symbol) => this.noteAbsent(symbol, session));
      this.days.push({ date, kind, openUs, closeUs, minutes, coverage: none, leftOut: [], outages: [] });
    }
    this.days.sort((a, b) => (a.date < b.date ? -1 : 1));
  }

  private symbolOf(sums: SymbolSums, i: number): InspectedSymbol {
    const { symbol, rows, firstDate, lastDate } = this.catalog.bySymbol[i];
    return {
      symbol,
      rows,
      firstDate,
      lastDate,
      sessions: sums.sessions,
      absent: sums.absent,
      leftOut: sums.leftOut,
      quality: sums.sessions === 0 ? null : sums.coverageSum / sums.sessions,
      worst: sums.worst,
      missing: sums.missing,
      classes: named(ROW_CLASSES, sums.classes),
      rejectedBy: named(REJECT_CAUSES, sums.causes),
      flagged: named(ROW_FLAGS, sums.flags),
    };
  }
}

function missesAny(grid: DayGrid, symbol: number, start: number, end: number): boolean {
  for (let minute = start; minute < end; minute++) {
    if (grid.origin[minute * grid.symbols + symbol] !== ORIGIN.streamed) return true;
  }
  return false;
}

/** Adds a symbol's counters to the sums; returns how many rows they are. */
function addCounts(sums: number[], counters: Uint32Array, symbol: number): number {
  let added = 0;
  for (let i = 0; i < sums.length; i++) {
    const count = counters[symbol * sums.length + i];
    sums[i] += count;
    added += count;
  }
  return added;
}

function named<Name extends string>(names: readonly Name[], counts: readonly number[]): Counts<Name> {
  const result: Counts<Name> = {};
  names.forEach((name, i) => {
    if (counts[i] !== 0) result[name] = counts[i];
  });
  return result;
}

function worseDay(a: InspectedSymbolDay, b: InspectedSymbolDay): number {
  return (a.quality ?? -1) - (b.quality ?? -1) || byName(a, b);
}

function worseGap(a: InspectedGap, b: InspectedGap): number {
  return b.bars - a.bars || byName(a, b) || a.startUs - b.startUs;
}

function byName(a: { date: string; symbol: string }, b: { date: string; symbol: string }): number {
  const [left, right] = [`${a.date} ${a.symbol}`, `${b.date} ${b.symbol}`];
  return left === right ? 0 : left < right ? -1 : 1;
}
