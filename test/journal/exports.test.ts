import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ControlEvent } from "../../src/engine/journal/control-log.js";
import { exportJournal } from "../../src/engine/journal/export-journal.js";
import { exportTrace } from "../../src/engine/journal/export-trace.js";
import { TRACED_THREADS, type TracedEntry } from "../../src/engine/memory/trace.js";
import { closedEpoch } from "../../src/engine/memory/segment.js";
import { shapeOf } from "../../src/engine/plan.js";
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { stepPlace } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { nameFiles } from "../../src/engine/work/day-events.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { expectedEvents, openOf, planOf, plantDay, sourceOf } from "../work/planted-days.js";
import { traced } from "./traced.js";

const DAYS = [plantDay(1, 12), plantDay(2, 15, 9), plantDay(3, 10)];
const PLAN = planOf(DAYS);
const FILES = ["AA", "BB", "CC"].map((symbol) => ({ path: `${symbol}.parquet` }));

const COMMAND: ControlEvent = {
  thread: "main",
  kind: "command",
  text: 'until "15:58"',
  epoch: 1,
  ordinal: 4,
  timeUs: openOf(1),
  wallUs: 1_000_250,
  facts: { client: "test", command: 1 },
};

/** Before the roll of the second day. */
async function standing() {
  const stage = createStage(PLAN, sourceOf(DAYS), { goal: stepPlace(shapeOf(PLAN), 1, STEP.roll) });
  await replay(stage);
  const { words, segments } = stage;
  return {
    plan: PLAN,
    files: FILES,
    epoch: 1,
    segment: segments[words.load(W.loadSegment0 + 1)],
    position: words.load(W.processed),
    completedSteps: STEP.deactivate,
    findSegment: (epoch: number) => segments.find((segment) => closedEpoch(segment) === epoch),
  };
}

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("the journal in a file", () => {
  it("has the data events of all days in memory by id, then the control events", async () => {
    const file = join(tempFolder().path, "journal.ndjson");
    const written = await exportJournal(await standing(), [COMMAND], file);
    const lines = linesOf(file);
    expect(lines).toHaveLength(written);
    const events = [0, 1].flatMap((epoch) => nameFiles(expectedEvents(PLAN, DAYS, epoch), FILES)).slice(0, -1);
    expect(lines.slice(0, -1).map(({ type, id, facts }) => ({ type, id, facts }))).toEqual(
      events.map((event) => ({ type: "data", id: event.id, facts: JSON.parse(JSON.stringify(event)) as unknown })),
    );
    expect(lines.at(-1)).toEqual({
      type: "control",
      time: "2024-01-03T14:30:00Z",
      id: null,
      thread: "main",
      date: "2024-01-03",
      kind: "command",
      symbol: null,
      text: 'until "15:58"',
      facts: { wallUs: 1_000_250, client: "test", command: 1 },
    });
  });

  it("that cannot be written is an error that says why, and leaves nothing", async () => {
    const folder = tempFolder().path;
    const missing = exportJournal(await standing(), [], join(folder, "no", "journal.ndjson"));
    await expect(missing).rejects.toMatchObject({ name: "FileError", exitCode: 4, code: "cannot-write" });
    mkdirSync(join(folder, "folder"));
    await expect(exportJournal(await standing(), [], join(folder, "folder"))).rejects.toThrow("it is a folder");
    expect(readdirSync(folder)).toEqual(["folder"]);
  });

  it("replaces a file of that name as a whole", async () => {
    const file = join(tempFolder().path, "journal.ndjson");
    writeFileSync(file, "what was there\n");
    const written = await exportJournal(await standing(), [], file);
    expect(linesOf(file)).toHaveLength(written);
  });
});

