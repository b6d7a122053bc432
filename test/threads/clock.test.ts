/** Time: a function of position without a clock; with one between that and the clock, never back (I1, I10). */
import { describe, expect, it } from "vitest";
import { listen, minuteUs, syntheticSession, until } from "./sessions.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import { shapeOf } from "../../src/engine/plan.js";
import { timeAtPosition } from "../../src/engine/protocol/places.js";

function timeOfPosition(session: LiveSession): number {
  const { epoch, slots } = session.position();
  return timeAtPosition(shapeOf(session.plan), epoch, slots);
}

describe("without a clock", () => {
  it("time is the end of the minute of the last slot passed", async () => {
    const session = await syntheticSession();
    for (const [minute, slots] of [
      [0, 0],
      [1, 3],
      [17, 51],
      [40, 120],
    ] as const) {
      const stop = await session.until(minuteUs(session, 1, minute));
      expect([stop.position.slots, stop.timeUs]).toEqual([slots, minuteUs(session, 1, minute)]);
    }
  });
});

describe("with a virtual clock", () => {
  it("time lies between that of the position and the clock's at every pause, and never goes back", async () => {
    const session = await syntheticSession({ hooks: { virtualClock: true, delaySeed: 2 } });
    session.setSpeed(600);
    let before = 0;
    for (let i = 0; i < 40; i++) {
      const play = session.play();
      for (let turn = 0; turn < (i * 7) % 23; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      const stop = await session.pause();
      await play;
      expect(stop.timeUs).toBeGreaterThanOrEqual(before);
      expect(stop.timeUs).toBeGreaterThanOrEqual(timeOfPosition(session));
      const { closeUs } = session.plan.sessions[stop.position.epoch];
      expect(stop.timeUs).toBeLessThanOrEqual(closeUs);
      // The clock has not reached the end of a row that is not published.
      if (stop.phase === "STREAMING" && stop.position.slots < stop.position.slotsDue)
        expect(stop.timeUs).toBeLessThanOrEqual(timeOfPosition(session) + 60_000_000);
      before = stop.timeUs;
    }
    session.setSpeed(0);
    expect((await session.play()).reason).toBe("finished");
  });

  it("a change of speed while running neither jumps nor goes back", async () => {
    const session = await syntheticSession({ data: { sessions: 2 } });
    session.setSpeed(60);
    const play = session.play();
    const times: number[] = [];
    for (const speed of [600, 1, 6000, 60, 1000]) {
      const from = session.progress().timeUs;
      await until(() => session.progress().timeUs > from);
      const before = session.progress().timeUs;
      session.setSpeed(speed);
      times.push(before, session.progress().timeUs);
    }
    expect(times).toEqual([...times].sort((a, b) => a - b));
    session.setSpeed(0);
    expect((await play).reason).toBe("finished");
  });
});

describe("with the real clock", () => {
  it("three minutes at 360x come in order and reach the end", async () => {
    const session = await syntheticSession({ data: { sessions: 2, minutes: 3, missing: 0 } });
    const heard = listen(session);
    session.setSpeed(360);
    const play = session.play();
    const seen: { time: number; slots: number; epoch: number }[] = [];
    await until(() => {
      const { timeUs, phase } = session.progress();
      seen.push({ time: timeUs, slots: session.position().slots, epoch: session.position().epoch });
      return phase === "FINISHED";
    });
    expect(await play).toMatchObject({ reason: "finished", timeUs: minuteUs(session, 1, 3) });
    const times = seen.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBeGreaterThan(4); // it ran on between rows
    expect(heard.days.map((day) => day.record.symbols[0].observed)).toEqual([3, 3]);
  });

  it("an early end of the streams does not wait for the clock: the day is forced to the close", async () => {
    const session = await syntheticSession({ data: { sessions: 1, minutes: 390, endsAt: [2], missing: 0 } });
    session.setSpeed(6000);
    await session.play();
    const [{ record }] = session.days;
    expect(record.forcedFromUs).toBe(minuteUs(session, 0, 2));
    expect(session.progress().timeUs).toBe(record.closesAtUs);
  });
});
