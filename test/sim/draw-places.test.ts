import { expect, it } from "vitest";
import { STEP } from "../../src/engine/protocol/phases.js";
import { stepPlace } from "../../src/engine/protocol/places.js";
import { allPlaces, drawPlaces } from "../../src/engine/sim/draw-places.js";
import { Lots } from "../../src/engine/sim/lots.js";
import { Scene } from "../../src/engine/sim/scene.js";
import { rememberDays } from "../../src/engine/sim/memory-source.js";
import { createSubject, drawSubject } from "../../src/engine/sim/subject.js";
import { createSyntheticSource } from "../../src/engine/work/synthetic-source.js";
import { syntheticPlan } from "../fixtures/synthetic-plan.js";

it("of small days every place may be drawn", () => {
  const scene = new Scene(drawSubject(3));
  expect(drawPlaces(scene, new Lots(1, 2))).toEqual(allPlaces(scene.shape));
});

it("of long days every step of every day, the slots beside the end of the streams and the close, and some between", async () => {
  const options = { seed: 5, symbols: 4, sessions: 3, minutes: 390, missing: 0.02, endsAt: [390, 200, 0] };
  const plan = syntheticPlan(options);
  const scene = new Scene(createSubject(plan, await rememberDays(plan, createSyntheticSource(options))));
  const places = drawPlaces(scene, new Lots(1, 2));
  const all = allPlaces(scene.shape).map((place) => JSON.stringify(place));
  for (const place of places) expect(all).toContain(JSON.stringify(place));
  for (let epoch = 0; epoch < 3; epoch++) {
    for (const step of [STEP.handOver, STEP.drain, STEP.record, STEP.load, STEP.activate])
      expect(places).toContainEqual(stepPlace(scene.shape, epoch, step));
    for (const ordinal of [0, 1, 1559, 1560]) expect(places).toContainEqual({ epoch, ordinal });
  }
  for (const ordinal of [799, 800, 801]) expect(places).toContainEqual({ epoch: 1, ordinal });
  expect(places).not.toContainEqual(stepPlace(scene.shape, 2, STEP.roll));
  const drawn = new Set<number>();
  for (let seed = 1; seed <= 40; seed++)
    for (const { epoch, ordinal } of drawPlaces(scene, new Lots(seed, 2))) if (epoch === 0) drawn.add(ordinal);
  expect(drawn.size).toBeGreaterThan(100);
});
