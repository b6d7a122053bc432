/** A day closed by upkeep's work, against straight code over the bars and rows it was made of. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { ORIGIN, REJECT_CAUSES, ROW_FLAGS, type RowClass } from "../../src/engine/market/bars.js";
import { createControlMemory } from "../../src/engine/memory/control.js";
import { leaveOut } from "../../src/engine/memory/segment.js";
import { STEP } from "../../src/engine/protocol/phases.js";
import { W } from "../../src/engine/protocol/words.js";
import { PlainWords } from "../../src/engine/sync/plain-words.js";
import { publishSlots } from "../../src/engine/work/coordinator-work.js";
import { dayEvents } from "../../src/engine/work/day-events.js";
import { packRecord, unpackRecord, type DayRecord, type SymbolRecord } from "../../src/engine/work/day-record.js";
import { dayDigest } from "../../src/engine/work/digest.js";
import { createUpkeepWork } from "../../src/engine/work/upkeep-work.js";
import { pieces, someCuts, straightSlots } from "../quality/random-grid.js";
import {
  EPOCH,
  loadedSegment,
  marksOf,
  OPEN_US,
  planOf,
  playTo,
  oneDay,
  randomDays,
  type RandomDay,
} from "./random-day.js";

const MINUTE_US = 60_000_000;
const cases = randomDays().chain((day) =>
  fc.record({
    day: fc.constant(day),
    cuts: someCuts,
    /** Slots upkeep takes in before it passes the rest in force-close. */
    forcedFrom: fc.oneof(fc.nat({ max: day.bars.length }), fc.constant(day.bars.length)),
  }),
);

function noHits(): never {
  throw new Error("nothing was armed");
}

/** Closes the day as the protocol does: process, force-close, finalize, verify, record. */
function close(day: RandomDay, cuts: readonly number[], forcedFrom: number): DayRecord {
  const plan = planOf(day);
  const words = new PlainWords(createControlMemory());
  const segment = loadedSegment(day, plan);
  const records: DayRecord[] = [];
  const work = createUpkeepWork(words, plan, [segment], {
    recorded: (epoch, run, record) => {
      expect([epoch, run]).toEqual([EPOCH, 4]);
      records.push(unpackRecord(plan, record));
    },
    hits: noHits,
  });
  words.store(W.run, 4);
  work.activate(EPOCH, 0);
  publishSlots(segment, 0, day.bars.length);
  for (const [from, to] of pieces(forcedFrom, cuts)) work.process(EPOCH, from, to, 0);
  work.forceClose(EPOCH, forcedFrom, day.bars.length, 0);
  work.finalize(EPOCH);
  work.verify(EPOCH);
  work.record(EPOCH);
  expect(records.length).toBe(1);
  return records[0];
}

it("the record of a closed day is what straight code says of its bars and rows, field by field", () => {
  fc.assert(
    fc.property(cases, ({ day, cuts, forcedFrom }) => {
      const { digest, ...record } = close(day, cuts, forcedFrom);
      const plan = planOf(day);
      const open = OPEN_US;
      expect(record).toEqual({
        date: plan.sessions[EPOCH].date,
        epoch: EPOCH,
        kind: "half",
        opensAtUs: open,
        closesAtUs: open + day.minutes * MINUTE_US,
        forcedFromUs: forcedFrom === day.bars.length ? null : open + Math.ceil(forcedFrom / day.symbols) * MINUTE_US,
        noData: false,
        outagesUs: straightOutages(day).map((minute) => open + minute * MINUTE_US),
        symbols: plan.symbols.map((name, symbol) => straightSymbol(day, name, symbol)),
      });
      const segment = loadedSegment(day, plan);
      playTo(day, segment, day.bars.length);
      // Before finalize, three steps are completed: hand-over, drain, force-close.
      expect(digest).toBe(dayDigest(plan, EPOCH, segment, day.bars.length, 3));
    }),
    { numRuns: 150 },
  );
});

