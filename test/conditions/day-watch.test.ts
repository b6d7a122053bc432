/** Conditions judged slot by slot, against straight code. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { COMPARISONS, MEASURES, type Atom, type Condition } from "../../src/engine/conditions/condition.js";
import { DayWatch, type WatchedDay } from "../../src/engine/conditions/day-watch.js";
import { parseCondition } from "../../src/engine/conditions/parse-condition.js";
import { segmentDerived, segmentGrid } from "../../src/engine/memory/segment.js";
import { loadedSegment, playTo, randomDays, type RandomDay } from "../work/random-day.js";
import { conditionOf, measureAtoms, placeAtoms, pulseAtoms } from "./random-conditions.js";
import { straightHits, straightLevel, straightValue } from "./straight-scan.js";
import { dayOf, symbolsOf } from "./watched-days.js";

const LIMITS = { mostSymbols: 4, mostMinutes: 50 };

/** A random day as upkeep leaves it after `position` slots. */
function played(day: RandomDay, position = day.bars.length, absent?: readonly boolean[]): WatchedDay {
  const segment = loadedSegment(day);
  playTo(day, segment, position);
  return {
    grid: segmentGrid(segment),
    derived: segmentDerived(segment),
    exceptions: segment.source.exceptions,
    exceptionCount: day.entries.length,
    ...(absent && { absent }),
  };
}

/** Numbers a measure really takes on, so that comparisons with them turn over within a day. */
const near = { quality: 100, quality30: 100, gap: 6, last: 12, high: 12, low: 12, volume: 1500 };

function someConditions(symbols: readonly string[]): fc.Arbitrary<Condition[]> {
  const measure = measureAtoms(symbols, (name) =>
    fc.oneof(fc.integer({ min: 0, max: near[name] }), fc.constantFrom(0, 50, 75, 100)),
  );
  const atoms: fc.Arbitrary<Atom[]> = fc.oneof(
    fc.array(measure, { minLength: 1, maxLength: 3 }),
    pulseAtoms(symbols),
    fc.tuple(pulseAtoms(symbols, 1), measure).map(([pulses, one]) => [one, ...pulses]),
  );
  return fc.array(atoms.map(conditionOf), { minLength: 1, maxLength: 6 });
}

const daysWithConditions = randomDays(LIMITS).chain((day) =>
  fc.record({
    day: fc.constant(day),
    conditions: someConditions(symbolsOf(day.symbols)),
    absent: fc.option(fc.array(fc.boolean(), { minLength: day.symbols, maxLength: day.symbols }), { nil: undefined }),
    calls: fc.array(fc.nat({ max: 2 * LIMITS.mostSymbols }), { maxLength: 40 }),
  }),
);

/** All hits of each condition. */
function hitsOf(watch: DayWatch, slots: number, count: number): number[][] {
  const hits = Array.from({ length: count }, (): number[] => []);
  while (watch.position < slots) {
    const slot = watch.position;
    for (const i of watch.pass()) hits[i].push(slot);
  }
  return hits;
}

it("every hit of every condition is where straight code says", () => {
  let hitCount = 0;
  fc.assert(
    fc.property(daysWithConditions, ({ day, conditions, absent }) => {
      const symbols = symbolsOf(day.symbols);
      const watched = played(day, undefined, absent);
      const hits = hitsOf(new DayWatch(symbols, watched, conditions), day.bars.length, conditions.length);
      const expected = conditions.map((condition) => straightHits(watched, symbols, condition));
      hitCount += expected.flat().length;
      expect(hits).toEqual(expected);
    }),
    { numRuns: 300 },
  );
  expect(hitCount).toBeGreaterThan(1000);
});

it("hits do not depend on how the slots before were passed", () => {
  fc.assert(
    fc.property(daysWithConditions, ({ day, conditions, calls }) => {
      const symbols = symbolsOf(day.symbols);
      const watched = played(day);
      const expected = conditions.map((condition) => straightHits(watched, symbols, condition));
      const watch = new DayWatch(symbols, watched, conditions);
      for (const [i, call] of calls.entries()) {
        const slot = watch.position;
        if (slot === day.bars.length) break;
        if (i % 2 === 0) watch.passTo(Math.min(slot + call, day.bars.length));
        else expect([...watch.pass()]).toEqual(expected.flatMap((hits, c) => (hits.includes(slot) ? [c] : [])));
      }
      const from = watch.position;
      expect(hitsOf(watch, day.bars.length, conditions.length)).toEqual(
        expected.map((hits) => hits.filter((slot) => slot >= from)),
      );
    }),
    { numRuns: 200 },
  );
});

