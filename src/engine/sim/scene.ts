/** What all checks of one simulation share: who is acting, the words as they stand, and the day in hand. */
import type { Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import type { Request } from "../protocol/control.js";
import { PHASE, STEP, type ThreadName } from "../protocol/phases.js";
import { slotCount, stepPlace, type Place, type Shape } from "../protocol/places.js";
import type { ProtocolConfig } from "../protocol/process.js";
import { RELEASE, W, type Words } from "../protocol/words.js";
import { shapeOf } from "../plan.js";
import type { Subject } from "./subject.js";

/** The day that streams or has streamed, as the checks have seen it grow. */
export interface DayInHand {
  readonly epoch: number;
  readonly segment: Segment;
  /** Slots that have been copied into the published grid. */
  copied: number;
  /** Slots that upkeep has taken in. */
  taken: number;
}

export class Scene {
  readonly plan: SessionPlan;
  readonly shape: Shape;
  /** The thread whose turn it is. */
  writer: ThreadName = "main";
  day: DayInHand | undefined;
  /** Goal under which a condition has become true. */
  hitGoal = 0;
  /** Goal that releases one thread and under which it has done an event. */
  eventGoal = 0;
  /** Main has been told of an acknowledged pause and has not ended it. */
  relied = false;
  /** What main is asked to do; set with the stage. */
  request: () => Request = () => ({ kind: "none" });
  /** Threads that have died: main marks them left. */
  readonly dead = new Set<ThreadName>();
  config!: ProtocolConfig;
  plain!: Words;

  constructor(readonly subject: Subject) {
    this.plan = subject.plan;
    this.shape = shapeOf(subject.plan);
  }

  word(word: number): number {
    return this.plain.load(word);
  }

  /** Both threads have acknowledged the pause there is (I7). */
  get acknowledged(): boolean {
    const control = this.word(W.control);
    return control % 2 === 1 && this.word(W.ackCoordinator) === control && this.word(W.ackUpkeep) === control;
  }

  /** Why nothing may move now, or undefined. */
  get still(): string | undefined {
    if (this.word(W.goalId) === this.word(W.answered) && !this.catchesUp) return "the goal is answered";
    if (this.acknowledged) return "a pause is acknowledged";
    return this.relied ? "main relies on a pause" : undefined;
  }

  /** Upkeep, held behind the coordinator, takes in what is published under a pause that is not acknowledged yet. */
  private get catchesUp(): boolean {
    const isHeld = this.word(W.release) === RELEASE.coordinator && this.writer === "upkeep";
    return isHeld && this.word(W.control) % 2 === 1 && !this.acknowledged;
  }

  /** Whether a run to `place` would have to go back, looking at a session that stands still. */
  isBehind(place: Place): boolean {
    const phase = this.word(W.phase);
    if (phase === PHASE.finished) return place.epoch < this.plan.sessions.length;
    const epoch = phase === PHASE.seeking ? this.word(W.seekEpoch) : this.word(W.epoch);
    if (place.epoch !== epoch) return place.epoch < epoch;
    if (phase === PHASE.streaming) return place.ordinal < this.word(W.position);
    if (phase === PHASE.arming && this.word(W.step) === STEP.activate)
      return place.ordinal < stepPlace(this.shape, epoch, STEP.activate).ordinal;
    if (phase !== PHASE.drained && phase !== PHASE.closed) return false;
    return place.ordinal < slotCount(this.shape, epoch) + Math.max(this.word(W.step), STEP.drain);
  }

  /** The newest goal lies beyond the hand-over of the present session. */
  get mayHandOver(): boolean {
    const epoch = this.word(W.epoch);
    const { ordinal } = stepPlace(this.shape, epoch, STEP.handOver);
    return this.word(W.goalEpoch) > epoch || this.word(W.goalOrdinal) > ordinal;
  }

  /** Where the session stands, in words. */
  describe(): string {
    const day = this.day ? `, ${this.day.copied} copied, ${this.day.taken} taken in` : "";
    return `run ${this.word(W.run)} session ${this.word(W.epoch)} position ${this.word(W.position)} upk ${this.word(W.processed)}${day}`;
  }
}
