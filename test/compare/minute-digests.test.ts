import fc from "fast-check";
import { expect, it } from "vitest";
import { minuteDigests } from "../../src/engine/compare/minute-digests.js";
import { packBars, unpackBars } from "../../src/engine/compare/pack-bars.js";
import { takeDay } from "../../src/engine/compare/run-day.js";
import { segmentDerived, segmentGrid, type Segment } from "../../src/engine/memory/segment.js";
import { dayDigest } from "../../src/engine/work/digest.js";
import { loadedSegment, EPOCH, planOf, playTo, randomDays } from "../work/random-day.js";

const digests = (segment: Segment, position: number): string[] =>
  minuteDigests(segmentGrid(segment), segmentDerived(segment), position);

const daysAt = randomDays().chain((day) =>
  fc.record({ day: fc.constant(day), position: fc.nat({ max: day.bars.length }), slot: fc.nat({ max: 9999 }) }),
);

it("there is a digest for each minute that has been passed, whatever lies ahead and however it was passed", () => {
  fc.assert(
    fc.property(daysAt, fc.array(fc.nat({ max: 100 })), ({ day, position }, cuts) => {
      const segment = loadedSegment(day);
      playTo(day, segment, day.bars.length);
      const all = digests(segment, day.bars.length);
      expect(all).toHaveLength(day.minutes);
      playTo(day, segment, position, cuts, 7);
      expect(digests(segment, position)).toEqual(all.slice(0, Math.floor(position / day.symbols)));
    }),
  );
});

it("one changed slot changes its own minute, and of the others only those in which a derived bar with it is finished", () => {
  fc.assert(
    fc.property(daysAt, fc.constantFrom("open", "high", "low", "close", "volume", "origin"), ({ day, slot }, what) => {
      const segment = loadedSegment(day);
      playTo(day, segment, day.bars.length);
      const before = digests(segment, day.bars.length);
      const at = slot % day.bars.length;
      if (what === "origin") segment.published.origin[at] = (segment.published.origin[at] + 1) % 4;
      else segment.published.bars[what as "open"][at] += 0.5;
      const after = digests(segment, day.bars.length);
      const changed = [...before.keys()].filter((minute) => before[minute] !== after[minute]);
      expect(changed).toEqual([Math.floor(at / day.symbols)]); // nothing has derived the bars again
    }),
  );
});

it("one changed derived bar changes the minute in which it was finished", () => {
  fc.assert(
    fc.property(daysAt, fc.constantFrom("low", "volume", "count", "status"), ({ day, slot }, what) => {
      fc.pre(day.intervals.length > 0);
      const segment = loadedSegment(day);
      playTo(day, segment, day.bars.length);
      const before = digests(segment, day.bars.length);
      const [derived] = segmentDerived(segment);
      const cell = slot % (derived.buckets * day.symbols);
      if (what === "count" || what === "status") derived[what][cell] ^= 1;
      else derived.bars[what as "low"][cell] += 0.5;
      const after = digests(segment, day.bars.length);
      const end = (Math.floor(cell / day.symbols) + 1) * derived.intervalMinutes;
      expect([...before.keys()].filter((minute) => before[minute] !== after[minute])).toEqual([
        Math.min(end, day.minutes) - 1,
      ]);
    }),
  );
});

it("a day that is taken has copies of what has been passed, its digest, and packs to the bit", async () => {
  await fc.assert(
    fc.asyncProperty(daysAt, async ({ day, position }) => {
      const plan = planOf(day);
      const segment = loadedSegment(day);
      playTo(day, segment, position, [], 5);
      const taken = takeDay(plan, EPOCH, segment, position, 0);
      expect(taken.digest).toBe(dayDigest(plan, EPOCH, segment, position, 0));
      const { minutes, symbols } = day;
      const text = await packBars(taken);
      expect(await unpackBars(text, { minutes, symbols, intervals: plan.intervals, position })).toEqual({
        grid: taken.grid,
        derived: taken.derived,
      });
      playTo(day, segment, 0); // the segment goes on to something else
      expect(await packBars(taken)).toBe(text);
      expect(minuteDigests(taken.grid, taken.derived, position)).toEqual(taken.minutes);
    }),
  );
});

it("bars of another shape than the text has are refused", async () => {
  await fc.assert(
    fc.asyncProperty(daysAt, async ({ day, position }) => {
      const segment = loadedSegment(day);
      playTo(day, segment, position);
      const text = await packBars(takeDay(planOf(day), EPOCH, segment, position, 0));
      const unpack = (slots: number): Promise<unknown> =>
        unpackBars(text, { minutes: day.minutes, symbols: day.symbols, intervals: day.intervals, position: slots });
      if (position > 0) await expect(unpack(position - 1)).rejects.toThrow();
      await expect(unpack(position + 1)).rejects.toThrow();
    }),
  );
});
