/**
 * Main's owner in a simulation: a person with a seeded will who runs, pauses, resumes, seeks, changes speed and
 * stops, one request at a time, and keeps a ledger of what was answered (I15).
 */
import { parseCondition } from "../conditions/parse-condition.js";
import type { Request } from "../protocol/control.js";
import { PHASE } from "../protocol/phases.js";
import { comparePlaces, endPlace, positionPlace, slotCount, type Place } from "../protocol/places.js";
import { RELEASE, W } from "../protocol/words.js";
import type { ArmedCondition } from "../work/armed-day.js";
import { drawPlaces } from "./draw-places.js";
import type { Lots } from "./lots.js";
import type { Scene } from "./scene.js";
import type { Stage } from "./stage.js";
import { fail } from "./violation.js";
import type { WatchedStops } from "./watch-stops.js";

export type GoalAnswer = "reached" | "superseded" | "stopped" | "failed";

export interface Will {
  /** Commands before the last run to the end. */
  readonly commands: number;
  /** Chance of a command at each step while one is possible. */
  readonly rate: number;
  /** Chance of a change of speed at each step. */
  readonly speedRate: number;
  /** Ends where the last command leaves it instead of running to the end. */
  readonly leavesEarly: boolean;
}

/** Conditions by generation, for goals that watch. Symbols are anybody's. */
const ARMED_SETS = [["gap>=1"], ["quality<90", "fill"], ["class=streamed"], ["derived=incomplete", "gap>=2"]].map(
  (texts) => texts.map((text) => parseCondition(text, { symbols: [] })),
);

/** The conditions of a generation; some are log points, some are to be ignored at first. */
export function armedConditions(generation: number): ArmedCondition[] {
  return ARMED_SETS[generation - 1].map((condition, i) => ({
    id: generation * 10 + i,
    condition,
    ignore: generation % 2,
    stops: i === 0,
  }));
}

const SPEEDS = [0, 0, 1, 60, 3600, 100_000] as const;

export class Owner {
  /** What main is about: `asking` waits for an outcome, `paused` has a pause in hand, `over` has stopped. */
  mode: "idle" | "asking" | "paused" | "over" = "idle";
  readonly goals = new Map<number, GoalAnswer | "open">([[1, "open"]]);
  readonly counts = {
    release: 0,
    watched: 0,
    hitSeeks: 0,
    run: 0,
    pause: 0,
    resume: 0,
    seek: 0,
    stop: 0,
    speed: 0,
    refused: 0,
  };
  stopping = false;
  /** The request under way; remembered because main clears it when it is done. */
  private asked: Request = { kind: "none" };
  private left: number;
  private ranToEnd = false;

  constructor(
    private readonly lots: Lots,
    private readonly will: Will,
    private readonly scene: Scene,
    private readonly stage: Stage,
    private readonly stops: WatchedStops,
    private readonly log: (what: string) => void,
    /** Main has something to do: it takes a turn without a bell. */
    private readonly wakeMain: () => void,
  ) {
    this.left = will.commands;
  }

  private get pending(): boolean {
    return this.scene.word(W.goalId) !== this.scene.word(W.answered);
  }

  /** Between two of main's turns, with nothing asked. */
  get mayAct(): boolean {
    return this.stage.control.betweenTurns && (this.mode === "idle" || this.mode === "paused");
  }

  /** Something is owed to it: an outcome, or an answer to a goal that should run. */
  get isOwed(): boolean {
    return this.mode === "asking" || (this.mode === "idle" && this.pending);
  }

  /** Now and then a command, and at any moment another speed. True when a command was given. */
  actByChance(): boolean {
    if (this.stage.control.betweenTurns && this.lots.chance(this.will.speedRate)) this.changeSpeed();
    if (!this.mayAct || !this.lots.chance(this.will.rate) || (this.left <= 0 && this.isOwed)) return false;
    this.act();
    return true;
  }

  /** The next command. */
  act(): void {
    if (this.scene.word(W.failure) === 1) return this.stop();
    if (this.left <= 0) return this.lastAct();
    this.left--;
    const draw = this.lots.next();
    if (draw < 0.05 && this.will.leavesEarly) this.stop();
    else if (draw < 0.35) this.ask({ kind: "seek", place: this.seekPlace() });
    else if (this.mode === "paused" && draw < 0.75) this.ask({ kind: "resume" });
    else if (this.mode !== "paused" && draw < 0.7) this.ask({ kind: "pause" });
    else if (draw < 0.72) this.ask({ kind: "resume" });
    else this.run();
  }

  /** On to a place, watching for conditions or not; or one event of one thread. */
  private run(): void {
    const { shape } = this.scene;
    if (this.lots.chance(0.25)) {
      this.counts.release++;
      const release = this.lots.pick([RELEASE.coordinator, RELEASE.upkeep]);
      this.ask({ kind: "run", place: endPlace(shape), release });
      return;
    }
    const watch = this.lots.chance(0.4) ? this.lots.between(1, ARMED_SETS.length) : 0;
    if (watch > 0) this.counts.watched++;
    // Often the very next slot: there the goal's own place and that of a hit are one.
    const { place, isNext } = this.nextSlot();
    const next = watch > 0 && isNext && this.lots.chance(0.5);
    this.ask({ kind: "run", place: next ? place : this.runPlace(), watch });
  }

