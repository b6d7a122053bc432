/** Days that cannot be loaded: the session stops with the day's own error, or goes on without it when told to. */
import { truncateSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openWithHooks } from "../../src/engine/session/open.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { OpenOptions } from "../../src/engine/session/types.js";
import { W } from "../../src/engine/protocol/words.js";
import { barRows } from "../fixtures/bar-rows.js";
import { chunkRange, overwritten } from "../fixtures/damage.js";
import { barBytes, writeBars } from "../fixtures/parquet.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { listen, livingThreads, minuteUs, outcome, syntheticSession } from "./sessions.js";

const FAILED = { name: "DataError", code: "synthetic", exitCode: 3 };

describe("a later day that cannot be loaded", () => {
  it("ends the play with its own error, after the days before it have been told", async () => {
    const session = await syntheticSession({ data: { fails: [2] } });
    const heard = listen(session);
    await expect(session.play()).rejects.toMatchObject({ ...FAILED, message: "session 2 fails on purpose" });
    expect(heard.days.map((day) => day.record.epoch)).toEqual([0, 1]);
    expect(session.summary()).toMatchObject({
      status: "failed",
      sessions: 2,
      error: { message: "session 2 fails on purpose" },
    });
    expect(livingThreads()).toBe(0);
    await expect(session.pause()).rejects.toMatchObject(FAILED);
  });

  it("does no harm while nobody goes there: its load ahead of time fails nothing", async () => {
    const session = await syntheticSession({ data: { fails: [2] } });
    expect(await session.until(minuteUs(session, 1, 40))).toMatchObject({ reason: "until", position: { epoch: 1 } });
    expect(await session.goto(minuteUs(session, 3, 5))).toMatchObject({ reason: "goto", position: { epoch: 3 } });
    expect((await session.play()).reason).toBe("finished");
  });

  it("is told by the day that failed, not by one whose load failed before it and was passed over", async () => {
    const session = await syntheticSession({ data: { sessions: 6, fails: [1, 4] } });
    await session.until(minuteUs(session, 0, 40));
    await session.goto(minuteUs(session, 2, 5));
    await expect(session.play()).rejects.toMatchObject({ message: "session 4 fails on purpose" });
  });

  it.each(["pause", "seek", "run"] as const)("wins over a %s asked for after it", async (kind) => {
    const session = await syntheticSession({ data: { fails: [1] } });
    const play = outcome(session.play());
    await Promise.resolve();
    await waitForFailure(session);
    const commands = {
      pause: () => session.pause(),
      seek: () => session.goto(minuteUs(session, 0, 3)),
      run: () => session.until(minuteUs(session, 3, 3)),
    };
    expect(await outcome(commands[kind]())).toBe("synthetic: session 1 fails on purpose");
    expect(await play).toMatch(/^(synthetic: session 1 fails on purpose|superseded)$/);
    expect(livingThreads()).toBe(0);
  });

  it("as the first day it ends the opening", async () => {
    await expect(syntheticSession({ data: { fails: [0] } })).rejects.toMatchObject(FAILED);
    expect(livingThreads()).toBe(0);
  });
});

