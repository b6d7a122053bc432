import { describe, expect, it } from "vitest";
import type { ControlEvent } from "../../src/engine/journal/control-log.js";
import { JOURNAL_KINDS, readJournal, type JournalOf } from "../../src/engine/journal/journal.js";
import { closedEpoch } from "../../src/engine/memory/segment.js";
import { shapeOf, type SessionPlan } from "../../src/engine/plan.js";
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { endPlace, positionPlace, stepPlace, type Place } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import type { JournalEntry, JournalFilter } from "../../src/engine/session/views.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { nameFiles } from "../../src/engine/work/day-events.js";
import { expectedEvents, openOf, planOf, plantDay, sourceOf, type PlantedDay } from "../work/planted-days.js";

const MINUTE_US = 60_000_000;
const SYMBOLS = ["AA", "BB", "CC"];
/** Whole days, one whose streams end early, one without a row. */
const DAYS = [plantDay(1, 22), plantDay(2, 25, 17), plantDay(3, 12, 0), plantDay(4, 20)];
const PLAN = planOf(DAYS, { fillMode: "forward" });
const SHAPE = shapeOf(PLAN);
const FILES = SYMBOLS.map((symbol) => ({ path: `${symbol}.parquet` }));
const ALL: JournalFilter = { last: 100_000 };

async function journalAt(goal: Place, plan: SessionPlan = PLAN): Promise<JournalOf> {
  const stage = createStage(plan, sourceOf(DAYS), { goal });
  await replay(stage);
  const { words, segments } = stage;
  const [phase, epoch, step] = [words.load(W.phase), words.load(W.epoch), words.load(W.step)];
  return {
    plan,
    files: FILES,
    epoch,
    segment: phase === PHASE.arming ? undefined : segments[words.load(W.loadSegment0 + (epoch % 2))],
    position: words.load(W.processed),
    completedSteps: phase === PHASE.streaming ? 0 : Math.max(step, STEP.drain) - 1,
    findSegment: (day) => segments.find((segment) => closedEpoch(segment) === day),
  };
}

/** Of a planted day, position after its last row with a bar. */
function handOverOf(day: PlantedDay): number {
  return Math.ceil((Math.max(-1, ...day.bars.keys()) + 1) / 3) * 3;
}

const startOf = (epoch: number, slot: number): number => openOf(epoch) + Math.floor(slot / 3) * MINUTE_US;
const clock = (us: number): string => new Date(us / 1000).toISOString().slice(11, 16);

/** Rows as the unfiltered journal has them, up to `position`. */
function rowsOf(epoch: number, position: number): { text: string; timeUs: number; position: number }[] {
  const end = Math.min(position, handOverOf(DAYS[epoch]));
  const rows = [];
  for (let first = 0; first < end; first += 3) {
    const there = SYMBOLS.filter((_, s) => first + s < end && DAYS[epoch].bars.has(first + s));
    const text = `row ${clock(startOf(epoch, first))} published: ${there.join(" ") || "no bars"}`;
    rows.push({ text, timeUs: startOf(epoch, first) + MINUTE_US, position: first });
  }
  return rows;
}

/** Complete derived bars up to `position`, forward fills counted as sources, as [interval, bucket, symbol, last slot]. */
function completeOf(epoch: number, position: number): [number, number, number, number][] {
  const found: [number, number, number, number][] = [];
  for (const interval of PLAN.intervals)
    for (let first = 0; first + interval <= DAYS[epoch].minutes; first += interval)
      for (let s = 0; s < 3; s++) {
        const last = (first + interval - 1) * 3 + s;
        // Filled from the session's first bar on.
        const begins = Math.min(...[...DAYS[epoch].bars.keys()].filter((slot) => slot % 3 === s));
        if (last < position && begins <= first * 3 + s) found.push([interval, first, s, last]);
      }
  return found;
}

