import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MEASURES } from "../../src/engine/conditions/condition.js";
import { ORIGIN, ORIGINS } from "../../src/engine/market/bars.js";
import { leaveOut, segmentGrid, type Segment } from "../../src/engine/memory/segment.js";
import { STEP } from "../../src/engine/protocol/phases.js";
import { createView, type ViewOf } from "../../src/engine/session/view.js";
import type { MinuteSlot, View } from "../../src/engine/session/views.js";
import { dayEvents, nameFiles } from "../../src/engine/work/day-events.js";
import { packRecord, unpackRecord } from "../../src/engine/work/day-record.js";
import { dayDigest, runDigest } from "../../src/engine/work/digest.js";
import {
  EPOCH,
  FILTERED,
  loadedSegment,
  marksOf,
  oneDay,
  OPEN_US,
  planOf,
  playTo,
  randomDays,
  type RandomDay,
} from "../work/random-day.js";
import { gapsOf, measureOf, MINUTE_US, outagesOf, passedOf, qualityOf } from "./straight-view.js";

const FILES = Array.from({ length: 10 }, (_, i) => ({ path: `file${i}.parquet` }));

/** A random day played on to some place, and a view of a place behind it. */
const looks = randomDays({ mostMinutes: 45 }).chain((day) =>
  fc.record({
    day: fc.constant(day),
    position: fc.nat({ max: day.bars.length }),
    played: fc.nat({ max: day.bars.length }),
    ahead: fc.nat({ max: 9 }),
  }),
);

function viewOf(day: RandomDay, segment: Segment, position: number, more: Partial<ViewOf> = {}): View {
  const timeUs = OPEN_US + Math.ceil(position / day.symbols) * MINUTE_US;
  const nothingKept = (): undefined => undefined;
  const of = { plan: planOf(day), files: FILES, epoch: EPOCH, completedSteps: 0, findSegment: nothingKept };
  return createView({ ...of, segment, position, timeUs, ...more });
}

/** Calls back with a view of `position` of a day that has been played at least so far. */
function eachLook(check: (view: View, day: RandomDay, position: number) => void): void {
  fc.assert(
    fc.property(looks, ({ day, position, played, ahead }) => {
      const segment = loadedSegment(day);
      playTo(day, segment, Math.max(position, played), [], ahead);
      check(viewOf(day, segment, position), day, position);
    }),
  );
}

