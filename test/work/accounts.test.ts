import fc from "fast-check";
import { expect, it } from "vitest";
import { EXCEPTION_WORDS, ROW_CLASS, ROW_CLASSES } from "../../src/engine/market/bars.js";
import { endSource, exceptionCount, type Segment } from "../../src/engine/memory/segment.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { checkAccounts } from "../../src/engine/work/accounts.js";
import { EPOCH, loadedSegment, planOf, playTo, randomDays, type RandomDay } from "./random-day.js";

function closedDay(day: RandomDay): { plan: SessionPlan; segment: Segment } {
  const plan = planOf(day);
  const segment = loadedSegment(day, plan);
  playTo(day, segment, day.bars.length);
  return { plan, segment };
}

it("accepts every day whose rows, slots and volumes add up", () => {
  fc.assert(
    fc.property(randomDays(), (day) => {
      const { plan, segment } = closedDay(day);
      checkAccounts(plan, EPOCH, segment);
    }),
  );
});

/** Two symbols, five minutes; every listed class; a stub; a fill. */
const bar = (open: number): RandomDay["bars"][number] => ({
  open,
  high: open + 1,
  low: open - 1,
  close: open,
  volume: open * 10,
});
const entry = { minute: 0, symbol: 0, cause: 0, count: 1, file: 2, row: 40 } as const;
const DAY: RandomDay = {
  symbols: 2,
  minutes: 5,
  bars: [bar(10), bar(20), bar(11), undefined, undefined, bar(21), bar(12), bar(22), bar(13), bar(23)],
  others: [],
  entries: [
    { ...entry, rowClass: "preMarket", count: 30 },
    { ...entry, minute: 1, symbol: 1, rowClass: "rejected", cause: 4 },
    { ...entry, minute: 2, rowClass: "duplicate" },
    { ...entry, minute: 3, symbol: 1, rowClass: "conflict" },
    { ...entry, minute: 4, rowClass: "atClose" },
    { ...entry, minute: 4, symbol: 1, rowClass: "afterHours", count: 5 },
  ],
  unread: [0, 3],
  intervals: [2, 3],
  fillMode: "forward",
};

type Plant = (segment: Segment) => void;
const count = (segment: Segment, symbol: number, rowClass: keyof typeof ROW_CLASS, change: number): void => {
  segment.source.classCount[symbol * ROW_CLASSES.length + ROW_CLASS[rowClass]] += change;
};
const word = (segment: Segment, index: number, at: number, change: (old: number) => number): void => {
  const { exceptions } = segment.source;
  exceptions[index * EXCEPTION_WORDS + at] = change(exceptions[index * EXCEPTION_WORDS + at]);
};
const addDuplicates = (segment: Segment, symbol: number, change: number): void => {
  count(segment, symbol, "duplicate", change);
  count(segment, symbol, "unread", -change);
};

const plants: readonly [what: string, message: RegExp, plant: Plant][] = [
  ["a row in no class", /I4: the row classes of S1 .* do not add up to its rows/, (s) => count(s, 1, "unread", -1)],
  ["a row in two classes", /I4: the row classes of S0 .* do not add up/, (s) => count(s, 0, "duplicate", 1)],
  [
    "a bar counted as another row",
    /I4: rows streamed and bars published differ for S0/,
    (s) => {
      count(s, 0, "streamed", -1);
      count(s, 0, "unread", 1);
    },
  ],
  [
    "a published bar that no row brought",
    /I4: rows streamed and bars published differ for S1/,
    (s) => {
      s.published.origin[3] = 1;
    },
  ],
  [
    "a bar lost on the way",
    /I4: rows streamed and bars published differ for S0/,
    (s) => {
      s.published.origin[2] = 0;
    },
  ],
  ["a duplicate that is not listed", /I4: duplicate rows of S1 .* are not all listed/, (s) => addDuplicates(s, 1, 1)],
  [
    "a listed row that is not counted",
    /I4: duplicate rows of S0 .* are not all listed/,
    (s) => addDuplicates(s, 0, -1),
  ],
  [
    "an entry cut off the list",
    /I4: afterHours rows of S1 .* are not all listed/,
    (s) => endSource(s, EPOCH, 5, exceptionCount(s) - 1, false),
  ],
  [
    "an entry of another class",
    /I4: rejected rows of S1 .* are not all listed/,
    (s) => word(s, 1, 1, (old) => (old & ~0xff) | ROW_CLASS.conflict),
  ],
  [
    "an entry of another symbol",
    /I4: duplicate rows of S0 .* are not all listed/,
    (s) => word(s, 2, 0, (old) => old + 1),
  ],
  [
    "a filtered entry of another count",
    /I4: preMarket rows of S0 .* are not all listed/,
    (s) => word(s, 0, 2, (old) => old + 1),
  ],
  ["an at-close entry of another count", /I4: atClose rows of S0 .* are not all listed/, (s) => word(s, 4, 2, () => 2)],
  [
    "an observed bar too many",
    /I20: bars observed and published differ for S0/,
    (s) => {
      s.quality.observed[0]++;
      s.quality.missing[0]--;
    },
  ],
  ["a missing slot too few", /I20: observed and missing do not add up for S1/, (s) => void s.quality.missing[1]--],
  [
    "more fills than missing slots",
    /I20: more filled than missing for S0/,
    (s) => {
      s.quality.filled[0] = s.quality.missing[0] + 1;
    },
  ],
  [
    "volume added to a 2-minute bar",
    /I12: the volume of 2-minute bars differs/,
    (s) => void s.derived[0].bars.volume[1]++,
  ],
  [
    "volume lost from the last 3-minute bar",
    /I12: the volume of 3-minute bars differs/,
    (s) => {
      s.derived[1].bars.volume[3] = 0;
    },
  ],
  ["volume that no bucket has", /I12: the volume of 2-minute bars differs/, (s) => void s.published.bars.volume[9]++],
];

it.each(plants)("refuses %s, naming the invariant", (_, message, plant) => {
  const { plan, segment } = closedDay(DAY);
  checkAccounts(plan, EPOCH, segment);
  plant(segment);
  expect(() => checkAccounts(plan, EPOCH, segment)).toThrow(message);
});

it.each(ROW_CLASSES.filter((name) => name !== "streamed" && name !== "unread"))(
  "I4: a row counted as %s must be in the exceptions list",
  (rowClass) => {
    const { plan, segment } = closedDay(DAY);
    count(segment, 1, rowClass, 1);
    count(segment, 1, "unread", -1);
    expect(() => checkAccounts(plan, EPOCH, segment)).toThrow(
      `I4: ${rowClass} rows of S1 2024-01-03 are not all listed`,
    );
  },
);

it("compares with the rows the plan counted for that session and symbol", () => {
  const { plan, segment } = closedDay(DAY);
  const sessions = plan.sessions.map((session, epoch) =>
    epoch === EPOCH ? { ...session, rows: session.rows.map((n) => n + 1) } : session,
  );
  expect(() => checkAccounts({ ...plan, sessions }, EPOCH, segment)).toThrow(
    /I4: the row classes of S0 2024-01-03 do not add up/,
  );
});

it("is not misled by a day of zero volume", () => {
  const bars = DAY.bars.map((b) => b && { ...b, volume: 0 });
  const { plan, segment } = closedDay({ ...DAY, bars });
  checkAccounts(plan, EPOCH, segment);
});
