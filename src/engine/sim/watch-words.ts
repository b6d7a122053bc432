/**
 * The words with every store checked before it happens: who may write what and when (I6, I7), what may follow what
 * (I5, I8, I14, I15, I18 by word), and the states of the load slots (I9).
 */
import { BATON, isTransition, PHASE, PHASE_NAMES, STEP, type ThreadName } from "../protocol/phases.js";
import {
  LOAD,
  LOAD_STATES,
  loadGeneration,
  loadState,
  RELEASE,
  W,
  WORD_NAMES,
  type WordName,
  type Words,
} from "../protocol/words.js";
import type { Scene } from "./scene.js";
import { fail } from "./violation.js";
import type { WatchedClock } from "./watch-clock.js";
import type { WatchedDays } from "./watch-days.js";
import type { WatchedStops } from "./watch-stops.js";

/** Words with one writer whatever the phase. */
const SOLE_WRITERS: Partial<Record<WordName, ThreadName>> = {
  processed: "upkeep",
  loadEpoch0: "upkeep",
  loadEpoch1: "upkeep",
  loadSegment0: "upkeep",
  loadSegment1: "upkeep",
  control: "main",
  stop: "main",
  goalId: "main",
  goalEpoch: "main",
  goalOrdinal: "main",
  release: "main",
  watch: "main",
  hit: "upkeep",
  hitAt: "upkeep",
  hitsTold: "upkeep",
  seekEpoch: "main",
  seekRun: "main",
  speed: "main",
  ackCoordinator: "coordinator",
  ackUpkeep: "upkeep",
  bellCoordinator: "coordinator",
  bellUpkeep: "upkeep",
  bellPrefetch: "prefetch",
  bellMain: "main",
  leftCoordinator: "coordinator",
  leftUpkeep: "upkeep",
  leftPrefetch: "prefetch",
  failure: "upkeep",
};
const SOLE_WRITER = WORD_NAMES.map((name) => SOLE_WRITERS[name]);
const BATON_WORDS: ReadonlySet<number> = new Set([W.epoch, W.run, W.active, W.step, W.position]);
const STILL_WORDS: ReadonlySet<number> = new Set([W.epoch, W.run, W.active, W.step, W.position, W.processed]);

export class WatchedWords implements Words {
  constructor(
    private readonly scene: Scene,
    private readonly plain: Words,
    private readonly clock: WatchedClock,
    private readonly days: WatchedDays,
    private readonly stops: WatchedStops,
  ) {
    scene.plain = plain;
  }

  load(word: number): number {
    const value = this.plain.load(word);
    if (word === W.speed) this.clock.speedSeen(value);
    return value;
  }
  store(word: number, value: number): void {
    this.beforeStore(word, value);
    this.plain.store(word, value);
  }
  swap(word: number, expected: number, value: number): boolean {
    if (this.plain.load(word) !== expected) return false;
    this.store(word, value);
    return true;
  }
  ring(bell: number): void {
    this.plain.ring(bell);
  }
  clear(bell: number): void {
    this.mayWrite(bell);
    this.plain.clear(bell);
  }
  loadTime(): number {
    return this.plain.loadTime();
  }
  storeTime(us: number): void {
    this.holdsBaton("time");
    this.standsStill("time");
    this.clock.beforeTime(us);
    this.plain.storeTime(us);
  }

  private beforeStore(word: number, value: number): void {
    this.mayWrite(word);
    if (STILL_WORDS.has(word)) this.standsStill(WORD_NAMES[word]);
    if (STILL_WORDS.has(word)) this.isReleased(WORD_NAMES[word]);
    switch (word) {
      case W.phase:
        return this.phaseChanges(value);
      case W.position:
        return this.positionMoves(value);
      case W.processed:
        return this.upkeepMoves(value);
      case W.epoch:
        return this.epochChanges(value);
      case W.run:
        return this.runChanges(value);
      case W.step:
        return this.stepChanges(value);
      case W.control:
        return this.pauseChanges(value);
      case W.goalEpoch:
      case W.goalId:
        return this.goalChanges(word, value);
      case W.answered:
        return this.stops.beforeAnswer(value);
      case W.load0:
      case W.load1:
        return this.loadSlotChanges(word - W.load0, value);
      case W.failure:
        return this.loadHasFailed();
    }
  }

  private mayWrite(word: number): void {
    const { scene } = this;
    const sole = SOLE_WRITER[word];
    if (sole !== undefined && sole !== scene.writer && !(scene.writer === "main" && scene.dead.has(sole)))
      fail("I6", `${scene.writer} writes ${WORD_NAMES[word]}, which is ${sole}'s`);
    if (BATON_WORDS.has(word)) this.holdsBaton(WORD_NAMES[word]);
  }

