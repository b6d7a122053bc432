import { expect, it } from "vitest";
import type { Segment } from "../../src/engine/memory/segment.js";
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
  processed: slots,
  slotsDue: plan.sessions[epoch].minutes * plan.symbols.length,
});

it("names the end-of-day step that comes next in the phases that have one", () => {
  for (const [i, name] of EOD_STEPS.entries())
    for (const phase of [PHASE.arming, PHASE.drained, PHASE.closed])
      expect(describeStep(phase, i + 1, { slots: 0 }, 10)).toBe(name);
});

it("a day that has just been handed over drains next", () => {
  expect(describeStep(PHASE.drained, STEP.none, { slots: 0 }, 10)).toBe("drain");
});

it("no step comes next while a day streams, at the end of the range, and before a step is known", () => {
  for (const phase of [PHASE.streaming, PHASE.finished])
    for (const step of [STEP.none, STEP.drain, STEP.roll])
      expect(describeStep(phase, step, { slots: 0 }, 10)).toBeUndefined();
  for (const phase of [PHASE.arming, PHASE.closed, PHASE.seeking, PHASE.boot])
    expect(describeStep(phase, STEP.none, { slots: 0 }, 10)).toBeUndefined();
});

it("while a day streams the next step is the coordinator's: a bar by its symbol and minute, or the hand-over", () => {
  const next = (slots: number): string => describeNext(plan, PHASE.streaming, at(1, slots), STEP.none, 1170);
  expect(next(0)).toBe("coordinator: publish IBM 09:30");
  expect(next(2)).toBe("coordinator: publish SPY 09:30");
  expect(next(3)).toBe("coordinator: publish IBM 09:31");
  expect(next(1169)).toBe("coordinator: publish SPY 15:59");
  expect(next(1170)).toMatch(/^coordinator: hand-over/);
  expect(describeNext(plan, PHASE.streaming, at(3, 629), STEP.none)).toBe("coordinator: publish SPY 12:59");
});

it("a slot without a bar is passed, not published", () => {
  const flags = new Uint8Array(1170).fill(1);
  flags[4] = 0;
  const segment = { source: { flags } } as unknown as Segment;
  const next = (slots: number): string => describeNext(plan, PHASE.streaming, at(1, slots), STEP.none, 1170, segment);
  expect(next(3)).toBe("coordinator: publish IBM 09:31");
  expect(next(4)).toMatch(/^coordinator: pass \w+ 09:31 \(missing\)$/);
});

it("what is published and not taken in comes before everything else", () => {
  const held = { ...at(1, 5), processed: 3 };
  expect(describeNext(plan, PHASE.streaming, held, STEP.none)).toBe("upkeep: take in IBM 09:31");
  expect(describeNext(plan, PHASE.drained, held, STEP.none)).toBe("upkeep: take in IBM 09:31");
});

it("from the hand-over on the next step is upkeep's, by name; the forced close says from when", () => {
  expect(describeNext(plan, PHASE.drained, at(1, 1170), STEP.drain)).toBe("upkeep: drain");
  expect(describeNext(plan, PHASE.drained, at(1, 1170), STEP.forceClose)).toBe("upkeep: force-close");
  expect(describeNext(plan, PHASE.drained, at(1, 900), STEP.forceClose)).toBe(
    "upkeep: force-close, 14:30 → 16:00: all streams ended",
  );
  expect(describeNext(plan, PHASE.arming, at(1, 0), STEP.activate)).toBe(`upkeep: activate ${DATES[1]}`);
});

it("a closed day rolls to the next date of the replay, the last one finishes", () => {
  expect(describeNext(plan, PHASE.closed, at(1, 1170), STEP.roll)).toBe(
    `upkeep: roll, epoch 1→2, ${DATES[1]} 16:00 → ${DATES[2]} 09:30`,
  );
  expect(describeNext(plan, PHASE.closed, at(3, 630), STEP.roll)).toBe("upkeep: finish");
  expect(describeNext(plan, PHASE.finished, at(3, 630), STEP.none)).toBe("nothing: the range is finished");
});

it("names the hand-over as the next step once all streams have ended, wherever that is", () => {
  const next = (slots: number): string => describeNext(plan, PHASE.streaming, at(1, slots), STEP.none, 60);
  expect(next(59)).toMatch(/^coordinator: publish/);
  expect(next(60)).toMatch(/^coordinator: hand-over/);
  expect(describeStep(PHASE.streaming, STEP.none, { slots: 60 }, 60)).toBe("hand-over");
});
