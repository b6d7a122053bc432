/** Random conditions that can hold: what `parseCondition` may return. */
import fc from "fast-check";
import { BUCKET_STATUS } from "../../src/engine/market/day.js";
import { EOD_STEPS } from "../../src/engine/protocol/phases.js";
import {
  COMPARISONS,
  MEASURES,
  type Atom,
  type Condition,
  type MeasureAtom,
  type PlaceAtom,
  type PulseAtom,
  type SlotClass,
} from "../../src/engine/conditions/condition.js";
import { formatAtom, formatAtoms } from "../../src/engine/conditions/format-condition.js";

const SLOT_CLASSES: readonly SlotClass[] = [
  "streamed",
  "preMarket",
  "afterHours",
  "atClose",
  "rejected",
  "duplicate",
  "conflict",
];
const STATUSES = BUCKET_STATUS.filter((status) => status !== "none");

export function conditionOf(atoms: readonly Atom[]): Condition {
  const unique = [...new Map(atoms.map((atom) => [formatAtom(atom), atom])).values()];
  return { text: formatAtoms(unique), atoms: unique };
}

/** A number compared; `value` draws the number for a measure. */
export function measureAtoms(
  symbols: readonly string[],
  value: (measure: MeasureAtom["measure"]) => fc.Arbitrary<number>,
): fc.Arbitrary<MeasureAtom> {
  return fc.constantFrom(...MEASURES).chain((measure) =>
    fc.record({
      kind: fc.constant("measure" as const),
      symbol: fc.option(fc.constantFrom(...symbols), { nil: undefined }),
      measure: fc.constant(measure),
      comparison: fc.constantFrom(...COMPARISONS),
      value: value(measure),
    }),
  );
}

/** Events that can be at one slot: of one symbol at most, and not a bar that is streamed and filled. */
export function pulseAtoms(symbols: readonly string[], most = 2): fc.Arbitrary<PulseAtom[]> {
  const oneOf = (symbol: string | undefined): fc.Arbitrary<PulseAtom> => {
    const owner = fc.constantFrom(symbol, undefined);
    return fc.oneof(
      fc.record({ kind: fc.constant("class" as const), symbol: owner, name: fc.constantFrom(...SLOT_CLASSES) }),
      fc.record({ kind: fc.constant("fill" as const), symbol: owner }),
      fc.record({ kind: fc.constant("derived" as const), symbol: owner, status: fc.constantFrom(...STATUSES) }),
    );
  };
  return fc
    .constantFrom(...symbols)
    .chain((symbol) => fc.array(oneOf(symbol), { minLength: 1, maxLength: most }))
    .filter(
      (atoms) =>
        !atoms.some(({ kind }) => kind === "fill") ||
        !atoms.some((atom) => atom.kind === "class" && atom.name === "streamed"),
    );
}

const dates = fc
  .date({ min: new Date("1971-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
  .map((date): PlaceAtom => ({ kind: "day", date: date.toISOString().slice(0, 10) }));
const times = fc.integer({ min: 0, max: 1440 }).map((minuteOfDay): PlaceAtom => ({ kind: "time", minuteOfDay }));
const phases = fc.constantFrom(...EOD_STEPS).map((step): PlaceAtom => ({ kind: "phase", step }));

/** A phase or a time, a day, or both, in any order. */
export const placeAtoms: fc.Arbitrary<PlaceAtom[]> = fc
  .tuple(fc.oneof(times, phases), dates, fc.nat({ max: 3 }))
  .map(([place, day, which]) => [[place], [day], [day, place], [place, day]][which]);

/** Any condition, its atoms in any order. */
export function conditions(symbols: readonly string[]): fc.Arbitrary<Condition> {
  const numbers = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((n) => n + 0);
  const measures = fc.array(
    measureAtoms(symbols, () => numbers),
    { maxLength: 3 },
  );
  return fc
    .tuple(measures, fc.oneof(placeAtoms, pulseAtoms(symbols), fc.constant([])))
    .map(([some, others]): Atom[] => [...some, ...others])
    .filter((atoms) => atoms.length > 0)
    .chain((atoms) => fc.shuffledSubarray(atoms, { minLength: atoms.length }))
    .map(conditionOf);
}