/** Until upkeep has reported the failure, with main held back so that it has not seen it yet. */
async function waitForFailure(session: LiveSession): Promise<void> {
  const { words } = (session as unknown as { engine: { side: { words: { load(word: number): number } } } }).engine.side;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const began = performance.now();
  while (words.load(W.goalId) < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  while (words.load(W.failure) === 0 && performance.now() - began < 10_000) Atomics.wait(sleeper, 0, 0, 1);
  expect(words.load(W.failure)).toBe(1);
}

describe("a damaged file", () => {
  const DATES = ["2013-10-04", "2013-10-07", "2013-10-08"];

  /** IBM and SPY on three days; the SPY of the second has a zeroed page. */
  function damagedSet(): string {
    const folder = tempFolder();
    for (const symbol of ["IBM", "SPY"])
      for (const date of DATES) writeBars(folder.file(`symbol=${symbol}/date=${date}.parquet`), barRows(symbol, date));
    const bytes = barBytes(barRows("SPY", DATES[1]), { codec: "UNCOMPRESSED", rowGroupSize: [100, 300] });
    const { from, to } = chunkRange(bytes, { rowGroup: 1, column: "close" });
    folder.put(`symbol=SPY/date=${DATES[1]}.parquet`, overwritten(bytes, from, new Uint8Array(to - from)));
    return folder.path;
  }

  async function replayed(onLoadError: OpenOptions["onLoadError"]): Promise<LiveSession> {
    const session = await openWithHooks({ path: damagedSet(), ...(onLoadError && { onLoadError }) }, {});
    await session.play().finally(() => session.dispose());
    return session;
  }

  const streamed = (session: LiveSession): number[][] =>
    session.days.map(({ record }) => record.symbols.map((symbol) => symbol.streamed));
  const addUp = (session: LiveSession): void => {
    for (const file of session.files())
      expect(
        Object.values(file.classes).reduce((a, b) => a + b, 0),
        file.path,
      ).toBe(file.rows);
  };

  it("stops the session naming the file when nothing else is asked for", async () => {
    await expect(replayed(undefined)).rejects.toMatchObject({
      name: "DataError",
      message: expect.stringContaining("2013-10-07.parquet"),
    });
    expect(livingThreads()).toBe(0);
  });

  it("with skip-symbol the others of the day stream, its rows are unread, and the accounts add up", async () => {
    const session = await replayed("skip-symbol");
    expect(streamed(session)).toEqual([
      [390, 390],
      [390, 0],
      [390, 390],
    ]);
    expect(session.days.map((day) => day.skipped.map(({ symbol }) => symbol))).toEqual([[], ["SPY"], []]);
    expect(session.days[1].skipped[0].message).toContain("2013-10-07.parquet");
    expect(session.days[1].record.symbols[1]).toMatchObject({
      rows: 400,
      unread: 400,
      leftOut: true,
      due: 0,
      missing: 0,
      observed: 0,
      quality: null,
      gaps: [],
      last: null,
    });
    addUp(session);
    expect(
      session
        .files()
        .filter((file) => file.classes.unread)
        .map((file) => file.path),
    ).toEqual(["symbol=SPY/date=2013-10-07.parquet"]);
  });

  it("with skip-day the whole day is left out and reported, its rows are unread, and the accounts add up", async () => {
    const session = await replayed("skip-day");
    expect(streamed(session)).toEqual([
      [390, 390],
      [0, 0],
      [390, 390],
    ]);
    expect(session.days[1].skipped.map(({ symbol }) => symbol)).toEqual(["IBM", "SPY"]);
    expect(session.days[1].record).toMatchObject({ date: DATES[1], forcedFromUs: session.days[1].record.opensAtUs });
    for (const symbol of session.days[1].record.symbols) expect(symbol).toMatchObject({ leftOut: true, quality: null });
    expect(session.days[1].record.noData, "a day that could not be read is not a day without data").toBe(false);
    addUp(session);
    expect(session.files().reduce((rows, file) => rows + (file.classes.unread ?? 0), 0)).toBe(800);
  });

  it("and a day of which no file can be opened is a day that was left out, not one without data", async () => {
    const folder = damagedSet();
    for (const symbol of ["IBM", "SPY"]) truncateSync(`${folder}/symbol=${symbol}/date=${DATES[1]}.parquet`, 900);
    const session = await openWithHooks({ path: folder, onLoadError: "skip-symbol", events: true }, {});
    await session.play().finally(() => session.dispose());
    expect(session.info.catalog.withoutData).toEqual({ count: 0, insideData: [] });
    expect(session.days.map(({ record }) => [record.date, record.noData])).toEqual(DATES.map((date) => [date, false]));
    expect(session.days[1].skipped.map(({ symbol }) => symbol)).toEqual(["IBM", "SPY"]);
    for (const symbol of session.days[1].record.symbols)
      expect(symbol).toMatchObject({ rows: 0, leftOut: true, due: 0, missing: 0, quality: null });
    expect(session.days[1].events.map(({ kind }) => kind)).not.toContain("gap");
    expect(session.days[1].events.map(({ kind }) => kind)).not.toContain("no-data");
    expect(session.summary().sessionsWithoutData).toBe(0);
  });
});
