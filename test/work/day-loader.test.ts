import fc from "fast-check";
import { expect, it } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { FLAG_PRESENT, type DaySource, type SourceDay } from "../../src/engine/market/bars.js";
import {
  attachSegment,
  beginSource,
  createSegments,
  exceptionCount,
  hasNoData,
  isLeftOut,
  segmentGrid,
  sourceEpoch,
  streamsEnd,
  type Segment,
} from "../../src/engine/memory/segment.js";
import { segmentShapeOf } from "../../src/engine/plan.js";
import { createDayLoader } from "../../src/engine/work/prefetch-work.js";
import { COLUMNS } from "../quality/random-grid.js";
import { EPOCH, oneDay, planOf, randomDays, writeDay, writeOthers, type RandomDay } from "./random-day.js";

/** A source that loads `day` as session `EPOCH`, fails when told, and counts. */
class CountingSource implements DaySource {
  readonly loads: number[] = [];
  fails = false;
  skipped: string[] = [];
  constructor(private readonly write: (into: SourceDay) => number) {}
  async load(epoch: number, into: SourceDay): ReturnType<DaySource["load"]> {
    this.loads.push(epoch);
    const count = epoch === EPOCH ? this.write(into) : 0;
    await Promise.resolve();
    if (this.fails) throw new DataError("test", "fails on purpose");
    const skipped = this.skipped.map((symbol) => ({ symbol, message: "unreadable" }));
    return { exceptionCount: count, fileClasses: [], notices: [], skipped };
  }
  async close(): Promise<void> {}
}

function sourceOf(day: RandomDay): CountingSource {
  return new CountingSource((into) => writeDay(day, into).exceptionCount);
}

function newSegment(day: RandomDay): Segment {
  const shape = segmentShapeOf(planOf(day));
  return attachSegment(createSegments(shape, 1)[0], shape, 0);
}

function sourceCopy(segment: Segment, day: RandomDay): unknown {
  const slots = day.bars.length;
  const { bars, flags, file, row, exceptions, classCount, causeCount, flagCount, atClosePrice, atCloseVolume } =
    segment.source;
  const columns = COLUMNS.map((column) => Array.from(bars[column].subarray(0, slots)));
  const rest = [
    flags.subarray(0, slots),
    file.subarray(0, slots),
    row.subarray(0, slots),
    exceptions,
    classCount,
    causeCount,
    flagCount,
  ];
  return [columns, rest.map((array) => Array.from(array)), Array.from(atClosePrice), Array.from(atCloseVolume)];
}

it("a segment that holds the session is not read into again", async () => {
  const day = oneDay();
  const [source, segment] = [sourceOf(day), newSegment(day)];
  const { load } = createDayLoader(planOf(day), source);
  expect(await load(EPOCH, segment)).toMatchObject({ exceptionCount: day.entries.length });
  const held = sourceCopy(segment, day);
  expect(await load(EPOCH, segment)).toBeUndefined();
  expect(source.loads).toEqual([EPOCH]);
  expect(sourceCopy(segment, day)).toEqual(held);
  await load(0, segment);
  expect(sourceEpoch(segment)).toBe(0);
  await load(EPOCH, segment);
  expect(source.loads).toEqual([EPOCH, 0, EPOCH]);
});

it("another day leaves nothing of itself behind in the segment", async () => {
  await fc.assert(
    fc.asyncProperty(randomDays(), randomDays(), async (day, before) => {
      fc.pre(before.symbols === day.symbols && before.minutes <= day.minutes + 3);
      const plan = planOf(day, { mostExceptions: 20 });
      const shape = segmentShapeOf(plan);
      const segments = createSegments(shape, 2).map((buffer, i) => attachSegment(buffer, shape, i));
      const { load } = createDayLoader(plan, sourceOf(day));
      const used = segments[0];
      writeDay(before, beginSource(used, before.minutes));
      await load(EPOCH, used);
      await load(EPOCH, segments[1]);
      // The list is cut by its count; what lies behind that may be anything.
      used.source.exceptions.fill(0, day.entries.length * 4);
      expect(sourceCopy(used, day)).toEqual(sourceCopy(segments[1], day));
      expect(segmentGrid(used).minutes).toBe(day.minutes);
    }),
  );
});

it("the streams end in the minute after the last bar of any symbol, or at the open when there is none", async () => {
  await fc.assert(
    fc.asyncProperty(randomDays(), async (day) => {
      const segment = newSegment(day);
      await createDayLoader(planOf(day), sourceOf(day)).load(EPOCH, segment);
      const minutes = day.bars.map((bar, slot) => (bar ? Math.floor(slot / day.symbols) + 1 : 0));
      expect(streamsEnd(segment)).toBe(Math.max(0, ...minutes));
      expect(exceptionCount(segment)).toBe(day.entries.length);
      expect(sourceEpoch(segment)).toBe(EPOCH);
    }),
  );
});

it("a row that came to nothing does not keep its stream open", async () => {
  const day = oneDay();
  const segment = newSegment(day);
  const marked = new CountingSource((into) => {
    into.flags.fill(~FLAG_PRESENT & 0xff, 0, day.bars.length);
    into.flags[0] = FLAG_PRESENT;
    return 0;
  });
  await createDayLoader(planOf(day), marked).load(EPOCH, segment);
  expect(streamsEnd(segment)).toBe(1);
});

