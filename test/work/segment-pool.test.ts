/** Which segment a day is decoded into: kept days are found again, and none in use is handed out. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createControlMemory } from "../../src/engine/memory/control.js";
import { attachSegment, createSegments } from "../../src/engine/memory/segment.js";
import { segmentCount, segmentShapeOf } from "../../src/engine/plan.js";
import type { UpkeepWork } from "../../src/engine/protocol/upkeep.js";
import { LOAD, loadWord, W, type Words } from "../../src/engine/protocol/words.js";
import { PlainWords } from "../../src/engine/sync/plain-words.js";
import { createUpkeepWork } from "../../src/engine/work/upkeep-work.js";
import { syntheticPlan } from "../fixtures/synthetic-plan.js";

const SESSIONS = 8;

/** Upkeep's work with the few words the pool looks at, moved as the protocol moves them. */
class Pool {
  readonly words: Words = new PlainWords(createControlMemory());
  readonly work: UpkeepWork;
  readonly segments: number;

  constructor(keepDays: number, sessions = SESSIONS) {
    const plan = syntheticPlan({ seed: 1, symbols: 1, sessions, minutes: 2, missing: 0 }, { keepDays, intervals: [] });
    this.segments = segmentCount(plan);
    const shape = segmentShapeOf(plan);
    const segments = createSegments(shape, this.segments).map((buffer, i) => attachSegment(buffer, shape, i));
    this.work = createUpkeepWork(this.words, plan, segments, { recorded: () => {}, hits: () => {} });
  }

  /** Asks for a session: its load slot names the segment chosen for it. */
  ask(epoch: number): number {
    const segment = this.work.chooseSegment(epoch);
    this.words.store(W.loadEpoch0 + (epoch % 2), epoch);
    this.words.store(W.loadSegment0 + (epoch % 2), segment);
    this.words.store(W.load0 + (epoch % 2), loadWord(LOAD.requested, 0));
    return segment;
  }

  ready(epoch: number): void {
    this.words.store(W.load0 + (epoch % 2), loadWord(LOAD.ready, 0));
  }

  /** Gives the load slot of a session up, as a seek does. */
  giveUp(epoch: number): void {
    const slot = epoch % 2;
    const isReady = this.words.load(W.load0 + slot) === loadWord(LOAD.ready, 0);
    this.work.releaseLoad(this.words.load(W.loadSegment0 + slot), epoch, isReady);
    this.words.store(W.load0 + slot, loadWord(LOAD.empty, 0));
  }

  /** Begins a session whose load is ready. */
  begin(epoch: number): number {
    const segment = this.words.load(W.loadSegment0 + (epoch % 2));
    this.work.activate(epoch, segment);
    this.words.store(W.load0 + (epoch % 2), loadWord(LOAD.empty, 0));
    this.words.store(W.active, 1);
    return segment;
  }

  end(): void {
    this.words.store(W.active, 0);
  }

  /** Replays a session with the next one being loaded meanwhile. */
  day(epoch: number): number {
    if (this.words.load(W.load0 + (epoch % 2)) === loadWord(LOAD.empty, 0)) this.ask(epoch);
    this.ready(epoch);
    const segment = this.begin(epoch);
    if (epoch + 1 < SESSIONS) this.ask(epoch + 1);
    this.end();
    return segment;
  }
}

it("takes a segment that has held nothing while there is one", () => {
  const pool = new Pool(3);
  expect([0, 1, 2, 3].map((epoch) => pool.day(epoch))).toEqual([0, 1, 2, 3]);
});

it("finds the kept days again, and the one used longest ago is the first to go", () => {
  const pool = new Pool(3);
  const places = [0, 1, 2, 3].map((epoch) => pool.day(epoch));
  pool.ready(4);
  pool.giveUp(4);
  // Five segments: 0 … 3 as closed days and 4, loaded and not begun.
  for (const epoch of [3, 1, 2, 0]) expect(pool.work.chooseSegment(epoch)).toBe(places[epoch]);
  expect(pool.work.chooseSegment(4)).toBe(4);
  expect(pool.work.chooseSegment(5)).toBe(places[0]);
});

