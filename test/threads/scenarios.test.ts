/** The four scenarios of product.md, and the days that are not like the others, over real files and real threads. */
import { describe, expect, it, onTestFinished } from "vitest";
import { openWithHooks } from "../../src/engine/session/open.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { OpenOptions, Session } from "../../src/engine/session/types.js";
import type { TestHooks } from "../../src/engine/threads/messages.js";
import { barRows, exchangeUs, wallClock, type DayShape } from "../fixtures/bar-rows.js";
import { writeBars } from "../fixtures/parquet.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { listen, livingThreads, minuteUs, syntheticSession, until } from "./sessions.js";

const FRIDAY = "2013-10-04";
const MONDAY = "2013-10-07";
const TUESDAY = "2013-10-08";

/** A file a symbol and day; the same prices for the same names. */
function folderOf(days: Readonly<Record<string, DayShape>>, symbols: readonly string[] = ["AIG", "SPY"]): string {
  const folder = tempFolder();
  for (const symbol of symbols)
    for (const [date, shape] of Object.entries(days))
      writeBars(folder.file(`symbol=${symbol}/date=${date}.parquet`), barRows(symbol, date, shape));
  return folder.path;
}

async function opened(options: OpenOptions, hooks: TestHooks = {}): Promise<LiveSession> {
  const session = await openWithHooks(options, hooks);
  onTestFinished(() => session.dispose());
  return session;
}

async function played(options: OpenOptions): Promise<LiveSession> {
  const session = await opened(options);
  expect((await session.play()).reason).toBe("finished");
  return session;
}

const dates = (session: Session): string[] => session.days.map((day) => day.record.date);
const observed = (session: Session): number[][] =>
  session.days.map((day) => day.record.symbols.map((symbol) => symbol.observed));

describe("the scenarios of product.md", () => {
  it("normal trading day with transition: streamed to the close, handed over, rolled to the next open", async () => {
    const session = await opened({ path: folderOf({ [FRIDAY]: {}, [MONDAY]: {} }) });
    const heard = listen(session);
    expect(session.position()).toMatchObject({ date: FRIDAY, slots: 0, slotsDue: 780 });
    const close = await session.until("16:00");
    expect(close).toMatchObject({
      phase: "STREAMING",
      position: { slots: 780 },
      next: "coordinator: hand-over, the day goes to upkeep",
    });
    expect(wallClock(close.timeUs)).toBe(`${FRIDAY} 16:00`);
    expect(heard.days).toEqual([]); // only upkeep ends a day, and it has not yet
    const next = await session.until(`${MONDAY} 09:30`);
    expect(next).toMatchObject({ phase: "STREAMING", position: { date: MONDAY, epoch: 1, slots: 0 } });
    expect(wallClock(next.timeUs)).toBe(`${MONDAY} 09:30`); // over the weekend
    expect(heard.days.map(({ record }) => [record.date, record.forcedFromUs])).toEqual([[FRIDAY, null]]);
    const end = await session.play();
    expect(end).toMatchObject({ reason: "finished", phase: "FINISHED", next: "nothing: the range is finished" });
    expect(wallClock(end.timeUs)).toBe(`${MONDAY} 16:00`);
    expect(observed(session)).toEqual([
      [390, 390],
      [390, 390],
    ]);
    expect(heard.told).toEqual(["until", "day 0", "until", "day 1", "finished"]);
  });

  it("mid-day start: data-driven up to there, then as asked; the day is whole", async () => {
    const path = folderOf({ [FRIDAY]: {}, [MONDAY]: {} });
    const session = await opened({ path, startTime: "12:00", speed: 3600 }, { virtualClock: true });
    expect(wallClock(session.progress().timeUs)).toBe(`${FRIDAY} 12:00`);
    expect(session.position().slots).toBe(150 * 2);
    expect(wallClock(session.info.warmUpUntilUs!)).toBe(`${FRIDAY} 12:00`);
    expect(session.speed).toBe(3600);
    await session.play();
    expect(observed(session)).toEqual([
      [390, 390],
      [390, 390],
    ]);
    expect(session.summary().digest).toBe((await played({ path })).summary().digest);
  });

  it("pause and resume: nothing moves in between, and it makes no difference", async () => {
    const path = folderOf({ [FRIDAY]: {}, [MONDAY]: {} });
    const session = await opened({ path, speed: 60 });
    const play = session.play();
    await until(() => session.progress().timeUs > exchangeUs(FRIDAY, "09:31"));
    const pause = await session.pause();
    expect(pause.reason).toBe("paused");
    expect((await play).reason).toBe("superseded");
    const stood = [session.digest(), session.progress()];
    for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect([session.digest(), session.progress()]).toEqual(stood);
    expect(session.check()).toEqual([]);
    session.setSpeed(0);
    expect((await session.play()).reason).toBe("finished");
    expect(session.summary().digest).toBe((await played({ path })).summary().digest);
  });

  it("stream exhaustion: when every stream has ended the day is forced to the close, at any speed", async () => {
    const path = folderOf({ [FRIDAY]: { count: 300, after: 0 }, [MONDAY]: {} });
    const session = await opened({ path, speed: 3600 }, { virtualClock: true });
    const stop = await session.until("15:30");
    expect(wallClock(stop.timeUs)).toBe(`${FRIDAY} 14:30`); // the end of all streams came first
    expect(stop).toMatchObject({ phase: "STREAMING", position: { slots: 600 } });
    await session.play();
    const [friday, monday] = session.days.map(({ record }) => record);
    expect(wallClock(friday.forcedFromUs!)).toBe(`${FRIDAY} 14:30`);
    expect(friday.symbols[0]).toMatchObject({ due: 390, observed: 300, missing: 90, longestGap: 90 });
    expect(friday.symbols[0].gaps.map((gap) => [wallClock(gap.startUs), wallClock(gap.endUs)])).toEqual([
      [`${FRIDAY} 14:30`, `${FRIDAY} 16:00`],
    ]);
    expect(monday.forcedFromUs).toBeNull();
  });
});

