/** Where a breakpoint would have stopped last: a scan of one day behind a place. The hits are functions of the data, so nothing need be kept of them. */
import { hasPlace, isOnDay } from "../conditions/atom-kinds.js";
import { DayWatch, type WatchedDay } from "../conditions/day-watch.js";
import { describeHit } from "../conditions/describe-hit.js";
import { streamsEnd, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { STEP } from "../protocol/phases.js";
import { comparePlaces, isPosition, positionPlace, slotCount, stepPlace, type Place } from "../protocol/places.js";
import { watchedDay } from "../work/armed-day.js";
import { asksData, type BreakpointBook, type Stopper } from "./breakpoint-book.js";
import type { MainSide } from "./main-side.js";
import type { Present } from "./present.js";

/** Where hits are looked for. */
export interface Searched {
  readonly plan: SessionPlan;
  readonly side: MainSide;
  readonly book: BreakpointBook;
  readonly present: Present;
  readonly clock: (us: number) => string;
}

export interface LastHit {
  readonly place: Place;
  readonly ids: readonly number[];
  readonly why: string;
}

/** The last place of session `epoch` before `before` at which one of them stops; undefined when there is none. */
export function lastHitBefore(
  engine: Searched,
  stoppers: readonly Stopper[],
  epoch: number,
  before: Place,
): LastHit | undefined {
  const scan = new Scan(engine, epoch);
  const hits = [scan.atPlaces(stoppers, before), scan.inData(stoppers, before), scan.ofTests(stoppers, before)];
  const found = hits.filter((hit) => hit !== undefined);
  return found.reduce<LastHit | undefined>((best, hit) => {
    const order = best ? comparePlaces(hit.place, best.place) : 1;
    if (!best || order > 0) return hit;
    return order < 0 ? best : { place: hit.place, ids: [...best.ids, ...hit.ids], why: `${best.why}; ${hit.why}` };
  }, undefined);
}

class Scan {
  private readonly segment: Segment | undefined;
  private readonly day: WatchedDay | undefined;

  constructor(
    private readonly engine: Searched,
    private readonly epoch: number,
  ) {
    this.segment = engine.present.segmentOf(epoch);
    this.day = this.segment && watchedDay(this.segment);
  }

  /** Breakpoints whose places the plan knows. */
  atPlaces(stoppers: readonly Stopper[], before: Place): LastHit | undefined {
    const { book } = this.engine;
    for (let at = book.previousPlace(stoppers, before); at?.epoch === this.epoch;) {
      const place = at;
      const position = this.positionOf(place);
      const stop = this.stopAt(place);
      const isBehind = comparePlaces(stop, before) < 0; // beyond the streams' end it may be where the session stands
      const held = isBehind
        ? book
            .between(stoppers, this.firstAt(stop), stop)
            .filter((entry) => !asksData(entry) || this.holds(entry, position))
        : [];
      if (held.length > 0) return this.hit(stop, held, position - 1);
      at = book.previousPlace(stoppers, place);
    }
    return undefined;
  }

  /** Conditions on data: the last slot behind `before` where one becomes true. */
  inData(stoppers: readonly Stopper[], before: Place): LastHit | undefined {
    const { day, segment, engine, epoch } = this;
    const { date } = engine.plan.sessions[epoch];
    const watched = stoppers.filter(
      ({ condition }) => condition !== undefined && !hasPlace(condition) && isOnDay(condition, date),
    );
    if (!day || !segment || watched.length === 0) return undefined;
    const watch = new DayWatch(
      engine.plan.symbols,
      day,
      watched.map(({ condition }) => condition!),
    );
    const { shape } = engine.side;
    const end = Math.min(this.positionOf(before), slotCount(shape, epoch));
    const streams = streamsEnd(segment) * shape.symbolCount;
    const finalize = stepPlace(shape, epoch, STEP.finalize);
    let last: { place: Place; entries: Stopper[]; slot: number } | undefined;
    while (watch.position < end) {
      const hits = watch.pass();
      if (hits.length === 0) continue;
      // Nobody stops among the slots of the forced close.
      const place = watch.position > streams ? finalize : this.stopAt(positionPlace(epoch, watch.position));
      if (comparePlaces(place, before) >= 0) break;
      last = { place, entries: hits.map((i) => watched[i]), slot: watch.position - 1 };
    }
    return last && this.hit(last.place, last.entries, last.slot);
  }

  /** Functions: the last row boundary behind `before` at which one becomes true. */
  ofTests(stoppers: readonly Stopper[], before: Place): LastHit | undefined {
    const tested = stoppers.filter(({ test }) => test !== undefined);
    if (tested.length === 0 || !this.segment) return undefined;
    const { symbolCount } = this.engine.side.shape;
    const end = Math.min(this.positionOf(before), streamsEnd(this.segment) * symbolCount);
    let last: LastHit | undefined;
    const were = tested.map(() => false);
    for (let position = 0; position <= end; position += symbolCount) {
      const place = this.stopAt(positionPlace(this.epoch, position));
      if (comparePlaces(place, before) >= 0) break;
      const view = this.engine.present.viewOf(this.epoch, position);
      const now = tested.map(({ test }) => test!(view) === true);
      const ids = tested.filter((_, i) => now[i] && !were[i] && position > 0).map(({ id }) => id);
      if (ids.length > 0) last = { place, ids, why: "the function is true" };
      now.forEach((value, i) => (were[i] = value));
    }
    return last;
  }

  /** A place as stops count them: where all streams have ended it is before the hand-over. */
  private stopAt(place: Place): Place {
    const { shape } = this.engine.side;
    const atEnd =
      this.segment !== undefined &&
      isPosition(shape, place) &&
      place.ordinal >= streamsEnd(this.segment) * shape.symbolCount;
    return atEnd ? stepPlace(shape, place.epoch, STEP.handOver) : place;
  }

  /** The first of the places that are one stop. */
  private firstAt(stop: Place): Place {
    const { shape } = this.engine.side;
    const isEnd = comparePlaces(stop, stepPlace(shape, this.epoch, STEP.handOver)) === 0;
    return isEnd && this.segment ? positionPlace(this.epoch, streamsEnd(this.segment) * shape.symbolCount) : stop;
  }

  /** Slots passed at a place of this day. */
  private positionOf(place: Place): number {
    const { shape } = this.engine.side;
    if (place.epoch !== this.epoch) return place.epoch > this.epoch ? slotCount(shape, this.epoch) : 0;
    if (place.ordinal < 0) return 0;
    if (isPosition(shape, place)) return place.ordinal;
    const beforeClose = place.ordinal <= slotCount(shape, this.epoch) + STEP.forceClose;
    return beforeClose && this.segment ? streamsEnd(this.segment) * shape.symbolCount : slotCount(shape, this.epoch);
  }

  private holds({ condition }: Stopper, position: number): boolean {
    if (!this.day || !condition) return false;
    const watch = new DayWatch(this.engine.plan.symbols, this.day, [condition]);
    watch.passTo(position);
    return watch.holds(0);
  }

  private hit(place: Place, entries: readonly Stopper[], slot: number): LastHit {
    const { plan, clock } = this.engine;
    const { openUs } = plan.sessions[this.epoch];
    const why = entries.map(({ condition, text }) =>
      condition && this.day ? describeHit(condition, plan.symbols, this.day, slot, clock, openUs) : text,
    );
    return { place, ids: entries.map(({ id }) => id), why: why.join("; ") };
  }
}