it("a day used again is young again: the next one to go is another", () => {
  const pool = new Pool(3);
  const places = [0, 1, 2, 3].map((epoch) => pool.day(epoch));
  pool.ready(4);
  pool.giveUp(4);
  expect(pool.ask(0)).toBe(places[0]);
  pool.ready(0);
  pool.begin(0);
  pool.end();
  expect(pool.work.chooseSegment(5)).toBe(places[1]);
});

it("the present day is in use while it is active, and may go afterwards", () => {
  const pool = new Pool(0);
  pool.ask(0);
  pool.ready(0);
  const present = pool.begin(0);
  const next = pool.ask(1);
  expect(next).not.toBe(present);
  pool.ready(1);
  pool.end();
  expect(pool.work.chooseSegment(2)).toBe(present);
});

it("with no kept days there are two segments, taken in turn", () => {
  const pool = new Pool(0);
  expect(pool.segments).toBe(2);
  expect([0, 1, 2, 3, 4].map((epoch) => pool.day(epoch))).toEqual([0, 1, 0, 1, 0]);
});

it("a load that was given up before it was ready leaves its segment to the next one", () => {
  const pool = new Pool(3);
  const first = pool.ask(2);
  pool.giveUp(2);
  expect(pool.ask(5)).toBe(first);
  pool.giveUp(5);
  expect(pool.ask(2)).toBe(first);
});

it("a day whose segment was handed to another is not found in it any more", () => {
  const pool = new Pool(0);
  const zero = pool.day(0);
  pool.ready(1);
  pool.begin(1);
  expect(pool.ask(2)).toBe(zero);
  pool.ready(2);
  pool.end();
  expect(pool.work.chooseSegment(0)).not.toBe(zero);
});

it("giving up a load that was asked for again keeps the day the segment still holds", () => {
  const pool = new Pool(3);
  const zero = pool.day(0);
  pool.giveUp(1);
  expect(pool.ask(0)).toBe(zero);
  pool.giveUp(0);
  expect(pool.ask(0)).toBe(zero);
});

it("says so when all segments are in use", () => {
  const pool = new Pool(0);
  pool.ask(0);
  pool.ready(0);
  pool.begin(0);
  pool.ask(1);
  expect(() => pool.work.chooseSegment(2)).toThrow("no segment is free");
});

it("never hands out a segment in use, and never forgets a day it has not handed to another", () => {
  const action = fc.record({
    act: fc.constantFrom("run", "run", "seek", "seek-before-ready"),
    epoch: fc.nat({ max: SESSIONS - 1 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.array(action, { maxLength: 25 }), (keepDays, actions) => {
      const pool = new Pool(keepDays);
      /** What each segment holds, by the test's own book. */
      const holds = new Map<number, number>();
      const ask = (epoch: number, taken: number[]): number => {
        const before = [...holds].find(([, held]) => held === epoch)?.[0];
        const segment = pool.ask(epoch);
        expect(taken).not.toContain(segment);
        if (before !== undefined) expect(segment).toBe(before);
        else holds.delete(segment);
        return segment;
      };
      let asked: number | undefined;
      for (const { act, epoch } of actions) {
        if (asked !== undefined && asked !== epoch) {
          if (act === "seek") {
            pool.ready(asked);
            holds.set(pool.words.load(W.loadSegment0 + (asked % 2)), asked);
          }
          pool.giveUp(asked);
          asked = undefined;
        }
        if (asked === undefined) ask(epoch, []);
        pool.ready(epoch);
        const segment = pool.begin(epoch);
        holds.set(segment, epoch);
        asked = epoch + 1 < SESSIONS ? epoch + 1 : undefined;
        if (asked !== undefined) ask(asked, [segment]);
        pool.end();
      }
    }),
    { numRuns: 300 },
  );
});
