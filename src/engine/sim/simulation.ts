/** One simulation under way: stage, checks, owner and schedule, a step at a time. Made and run by simulate.ts. */
import { PHASE } from "../protocol/phases.js";
import { endPlace, type Place } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import { ActionLog } from "./action-log.js";
import { canMove, createActors, Moods, type Actor, type Actors } from "./actors.js";
import { drawFaults, drawSettings, type Faults, type Settings } from "./conditions.js";
import { drawPlaces } from "./draw-places.js";
import { GatedLoads } from "./gated-loads.js";
import { Lots } from "./lots.js";
import { armedConditions, Owner } from "./owner.js";
import { Scene } from "./scene.js";
import { createStage, type Stage } from "./stage.js";
import { drawSubject, type Subject } from "./subject.js";
import type { SimulationOptions, SimulationResult } from "./types.js";
import { fail } from "./violation.js";
import { WatchedClock } from "./watch-clock.js";
import { WatchedDays } from "./watch-days.js";
import { WatchedStops } from "./watch-stops.js";
import { WatchedWords } from "./watch-words.js";

/** Steps without an answer after which a goal is taken for lost (I19), and how many more for each minute of the plan. */
const PATIENCE = 30_000;
const PATIENCE_A_ROW = 2_000;
/** Steps from a stop until all have left (I19). */
const LEAVING = 5_000;
/** Grids up to this size are compared after every step, larger ones at stops. */
const SMALL_SLOTS = 256;
/** One step in so many looks for a missed bell. */
const BELL_CHECKS = 7;

export class Simulation {
  steps = 0;
  ended: SimulationResult["ended"] = "broken";
  readonly stage: Stage;
  readonly log: ActionLog;
  private readonly lots: Lots;
  private readonly settings: Settings;
  private readonly faults: Faults;
  private readonly subject: Subject;
  private readonly scene: Scene;
  private readonly clock: WatchedClock;
  private readonly days: WatchedDays;
  private readonly stops: WatchedStops;
  private readonly loads: GatedLoads;
  private readonly owner: Owner;
  private readonly actors: Actors;
  private readonly all: readonly Actor[];
  private readonly moods: Moods;
  private readonly isSmall: boolean;
  private readonly patience: number;
  private lastCommandAt = 0;
  private stoppedAt = 0;
  private readonly tallies = { loads: 0, deaths: 0, hangs: 0, clockJumps: 0, bellChecks: 0 };

  constructor(
    seed: number,
    private readonly options: SimulationOptions,
  ) {
    this.lots = new Lots(seed, 2);
    const drawn = options.subject ?? drawSubject(seed);
    this.settings = drawSettings(new Lots(seed, 3), drawn.plan);
    this.faults = drawFaults(new Lots(seed, 4), options.faults ?? true);
    this.subject = { ...drawn, plan: { ...drawn.plan, creditRows: this.settings.creditRows } };
    const { sessions, symbols } = drawn.plan;
    this.isSmall = sessions.every(({ minutes }) => minutes * symbols.length <= SMALL_SLOTS);
    this.patience = PATIENCE + PATIENCE_A_ROW * sessions.reduce((rows, { minutes }) => rows + minutes, 0);
    this.scene = new Scene(this.subject);
    this.log = new ActionLog(options.onAction, () => this.scene.describe());
    this.clock = new WatchedClock(this.scene);
    this.days = new WatchedDays(this.scene);
    this.stops = new WatchedStops(this.scene, this.days);
    this.loads = new GatedLoads(this.subject.source, this.faults);
    this.stage = this.createStage();
    this.actors = createActors(this.stage);
    this.all = Object.values(this.actors) as Actor[];
    this.moods = new Moods(this.lots, this.all);
    this.owner = this.createOwner(new Lots(seed, 5));
  }

  private createStage(): Stage {
    const { scene, settings, subject, days, options } = this;
    const { fill } = subject;
    const stage = createStage(subject.plan, this.loads, {
      bugs: options.bugs,
      fill: fill && { load: async (epoch, into) => fill.load(epoch, into), close: async () => {} },
      goal: this.firstGoal(),
      armoury: armedConditions,
      monotonicUs: () => this.clock.monoUs,
      watch: (plain) => new WatchedWords(scene, plain, this.clock, days, this.stops),
      watchWorks: (works) => days.watch(options.tamper ? options.tamper(works, () => scene.day?.segment) : works),
      batchSlots: settings.batchRows * subject.plan.symbols.length,
    });
    scene.request = () => stage.control.request;
    scene.config = stage.coordinator.config;
    days.segments = stage.segments;
    days.reports = stage.reports;
    days.loads = stage.loads;
    scene.writer = "main";
    stage.words.store(W.speed, settings.speed * 1000);
    return stage;
  }

