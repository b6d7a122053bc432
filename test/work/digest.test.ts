import fc from "fast-check";
import { expect, it } from "vitest";
import { finishedBuckets } from "../../src/engine/derived/buckets.js";
import { EXCEPTION_WORDS } from "../../src/engine/market/bars.js";
import { segmentDerived, segmentGrid, type Segment } from "../../src/engine/memory/segment.js";
import type { PlannedSession, SessionPlan } from "../../src/engine/plan.js";
import { dayDigest, exceptionsPassed, runDigest } from "../../src/engine/work/digest.js";
import { COLUMNS, someCuts } from "../quality/random-grid.js";
import { EPOCH, loadedSegment, planOf, playTo, randomDays, type RandomDay } from "./random-day.js";

const cases = randomDays({ mostSymbols: 3, mostMinutes: 20 }).chain((day) =>
  fc.record({
    day: fc.constant(day),
    position: fc.nat({ max: day.bars.length }),
    cuts: someCuts,
    steps: fc.nat({ max: 9 }),
    pick: fc.nat({ max: 0x7fffffff }),
  }),
);

type Values = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
interface Part {
  readonly name: string;
  readonly values: Values;
  readonly from: number;
  readonly to: number;
}

function part(name: string, values: Values, from: number, to: number): Part {
  return { name, values, from, to };
}

function columnParts(name: string, bars: Segment["published"]["bars"], from: number, to: number): Part[] {
  return COLUMNS.map((column) => part(`${name} ${column}`, bars[column], from, to));
}

/** What stands in the digest at `position`, as parts of the segment's arrays. */
function passedParts(segment: Segment, position: number): Part[] {
  const grid = segmentGrid(segment);
  const { quality, source, published } = segment;
  return [
    ...columnParts("published", published.bars, 0, position),
    part("origin", published.origin, 0, position),
    ...segmentDerived(segment).flatMap((derived) => {
      const cells = finishedBuckets(grid, derived.intervalMinutes, position);
      return [
        ...columnParts(`derived${derived.intervalMinutes}`, derived.bars, 0, cells),
        part("count", derived.count, 0, cells),
        part("status", derived.status, 0, cells),
      ];
    }),
    ...(["gaps", "longestGap", "missing", "filled"] as const).map((name) => part(name, quality[name], 0, grid.symbols)),
    part("exceptions", source.exceptions, 0, exceptionsPassed(segment, position) * EXCEPTION_WORDS),
  ].filter(({ from, to }) => to > from);
}

/** What lies ahead of `position`: the rest of the same arrays, and the source it will be published from. */
function aheadParts(segment: Segment, position: number): Part[] {
  const grid = segmentGrid(segment);
  const { source, published } = segment;
  return [
    ...columnParts("published", published.bars, position, published.origin.length),
    part("origin", published.origin, position, published.origin.length),
    ...columnParts("source", source.bars, position, published.origin.length),
    part("source flags", source.flags, position, published.origin.length),
    ...(segment.fill ? columnParts("fill", segment.fill.bars, position, published.origin.length) : []),
    ...segmentDerived(segment).flatMap((derived) => {
      const cells = finishedBuckets(grid, derived.intervalMinutes, position);
      return [
        ...columnParts("derived", derived.bars, cells, derived.count.length),
        part("count", derived.count, cells, derived.count.length),
        part("status", derived.status, cells, derived.status.length),
      ];
    }),
    // The slot of an entry ahead decides that it is ahead: only what follows it is changed here.
    ...[1, 2, 3].map((word) => {
      const first = exceptionsPassed(segment, position) * EXCEPTION_WORDS + word;
      return part("exceptions", source.exceptions, first, Math.min(first + 1, source.exceptions.length));
    }),
  ].filter(({ from, to }) => to > from);
}

function flipBit({ values, from, to }: Part, pick: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const first = from * values.BYTES_PER_ELEMENT;
  bytes[first + (pick % ((to - from) * values.BYTES_PER_ELEMENT))] ^= 1 << (pick % 8);
}

function played(day: RandomDay, position: number, cuts: readonly number[] = [], ahead = 0): Segment {
  const segment = loadedSegment(day);
  playTo(day, segment, position, cuts, ahead);
  return segment;
}

it("I13: the digest at a position is the same however the slots were cut and whatever is published ahead", () => {
  fc.assert(
    fc.property(cases, ({ day, position, cuts, steps, pick }) => {
      const plan = planOf(day);
      const digest = dayDigest(plan, EPOCH, played(day, position), position, steps);
      expect(digest).toMatch(/^d1:[0-9a-f]{32}$/);
      expect(dayDigest(plan, EPOCH, played(day, position, cuts, pick % 50), position, steps)).toBe(digest);
    }),
  );
});

