/** What is told of threads that really run: their traces, the journal, the end of the day. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EOD_STEPS } from "../../src/engine/protocol/phases.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { syntheticSession } from "./sessions.js";

interface Slice {
  readonly name: string;
  readonly thread: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly epoch: number; readonly run: number; readonly from: number; readonly to: number };
}

/** The slices of an exported trace by thread, in the order written. */
async function slicesOf(session: LiveSession): Promise<Slice[]> {
  const file = join(tempFolder().path, "trace.json");
  await session.exportTrace(file);
  const { traceEvents } = JSON.parse(readFileSync(file, "utf8")) as { traceEvents: Record<string, unknown>[] };
  const names = traceEvents.filter(({ ph, name }) => ph === "M" && name === "thread_name");
  const threads = new Map(names.map(({ tid, args }) => [tid, (args as { name: string }).name]));
  return traceEvents
    .filter(({ ph }) => ph === "X")
    .map((event) => ({ ...event, thread: threads.get(event.tid) }) as unknown as Slice);
}

const SESSIONS = 4;

describe("the traces of a run to the end", () => {
  it("hold every turn of both threads, in order: each slot published and taken in once, each step of each day", async () => {
    const session = await syntheticSession({ data: { sessions: SESSIONS }, plan: { creditRows: 3 } });
    await session.play();
    const slices = await slicesOf(session);
    for (const thread of ["coordinator", "upkeep", "prefetch"]) {
      const own = slices.filter((slice) => slice.thread === thread);
      own.slice(1).forEach(({ ts }, i) => expect(ts).toBeGreaterThanOrEqual(own[i].ts + own[i].dur - 0.001));
    }
    const slots = session.position().slotsDue;
    for (let epoch = 0; epoch < SESSIONS; epoch++) {
      const named = (thread: string, name: string): Slice[] =>
        slices.filter((slice) => slice.thread === thread && slice.name === name && slice.args.epoch === epoch);
      for (const [thread, name] of [
        ["coordinator", "publish"],
        ["upkeep", "take in"],
      ] as const) {
        const spans = named(thread, name).map(({ args }) => [args.from, args.to]);
        expect(spans[0][0]).toBe(0);
        spans.slice(1).forEach(([from], i) => expect(from).toBe(spans[i][1]));
        expect(spans.length).toBeGreaterThan(slots / 9 - 1);
      }
      for (const step of EOD_STEPS) {
        const isLast = epoch === SESSIONS - 1;
        if (step === "roll" && isLast) continue;
        expect([step, named(step === "hand-over" ? "coordinator" : "upkeep", step).length]).toEqual([step, 1]);
      }
      // What one thread does after another by the rules is so on the common clock, too.
      const [handOver] = named("coordinator", "hand-over");
      const [drain] = named("upkeep", "drain");
      expect(drain.ts + drain.dur).toBeGreaterThan(handOver.ts);
      const [firstPublish] = named("coordinator", "publish");
      const [activate] = named("upkeep", "activate");
      expect(firstPublish.ts + firstPublish.dur).toBeGreaterThan(activate.ts);
    }
    const loads = slices.filter(({ thread, name }) => thread === "prefetch" && name === "load");
    expect(loads).toHaveLength(SESSIONS);
  });

  it("tell how long the close of each day took, and what each thread did last", async () => {
    const session = await syntheticSession({ data: { sessions: SESSIONS } });
    await session.play();
    const { date, steps, before } = session.eod();
    expect(date).toBe(session.plan.sessions[SESSIONS - 1].date);
    expect(steps.map(({ state }) => state)).toEqual(new Array(7).fill("done"));
    for (const { durationUs } of steps) expect(durationUs).toBeGreaterThan(0);
    const dates = session.plan.sessions.map((planned) => planned.date);
    expect(before.map((day) => day.date)).toEqual(dates.slice(0, -1).reverse());
    for (const { totalUs } of before) expect(totalUs).toBeGreaterThan(0);
    const [coordinator, upkeep, prefetch] = session.threads();
    expect(coordinator).toMatchObject({ lastEvent: "hand-over", would: "waits: a command", state: "idle" });
    expect(upkeep).toMatchObject({ lastEvent: "finish", would: "waits: a command" });
    expect(prefetch).toMatchObject({ state: "idle", lastEvent: expect.stringMatching(`^loaded ${dates.at(-1)} in `) });
  });
});

describe("the journal of a session", () => {
  it("tells a command from the stop it came to", async () => {
    const session = await syntheticSession();
    await session.step(2, "minute");
    await session.back(9, "day");
    await session.play();
    const told = session.journal({ last: 10_000 }).filter(({ thread }) => thread === "main");
    const moves = told.filter(({ kind }) => kind === "command" || kind === "answer").map(({ text }) => text);
    expect(moves.slice(-6)).toEqual([
      "step 2 minute",
      "stopped: step 2 minute",
      "back 9 day",
      "stopped: the start of the replay",
      "play",
      "finished",
    ]);
  });

  it("merges commands, loads and data", async () => {
    const session = await syntheticSession();
    await session.step(1, "day");
    await session.until("2024-01-03 14:33");
    const kinds = new Set(
      session.journal({ last: 10_000 }).map(({ kind, control }) => (control ? `control ${kind}` : kind)),
    );
    for (const kind of ["activate", "row", "gap", "hand-over", "roll", "control command", "control load"])
      expect(kinds).toContain(kind);
    const data = session.journal({ last: 10_000, control: false });
    expect(data.every(({ control }) => !control)).toBe(true);
    await session.back(1, "minute");
    const earlier = session.journal({ last: 10_000, control: false });
    expect(earlier).toEqual(data.slice(0, earlier.length));
    expect(earlier.length).toBeLessThan(data.length);
  });
});
