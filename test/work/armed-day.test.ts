/** What upkeep watches for while it takes slots in: what a report costs. Where hits are is tested in test/conditions and test/threads. */
import { afterEach, expect, it, vi } from "vitest";
import { DayWatch } from "../../src/engine/conditions/day-watch.js";
import { describeHit } from "../../src/engine/conditions/describe-hit.js";
import { parseCondition } from "../../src/engine/conditions/parse-condition.js";
import { closedEpoch } from "../../src/engine/memory/segment.js";
import { shapeOf } from "../../src/engine/plan.js";
import { STEP } from "../../src/engine/protocol/phases.js";
import { stepPlace } from "../../src/engine/protocol/places.js";
import { createStage, replay } from "../../src/engine/sim/stage.js";
import { ArmedDay, watchedDay, type ConditionHit } from "../../src/engine/work/armed-day.js";
import { createSyntheticSource } from "../../src/engine/work/synthetic-source.js";
import { syntheticData, threadsPlan } from "../threads/sessions.js";

afterEach(() => vi.restoreAllMocks());

it("a log point that hits at every slot passes each slot once, and tells the same as a scan of its own", async () => {
  const data = syntheticData({ symbols: 3, minutes: 40, missing: 0 });
  const plan = threadsPlan(data);
  const stage = createStage(plan, createSyntheticSource(data), { goal: stepPlace(shapeOf(plan), 0, STEP.roll) });
  await replay(stage);
  const segment = stage.segments.find((one) => closedEpoch(one) === 0)!;
  const { symbols, sessions } = plan;
  const [{ date, openUs }] = sessions;
  const clock = (us: number): string => String((us - openUs) / 60_000_000);
  const condition = parseCondition("class=streamed and last>1 and gap<1", { symbols });
  const armed = [{ id: 1, condition, ignore: 0, stops: false }];
  const passes = vi.spyOn(DayWatch.prototype, "pass");
  const catchUps = vi.spyOn(DayWatch.prototype, "passTo");
  const day = new ArmedDay(symbols, segment, 1, armed, date, openUs, clock);
  const hits: ConditionHit[] = [];
  for (let slot = 0; slot < 120; slot++) expect(day.pass(0, 0, hits)).toBe(false);
  expect([passes.mock.calls.length, catchUps.mock.calls.length]).toEqual([120, 0]);
  const straight = Array.from({ length: 120 }, (_, slot) =>
    describeHit(condition, symbols, watchedDay(segment), slot, clock, openUs),
  );
  expect(hits.map(({ text }) => text)).toEqual(straight);
});
