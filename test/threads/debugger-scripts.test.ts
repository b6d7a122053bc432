/** Random scripts over one living session: wherever it stands unheld, it is what a straight run is there. */
import { describe, expect, it } from "vitest";
import { below, engineOf, FOUR_DAYS, isHeld, pick, placeOf, seeded, Straight } from "./debugger.js";
import { minuteUs, syntheticSession } from "./sessions.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import { UNITS } from "../../src/engine/session/types.js";

const CONDITIONS = [
  "gap>=2",
  "S0.last>22",
  "quality<75",
  "class=streamed if S1.gap>=1",
  "phase=roll",
  "phase=finalize",
  "14:41",
  "14:55",
  "low<21",
];

type Random = () => number;
type Move = (session: LiveSession, random: Random) => Promise<unknown>;

const time = (session: LiveSession, random: Random): number =>
  minuteUs(session, below(random, 4), below(random, 31)) + below(random, 2) * 30_000_000;

/** A run to the end, ended by a pause somewhere. */
const paused: Move = async (session, random) => {
  session.setSpeed(pick(random, [0, 3600, 200_000]));
  const run = pick(random, [() => session.play(), () => session.until("gap>=3"), () => session.step(50, "event")])();
  for (let i = below(random, 3); i > 0; i--) await new Promise((resolve) => setImmediate(resolve));
  if (random() < 0.5) session.setSpeed(pick(random, [0, 60]));
  if (random() < 0.3) session.break(pick(random, CONDITIONS));
  const pause = await session.pause();
  expect(pause.reason).toBe("paused");
  expect((await run).command).toBeLessThan(pause.command);
};

const MOVES: Move[] = [
  (session, random) => session.step(1 + below(random, 7), pick(random, UNITS)),
  (session, random) => session.step(1 + below(random, 5), "bar", pick(random, ["S0", "S1", "S2"])),
  (session, random) => session.back(1 + below(random, 7), pick(random, UNITS)),
  (session, random) => session.back(1 + below(random, 5), "bar", pick(random, ["S0", "S1", "S2"])),
  (session, random) => session.goto(time(session, random)),
  (session, random) => session.until(time(session, random)).catch(() => {}), // it may lie behind
  (session, random) => session.until(pick(random, CONDITIONS)).catch(() => {}),
  (session) => session.until((view) => view.minute % 7 === 5),
  async (session, random) => {
    session.break(pick(random, CONDITIONS), {
      temporary: random() < 0.5,
      ignore: below(random, 3),
      log: random() < 0.2,
    });
    await session.play();
  },
  (session) => session.play(),
  (session) => session.reverseContinue().catch(() => {}), // there may be none
  async (session, random) => {
    const all = session.breakpoints();
    if (all.length === 0) return;
    const { id } = pick(random, all);
    if (random() < 0.6) session.delete(id);
    else session.ignore(id, below(random, 4));
  },
  async (session, random) => session.setSpeed(pick(random, [0, 3600, 1_000_000])),
  paused,
  (session, random) => session.stepThread(pick(random, ["coordinator", "upkeep"]), 1 + below(random, 6)),
];

async function mustBeStraight(session: LiveSession, straight: Straight, what: string): Promise<void> {
  expect(session.check(), what).toEqual([]);
  if (!isHeld(session)) expect(session.digest(), what).toBe(await straight.digest(placeOf(session)));
}

describe("any mix of commands", () => {
  it.each([
    ["in free run", {}, 160],
    ["in lockstep", { creditRows: 1 }, 80],
    ["with seeded delays", { delaySeed: 3, creditRows: 2 }, 80],
  ])(
    "%s",
    async (_, hooks, scripts) => {
      const market = { ...FOUR_DAYS, hooks: { ...hooks, virtualClock: true } };
      const session = await syntheticSession(market);
      const straight = new Straight(FOUR_DAYS);
      for (let seed = 1; seed <= scripts; seed++) {
        const random = seeded(seed * 7919 + scripts);
        const done: string[] = [];
        if (random() < 0.5) await session.goto(time(session, random));
        for (let i = 2 + below(random, 5); i > 0; i--) {
          const move = below(random, MOVES.length);
          done.push(`${move}`);
          await MOVES[move](session, random);
          await mustBeStraight(session, straight, `script ${seed}: ${done.join(" ")}`);
        }
        for (const { id } of session.breakpoints()) if (random() < 0.7) session.delete(id);
        session.setSpeed(0);
      }
    },
    120_000,
  );
});

describe("one thread stepped while the other is held", () => {
  it("corrupts nothing from anywhere: what runs on afterwards is a straight run", async () => {
    const session = await syntheticSession({ ...FOUR_DAYS, hooks: { creditRows: 2 } });
    const straight = new Straight(FOUR_DAYS);
    const random = seeded(17);
    let waits = 0;
    for (let round = 0; round < 60; round++) {
      await session.goto(minuteUs(session, below(random, 4), below(random, 31)));
      if (random() < 0.4) await session.step(1 + below(random, 9), "phase");
      for (let i = 1 + below(random, 8); i > 0; i--) {
        const before = { ...session.position(), place: placeOf(session), phase: session.state().phase };
        const thread = pick(random, ["coordinator", "upkeep"] as const);
        const stop = await session.stepThread(thread, random() < 0.5 ? 1 : 1 + below(random, 9));
        expect(session.check()).toEqual([]);
        if (stop.reason !== "waits") {
          expect(stop.reason).toBe("step");
          continue;
        }
        waits++;
        expect(stop.why).toMatch(new RegExp(`^${thread} waits: .{3,}`));
        const again = await session.stepThread(thread);
        expect(again.reason).toBe("waits");
        expect(again.position).toEqual(stop.position);
        expect(before.run).toBe(stop.position.run);
      }
      const moves: Move[] = [
        (s) => s.pause(),
        (s) => s.goto(minuteUs(s, below(random, 4), 9)),
        (s) => s.until("phase=roll").catch(() => {}), // there may be none to come
        (s) => s.step(2, "minute"),
        (s) => s.back(1, "bar"),
        (s) => s.step(1, "phase"),
        (s) => s.until("gap>=2"),
      ];
      await pick(random, moves)(session, random);
      await mustBeStraight(session, straight, `round ${round}`);
    }
    expect(waits).toBeGreaterThan(5);
    await session.goto(minuteUs(session, 0, 0));
    await session.play();
    expect(session.digest()).toBe(await straight.digest(placeOf(session)));
    expect(engineOf(session).mover.isMoving).toBe(false);
  });
});
