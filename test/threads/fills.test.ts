/** Fills on real threads: none, forward, and from a second source; flagged, never counted as observed. */
import { describe, expect, it, onTestFinished } from "vitest";
import { writeParquet } from "../../src/engine/export/parquet-writer.js";
import { ORIGIN } from "../../src/engine/market/bars.js";
import { MINUTE_US } from "../../src/engine/market/time.js";
import { STATUS, type DerivedGrid, type DayGrid } from "../../src/engine/market/day.js";
import { segmentDerived, segmentGrid, type Segment } from "../../src/engine/memory/segment.js";
import { openWithHooks } from "../../src/engine/session/open.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { OpenOptions } from "../../src/engine/session/types.js";
import { barRows, type BarRow } from "../fixtures/bar-rows.js";
import { tempFolder } from "../fixtures/temp-folder.js";

const DATES = ["2013-10-04", "2013-10-07"];
const SYMBOLS = ["AIG", "SPY"];

/** Minutes that are missing: at the open, in the middle, at the close, and one alone. */
const isGap = (symbol: string, minute: number): boolean =>
  symbol === "AIG" ? minute < 3 || (minute >= 100 && minute < 112) || minute === 200 : minute >= 384;

/** `later` minutes are added to every stamp: 1 labels the bars by their end. */
async function write(
  path: string,
  rows: readonly BarRow[],
  { timestamp = "timestamp", later = 0 } = {},
): Promise<void> {
  await writeParquet(path, [
    { name: timestamp, kind: "timestamp", values: rows.map((row) => row.us! + later * MINUTE_US) },
    ...(["open", "high", "low", "close"] as const).map((name) => ({
      name,
      kind: "double" as const,
      values: rows.map((row) => row[name]!),
    })),
    { name: "volume", kind: "int64", values: rows.map((row) => Number(row.volume)) },
  ]);
}

const REGULAR = { before: 0, after: 0 };

interface Written {
  readonly timestamp?: string;
  readonly later?: number;
}

/** A set with gaps and its complete twin. */
async function twins({
  symbols = SYMBOLS,
  dates = DATES,
  first = {},
  second = {},
}: { symbols?: string[]; dates?: string[]; first?: Written; second?: Written } = {}): Promise<{
  path: string;
  fillFrom: string;
}> {
  const folder = tempFolder();
  for (const date of DATES) {
    for (const symbol of SYMBOLS) {
      const rows = barRows(symbol, date, REGULAR);
      await write(
        folder.file("gaps", `symbol=${symbol}`, `${date}.parquet`),
        rows.filter((_, minute) => !isGap(symbol, minute)),
        first,
      );
      if (symbols.includes(symbol) && dates.includes(date))
        await write(folder.file("twin", `symbol=${symbol}`, `${date}.parquet`), rows, second);
    }
  }
  return { path: `${folder.path}/gaps`, fillFrom: `${folder.path}/twin` };
}

async function opened(options: OpenOptions): Promise<LiveSession> {
  const session = await openWithHooks(options, {});
  onTestFinished(() => session.dispose());
  return session;
}

/** The day in memory, as the threads have left it. */
function dayOf(session: LiveSession): { grid: DayGrid; derived: DerivedGrid[] } {
  const inside = session as unknown as { engine: { present: { segmentOf(epoch: number): Segment } } };
  const segment = inside.engine.present.segmentOf(session.position().epoch);
  return { grid: segmentGrid(segment), derived: segmentDerived(segment) };
}

/** Buckets by a straight scan of the slots, fills included. */
function straightBuckets(grid: DayGrid, interval: number, symbol: number): unknown[] {
  return Array.from({ length: Math.ceil(grid.minutes / interval) }, (_, bucket) => {
    const to = Math.min((bucket + 1) * interval, grid.minutes);
    const slots = Array.from(
      { length: to - bucket * interval },
      (_, i) => (bucket * interval + i) * grid.symbols + symbol,
    );
    const there = slots.filter((slot) => grid.origin[slot] !== ORIGIN.empty);
    if (there.length === 0) return { count: 0 };
    return {
      count: there.length,
      open: grid.bars.open[there[0]],
      high: Math.max(...there.map((slot) => grid.bars.high[slot])),
      low: Math.min(...there.map((slot) => grid.bars.low[slot])),
      close: grid.bars.close[there.at(-1)!],
      volume: there.reduce((sum, slot) => sum + grid.bars.volume[slot], 0),
      complete: there.length === slots.length,
    };
  });
}

