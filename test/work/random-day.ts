/** Random days with everything a segment holds of one: bars, marks, exceptions, a second source. */
import fc from "fast-check";
import { deriveBuckets } from "../../src/engine/derived/buckets.js";
import {
  EXCEPTION_WORDS,
  FLAG_BIT,
  FLAG_PRESENT,
  REJECT_CAUSES,
  ROW_CLASS,
  ROW_CLASSES,
  ROW_FLAGS,
  type DayLoad,
  type RowClass,
  type SourceDay,
} from "../../src/engine/market/bars.js";
import {
  attachSegment,
  beginSource,
  clearRun,
  createSegments,
  endSource,
  segmentDerived,
  segmentGrid,
  type Segment,
} from "../../src/engine/memory/segment.js";
import { segmentShapeOf, type SessionPlan } from "../../src/engine/plan.js";
import { takeIn, type FillMode } from "../../src/engine/quality/take-in.js";
import { publishSlots } from "../../src/engine/work/coordinator-work.js";
import {
  barLists,
  COLUMNS,
  FILL_MODES,
  fillSource,
  pieces,
  type Bar,
  type BarList,
  type Limits,
} from "../quality/random-grid.js";

/** The session every random day is; session 0 is a longer one without rows, so that an index by mistake shows. */
export const EPOCH = 1;
export const OPEN_US = Date.UTC(2024, 0, 3, 14, 30) * 1000;
const MINUTE_US = 60_000_000;

/** An entry of the exceptions list. */
export interface Entry {
  readonly minute: number;
  readonly symbol: number;
  readonly rowClass: RowClass;
  readonly cause: number;
  readonly count: number;
  readonly file: number;
  readonly row: number;
}

export interface RandomDay extends BarList {
  /** Sorted by slot. */
  readonly entries: readonly Entry[];
  readonly unread: readonly number[];
  readonly intervals: readonly number[];
  readonly fillMode: FillMode;
}

export const FILTERED: readonly RowClass[] = ["preMarket", "afterHours", "atClose"];
const LISTED: readonly RowClass[] = ["rejected", "duplicate", "conflict", ...FILTERED];

export function randomDays(limits?: Limits): fc.Arbitrary<RandomDay> {
  const entry = fc.record({
    minute: fc.nat({ max: 1000 }),
    symbol: fc.nat({ max: 1000 }),
    rowClass: fc.constantFrom(...LISTED),
    cause: fc.nat({ max: REJECT_CAUSES.length - 1 }),
    count: fc.integer({ min: 1, max: 300 }),
    file: fc.nat({ max: 9 }),
    row: fc.nat({ max: 100_000 }),
  });
  return fc
    .record({
      list: barLists(limits),
      entries: fc.array(entry, { maxLength: 12 }),
      unread: fc.array(fc.constantFrom(0, 0, 7), { minLength: 4, maxLength: 4 }),
      intervals: fc.subarray([2, 3, 5, 6, 15]),
      fillMode: fc.constantFrom(...FILL_MODES),
    })
    .map(({ list, entries, unread, ...rest }) => ({ ...list, ...rest, unread, entries: settle(entries, list) }));
}

/** A day with a bar, the same in every run. */
export function oneDay(): RandomDay {
  const [day] = fc.sample(
    randomDays().filter((d) => d.symbols > 1 && d.entries.length > 2 && d.bars[0] !== undefined),
    {
      numRuns: 1,
      seed: 7,
    },
  );
  return day;
}

