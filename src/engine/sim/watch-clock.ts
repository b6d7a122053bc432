/**
 * Time, checked against the position and a clock of the checks' own (I1, I10). That clock knows bounds only: a
 * change of speed takes effect when the coordinator looks, so between two looks the faster speed bounds time from
 * above and the slower one from below.
 */
import { PHASE } from "../protocol/phases.js";
import { timeAtPosition } from "../protocol/places.js";
import { RELEASE, W } from "../protocol/words.js";
import type { Coordinator, CoordinatorRegisters } from "../protocol/coordinator.js";
import type { Scene } from "./scene.js";
import { fail } from "./violation.js";

/** As long as the coordinator may let time rest while a clock runs, monotonic microseconds (its tick). */
const TICK_US = 50_000;
/** Rounding of a monotonic time in fractions of microseconds. */
const ROUNDING_US = 1;

export class WatchedClock {
  monoUs = 0;
  private run = -1;
  /** The coordinator's last look saw a clock. */
  private clockSeen = false;
  /** Time was last written by a clock: it may have run on beyond the position's own time. */
  private clocked = false;
  /** Time the clock started from, and bounds of how far it has run since; apart, since their sum is rounded. */
  private baseUs = 0;
  private mostRanUs = 0;
  private leastRanUs = 0;
  private anchor = "";

  constructor(private readonly scene: Scene) {}

  speedSeen(milli: number): void {
    const { scene } = this;
    if (scene.writer !== "coordinator") return;
    this.clockSeen = milli > 0 && scene.word(W.release) !== RELEASE.coordinator; // an event does not wait for the clock
  }

  /** The monotonic source goes on. */
  advance(us: number, registers: CoordinatorRegisters): void {
    const before = this.monoUs;
    this.monoUs += us;
    const ranUs = this.monoUs - before; // what is left of `us` in a number that large
    const asked = this.scene.word(W.speed) / 1000;
    this.mostRanUs += ranUs * Math.max(asked, registers.anchorSpeed);
    this.leastRanUs += ranUs * Math.min(asked, registers.anchorSpeed);
  }

  beforeTime(us: number): void {
    const { scene } = this;
    const [phase, epoch, run] = [scene.word(W.phase), scene.word(W.epoch), scene.word(W.run)];
    const before = scene.plain.loadTime();
    if (run === this.run && us < before) fail("I1", `time goes back by ${before - us} µs`);
    this.run = run;
    if (phase === PHASE.streaming) this.timeStreams(us, epoch);
    else if (phase === PHASE.drained && us !== scene.shape.closeUs(epoch))
      fail("I10", "the close is forced to another time");
    else if (phase !== PHASE.drained && us !== scene.shape.openUs(epoch))
      fail("I10", "a day does not begin at its open");
    if (phase !== PHASE.streaming) this.clocked = false;
  }

  private timeStreams(us: number, epoch: number): void {
    const { shape } = this.scene;
    const due = timeAtPosition(shape, epoch, this.scene.word(W.position));
    this.clocked = this.clockSeen;
    if (!this.clockSeen) {
      if (us !== due) fail("I10", `time is set ${us - due} µs off its position's`);
      this.startFrom(us, 0);
      return;
    }
    if (us < due) fail("I10", `time is set ${due - us} µs behind its position's`);
    this.isNotAhead(us, epoch);
  }

  private startFrom(baseUs: number, ranUs: number): void {
    this.baseUs = baseUs;
    this.mostRanUs = this.leastRanUs = ranUs;
  }

  private isNotAhead(us: number, epoch: number): void {
    if (us > this.scene.shape.closeUs(epoch)) fail("I10", "time is beyond the close");
    const aheadUs = us - this.baseUs - this.mostRanUs;
    if (aheadUs > ROUNDING_US) fail("I10", `time is ${aheadUs} µs ahead of the clock`);
  }

  /** After each of the coordinator's accesses: a new anchor begins at the time there is. */
  coordinatorActed(registers: CoordinatorRegisters): void {
    const { run, epoch, anchorGoal, anchorControl, anchorSpeed } = registers;
    const anchor = `${run} ${epoch} ${anchorGoal} ${anchorControl} ${anchorSpeed > 0}`;
    if (anchor === this.anchor) return;
    this.anchor = anchor;
    const ranUs = anchorSpeed > 0 ? anchorSpeed * (this.monoUs - registers.anchorMonoUs) : 0;
    this.startFrom(this.scene.plain.loadTime(), ranUs);
  }

  /** I10 at a safe point: the coordinator is between two turns. */
  safePoint(): void {
    const { scene } = this;
    if (scene.word(W.phase) !== PHASE.streaming) return;
    const epoch = scene.word(W.epoch);
    const time = scene.plain.loadTime();
    const due = timeAtPosition(scene.shape, epoch, scene.word(W.position));
    if (this.clocked ? time < due : time !== due) fail("I10", `time is ${time - due} µs off at a safe point`);
    if (this.clocked) this.isNotAhead(time, epoch);
  }

  /** The coordinator waits for the clock: time is not more than a tick behind it, so nothing drifts. */
  clockAwaited(coordinator: Coordinator): void {
    const { scene } = this;
    const toCloseUs = scene.shape.closeUs(scene.word(W.epoch)) - this.baseUs;
    const lagUs = Math.min(this.leastRanUs, toCloseUs) - (scene.plain.loadTime() - this.baseUs);
    if (lagUs > TICK_US * coordinator.registers.anchorSpeed + ROUNDING_US)
      fail("I10", `time lags ${lagUs} µs behind the clock`);
  }
}