  private lastAct(): void {
    if (this.mode === "paused" && this.pending) return this.ask({ kind: "resume" });
    if (this.pending) return;
    if (this.ranToEnd || this.will.leavesEarly) return this.stop();
    this.ranToEnd = true;
    this.ask({ kind: "run", place: endPlace(this.scene.shape) });
  }

  /** Ends the session, whatever else was asked. */
  stop(): void {
    this.stopping = true;
    this.ask({ kind: "stop" });
  }

  private ask(request: Request): void {
    this.stops.pauseEnds();
    if (request.kind !== "none") this.counts[request.kind]++;
    this.log(`main is asked to ${describeRequest(request)}`);
    this.asked = request;
    this.stage.control.request = request;
    this.mode = "asking";
    this.wakeMain();
  }

  private changeSpeed(): void {
    const speed = this.lots.pick(SPEEDS);
    this.counts.speed++;
    this.log(`main sets speed ${speed}`);
    this.scene.writer = "main";
    this.stage.words.store(W.speed, speed * 1000);
    this.stage.words.ring(W.bellCoordinator);
  }

  /** After each of main's turns: takes the outcome and notices answers. */
  notice(): void {
    const { control } = this.stage;
    const outcome = control.finished;
    control.finished = undefined;
    this.noticeAnswers();
    switch (outcome) {
      case undefined:
        break;
      case "paused":
        this.stops.pauseBegins();
        this.mode = "paused";
        break;
      case "joined":
        this.mode = "over";
        break;
      case "failed":
        this.stop();
        break;
      case "refuse":
        this.refused();
        break;
      default:
        this.mode = "idle";
    }
    if (this.mode === "idle" && this.scene.word(W.failure) === 1) this.stop();
    else this.noticeHit();
  }

  /** A condition has become true under the newest goal: main goes to its place, whatever the coordinator has published beyond. */
  private noticeHit(): void {
    const { scene } = this;
    const goal = scene.word(W.goalId);
    if ((this.mode !== "idle" && this.mode !== "paused") || !this.pending || scene.word(W.hit) !== goal) return;
    this.counts.hitSeeks++;
    this.ask({ kind: "seek", place: { epoch: scene.word(W.epoch), ordinal: scene.word(W.hitAt) } });
  }

  /** A refused request has changed nothing, except that main may have paused to look. */
  private refused(): void {
    this.counts.refused++;
    const { scene } = this;
    this.mode = scene.word(W.control) % 2 === 1 ? "paused" : "idle";
    if (this.asked.kind === "resume") {
      if (this.mode === "paused") fail("I15", "a resume is refused under a pause");
    } else if (this.asked.kind !== "run" || !scene.isBehind(this.asked.place))
      fail("goal", "a legal request is refused");
  }

  private noticeAnswers(): void {
    const newest = this.scene.word(W.goalId);
    if (!this.goals.has(newest)) {
      for (const [goal, answer] of this.goals)
        if (answer === "open") this.goals.set(goal, this.stops.answered.has(goal) ? "reached" : "superseded");
      this.goals.set(newest, "open");
    }
    if (this.stops.answered.has(newest)) this.goals.set(newest, "reached");
  }

  /** After the join: what is still open is answered by main. */
  close(how: "stopped" | "failed"): void {
    for (const [goal, answer] of this.goals)
      if (answer === "open") this.goals.set(goal, this.stops.answered.has(goal) ? "reached" : how);
    for (const goal of this.stops.answered)
      if (this.goals.get(goal) !== "reached")
        fail("I15", `goal ${goal} was answered and is ${this.goals.get(goal) ?? "unknown"}`);
    if (this.goals.size !== this.scene.word(W.goalId)) fail("I15", "a goal has no answer");
  }

  private nextSlot(): { place: Place; isNext: boolean } {
    const { scene } = this;
    const [epoch, position] = [scene.word(W.epoch), scene.word(W.position)];
    const isNext = scene.word(W.phase) === PHASE.streaming && position < slotCount(scene.shape, epoch);
    return { place: positionPlace(epoch, position + 1), isNext };
  }

  private runPlace(): Place {
    const places = drawPlaces(this.scene, this.lots);
    // Mostly ahead; now and then behind, to be refused.
    const ahead = this.lots.chance(0.9);
    const now: Place = { epoch: this.scene.word(W.epoch), ordinal: this.scene.word(W.position) };
    return this.lots.pick(ahead ? places.filter((place) => comparePlaces(place, now) >= 0) : places);
  }

  /** Any place of any session up to the present one. */
  private seekPlace(): Place {
    const { scene } = this;
    const newest = scene.word(W.phase) === PHASE.seeking ? scene.word(W.seekEpoch) : scene.word(W.epoch);
    return this.lots.pick(drawPlaces(scene, this.lots).filter((place) => place.epoch <= newest));
  }
}

export function describePlace(place: Place): string {
  return `session ${place.epoch} ordinal ${place.ordinal}`;
}

function describeRequest(request: Request): string {
  return "place" in request ? `${request.kind} to ${describePlace(request.place)}` : request.kind;
}
