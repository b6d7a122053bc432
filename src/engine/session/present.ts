/**
 * What can be read where a session stands: the present place, its day, and the days behind that are still in memory. Everything that is
 * shown of bars begins here. Moves nothing.
 */
import type { CatalogFile } from "../catalog/types.js";
import { UsageError } from "../errors.js";
import { hasPlace } from "../conditions/atom-kinds.js";
import { DayWatch } from "../conditions/day-watch.js";
import { describeHit } from "../conditions/describe-hit.js";
import { closedEpoch, streamsEnd, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { PHASE, PHASE_NAMES, STEP } from "../protocol/phases.js";
import { endPlace, positionPlace, slotCount, timeAtPosition, type Place } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import { watchedDay } from "../work/armed-day.js";
import type { Stopper } from "./breakpoint-book.js";
import { describeNext, describeStep } from "./describe.js";
import type { MainSide } from "./main-side.js";
import type { Standing } from "./standing.js";
import type { Position } from "./types.js";
import { createView } from "./view.js";
import type { View } from "./views.js";

export class Present {
  constructor(
    private readonly side: MainSide,
    private readonly plan: SessionPlan,
    private readonly files: readonly CatalogFile[],
    private readonly clock: (us: number) => string,
  ) {}

  position(): Position {
    const { words, epoch } = this.side;
    const seeking = words.load(W.phase) === PHASE.seeking;
    return {
      run: words.load(seeking ? W.seekRun : W.run),
      epoch,
      date: this.plan.sessions[epoch]?.date ?? "",
      slots: seeking ? 0 : words.load(W.position),
      processed: seeking ? 0 : words.load(W.processed),
      slotsDue: this.plan.sessions.length > 0 ? slotCount(this.side.shape, epoch) : 0,
    };
  }

  timeUs(): number {
    const { words, shape } = this.side;
    return words.load(W.phase) === PHASE.seeking ? shape.openUs(words.load(W.seekEpoch)) : words.loadTime();
  }

  /** Where it stands, but for what is watched. */
  standing(): Omit<Standing, "watches"> {
    const { words } = this.side;
    const phase = words.load(W.phase);
    const position = this.position();
    const step = words.load(W.step);
    const end = this.streamsEndAt();
    return {
      phase: PHASE_NAMES[phase],
      step: describeStep(phase, step, position, end),
      timeUs: this.timeUs(),
      position,
      next: describeNext(this.plan, phase, position, step, end, this.side.segment),
    };
  }

  /** Position at which all streams of the present day are at their end; unknown outside STREAMING. */
  private streamsEndAt(): number {
    const { words, segment, shape } = this.side;
    const isStreaming = words.load(W.phase) === PHASE.streaming;
    return isStreaming && segment ? streamsEnd(segment) * shape.symbolCount : Infinity;
  }

  /** Number of the last end-of-day step done at the present place. */
  completedSteps(): number {
    const { words } = this.side;
    const phase = words.load(W.phase);
    const begun = phase === PHASE.drained || phase === PHASE.closed || phase === PHASE.finished;
    return begun ? Math.max(words.load(W.step), STEP.drain) - 1 : 0;
  }

  /** The present place. */
  view(): View {
    const { side, plan } = this;
    const { processed } = this.position();
    return createView({
      plan,
      files: this.files,
      epoch: side.epoch,
      segment: side.segment,
      position: processed,
      completedSteps: this.completedSteps(),
      timeUs: this.timeUs(),
      findSegment: (epoch) => this.keptSegment(epoch),
    });
  }

  /** A place behind the present one, read from memory. `said` is how it was asked for. */
  viewAt(place: Place, said: string | number): View {
    const present = this.side.presentPlace();
    const { epoch } = place;
    const reached = epoch < present.epoch || (epoch === present.epoch && place.ordinal <= present.ordinal);
    if (!reached)
      throw new UsageError(`${said} has not been reached yet`, "run on with until, or look at a time behind");
    if (!this.segmentOf(epoch))
      throw new UsageError(`${this.plan.sessions[epoch].date} is not kept in memory`, "go there with goto");
    return this.viewOf(epoch, Math.min(place.ordinal, slotCount(this.side.shape, epoch)));
  }

  /** A day that can be read, as it was after `position` slots. */
  viewOf(epoch: number, position: number): View {
    const { plan, side } = this;
    return createView({
      plan,
      files: this.files,
      epoch,
      segment: this.segmentOf(epoch),
      position,
      completedSteps: 0,
      timeUs: timeAtPosition(side.shape, epoch, position),
      findSegment: (other) => this.keptSegment(other),
    });
  }

  /** The memory of a session that can be read: the present one, or a closed one that is kept. */
  segmentOf(epoch: number): Segment | undefined {
    return epoch === this.side.epoch ? this.side.segment : this.keptSegment(epoch);
  }

  /** A closed session before the present one, while its memory has not been used again. */
  private keptSegment(epoch: number): Segment | undefined {
    if (epoch >= this.side.epoch) return undefined;
    return this.side.segments.find((segment) => closedEpoch(segment) === epoch);
  }

  /** The present session's memory when it has been closed. */
  segmentClosed(): Segment | undefined {
    const { words, segment, isStanding } = this.side;
    const phase = words.load(W.phase);
    return isStanding && (phase === PHASE.closed || phase === PHASE.finished) ? segment : undefined;
  }

  /** Whether a condition is true at the present place. */
  holds({ condition }: Stopper): boolean {
    const { segment, words } = this.side;
    if (!segment || !condition) return false;
    const watch = new DayWatch(this.plan.symbols, watchedDay(segment), [condition]);
    watch.passTo(words.load(W.processed));
    return watch.holds(0);
  }

  /** What makes a breakpoint true here, in words. */
  describe({ condition, text }: Stopper): string {
    const { segment, words, epoch } = this.side;
    if (!condition) return `${text} is true at ${this.clock(this.timeUs())}`;
    if (!segment || (hasPlace(condition) && condition.atoms.length === 1)) return text;
    const { openUs } = this.plan.sessions[epoch];
    const slot = words.load(W.processed) - 1;
    return describeHit(condition, this.plan.symbols, watchedDay(segment), slot, this.clock, openUs);
  }

  /** The row boundary after the present place; in the tail of a day the open of the next. */
  nextRow(): Place {
    const { shape, words, segment, epoch } = this.side;
    const rows = Math.floor(words.load(W.processed) / shape.symbolCount) + 1;
    const isStreaming = words.load(W.phase) === PHASE.streaming && segment !== undefined;
    if (isStreaming && rows <= streamsEnd(segment)) return positionPlace(epoch, rows * shape.symbolCount);
    const next = words.load(W.phase) === PHASE.arming ? epoch : epoch + 1;
    if (next >= shape.sessionCount || words.load(W.phase) === PHASE.finished) return endPlace(shape);
    return positionPlace(next, 0);
  }

  /** The present place when it is a row boundary of a day that streams. */
  rowView(): View | undefined {
    const { words, shape } = this.side;
    const isRow = words.load(W.phase) === PHASE.streaming && words.load(W.processed) % shape.symbolCount === 0;
    return isRow ? this.view() : undefined;
  }

  /** The last row boundary passed in the present day. */
  lastRowView(): View | undefined {
    const { words, shape, epoch, segment } = this.side;
    if (words.load(W.phase) !== PHASE.streaming || !segment) return undefined;
    return this.viewOf(epoch, words.load(W.processed) - (words.load(W.processed) % shape.symbolCount));
  }
}