  private firstGoal(): Place {
    const { shape } = this.scene;
    return this.lots.chance(0.5) ? endPlace(shape) : this.lots.pick(drawPlaces(this.scene, this.lots));
  }

  private createOwner(lots: Lots): Owner {
    const will = { ...this.settings, leavesEarly: this.settings.leavesEarly && (this.options.faults ?? true) };
    const wakeMain = (): void => {
      this.actors.main.parked = false;
    };
    return new Owner(lots, will, this.scene, this.stage, this.stops, (what) => this.log.add(what), wakeMain);
  }

  /** Until main has stopped and joined. Throws at the first thing that is wrong. */
  async run(): Promise<void> {
    while (this.owner.mode !== "over") {
      const load = this.step();
      if (load) await load;
      const breath = this.options.breathe?.();
      if (breath) await breath;
    }
    this.ended = this.ending();
    const failed = this.ended === "failed";
    this.owner.close(failed ? "failed" : "stopped");
    this.scene.writer = "main";
    this.stage.words.store(W.phase, failed ? PHASE.failed : PHASE.stopped);
    this.days.checkDay();
  }

  private ending(): SimulationResult["ended"] {
    if (this.tallies.deaths > 0 || this.scene.word(W.failure) === 1) return "failed";
    return this.scene.word(W.phase) === PHASE.finished ? "finished" : "stopped";
  }

  /** One step of the schedule. Returns what to wait for when a load comes to its end. */
  private step(): Promise<void> | undefined {
    this.log.step = ++this.steps;
    this.limitSteps();
    this.moods.change(this.steps);
    if (this.settings.paceUs > 0) this.advanceClock(this.lots.next() * this.settings.paceUs);
    this.disturb();
    if (this.owner.actByChance()) this.commandGiven();
    const chosen = this.draw();
    if (chosen === "load") return this.settleLoad();
    if (chosen === undefined) this.nobodyCanMove();
    else this.act(chosen);
    return undefined;
  }

  private limitSteps(): void {
    if (this.stoppedAt > 0 && this.steps - this.stoppedAt > LEAVING) fail("I19", "not all have left after a stop");
    if (this.steps - this.lastCommandAt > this.patience)
      fail("I19", `no answer within ${this.patience} steps: ${this.scene.describe()}`);
  }

  private commandGiven(): void {
    this.lastCommandAt = this.steps;
    if (this.owner.stopping && this.stoppedAt === 0) this.stoppedAt = this.steps;
  }

  private mayMove(actor: Actor): boolean {
    return canMove(actor, this.scene.plain, this.clock.monoUs);
  }

  private draw(): Actor | "load" | undefined {
    const load = this.loadMaySettle;
    const soon = load && (!this.settings.lateLoads || this.lots.chance(0.01));
    return this.moods.draw((actor) => this.mayMove(actor), soon) ?? (load ? "load" : undefined);
  }

  private get loadMaySettle(): boolean {
    const { prefetch } = this.actors;
    return this.stage.loads.length > 0 && !prefetch.gone && prefetch.process.betweenTurns && !this.loads.hangs;
  }

  // ---- faults ----
  /** The faults that come at a step of their own: a stop out of the blue, a death, and its being noticed. */
  private disturb(): void {
    const { faults, steps, owner, stage, tallies } = this;
    if (steps === faults.deathAt) this.die();
    if (!stage.control.betweenTurns) return;
    const noticed = tallies.deaths > 0 && steps >= faults.deathNoticedAt;
    if (noticed && this.scene.dead.size === 0) this.markDead();
    if (!owner.stopping && (noticed || (faults.stopAt > 0 && steps >= faults.stopAt))) {
      owner.stop();
      this.commandGiven();
    }
  }

  /** The thread takes no turn any more, be it in the middle of one. */
  private die(): void {
    const actor = this.actors[this.faults.dies];
    if (actor.gone) return;
    actor.gone = true;
    this.tallies.deaths++;
    this.log.add(`${actor.name} dies`);
  }

  /** As main does on a thread's exit: it counts as left. */
  private markDead(): void {
    const { name, left } = this.actors[this.faults.dies];
    this.scene.dead.add(name);
    this.scene.writer = "main";
    if (left) this.stage.words.store(W[left], 1);
    this.stage.words.ring(W.bellMain);
    this.log.add(`main is told that ${name} has died`);
  }

