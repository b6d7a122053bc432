/**
 * Days whose every bar, bad row and mark is planted, as a source for the stage; and the events they must give, found by
 * walking the plan of them slot by slot, as a person would with a list and a pencil. Shares no code with the engine
 * beyond the names of things.
 */
import {
  FLAG_BIT,
  FLAG_PRESENT,
  REJECT_CAUSE,
  REJECT_CAUSES,
  ROW_CLASS,
  ROW_CLASSES,
  ROW_FLAGS,
  type DaySource,
  type RejectCause,
  type RowFlag,
  type SourceDay,
} from "../../src/engine/market/bars.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { EVENT_KINDS, ROW_EVENTS_A_CAUSE, type DataEvent, type EventKind } from "../../src/engine/work/day-events.js";

export interface PlantedBar {
  readonly close: number;
  readonly volume: number;
  readonly marks: RowFlag[];
}

export interface PlantedRow {
  readonly slot: number;
  readonly kind: "rejected" | "duplicate" | "conflict";
  readonly cause: RejectCause | "duplicate" | "conflict";
  readonly file: number;
  readonly row: number;
}

export interface PlantedFilter {
  readonly symbol: number;
  readonly class: "preMarket" | "atClose" | "afterHours";
  readonly count: number;
}

export interface PlantedDay {
  readonly minutes: number;
  /** By slot. */
  readonly bars: ReadonlyMap<number, PlantedBar>;
  /** Sorted by slot. */
  readonly rows: readonly PlantedRow[];
  readonly filtered: readonly PlantedFilter[];
  /** Slots that the second source has. */
  readonly fills: ReadonlySet<number>;
}

const SYMBOLS = ["AA", "BB", "CC"];
const MINUTE_US = 60_000_000;
const OPEN_US = Date.UTC(2024, 0, 2, 14, 30) * 1000;
export const openOf = (epoch: number): number => OPEN_US + epoch * 1440 * MINUTE_US;