  private holdsBaton(what: string): void {
    const { scene } = this;
    const phase = scene.word(W.phase);
    if (BATON[phase] !== scene.writer) fail("I6", `${scene.writer} writes ${what} in ${PHASE_NAMES[phase]}`);
  }

  /** A thread that a goal holds moves nothing; under a pause, which is on the way to a seek, it takes in what is published. */
  private isReleased(what: string): void {
    const { scene } = this;
    const held = [undefined, "upkeep", "coordinator"][scene.word(W.release)];
    if (held === scene.writer && scene.word(W.control) % 2 === 0 && scene.word(W.phase) !== PHASE.seeking)
      fail("I7", `${scene.writer} moves ${what} although it is held`);
  }

  private standsStill(what: string): void {
    const { scene } = this;
    if (scene.writer === "main" && scene.word(W.phase) === PHASE.boot) return;
    const { still } = scene;
    if (still !== undefined) fail("I7", `${scene.writer} moves ${what} although ${still}`);
  }

  private phaseChanges(to: number): void {
    const { scene } = this;
    const from = scene.word(W.phase);
    if (to === PHASE.stopped || to === PHASE.failed) {
      const left = scene.word(W.leftCoordinator) + scene.word(W.leftUpkeep) + scene.word(W.leftPrefetch);
      if (scene.writer !== "main" || left !== 3) fail("I6", `${PHASE_NAMES[to]} is written before all have left`);
      return;
    }
    if (!isTransition(from, to, scene.writer))
      fail("I6", `${scene.writer} changes ${PHASE_NAMES[from]} to ${PHASE_NAMES[to]}`);
    if (scene.writer !== "main") this.standsStill("phase");
    if (to === PHASE.seeking && !scene.acknowledged) fail("I6", "a seek begins without an acknowledged pause");
    if (to === PHASE.arming && scene.writer === "upkeep" && scene.word(W.step) !== STEP.load)
      fail("I14", "a day begins with a step left over");
    if (to === PHASE.streaming) this.days.dayBegins();
    if (to === PHASE.drained) this.days.streamsEnd();
    if (to === PHASE.closed) this.days.dayEnds();
    if (to === PHASE.finished) this.days.rangeEnds();
  }

  private positionMoves(to: number): void {
    const { scene } = this;
    const phase = scene.word(W.phase);
    if (phase !== PHASE.streaming) {
      if (phase === PHASE.drained && to !== scene.subject.reference.slots(scene.word(W.epoch)))
        fail("I8", "the close is not forced to the end of the grid");
      if (phase !== PHASE.drained && to !== 0) fail("I8", `a day begins at position ${to}`);
      return;
    }
    const from = scene.word(W.position);
    if (to <= from) fail("I1", `position moves from ${from} to ${to} within a run`);
    if (scene.day === undefined || scene.day.copied < to)
      fail("I2", "a position is published before its bars are written");
    const ahead = to - scene.word(W.processed);
    if (ahead > scene.config.creditSlots)
      fail("I8", `${ahead} slots ahead of upkeep, credit is ${scene.config.creditSlots}`);
    this.keepsLimit(to);
  }

  /** A limit is never passed, and without one whole rows are published. */
  private keepsLimit(to: number): void {
    const { scene } = this;
    const limited = scene.word(W.goalEpoch) <= scene.word(W.epoch);
    const limit = scene.word(W.goalOrdinal);
    if (scene.word(W.goalEpoch) < scene.word(W.epoch)) fail("goal", "the limit lies behind");
    if (limited && to > limit) fail("goal", `published to ${to}, beyond the limit ${limit}`);
    if (scene.word(W.release) === RELEASE.coordinator) {
      if (to !== scene.word(W.position) + 1) fail("goal", "a released coordinator publishes more than a slot");
      this.isOneEvent();
      return;
    }
    if (to % scene.shape.symbolCount !== 0 && !(limited && to === limit))
      fail("I8", "a part of a row is published without a goal that asks for it");
  }

  private upkeepMoves(to: number): void {
    const { scene } = this;
    const phase = scene.word(W.phase);
    if (phase !== PHASE.streaming && phase !== PHASE.drained) return;
    const isAlone = scene.word(W.release) === RELEASE.upkeep && scene.word(W.control) % 2 === 0;
    if (isAlone && to > scene.word(W.processed) + 1 && phase === PHASE.streaming)
      fail("goal", "a released upkeep takes in more than a slot");
    if (isAlone && phase === PHASE.streaming) this.isOneEvent();
    const isHit = scene.word(W.hit) === scene.word(W.goalId) && scene.word(W.control) % 2 === 0;
    if (isHit && phase === PHASE.streaming && to > scene.word(W.hitAt)) fail("goal", "upkeep goes on after a hit");
    if (to > scene.word(W.position)) fail("I8", `upkeep at ${to} is ahead of position ${scene.word(W.position)}`);
    if (scene.day === undefined || to > scene.day.taken) fail("I8", `upkeep says ${to} before it has taken that in`);
  }

