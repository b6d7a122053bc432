/** One result whatever the speed, credit, pauses, seeks and timing of the threads (I13), and that of the single-thread replay. */
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { positionPlace } from "../../src/engine/protocol/places.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import { seededRandom } from "../fixtures/bar-rows.js";
import { minuteUs, referenceDigest, referenceRun, slotsOf, syntheticSession, until, type Market } from "./sessions.js";

/** Five days with gaps; one ends early, one is empty. */
const DATA = { sessions: 5, symbols: 4, minutes: 37, missing: 0.15, endsAt: [37, 20, 37, 0, 36] } as const;

interface Way {
  readonly name: string;
  readonly market?: Market;
  readonly speed?: number;
  readonly drive?: (session: LiveSession) => Promise<void>;
}

const WAYS: readonly Way[] = [
  { name: "data-driven" },
  { name: "at 3600x with a virtual clock", speed: 3600, market: { hooks: { virtualClock: true } } },
  { name: "at 0.5x with a virtual clock", speed: 0.5, market: { hooks: { virtualClock: true } } },
  { name: "in lockstep", market: { plan: { creditRows: 1 } } },
  {
    name: "in lockstep at 60x with a virtual clock",
    speed: 60,
    market: { plan: { creditRows: 1 }, hooks: { virtualClock: true } },
  },
  { name: "with pauses anywhere", market: { hooks: { delaySeed: 3 } }, drive: pauses },
  { name: "with seeks back and ahead", drive: seeks },
  { name: "with seeks and no day kept", market: { plan: { keepDays: 0 } }, drive: seeks },
  {
    name: "with one day kept and slow workers",
    market: { plan: { keepDays: 1, creditRows: 3 }, hooks: { delaySeed: 5 } },
  },
  {
    name: "with slow workers, pauses and seeks",
    market: { hooks: { delaySeed: 8 } },
    drive: (s) => pauses(s).then(() => seeks(s)),
  },
];

async function pauses(session: LiveSession): Promise<void> {
  const random = seededRandom("pauses");
  for (let i = 0; i < 12; i++) {
    const { epoch, slots } = session.position();
    const ahead = slots + Math.floor(random() * 90);
    const running = session.runToPlace(
      ahead > slotsOf(session, epoch) && epoch < 4
        ? positionPlace(epoch + 1, 3)
        : positionPlace(epoch, Math.min(ahead, slotsOf(session, epoch))),
      "a piece",
    );
    for (let turn = 0; turn < random() * 6; turn++) await Promise.resolve();
    await session.pause();
    await running;
  }
}

async function seeks(session: LiveSession): Promise<void> {
  const random = seededRandom("seeks");
  for (let i = 0; i < 8; i++) {
    const epoch = Math.floor(random() * 5);
    const running = session.play();
    await session.seekToPlace(positionPlace(epoch, Math.floor(random() * slotsOf(session, epoch))), "anywhere");
    await running;
  }
  await session.seekToPlace(positionPlace(0, 0), "the beginning"); // so that every day is played
}

describe("the digest of a session equals that of the single-thread replay", () => {
  it.each(WAYS)("$name", async ({ market = {}, speed = 0, drive }) => {
    const expected = await referenceRun({ data: DATA, plan: market.plan });
    const session = await syntheticSession({ ...market, data: DATA });
    session.setSpeed(speed);
    await drive?.(session);
    expect((await session.play()).reason).toBe("finished");
    expect(session.days.map((day) => day.record.digest)).toEqual(expected.days);
    expect(session.summary().digest).toBe(expected.digest);
    expect(session.check()).toEqual([]);
  });

  it("and another market has another digest", async () => {
    const digests = await Promise.all(
      [DATA, { ...DATA, seed: 8 }, { ...DATA, missing: 0.16 }].map((data) => referenceRun({ data })),
    );
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(3);
  });
});

describe("the digest at a position", () => {
  type Command =
    | { readonly kind: "run" | "seek"; readonly epoch: number; readonly slots: number }
    | { readonly kind: "play-and-pause"; readonly turns: number }
    | { readonly kind: "speed"; readonly speed: number };

  const place = { epoch: fc.nat(4), slots: fc.nat(37 * 4) };
  const command = fc.oneof<fc.Arbitrary<Command>[]>(
    fc.record({ kind: fc.constant("run" as const), ...place }),
    fc.record({ kind: fc.constant("seek" as const), ...place }),
    fc.record({ kind: fc.constant("play-and-pause" as const), turns: fc.nat(40) }),
    fc.record({ kind: fc.constant("speed" as const), speed: fc.constantFrom(0, 1, 60, 3600) }),
  );

  async function carryOut(session: LiveSession, command: Command): Promise<void> {
    if (command.kind === "speed") return session.setSpeed(command.speed);
    if (command.kind === "play-and-pause") {
      const play = session.play();
      for (let turn = 0; turn < command.turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      await session.pause();
      return void (await play);
    }
    const { epoch, slots } = command;
    const target = positionPlace(epoch, slots);
    if (command.kind === "seek") await session.seekToPlace(target, "goto");
    // What lies behind is refused; that too must leave no trace.
    else await session.runToPlace(target, "until").catch((error: Error) => expect(error.name).toBe("UsageError"));
  }

  it("does not depend on how it was reached", async () => {
    const known = new Map<string, string>();
    const markets: Market[] = [
      { data: DATA, hooks: { virtualClock: true } },
      { data: DATA, hooks: { virtualClock: true, delaySeed: 4 }, plan: { keepDays: 0, creditRows: 2 } },
    ];
    const sessions = await Promise.all(markets.map(syntheticSession));
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.array(command, { minLength: 1, maxLength: 5 }), async (which, commands) => {
        const session = sessions[which];
        for (const one of commands) {
          await carryOut(session, one);
          if (session.progress().phase !== "STREAMING") continue; // stops inside the end of a day are not places main can ask for
          const { epoch, slots } = session.position();
          const key = `${epoch} ${slots}`;
          if (!known.has(key)) known.set(key, await referenceDigest({ data: DATA }, positionPlace(epoch, slots)));
          expect(session.digest(), `at session ${epoch}, slot ${slots}`).toBe(known.get(key));
          expect(session.check()).toEqual([]);
          compared++;
        }
      }),
      { numRuns: 40, seed: 20131007, endOnFailure: true },
    );
    expect(compared).toBeGreaterThan(40);
  }, 30_000);
});

describe("the tests above can fail", () => {
  it("a coordinator that takes over the bar in hand of another run is seen in the digest or by the inspector", async () => {
    const expected = await referenceRun({ data: DATA });
    const session = await syntheticSession({ data: DATA, hooks: { bugs: ["seek-keeps-bar-in-hand"] } });
    onTestFinished(() => session.dispose());
    await session.until(minuteUs(session, 2, 20));
    await session.seekToPlace(positionPlace(2, 90), "ahead, from the open");
    const play = session.play().catch(() => {});
    await until(() => session.progress().phase !== "STREAMING" || session.position().slots >= 148);
    await Promise.race([play, until(() => session.summary().status !== "stopped")]);
    expect(session.days.find((day) => day.record.epoch === 2)?.record.digest).not.toBe(expected.days[2]);
  });
});
