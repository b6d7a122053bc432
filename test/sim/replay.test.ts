import { expect, it } from "vitest";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { createSyntheticSource, syntheticSessions } from "../../src/engine/work/synthetic-source.js";
import { runDigest } from "../../src/engine/work/digest.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { syntheticPlan } from "../fixtures/synthetic-plan.js";

const options = { seed: 1, symbols: 4, sessions: 5, minutes: 37, missing: 0.1, endsAt: [37, 20, 37, 0, 37] };

async function digestOf(overrides: Partial<SessionPlan>): Promise<string> {
  const plan = syntheticPlan(options, overrides);
  const stage = createStage(plan, createSyntheticSource(options));
  await replay(stage);
  expect(stage.records.size).toBe(5);
  return runDigest([...stage.records.values()].map((record) => record.digest));
}

it("replays days in memory on one thread and gives one digest, whatever the credit", async () => {
  const digest = await digestOf({});
  expect(digest).toMatch(/^d1:[0-9a-f]{32}$/);
  expect(await digestOf({ creditRows: 1 })).toBe(digest);
  expect(await digestOf({ creditRows: 1000, keepDays: 0 })).toBe(digest);
});

it("gives another digest when a bar is another", async () => {
  const plan = syntheticPlan(options);
  const other = { ...options, seed: 2 };
  const stage = createStage({ ...plan, sessions: syntheticSessions(other) }, createSyntheticSource(other));
  await replay(stage);
  expect(runDigest([...stage.records.values()].map((record) => record.digest))).not.toBe(await digestOf({}));
});

it("forces the close from the end of the streams", async () => {
  const plan = syntheticPlan(options);
  const stage = createStage(plan, createSyntheticSource(options));
  await replay(stage);
  const forced = [...stage.records.values()].map((r) => r.forcedFromUs && (r.forcedFromUs - r.opensAtUs) / 60e6);
  expect(forced).toEqual([null, 20, null, 0, null]);
});
