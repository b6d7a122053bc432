/** Which memory holds a closed day, as readers in main ask: at every moment of a run that goes back and on. */
import { expect, it } from "vitest";
import { closedEpoch } from "../../src/engine/memory/segment.js";
import { shapeOf } from "../../src/engine/plan.js";
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { endPlace, positionPlace, slotCount, stepPlace, type Place } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import { createStage, replay, type Stage } from "../../src/engine/sim/stage.js";
import { dayDigest } from "../../src/engine/work/digest.js";
import { planOf, plantDay, sourceOf } from "./planted-days.js";

const DAYS = [1, 2, 3, 4, 5].map((seed) => plantDay(seed, 8 + seed));

/** The digest each day has when it is closed the first time. */
async function closedDigests(): Promise<string[]> {
  const stage = createStage(planOf(DAYS), sourceOf(DAYS));
  await replay(stage);
  return DAYS.map((_, epoch) => stage.records.get(epoch)!.digest);
}

/** Has main go to a place, with a look after every turn of anybody. */
async function goTo(stage: Stage, place: Place, seek: boolean, look: () => void): Promise<void> {
  stage.control.request = { kind: "pause" };
  const turns = async (isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      for (const process of [stage.control, stage.coordinator, stage.upkeep, stage.prefetch]) {
        process.turn();
        look();
      }
      const load = stage.loads.shift();
      if (load) await load.settled.then(() => stage.prefetch.loaded(load.outcome === "ready"));
      look();
    }
  };
  if (seek) {
    await turns(() => stage.control.finished !== undefined);
    stage.control.finished = undefined;
  }
  stage.control.request = { kind: seek ? "seek" : "run", place };
  await turns(
    () => stage.control.finished !== undefined && stage.words.load(W.answered) === stage.words.load(W.goalId),
  );
  stage.control.finished = undefined;
}

it.each([0, 1, 3])(
  "says closed of a segment only while it holds all of a closed day (%i days kept)",
  async (keepDays) => {
    const digests = await closedDigests();
    const plan = planOf(DAYS, { keepDays });
    const shape = shapeOf(plan);
    const stage = createStage(plan, sourceOf(DAYS), { goal: positionPlace(0, 0) });
    await replay(stage);
    const seen = new Set<number>();
    const look = (): void => {
      for (const segment of stage.segments) {
        const epoch = closedEpoch(segment);
        if (epoch < 0) continue;
        seen.add(epoch);
        expect(dayDigest(plan, epoch, segment, slotCount(shape, epoch), STEP.finalize - 1)).toBe(digests[epoch]);
      }
    };
    const closed = (): number[] =>
      stage.segments
        .map(closedEpoch)
        .filter((epoch) => epoch >= 0)
        .sort();
    await goTo(stage, positionPlace(3, 5), false, look);
    expect(closed()).toEqual([0, 1, 2].slice(3 - keepDays));
    await goTo(stage, positionPlace(1, 2), true, look);
    expect(closed()).not.toContain(1);
    await goTo(stage, stepPlace(shape, 1, STEP.verify), false, look);
    expect(closed()).toContain(1);
    await goTo(stage, stepPlace(shape, 0, STEP.forceClose), true, look);
    expect(closed()).not.toContain(0);
    await goTo(stage, endPlace(shape), false, look);
    expect(stage.words.load(W.phase)).toBe(PHASE.finished);
    expect(closed()).toContain(4);
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  },
);