it("says nothing of the minutes of a symbol that was left out: what was not read is not missing", () => {
  fc.assert(
    fc.property(randomDays(), fc.nat(), ({ ...any }, pick) => {
      const left = pick % any.symbols;
      const day = { ...any, bars: any.bars.map((bar, slot) => (slot % any.symbols === left ? undefined : bar)) };
      const plan = planOf(day);
      const segment = loadedSegment(day, plan);
      leaveOut(segment, left);
      playTo(day, segment, day.bars.length);
      const record = unpackRecord(plan, packRecord(plan, EPOCH, segment, 0, "d1"));
      expect(record.symbols[left]).toMatchObject({ leftOut: true, quality: null, quality30: null, gaps: [] });
      expect(record.symbols[left]).toMatchObject({ due: 0, observed: 0, missing: 0, longestGap: 0, last: null });
      record.symbols.forEach((symbol, i) => {
        if (i !== left) expect(symbol).toEqual(straightSymbol(day, symbol.symbol, i));
      });
      const events = dayEvents(plan, EPOCH, segment, day.bars.length, STEP.record);
      const gaps = events.filter((event) => event.kind === "gap").map((event) => event.symbol);
      expect(gaps).toEqual(expect.not.arrayContaining([plan.symbols[left]]));
      expect(gaps.length).toBe(record.symbols.reduce((sum, symbol) => sum + symbol.gaps.length, 0));
    }),
    { numRuns: 60 },
  );
});

function straightOutages(day: RandomDay): number[] {
  const hasBar = (symbol: number, minute: number): boolean => day.bars[minute * day.symbols + symbol] !== undefined;
  const symbols = Array.from({ length: day.symbols }, (_, symbol) => symbol);
  const present = symbols.filter((symbol) => rowsOf(day, symbol) > 0);
  const outages: number[] = [];
  for (let minute = 1; minute < day.minutes; minute++) {
    const before = Array.from({ length: minute }, (_, m) => m);
    const good = present.filter((symbol) => before.filter((m) => hasBar(symbol, m)).length * 20 >= minute * 19);
    const missing = good.filter((symbol) => !hasBar(symbol, minute));
    if (missing.length > 1 && missing.length * 2 >= good.length) outages.push(minute);
  }
  return outages;
}

function rowsOf(day: RandomDay, symbol: number): number {
  const classes: RowClass[] = ["rejected", "duplicate", "conflict", "preMarket", "afterHours", "atClose"];
  const others = classes.reduce((sum, name) => sum + entries(day, symbol, name), 0);
  return day.bars.filter((bar, slot) => bar && slot % day.symbols === symbol).length + others + day.unread[symbol];
}

function entries(day: RandomDay, symbol: number, rowClass: RowClass): number {
  return day.entries.reduce(
    (sum, entry) => sum + (entry.symbol === symbol && entry.rowClass === rowClass ? entry.count : 0),
    0,
  );
}