describe("days that are not like the others", () => {
  it("half day and holiday: closes at 13:00, and the holiday is no session", async () => {
    const path = folderOf({ "2013-11-27": {}, "2013-11-28": { count: 30 }, "2013-11-29": { count: 300 } });
    const session = await opened({ path });
    const stop = await session.until("2013-11-29 16:00");
    expect(wallClock(stop.timeUs)).toBe("2013-11-29 13:00");
    await session.play();
    expect(session.days.map(({ record }) => [record.date, record.kind, record.symbols[0].due])).toEqual([
      ["2013-11-27", "full", 390],
      ["2013-11-29", "half", 210],
    ]);
    expect(session.files().find((file) => file.path.includes("2013-11-28"))?.classes).toEqual({ noSession: 40 });
  });

  it("clock change: opens an hour earlier in UTC, and a day is as long as ever", async () => {
    const session = await played({ path: folderOf({ "2008-03-07": {}, "2008-03-10": {} }) });
    expect(session.days.map(({ record }) => new Date(record.opensAtUs / 1000).toISOString())).toEqual([
      "2008-03-07T14:30:00.000Z",
      "2008-03-10T13:30:00.000Z",
    ]);
    expect(observed(session)).toEqual([
      [390, 390],
      [390, 390],
    ]);
  });

  it("an empty day is a normal day with 0 bars when the calendar says so, and skipped otherwise", async () => {
    const path = folderOf({ [FRIDAY]: {}, [TUESDAY]: {} });
    const whole = await played({ path, sessions: "calendar" });
    expect(whole.days.map(({ record }) => [record.date, record.noData])).toEqual([
      [FRIDAY, false],
      [MONDAY, true],
      [TUESDAY, false],
    ]);
    const [, empty] = whole.days;
    expect(empty.record).toMatchObject({ forcedFromUs: empty.record.opensAtUs });
    expect(empty.record.symbols[0]).toMatchObject({ due: 390, observed: 0, missing: 390, quality: null, last: null });
    const skipped = await played({ path });
    expect(dates(skipped)).toEqual([FRIDAY, TUESDAY]);
    expect(skipped.info.catalog.withoutData).toEqual({ count: 1, insideData: [MONDAY] });
  });

  it("a range without sessions is finished at once, with 0 sessions", async () => {
    const session = await opened({ path: folderOf({ [FRIDAY]: {} }), from: "2013-10-05", to: "2013-10-06" });
    expect(session.progress()).toMatchObject({ phase: "FINISHED", sessions: 0, done: 1 });
    expect((await session.play()).reason).toBe("finished");
    expect(session.summary()).toMatchObject({ status: "finished", sessions: 0, bars: 0 });
    expect(session.files().map((file) => file.classes)).toEqual([{ outOfRange: 400 }, { outOfRange: 400 }]);
    for (const command of [
      () => session.until("10:00"),
      () => session.goto("10:00"),
      () => session.goto(exchangeUs(FRIDAY, "10:00")),
    ])
      await expect(command()).rejects.toMatchObject({ name: "UsageError", hint: expect.stringMatching(/./) });
    await session.pause();
    expect(session.digest()).toMatch(/^d1:/);
  });

  it("24/7: a session is a whole day, weekends too", async () => {
    const folder = tempFolder();
    for (const date of ["2013-10-05", "2013-10-06"]) {
      const rows = barRows("BTC", date, { count: 1440, before: 0, after: 0 }).map((row, i) => ({
        ...row,
        us: Date.parse(`${date}T00:00:00Z`) * 1000 + i * 60_000_000,
      }));
      writeBars(folder.file(`symbol=BTC/${date}.parquet`), rows);
    }
    const session = await opened({ path: folder.path, calendar: "24/7" });
    const stop = await session.until("23:59");
    expect(stop.position).toMatchObject({ date: "2013-10-05", slots: 1439, slotsDue: 1440 });
    await session.play();
    expect(observed(session)).toEqual([[1440], [1440]]);
    expect(session.days[1].record.opensAtUs).toBe(session.days[0].record.closesAtUs);
  });
});

