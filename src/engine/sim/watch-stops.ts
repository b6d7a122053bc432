/**
 * Stops: the place a goal is answered at, the digest there (I13), what an acknowledged pause must leave as it is
 * (I7), one answer a goal (I15), and that nobody sleeps through what concerns it (I17).
 */
import { BATON, EOD_STEPS, PHASE, PHASE_NAMES, STEP } from "../protocol/phases.js";
import { slotCount, timeAtPosition } from "../protocol/places.js";
import { RELEASE, W, type WordName } from "../protocol/words.js";
import { dayDigest } from "../work/digest.js";
import { Hash } from "../work/hash.js";
import type { Scene } from "./scene.js";
import { fail } from "./violation.js";
import type { WatchedDays } from "./watch-days.js";

const STANDING: readonly WordName[] = ["phase", "epoch", "run", "active", "step", "position", "processed"];

export class WatchedStops {
  /** Goals answered by the threads. */
  readonly answered = new Set<number>();
  /** Stops at which a digest was compared. */
  digests = 0;
  private standing: string | undefined;

  constructor(
    private readonly scene: Scene,
    private readonly days: WatchedDays,
  ) {}

  beforeAnswer(goal: number): void {
    const { scene } = this;
    const phase = scene.word(W.phase);
    const holder = phase === PHASE.finished ? "upkeep" : BATON[phase];
    const due = [holder, "coordinator", "upkeep"][scene.word(W.release)];
    if (scene.writer !== due) fail("I6", `${scene.writer} answers in ${PHASE_NAMES[phase]}`);
    if (goal !== scene.word(W.goalId)) fail("I15", `goal ${goal} is answered, ${scene.word(W.goalId)} is the newest`);
    if (this.answered.has(goal)) fail("I15", `goal ${goal} is answered twice`);
    if (scene.hitGoal === goal && scene.word(W.hit) !== goal)
      fail("goal", "a goal is answered at a hit that is not told");
    if (scene.acknowledged) fail("I7", "a goal is answered although a pause is acknowledged");
    this.answered.add(goal);
    if (scene.word(W.release) !== RELEASE.both) return; // one event, wherever that was
    this.checkPlace();
    this.checkStanding();
  }

  /** The session stands exactly where the goal says. */
  private checkPlace(): void {
    const { scene } = this;
    const { shape } = scene;
    const [goalEpoch, ordinal] = [scene.word(W.goalEpoch), scene.word(W.goalOrdinal)];
    const [phase, epoch] = [scene.word(W.phase), scene.word(W.epoch)];
    if (goalEpoch >= shape.sessionCount) {
      if (phase !== PHASE.finished) fail("goal", `a run to the end is answered in ${PHASE_NAMES[phase]}`);
      return;
    }
    if (goalEpoch !== epoch) fail("goal", `answered in session ${epoch} instead of ${goalEpoch}`);
    const slots = slotCount(shape, epoch);
    if (ordinal < 0) {
      if (phase !== PHASE.arming) fail("goal", `answered in ${PHASE_NAMES[phase]} instead of ARMING`);
    } else if (ordinal <= slots + STEP.handOver) {
      this.checkPosition(epoch, ordinal);
    } else {
      const step = Math.max(scene.word(W.step), STEP.drain);
      if (phase !== PHASE.drained && phase !== PHASE.closed) fail("goal", `answered in ${PHASE_NAMES[phase]}`);
      if (scene.word(W.processed) !== scene.word(W.position))
        fail(
          "I13",
          `answered when upkeep is at ${scene.word(W.processed)} of ${scene.word(W.position)}: what a stop shows must not depend on that`,
        );
      if (step !== ordinal - slots)
        fail("goal", `answered before ${EOD_STEPS[step - 1]} instead of ${EOD_STEPS[ordinal - slots - 1]}`);
    }
  }

  private checkPosition(epoch: number, ordinal: number): void {
    const { scene } = this;
    const position = scene.word(W.position);
    const due = Math.min(ordinal, scene.subject.reference.endOfStreams(epoch));
    if (scene.word(W.phase) !== PHASE.streaming || scene.word(W.active) !== 1) fail("goal", "answered outside the day");
    if (position !== due) fail("goal", `answered at slot ${position} instead of ${due}`);
    if (scene.word(W.processed) !== position)
      fail("goal", `answered when upkeep is at ${scene.word(W.processed)} of ${position}`);
    if (scene.day?.copied !== position || scene.day.taken !== position) fail("goal", "answered with work left");
    if (scene.word(W.step) !== STEP.none) fail("I14", "a step of an end of day is left over in STREAMING");
    if (scene.plain.loadTime() < timeAtPosition(scene.shape, epoch, position))
      fail("I10", "answered before time has followed");
  }

  /** Everything readable at a stop. */
  checkStanding(): void {
    const { scene } = this;
    const phase = scene.word(W.phase);
    if (phase !== PHASE.seeking) this.days.checkAll();
    const { day, subject } = scene;
    if (!day) return;
    const position = scene.word(W.position);
    if (scene.word(W.processed) !== position) fail("I8", "a stop or pause with work left");
    const steps = phase === PHASE.streaming ? 0 : Math.max(scene.word(W.step), STEP.drain) - 1;
    this.digests++;
    const digest = dayDigest(scene.plan, day.epoch, day.segment, position, steps);
    if (digest !== subject.reference.digest(day.epoch, position, steps))
      fail("I13", `the digest of session ${day.epoch} at position ${position}, ${steps} steps done, is another`);
  }

  /** Main has been told that the session is paused. */
  pauseBegins(): void {
    const { scene } = this;
    if (!scene.acknowledged) fail("I7", "a pause is shown before both threads have acknowledged it");
    const phase = scene.word(W.phase);
    if (phase === PHASE.streaming && scene.word(W.position) !== scene.word(W.processed))
      fail("I7", "a pause is acknowledged with work left");
    if (phase === PHASE.streaming && scene.day?.copied !== scene.word(W.position))
      fail("I7", "a pause is acknowledged in the middle of a row");
    scene.relied = true;
    this.checkStanding();
    this.standing = this.fingerprint();
  }

  /** Before main goes on. */
  pauseEnds(): void {
    if (this.standing !== undefined && this.standing !== this.fingerprint())
      fail("I7", `${this.standing} has become ${this.fingerprint()} under a pause`);
    this.standing = undefined;
    this.scene.relied = false;
  }

  private fingerprint(): string {
    const { scene } = this;
    const words = STANDING.map((name) => `${name} ${scene.word(W[name])}`).join(" ");
    const hash = new Hash();
    if (scene.day) {
      const { published, derived, quality, source } = scene.day.segment;
      for (const column of [...Object.values(published.bars), ...Object.values(source.bars)])
        hash.array(column as Float64Array);
      hash.array(published.origin);
      for (const grid of derived)
        hash.array(grid.bars.close).array(grid.bars.volume).array(grid.count).array(grid.status);
      for (const counter of Object.values(quality)) hash.array(counter as Int32Array);
    }
    return `${words} time ${scene.plain.loadTime()} data ${hash.digest().slice(0, 8)}`;
  }
}