function straightSymbol(day: RandomDay, name: string, symbol: number): SymbolRecord {
  const of = <T>(list: readonly T[]): T[] => list.filter((_, slot) => slot % day.symbols === symbol);
  const minutes = of(day.bars);
  const bars = minutes.flatMap((bar) => bar ?? []);
  const slots = of(straightSlots(day, day.fillMode, day.bars.length));
  const text = minutes.map((bar) => (bar ? "x" : ".")).join("");
  const gaps = [...text.matchAll(/\.+/g)].map((gap) => ({ start: gap.index, bars: gap[0].length }));
  const rows = rowsOf(day, symbol);
  const last30 = text.slice(-30);
  const percent = (part: string): number | null =>
    rows === 0 ? null : (part.replaceAll(".", "").length / part.length) * 100;
  const rejected = day.entries.filter((entry) => entry.symbol === symbol && entry.rowClass === "rejected");
  const atClose = day.entries.find((entry) => entry.symbol === symbol && entry.rowClass === "atClose");
  const tally = (names: readonly string[]): Record<string, number> =>
    Object.fromEntries([...new Set(names)].map((key) => [key, names.filter((other) => other === key).length]));
  return {
    symbol: name,
    rows,
    streamed: bars.length,
    filtered: {
      preMarket: entries(day, symbol, "preMarket"),
      afterHours: entries(day, symbol, "afterHours"),
      atClose: entries(day, symbol, "atClose"),
    },
    rejected: rejected.length,
    rejectedBy: tally(rejected.map(({ cause }) => REJECT_CAUSES[cause])),
    flagged: tally(bars.flatMap(marksOf)) satisfies Partial<Record<(typeof ROW_FLAGS)[number], number>>,
    duplicates: entries(day, symbol, "duplicate"),
    conflicts: entries(day, symbol, "conflict"),
    unread: day.unread[symbol],
    leftOut: false,
    due: day.minutes,
    observed: bars.length,
    missing: day.minutes - bars.length,
    filled: slots.filter(({ origin }) => origin === ORIGIN.filled || origin === ORIGIN.forwardFilled).length,
    quality: percent(text),
    quality30: percent(last30),
    longestGap: Math.max(0, ...gaps.map((gap) => gap.bars)),
    gaps: gaps.map((gap) => ({
      startUs: OPEN_US + gap.start * MINUTE_US,
      endUs: OPEN_US + (gap.start + gap.bars) * MINUTE_US,
      bars: gap.bars,
    })),
    open: bars.at(0)?.open ?? null,
    high: bars.length === 0 ? null : Math.max(...bars.map((bar) => bar.high)),
    low: bars.length === 0 ? null : Math.min(...bars.map((bar) => bar.low)),
    last: bars.at(-1)?.close ?? null,
    volume: bars.reduce((sum, bar) => sum + bar.volume, 0),
    atClose: { price: atClose ? atClose.row / 100 : null, volume: atClose ? atClose.count * 10 : null },
    derived: day.intervals.map((intervalMinutes) => {
      const statuses: string[] = [];
      for (let start = 0; start < day.minutes; start += intervalMinutes) {
        const part = slots.slice(start, start + intervalMinutes);
        const n = part.filter(({ bar }) => bar).length;
        statuses.push(
          n === 0 ? "none" : n < part.length ? "incomplete" : part.length < intervalMinutes ? "stub" : "complete",
        );
      }
      const count = (status: string): number => statuses.filter((s) => s === status).length;
      return { intervalMinutes, complete: count("complete"), incomplete: count("incomplete"), stub: count("stub") };
    }),
  };
}

it("I13: a day that is closed again in the same memory has the same record", () => {
  fc.assert(
    fc.property(cases, ({ day, cuts, forcedFrom }) => {
      const plan = planOf(day);
      const segment = loadedSegment(day, plan);
      const records: DayRecord[] = [];
      const words = new PlainWords(createControlMemory());
      const work = createUpkeepWork(words, plan, [segment], {
        recorded: (_, __, record) => void records.push(unpackRecord(plan, record)),
        hits: noHits,
      });
      for (const at of [forcedFrom, day.bars.length]) {
        work.activate(EPOCH, 0);
        publishSlots(segment, 0, day.bars.length);
        for (const [from, to] of pieces(at, cuts)) work.process(EPOCH, from, to, 0);
        work.forceClose(EPOCH, at, day.bars.length, 0);
        work.finalize(EPOCH);
        work.record(EPOCH);
      }
      expect(records[1]).toEqual({ ...records[0], forcedFromUs: null });
    }),
    { numRuns: 40 },
  );
});

it("works on no session but the active one", () => {
  const day = oneDay();
  const plan = planOf(day);
  const work = createUpkeepWork(new PlainWords(createControlMemory()), plan, [loadedSegment(day, plan)], {
    recorded: noHits,
    hits: noHits,
  });
  expect(() => work.process(EPOCH, 0, 1, 0)).toThrow("session 1 is not the active one");
  work.activate(EPOCH, 0);
  for (const act of ["finalize", "verify", "record"] as const)
    expect(() => work[act](0)).toThrow("session 0 is not the active one");
});