/** Numbers in [0, 1) from a seed. */
export function lots(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A day of random damage. `lastMinute`: no bar from that minute on; 0 for a day without any row. */
export function plantDay(seed: number, minutes: number, lastMinute = minutes): PlantedDay {
  const random = lots(seed);
  const bars = new Map<number, PlantedBar>();
  const rows: PlantedRow[] = [];
  const fills = new Set<number>();
  const filtered: PlantedFilter[] = [];
  if (lastMinute === 0) return { minutes, bars, rows, filtered, fills };
  for (let slot = 0; slot < minutes * SYMBOLS.length; slot++) {
    const isLive = slot < lastMinute * SYMBOLS.length;
    if (isLive && (random() > 0.25 || slot === lastMinute * SYMBOLS.length - 1)) bars.set(slot, plantBar(random));
    if (random() < 0.5) fills.add(slot);
    if (random() < 0.15) rows.push(...plantRows(random, slot));
  }
  for (const symbol of [0, 2]) {
    filtered.push({ symbol, class: "preMarket", count: 1 + symbol }, { symbol, class: "afterHours", count: 7 });
    if (symbol === 2) filtered.push({ symbol, class: "atClose", count: 1 });
  }
  return { minutes, bars, rows, filtered, fills };
}

function plantBar(random: () => number): PlantedBar {
  const marks = random() < 0.2 ? ROW_FLAGS.filter(() => random() < 0.4) : [];
  return { close: 10 + Math.floor(random() * 100) / 100, volume: Math.floor(random() * 500), marks };
}

/** Some rows of one slot, of several kinds and causes; now and then many of one. */
function plantRows(random: () => number, slot: number): PlantedRow[] {
  const count = random() < 0.2 ? 8 : 1 + Math.floor(random() * 3);
  const causes = REJECT_CAUSES.slice(0, 2);
  return Array.from({ length: count }, (_, i) => {
    const draw = random();
    const kind = draw < 0.5 ? "rejected" : draw < 0.8 ? "duplicate" : "conflict";
    const cause = kind === "rejected" ? causes[random() < 0.8 ? 0 : 1] : kind;
    return { slot, kind, cause, file: slot % SYMBOLS.length, row: slot * 10 + i };
  });
}

/** A plan for such days. */
export function planOf(days: readonly PlantedDay[], overrides: Partial<SessionPlan> = {}): SessionPlan {
  return {
    calendarName: "planted",
    exchangeZone: "UTC",
    symbols: SYMBOLS,
    sessions: days.map((day, epoch) => ({
      date: new Date(openOf(epoch) / 1000).toISOString().slice(0, 10),
      kind: "full",
      openUs: openOf(epoch),
      closeUs: openOf(epoch) + day.minutes * MINUTE_US,
      minutes: day.minutes,
      rows: SYMBOLS.map((_, symbol) => rowsOf(day, symbol)),
    })),
    intervals: [4, 7],
    derivedPolicy: "flag",
    fillMode: "none",
    creditRows: 10,
    mostExceptions: Math.max(...days.map((day) => day.rows.length + day.filtered.length)),
    keepDays: 3,
    ...overrides,
  };
}

function rowsOf(day: PlantedDay, symbol: number): number {
  const bars = [...day.bars.keys()].filter((slot) => slot % SYMBOLS.length === symbol).length;
  const rows = day.rows.filter(({ slot }) => slot % SYMBOLS.length === symbol).length;
  return day.filtered.reduce((sum, filter) => sum + (filter.symbol === symbol ? filter.count : 0), bars + rows);
}

/** Loads the days as a catalogue would. */
export function sourceOf(days: readonly PlantedDay[]): DaySource {
  return {
    async load(epoch, into) {
      const entries = listExceptions(days[epoch], into);
      for (const [slot, bar] of days[epoch].bars) {
        writeBar(into, slot, bar);
        into.classCount[(slot % SYMBOLS.length) * ROW_CLASSES.length + ROW_CLASS.streamed]++;
      }
      return { exceptionCount: entries, fileClasses: [], notices: [], skipped: [] };
    },
    async close() {},
  };
}

/** The second source for `fillMode: "source"`. */
export function fillSourceOf(days: readonly PlantedDay[]): DaySource {
  return {
    async load(epoch, into) {
      for (const slot of days[epoch].fills) writeBar(into, slot, { close: 9, volume: 1, marks: [] });
      return { exceptionCount: 0, fileClasses: [], notices: [], skipped: [] };
    },
    async close() {},
  };
}

function writeBar(into: SourceDay, slot: number, { close, volume, marks }: PlantedBar): void {
  for (const name of ["open", "high", "low", "close"] as const) into.bars[name][slot] = close;
  into.bars.volume[slot] = volume;
  into.flags[slot] = marks.reduce((bits, mark) => bits | FLAG_BIT[mark], FLAG_PRESENT);
  into.file[slot] = slot % SYMBOLS.length;
  into.row[slot] = slot;
}

/** Rows, then filtered entries, sorted by slot. Returns how many there are. */
function listExceptions(day: PlantedDay, into: SourceDay): number {
  const count = (symbol: number, of: number, rows: number): void => {
    into.classCount[symbol * ROW_CLASSES.length + of] += rows;
  };
  const entries = day.rows.map(({ slot, kind, cause, file, row }) => {
    count(slot % SYMBOLS.length, ROW_CLASS[kind], 1);
    const index = kind === "rejected" ? REJECT_CAUSE[cause as RejectCause] : 0;
    return [slot, ROW_CLASS[kind] | (index << 8), file, row];
  });
  for (const filter of day.filtered) {
    count(filter.symbol, ROW_CLASS[filter.class], filter.count);
    entries.push([slotOfFilter(day, filter), ROW_CLASS[filter.class], filter.count, 0]);
  }
  entries.sort((a, b) => a[0] - b[0]);
  into.exceptions.set(entries.flat());
  return entries.length;
}

const slotOfFilter = (day: PlantedDay, { symbol, class: of }: PlantedFilter): number =>
  of === "preMarket" ? symbol : (day.minutes - 1) * SYMBOLS.length + symbol;

/** The events of a whole day, `deactivate` and `roll` included, by walking it slot by slot. */
export function expectedEvents(plan: SessionPlan, days: readonly PlantedDay[], epoch: number): DataEvent<number>[] {
  const walk = new Walk(plan, days[epoch], epoch, epoch + 1 < days.length ? openOf(epoch + 1) : undefined);
  return walk.all();
}

class Walk {
  private readonly events: DataEvent<number>[] = [];
  private readonly counters = new Map<string, number>();
  private readonly openGaps = SYMBOLS.map(() => 0);
  private readonly lastClose: (number | undefined)[] = SYMBOLS.map(() => undefined);
  /** By interval and symbol: sources so far in the bucket under way. */
  private readonly sources = new Map<string, number>();
  private readonly slots: number;
  private readonly handOver: number;
  private readonly openUs: number;

  constructor(
    private readonly plan: SessionPlan,
    private readonly day: PlantedDay,
    private readonly epoch: number,
    private readonly nextOpenUs: number | undefined,
  ) {
    this.slots = day.minutes * SYMBOLS.length;
    const last = Math.max(-1, ...day.bars.keys());
    this.handOver = Math.ceil((last + 1) / SYMBOLS.length) * SYMBOLS.length;
    this.openUs = openOf(epoch);
  }

  all(): DataEvent<number>[] {
    this.tell("load", 0, this.openUs, {});
    this.tell("activate", 0, this.openUs, {});
    if (this.day.bars.size === 0 && this.day.rows.length === 0) this.tell("no-data", 0, this.openUs, {});
    for (let slot = 0; slot < this.slots; slot++) {
      if (slot === this.handOver) this.handsOver();
      this.pass(slot);
    }
    if (this.handOver === this.slots) this.handsOver();
    this.closes();
    return this.events;
  }

  private tell(kind: EventKind, position: number, timeUs: number, rest: object): void {
    const order = EVENT_KINDS.indexOf(kind);
    const key = `${position} ${kind}`;
    const counter = this.counters.get(key) ?? 0;
    this.counters.set(key, counter + 1);
    const id = `${this.epoch}.${position}.${order}.${counter}`;
    this.events.push({ id, epoch: this.epoch, kind, position, timeUs, ...rest } as DataEvent<number>);
  }

  private startUs(minute: number): number {
    return this.openUs + minute * MINUTE_US;
  }

  private handsOver(): void {
    const timeUs = this.startUs(this.handOver / SYMBOLS.length);
    for (const kind of ["hand-over", "drain"] as const) this.tell(kind, this.handOver, timeUs, {});
  }

  private gap(s: number, endMinute: number, position: number, timeUs: number): void {
    const bars = this.openGaps[s];
    if (bars === 0) return;
    this.openGaps[s] = 0;
    const span = { startUs: this.startUs(endMinute - bars), endUs: this.startUs(endMinute), bars };
    this.tell("gap", position, timeUs, { symbol: SYMBOLS[s], ...span });
  }

  private pass(slot: number): void {
    const s = slot % SYMBOLS.length;
    const minute = (slot - s) / SYMBOLS.length;
    const symbol = SYMBOLS[s];
    const known = this.startUs(minute + 1);
    const bar = this.day.bars.get(slot);
    let has = bar !== undefined;
    if (bar) {
      this.gap(s, minute, slot, known);
      this.lastClose[s] = bar.close;
    } else {
      this.openGaps[s]++;
      const { fillMode } = this.plan;
      has =
        fillMode === "forward" ? this.lastClose[s] !== undefined : fillMode === "source" && this.day.fills.has(slot);
      const origin = fillMode === "forward" ? "forward-filled" : "filled";
      if (has) this.tell("fill", slot, known, { symbol, startUs: this.startUs(minute), origin });
    }
    for (const kind of ["rejected", "duplicate", "conflict"] as const) this.rows(kind, slot, symbol, known);
    if (bar && bar.marks.length > 0)
      this.tell("flagged", slot, known, { symbol, marks: bar.marks, file: s, row: slot });
    for (const filter of this.day.filtered) {
      if (slotOfFilter(this.day, filter) === slot)
        this.tell("filtered", slot, known, { symbol, class: filter.class, count: filter.count });
    }
    for (const interval of this.plan.intervals) this.derive(interval, s, minute, has);
  }

  private rows(kind: PlantedRow["kind"], slot: number, symbol: string, known: number): void {
    const rows = this.day.rows.filter((row) => row.slot === slot && row.kind === kind);
    rows.forEach(({ cause, file, row }, i) => {
      const before = rows.slice(0, i).filter((other) => other.cause === cause).length;
      if (before > ROW_EVENTS_A_CAUSE) return;
      const all = rows.filter((other) => other.cause === cause).length;
      const count = before < ROW_EVENTS_A_CAUSE ? 1 : all - ROW_EVENTS_A_CAUSE;
      this.tell(kind, slot, known, { symbol, cause, file, row, count });
    });
  }

  private derive(interval: number, s: number, minute: number, has: boolean): void {
    const key = `${interval} ${s}`;
    const n = (this.sources.get(key) ?? 0) + (has ? 1 : 0);
    this.sources.set(key, n);
    const first = minute - (minute % interval);
    if (minute + 1 !== Math.min(first + interval, this.day.minutes)) return;
    this.sources.set(key, 0);
    const m = minute + 1 - first;
    if (n === 0 || (n === m && m === interval)) return;
    const status = n < m ? "incomplete" : "stub";
    const at = minute * SYMBOLS.length + s;
    const rest = { symbol: SYMBOLS[s], intervalMinutes: interval, startUs: this.startUs(first), n, m, status };
    this.tell("derived", at, this.startUs(minute + 1), rest);
  }

  private closes(): void {
    const closeUs = this.startUs(this.day.minutes);
    SYMBOLS.forEach((_, s) => this.gap(s, this.day.minutes, this.slots, closeUs));
    const handOverUs = this.startUs(this.handOver / SYMBOLS.length);
    this.tell("force-close", this.slots, closeUs, { forcedFromUs: this.handOver < this.slots ? handOverUs : null });
    for (const kind of ["finalize", "verify", "record", "deactivate"] as const)
      this.tell(kind, this.slots, closeUs, {});
    if (this.nextOpenUs !== undefined) this.tell("roll", this.slots, this.nextOpenUs, {});
  }
}
