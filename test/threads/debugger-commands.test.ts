/** Commands where they do not belong: nonsense, odd moments, two clients at once. Each gets one clear answer and none hangs. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { below, FOUR_DAYS, isHeld, pick, placeOf, seeded, Straight } from "./debugger.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { minuteUs, syntheticSession, until } from "./sessions.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { Session, Stop } from "../../src/engine/session/types.js";

type Ask = (session: Session) => Promise<unknown>;

const NONSENSE: [string, (session: Session) => unknown][] = [
  ...[NaN, -1, 0, 1.5, Infinity].flatMap((count): [string, Ask][] => [
    [`step ${count}`, (s) => s.step(count)],
    [`back ${count}`, (s) => s.back(count, "phase")],
    [`thread step ${count}`, (s) => s.stepThread("upkeep", count)],
  ]),
  ["unit", (s) => s.step(1, "week" as never)],
  ["symbol", (s) => s.step(1, "bar", "NONE")],
  ["symbol of a phase", (s) => s.back(1, "phase", "S0")],
  ["thread", (s) => s.stepThread("prefetch" as never)],
  ["empty until", (s) => s.until("")],
  ["empty goto", (s) => s.goto("")],
  ["no mark", (s) => s.goto("nowhere")],
  ["no condition", (s) => s.until("qualty<5")],
  ["behind", (s) => s.until(0)],
  ["reverse without a breakpoint", (s) => s.reverseContinue()],
  ["break", (s) => s.break("")],
  ["ignore of a negative", (s) => s.ignore(1, -1)],
  ["delete", (s) => s.delete(99)],
  ["speed", (s) => s.setSpeed(NaN)],
  ["mode", (s) => s.setMode("fast" as never)],
  ["mark", (s) => s.mark("")],
  ["watch", (s) => s.watch("S0")],
  ["unwatch", (s) => s.unwatch("S0.last")],
];

async function refusal(session: Session, ask: (session: Session) => unknown): Promise<unknown> {
  try {
    return await ask(session);
  } catch (error) {
    return error;
  }
}

describe("nonsense", () => {
  it("is refused with a hint wherever the session is, and nothing has moved", async () => {
    const session = await syntheticSession(FOUR_DAYS);
    const places: Ask[] = [
      (s) => s.goto(minuteUs(session, 1, 5)),
      (s) => s.stepThread("coordinator", 3),
      (s) => s.step(4, "phase"),
      (s) => s.until("phase=load"),
      (s) => s.play(),
    ];
    for (const go of places) {
      await go(session);
      const before = { position: session.position(), place: placeOf(session) };
      for (const [what, ask] of NONSENSE)
        expect(await refusal(session, ask), what).toMatchObject({
          name: "UsageError",
          message: expect.stringMatching(/.{5}/),
        });
      expect({ position: session.position(), place: placeOf(session) }).toEqual(before);
      expect(session.check()).toEqual([]);
    }
  });

  it("under a running play leaves the play alone", async () => {
    const session = await syntheticSession(FOUR_DAYS);
    await session.goto(minuteUs(session, 1, 5));
    session.setSpeed(1);
    const play = session.play();
    for (const [what, ask] of NONSENSE) expect(await refusal(session, ask), what).toMatchObject({ name: "UsageError" });
    expect(session.state().state).toBe("playing");
    session.setSpeed(0);
    expect((await play).reason).toBe("finished");
  });
});

describe("a step under a running play", () => {
  it.each(["bar", "minute", "phase", "day", "event"] as const)(
    "by %s begins where the play has been stopped",
    async (unit) => {
      const session = await syntheticSession({ ...FOUR_DAYS, hooks: { virtualClock: true, delaySeed: 4 } });
      const straight = new Straight(FOUR_DAYS);
      for (let round = 0; round < 8; round++) {
        await session.goto(minuteUs(session, 0, 0));
        session.setSpeed(round % 2 === 0 ? 3600 : 0);
        const play = session.play();
        for (let i = 0; i < round; i++) await new Promise((resolve) => setImmediate(resolve));
        const step = await session.step(1, unit);
        expect(step.reason).toMatch(/^(step|finished)$/);
        expect((await play).reason).toMatch(/^(superseded|finished)$/);
        if (!isHeld(session)) expect(session.digest()).toBe(await straight.digest(placeOf(session)));
      }
    },
  );
});

describe("two clients at once", () => {
  const COMMANDS: ((session: Session, random: () => number) => Promise<Stop>)[] = [
    (s) => s.play(),
    (s) => s.pause(),
    (s, r) => s.step(1 + below(r, 5), pick(r, ["bar", "minute", "event", "phase", "day"] as const)),
    (s, r) => s.back(1 + below(r, 5), pick(r, ["bar", "minute", "event", "phase", "day"] as const)),
    (s, r) => s.goto(`2024-01-0${2 + below(r, 4)} 14:${30 + below(r, 30)}`),
    (s, r) => s.until(pick(r, ["gap>=2", "phase=roll", "14:45", "S0.last>22"])),
    (s) => s.until((view) => view.minute === 9),
    (s) => s.reverseContinue(),
    (s, r) => s.stepThread(pick(r, ["coordinator", "upkeep"] as const), 1 + below(r, 4)),
    (s) => s.step(NaN),
  ];
  const AT_ONCE: ((session: Session, random: () => number) => unknown)[] = [
    (s, r) =>
      s.break(pick(r, ["gap>=3", "14:50", "phase=record", "low<21"]), {
        temporary: r() < 0.5,
        ignore: below(r, 2),
        log: r() < 0.3,
      }),
    (s) => s.break((view) => view.minute % 11 === 10),
    (s, r) => s.delete(pick(r, s.breakpoints())?.id ?? 0),
    (s, r) => s.ignore(pick(r, s.breakpoints())?.id ?? 0, below(r, 3)),
    (s, r) => s.setSpeed(pick(r, [0, 60, 3600, "max"])),
    (s, r) => s.setMode(pick(r, ["data", "clock"])),
    (s) => s.mark("here"),
    (s) => s.watch("S1.last"),
    (s) => [s.state(), s.threads(), s.words(), s.streams(), s.eod(), s.why(), s.journal({ last: 5 }), s.progress()],
  ];

  it.each([1, 2, 3, 4])(
    "seed %i: every promise settles, once, with its client, in the order of the commands",
    async (seed) => {
      const session = await syntheticSession({
        ...FOUR_DAYS,
        hooks: { virtualClock: true, ...(seed % 2 && { delaySeed: seed }) },
      });
      const straight = new Straight(FOUR_DAYS);
      const random = seeded(seed);
      const stops: Stop[] = [];
      session.on("stop", (stop) => stops.push(stop));
      const clients = ["a", "b"].map((name) => ({ name, session: session.as(name) }));
      const asked: Promise<void>[] = [];
      let answers = 0;
      for (let i = 0; i < 250; i++) {
        const client = pick(random, clients);
        const answer = pick(random, COMMANDS)(client.session, random);
        asked.push(
          answer.then(
            (stop) => {
              answers++;
              expect(stop.client).toBe(client.name);
            },
            (error: Error) => expect(error.name, error.stack).toBe("UsageError"),
          ),
        );
        if (random() < 0.6)
          try {
            pick(random, AT_ONCE)(client.session, random);
          } catch (error) {
            expect((error as Error).name, (error as Error).stack).toBe("UsageError");
          }
        if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
        if (random() < 0.1) await Promise.all(asked);
      }
      await Promise.all(asked);
      expect(stops.length).toBe(answers);
      const numbers = stops.map(({ command }) => command);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      await session.pause();
      expect(session.check()).toEqual([]);
      if (!isHeld(session)) expect(session.digest()).toBe(await straight.digest(placeOf(session)));
    },
    60_000,
  );

  it("a session that is disposed of between the legs of a command answers all of them", async () => {
    for (let round = 0; round < 4; round++) {
      const session = await syntheticSession(FOUR_DAYS);
      const commands = [
        session.until((view) => view.minute < 0),
        session.step(1000, "event"),
        session.pause(),
        session.play(),
      ];
      const settled = Promise.allSettled(commands);
      const off = session.on("change", () => {
        off();
        void session.dispose();
      });
      for (const end of await settled)
        expect(end.status === "fulfilled" ? end.value.reason : String(end.reason)).toMatch(/stopped|superseded/);
      await expect(session.play()).rejects.toThrow(/stopped/);
      expect(() => session.break("gap>=3")).toThrow(/stopped/);
      expect(session.state().state).toBe("stopped");
      expect(() => [session.threads(), session.words(), session.streams(), session.eod()]).not.toThrow();
      expect(() => [session.why(), session.watches()]).not.toThrow();
      expect(() => [session.journal(), session.progress(), session.summary(), session.marks()]).not.toThrow();
    }
  });
});

describe("what is kept and written", () => {
  it("a run saved in the middle, between steps and at the end is equal to itself, and the session stands where it stood", async () => {
    const folder = tempFolder();
    const session = await syntheticSession(FOUR_DAYS);
    const places: Ask[] = [
      (s) => s.goto(minuteUs(session, 1, 7)),
      (s) => s.step(6, "phase"),
      (s) => s.until("phase=load"),
      (s) => s.play(),
    ];
    for (const [i, go] of places.entries()) {
      await go(session);
      const before = { place: placeOf(session), digest: session.digest() };
      const { reason, why, command } = session.lastStop;
      const file = folder.file(`run-${i}.ndjson`);
      expect(await session.save(file)).toBeGreaterThan(0);
      expect({ place: placeOf(session), digest: session.digest() }).toEqual(before);
      expect(await session.diff(file)).toMatchObject({ equal: true });
      expect({ place: placeOf(session), digest: session.digest() }).toEqual(before);
      expect(session.lastStop, "it stands for the reason it had").toMatchObject({ reason, why, command });
    }
    for (const [name, write] of [
      ["journal", (file: string) => session.exportJournal(file)],
      ["trace", (file: string) => session.exportTrace(file)],
    ] as const) {
      const file = folder.file(`${name}.json`);
      expect(await write(file)).toBeGreaterThan(0);
      const text = await readFile(file, "utf8");
      if (name === "trace") JSON.parse(text);
      else for (const line of text.trim().split("\n")) JSON.parse(line);
    }
  });

  it("saved where one thread is held ahead of the other, it is the run up to what has been taken in", async () => {
    const folder = tempFolder();
    const session = await syntheticSession(FOUR_DAYS);
    const file = folder.file("held.ndjson");
    await session.goto(minuteUs(session, 1, 7));
    const digest = session.digest();
    await session.stepThread("coordinator", 4);
    expect(isHeld(session)).toBe(true);
    expect(await session.save(file)).toBeGreaterThan(0);
    expect(await session.diff(file)).toMatchObject({ equal: true });
    expect([isHeld(session), session.digest()]).toEqual([false, digest]);
    expect(session.lastStop.why, "a thread was let go for it").toMatch(/^save /);
    const straight = await syntheticSession(FOUR_DAYS);
    await straight.goto(minuteUs(straight, 1, 7));
    expect(await straight.diff(file)).toMatchObject({ equal: true, compared: { days: 2, minutes: 37 } });
  });

  it("compared with a session of other data it names the first minute and symbol that differ, as a straight scan does", async () => {
    const folder = tempFolder();
    const other = { ...FOUR_DAYS, data: { ...FOUR_DAYS.data, seed: 12 } };
    const [here, there] = [await syntheticSession(FOUR_DAYS), await syntheticSession(other)];
    for (const session of [here, there]) await session.until(minuteUs(session, 1, 7)); // the day before stays in memory
    const bar = (session: LiveSession, symbol: string, timeUs: number): string => {
      const { startUs, open, high, low, close, volume } = session.at("2024-01-02 15:00").bars(symbol);
      const i = startUs.indexOf(timeUs);
      return [open, high, low, close, volume].map((column) => column[i]).join(" ");
    };
    const minute = Array.from({ length: 30 }, (_, i) => minuteUs(here, 0, i)).find((us) =>
      ["S0", "S1", "S2"].some((symbol) => bar(here, symbol, us) !== bar(there, symbol, us)),
    )!;
    const symbol = ["S0", "S1", "S2"].find((one) => bar(here, one, minute) !== bar(there, one, minute));
    await there.save(folder.file("there"));
    for (const found of [await here.diff(there), await here.diff(folder.file("there"))]) {
      expect(found).toMatchObject({ equal: false, date: "2024-01-02", timeUs: minute + 60_000_000, symbol });
      expect(found.text).toContain(symbol);
    }
  });

  it("watches are shown at every stop, as they were when it stopped", async () => {
    const session = await syntheticSession(FOUR_DAYS);
    session.watch("S1.LAST");
    const stop = await session.until(minuteUs(session, 0, 9));
    expect(stop.watches).toEqual([{ text: "S1.last", value: session.value("S1", "last") }]);
    session.mark("nine");
    await session.play();
    expect((await session.goto("nine")).watches).toEqual(stop.watches);
  });

  it("a function that throws ends its command with its own error, and the session goes on", async () => {
    const session = await syntheticSession(FOUR_DAYS);
    const broken = session.until(() => {
      throw new RangeError("on purpose");
    });
    await expect(broken).rejects.toThrow("on purpose");
    await until(() => session.state().state === "paused");
    expect((await session.play()).reason).toBe("finished");
  });
});
