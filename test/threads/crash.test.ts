/** A worker that dies: whoever waits hears which thread and why, the others leave, and the session stays ended. */
import { describe, expect, it } from "vitest";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import { Crew } from "../../src/engine/threads/crew.js";
import { livingThreads, minuteUs, outcome, syntheticData, syntheticSession } from "./sessions.js";

const THREADS = ["coordinator", "upkeep", "prefetch"] as const;

/** A worker takes fewer turns than these while a session is opened, whatever the schedule, and more in 20 days. */
const MOMENTS = { coordinator: [12, 30], upkeep: [20, 60], prefetch: [15, 30] } as const;

async function expectDead(session: LiveSession, thread: string): Promise<void> {
  expect(livingThreads()).toBe(0);
  expect(session.summary()).toMatchObject({ status: "failed", error: { code: "worker-died" } });
  const message = new RegExp(`^worker-died: the ${thread} thread died: ${thread} crashes on purpose$`);
  for (const later of [session.play(), session.pause(), session.until("15:00"), session.goto(minuteUs(session, 0, 1))])
    expect(await outcome(later)).toMatch(message);
  expect(() => session.setSpeed(60)).toThrow(/died/);
  await session.dispose();
}

describe.each(THREADS)("when the %s thread dies", (thread) => {
  const data = { sessions: 20 };

  it("in its first turn, opening rejects with its cause", async () => {
    await expect(syntheticSession({ data, hooks: { crash: { thread, inTurn: 1 } } })).rejects.toMatchObject({
      code: "worker-died",
      message: `the ${thread} thread died: ${thread} crashes on purpose`,
    });
    expect(livingThreads()).toBe(0);
  });

  it("before it was given the memory, opening rejects with its cause", async () => {
    const crew = new Crew();
    await crew["start"](thread, { kind: "synthetic", options: syntheticData(data) }).terminate(); // as while the data is scanned
    await expect(syntheticSession({ data, crew })).rejects.toMatchObject({
      code: "worker-died",
      message: expect.stringMatching(`^the ${thread} thread died: it has left with code [01]$`),
    });
    expect(livingThreads()).toBe(0);
  });

  it.each(MOMENTS[thread])("in turn %i, the command under way rejects with its cause", async (inTurn) => {
    const session = await syntheticSession({ data, hooks: { crash: { thread, inTurn } } });
    await expect(session.play()).rejects.toMatchObject({
      code: "worker-died",
      message: `the ${thread} thread died: ${thread} crashes on purpose`,
      stack: expect.stringContaining("shell"),
    });
    await expectDead(session, thread);
  });

  it("under commands that follow one another, one of them rejects and none hangs", async () => {
    const session = await syntheticSession({ data, hooks: { crash: { thread, inTurn: MOMENTS[thread][1] } } });
    const outcomes: string[] = [];
    const commands = [
      () => session.until(minuteUs(session, 0, 20)),
      () => session.pause(),
      () => session.play(),
      () => session.goto(minuteUs(session, 15, 1)),
    ];
    for (let i = 0; i < 200 && !outcomes.at(-1)?.includes("died"); i++) outcomes.push(await outcome(commands[i % 4]()));
    await expectDead(session, thread);
  });
});