describe("a view, against straight code, at any place of a day that has gone on", () => {
  it("says what the session is and how far it has come", () => {
    eachLook((view, day, position) => {
      const { date, epoch, opensAtUs, closesAtUs, minute, minutes, barCount } = view;
      expect({ date, epoch, opensAtUs, closesAtUs, minute, minutes, barCount }).toEqual({
        date: "2024-01-03",
        epoch: EPOCH,
        opensAtUs: OPEN_US,
        closesAtUs: OPEN_US + day.minutes * MINUTE_US,
        minute: Math.floor(position / day.symbols),
        minutes: day.minutes,
        barCount: day.bars.slice(0, position).filter((bar) => bar !== undefined).length,
      });
    });
  });

  it("counts each symbol's quality, and all of them together", () => {
    eachLook((view, day, position) => {
      const expected = Array.from({ length: day.symbols }, (_, symbol) => qualityOf(day, symbol, position));
      const { symbols, mean, worst, outagesUs } = view.quality();
      expect(symbols).toEqual(expected);
      expect(expected.map(({ symbol }) => view.quality(symbol))).toEqual(expected);
      const judged = expected.filter(({ percent }) => percent !== null);
      const sum = judged.reduce((total, { percent }) => total + percent!, 0);
      expect(mean).toEqual(judged.length === 0 ? null : sum / judged.length);
      const least = Math.min(...judged.map(({ percent }) => percent!));
      expect(worst).toEqual(
        judged.length === 0 ? null : { symbol: judged.find((q) => q.percent === least)!.symbol, percent: least },
      );
      expect(outagesUs).toEqual(outagesOf(day, position));
    });
  });

  it("lists the gaps, the one at its place as open", () => {
    eachLook((view, day, position) => {
      const expected = Array.from({ length: day.symbols }, (_, symbol) =>
        gapsOf(day, symbol, position).map(([start, end]) => ({
          symbol: `S${symbol}`,
          startUs: OPEN_US + start * MINUTE_US,
          endUs: OPEN_US + end * MINUTE_US,
          bars: end - start,
          open: end === passedOf(day, symbol, position).length,
        })),
      );
      expect(view.gaps()).toEqual(expected.flat());
      expected.forEach((gaps, symbol) => expect(view.gaps(`S${symbol}`)).toEqual(gaps));
    });
  });

  it("shows the base bars that have passed, fills included, and where each was read", () => {
    eachLook((view, day, position) => {
      for (let symbol = 0; symbol < day.symbols; symbol++) {
        const there = passedOf(day, symbol, position).filter(({ origin }) => origin !== ORIGIN.empty);
        const { startUs, open, high, low, close, volume, origin, n, m, status } = view.bars(`S${symbol}`);
        expect([...startUs]).toEqual(there.map(({ minute }) => OPEN_US + minute * MINUTE_US));
        expect([...open.keys()].map((i) => [open[i], high[i], low[i], close[i], volume[i]])).toEqual(
          there.map(({ bar }) => [bar!.open, bar!.high, bar!.low, bar!.close, bar!.volume]),
        );
        expect(origin).toEqual(there.map((slot) => ORIGINS[slot.origin]));
        expect([[...n], [...m], status]).toEqual([there.map(() => 1), there.map(() => 1), there.map(() => "complete")]);
        for (let minute = 0; minute < day.minutes; minute++) {
          const slot = minute * day.symbols + symbol;
          const bar = slot < position ? day.bars[slot] : undefined;
          expect(view.source(`S${symbol}`, OPEN_US + minute * MINUTE_US)).toEqual(
            bar ? { file: `file${symbol}.parquet`, row: slot, rowGroup: 0, flags: marksOf(bar) } : null,
          );
        }
      }
    });
  });

  it("shows the derived bars that are finished, and no other", () => {
    eachLook((view, day, position) => {
      for (const interval of day.intervals) {
        for (let symbol = 0; symbol < day.symbols; symbol++) {
          const passed = passedOf(day, symbol, position);
          const expected: unknown[] = [];
          for (let first = 0; first < day.minutes; first += interval) {
            const end = Math.min(first + interval, day.minutes);
            const sources = passed.slice(first, end).flatMap(({ bar }) => bar ?? []);
            if (passed.length < end || sources.length === 0) continue;
            const whole = end - first < interval ? "stub" : "complete";
            expected.push([
              OPEN_US + first * MINUTE_US,
              sources[0].open,
              Math.max(...sources.map(({ high }) => high)),
              Math.min(...sources.map(({ low }) => low)),
              sources.at(-1)!.close,
              sources.reduce((sum, { volume }) => sum + volume, 0),
              sources.length,
              end - first,
              sources.length < end - first ? "incomplete" : whole,
              "derived",
            ]);
          }
          const bars = view.bars(`S${symbol}`, `${interval}m`);
          const { startUs, open, high, low, close, volume, n, m, status, origin } = bars;
          expect(
            [...startUs].map((us, i) => [
              us,
              open[i],
              high[i],
              low[i],
              close[i],
              volume[i],
              n[i],
              m[i],
              status[i],
              origin[i],
            ]),
          ).toEqual(expected);
          expect([bars.symbol, bars.intervalMinutes]).toEqual([`S${symbol}`, interval]);
        }
      }
    });
  });

  it("tells what each minute came to, and the rows that led there", () => {
    eachLook((view, day, position) => {
      const rows = Array.from({ length: Math.ceil(position / day.symbols) }, (_, minute) => ({
        startUs: OPEN_US + minute * MINUTE_US,
        slots: Array.from({ length: day.symbols }, (_, symbol) => minuteOf(day, minute, symbol, position)),
      }));
      expect(view.minuteRows(1000)).toEqual(rows);
      expect(view.minuteRows(2)).toEqual(rows.slice(-2));
      for (let symbol = 0; symbol < day.symbols; symbol++) {
        const due = passedOf(day, symbol, position).length;
        const own = rows.slice(0, due).map(({ startUs, slots }) => ({ startUs, slots: [slots[symbol]] }));
        expect(view.minuteRows(3, `S${symbol}`)).toEqual(own.slice(-3));
        const states = ["not due", "streamed", "filled", "missing"];
        const all = Array.from({ length: day.minutes }, (_, m) => (m < due ? rows[m].slots[symbol].state : "not due"));
        expect([...view.minuteStates(`S${symbol}`)]).toEqual(all.map((state) => states.indexOf(state)));
      }
    });
  });

  it("gives numbers as conditions see them", () => {
    eachLook((view, day, position) => {
      for (let symbol = 0; symbol < day.symbols; symbol++)
        for (const measure of MEASURES)
          expect([measure, view.value(`S${symbol}`, measure)]).toEqual([
            measure,
            measureOf(day, symbol, position, measure),
          ]);
    });
  });

  it("has the events and the digest of having stopped there the first time", () => {
    eachLook((view, day, position) => {
      const stopped = loadedSegment(day);
      playTo(day, stopped, position);
      const plan = planOf(day);
      expect(view.digest()).toBe(dayDigest(plan, EPOCH, stopped, position, 0));
      expect(view.events()).toEqual(nameFiles(dayEvents(plan, EPOCH, stopped, position, 0), FILES));
    });
  });
});

