import { rm } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCatalog } from "../../src/engine/catalog/open-catalog.js";
import { ensureDemoData } from "../../src/engine/demo/demo-data.js";
import { DataError } from "../../src/engine/errors.js";
import { SEEDED_BUGS, type SeededBug } from "../../src/engine/protocol/bugs.js";
import { openPlan } from "../../src/engine/session/make-plan.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { verifySchedules } from "../../src/engine/verify/schedules.js";
import { windowOfSeed, windowsOf } from "../../src/engine/verify/windows.js";
import { runDigest } from "../../src/engine/work/digest.js";
import { syntheticPlan } from "../fixtures/synthetic-plan.js";

const folder = mkdtempSync(join(tmpdir(), "bardeck-schedules-"));
let path: string;
beforeAll(async () => void (path = await ensureDemoData(folder)));
afterAll(() => rm(folder, { recursive: true, force: true }));

it("holds for the demo data, with the digest of a straight replay", async () => {
  const { catalog, source } = await openCatalog({ path });
  const { plan } = openPlan(catalog, [], { path });
  const stage = createStage(plan, source);
  await replay(stage);
  await source.close();
  const told: string[] = [];
  const onProgress = (done: number, total: number, text: string): void => void told.push(`${done}/${total} ${text}`);
  const report = await verifySchedules({ path }, 12, 1, { onProgress });
  expect(report).toMatchObject({ ok: true, failure: null, schedules: 12, sessions: 3, rolls: 2, sessionsOfRange: 3 });
  expect(report.digest).toBe(runDigest([...stage.records.values()].map((record) => record.digest)));
  expect(report.steps).toBeGreaterThan(1000);
  expect(told[0]).toBe("0/12 seed 1, 2025-07-02 … 2025-07-07");
  expect(told.at(-1)).toBe("12/12 ");
});

it("holds with fills, other intervals, and symbols of which a file is missing", async () => {
  const options = { path, symbols: ["SPY", "THIN"], derive: [7, 13] };
  for (const more of [{ fill: "forward" as const }, { fillFrom: path }, { sessions: "calendar" as const }])
    expect((await verifySchedules({ ...options, ...more }, 6)).failure).toBeNull();
});

it("fails when a rule is switched off, with a seed that alone does the same again", async () => {
  const options = { path, symbols: ["SPY"] };
  for (const bug of ["no-drain", "seek-keeps-load-slots", "answer-before-upkeep"] as const) {
    const { ok, failure, schedules } = await verifySchedules(options, 100, 1, {}, [bug]);
    expect([ok, failure?.actions.length], bug).toEqual([false, expect.any(Number)]);
    expect(schedules).toBeLessThanOrEqual(100);
    const actions: string[] = [];
    const again = await verifySchedules(options, 1, failure!.seed, { onAction: (text) => actions.push(text) }, [bug]);
    expect(again.failure).toEqual(failure);
    expect(actions.at(-1)).toContain(failure!.actions.at(-1));
  }
});

it("finds most of the rules that can be switched off, in one quiet symbol of the demo data", async () => {
  const found: string[] = [];
  for (const bug of Object.keys(SEEDED_BUGS) as SeededBug[]) {
    const { failure } = await verifySchedules({ path, symbols: ["THIN"], to: "2025-07-03" }, 25, 1, {}, [bug]);
    if (failure) found.push(bug);
  }
  expect(found.length).toBeGreaterThan(15);
});

it("throws the error of data that cannot be used, and has nothing to do in a range without sessions", async () => {
  await expect(verifySchedules({ path, from: "2031-01-01" }, 5)).rejects.toThrow(DataError);
  const none = await verifySchedules({ path, from: "2024-01-02", to: "2024-01-31" }, 5);
  expect(none).toMatchObject({ ok: true, schedules: 0, sessions: 0, failure: null });
});

it("ends with the reason of an abort, in the middle of a schedule too", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let actions = 0;
  const running = verifySchedules({ path }, 1_000_000, 1, {
    signal: controller.signal,
    onAction: () => ++actions === 500 && controller.abort(reason),
  });
  await expect(running).rejects.toBe(reason);
});

it("every roll is in a window, windows are short, and any seeds in a row meet all of them", () => {
  const plans = fc.record({
    sessions: fc.integer({ min: 1, max: 400 }),
    symbols: fc.constantFrom(1, 4, 500, 5000),
    seed: fc.nat({ max: 1_000_000 }),
  });
  fc.assert(
    fc.property(plans, ({ sessions, symbols, seed }) => {
      const days = syntheticPlan({ seed: 1, symbols: 1, sessions, minutes: 1, missing: 1 }).sessions;
      const plan = {
        ...syntheticPlan({ seed: 1, symbols: 0, sessions: 0, minutes: 1, missing: 0 }),
        symbols: Array.from({ length: symbols }, (_, i) => `S${i}`),
        sessions: days.map((day) => ({ ...day, minutes: 390 })),
      };
      const windows = windowsOf(plan);
      const rolls = new Set(
        windows.flatMap(({ from, to }) => Array.from({ length: to - from - 1 }, (_, i) => from + i + 1)),
      );
      expect(rolls.size).toBe(sessions - 1);
      for (const { from, to } of windows) {
        expect(to - from).toBe(Math.min(sessions, symbols === 5000 ? 2 : 4));
        expect(from).toBeGreaterThanOrEqual(0);
      }
      const met = Array.from(windows.keys(), (i) => windowOfSeed(seed + i, windows.length));
      expect(new Set(met).size).toBe(windows.length);
    }),
    { numRuns: 50 },
  );
  const first = [1, 2, 3, 4].map((seed) => windowOfSeed(seed, 100)).sort((a, b) => a - b);
  expect(first.at(-1)! - first[0]).toBeGreaterThan(50); // a few seeds look at the whole range
});