describe("the data part of the journal", () => {
  it("has every event of the day, as it is, and in words", async () => {
    for (const epoch of DAYS.keys()) {
      const of = await journalAt(stepPlace(SHAPE, epoch, STEP.roll));
      const entries = readJournal(of, [], { ...ALL, bars: false }).filter(({ facts }) => facts.epoch === epoch);
      const expected = nameFiles(expectedEvents(PLAN, DAYS, epoch), FILES).filter(({ kind }) => kind !== "roll");
      expect(entries.map(({ facts }) => facts)).toEqual(expected);
      entries.forEach(({ id, kind, timeUs, symbol, date, control, text }, i) => {
        expect({ id, kind, timeUs }).toEqual({
          id: expected[i].id,
          kind: expected[i].kind,
          timeUs: expected[i].timeUs,
        });
        expect(symbol).toBe("symbol" in expected[i] ? expected[i].symbol : null);
        expect([date, control]).toEqual([PLAN.sessions[epoch].date, false]);
        expect(text).not.toMatch(/undefined|NaN|\[object/);
      });
    }
  });

  it("says each kind of event in words", async () => {
    const days = [plantDay(1, 30), plantDay(2, 25, 17), plantDay(3, 12, 0), plantDay(4, 20)];
    const of = await journalAt(stepPlace(SHAPE, 3, STEP.deactivate));
    const texts = readJournal(of, [], ALL).map(({ kind, text }) => `${kind}: ${text}`);
    expect(days).toHaveLength(4);
    const of1 = (kind: string): string => texts.find((text) => text.startsWith(`${kind}:`))!;
    expect(of1("load")).toBe("load: 2024-01-02 loaded");
    expect(of1("no-data")).toBe("no-data: no symbol has a row on 2024-01-04");
    expect(of1("gap")).toMatch(/^gap: [ABC]{2} gap 14:\d\d–14:\d\d, \d+ bars?$/);
    expect(of1("fill")).toMatch(/^fill: [ABC]{2} 14:\d\d forward-filled$/);
    expect(of1("rejected")).toMatch(/^rejected: ([ABC])\1 rejected \(\w+\): row \d+ of \1\1.parquet/);
    expect(of1("duplicate")).toMatch(/^duplicate: ([ABC])\1 duplicate: row \d+ of \1\1.parquet/);
    expect(of1("flagged")).toMatch(/^flagged: ([ABC])\1 flagged \w+(, \w+)*: row \d+ of \1\1.parquet$/);
    expect(of1("filtered")).toMatch(/^filtered: AA preMarket: 1 row left out$/);
    expect(of1("derived")).toMatch(/^derived: /);
    expect(texts).toContain("force-close: force-close: 14:47 → 14:55, all streams ended");
    expect(texts).toContain("roll: roll to 2024-01-03 14:30");
  });

  it("has a line a row while no symbol is asked for", async () => {
    for (const position of [0, 1, 14, 45]) {
      const of = await journalAt(positionPlace(1, position));
      const rows = readJournal(of, [], { ...ALL, kind: "row" }).filter(({ date }) => date === "2024-01-03");
      expect(rows.map(({ text, timeUs }) => ({ text, timeUs }))).toEqual(
        rowsOf(1, position).map(({ text, timeUs }) => ({ text, timeUs })),
      );
      expect(rows.map(({ id }) => id)).toEqual(rowsOf(1, position).map((row) => `1.${row.position}.100.0`));
    }
  });

  it("has a line a bar when a symbol is asked for, with where it was read", async () => {
    const of = await journalAt(positionPlace(1, 32));
    for (const [s, symbol] of SYMBOLS.entries()) {
      const bars = readJournal(of, [], { ...ALL, symbol, kind: "bar" }).filter(({ date }) => date === "2024-01-03");
      const slots = [...DAYS[1].bars.keys()].filter((slot) => slot < 32 && slot % 3 === s).sort((a, b) => a - b);
      expect(bars.map(({ id, text, facts }) => ({ id, text, facts }))).toEqual(
        slots.map((slot) => {
          const { close, volume } = DAYS[1].bars.get(slot)!;
          const startUs = startOf(1, slot);
          return {
            id: `1.${slot}.101.0`,
            text: `${symbol} ${clock(startUs)}: ${close} ${close} ${close} ${close}, volume ${volume}`,
            facts: {
              startUs,
              open: close,
              high: close,
              low: close,
              close,
              volume,
              file: `${symbol}.parquet`,
              row: slot,
            },
          };
        }),
      );
      const all = readJournal(of, [], { ...ALL, symbol });
      expect(new Set(all.map((entry) => entry.symbol))).toEqual(new Set([symbol]));
      expect(all.filter(({ kind }) => kind === "bar")).toEqual(readJournal(of, [], { ...ALL, symbol, kind: "bar" }));
    }
    const each = readJournal(of, [], { ...ALL, kind: "bar" }).filter(({ date }) => date === "2024-01-03");
    expect(each.map(({ facts }) => facts.row)).toEqual(
      [...DAYS[1].bars.keys()].filter((slot) => slot < 32).sort((a, b) => a - b),
    );
  });

  it("has the complete derived bars too: one line for all symbols, or one a symbol", async () => {
    for (const place of [positionPlace(1, 40), stepPlace(SHAPE, 1, STEP.record)]) {
      const of = await journalAt(place);
      const expected = completeOf(1, of.position);
      const each = readJournal(of, [], { ...ALL, kind: "derived" }).filter(
        ({ date, facts }) => date === "2024-01-03" && facts.status === "complete",
      );
      expect(each.map(({ id }) => id).sort()).toEqual(
        expected.map(([interval, , , last]) => `1.${last}.102.${PLAN.intervals.indexOf(interval)}`).sort(),
      );
      const lines = readJournal(of, [], ALL).filter(
        ({ date, kind, symbol }) => date === "2024-01-03" && kind === "derived" && symbol === null,
      );
      const buckets = new Map<string, string[]>();
      for (const [interval, first, s] of expected) {
        const key = `${interval}m ${clock(startOf(1, first * 3))} complete:`;
        buckets.set(key, [...(buckets.get(key) ?? []), SYMBOLS[s]]);
      }
      expect(lines.map(({ text }) => text).sort()).toEqual(
        [...buckets].map(([key, symbols]) => `${key} ${symbols.join(" ")}`).sort(),
      );
    }
  });

  it("leaves bars out when they are not wanted", async () => {
    const of = await journalAt(positionPlace(1, 40));
    const kinds = readJournal(of, [], { ...ALL, bars: false }).map(({ kind }) => kind);
    expect(kinds).not.toContain("row");
    const events = readJournal(of, [], ALL).filter(({ id }) => Number(id!.split(".")[2]) < 100);
    expect(readJournal(of, [], { ...ALL, bars: false })).toEqual(events);
  });

  it("has ids of its own for all it merges in, the same at every later place", async () => {
    const late = readJournal(await journalAt(stepPlace(SHAPE, 1, STEP.roll)), [], ALL);
    const ids = late.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const early = readJournal(await journalAt(positionPlace(1, 42)), [], ALL);
    const known = new Map(late.map((entry) => [entry.id, entry]));
    expect(early.length).toBeGreaterThan(100);
    for (const entry of early) expect(known.get(entry.id)).toEqual(entry);
  });

  it("is in the order of time, a row before what follows from it", async () => {
    for (const symbol of [undefined, ...SYMBOLS]) {
      const entries = readJournal(await journalAt(endPlace(SHAPE)), [], { ...ALL, symbol });
      const times = entries.map(({ timeUs }) => timeUs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      const gap = entries.findIndex(({ kind, facts }) => kind === "gap" && (facts.position as number) < 60);
      const { facts, date } = entries[gap];
      const bar = (facts.position as number) - (symbol === undefined ? (facts.position as number) % 3 : 0);
      const id = `${facts.epoch as number}.${bar}.${symbol === undefined ? 100 : 101}.0`;
      const published = entries.findIndex((entry) => entry.id === id && entry.date === date);
      expect(published).toBeGreaterThanOrEqual(0);
      expect(published).toBeLessThan(gap);
    }
  });

  it("is for any number of last entries the end of the whole", async () => {
    const filters: JournalFilter[] = [
      {},
      { symbol: "BB" },
      { kind: "gap" },
      { kind: "rejected" },
      { kind: "row" },
      { kind: "bar" },
      { kind: "derived" },
      { symbol: "AA", kind: "derived" },
      { symbol: "CC", kind: "fill" },
      { bars: false },
      { kind: "load" },
    ];
    for (const goal of [positionPlace(1, 43), stepPlace(SHAPE, 1, STEP.finalize), stepPlace(SHAPE, 3, STEP.load)]) {
      const of = await journalAt(goal);
      for (const filter of filters) {
        const whole = readJournal(of, [], { ...filter, ...ALL });
        for (const last of [0, 1, 2, 3, 5, 8, 13, 30, 77, 200])
          expect(readJournal(of, [], { ...filter, last })).toEqual(last === 0 ? [] : whole.slice(-last));
      }
    }
  });

  it("goes back over the days that are kept, and no further", async () => {
    const of = await journalAt(positionPlace(3, 6));
    const dates = [...new Set(readJournal(of, [], ALL).map(({ date }) => date))];
    expect(dates).toEqual(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]);
    const plan = planOf(DAYS, { fillMode: "forward", keepDays: 0 });
    const fewer = await journalAt(positionPlace(3, 6), plan);
    expect([...new Set(readJournal(fewer, [], ALL).map(({ date }) => date))]).toEqual(["2024-01-04", "2024-01-05"]);
    expect(readJournal(of, [])).toHaveLength(100);
  });

  it("shows of a day that has not begun only what was before it", async () => {
    const of = await journalAt(stepPlace(SHAPE, 1, STEP.load));
    expect(of.segment).toBeUndefined();
    expect(readJournal(of, [], ALL).at(-1)).toMatchObject({ kind: "roll", date: "2024-01-02" });
  });

  it("refuses symbols, kinds and numbers that there are not", async () => {
    const of = await journalAt(positionPlace(0, 6));
    expect(() => readJournal(of, [], { symbol: "AAA" })).toThrow('no symbol "AAA"');
    expect(() => readJournal(of, [], { kind: "gaps" })).toThrow(
      expect.objectContaining({ code: "usage", hint: expect.stringContaining("gap") }),
    );
    expect(() => readJournal(of, [], { last: -1 })).toThrow("last -1 is no number of entries");
    for (const kind of JOURNAL_KINDS) expect(() => readJournal(of, [], { kind })).not.toThrow();
  });
});

describe("control events in the journal", () => {
  const at = (epoch: number, ordinal: number, wallUs: number, more: Partial<ControlEvent> = {}): ControlEvent => ({
    thread: "main",
    kind: "command",
    text: `at ${wallUs}`,
    epoch,
    ordinal,
    timeUs: openOf(epoch),
    wallUs,
    facts: { client: "test" },
    ...more,
  });
  const words = (entries: readonly JournalEntry[]): string[] =>
    entries.map(({ control, text, id }) => (control ? text : id!));

  it("stand before the data that came after them, in the order of the clock", async () => {
    const of = await journalAt(positionPlace(0, 9));
    const control = [at(0, -2, 1), at(0, 0, 2), at(0, 3, 3), at(0, 9, 4)];
    const entries = words(readJournal(of, control, { ...ALL, kind: undefined }));
    const data = entries.filter((text) => !text.startsWith("at"));
    expect(data).toEqual(words(readJournal(of, [], ALL)));
    expect(entries.filter((text) => text.startsWith("at"))).toEqual(["at 1", "at 2", "at 3", "at 4"]);
    const before = (text: string): string => entries[entries.indexOf(text) + 1];
    expect([before("at 1"), before("at 2"), before("at 3")]).toEqual(["0.0.0.0", "0.0.100.0", "0.3.100.0"]);
    expect(entries.at(-1)).toBe("at 4");
    const [first] = readJournal(of, control, { kind: "command" });
    expect(first).toMatchObject({
      id: null,
      control: true,
      thread: "main",
      date: "2024-01-02",
      kind: "command",
      symbol: null,
      facts: { client: "test", wallUs: 1 },
    });
  });

  it("stand between the steps of the end of a day", async () => {
    const of = await journalAt(stepPlace(SHAPE, 1, STEP.roll));
    const place = (step: number): number => stepPlace(SHAPE, 1, step).ordinal;
    const control = [at(1, place(STEP.drain), 1), at(1, place(STEP.forceClose), 2), at(1, place(STEP.verify), 3)];
    const entries = readJournal(of, control, { ...ALL, bars: false });
    const shown = entries.filter(
      ({ kind, control }) => control || ["hand-over", "drain", "force-close", "finalize", "verify"].includes(kind),
    );
    const ofDay = shown.filter(({ date, control }) => control || date === "2024-01-03").slice(-8);
    expect(ofDay.map(({ kind, text, control }) => (control ? text : kind))).toEqual([
      "hand-over",
      "at 1",
      "drain",
      "at 2",
      "force-close",
      "finalize",
      "at 3",
      "verify",
    ]);
  });

  it("keep the order of the clock over a step back: what is shown of the data has happened since", async () => {
    const of = await journalAt(positionPlace(0, 9));
    const control = [at(0, 0, 1), at(0, 30, 2), at(0, 3, 3), at(0, 9, 4)];
    const entries = words(readJournal(of, control, ALL));
    const where = ["at 1", "at 2", "at 3", "at 4"].map((text) => entries.indexOf(text));
    expect(where).toEqual([...where].sort((a, b) => a - b));
    expect(entries[where[2] + 1]).toBe("0.3.100.0");
    expect(where[2]).toBe(where[1] + 1);
  });

  it("of other threads are kept between main's", async () => {
    const of = await journalAt(positionPlace(0, 9));
    const wrong = at(2, 30, 2, { thread: "prefetch", kind: "load" });
    const early = at(0, -2, 4, { thread: "upkeep", kind: "wait" });
    const entries = words(readJournal(of, [at(0, 0, 1), wrong, at(0, 6, 3), early, at(0, 9, 5)], ALL));
    const where = ["at 1", "at 2", "at 3", "at 4", "at 5"].map((text) => entries.indexOf(text));
    expect(where).toEqual([...where].sort((a, b) => a - b));
    expect([entries[where[2] + 1], entries[where[3] + 1]]).toEqual(["at 4", "0.6.100.0"]);
  });

  it("are left out when data alone is wanted, or a symbol", async () => {
    const of = await journalAt(positionPlace(0, 9));
    const control = [at(0, 0, 1), at(0, 9, 4)];
    expect(readJournal(of, control, { ...ALL, control: false })).toEqual(readJournal(of, [], ALL));
    expect(readJournal(of, control, { ...ALL, symbol: "AA" })).toEqual(readJournal(of, [], { ...ALL, symbol: "AA" }));
    expect(readJournal(of, control, { last: 1 }).map(({ text }) => text)).toEqual(["at 4"]);
  });
});
