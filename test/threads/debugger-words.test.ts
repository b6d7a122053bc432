/** The cause of a stop in words: by one rule, whatever the command. */
import { expect, it } from "vitest";
import { FOUR_DAYS } from "./debugger.js";
import { syntheticSession } from "./sessions.js";
import type { Session, Stop } from "../../src/engine/session/types.js";

const CAUSES: [string, (session: Session) => Promise<Stop>, string, string][] = [
  ["until a time of day", (s) => s.until("14:35"), "until", "until 14:35"],
  ["until a moment", (s) => s.until("2024-01-02 14:36"), "until", "until 2024-01-02 14:36"],
  ["step", (s) => s.step(2, "bar"), "step", "step 2 bar"],
  ["goto", (s) => s.goto("14:38"), "goto", "goto 14:38"],
  ["until data", (s) => s.until("S0.last>1"), "until", "S0 last "],
  ["a thread that moves", (s) => s.stepThread("coordinator"), "step", "thread coordinator step"],
  ["a thread that moves and then waits", (s) => s.stepThread("upkeep", 9), "waits", "upkeep waits: "],
  [
    "until a step",
    (s) => s.until("phase=finalize if day=2024-01-03"),
    "until",
    "until phase=finalize if day=2024-01-03",
  ],
  ["back", (s) => s.back(1, "phase"), "back", "back phase"],
  ["back beyond the start", (s) => s.back(99, "day"), "back", "the start of the replay"],
  ["play to the end", (s) => s.play(), "finished", "the end of the range"],
  ["step at the end", (s) => s.step(), "finished", "the end of the range"],
];

it("a place that was asked for is told as the command, anything else as what happened", async () => {
  const session = await syntheticSession(FOUR_DAYS);
  for (const [what, ask, reason, why] of CAUSES) {
    const stop = await ask(session);
    expect(stop.reason, what).toBe(reason);
    if (why.endsWith(" ")) expect(stop.why, what).toContain(why);
    else expect(stop.why, what).toBe(why);
    expect(session.why()[0], what).toBe(`stopped: ${stop.why}`);
  }
});

it("a thread that waits says how far it has come", async () => {
  const session = await syntheticSession(FOUR_DAYS);
  await session.stepThread("coordinator", 2);
  expect((await session.stepThread("upkeep", 9)).why).toMatch(
    /^upkeep waits: S2 14:30 is not published; 2 of 9 events done$/,
  );
  expect((await session.stepThread("upkeep", 9)).why).toMatch(/^upkeep waits: S2 14:30 is not published$/);
});