  private isOneEvent(): void {
    const { scene } = this;
    const goal = scene.word(W.goalId);
    if (scene.eventGoal === goal) fail("goal", "a released thread does more than one event");
    scene.eventGoal = goal;
  }

  private epochChanges(to: number): void {
    const { scene } = this;
    const phase = scene.word(W.phase);
    if (phase === PHASE.closed && to !== scene.word(W.epoch) + 1)
      fail("I14", `session ${scene.word(W.epoch)} is followed by ${to}`);
    if (phase !== PHASE.closed && (phase !== PHASE.seeking || scene.word(W.run) !== scene.word(W.seekRun)))
      fail("I14", `the session changes in ${PHASE_NAMES[phase]}`);
    this.days.dayGoes(phase === PHASE.closed);
  }

  private runChanges(to: number): void {
    const { scene } = this;
    if (scene.word(W.phase) !== PHASE.seeking || to !== scene.word(W.run) + 1)
      fail("I14", `run ${scene.word(W.run)} is followed by ${to}`);
    this.days.runBegins();
  }

  private stepChanges(to: number): void {
    const { scene } = this;
    if (scene.word(W.phase) !== PHASE.drained) return;
    const next = Math.max(scene.word(W.step), STEP.drain) + 1;
    if (to !== next) fail("I5", `the end of day goes on with step ${to} instead of ${next}`);
    if (to === STEP.forceClose && scene.word(W.position) !== scene.word(W.processed))
      fail("I8", "drained with work left");
    if (to > STEP.finalize && scene.plain.loadTime() !== scene.shape.closeUs(scene.word(W.epoch)))
      fail("I10", "time is not the close");
  }

  /** Main's pauses: the generation rises by one, and a pause ends when it was acknowledged. */
  private pauseChanges(to: number): void {
    const { scene } = this;
    const from = scene.word(W.control);
    if (to !== from + 1) fail("I7", `control generation ${from} is followed by ${to}`);
    if (to % 2 === 0 && !scene.acknowledged) fail("I7", "a pause ends before both threads have acknowledged it");
    if (to % 2 === 0) scene.relied = false;
  }

  /** Main's goals: only when the last is answered or a pause is acknowledged; the limit first, the id last. */
  private goalChanges(word: number, value: number): void {
    const { scene } = this;
    if (scene.word(W.phase) === PHASE.boot) return;
    if (scene.still === undefined) fail("I15", "a goal is written while another runs");
    if (word !== W.goalId) return;
    const request = scene.request();
    const { release = 0, watch = 0 } = request.kind === "run" ? request : {};
    if (scene.word(W.release) !== release || scene.word(W.watch) !== watch)
      fail("goal", "a goal's id is written before what it releases and watches for");
    if (value !== scene.word(W.goalId) + 1) fail("I15", `goal ${scene.word(W.goalId)} is followed by ${value}`);
    if (request.kind !== "run" && request.kind !== "seek") fail("I15", "a goal nobody asked for");
    if (scene.word(W.goalEpoch) !== request.place.epoch || scene.word(W.goalOrdinal) !== request.place.ordinal)
      fail("goal", "a goal's id is written before its limit");
    if (request.kind === "run" && scene.isBehind(request.place)) fail("goal", "a goal that lies behind is accepted");
  }

  private loadSlotChanges(slot: number, value: number): void {
    const { scene } = this;
    const before = scene.word(W.load0 + slot);
    const [from, to] = [loadState(before), loadState(value)];
    const raised = loadGeneration(value) - loadGeneration(before);
    const where = `load slot ${slot}, ${LOAD_STATES[from]} to ${LOAD_STATES[to]}`;
    const owner = to === LOAD.empty || to === LOAD.requested ? "upkeep" : "prefetch";
    if (scene.writer !== owner) fail("I6", `${where} by ${scene.writer}`);
    const allowed =
      to === LOAD.empty
        ? from !== LOAD.empty && raised === 1
        : to === LOAD.requested
          ? from === LOAD.empty && raised === 1
          : to === LOAD.loading
            ? from === LOAD.requested && raised === 0
            : from === LOAD.loading && raised === 0;
    if (!allowed) fail("I9", `${where}, generation ${loadGeneration(before)} to ${loadGeneration(value)}`);
    this.days.loadSlotChanges(slot, to, loadGeneration(value));
  }

  private loadHasFailed(): void {
    const { scene } = this;
    const state = loadState(scene.word(W.load0 + (scene.word(W.epoch) % 2)));
    if (scene.word(W.phase) !== PHASE.arming || state !== LOAD.failed) fail("I9", "a failure without a failed load");
  }
}
