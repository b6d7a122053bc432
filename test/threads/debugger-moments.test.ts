/** Commands in the short moments between what the shared words say and the message that tells it: held open, so that nothing is left to luck. */
import { describe, expect, it } from "vitest";
import { engineOf, FOUR_DAYS, placeOf } from "./debugger.js";
import { minuteUs, syntheticSession, until } from "./sessions.js";
import { SlowCrew } from "./slow-reports.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import { W } from "../../src/engine/protocol/words.js";

const word = (session: LiveSession, name: keyof typeof W): number => engineOf(session).side.words.load(W[name]);

/** Both threads have acknowledged main's pause, and main has seen it. */
async function acknowledged(session: LiveSession): Promise<void> {
  const isPaused = (): boolean =>
    word(session, "control") % 2 === 1 &&
    word(session, "ackCoordinator") === word(session, "control") &&
    word(session, "ackUpkeep") === word(session, "control");
  await until(isPaused);
  await idle();
}

/** Turns of main's loop enough for whatever it would do by itself. */
async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The first gap of the last symbol: its slot ends a row, so that the coordinator is not ahead where a step ends there. */
const CONDITION = "S2.gap>=1";

/** A step has come to a hit, which upkeep has written down and main has not heard of. */
async function atUnheardHit() {
  const crew = new SlowCrew();
  const session = await syntheticSession({ ...FOUR_DAYS, crew });
  const { id } = session.break(CONDITION);
  const there = await session.play();
  const place = placeOf(session);
  session.delete(id);
  await session.back(1, "minute");
  const { id: anew } = session.break(CONDITION);
  crew.shut();
  const step = session.step(1, "minute");
  await until(() => crew.waiting.length > 0);
  await until(() => word(session, "answered") === word(session, "goalId"));
  await idle();
  return { crew, session, step, place, told: { reason: "breakpoint", breakpoints: [anew], why: there.why } };
}

describe("a hit that main has not heard of yet", () => {
  it("is what a pause finds there: the step has come to its breakpoint, and says so in words", async () => {
    const { crew, session, step, place, told } = await atUnheardHit();
    const pause = session.pause();
    await acknowledged(session);
    crew.open();
    expect(await step).toMatchObject(told);
    expect(await pause).toMatchObject({ reason: "paused" });
    expect(placeOf(session)).toEqual(place);
    expect(session.breakpoints()).toMatchObject([{ hits: 1 }]);
  });

  it("is told before the answer of a step that comes then, which begins where the hit was", async () => {
    const { crew, session, step, told } = await atUnheardHit();
    const next = session.step(1, "bar");
    await acknowledged(session);
    crew.open();
    expect(await step).toMatchObject(told);
    expect((await next).position.processed).toBeGreaterThan((await step).position.processed);
  });

  it("is not lost when breakpoints change then", async () => {
    const { crew, session, step, place, told } = await atUnheardHit();
    session.break("S0.last>1e6");
    await idle();
    crew.open();
    expect(await step).toMatchObject(told);
    expect(placeOf(session)).toEqual(place);
  });
});

describe("a place that has been reached, before the days on the way have been told", () => {
  it("stops at its breakpoint, though another is set meanwhile", async () => {
    const crew = new SlowCrew();
    const session = await syntheticSession({ ...FOUR_DAYS, crew });
    const { id } = session.break("phase=roll");
    crew.shut();
    const before = word(session, "goalId");
    const play = session.play();
    await until(() => word(session, "goalId") !== before && word(session, "answered") === word(session, "goalId"));
    await idle();
    expect(session.state().state).toBe("playing"); // the record of the day is still on its way
    session.break("S0.last>1e6");
    await acknowledged(session);
    crew.open();
    expect(await play).toMatchObject({ reason: "breakpoint", breakpoints: [id], step: "roll", position: { epoch: 0 } });
    expect(session.breakpoints()[0].hits).toBe(1);
  });
});

describe("an end that comes between two legs of a command", () => {
  it("answers it, and whoever asks then", async () => {
    const session = await syntheticSession(FOUR_DAYS);
    session.break("14:40", { log: true });
    let disposed: Promise<void> | undefined;
    const later: Promise<unknown>[] = [];
    session.on("log", () => {
      disposed = session.dispose();
      later.push(session.goto(minuteUs(session, 1, 3)), session.pause());
    });
    expect(await session.play()).toMatchObject({ reason: "stopped" });
    await disposed;
    for (const end of await Promise.allSettled(later))
      expect(end).toMatchObject({ status: "rejected", reason: { code: "stopped" } });
  });

  it("ends a command that was busy with something else until all threads had left", async () => {
    const session = await syntheticSession(FOUR_DAYS);
    await session.goto(minuteUs(session, 2, 3));
    const days: string[] = [];
    const reading = engineOf(session).records.replayed("main", "read", async (run) => {
      for await (const { date } of run.days()) {
        days.push(date);
        await session.dispose();
      }
    });
    await expect(reading).rejects.toThrow(/read: another command came before it was done/);
    expect(days).toEqual(["2024-01-02"]);
  });
});
