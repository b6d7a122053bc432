/**
 * A look at one place of one session: everything a `View` promises, read from the day's segment behind the position.
 * Nothing ahead of it shows (I11), what is returned are copies. Knows neither threads nor words: whoever makes a view
 * says which segment holds the day and how far it has come.
 */
import { UsageError } from "../errors.js";
import type { Measure } from "../conditions/condition.js";
import { ORIGIN } from "../market/bars.js";
import type { Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { STEP } from "../protocol/phases.js";
import { dayEvents, nameFiles, type DataEvent } from "../work/day-events.js";
import { dayDigest, runDigest } from "../work/digest.js";
import { symbolIndex } from "../catalog/symbol-index.js";
import type { CatalogFile } from "../catalog/types.js";
import { barsOf, sourceOf, type DaysSoFar } from "./view-bars.js";
import { minuteRowsOf, minuteStatesOf } from "./view-minutes.js";
import {
  countersAt,
  gapsOf,
  measureOf,
  qualityBefore,
  qualityOf,
  symbolQualityOf,
  type DaySoFar,
} from "./view-quality.js";
import type { BarRange, BarsView, BarSource, GapView, MinuteRow, QualityView, SymbolQuality, View } from "./views.js";

/** What a view looks at. */
export interface ViewOf {
  readonly plan: SessionPlan;
  /** In the order of the catalogue. */
  readonly files: readonly Pick<CatalogFile, "path" | "groupStarts">[];
  readonly epoch: number;
  /** Holds session `epoch`, active or closed; undefined: the day has not begun. */
  readonly segment: Segment | undefined;
  /** Slots passed, taken in by upkeep. */
  readonly position: number;
  /** Number (`STEP`) of the last end-of-day step done, 0 while the day streams. */
  readonly completedSteps: number;
  readonly timeUs: number;
  /** The segment that holds the closed content of session `epoch`, while there is one (`closedEpoch`). */
  findSegment(epoch: number): Segment | undefined;
  /** Why this place cannot be read any more; undefined while it can. A view that is always used at once needs none. */
  expired?(): string | undefined;
}

/**
 * A look at a place.
 *
 * @example
 * const view = createView({ plan, files, epoch: 0, segment, position: 1560, completedSteps: 0, timeUs, findSegment });
 * view.quality("SPY").percent;
 */
export function createView(of: ViewOf): View {
  return new DayView(of);
}

/** A plan may be without sessions: then there is nothing to see. */
const NO_SESSION = { date: "", openUs: 0, closeUs: 0, minutes: 0, rows: [] as readonly number[] };

class DayView implements View {
  private readonly session: typeof NO_SESSION;

  constructor(private readonly of: ViewOf) {
    this.session = of.plan.sessions.at(of.epoch) ?? NO_SESSION;
  }

  get date(): string {
    return this.session.date;
  }
  get epoch(): number {
    return this.of.epoch;
  }
  get timeUs(): number {
    return this.of.timeUs;
  }
  get opensAtUs(): number {
    return this.session.openUs;
  }
  get closesAtUs(): number {
    return this.session.closeUs;
  }
  get minute(): number {
    return Math.floor(this.of.position / this.of.plan.symbols.length);
  }
  get minutes(): number {
    return this.session.minutes;
  }

  get barCount(): number {
    const day = this.day();
    if (!day) return 0;
    const { origin } = day.segment.published;
    let count = 0;
    for (let slot = 0; slot < day.position; slot++) if (origin[slot] === ORIGIN.streamed) count++;
    return count;
  }

  quality(): QualityView;
  quality(symbol: string): SymbolQuality;
  quality(symbol?: string): QualityView | SymbolQuality {
    const day = this.day();
    const index = symbol === undefined ? undefined : this.indexOf(symbol);
    if (!day) {
      const before = qualityBefore(this.of.plan.symbols, this.session.rows);
      return index === undefined ? before : before.symbols[index];
    }
    return index === undefined ? qualityOf(day) : symbolQualityOf(day, index);
  }

  gaps(symbol?: string): GapView[] {
    const day = this.day();
    const which = symbol === undefined ? [...this.of.plan.symbols.keys()] : [this.indexOf(symbol)];
    return day ? which.flatMap((index) => gapsOf(day, index)) : [];
  }

  bars(symbol: string, interval?: string | number, range?: BarRange): BarsView {
    return barsOf(this.days(), this.indexOf(symbol), interval, range);
  }

  source(symbol: string, startUs: number): BarSource | null {
    return sourceOf(this.days(), this.indexOf(symbol), startUs);
  }

  minuteStates(symbol: string): Uint8Array {
    const day = this.day();
    const index = this.indexOf(symbol);
    return day ? minuteStatesOf(day, index) : new Uint8Array(this.minutes);
  }

  minuteRows(last: number, symbol?: string): MinuteRow[] {
    if (!(Number.isInteger(last) && last >= 0))
      throw new UsageError(`${last} is no number of rows`, "give a whole number from 0");
    const day = this.day();
    const index = symbol === undefined ? undefined : this.indexOf(symbol);
    return day ? minuteRowsOf(day, this.of.files, last, index) : [];
  }

  value(symbol: string, measure: Measure): number | null {
    const day = this.day();
    const index = this.indexOf(symbol);
    if (day) return measureOf(day, index, measure);
    return measure === "gap" || measure === "volume" ? 0 : null;
  }

  events(): DataEvent[] {
    const { plan, files, epoch, completedSteps } = this.of;
    const day = this.day();
    return day ? nameFiles(dayEvents(plan, epoch, day.segment, day.position, completedSteps), files) : [];
  }

  /** The segment's counters stand where upkeep is; a view of an earlier place counts for itself. */
  digest(): string {
    const { plan, epoch, completedSteps } = this.of;
    if (plan.sessions.length === 0) return runDigest([]);
    const day = this.day();
    if (!day) return dayDigest(plan, epoch, undefined, 0, 0);
    const { segment, position } = day;
    return dayDigest(plan, epoch, { ...segment, quality: countersAt(segment, position) }, position, completedSteps);
  }

  private indexOf(symbol: string): number {
    return symbolIndex(this.of.plan.symbols, symbol);
  }

  /** The day as far as it may be seen; undefined when it has not begun. */
  private day(): DaySoFar | undefined {
    this.mustBeReadable();
    const { plan, segment, position, completedSteps } = this.of;
    if (!segment) return undefined;
    const isOver = completedSteps >= STEP.forceClose;
    return { symbols: plan.symbols, openUs: this.session.openUs, segment, position, isOver };
  }

  private days(): DaysSoFar {
    this.mustBeReadable();
    const { of } = this;
    const { plan, files, epoch, position } = of;
    const findSegment = (day: number): Segment | undefined => (day === epoch ? of.segment : of.findSegment(day));
    return { plan, files, epoch, position, findSegment };
  }

  private mustBeReadable(): void {
    const expired = this.of.expired?.();
    if (expired !== undefined) throw new UsageError(expired, "look again: at(time)");
  }
}
