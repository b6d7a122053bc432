/** Hits in words. */
import { expect, it } from "vitest";
import type { WatchedDay } from "../../src/engine/conditions/day-watch.js";
import { describeHit } from "../../src/engine/conditions/describe-hit.js";
import { parseCondition } from "../../src/engine/conditions/parse-condition.js";
import { dayOf, symbolsOf, withDerived, withRows } from "./watched-days.js";

const OPEN_US = Date.UTC(2013, 9, 7, 9, 30) * 1000;
const clock = (us: number): string => new Date(us / 1000).toISOString().slice(11, 16);

function say(day: WatchedDay, text: string, slot: number): string {
  const symbols = symbolsOf(day.grid.symbols);
  return describeHit(parseCondition(text, { symbols }), symbols, day, slot, clock, OPEN_US);
}

it("quality tells the open gap, or the one just closed, when there is one", () => {
  const day = dayOf(`${"x".repeat(20)}..x`, "x".repeat(23));
  expect(say(day, "quality<96", 40)).toBe("S0 quality 95.24 < 96 at 09:51 (gap 09:50–09:51)");
  expect(say(day, "S0.quality<95", 42)).toBe("S0 quality 90.91 < 95 at 09:52 (gap 09:50–09:52)");
  expect(say(day, "quality<95", 44)).toBe("S0 quality 91.30 < 95 at 09:53 (gap 09:50–09:52)");
  expect(say(day, "quality30>=95", 39)).toBe("S1 quality30 100.00 >= 95 at 09:50");
});

it("a number is rounded, but never to the other side of its bound", () => {
  const day = dayOf("x".repeat(300) + ".");
  expect(say(day, "quality<99.67", 300)).toBe("S0 quality 99.668 < 99.67 at 14:31 (gap 14:30–14:31)");
  const close = dayOf("x");
  close.grid.bars.close[0] = 168.00000001;
  expect(say(close, "last>168", 0)).toBe("S0 last 168.00000001 > 168 at 09:31");
  close.grid.bars.close[0] = 0.1 + 0.2;
  expect(say(close, "last<168", 0)).toBe("S0 last 0.3 < 168 at 09:31");
});

it("a gap has its bars and its start", () => {
  const day = dayOf("x...x", "x.xxx");
  expect(say(day, "gap>=3", 6)).toBe("S0 gap of 3 bars since 09:31 at 09:34");
  expect(say(day, "gap>=1", 3)).toBe("S1 gap of 1 bar since 09:31 at 09:32");
  expect(say(day, "gap<1", 8)).toBe("S0 no gap at 09:35");
});

it("a price and a volume", () => {
  expect(say(dayOf("xxx"), "last>101", 2)).toBe("S0 last 102 > 101 at 09:33");
  expect(say(dayOf("xxx"), "volume>=30", 2)).toBe("S0 volume 30 >= 30 at 09:33");
});

it("rows that did not become a bar", () => {
  const day = withRows(
    dayOf("xxx", "xxx"),
    { slot: 0, rowClass: "preMarket", count: 12 },
    { slot: 2, rowClass: "rejected", cause: "highBelowLow" },
    { slot: 3, rowClass: "rejected", cause: "highBelowLow" },
    { slot: 3, rowClass: "rejected", cause: "infinite" },
    { slot: 3, rowClass: "duplicate" },
  );
  expect(say(day, "rejected", 2)).toBe("S0 row rejected at 09:32 (highBelowLow)");
  expect(say(day, "S1.rejected", 3)).toBe("S1 2 rows rejected at 09:32 (highBelowLow, infinite)");
  expect(say(day, "class=duplicate", 3)).toBe("S1 1 duplicate row at 09:32");
  expect(say(day, "class=preMarket", 0)).toBe("S0 12 preMarket rows at 09:31");
  expect(say(day, "class=streamed", 3)).toBe("S1 bar 09:31 streamed at 09:32");
});

it("a fill and a derived bar", () => {
  expect(say(dayOf("xfs"), "fill", 1)).toBe("S0 09:31 filled (forward-filled)");
  expect(say(dayOf("xfs"), "fill", 2)).toBe("S0 09:32 filled (from the second source)");
  const day = withDerived(dayOf("xx..xxxxxxxx", "xxxxxxxxxxxx"), 5, 10);
  expect(say(day, "derived=incomplete", 8)).toBe("S0 5m bar 09:30–09:35 incomplete (3 of 5) at 09:35");
  expect(say(day, "derived=complete", 19)).toBe(
    "S1 5m bar 09:35–09:40 complete (5 of 5), 10m bar 09:30–09:40 complete (10 of 10) at 09:40",
  );
  expect(say(day, "derived=stub", 23)).toBe(
    "S1 5m bar 09:40–09:42 stub (2 of 2), 10m bar 09:40–09:42 stub (2 of 2) at 09:42",
  );
});

it("several atoms share the time", () => {
  const day = dayOf("x..x", "xxxx");
  expect(say(day, "gap>=2 and last>=100", 4)).toBe("S0 gap of 2 bars since 09:31 and last 100 >= 100 at 09:33");
  expect(say(day, "gap>=2 and S1.last>101", 4)).toBe("S0 gap of 2 bars since 09:31 and S1 last 101 > 101 at 09:33");
  expect(say(dayOf("xff"), "fill and gap>=2", 2)).toBe(
    "S0 09:32 filled and gap of 2 bars since 09:31 at 09:33 (forward-filled)",
  );
});

it("places, and what holds there", () => {
  const day = dayOf("xxxx", "x...");
  expect(say(day, "phase=roll", 7)).toBe("phase=roll");
  expect(say(day, "2013-10-07 09:34", 7)).toBe("2013-10-07 09:34");
  expect(say(day, "phase=roll if gap>=3", 7)).toBe("phase=roll if S1 gap of 3 bars since 09:31 at 09:34");
  expect(say(day, "day=2013-10-07 if gap>=3", 7)).toBe("S1 gap of 3 bars since 09:31 at 09:34");
});
