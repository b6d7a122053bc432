/**
 * Conditions as data: what breakpoints, `until` and log points wait for. Parsed once from text (parse-condition.ts),
 * evaluated by upkeep alone (day-watch.ts). A condition is a conjunction of atoms.
 *
 * Data atoms are functions of the position: `quality<95`, `gap>=3`, `rejected`. Place atoms name places that the plan
 * knows beforehand: `phase=roll`, `day=2013-10-08`, `15:58`. A condition with a phase or a time stops at those places where
 * its data atoms hold; one without stops wherever it becomes true, with a `day` on that day alone.
 */
import type { BUCKET_STATUS } from "../market/day.js";
import type { RowClass } from "../market/bars.js";
import type { EodStep } from "../protocol/phases.js";

/**
 * Numbers of a symbol's session up to a position. `quality`, `quality30` in percent (unknown before 20 due slots); `gap`: bars of the gap open
 * now, 0 when the last due minute has a bar; `last`, `high`, `low`: of the streamed bars so far, unknown before the first; `volume`: their sum.
 */
export const MEASURES = ["quality", "quality30", "gap", "last", "high", "low", "volume"] as const;
export type Measure = (typeof MEASURES)[number];

export const COMPARISONS = ["<=", ">=", "<", ">", "="] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** A number compared. Without a symbol: of the symbol whose slot is being passed, so any. */
export interface MeasureAtom {
  readonly kind: "measure";
  readonly symbol: string | undefined;
  readonly measure: Measure;
  readonly comparison: Comparison;
  readonly value: number;
}

/** Row classes that are counted at a slot. */
export type SlotClass = Extract<
  RowClass,
  "streamed" | "preMarket" | "afterHours" | "atClose" | "rejected" | "duplicate" | "conflict"
>;

/** Something that happens at a slot: a row of a class, a fill, a derived bar that is finished. Each time is a hit. */
export type PulseAtom =
  | { readonly kind: "class"; readonly symbol: string | undefined; readonly name: SlotClass }
  | { readonly kind: "fill"; readonly symbol: string | undefined }
  | {
      readonly kind: "derived";
      readonly symbol: string | undefined;
      readonly status: Exclude<(typeof BUCKET_STATUS)[number], "none">;
    };

/** Places the plan knows: before a step of the end of day, on a date, at a time of day (every day, or on a date). */
export type PlaceAtom =
  | { readonly kind: "phase"; readonly step: EodStep }
  | { readonly kind: "day"; readonly date: string }
  | { readonly kind: "time"; readonly minuteOfDay: number };

export type DataAtom = MeasureAtom | PulseAtom;
export type Atom = DataAtom | PlaceAtom;

export interface Condition {
  /** In its normal form; parses to the same condition. */
  readonly text: string;
  /** All must hold; at least one. */
  readonly atoms: readonly Atom[];
}
