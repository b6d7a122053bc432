/**
 * What upkeep does to the days: take slots in, derive bars, close the accounts of a day, and look after the pool
 * of segments.
 */
import { assert } from "../assert.js";
import { deriveBuckets, finerOf } from "../derived/buckets.js";
import type { DayGrid, DerivedGrid } from "../market/day.js";
import { clearRun, markClosed, segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import { STEP } from "../protocol/phases.js";
import { timeAtPosition } from "../protocol/places.js";
import type { UpkeepWork } from "../protocol/upkeep.js";
import { LOAD, loadState, W, type Words } from "../protocol/words.js";
import { takeIn, type FillSource } from "../quality/take-in.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import { checkAccounts } from "./accounts.js";
import { exchangeTime } from "../market/time-zones.js";
import { ArmedDay, type ArmedCondition, type Armoury, type ConditionHit } from "./armed-day.js";
import { dayEvents, type DataEvent } from "./day-events.js";
import { packRecord, type PackedRecord } from "./day-record.js";
import { dayDigest } from "./digest.js";

/** What upkeep tells main. */
export interface UpkeepReports {
  /** A closed day, once per session and run; main may hear of it as late as `tell`. No events unless the plan asks for them. */
  recorded(epoch: number, run: number, record: PackedRecord, events: readonly DataEvent<number>[]): void;
  /** Conditions that have become true, in order; told before upkeep says how far it is. */
  hits(hits: readonly ConditionHit[]): void;
  /** What has been recorded is told now. */
  tell?(): void;
}

/** Hits told at a time at most: they are counted and shown one by one. */
const MOST_HITS = 1024;

export function createUpkeepWork(
  words: Words,
  plan: SessionPlan,
  segments: readonly Segment[],
  reports: UpkeepReports,
  armoury: Armoury = () => [],
): UpkeepWork {
  const shape = shapeOf(plan);
  const pool = new SegmentPool(words, segments.length);
  let day: ActiveDay | undefined;
  let forcedFromUs = 0;
  let digest = "";
  const active = (epoch: number): ActiveDay => {
    assert(day !== undefined && day.epoch === epoch, `session ${epoch} is not the active one`);
    return day;
  };
  const clock = (us: number): string => exchangeTime(us, plan.exchangeZone);
  let armed: ArmedDay | undefined;
  const armDay = (today: ActiveDay, generation: number, conditions: readonly ArmedCondition[]): ArmedDay =>
    new ArmedDay(
      plan.symbols,
      today.segment,
      generation,
      conditions,
      plan.sessions[today.epoch].date,
      plan.sessions[today.epoch].openUs,
      clock,
    );
  const arm = (today: ActiveDay, generation: number): ArmedDay => {
    if (armed?.generation !== generation) armed = armDay(today, generation, armoury(generation));
    return armed;
  };
  /** Slot by slot while conditions are armed: nothing behind a hit may have been taken in. */
  const pass = (epoch: number, from: number, to: number, watch: number, stopsThere: boolean): number => {
    const today = active(epoch);
    if (watch === 0) {
      passSlots(today, from, to);
      return 0;
    }
    const watching = arm(today, watch);
    watching.catchUp(from);
    const run = words.load(W.run);
    let hits: ConditionHit[] = [];
    let first = 0;
    for (let slot = from; slot < to; slot++) {
      if (first > 0 && stopsThere) break;
      passSlots(today, slot, slot + 1);
      if (watching.pass(run, epoch, hits) && first === 0) first = slot + 1;
      if (hits.length < MOST_HITS) continue;
      reports.hits(hits);
      hits = [];
    }
    if (hits.length > 0) reports.hits(hits);
    return first;
  };
  return {
    process: (epoch, from, to, watch) => pass(epoch, from, to, watch, true),
    forceClose: (epoch, from, to, watch) => {
      forcedFromUs = from < to ? timeAtPosition(shape, epoch, from) : 0;
      return pass(epoch, from, to, watch, false);
    },
    chooseSegment: (epoch) => pool.choose(epoch),
    releaseLoad: (segment, epoch, ready) => pool.release(segment, epoch, ready),
    activate: (epoch, index) => {
      const segment = segments[index];
      pool.activate(index, epoch);
      clearRun(segment);
      day = activeDay(plan, epoch, segment);
      if (armed) armed = armDay(day, armed.generation, armed.left());
    },
    finalize: (epoch) => {
      const { segment, grid } = active(epoch);
      digest = dayDigest(plan, epoch, segment, grid.minutes * grid.symbols, STEP.finalize - 1);
      markClosed(segment, epoch);
    },
    verify: (epoch) => checkAccounts(plan, epoch, active(epoch).segment),
    record: (epoch) => {
      const { segment, grid } = active(epoch);
      const events = plan.withEvents ? dayEvents(plan, epoch, segment, grid.minutes * grid.symbols, STEP.record) : [];
      reports.recorded(epoch, words.load(W.run), packRecord(plan, epoch, segment, forcedFromUs, digest), events);
    },
    tell: () => reports.tell?.(),
  };
}

interface ActiveDay {
  readonly epoch: number;
  readonly segment: Segment;
  readonly grid: DayGrid;
  readonly derived: readonly DerivedGrid[];
  readonly fill: FillSource;
}

function activeDay(plan: SessionPlan, epoch: number, segment: Segment): ActiveDay {
  return {
    epoch,
    segment,
    grid: segmentGrid(segment),
    derived: segmentDerived(segment),
    fill: { mode: plan.fillMode, ...segment.fill },
  };
}

/** Quality, fills and derived bars for the slots [from, to): the same result however the day is cut (I13). */
function passSlots(day: ActiveDay, from: number, to: number): void {
  takeIn(day.grid, day.segment.quality, day.fill, from, to);
  for (const derived of day.derived)
    deriveBuckets(day.grid, derived, from, to, finerOf(day.derived, derived.intervalMinutes));
}

/** Which segment holds which session. Upkeep's own: only it hands segments out. */
class SegmentPool {
  private readonly holds: number[];
  private readonly usedAt: number[];
  private uses = 0;
  private current = -1;

  constructor(
    private readonly words: Words,
    count: number,
  ) {
    this.holds = new Array<number>(count).fill(-1);
    this.usedAt = new Array<number>(count).fill(0);
  }

  /** The segment that holds the session, else an empty one, else the one used longest ago; never one in use. */
  choose(epoch: number): number {
    const held = this.holds.indexOf(epoch);
    if (held >= 0) return held;
    let best = -1;
    for (let i = 0; i < this.holds.length; i++) {
      if (this.inUse(i)) continue;
      if (best < 0 || this.age(i) < this.age(best)) best = i;
    }
    assert(best >= 0, "no segment is free");
    this.holds[best] = -1;
    this.usedAt[best] = ++this.uses;
    return best;
  }

  activate(index: number, epoch: number): void {
    this.current = index;
    this.holds[index] = epoch;
    this.usedAt[index] = ++this.uses;
  }

  /** A load slot is given up: its segment keeps the session if the load was ready, else it holds nothing. */
  release(index: number, epoch: number, ready: boolean): void {
    if (ready) this.holds[index] = epoch;
    else if (this.holds[index] !== epoch) this.holds[index] = -1;
  }

  private age(index: number): number {
    return this.holds[index] < 0 ? 0 : this.usedAt[index];
  }

  private inUse(index: number): boolean {
    if (this.words.load(W.active) === 1 && index === this.current) return true;
    return [0, 1].some((slot) => {
      const asked = loadState(this.words.load(W.load0 + slot)) !== LOAD.empty;
      return asked && this.words.load(W.loadSegment0 + slot) === index;
    });
  }
}
