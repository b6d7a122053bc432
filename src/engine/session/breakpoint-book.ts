/**
 * Breakpoints: what they wait for, how often they were hit, and where those stop whose places the plan knows. Main's own; upkeep is told of
 * the conditions on data.
 */
import { hasPlace, isPlaceAtom } from "../conditions/atom-kinds.js";
import type { Condition } from "../conditions/condition.js";
import { nextPlace, previousPlace, type PlacesPlan } from "../conditions/condition-places.js";
import { parseCondition } from "../conditions/parse-condition.js";
import { UsageError } from "../errors.js";
import { comparePlaces, type Place } from "../protocol/places.js";
import type { ArmedCondition } from "../work/armed-day.js";
import type { Breakpoint, BreakOptions, MinuteCondition } from "./types.js";
import type { View } from "./views.js";

/** Id of the condition of `until`, which is no breakpoint. */
export const UNTIL_ID = 0;

/** One that can stop the session; `until`'s condition is one too. */
export interface Stopper {
  readonly id: number;
  readonly text: string;
  readonly condition: Condition | undefined;
  readonly test: MinuteCondition | undefined;
  readonly temporary: boolean;
  readonly log: boolean;
  hits: number;
  ignore: number;
  /** A function's last value: it stops when it becomes true. */
  wasTrue: boolean;
}

const MOST_BREAKPOINTS = 1000;

export class BreakpointBook {
  private readonly entries = new Map<number, Stopper>();
  private lastId = 0;

  constructor(
    private readonly symbols: readonly string[],
    private readonly places: PlacesPlan,
  ) {}

  parse(text: string): Condition {
    return parseCondition(text, { symbols: this.symbols });
  }

  add(condition: string | MinuteCondition, options: BreakOptions): Breakpoint {
    const { temporary = false, log = false, ignore = 0 } = options;
    mustBeCount(ignore);
    if (this.entries.size >= MOST_BREAKPOINTS)
      throw new UsageError(`there are ${MOST_BREAKPOINTS} breakpoints already`, "delete some of them first");
    const parsed = typeof condition === "string" ? this.parse(condition) : condition;
    const entry = stopper(++this.lastId, parsed, { temporary, log, ignore });
    this.entries.set(entry.id, entry);
    return plain(entry);
  }

  delete(id: number): void {
    this.mustHave(id);
    this.entries.delete(id);
  }

  ignore(id: number, count: number): void {
    mustBeCount(count);
    this.mustHave(id).ignore = count;
  }

  list(): Breakpoint[] {
    return [...this.entries.values()].map(plain);
  }

  get(id: number): Stopper | undefined {
    return this.entries.get(id);
  }

  /** All that can stop a movement with `until` as its own condition. */
  stoppers(until: Stopper | undefined): Stopper[] {
    return until ? [...this.entries.values(), until] : [...this.entries.values()];
  }

  /** Counts a hit. False when it is one to be ignored. */
  count(entry: Stopper): boolean {
    entry.hits++;
    if (entry.ignore === 0) return true;
    entry.ignore--;
    return false;
  }

  /** The first place after `after` where one of them stops, be its data atoms true there or not. */
  nextPlace(stoppers: readonly Stopper[], after: Place): Place | undefined {
    return extreme(
      placed(stoppers).map((condition) => nextPlace(condition, this.places, after)),
      -1,
    );
  }

  previousPlace(stoppers: readonly Stopper[], before: Place): Place | undefined {
    return extreme(
      placed(stoppers).map((condition) => previousPlace(condition, this.places, before)),
      1,
    );
  }

  /** Those with a place in [from, to]: beyond the end of all streams several places are one stop. */
  between(stoppers: readonly Stopper[], from: Place, to: Place): Stopper[] {
    const before = { epoch: from.epoch, ordinal: from.ordinal - 1 };
    const last = comparePlaces(from, to) > 0 ? from : to;
    return stoppers.filter(({ condition }) => {
      const next = condition && hasPlace(condition) ? nextPlace(condition, this.places, before) : undefined;
      return next !== undefined && comparePlaces(next, last) <= 0;
    });
  }

  private mustHave(id: number): Stopper {
    const entry = this.entries.get(id);
    if (entry) return entry;
    const ids = [...this.entries.keys()];
    throw new UsageError(
      `there is no breakpoint ${id}`,
      ids.length === 0 ? "there is none; set one with break" : `the numbers are ${ids.join(", ")}`,
    );
  }
}

/** The condition of a breakpoint, or of `until`. */
export function stopper(
  id: number,
  what: Condition | MinuteCondition,
  { temporary = false, log = false, ignore = 0 }: BreakOptions = {},
): Stopper {
  const isTest = typeof what === "function";
  return {
    id,
    text: isTest ? "function" : what.text,
    condition: isTest ? undefined : what,
    test: isTest ? what : undefined,
    temporary,
    log,
    hits: 0,
    ignore,
    wasTrue: false,
  };
}

/** What upkeep must watch for: conditions without a place of their own. */
export function armedConditions(stoppers: readonly Stopper[]): ArmedCondition[] {
  return stoppers.flatMap(({ id, condition, ignore, log }) =>
    condition && !hasPlace(condition) ? [{ id, condition, ignore, stops: !log }] : [],
  );
}

/** Whether a condition with a place holds there only if its data atoms do. */
export function asksData({ condition }: Stopper): boolean {
  return condition !== undefined && !condition.atoms.every(isPlaceAtom);
}

/** Functions that have become true at this minute. */
export function testsTrue(stoppers: readonly Stopper[], view: View): Stopper[] {
  return stoppers.filter((entry) => {
    if (!entry.test) return false;
    const isTrue = entry.test(view) === true;
    const becomesTrue = isTrue && !entry.wasTrue && view.minute > 0;
    if (view.minute > 0 || entry.id !== UNTIL_ID) entry.wasTrue = isTrue; // `until` asks for no edge
    return becomesTrue;
  });
}

function placed(stoppers: readonly Stopper[]): Condition[] {
  return stoppers.flatMap(({ condition }) => (condition && hasPlace(condition) ? [condition] : []));
}

/** The least (sign −1) or greatest (1) of the places there are. */
function extreme(places: readonly (Place | undefined)[], sign: 1 | -1): Place | undefined {
  return places.reduce<Place | undefined>((best, place) => {
    if (!place || !best) return place ?? best;
    return comparePlaces(place, best) * sign > 0 ? place : best;
  }, undefined);
}

function plain({ id, text, temporary, log, hits, ignore }: Stopper): Breakpoint {
  return { id, text, temporary, log, hits, ignore };
}

function mustBeCount(count: number): void {
  if (!Number.isInteger(count) || count < 0)
    throw new UsageError(`${count} is no number of hits to ignore`, "use a whole number from 0");
}