function told(derived: DerivedGrid, symbols: number, symbol: number): unknown[] {
  return Array.from({ length: derived.buckets }, (_, bucket) => {
    const at = bucket * symbols + symbol;
    const { open, high, low, close, volume } = derived.bars;
    const count = derived.count[at];
    if (count === 0) return { count };
    const complete = derived.status[at] !== STATUS.incomplete;
    return { count, open: open[at], high: high[at], low: low[at], close: close[at], volume: volume[at], complete };
  });
}

function expectDerivedAfterFill(session: LiveSession): void {
  const { grid, derived } = dayOf(session);
  expect(derived.map((one) => one.intervalMinutes)).toEqual([5, 15]);
  for (const one of derived)
    for (let symbol = 0; symbol < grid.symbols; symbol++)
      expect(told(one, grid.symbols, symbol)).toEqual(straightBuckets(grid, one.intervalMinutes, symbol));
}

/** What fills must never change: everything but their own count and the derived bars. */
const asObserved = (session: LiveSession): unknown =>
  session.days.map(({ record }) => record.symbols.map((symbol) => ({ ...symbol, filled: 0, derived: [] })));

describe("fills", () => {
  it("none: missing slots stay empty", async () => {
    const session = await opened({ path: (await twins()).path });
    await session.play();
    const [aig, spy] = session.days[0].record.symbols;
    expect([aig.missing, aig.filled, aig.gaps.length, aig.longestGap]).toEqual([16, 0, 3, 12]);
    expect([spy.missing, spy.filled, spy.gaps.length]).toEqual([6, 0, 1]);
    const { grid } = dayOf(session);
    expect(grid.origin[0]).toBe(ORIGIN.empty);
    expectDerivedAfterFill(session);
  });

  it("source: every gap the twin has is filled with the twin's bar and flagged, and nothing observed changes", async () => {
    const sets = await twins();
    const none = await opened({ path: sets.path });
    await none.play();
    const session = await opened(sets);
    expect(session.info.fill).toBe("source");
    await session.play();
    expect(asObserved(session)).toEqual(asObserved(none));
    expect(session.days.map(({ record }) => record.symbols.map((symbol) => symbol.filled))).toEqual([
      [16, 6],
      [16, 6],
    ]);
    const { grid } = dayOf(session);
    SYMBOLS.forEach((name, symbol) => {
      barRows(name, DATES[1], REGULAR).forEach((row, minute) => {
        const slot = minute * 2 + symbol;
        expect(grid.origin[slot]).toBe(isGap(name, minute) ? ORIGIN.filled : ORIGIN.streamed);
        expect([grid.bars.open[slot], grid.bars.close[slot], grid.bars.volume[slot]]).toEqual([
          row.open,
          row.close,
          Number(row.volume),
        ]);
      });
    });
    expectDerivedAfterFill(session);
    expect(session.days[1].record.symbols[0].derived[0]).toEqual({
      intervalMinutes: 5,
      complete: 78,
      incomplete: 0,
      stub: 0,
    });
    expect(session.summary().digest).not.toBe(none.summary().digest);
    for (const file of session.files()) expect(file.classes).toEqual({ streamed: file.rows }); // the twin's rows are no one's account
  });

  it("source: what the second source lacks stays missing, and a symbol it has not is said", async () => {
    const sets = await twins({ symbols: ["SPY"], dates: [DATES[1]] });
    const session = await opened(sets);
    await session.play();
    expect(session.days.map(({ record }) => record.symbols.map((symbol) => symbol.filled))).toEqual([
      [0, 0],
      [0, 6],
    ]);
    expect(session.info.catalog.notes.join("\n")).toMatch(/fill source has no AIG/);
    expectDerivedAfterFill(session);
  });

  /** The base bars of the last day, as the threads have left them. */
  const lastDay = async (options: OpenOptions): Promise<unknown> => {
    const session = await opened(options);
    await session.play();
    const { bars, origin } = dayOf(session).grid;
    return { bars, origin, notes: session.info.catalog.notes };
  };

  it.each([
    ["both are labelled by their end", { later: 1 }, { later: 1 }, []],
    [
      "only the first is labelled by its end",
      { later: 1 },
      {},
      [
        expect.stringMatching(
          /fill source is read as labelled by the start of a bar, not as --label end says: on 0 of 4/,
        ),
      ],
    ],
    ["both have a name of their own for the time", { timestamp: "Zeit" }, { timestamp: "Zeit" }, []],
    ["only the first has a name of its own for the time", { timestamp: "Zeit", later: 1 }, { later: 1 }, []],
  ])("source: fills the same minutes when %s", async (_, first, second, notes) => {
    const plain = await lastDay(await twins());
    const options = {
      ...("later" in first && { label: "end" as const }),
      ...("timestamp" in first && { columns: { timestamp: "Zeit" } }),
    };
    const sets = await twins({ first, second });
    expect(await lastDay({ ...sets, ...options })).toEqual({ ...(plain as object), notes });
  });

  it("says of which source an error tells", async () => {
    const sets = await twins({ second: { later: 1 } });
    await expect(opened(sets)).rejects.toMatchObject({
      code: "label-end",
      message: expect.stringMatching(/^fill source .*twin: symbol=AIG.*labelled by their end/),
      hint: expect.stringContaining("--label end"),
    });
  });

  it("forward: the last close is repeated without volume, never before the first bar of the session", async () => {
    const { path } = await twins();
    const none = await opened({ path });
    await none.play();
    const session = await opened({ path, fill: "forward" });
    await session.play();
    expect(asObserved(session)).toEqual(asObserved(none));
    expect(session.days.map(({ record }) => record.symbols.map((symbol) => symbol.filled))).toEqual([
      [13, 6],
      [13, 6],
    ]);
    const { grid } = dayOf(session);
    expect([0, 1, 2].map((minute) => grid.origin[minute * 2])).toEqual([ORIGIN.empty, ORIGIN.empty, ORIGIN.empty]);
    const { open, high, low, close, volume } = grid.bars;
    for (let minute = 100; minute < 112; minute++) {
      const slot = minute * 2;
      expect(grid.origin[slot]).toBe(ORIGIN.forwardFilled);
      expect([open[slot], high[slot], low[slot], close[slot]]).toEqual(Array.from({ length: 4 }, () => close[99 * 2]));
      expect(volume[slot]).toBe(0);
    }
    expectDerivedAfterFill(session);
  });

  it.each(["forward", "source"] as const)(
    "%s: the digest does not depend on speed, credit, seeks or timing",
    async (fill) => {
      const { path, fillFrom } = await twins();
      const options = { path, ...(fill === "source" ? { fillFrom } : { fill }) };
      const plain = await opened(options);
      await plain.play();
      const other = await openWithHooks(
        { ...options, speed: 3600, keepDays: 0 },
        { virtualClock: true, creditRows: 1, delaySeed: 6 },
      );
      onTestFinished(() => other.dispose());
      await other.goto(`${DATES[1]} 11:15`);
      await other.goto(`${DATES[0]} 11:15`);
      await other.play();
      expect(other.days.map((day) => day.record.digest)).toEqual(plain.days.map((day) => day.record.digest));
      expect(other.check()).toEqual([]);
    },
  );

  it("asking for a source without naming it, or naming one beside another mode, is refused", async () => {
    const sets = await twins();
    await expect(opened({ path: sets.path, fill: "source" })).rejects.toMatchObject({ name: "UsageError" });
    await expect(opened({ ...sets, fill: "forward" })).rejects.toMatchObject({ name: "UsageError" });
  });
});
