/** Places of conditions with place atoms, over a clock change and a half day. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { nextPlace, previousPlace, type PlacesPlan } from "../../src/engine/conditions/condition-places.js";
import { parseCondition } from "../../src/engine/conditions/parse-condition.js";
import { EOD_STEPS, STEP } from "../../src/engine/protocol/phases.js";
import { comparePlaces, endPlace, positionPlace, stepPlace, type Place } from "../../src/engine/protocol/places.js";

const MINUTE_US = 60_000_000;
const SYMBOLS = 3;
const DATES = ["2013-11-01", "2013-11-04", "2013-11-27", "2013-11-29"];
const MINUTES = [390, 390, 390, 210];
/** 9:30 in New York: 13:30 UTC before the clocks change on the 3rd, 14:30 after. */
const midnightUs = (epoch: number): number => Date.parse(`${DATES[epoch]}T0${epoch === 0 ? 4 : 5}:00:00Z`) * 1000;
const openUs = (epoch: number): number => midnightUs(epoch) + 570 * MINUTE_US;

const plan: PlacesPlan = {
  shape: {
    sessionCount: DATES.length,
    symbolCount: SYMBOLS,
    minutes: (epoch) => MINUTES[epoch],
    openUs,
    closeUs: (epoch) => openUs(epoch) + MINUTES[epoch] * MINUTE_US,
  },
  dates: DATES,
  timeOfSession: (epoch, minuteOfDay) => midnightUs(epoch) + minuteOfDay * MINUTE_US,
};
const { shape } = plan;
const START: Place = { epoch: 0, ordinal: -3 };
const END = endPlace(shape);
const condition = (text: string): ReturnType<typeof parseCondition> => parseCondition(text, { symbols: ["SPY"] });

/** One place a session at most: a search that stands still must fail, not hang. */
function walk(from: Place, step: (at: Place) => Place | undefined): Place[] {
  const places: Place[] = [];
  for (let at = step(from); at && places.length <= DATES.length; at = step(at)) places.push(at);
  return places;
}

const ahead = (text: string): Place[] => walk(START, (at) => nextPlace(condition(text), plan, at));
const behind = (text: string): Place[] => walk(END, (at) => previousPlace(condition(text), plan, at));

it.each(EOD_STEPS)("phase=%s stops before that step of each session; the last one does not roll", (step) => {
  const number = EOD_STEPS.indexOf(step) + 1;
  const epochs = step === "roll" ? [0, 1, 2] : [0, 1, 2, 3];
  expect(ahead(`phase=${step}`)).toEqual(epochs.map((epoch) => stepPlace(shape, epoch, number)));
});

it("load and activate belong to the session that begins", () => {
  expect(ahead("phase=activate if day=2013-11-04")).toEqual([stepPlace(shape, 1, STEP.activate)]);
  expect(ahead("phase=load if day=2013-11-29")).toEqual([stepPlace(shape, 3, STEP.load)]);
  expect(ahead("phase=roll if day=2013-11-04")).toEqual([stepPlace(shape, 1, STEP.roll)]);
});

it("a time of day is a row boundary of each session that has it, open and close included", () => {
  const rows = (text: string): [number, number][] =>
    ahead(text).map(({ epoch, ordinal }) => [epoch, ordinal / SYMBOLS]);
  expect(rows("10:00")).toEqual([0, 1, 2, 3].map((epoch) => [epoch, 30]));
  expect(rows("9:30")).toEqual([0, 1, 2, 3].map((epoch) => [epoch, 0]));
  expect(rows("13:00")).toEqual([0, 1, 2, 3].map((epoch) => [epoch, 210]));
  expect(rows("15:00")).toEqual([0, 1, 2].map((epoch) => [epoch, 330]));
  expect(rows("16:00")).toEqual([0, 1, 2].map((epoch) => [epoch, 390]));
  expect(rows("9:29")).toEqual([]);
  expect(rows("16:01")).toEqual([]);
  expect(rows("2013-11-04 15:58")).toEqual([[1, 388]]);
  expect(rows("2013-11-29 15:58")).toEqual([]);
});

it("a day alone is its open; one without a session is nowhere", () => {
  expect(ahead("day=2013-11-27")).toEqual([positionPlace(2, 0)]);
  expect(ahead("day=2013-11-28")).toEqual([]);
  expect(ahead("day=2013-11-27 if gap>=3"), "beside data it is no place").toEqual([]);
});

it("a condition on data alone has no places", () => {
  expect(ahead("gap>=3")).toEqual([]);
  expect(behind("gap>=3")).toEqual([]);
});

it("there are no places in a plan without sessions", () => {
  const none: PlacesPlan = { ...plan, shape: { ...shape, sessionCount: 0 }, dates: [] };
  expect(nextPlace(condition("15:58"), none, START)).toBeUndefined();
  expect(previousPlace(condition("15:58"), none, { epoch: 0, ordinal: 0 })).toBeUndefined();
});

it("next is the first place strictly after, previous the last strictly before", () => {
  const texts = ["9:30", "12:00", "16:00", "day=2013-11-04", ...EOD_STEPS.map((step) => `phase=${step}`)];
  const places = fc.record({ epoch: fc.nat({ max: 4 }), ordinal: fc.integer({ min: -3, max: 390 * SYMBOLS + 10 }) });
  fc.assert(
    fc.property(fc.constantFrom(...texts), places, fc.nat(), (text, somewhere, which) => {
      const all = ahead(text);
      expect(behind(text)).toEqual(all.toReversed());
      for (const at of [somewhere, all[which % all.length]]) {
        expect(nextPlace(condition(text), plan, at)).toEqual(all.find((place) => comparePlaces(place, at) > 0));
        expect(previousPlace(condition(text), plan, at)).toEqual(all.findLast((place) => comparePlaces(place, at) < 0));
      }
    }),
  );
});