/** Entries as a loader writes them: filtered classes once a symbol, at the minutes they are counted at. */
function settle(entries: readonly Entry[], { symbols, minutes }: BarList): Entry[] {
  const seen = new Set<string>();
  return entries
    .map((entry) => {
      const symbol = entry.symbol % symbols;
      const isFiltered = FILTERED.includes(entry.rowClass);
      const minute = !isFiltered ? entry.minute % minutes : entry.rowClass === "preMarket" ? 0 : minutes - 1;
      return {
        ...entry,
        symbol,
        minute,
        cause: entry.rowClass === "rejected" ? entry.cause : 0,
        count: isFiltered ? entry.count : 1,
      };
    })
    .filter(({ symbol, rowClass }) => {
      const key = `${symbol} ${rowClass}`;
      if (FILTERED.includes(rowClass) && seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .sort((a, b) => a.minute * symbols + a.symbol - b.minute * symbols - b.symbol);
}

/** The marks of a streamed row, by its volume. */
export function marksOf(bar: Bar): (typeof ROW_FLAGS)[number][] {
  const key = Math.round(bar.volume * 10);
  return ROW_FLAGS.filter((_, i) => key % (i + 3) === 0);
}

export function planOf(day: RandomDay, overrides: Partial<SessionPlan> = {}): SessionPlan {
  const session = (epoch: number, minutes: number, rows: number[]): SessionPlan["sessions"][number] => {
    const openUs = OPEN_US + (epoch - EPOCH) * 1440 * MINUTE_US;
    const date = new Date(openUs / 1000).toISOString().slice(0, 10);
    return {
      date,
      kind: epoch === EPOCH ? "half" : "full",
      openUs,
      closeUs: openUs + minutes * MINUTE_US,
      minutes,
      rows,
    };
  };
  const symbols = Array.from({ length: day.symbols }, (_, i) => `S${i}`);
  return {
    calendarName: "TEST",
    exchangeZone: "America/New_York",
    symbols,
    sessions: [
      session(
        0,
        day.minutes + 3,
        symbols.map(() => 0),
      ),
      session(
        EPOCH,
        day.minutes,
        symbols.map((_, symbol) => rowsOfDay(day, symbol)),
      ),
    ],
    intervals: day.intervals,
    derivedPolicy: "flag",
    fillMode: day.fillMode,
    creditRows: 10,
    mostExceptions: day.entries.length + 2,
    keepDays: 3,
    ...overrides,
  };
}

function rowsOfDay(day: RandomDay, symbol: number): number {
  const bars = day.bars.filter((bar, slot) => bar && slot % day.symbols === symbol).length;
  const others = day.entries.filter((entry) => entry.symbol === symbol).reduce((sum, { count }) => sum + count, 0);
  return bars + others + day.unread[symbol];
}

/** Writes the day as a loader does. */
export function writeDay(day: RandomDay, into: SourceDay): DayLoad {
  day.bars.forEach((bar, slot) => {
    if (!bar) return;
    for (const column of COLUMNS) into.bars[column][slot] = bar[column];
    const symbol = slot % day.symbols;
    into.flags[slot] = FLAG_PRESENT;
    into.file[slot] = symbol;
    into.row[slot] = slot;
    into.classCount[symbol * ROW_CLASSES.length + ROW_CLASS.streamed]++;
    for (const mark of marksOf(bar)) {
      into.flags[slot] |= FLAG_BIT[mark];
      into.flagCount[symbol * ROW_FLAGS.length + ROW_FLAGS.indexOf(mark)]++;
    }
  });
  day.entries.forEach(({ minute, symbol, rowClass, cause, count, file, row }, i) => {
    const isFiltered = FILTERED.includes(rowClass);
    const kind = ROW_CLASS[rowClass] | (cause << 8);
    into.exceptions.set(
      [minute * day.symbols + symbol, kind, isFiltered ? count : file, isFiltered ? 0 : row],
      i * EXCEPTION_WORDS,
    );
    into.classCount[symbol * ROW_CLASSES.length + ROW_CLASS[rowClass]] += count;
    if (rowClass === "rejected") into.causeCount[symbol * REJECT_CAUSES.length + cause]++;
    if (rowClass === "atClose") {
      into.atClosePrice[symbol] = row / 100;
      into.atCloseVolume[symbol] = count * 10;
    }
  });
  for (let symbol = 0; symbol < day.symbols; symbol++)
    into.classCount[symbol * ROW_CLASSES.length + ROW_CLASS.unread] = day.unread[symbol];
  return { exceptionCount: day.entries.length, fileClasses: [], notices: [], skipped: [] };
}

/** The second source of a day, written as a loader does. */
export function writeOthers(day: RandomDay, into: Pick<SourceDay, "bars" | "flags">): void {
  const { bars, flags } = fillSource(day, "source");
  for (let slot = 0; slot < day.bars.length; slot++) {
    if ((flags?.[slot] ?? 0) & FLAG_PRESENT)
      for (const column of COLUMNS) into.bars[column][slot] = bars?.[column][slot] ?? NaN;
    into.flags[slot] = flags?.[slot] ?? 0;
  }
}

/** A segment that holds the decoded day. Its memory has been used before. */
export function loadedSegment(day: RandomDay, plan = planOf(day)): Segment {
  const shape = segmentShapeOf(plan);
  const [buffer] = createSegments(shape, 1);
  new Uint8Array(buffer).fill(0x41);
  const segment = attachSegment(buffer, shape, 0);
  const into = beginSource(segment, day.minutes);
  const { exceptionCount } = writeDay(day, into);
  if (segment.fill) writeOthers(day, segment.fill);
  const last = day.bars.findLastIndex((bar) => bar !== undefined);
  endSource(segment, EPOCH, Math.floor(last / day.symbols) + 1, exceptionCount, false);
  return segment;
}

/** Plays the day up to `position` in pieces, as the two threads do; `ahead` slots more are published. */
export function playTo(
  day: RandomDay,
  segment: Segment,
  position: number,
  cuts: readonly number[] = [],
  ahead = 0,
): void {
  clearRun(segment);
  const grid = segmentGrid(segment);
  const fill = { mode: day.fillMode, ...segment.fill };
  for (const [from, to] of pieces(position, cuts)) {
    publishSlots(segment, from, to);
    takeIn(grid, segment.quality, fill, from, to);
    for (const derived of segmentDerived(segment)) deriveBuckets(grid, derived, from, to);
  }
  publishSlots(segment, position, Math.min(position + ahead, day.bars.length));
}