describe("where a replay begins and ends", () => {
  it("a start on a holiday is the next session, and is said", async () => {
    const session = await opened({
      path: folderOf({ "2013-11-27": {}, "2013-11-29": { count: 210 } }),
      from: "2013-11-28",
    });
    expect(session.position().date).toBe("2013-11-29");
    expect(session.info.catalog.notes.join("\n")).toMatch(/2013-11-28.*2013-11-29/);
  });

  it("a start at a time of day on a holiday is that time of the next session, and is said", async () => {
    const path = folderOf({ [FRIDAY]: {}, [MONDAY]: {} });
    const notes = async (startTime: string): Promise<string[]> => {
      const session = await opened({ path, from: "2013-10-05", startTime });
      return session.info.catalog.notes.filter((note) => note.includes("begins with"));
    };
    expect(await notes("12:00")).toEqual([expect.stringMatching(/2013-10-05.*2013-10-07/)]);
    expect(await notes("17:00")).toEqual([expect.stringMatching(/17:00.*no session/)]);
  });

  it("a start after the close is the next session, and is said", async () => {
    const session = await opened({ path: folderOf({ [FRIDAY]: {}, [MONDAY]: {} }), startTime: "16:00" });
    expect(session.position()).toMatchObject({ date: MONDAY, slots: 0 });
    expect(session.info.warmUpUntilUs).toBeUndefined();
    expect(session.info.catalog.notes.join("\n")).toMatch(/16:00.*after the close of 2013-10-04.*2013-10-07/);
    await session.play();
    expect(dates(session)).toEqual([MONDAY]);
    for (const file of session.files()) expect(Object.values(file.classes).reduce((a, b) => a + b)).toBe(file.rows);
  });

  it("a start after the close of the only day leaves nothing to replay, and says so", async () => {
    const session = await opened({ path: folderOf({ [FRIDAY]: {} }), startTime: "17:00" });
    expect(session.progress()).toMatchObject({ phase: "FINISHED", sessions: 0 });
    expect(session.info.catalog.notes.join("\n")).toMatch(/no session/);
    expect(session.info.warmUpUntilUs).toBeUndefined();
  });

  it("a start after the close of the last day asked for is no error either", async () => {
    const session = await opened({
      path: folderOf({ [FRIDAY]: {}, [MONDAY]: {} }),
      from: FRIDAY,
      to: FRIDAY,
      startTime: "17:00",
    });
    expect(session.progress()).toMatchObject({ phase: "FINISHED", sessions: 0 });
    expect(session.files().map((file) => file.classes)).toEqual(Array.from({ length: 4 }, () => ({ outOfRange: 400 })));
  });

  it("end of range: finished after the last day; going back from there by seek works, to any day", async () => {
    const session = await syntheticSession();
    expect(await session.play()).toMatchObject({ reason: "finished", phase: "FINISHED", position: { epoch: 3 } });
    const digests = session.days.map((day) => day.record.digest);
    for (const epoch of [3, 0]) {
      const stop = await session.goto(minuteUs(session, epoch, 17));
      expect(stop).toMatchObject({ reason: "goto", phase: "STREAMING", position: { epoch, slots: 51 } });
    }
    expect((await session.play()).reason).toBe("finished");
    expect(session.days.map((day) => day.record.digest)).toEqual(digests);
    expect(session.days.map((day) => day.run)).toEqual([2, 2, 2, 2]);
  });

  it.each([0, 1])("%i closed days kept: the same days, and going back reads them again", async (keepDays) => {
    const path = folderOf({ [FRIDAY]: {}, [MONDAY]: {}, [TUESDAY]: {} }, ["SPY"]);
    const session = await opened({ path, keepDays });
    await session.play();
    const { digest } = session.summary();
    await session.goto(`${FRIDAY} 10:00`);
    await session.play();
    expect(session.summary().digest).toBe(digest);
    expect(session.summary()).toMatchObject({ sessions: 3, bars: 1170 });
    for (const file of session.files())
      expect(file.classes).toEqual({ preMarket: 5, streamed: 390, atClose: 1, afterHours: 4 });
  });

  it("a number of days to keep that is none is refused", async () => {
    await expect(opened({ path: folderOf({ [FRIDAY]: {} }, ["SPY"]), keepDays: -1 })).rejects.toMatchObject({
      name: "UsageError",
    });
    expect(livingThreads()).toBe(0);
  });

  it("a speed below 0 is refused when opening, and no thread stays", async () => {
    await expect(opened({ path: folderOf({ [FRIDAY]: {} }, ["SPY"]), speed: -1 })).rejects.toMatchObject({
      name: "UsageError",
    });
    expect(livingThreads()).toBe(0);
  });

  it("the speed is changed while running: clock, data-driven, clock again", async () => {
    const path = folderOf({ [FRIDAY]: {} }, ["SPY"]);
    const session = await opened({ path, speed: 60 });
    const play = session.play();
    await until(() => session.progress().timeUs > exchangeUs(FRIDAY, "09:30"));
    session.setSpeed(100_000);
    await until(() => session.progress().timeUs > exchangeUs(FRIDAY, "10:00"));
    session.setSpeed(0);
    expect((await play).reason).toBe("finished");
    expect(session.summary().digest).toBe((await played({ path })).summary().digest);
  });
});