  // ---- one step ----
  private act(actor: Actor): void {
    const { process, name } = actor;
    this.scene.writer = name;
    actor.parked = false;
    actor.wakeAtUs = 0;
    const whole = process.betweenTurns && this.lots.chance(this.settings.wholeTurns);
    const effect = process.nextEffect as string | undefined;
    const turn = whole ? process.turn() : process.advance();
    this.log.turn(actor, whole ? "a turn" : effect);
    if (turn === "waits") this.park(actor);
    if (turn === "left") actor.gone = true;
    if (name === "coordinator") this.clock.coordinatorActed(this.stage.coordinator.registers);
    if (name === "main" && process.betweenTurns) this.mainTurnEnds();
    this.checkStep(name);
  }

  private park(actor: Actor): void {
    actor.parked = true;
    if (actor.name !== "coordinator") return;
    actor.wakeAtUs = this.stage.coordinator.decided.atUs;
    if (actor.wakeAtUs > 0 && this.scene.still === undefined) this.clock.clockAwaited(this.stage.coordinator);
  }

  private mainTurnEnds(): void {
    const { owner } = this;
    const before = owner.mode;
    owner.notice();
    if (owner.mode !== before) this.commandGiven();
  }

  private checkStep(name: string): void {
    if (this.stage.coordinator.betweenTurns) this.clock.safePoint();
    if (this.isSmall && name !== "main") this.days.checkDay();
    if (this.steps % BELL_CHECKS === 0) this.checkBells();
  }

  /** I17: whoever waits, and would not if it looked, has its bell set. Not once somebody has died in the middle of a turn. */
  private checkBells(): void {
    if (!this.all.every((actor) => actor.process.betweenTurns)) return;
    this.tallies.bellChecks++;
    for (const actor of this.all) {
      if (actor.gone || !actor.parked || this.mayMove(actor)) continue;
      if (actor.wakeAtUs > 0 && this.clock.monoUs >= actor.wakeAtUs - 1) continue; // its moment comes within a microsecond
      this.scene.writer = actor.name;
      if (!actor.process.wouldWait())
        fail("I17", `${actor.name} waits although it could ${actor.process.decided.kind}`);
    }
  }

  private async settleLoad(): Promise<void> {
    const load = this.stage.loads.shift()!;
    await this.loads.settle(load);
    this.tallies.loads++;
    this.log.add(`the load of session ${load.epoch} is ${load.outcome}`);
    this.stage.prefetch.loaded(load.outcome === "ready");
    this.actors.prefetch.parked = false;
    this.checkStep("prefetch");
  }

  /** Nobody can move: the clock jumps, or the owner acts, or somebody has been forgotten (I19). */
  private nobodyCanMove(): void {
    const { owner, actors, tallies, faults } = this;
    this.checkBells();
    const { parked, gone, wakeAtUs } = actors.coordinator;
    if (parked && !gone && wakeAtUs > 0) return this.jumpClock(wakeAtUs);
    if (!owner.isOwed) owner.act();
    else if (tallies.deaths > 0 && this.scene.dead.size === 0)
      faults.deathNoticedAt = Math.min(faults.deathNoticedAt, this.steps);
    else if (this.loads.hangs) {
      tallies.hangs++;
      owner.stop();
    } else fail("I19", `nobody can move and an answer is owed: ${this.scene.describe()}`);
    this.commandGiven();
  }

  // ---- the clock ----
  private advanceClock(us: number): void {
    this.clock.advance(us, this.stage.coordinator.registers);
  }

  /** To the moment waited for, or late: a thread is never woken early, and often too late. */
  private jumpClock(toUs: number): void {
    this.tallies.clockJumps++;
    const rowUs = 60_000_000 / Math.max(this.stage.coordinator.registers.anchorSpeed, 1e-3);
    const lateUs = this.lots.chance(0.3) ? 0 : this.lots.next() * this.settings.latestRows * rowUs;
    this.advanceClock(Math.max(0, toUs - this.clock.monoUs) + lateUs);
    this.log.add(`the clock goes on to ${Math.round(this.clock.monoUs)} µs`);
  }

  counts(): Readonly<Record<string, number>> {
    const { days, stops, loads } = this;
    return { ...this.owner.counts, ...this.tallies, ...days.counts, failedLoads: loads.failed, digests: stops.digests };
  }
}