function minuteOf(day: RandomDay, minute: number, symbol: number, position: number): MinuteSlot {
  const passed = passedOf(day, symbol, position).find((slot) => slot.minute === minute);
  const nothing = { close: null, volume: null, classes: {}, file: null, row: null };
  if (!passed) return { symbol: `S${symbol}`, state: "not due", ...nothing };
  const classes: Record<string, number> = passed.origin === ORIGIN.streamed ? { streamed: 1 } : {};
  const others = day.entries.filter((entry) => entry.symbol === symbol && entry.minute === minute);
  for (const { rowClass, count } of others) classes[rowClass] = (classes[rowClass] ?? 0) + count;
  const row = others.find(({ rowClass }) => !FILTERED.includes(rowClass));
  const from =
    passed.origin === ORIGIN.streamed
      ? { file: `file${symbol}.parquet`, row: passed.slot }
      : row
        ? { file: `file${row.file}.parquet`, row: row.row }
        : { file: null, row: null };
  return {
    symbol: `S${symbol}`,
    state: passed.origin === ORIGIN.streamed ? "streamed" : passed.origin === ORIGIN.empty ? "missing" : "filled",
    close: passed.bar?.close ?? null,
    volume: passed.bar?.volume ?? null,
    classes,
    ...from,
  };
}

/** A day with a bar of each symbol in those minutes. */
function dayOf(minutes: number, has: readonly ((minute: number) => boolean)[]): RandomDay {
  const symbols = has.length;
  const bars = Array.from({ length: minutes * symbols }, (_, slot) => {
    const minute = Math.floor(slot / symbols);
    return has[slot % symbols](minute) ? { open: 1, high: 2, low: 1, close: 2, volume: 3 } : undefined;
  });
  return { symbols, minutes, bars, others: [], entries: [], unread: has.map(() => 0), intervals: [], fillMode: "none" };
}