it("reads nothing ahead of the slots passed", () => {
  fc.assert(
    fc.property(daysWithConditions, fc.nat(), ({ day, conditions }, at) => {
      const symbols = symbolsOf(day.symbols);
      const position = at % (day.bars.length + 1);
      const whole = new DayWatch(symbols, played(day), conditions);
      const part = new DayWatch(symbols, played(day, position), conditions);
      while (part.position < position) expect([...part.pass()]).toEqual([...whole.pass()]);
      for (const [i] of conditions.entries()) expect(part.holds(i)).toBe(whole.holds(i));
    }),
    { numRuns: 100 },
  );
});

it("its numbers and levels are those of the slots passed", () => {
  fc.assert(
    fc.property(daysWithConditions, fc.nat(), ({ day, conditions, absent }, at) => {
      const symbols = symbolsOf(day.symbols);
      const watched = played(day, undefined, absent);
      const position = at % (day.bars.length + 1);
      const watch = new DayWatch(symbols, watched, conditions);
      watch.passTo(position);
      expect(watch.position).toBe(position);
      for (const measure of MEASURES)
        symbols.forEach((_, s) => expect(watch.value(s, measure)).toBe(straightValue(watched, s, measure, position)));
      conditions.forEach((condition, i) => {
        const lasts = condition.atoms.every(({ kind }) => kind === "measure");
        expect(watch.holds(i)).toBe(lasts && straightLevel(watched, symbols, condition, position));
      });
    }),
    { numRuns: 200 },
  );
});

it("of a condition with place atoms the data atoms alone count", () => {
  fc.assert(
    fc.property(randomDays(LIMITS), placeAtoms, fc.constantFrom(...COMPARISONS), (day, places, comparison) => {
      const symbols = symbolsOf(day.symbols);
      const atom: Atom = { kind: "measure", symbol: undefined, measure: "gap", comparison, value: 2 };
      const watch = new DayWatch(symbols, played(day), [conditionOf([...places, atom]), conditionOf([atom])]);
      while (watch.position < day.bars.length) {
        const hits = watch.pass();
        expect(hits.includes(0)).toBe(hits.includes(1));
        expect(watch.holds(0)).toBe(watch.holds(1));
      }
      expect(new DayWatch(symbols, played(day), [conditionOf(places)]).holds(0)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

// ---- days by hand: `x` a bar, `.` none, `f` a fill ----

function hits(day: WatchedDay, text: string): number[] {
  const symbols = symbolsOf(day.grid.symbols);
  const watch = new DayWatch(symbols, day, [parseCondition(text, { symbols })]);
  return hitsOf(watch, day.grid.minutes * day.grid.symbols, 1)[0];
}

it("a condition hits when it becomes true, not while it stays true, and again after it was not", () => {
  expect(hits(dayOf("x....x..x..."), "gap>=2")).toEqual([2, 7, 10]);
  expect(hits(dayOf("x....x..x..."), "gap=2")).toEqual([2, 7, 10]);
  expect(hits(dayOf("...x"), "gap>=1")).toEqual([0]);
});

it("each symbol has its own edge", () => {
  expect(hits(dayOf("x..x..", ".....x"), "gap>=2")).toEqual([4, 3, 10].toSorted((a, b) => a - b));
  expect(hits(dayOf("x..x..", ".....x"), "S1.gap>=2")).toEqual([3]);
});

it("atoms on two symbols are judged at the slots of both", () => {
  // S0 is gone from minute 1, S1 from minute 0 but for minute 2.
  expect(hits(dayOf("x.....", "..x..."), "S0.gap>=1 and S1.gap>=1")).toEqual([2, 7]);
});

it("quality is unknown before 20 due minutes", () => {
  expect(hits(dayOf(".".repeat(25)), "quality<95")).toEqual([19]);
  expect(hits(dayOf(`${"x".repeat(30)}${".".repeat(10)}`), "quality30<90")).toEqual([33]);
});

it("an absent symbol has no quality to fall", () => {
  const day = dayOf("x".repeat(25), ".".repeat(25));
  expect(hits(day, "quality<95")).toEqual([39]);
  expect(hits({ ...day, absent: [false, true] }, "quality<95")).toEqual([]);
});

it("what happens at a slot hits each time", () => {
  expect(hits(dayOf("xff.f"), "fill")).toEqual([1, 2, 4]);
  expect(hits(dayOf("xff.f"), "fill and gap>=2")).toEqual([2, 4]);
  expect(hits(dayOf("x.x"), "class=streamed")).toEqual([0, 2]);
});

it("going back, or beyond the day, is a bug", () => {
  const watch = new DayWatch(["S0"], dayOf("xx"), []);
  watch.passTo(2);
  expect(() => watch.passTo(1)).toThrow("no way from slot 2 to 1");
  expect(() => watch.passTo(3)).toThrow("no way");
  expect(() => watch.pass()).toThrow("the day is over");
});