describe("the trace in a file", () => {
  const ENTRIES = [
    traced("coordinator", "publish", { startUs: 1_000_100, endUs: 1_000_150, epoch: 1, from: 0, to: 27 }),
    traced("coordinator", "hand-over", { startUs: 1_000_200, endUs: 1_000_201.5, epoch: 1, position: 27 }),
    traced("upkeep", "wait", { startUs: 1_000_000, endUs: 1_000_160, epoch: 1 }),
    traced("upkeep", "process", { startUs: 1_000_160, endUs: 1_000_190, epoch: 1, from: 0, to: 27 }),
    traced("upkeep", "drain", { startUs: 1_000_300, endUs: 1_000_310, epoch: 1, phase: PHASE.drained, position: 27 }),
    traced("prefetch", "claim", { startUs: 1_000_010, endUs: 1_000_030, epoch: 1 }),
    traced("prefetch", "load", { startUs: 1_000_020, endUs: 1_000_900, epoch: 1, value: 2, run: 4 }),
  ];
  const of = (entries: readonly TracedEntry[], events: readonly ControlEvent[]) => ({
    plan: PLAN,
    trace: (thread: string) => entries.filter((entry) => entry.thread === thread),
    events: () => events,
  });

  async function exported(entries: readonly TracedEntry[], events: readonly ControlEvent[]) {
    const file = join(tempFolder().path, "trace.json");
    const written = await exportTrace(of(entries, events), file);
    const trace = JSON.parse(readFileSync(file, "utf8")) as { traceEvents: Record<string, unknown>[] };
    return { written, trace, slices: trace.traceEvents.filter(({ ph }) => ph !== "M") };
  }

  it("is a Chrome trace: named tracks, a slice a turn with the times from the first on, an instant a command", async () => {
    const { written, trace, slices } = await exported(ENTRIES, [COMMAND]);
    expect(Object.keys(trace)).toEqual(["displayTimeUnit", "traceEvents"]);
    const names = trace.traceEvents.filter(({ ph, name }) => ph === "M" && name === "thread_name");
    const trackOf = new Map(names.map(({ tid, args }) => [(args as { name: string }).name, tid]));
    expect([...trackOf.keys()]).toEqual(["main", ...TRACED_THREADS]);
    expect(new Set(trackOf.values()).size).toBe(4);
    expect(slices).toHaveLength(written);
    expect(slices.map(({ ph, name, ts, dur, tid }) => ({ ph, name, ts, dur, tid }))).toEqual([
      { ph: "X", name: "publish", ts: 100, dur: 50, tid: trackOf.get("coordinator") },
      { ph: "X", name: "hand-over", ts: 200, dur: 1.5, tid: trackOf.get("coordinator") },
      { ph: "X", name: "wait", ts: 0, dur: 160, tid: trackOf.get("upkeep") },
      { ph: "X", name: "take in", ts: 160, dur: 30, tid: trackOf.get("upkeep") },
      { ph: "X", name: "drain", ts: 300, dur: 10, tid: trackOf.get("upkeep") },
      { ph: "X", name: "load", ts: 20, dur: 880, tid: trackOf.get("prefetch") },
      { ph: "i", name: 'until "15:58"', ts: 250, dur: undefined, tid: trackOf.get("main") },
    ]);
    expect(slices.every(({ pid }) => pid === 1)).toBe(true);
    expect(slices[4].args).toMatchObject({ epoch: 1, date: "2024-01-03", time: "2024-01-03T14:39:00Z", text: "drain" });
    expect(slices[5].args).toMatchObject({ text: "loaded 2024-01-04 in 880 µs", run: 4 });
    expect(slices[6].args).toMatchObject({ client: "test", command: 1, date: "2024-01-03" });
  });

  it("of nothing is a file that opens, too", async () => {
    const { written, slices } = await exported([], []);
    expect([written, slices]).toEqual([0, []]);
  });

  it("that cannot be written is an error that says why, and leaves nothing", async () => {
    const folder = tempFolder().path;
    const missing = exportTrace(of(ENTRIES, []), join(folder, "no", "trace.json"));
    await expect(missing).rejects.toMatchObject({ name: "FileError", exitCode: 4 });
    expect(readdirSync(folder)).toEqual([]);
  });
});
