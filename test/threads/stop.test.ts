/** Stopping: at any moment all threads are gone within 2 s, and whoever waits for an answer gets one (I19). */
import { readdirSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { openWithHooks } from "../../src/engine/session/open.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { Stop } from "../../src/engine/session/types.js";
import { barRows } from "../fixtures/bar-rows.js";
import { writeBars } from "../fixtures/parquet.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { livingThreads, minuteUs, outcome, syntheticSession, until, type Market } from "./sessions.js";

const LIMIT_MS = 2000;

beforeEach(() => expect(livingThreads(), "threads of the test before").toBe(0));

/** Ends the session and answers how the commands under way ended. The point of every test here. */
async function stop(session: LiveSession, pending: Promise<Stop>[] = []): Promise<string[]> {
  const outcomes = pending.map(outcome);
  const began = performance.now();
  await session.dispose();
  expect(performance.now() - began).toBeLessThan(LIMIT_MS);
  expect(livingThreads()).toBe(0);
  const answers = await Promise.all(outcomes);
  expect(session.summary().status).toMatch(/^(stopped|finished)$/);
  expect(await outcome(session.play())).toMatch(/^stopped: the session has been stopped/);
  expect(() => session.setSpeed(1)).toThrow(/has been stopped/);
  await session.dispose();
  return answers;
}

describe("stop, with all threads gone within 2 s", () => {
  it("at the open, before anything was asked", async () => {
    expect(await stop(await syntheticSession())).toEqual([]);
  });

  it("right after a play was asked for, and before it began", async () => {
    const session = await syntheticSession();
    const play = session.play();
    expect(await stop(session, [play])).toEqual(["stopped"]);
  });

  it("while a day's load never ends: the play is answered stopped", async () => {
    const session = await syntheticSession({ data: { hangs: [2] } });
    const play = session.play();
    await until(() => session.progress().phase === "ARMING" && session.progress().epoch === 2);
    expect(await stop(session, [play])).toEqual(["stopped"]);
  });

  it("while paused in a load that never ends", async () => {
    const session = await syntheticSession({ data: { hangs: [1] } });
    const play = session.play();
    await until(() => session.progress().phase === "ARMING");
    expect(await session.pause()).toMatchObject({ reason: "paused", phase: "ARMING", step: "load" });
    expect(await stop(session, [play])).toEqual(["superseded"]);
  });

  it("while the clock at 1x waits for the end of a row", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const play = session.play();
    await until(() => session.progress().timeUs > minuteUs(session, 0, 0));
    expect(await stop(session, [play])).toEqual(["stopped"]);
  });

  it("while paused", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const play = session.play();
    await session.pause();
    expect(await stop(session, [play])).toEqual(["superseded"]);
  });

  it("with a whole queue of commands: each of them is answered", async () => {
    const session = await syntheticSession();
    session.setSpeed(1);
    const commands = [
      session.play(),
      session.pause(),
      session.goto(minuteUs(session, 2, 3)),
      session.until("23:59"),
      session.play(),
    ];
    const answers = await stop(session, commands);
    for (const answer of answers) expect(answer).toMatch(/^(stopped|superseded|paused)$/);
    expect(answers.at(-1)).toBe("stopped");
  });

  it("after FINISHED, and once more", async () => {
    const session = await syntheticSession();
    expect((await session.play()).reason).toBe("finished");
    expect(livingThreads()).toBe(3); // only stop ends one
    await session.dispose();
    expect(livingThreads()).toBe(0);
    expect(session.summary()).toMatchObject({ status: "finished", sessions: 4 }); // what it came to does not change
    await session.dispose();
  });

  it("twice at the same time: both stops end with it", async () => {
    const session = await syntheticSession();
    const play = session.play();
    await Promise.all([session.dispose(), session[Symbol.asyncDispose]()]);
    expect(livingThreads()).toBe(0);
    expect(await outcome(play)).toBe("stopped");
  });

  it.each([1, 2, 3, 4, 5])("at a moment of no choosing while days are played and sought (%i)", async (seed) => {
    const market: Market = { data: { seed, sessions: 60 }, hooks: { delaySeed: seed } };
    const session = await syntheticSession(market);
    const play = session.play();
    const reached = (seed * 11) % 50;
    await until(() => session.progress().epoch >= reached);
    const more = seed % 2 === 0 ? [session.goto(minuteUs(session, 1, seed))] : [session.pause()];
    for (let turn = 0; turn < seed; turn++) await Promise.resolve();
    for (const answer of await stop(session, [play, ...more]))
      expect(answer).toMatch(/^(stopped|superseded|paused|finished|reached)$/);
  });
});

describe("an abort while a session is opened", () => {
  function manyFiles(): string {
    const folder = tempFolder();
    const rows = barRows("X", "2013-10-07", { count: 60, before: 0, after: 0 });
    for (let i = 0; i < 20; i++) writeBars(folder.file(`symbol=S${i}/2013-10-07.parquet`), rows);
    return folder.path;
  }

  it("in the middle of the scan rejects with the abort's reason and leaves no thread", async () => {
    const controller = new AbortController();
    const opening = openWithHooks(
      { path: manyFiles(), signal: controller.signal, onScan: () => controller.abort(new Error("enough")) },
      {},
    );
    await expect(opening).rejects.toThrow("enough");
    expect(livingThreads()).toBe(0);
  });

  it("before it has begun", async () => {
    await expect(openWithHooks({ path: ".", signal: AbortSignal.abort(new Error("never mind")) }, {})).rejects.toThrow(
      "never mind",
    );
    expect(livingThreads()).toBe(0);
  });

  it("at the end of the scan, while the threads start and the first day loads", async () => {
    const folder = tempFolder();
    for (const symbol of ["A", "B"]) writeBars(folder.file(`${symbol}.parquet`), barRows(symbol, "2013-10-07"));
    const controller = new AbortController();
    process.once("worker", () => process.once("worker", () => controller.abort(new Error("late")))); // upkeep's start
    await expect(openWithHooks({ path: folder.path, signal: controller.signal }, {})).rejects.toThrow("late");
    expect(livingThreads()).toBe(0);
  });
});

describe.skipIf(process.platform !== "linux")("seen by the operating system", () => {
  const threads = (): number => readdirSync("/proc/self/task").length;

  it("a session has three threads more, and none of them afterwards", async () => {
    await stop(await syntheticSession()); // whatever Node starts once and keeps
    const before = threads();
    const session = await syntheticSession();
    expect(threads()).toBeGreaterThanOrEqual(before + 3);
    await stop(session);
    expect(threads()).toBeLessThanOrEqual(before);
  });
});
