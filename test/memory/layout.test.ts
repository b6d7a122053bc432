import { expect, it } from "vitest";
import { describeLayout } from "../../src/engine/memory/layout.js";
import { attachControlMemory, createControlMemory } from "../../src/engine/memory/control.js";
import { attachSegment, createSegments, segmentLayout } from "../../src/engine/memory/segment.js";
import { WORD_NAMES } from "../../src/engine/protocol/words.js";

const SHAPE = { symbols: 2, mostMinutes: 10, intervals: [5], mostExceptions: 3, hasFill: false };

it("lays a segment out as pinned here: whoever changes it says so", () => {
  expect(describeLayout(segmentLayout(SHAPE))).toMatchInlineSnapshot(`
    "        0  i32 × 8        head
           32  f64 × 20       published.open
          192  f64 × 20       published.high
          352  f64 × 20       published.low
          512  f64 × 20       published.close
          672  f64 × 20       published.volume
          832  u8  × 20       published.origin
          856  f64 × 20       source.open
         1016  f64 × 20       source.high
         1176  f64 × 20       source.low
         1336  f64 × 20       source.close
         1496  f64 × 20       source.volume
         1656  u8  × 20       source.flags
         1680  u32 × 20       source.file
         1760  u32 × 20       source.row
         1840  f64 × 4        derived5.open
         1872  f64 × 4        derived5.high
         1904  f64 × 4        derived5.low
         1936  f64 × 4        derived5.close
         1968  f64 × 4        derived5.volume
         2000  u16 × 4        derived5.count
         2008  u8  × 4        derived5.status
         2016  i32 × 2        quality.observed
         2024  i32 × 2        quality.missing
         2032  i32 × 2        quality.filled
         2040  i32 × 2        quality.openGap
         2048  i32 × 2        quality.longestGap
         2056  i32 × 2        quality.gaps
         2064  f64 × 2        quality.lastClose
         2080  u32 × 12       exceptions
         2128  u32 × 22       classCount
         2216  u32 × 20       causeCount
         2296  u32 × 14       flagCount
         2352  f64 × 2        atClosePrice
         2368  f64 × 2        atCloseVolume
         2384  u8  × 2        leftOut"
  `);
});

it("keeps the control words in the order of their names", () => {
  expect(WORD_NAMES.join(" ")).toMatchInlineSnapshot(
    `"phase epoch run active step position processed load0 load1 loadEpoch0 loadEpoch1 loadSegment0 loadSegment1 control stop goalId goalEpoch goalOrdinal release watch seekEpoch seekRun answered hit hitAt ackCoordinator ackUpkeep bellCoordinator bellUpkeep bellPrefetch bellMain leftCoordinator leftUpkeep leftPrefetch speed hitsTold failure"`,
  );
});

it("needs at most 110 bytes a slot for base data with its decoded source", () => {
  const [symbols, minutes] = [64, 390];
  const base = segmentLayout({
    symbols,
    mostMinutes: minutes,
    intervals: [],
    mostExceptions: symbols * minutes,
    hasFill: false,
  });
  expect(base.byteLength / (symbols * minutes)).toBeLessThanOrEqual(110);
});

it("refuses memory of another kind", () => {
  expect(() => attachControlMemory(new SharedArrayBuffer(createControlMemory().buffer.byteLength))).toThrow(
    /another version/,
  );
  expect(() => attachControlMemory(new SharedArrayBuffer(8))).toThrow(/another size/);
  const [segment] = createSegments(SHAPE, 1);
  expect(() => attachSegment(segment, { ...SHAPE, symbols: 3 }, 0)).toThrow(/another shape/);
});

it("gives two threads the same memory", () => {
  const [buffer] = createSegments(SHAPE, 1);
  const one = attachSegment(buffer, SHAPE, 0);
  const other = attachSegment(buffer, SHAPE, 0);
  one.published.bars.close[7] = 12.5;
  one.source.exceptions[3] = 9;
  expect(other.published.bars.close[7]).toBe(12.5);
  expect(other.source.exceptions[3]).toBe(9);
});
