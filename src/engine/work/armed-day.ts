/**
 * The conditions upkeep watches for while it takes slots in: which are armed, how often each is still to be passed over, and
 * what to report. Where a hit is depends on the slots alone (conditions/day-watch.ts); counting and reporting happen here.
 */
import { DayWatch, type WatchedDay } from "../conditions/day-watch.js";
import { describeHit } from "../conditions/describe-hit.js";
import type { Condition } from "../conditions/condition.js";
import { isOnDay } from "../conditions/atom-kinds.js";
import { isAbsent } from "./day-record.js";
import { exceptionCount, segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";

/** A condition main has armed. Plain data: it travels to upkeep's thread. */
export interface ArmedCondition {
  /** The breakpoint's. */
  readonly id: number;
  readonly condition: Condition;
  /** Hits to pass over first. */
  readonly ignore: number;
  /** False for a log point: reported, and upkeep goes on. */
  readonly stops: boolean;
}

/** A condition has become true. */
export interface ConditionHit {
  readonly id: number;
  readonly run: number;
  readonly epoch: number;
  /** Slots passed: the one where it became true is the last of them. */
  readonly position: number;
  /** Counted only: the breakpoint had hits to ignore. */
  readonly ignored: boolean;
  /** The cause in words; empty when it is ignored. */
  readonly text: string;
}

/** The armed conditions of generation `generation`; main has put them there before it says so. */
export type Armoury = (generation: number) => readonly ArmedCondition[];

/** The day a segment holds, as conditions see it. */
export function watchedDay(segment: Segment): WatchedDay {
  const { exceptions } = segment.source;
  const absent = Array.from({ length: segment.shape.symbols }, (_, symbol) => isAbsent(segment, symbol));
  const grid = segmentGrid(segment);
  return { grid, derived: segmentDerived(segment), exceptions, exceptionCount: exceptionCount(segment), absent };
}

/** One day under one generation of conditions. */
export class ArmedDay {
  private readonly watch: DayWatch;
  private readonly day: WatchedDay;
  private readonly ignore: number[];

  constructor(
    private readonly symbols: readonly string[],
    segment: Segment,
    readonly generation: number,
    private readonly armed: readonly ArmedCondition[],
    private readonly date: string,
    private readonly openUs: number,
    private readonly clock: (us: number) => string,
  ) {
    this.day = watchedDay(segment);
    this.watch = new DayWatch(
      symbols,
      this.day,
      armed.map(({ condition }) => condition),
    );
    this.ignore = armed.map(({ ignore }) => ignore);
  }

  private describe(condition: Condition, slot: number): string {
    return describeHit(condition, this.symbols, this.day, slot, this.clock, this.openUs, this.watch);
  }

  /** Slots before `position` have been passed under other conditions, or under none. */
  catchUp(position: number): void {
    if (this.watch.position < position) this.watch.passTo(position);
  }

  /** The next slot has been taken in: adds its hits to `hits`. True when one of them stops. */
  pass(run: number, epoch: number, hits: ConditionHit[]): boolean {
    let stops = false;
    for (const i of this.watch.pass()) {
      if (!isOnDay(this.armed[i].condition, this.date)) continue;
      const ignored = this.ignore[i] > 0;
      if (ignored) this.ignore[i]--;
      const position = this.watch.position;
      const text = ignored ? "" : this.describe(this.armed[i].condition, position - 1);
      hits.push({ id: this.armed[i].id, run, epoch, position, ignored, text });
      stops ||= !ignored && this.armed[i].stops;
    }
    return stops;
  }

  /** What was armed, with what is still to be ignored: the next day begins with that. */
  left(): ArmedCondition[] {
    return this.armed.map((armed, i) => ({ ...armed, ignore: this.ignore[i] }));
  }
}
