import { expect, it } from "vitest";
import {
  BATON,
  EOD_STEPS,
  isTransition,
  PHASE,
  PHASE_NAMES,
  STEP,
  TRANSITIONS,
  type ThreadName,
} from "../../src/engine/protocol/phases.js";
import {
  comparePlaces,
  endPlace,
  positionAtTime,
  positionPlace,
  presentPlace,
  stepPlace,
  timeAtPosition,
  type Shape,
} from "../../src/engine/protocol/places.js";
import { monotonicTime, simulatedTime } from "../../src/engine/protocol/clock.js";
import fc from "fast-check";

const MINUTE = 60_000_000;
const shape: Shape = {
  sessionCount: 3,
  symbolCount: 4,
  minutes: (epoch) => (epoch === 1 ? 5 : 10),
  openUs: (epoch) => epoch * 100 * MINUTE,
  closeUs: (epoch) => epoch * 100 * MINUTE + (epoch === 1 ? 5 : 10) * MINUTE,
};

it("names a baton holder for every phase and lets only the holder, or main for a seek, leave it", () => {
  expect(BATON).toHaveLength(PHASE_NAMES.length);
  for (const { from, by, to } of TRANSITIONS) {
    if (to === PHASE.seeking) expect(by).toBe("main");
    else expect(by).toBe(BATON[from]);
  }
});

it("knows every change of phase: the table is total", () => {
  const threads: ThreadName[] = ["main", "coordinator", "upkeep", "prefetch"];
  const legal: string[] = [];
  for (const from of Object.values(PHASE))
    for (const to of Object.values(PHASE))
      for (const by of threads)
        if (isTransition(from, to, by)) legal.push(`${PHASE_NAMES[from]}→${PHASE_NAMES[to]} ${by}`);
  expect(legal).toEqual([
    "BOOT→ARMING main",
    "ARMING→STREAMING upkeep",
    "ARMING→SEEKING main",
    "STREAMING→DRAINED coordinator",
    "STREAMING→SEEKING main",
    "DRAINED→CLOSED upkeep",
    "DRAINED→SEEKING main",
    "CLOSED→ARMING upkeep",
    "CLOSED→SEEKING main",
    "CLOSED→FINISHED upkeep",
    "SEEKING→ARMING upkeep",
    "SEEKING→SEEKING main",
    "FINISHED→SEEKING main",
  ]);
});

it("numbers the steps of the end of day in their order", () => {
  const numbers = [
    STEP.handOver,
    STEP.drain,
    STEP.forceClose,
    STEP.finalize,
    STEP.verify,
    STEP.record,
    STEP.deactivate,
    STEP.roll,
    STEP.load,
    STEP.activate,
  ];
  expect(numbers).toEqual(EOD_STEPS.map((_, i) => i + 1));
});

it("orders places as a session passes them", () => {
  const passed = [
    stepPlace(shape, 0, STEP.load),
    stepPlace(shape, 0, STEP.activate),
    positionPlace(0, 0),
    positionPlace(0, 40),
    stepPlace(shape, 0, STEP.handOver),
    stepPlace(shape, 0, STEP.roll),
    stepPlace(shape, 1, STEP.load),
    positionPlace(1, 20),
    endPlace(shape),
  ];
  for (let i = 1; i < passed.length; i++) expect(comparePlaces(passed[i - 1], passed[i])).toBeLessThan(0);
});

it("takes the present place from the words", () => {
  expect(presentPlace(shape, PHASE.streaming, 1, 7, 0)).toEqual(positionPlace(1, 7));
  expect(presentPlace(shape, PHASE.drained, 1, 7, 0)).toEqual(stepPlace(shape, 1, STEP.drain));
  expect(presentPlace(shape, PHASE.finished, 2, 40, STEP.roll)).toEqual(endPlace(shape));
});

it("brings the end of a minute with its first slot (I10), and stops at the row boundary of a time", () => {
  expect(timeAtPosition(shape, 0, 0)).toBe(0);
  expect(timeAtPosition(shape, 0, 1)).toBe(MINUTE);
  expect(timeAtPosition(shape, 0, 4)).toBe(MINUTE);
  expect(timeAtPosition(shape, 0, 5)).toBe(2 * MINUTE);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), (position) => {
      const reached = positionAtTime(shape, 0, timeAtPosition(shape, 0, position));
      expect(reached).toBe(Math.ceil(position / 4) * 4);
    }),
  );
  expect(positionAtTime(shape, 1, shape.closeUs(1) + MINUTE)).toBe(20);
});

it("keeps time monotone and free of drift over any change of speed", () => {
  const change = fc.record({
    speed: fc.double({ min: 0.1, max: 5000, noNaN: true }),
    afterUs: fc.integer({ min: 0, max: 10_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      let [mono, sim, expected] = [0, 0, 0];
      for (const { speed, afterUs } of changes) {
        const anchor = { simUs: sim, monoUs: mono, speed };
        mono += afterUs;
        const next = simulatedTime(anchor, mono, Infinity);
        expect(next).toBeGreaterThanOrEqual(sim);
        expect(monotonicTime(anchor, next)).toBeCloseTo(mono, 0);
        expected += speed * afterUs;
        sim = next;
      }
      expect(sim).toBeCloseTo(expected, -1);
    }),
  );
});