it("a session has no data when the plan counted no row of any symbol on it", async () => {
  const day = oneDay();
  const segment = newSegment(day);
  const plan = planOf(day);
  const rows = [...plan.sessions[EPOCH].rows.slice(1).map(() => 0), 1];
  const sessions = plan.sessions.map((session, epoch) => (epoch === EPOCH ? { ...session, rows } : session));
  const { load } = createDayLoader({ ...plan, sessions }, sourceOf(day));
  await load(0, segment);
  expect(hasNoData(segment)).toBe(true);
  await load(EPOCH, segment);
  expect(hasNoData(segment)).toBe(false);
});

it("a session whose symbols are left out is not one without data, and the next load forgets who was left out", async () => {
  const day = oneDay();
  const [source, segment] = [sourceOf(day), newSegment(day)];
  const plan = planOf(day);
  const { load } = createDayLoader(plan, source);
  source.skipped = [plan.symbols[1]];
  await load(0, segment);
  expect(plan.symbols.map((_, symbol) => isLeftOut(segment, symbol))).toEqual(plan.symbols.map((_, i) => i === 1));
  expect(hasNoData(segment)).toBe(false);
  source.skipped = [];
  await load(EPOCH, segment);
  expect(plan.symbols.some((_, symbol) => isLeftOut(segment, symbol))).toBe(false);
  await load(0, segment);
  expect(hasNoData(segment)).toBe(true);
});

it("a load that fails leaves the segment holding nothing, and the next one reads again", async () => {
  const day = oneDay();
  const [source, segment] = [sourceOf(day), newSegment(day)];
  const { load } = createDayLoader(planOf(day), source);
  await load(EPOCH, segment);
  expect([streamsEnd(segment), exceptionCount(segment)].every((n) => n > 0)).toBe(true);
  source.fails = true;
  await expect(load(0, segment)).rejects.toThrow("fails on purpose");
  expect([sourceEpoch(segment), streamsEnd(segment), exceptionCount(segment)]).toEqual([-1, 0, 0]);
  source.fails = false;
  await load(EPOCH, segment);
  expect(sourceEpoch(segment)).toBe(EPOCH);
  expect(source.loads).toEqual([EPOCH, 0, EPOCH]);
});

it("a session the second source has nothing of is not filled from the one before it", async () => {
  const day: RandomDay = { ...oneDay(), fillMode: "source" };
  const segment = newSegment(day);
  const fill = new CountingSource((into) => {
    writeOthers(day, into);
    return 0;
  });
  const { load } = createDayLoader(planOf(day), sourceOf(day), fill);
  await load(EPOCH, segment);
  expect(segment.fill?.flags.some((flags) => flags > 0)).toBe(true);
  await load(0, segment);
  expect(segment.fill?.flags.every((flags) => flags === 0)).toBe(true);
});

it("while a load runs the segment holds nothing", async () => {
  const day = oneDay();
  const segment = newSegment(day);
  const { load } = createDayLoader(planOf(day), sourceOf(day));
  await load(0, segment);
  const loading = load(EPOCH, segment);
  expect(sourceEpoch(segment)).toBe(-1);
  await loading;
});

it("the second source writes its bars beside the first one's, and nothing into its accounts", async () => {
  await fc.assert(
    fc.asyncProperty(randomDays(), async (any) => {
      const day: RandomDay = { ...any, fillMode: "source" };
      const [alone, both] = [newSegment(day), newSegment(day)];
      const fill = new CountingSource((into) => {
        writeOthers(day, into);
        for (const array of [into.file, into.row, into.exceptions, into.classCount, into.causeCount, into.flagCount])
          array.fill(9);
        into.atClosePrice.fill(9);
        into.atCloseVolume.fill(9);
        return 5;
      });
      const load = await createDayLoader(planOf(day), sourceOf(day)).load(EPOCH, alone);
      expect(await createDayLoader(planOf(day), sourceOf(day), fill).load(EPOCH, both)).toEqual(load);
      expect(sourceCopy(both, day)).toEqual(sourceCopy(alone, day));
      expect([streamsEnd(both), exceptionCount(both)]).toEqual([streamsEnd(alone), exceptionCount(alone)]);
      day.others.forEach((bar, slot) => {
        expect((both.fill?.flags[slot] ?? 0) & FLAG_PRESENT).toBe(bar ? 1 : 0);
        expect(both.fill?.bars.close[slot]).toBe(bar?.close ?? 0);
      });
    }),
    { numRuns: 40 },
  );
});

it("a second source that fails fails the load", async () => {
  const day: RandomDay = { ...oneDay(), fillMode: "source" };
  const segment = newSegment(day);
  const fill = new CountingSource(() => 0);
  fill.fails = true;
  await expect(createDayLoader(planOf(day), sourceOf(day), fill).load(EPOCH, segment)).rejects.toThrow(
    "fails on purpose",
  );
  expect(sourceEpoch(segment)).toBe(-1);
});
