/** Steps and their way back: phase by phase over the close, and every unit from places all over several days. */
import { describe, expect, it } from "vitest";
import { below, FOUR_DAYS, isHeld, placeOf, seeded, Straight, told } from "./debugger.js";
import { minuteUs, syntheticSession } from "./sessions.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { Unit } from "../../src/engine/session/types.js";

describe("the close, phase by phase", () => {
  const NEXT = [
    ["hand-over", "coordinator: hand-over", "STREAMING"],
    ["drain", "upkeep: drain", "DRAINED"],
    ["force-close", "upkeep: force-close", "DRAINED"],
    ["finalize", "upkeep: finalize", "DRAINED"],
    ["verify", "upkeep: verify", "DRAINED"],
    ["record", "upkeep: record", "DRAINED"],
    ["deactivate", "upkeep: deactivate", "DRAINED"],
    ["roll", "upkeep: roll", "CLOSED"],
    ["load", "upkeep: load", "ARMING"],
    ["activate", "upkeep: activate", "ARMING"],
  ];

  it.each([0, 1])(
    "session %i: each stop says what comes next and in which thread, and back leads to the same stops",
    async (epoch) => {
      const session = await syntheticSession(FOUR_DAYS);
      const straight = new Straight(FOUR_DAYS);
      await session.goto(minuteUs(session, epoch, 16));
      const stops: object[] = [];
      for (const [step, next, phase] of NEXT) {
        const stop = await session.step(1, "phase");
        expect(stop).toMatchObject({ reason: "step", step, phase });
        expect(stop.next).toContain(next);
        expect(session.digest()).toBe(await straight.digest(placeOf(session)));
        expect(session.check()).toEqual([]);
        stops.push(told(session, stop));
      }
      for (let i = NEXT.length - 2; i >= 0; i--) {
        const stop = await session.back(1, "phase");
        expect(stop).toMatchObject({ reason: "back", step: NEXT[i][0] });
        expect(told(session, stop)).toEqual(stops[i]);
      }
      expect(told(session, await session.step(9, "phase"))).toEqual(stops[9]);
      expect(told(session, await session.back(8, "phase"))).toEqual(stops[1]);
    },
  );
});

describe("back leads where the steps have come from", () => {
  const UNITS: [Unit, string | undefined][] = [
    ["bar", undefined],
    ["bar", "S1"],
    ["minute", undefined],
    ["event", undefined],
    ["phase", undefined],
    ["day", undefined],
  ];

  async function somewhere(session: LiveSession, random: () => number): Promise<void> {
    await session.goto(minuteUs(session, below(random, 4), below(random, 31)));
    if (random() < 0.4) await session.step(1 + below(random, 4), "event");
    else if (random() < 0.5) await session.step(1 + below(random, 9), "phase");
  }

  it.each(UNITS)("by %s %s, one after the other and at once", async (unit, symbol) => {
    const session = await syntheticSession(FOUR_DAYS);
    const straight = new Straight(FOUR_DAYS);
    const random = seeded(5);
    for (let round = 0; round < 14; round++) {
      await somewhere(session, random);
      // The first step comes from anywhere to a stop of the unit; from there on every stop has its way back.
      const stops = [told(session, await session.step(1, unit, symbol))];
      const n = 1 + below(random, unit === "event" ? 40 : 12);
      for (let i = 0; i < n; i++) {
        const stop = await session.step(1, unit, symbol);
        expect(stop.reason).toMatch(/^(step|finished)$/);
        if (stop.reason === "finished") {
          expect(stop.phase).toBe("FINISHED");
          if ((stops.at(-1) as { phase: string }).phase === "FINISHED") break;
        }
        if (!isHeld(session)) expect(session.digest()).toBe(await straight.digest(placeOf(session)));
        stops.push(told(session, stop));
      }
      const last = stops.length - 1;
      if (last === 0) continue;
      expect(told(session, await session.back(last, unit, symbol)), `round ${round}`).toEqual(stops[0]);
      expect(told(session, await session.step(last, unit, symbol)), `round ${round}`).toEqual(stops[last]);
      for (let i = last - 1; i >= 0; i--)
        expect(told(session, await session.back(1, unit, symbol)), `round ${round}, ${i} of ${last}`).toEqual(stops[i]);
      expect(session.check()).toEqual([]);
    }
  });

  it.each(UNITS)(
    "by %s %s beyond the start it stops at the start and says so; on beyond the end is finished",
    async (unit, symbol) => {
      const session = await syntheticSession(FOUR_DAYS);
      await session.goto(minuteUs(session, 1, 3));
      const start = await session.back(100_000, unit, symbol);
      expect(start).toMatchObject({ reason: "back", why: "the start of the replay", position: { epoch: 0, slots: 0 } });
      expect(await session.back(1, unit, symbol)).toMatchObject({ reason: "back", position: { epoch: 0, slots: 0 } });
      const end = await session.step(1_000_000_000, unit, symbol);
      expect(end).toMatchObject({ reason: "finished", phase: "FINISHED" });
      expect(await session.step(1, unit, symbol)).toMatchObject({ reason: "finished", phase: "FINISHED" });
    },
  );

  it("a mark at the end of the range is gone to from anywhere", async () => {
    const session = await syntheticSession(FOUR_DAYS);
    await session.play();
    session.mark("end");
    const digest = session.digest();
    await session.goto(minuteUs(session, 1, 3));
    expect(await session.goto("end")).toMatchObject({ phase: "FINISHED" });
    expect(session.digest()).toBe(digest);
    expect(session.check()).toEqual([]);
    expect(await session.back(1, "phase")).toMatchObject({ step: "deactivate" });
  });
});