it("one bit changed in anything behind the position gives another digest", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(cases, ({ day, position, steps, pick }) => {
      const plan = planOf(day);
      const segment = played(day, position);
      const digest = dayDigest(plan, EPOCH, segment, position, steps);
      for (const chosen of passedParts(segment, position)) {
        met.add(chosen.name.replace(/\d+/, ""));
        flipBit(chosen, pick);
        expect(dayDigest(plan, EPOCH, segment, position, steps), chosen.name).not.toBe(digest);
        flipBit(chosen, pick);
      }
      expect(dayDigest(plan, EPOCH, segment, position, steps)).toBe(digest);
    }),
    { numRuns: 60 },
  );
  expect([...met].sort()).toEqual(
    [
      ...COLUMNS.flatMap((column) => [`published ${column}`, `derived ${column}`]),
      "origin",
      "count",
      "status",
      "gaps",
      "longestGap",
      "missing",
      "filled",
      "exceptions",
    ].sort(),
  );
});

it("two different numbers exchanged behind the position give another digest: neighbours, rows, and columns", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom("symbol", "minute", "column"), ({ day, position, pick }, way) => {
      const plan = planOf(day);
      const segment = played(day, position);
      const { bars } = segment.published;
      const a = { values: bars[COLUMNS[pick % 5]], at: pick % Math.max(1, position) };
      const b = { ...a, at: a.at + (way === "symbol" ? 1 : way === "minute" ? day.symbols : 0) };
      if (way === "column") b.values = bars[COLUMNS[(pick + 1 + (pick % 4)) % 5]];
      fc.pre(b.at < position && !Object.is(a.values[a.at], b.values[b.at]));
      const digest = dayDigest(plan, EPOCH, segment, position, 0);
      [a.values[a.at], b.values[b.at]] = [b.values[b.at], a.values[a.at]];
      expect(dayDigest(plan, EPOCH, segment, position, 0)).not.toBe(digest);
    }),
  );
});

it("a volume of 0 that becomes -0 gives another digest", () => {
  const segment = played(TINY, 8);
  segment.published.bars.volume[2] = 0;
  const digest = dayDigest(planOf(TINY), EPOCH, segment, 8, 0);
  segment.published.bars.volume[2] = -0;
  expect(dayDigest(planOf(TINY), EPOCH, segment, 8, 0)).not.toBe(digest);
});

it("nothing ahead of the position is in the digest", () => {
  fc.assert(
    fc.property(cases, ({ day, position, steps, pick }) => {
      const plan = planOf(day);
      const segment = played(day, position, [], pick % 7);
      const digest = dayDigest(plan, EPOCH, segment, position, steps);
      for (const chosen of aheadParts(segment, position)) {
        flipBit(chosen, pick);
        expect(dayDigest(plan, EPOCH, segment, position, steps), chosen.name).toBe(digest);
      }
    }),
    { numRuns: 60 },
  );
});

it("two days that agree up to a position have the same digests up to there and others from the first difference on", () => {
  fc.assert(
    fc.property(cases, ({ day, position }) => {
      fc.pre(position < day.bars.length);
      const bars = [...day.bars];
      bars[position] = bars[position] ? undefined : { open: 1, high: 1, low: 1, close: 1, volume: 1 };
      const other: RandomDay = {
        ...day,
        bars,
        others: day.others.map((bar, slot) => (slot < position ? bar : undefined)),
      };
      const plan = planOf(day, { mostExceptions: 50 });
      const digestOf = (of: RandomDay, at: number): string => {
        const segment = loadedSegment(of, plan);
        playTo(of, segment, at);
        return dayDigest(plan, EPOCH, segment, at, 0);
      };
      for (const at of [0, position >> 1, position]) expect(digestOf(other, at)).toBe(digestOf(day, at));
      for (const at of [position + 1, day.bars.length]) expect(digestOf(other, at)).not.toBe(digestOf(day, at));
    }),
  );
});

it("every field of the header is in the digest, with and without a day", () => {
  const plan = planOf(TINY);
  const session = (change: Partial<PlannedSession>): Partial<SessionPlan> => ({
    sessions: [plan.sessions[0], { ...plan.sessions[EPOCH], ...change }],
  });
  const { openUs, closeUs } = plan.sessions[EPOCH];
  const changes: Partial<SessionPlan>[] = [
    { calendarName: "OTHER" },
    { exchangeZone: "UTC" },
    { calendarName: "TESTA", exchangeZone: "merica/New_York" },
    { symbols: ["S0", "T1"] },
    { symbols: ["S1", "S0"] },
    { symbols: ["S0S", "1"] },
    { intervals: [2] },
    { intervals: [2, 3, 15] },
    { fillMode: "none" },
    { fillMode: "source" },
    session({ date: "2024-01-04" }),
    session({ kind: "full" }),
    session({ openUs: openUs + 1 }),
    session({ closeUs: closeUs + 1 }),
    // Beyond 32 bits, where a number cut to a word would show no difference.
    session({ openUs: openUs + 2 ** 32 }),
    session({ closeUs: closeUs + 2 ** 32 }),
  ];
  const segment = played(TINY, 8);
  for (const day of [undefined, segment]) {
    const digests = [{}, ...changes].map((change) => dayDigest({ ...plan, ...change }, EPOCH, day, 8, 0));
    expect(new Set(digests).size).toBe(changes.length + 1);
  }
});