describe("a view", () => {
  it("calls no gap open once the day has been forced to its close", () => {
    const day = dayOf(30, [(minute) => minute < 27, () => true]);
    const segment = loadedSegment(day);
    playTo(day, segment, day.bars.length);
    const open = viewOf(day, segment, day.bars.length);
    const over = viewOf(day, segment, day.bars.length, { completedSteps: STEP.forceClose });
    expect(open.gaps().some((gap) => gap.open)).toBe(true);
    expect(over.gaps().map((gap) => gap.open)).not.toContain(true);
    expect(over.quality().symbols).toEqual(
      Array.from({ length: day.symbols }, (_, symbol) => qualityOf(day, symbol, day.bars.length, true)),
    );
  });

  it("returns copies: what is shown does not change when the day goes on", () => {
    const day = oneDay();
    const segment = loadedSegment(day);
    playTo(day, segment, day.symbols * 3);
    const bars = viewOf(day, segment, day.symbols * 3).bars("S0");
    const before = structuredClone(bars);
    segmentGrid(segment).bars.close.fill(-1);
    expect(bars).toEqual(before);
  });

  it("shows a day that has not begun as nothing due", () => {
    const day = oneDay();
    const view = viewOf(day, loadedSegment(day), 0, { segment: undefined });
    const played = loadedSegment(day);
    playTo(day, played, 0);
    const begun = viewOf(day, played, 0);
    expect(view.quality()).toEqual(begun.quality());
    expect(view.gaps()).toEqual([]);
    expect(view.bars("S0", day.intervals[0] ?? 1).startUs).toHaveLength(0);
    expect(view.source("S0", OPEN_US)).toBeNull();
    expect(view.minuteRows(5)).toEqual([]);
    expect([...view.minuteStates("S0")]).toEqual(new Array(day.minutes).fill(0));
    expect(MEASURES.map((measure) => view.value("S0", measure))).toEqual(
      MEASURES.map((measure) => begun.value("S0", measure)),
    );
    expect(view.events()).toEqual([]);
    expect(view.barCount).toBe(0);
    expect(view.digest()).toBe(dayDigest(planOf(day), EPOCH, undefined, 0, 0));
  });

  it("shows nothing of a plan without sessions", () => {
    const day = oneDay();
    const plan = { ...planOf(day), sessions: [] };
    const view = viewOf(day, loadedSegment(day), 0, { plan, segment: undefined, epoch: 0 });
    expect([view.date, view.minutes, view.barCount]).toEqual(["", 0, 0]);
    expect(view.quality().mean).toBeNull();
    expect(view.bars("S0").startUs).toHaveLength(0);
    expect(view.digest()).toBe(runDigest([]));
  });

  it("says nothing of the minutes of a symbol that was left out, and does not judge it", () => {
    const day = { ...dayOf(30, [() => true, () => false, (minute) => minute > 3]), unread: [0, 7, 0] };
    const segment = loadedSegment(day);
    leaveOut(segment, 1);
    playTo(day, segment, 90);
    const view = viewOf(day, segment, 90);
    const nothing = { due: 0, observed: 0, missing: 0, gaps: 0, longestGap: 0, openGap: 0 };
    expect(view.quality("S1")).toMatchObject({ absent: true, percent: null, percent30: null, ...nothing });
    expect(view.quality().symbols[1]).toEqual(view.quality("S1"));
    expect(view.quality()).toMatchObject({ mean: (100 + (26 / 30) * 100) / 2, worst: { symbol: "S2" } });
    expect(view.gaps().map(({ symbol }) => symbol)).toEqual(["S2"]);
    expect([...view.minuteStates("S1")]).toEqual(new Array(30).fill(0));
    expect(view.minuteRows(1)[0].slots.map(({ state }) => state)).toEqual(["streamed", "not due", "streamed"]);
    expect([view.value("S1", "quality"), view.value("S1", "quality30")]).toEqual([null, null]);
    expect(view.events().filter((event) => "symbol" in event && event.symbol === "S1")).toEqual([]);
  });

  it("of a closed day agrees with its record", () => {
    fc.assert(
      fc.property(randomDays(), fc.nat({ max: 3 }), (day, left) => {
        const plan = planOf(day);
        const segment = loadedSegment(day);
        const hasBars = day.bars.some((bar, slot) => bar !== undefined && slot % day.symbols === left);
        if (left < day.symbols && !hasBars) leaveOut(segment, left);
        playTo(day, segment, day.bars.length);
        const record = unpackRecord(plan, packRecord(plan, EPOCH, segment, 0, ""));
        const view = viewOf(day, segment, day.bars.length, { completedSteps: STEP.record });
        const { symbols, outagesUs } = view.quality();
        expect(outagesUs).toEqual(record.outagesUs);
        symbols.forEach((shown, i) => {
          const { gaps, quality, quality30, ...rest } = record.symbols[i];
          const { symbol, due, observed, missing, filled, longestGap } = rest;
          const { open, high, low, last, volume, duplicates, conflicts, rejected } = rest;
          expect(shown).toMatchObject({ symbol, due, observed, missing, filled, longestGap, gaps: gaps.length });
          expect(shown).toMatchObject({ percent: quality, percent30: quality30, duplicates, conflicts, rejected });
          expect(shown).toMatchObject({ open, high, low, last, volume });
          expect(view.gaps(symbol).map(({ startUs, endUs, bars }) => ({ startUs, endUs, bars }))).toEqual(gaps);
        });
      }),
    );
  });

  it("says what is wrong with a symbol, and which is meant", () => {
    const day = oneDay();
    const view = viewOf(day, loadedSegment(day), 0);
    expect(() => view.quality("S11")).toThrow('there is no symbol "S11" in this session');
    expect(() => view.bars("S11")).toThrow(expect.objectContaining({ hint: "did you mean S1?" }));
    expect(() => view.minuteRows(-1)).toThrow("-1 is no number of rows");
  });

  it("says so when its place cannot be read any more", () => {
    const day = oneDay();
    const view = viewOf(day, loadedSegment(day), 0, { expired: () => "the session has gone back" });
    expect(view.minutes).toBe(day.minutes);
    for (const read of [() => view.quality(), () => view.bars("S0"), () => view.digest(), () => view.barCount])
      expect(read).toThrow("the session has gone back");
  });
});
