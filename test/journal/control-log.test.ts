import { describe, expect, it } from "vitest";
import { ControlLog } from "../../src/engine/journal/control-log.js";
import { timeOfEntry, traceText } from "../../src/engine/journal/trace-text.js";
import {
  TRACE_KINDS,
  TRACED_THREADS,
  WAITED,
  type TracedEntry,
  type TracedThread,
} from "../../src/engine/memory/trace.js";
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { openOf, planOf, plantDay } from "../work/planted-days.js";
import { traced } from "./traced.js";

const MINUTE_US = 60_000_000;
/** Three symbols. */
const PLAN = planOf([plantDay(1, 20), plantDay(2, 15), plantDay(3, 10)]);

/** A log whose traces are these lists, each read once. */
function logOf(entries: readonly TracedEntry[] = [], nowUs = () => 0): ControlLog {
  const source = (thread: TracedThread) => {
    let left = entries.filter((entry) => entry.thread === thread);
    return {
      lost: thread === "upkeep" ? 3 : 0,
      drain: () => {
        const drained = left;
        left = [];
        return drained;
      },
    };
  };
  const [coordinator, upkeep, prefetch] = TRACED_THREADS.map(source);
  return new ControlLog(PLAN, { coordinator, upkeep, prefetch }, nowUs);
}

const MS = 1000;

describe("the control log", () => {
  it("keeps what main notes, with who, when and where", () => {
    const log = logOf([], () => 42);
    const place = { epoch: 1, ordinal: 7, timeUs: openOf(1) };
    log.note({ kind: "command", text: "until 15:58", ...place, facts: { client: "prompt", command: 3 } });
    log.note({ kind: "speed", text: "speed 60", ...place });
    expect(log.events()).toEqual([
      {
        thread: "main",
        kind: "command",
        text: "until 15:58",
        wallUs: 42,
        ...place,
        facts: { client: "prompt", command: 3 },
      },
      { thread: "main", kind: "speed", text: "speed 60", wallUs: 42, ...place, facts: {} },
    ]);
  });

  it("tells loads, requests, acknowledgements and long waits of the traces; no turns, no waits for a command, a pause or the clock", () => {
    const log = logOf([
      traced("coordinator", "publish", { from: 0, to: 3, endUs: 1 }),
      traced("coordinator", "wait", {
        startUs: 1,
        endUs: 1 + 5 * MS,
        phase: PHASE.drained,
        step: STEP.verify,
        position: 60,
      }),
      traced("coordinator", "wait", { startUs: 7 * MS, endUs: 7 * MS + 900 }),
      traced("coordinator", "wait", { startUs: 8 * MS, endUs: 90 * MS, value: WAITED.command }),
      traced("coordinator", "wait", { startUs: 8 * MS, endUs: 90 * MS, value: WAITED.clock }),
      traced("coordinator", "acknowledge", { endUs: 91 * MS, value: 1 }),
      traced("upkeep", "request", { endUs: 2 * MS, value: 1 }),
      traced("upkeep", "wait", { startUs: 3 * MS, endUs: 6 * MS, value: WAITED.pause }),
      traced("upkeep", "wait", { startUs: 10 * MS, endUs: 2500 * MS, phase: PHASE.arming, step: STEP.load, epoch: 1 }),
      traced("upkeep", "answer", { endUs: 92 * MS }),
      traced("prefetch", "load", { startUs: 2 * MS, endUs: 4 * MS + 345, value: 1 }),
      traced("prefetch", "commit", { endUs: 5 * MS }),
      traced("prefetch", "load-failed", { endUs: 93 * MS, value: 0 }),
    ]);
    expect(log.events().map(({ thread, kind, text, wallUs }) => [wallUs, thread, kind, text])).toEqual([
      [1, "coordinator", "wait", "waited 5.0 ms for upkeep: verify"],
      [2 * MS, "upkeep", "request", "asked for 2024-01-03"],
      [4 * MS + 345, "prefetch", "load", "loaded 2024-01-03 in 2.3 ms"],
      [10 * MS, "upkeep", "wait", "waited 2.5 s for prefetch to load 2024-01-03"],
      [91 * MS, "coordinator", "acknowledge", "acknowledged the pause"],
      [93 * MS, "prefetch", "load-failed", "could not load 2024-01-02"],
    ]);
  });

  it("says where a thread was: before which step, at which slot, at what time", () => {
    const log = logOf([
      traced("upkeep", "wait", { startUs: 1, endUs: 2 * MS, phase: PHASE.streaming, position: 7 }),
      traced("coordinator", "wait", {
        startUs: 2,
        endUs: 3 * MS,
        phase: PHASE.drained,
        step: STEP.record,
        position: 60,
      }),
      traced("upkeep", "request", { endUs: 4 * MS, phase: PHASE.arming, step: STEP.load, epoch: 1, value: 1 }),
    ]);
    expect(log.events().map(({ epoch, ordinal, timeUs }) => [epoch, ordinal, timeUs])).toEqual([
      [0, 7, openOf(0) + 3 * MINUTE_US],
      [0, 60 + STEP.record, openOf(0) + 20 * MINUTE_US],
      [1, -2, openOf(1)],
    ]);
  });

  it("keeps the traces of each thread apart, says what it did last, and how much was lost", () => {
    const log = logOf([
      traced("coordinator", "publish", { from: 4, to: 5, endUs: 1 }),
      traced("coordinator", "wait", { startUs: 1, endUs: 2 }),
      traced("coordinator", "answer", { startUs: 2, endUs: 3 }),
      traced("upkeep", "process", { from: 0, to: 5, endUs: 3 }),
    ]);
    expect(log.lastEvent("coordinator")).toBe("published BB 14:31");
    expect(log.lastEvent("upkeep")).toBe("took in 5 slots, AA 14:30 to BB 14:31");
    expect(log.lastEvent("prefetch")).toBe("");
    expect(log.trace("coordinator").map(({ kind }) => TRACE_KINDS.coordinator[kind])).toEqual([
      "publish",
      "wait",
      "answer",
    ]);
    expect(log.lost).toBe(3);
  });

  it("forgets the oldest: it stays within its limits however long a session runs", () => {
    const many = Array.from({ length: 30_000 }, (_, i) => traced("upkeep", "request", { endUs: i, value: 1 }));
    let now = 0;
    const log = logOf(many, () => now++);
    for (let i = 0; i < 9_000; i++) log.note({ kind: "command", text: `${i}`, epoch: 0, ordinal: 0, timeUs: 0 });
    const events = log.events();
    expect(log.trace("upkeep")).toHaveLength(8192);
    expect(log.trace("upkeep").at(-1)?.endUs).toBe(29_999);
    expect(events).toHaveLength(4000);
    expect(events.filter(({ thread }) => thread === "main").at(-1)?.text).toBe("8999");
  });
});