it("speed of the threads, kept days, delivery and other sessions are not in the digest", () => {
  const plan = planOf(TINY);
  const segment = played(TINY, 8);
  const digest = dayDigest(plan, EPOCH, segment, 8, 0);
  const others: Partial<SessionPlan>[] = [
    { creditRows: 1 },
    { keepDays: 0 },
    { withEvents: true },
    { derivedPolicy: "withhold" },
    { sessions: [{ ...plan.sessions[0], date: "1999-01-04" }, plan.sessions[EPOCH]] },
    { sessions: [...plan.sessions, plan.sessions[0]] },
  ];
  for (const other of others) expect(dayDigest({ ...plan, ...other }, EPOCH, segment, 8, 0)).toBe(digest);
});

it("the position and the completed end-of-day steps are in the digest, even on a day without a bar", () => {
  const day: RandomDay = { ...TINY, bars: TINY.bars.map(() => undefined), entries: [], fillMode: "none" };
  const digests = [0, 1, 2, 3].flatMap((position) =>
    [0, 1, 2].map((steps) => dayDigest(planOf(day), EPOCH, played(day, position), position, steps)),
  );
  expect(new Set(digests).size).toBe(12);
});

it("exceptions are counted at the slot they stand at, once the position has passed it", () => {
  fc.assert(
    fc.property(cases, ({ day, position }) => {
      const passed = day.entries.filter(({ minute, symbol }) => minute * day.symbols + symbol < position).length;
      expect(exceptionsPassed(loadedSegment(day), position)).toBe(passed);
    }),
  );
});

it("the digest of a run is that of its days in order", () => {
  const days = ["d1:00", "d1:01", "d1:10"];
  const runs = [days, days.slice(0, 2), [...days].reverse(), [], ["d1:00d1:01", "d1:10"]].map(runDigest);
  expect(new Set(runs).size).toBe(5);
  for (const run of runs) expect(run).toMatch(/^d1:[0-9a-f]{32}$/);
});

/** Two symbols, four minutes, forward fills, 2- and 3-minute bars, four exceptions. Never change it: its digests are pinned. */
const bar = (open: number, volume: number): RandomDay["bars"][number] => ({
  open,
  high: open + 0.5,
  low: open - 0.25,
  close: open + 0.125,
  volume,
});
const TINY: RandomDay = {
  symbols: 2,
  minutes: 4,
  bars: [bar(10, 100), undefined, bar(11, 0), bar(20, 30.5), undefined, bar(21, 40), undefined, undefined],
  others: [],
  entries: [
    { minute: 0, symbol: 0, rowClass: "preMarket", cause: 0, count: 12, file: 0, row: 0 },
    { minute: 1, symbol: 1, rowClass: "rejected", cause: 7, count: 1, file: 3, row: 17 },
    { minute: 2, symbol: 0, rowClass: "duplicate", cause: 0, count: 1, file: 0, row: 5 },
    { minute: 3, symbol: 1, rowClass: "atClose", cause: 0, count: 1, file: 0, row: 0 },
  ],
  unread: [0, 0],
  intervals: [2, 3],
  fillMode: "forward",
};

it("the digest d1 of a tiny day is this: whoever changes it changes the version", () => {
  const plan = planOf(TINY);
  const at = (position: number, steps: number): string =>
    dayDigest(plan, EPOCH, played(TINY, position), position, steps);
  const digests = [dayDigest(plan, EPOCH, undefined, 0, 0), at(0, 0), at(3, 0), at(5, 0), at(8, 0), at(8, 3)];
  expect([...digests, runDigest(digests)]).toEqual([
    "d1:d1d7eae35d8cab7b0a9095fc8f58914d",
    "d1:f5f3966c9199c01c45cecbe266c7d8cd",
    "d1:a91147a848795ad4ed45fe95b78d7d74",
    "d1:c84a86762679aa7496823692f97875f9",
    "d1:18080f331bb08baf4fdef6014dbd8451",
    "d1:21d12d9b005414cfbbcea39c6fdc3c87",
    "d1:c9c73f367d5036ff8beeefcaca7218aa",
  ]);
});
