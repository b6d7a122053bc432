import { expect, it } from "vitest";
import { EOD_STEPS, PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { describeNext, describeStep } from "../../src/engine/session/describe.js";
import type { Position } from "../../src/engine/session/types.js";
import { DATES, planOf } from "./catalog.js";

const plan = planOf();
const at = (epoch: number, slots: number): Position => ({
  run: 0,
  epoch,
  date: DATES[epoch],
  slots,
  slotsDue: plan.sessions[epoch].minutes * plan.symbols.length,
});

it("names the end-of-day step that comes next in the phases that have one", () => {
  for (const [i, name] of EOD_STEPS.entries())
    for (const phase of [PHASE.arming, PHASE.drained, PHASE.closed]) expect(describeStep(phase, i + 1)).toBe(name);
});

it("a day that has just been handed over drains next", () => {
  expect(describeStep(PHASE.drained, STEP.none)).toBe("drain");
});

it("no step comes next while a day streams, at the end of the range, and before a step is known", () => {
  for (const phase of [PHASE.streaming, PHASE.finished])
    for (const step of [STEP.none, STEP.drain, STEP.roll]) expect(describeStep(phase, step)).toBeUndefined();
  for (const phase of [PHASE.arming, PHASE.closed, PHASE.seeking, PHASE.boot])
    expect(describeStep(phase, STEP.none)).toBeUndefined();
});

it("while a day streams the next step is the coordinator's: a bar of a symbol, or the hand-over", () => {
  const next = (slots: number): string => describeNext(plan, PHASE.streaming, at(1, slots), STEP.none);
  expect(next(0)).toBe("coordinator: publish IBM, minute 1 of 390");
  expect(next(2)).toBe("coordinator: publish SPY, minute 1 of 390");
  expect(next(3)).toBe("coordinator: publish IBM, minute 2 of 390");
  expect(next(1169)).toBe("coordinator: publish SPY, minute 390 of 390");
  expect(next(1170)).toBe("coordinator: hand-over");
  expect(describeNext(plan, PHASE.streaming, at(3, 629), STEP.none)).toBe(
    "coordinator: publish SPY, minute 210 of 210",
  );
});

it("from the hand-over on the next step is upkeep's, by name", () => {
  expect(describeNext(plan, PHASE.drained, at(1, 1170), STEP.none)).toBe("upkeep: drain");
  expect(describeNext(plan, PHASE.drained, at(1, 1170), STEP.forceClose)).toBe("upkeep: force-close");
  expect(describeNext(plan, PHASE.arming, at(1, 0), STEP.activate)).toBe("upkeep: activate");
});

it("a closed day rolls to the next date of the replay, the last one finishes", () => {
  expect(describeNext(plan, PHASE.closed, at(1, 1170), STEP.roll)).toBe("upkeep: roll to 2013-11-27");
  expect(describeNext(plan, PHASE.closed, at(3, 630), STEP.roll)).toBe("upkeep: finish");
  expect(describeNext(plan, PHASE.finished, at(3, 630), STEP.none)).toBe("nothing: the range is finished");
});

it("names the hand-over as the next step once all streams have ended, wherever that is", () => {
  const next = (slots: number): string => describeNext(plan, PHASE.streaming, at(1, slots), STEP.none, 60);
  expect(next(59)).toMatch(/^coordinator: publish/);
  expect(next(60)).toBe("coordinator: hand-over");
});