describe("an entry of a trace", () => {
  it("is named in words, whatever it is of", () => {
    for (const thread of TRACED_THREADS)
      for (const kind of TRACE_KINDS[thread])
        for (const phase of Object.values(PHASE))
          for (const epoch of [0, 1]) {
            const text = traceText(PLAN, traced(thread, kind, { phase, epoch, from: 3, to: 9 }));
            expect(text).toMatch(/^[a-z0-9]/);
            expect(text).not.toMatch(/undefined|NaN|\?/);
          }
  });

  it("says what a wait was for", () => {
    const text = (thread: "coordinator" | "upkeep", more: Partial<TracedEntry>): string =>
      traceText(PLAN, traced(thread, "wait", { endUs: 250, ...more }));
    expect(text("coordinator", {})).toBe("waited 250 µs for upkeep to take in what is published");
    expect(text("coordinator", { phase: PHASE.drained })).toBe("waited 250 µs for upkeep: drain");
    expect(text("coordinator", { phase: PHASE.arming, step: STEP.load })).toBe("waited 250 µs for upkeep: load");
    expect(text("coordinator", { phase: PHASE.seeking })).toBe("waited 250 µs for upkeep to begin again");
    expect(text("upkeep", {})).toBe("waited 250 µs for the coordinator to publish");
    expect(text("upkeep", { value: WAITED.command })).toBe("waited 250 µs for a command");
    expect(text("upkeep", { phase: PHASE.finished })).toBe("waited 250 µs for a command");
    expect(text("upkeep", { value: WAITED.pause })).toBe("waited 250 µs for the end of the pause");
    expect(text("upkeep", { value: WAITED.release })).toBe("waited 250 µs while it was held");
    expect(text("coordinator", { value: WAITED.clock })).toBe("waited 250 µs for the clock");
  });

  it("has the time the session stood at", () => {
    const close = openOf(0) + 20 * MINUTE_US;
    const at = (more: Partial<TracedEntry>): number => timeOfEntry(PLAN, traced("upkeep", "wait", more));
    expect(at({ position: 3 })).toBe(openOf(0) + MINUTE_US);
    expect(at({ phase: PHASE.drained, step: STEP.forceClose, position: 30 })).toBe(openOf(0) + 10 * MINUTE_US);
    expect(at({ phase: PHASE.drained, step: STEP.verify, position: 60 })).toBe(close);
    expect(at({ phase: PHASE.closed, step: STEP.roll, position: 60 })).toBe(close);
    expect(at({ phase: PHASE.arming, step: STEP.load, epoch: 1 })).toBe(openOf(1));
  });
});
