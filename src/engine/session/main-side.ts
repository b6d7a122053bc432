/**
 * Main's side of the protocol over real threads: one goal at a time, pauses, seeks, the answers, and what the threads report. Never
 * blocks: it takes a turn when its bell rings. Knows nothing of commands, units or breakpoints: those are mover.ts's.
 */
import { BardeckError, fromPlain, type PlainError } from "../errors.js";
import { attachControlMemory, createControlMemory } from "../memory/control.js";
import { attachSegment, createSegments, streamsEnd, type Segment } from "../memory/segment.js";
import { createTraces } from "../memory/trace.js";
import { protocolConfig, segmentCount, segmentShapeOf, shapeOf, type SessionPlan } from "../plan.js";
import { boot } from "../protocol/boot.js";
import { Control, type Request, type RequestOutcome } from "../protocol/control.js";
import { PHASE, STEP } from "../protocol/phases.js";
import { endPlace, positionPlace, presentPlace, stepPlace, type Place, type Shape } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import { AtomicWords } from "../sync/atomic-words.js";
import { LEAVE_DEADLINE_MS, type Crew } from "../threads/crew.js";
import type { Attachment, FromPrefetch, FromUpkeep, RecordedDay, SourceSpec, TestHooks } from "../threads/messages.js";
import type { ArmedCondition, ConditionHit } from "../work/armed-day.js";
import { NO_DAY, type DayMark } from "./ledger.js";

/** Where a goal goes, and what may stop it before. */
export interface GoalOrder {
  readonly place: Place;
  /** Begins the day of `place` again instead of running on. */
  readonly seek?: boolean;
  readonly release?: number;
  /** Generation of the armed conditions; 0 for none. */
  readonly watch?: number;
  /** Speed of the clock, 0 for none. */
  readonly speed?: number;
  /** Called at the end, while the session still stands where it ended. */
  readonly onEnd?: () => void;
}

/** How a goal ended: at its place, in FINISHED, at a condition, or before its end because main has something else in mind. */
export type GoalEnd =
  | { readonly kind: "reached" | "finished" | "superseded" }
  /** Upkeep has stopped at `place`. `open`: the goal has not ended by itself, the coordinator may be ahead and go on. */
  | { readonly kind: "hit"; readonly place: Place; readonly open: boolean };

interface OpenGoal {
  readonly id: number;
  /** Its end has been seen; it waits for the reports of what happened before it. */
  noticed?: boolean;
  readonly onEnd?: () => void;
  resolve(end: GoalEnd): void;
  reject(error: unknown): void;
}

export interface MainListeners {
  onRecorded(message: RecordedDay): void;
  onLoaded(message: Extract<FromPrefetch, { type: "loaded" }>): void;
  onHits(hits: readonly ConditionHit[]): void;
  /** Calls back once the day `last` has been told. */
  afterRecords(run: () => void, last: DayMark): void;
  onEnded(): void;
}

/** The speed is shared in thousandths. */
const SPEED_UNIT = 1000;

export class MainSide {
  readonly shape: Shape;
  readonly words: AtomicWords;
  readonly segments: readonly Segment[];
  readonly control: Control;
  ended: { readonly reason: "stopped" | "failed"; readonly error?: BardeckError } | undefined;
  readonly stopped = new BardeckError("stopped", "the session has been stopped", "open it again");
  /** Where the workers write what they do. */
  readonly traces = createTraces();
  private readonly memory = createControlMemory();
  private readonly buffers: SharedArrayBuffer[];
  private goal: OpenGoal | undefined;
  private onRequestDone: ((outcome: RequestOutcome) => void) | undefined;
  private ending: Promise<void> | undefined;
  private readonly loadErrors = new Map<number, PlainError>();
  /** Where the present run began, and the last day of the runs before it. */
  private began = { epoch: 0, before: NO_DAY };
  private hitsHeard = 0;
  private readonly afterHits: { told: number; run: () => void }[] = [];
  private movingSince: number | undefined;
  private movedMs = 0;
  /** Goals and requests that are owed an answer; the process stays alive for them: nothing else does, neither threads nor bells. */
  private owed = 0;
  private keepAlive: NodeJS.Timeout | undefined;

  constructor(
    private readonly crew: Crew,
    readonly plan: SessionPlan,
    private readonly hooks: TestHooks,
    private readonly listeners: MainListeners,
  ) {
    this.shape = shapeOf(plan);
    this.words = new AtomicWords(attachControlMemory(this.memory.buffer));
    const shape = segmentShapeOf(plan);
    this.buffers = createSegments(shape, segmentCount(plan));
    this.segments = this.buffers.map((buffer, i) => attachSegment(buffer, shape, i));
    this.control = new Control(this.words, protocolConfig(plan, hooks.bugs));
  }

  /** Starts the threads; resolves when the first day stands at its open. */
  async begin(spec?: SourceSpec): Promise<void> {
    const first = new Promise<GoalEnd>((resolve, reject) => {
      this.goal = { id: 1, resolve, reject };
    });
    boot(this.words, this.shape, this.plan.sessions.length > 0 ? positionPlace(0, 0) : endPlace(this.shape));
    const { plan, hooks, buffers } = this;
    const attachment: Attachment = {
      plan,
      control: this.memory.buffer,
      segments: buffers,
      traces: this.traces,
      hooks,
    };
    this.crew.attach(
      attachment,
      {
        onReport: (message) => this.reported(message),
        onLoaded: (message) => this.loaded(message),
        onDeath: (_worker, error) => void this.end("failed", error),
      },
      spec,
    );
    this.hold();
    void this.pump();
    await first;
  }

  // ---- goals ----

  /** Whether a goal waits for its end. */
  get isMoving(): boolean {
    return this.goal !== undefined;
  }

  /** Whether nothing moves and nobody is asked for anything. */
  get isStanding(): boolean {
    return this.goal === undefined && this.onRequestDone === undefined;
  }

  /** Posts a goal; undefined when its place lies behind. A goal that runs is superseded. `end` resolves later. */
  async post(order: GoalOrder): Promise<{ readonly end: Promise<GoalEnd> } | undefined> {
    const { place, release, watch, speed } = order;
    const seek = order.seek === true && place.epoch < this.shape.sessionCount; // the end of the range begins no day: it is run to
    if (seek) await this.request({ kind: "pause" }); // a seek needs one anyway; it shows the last day of the run that ends
    const before = this.lastDay();
    const wasRunning = this.goal !== undefined;
    if (!wasRunning || seek) this.setSpeed(speed ?? 0);
    const outcome = await this.request(seek ? { kind: "seek", place } : { kind: "run", place, release, watch });
    if (outcome === "refuse") {
      if (wasRunning) await this.request({ kind: "resume" }); // the pause it was refused under is not the person's
      return undefined;
    }
    if (wasRunning && !seek) this.setSpeed(speed ?? 0);
    if (seek) this.began = { epoch: Math.min(place.epoch, this.shape.sessionCount - 1), before };
    this.settle({ kind: "superseded" });
    const end = new Promise<GoalEnd>((resolve, reject) => {
      this.goal = { id: this.words.load(W.goalId), onEnd: order.onEnd, resolve, reject };
    });
    this.movingSince ??= performance.now();
    this.hold();
    this.words.ring(W.bellMain); // the answer may have come before anybody listened for it
    return { end };
  }

  /**
   * Stops both threads and hears what they have told. The goal that runs is left open: `settle` ends it, or another goal does.
   */
  async pause(): Promise<void> {
    this.hold();
    try {
      await this.request({ kind: "pause" });
      await new Promise<void>((resolve) => this.whenHitsTold(resolve));
    } finally {
      this.release();
    }
  }

  /** The open goal has come to its end, and its owner has not been told yet. */
  get isAnswered(): boolean {
    return this.goal !== undefined && this.words.load(W.answered) === this.goal.id;
  }

  /** Place of a condition that has become true under the open goal and has not been dealt with. */
  get openHit(): Place | undefined {
    const { goal, words } = this;
    if (!goal || words.load(W.hit) !== goal.id) return undefined;
    return { epoch: words.load(W.epoch), ordinal: words.load(W.hitAt) };
  }

  /** Ends the open goal for its owner. */
  settle(end: GoalEnd): void {
    const { goal } = this;
    if (!goal) return;
    this.goal = undefined;
    this.stopsMoving();
    this.release();
    goal.onEnd?.();
    goal.resolve(end);
  }

  /** Sends conditions to upkeep; a goal whose `watch` is this generation watches for them. */
  arm(generation: number, conditions: readonly ArmedCondition[]): void {
    this.crew.arm({ type: "arm", generation, conditions });
  }

  /** Simulated seconds a second; 0 is data-driven. At once. */
  setSpeed(speed: number): void {
    this.words.store(W.speed, Math.round(speed * SPEED_UNIT));
    this.words.ring(W.bellCoordinator);
  }

  mustBeOpen(): void {
    if (this.ended) throw this.ended.error ?? this.stopped;
  }

  /**
   * Has main's process carry out a request; resolves with what came of it. Under a failed load, which wins, the end
   * of the session settles it, with the load's own error.
   */
  private request(request: Request): Promise<RequestOutcome> {
    if (this.ended) return Promise.reject(this.ended.error ?? this.stopped); // nobody takes turns any more
    return new Promise((resolve, reject) => {
      this.onRequestDone = (outcome) => {
        this.release();
        if (outcome === "failed") reject(this.ended?.error ?? this.stopped);
        else resolve(outcome);
      };
      this.control.request = request;
      this.hold();
      this.words.ring(W.bellMain);
    });
  }

  // ---- main's process ----

  private async pump(): Promise<void> {
    while (!this.ended) {
      const turn = this.control.turn();
      const outcome = this.control.finished;
      if (outcome && outcome !== "failed") {
        this.control.finished = undefined;
        const done = this.onRequestDone;
        this.onRequestDone = undefined;
        done?.(outcome);
        await Promise.resolve(); // lets the command post its goal before it is looked for
      }
      this.notice();
      if (turn === "waits") await this.words.waitAsync(W.bellMain);
    }
  }

  /** Looks for the end of the newest goal, and for a load that failed. */
  private notice(): void {
    const { goal, words } = this;
    const loadError = words.load(W.failure) === 1 ? this.loadErrors.get(words.load(W.epoch)) : undefined;
    if (loadError) {
      void this.end("failed", fromPlain(loadError));
      return;
    }
    if (!goal || goal.noticed) return;
    // Upkeep tells of a hit before it says how far it is: a goal that is answered at a hit is seen with it.
    const answered = words.load(W.answered) === goal.id;
    const hit = this.openHit;
    if (!answered && !hit) return;
    goal.noticed = true;
    const finished = words.load(W.phase) === PHASE.finished;
    const end: GoalEnd = hit
      ? { kind: "hit", place: hit, open: !answered }
      : { kind: finished ? "finished" : "reached" };
    const settle = (): void => {
      if (this.goal === goal) this.settle(end);
    };
    if (answered) this.whenHitsTold(() => this.listeners.afterRecords(settle, this.lastDay()));
    else this.whenHitsTold(() => goal.resolve(end)); // stays open: the coordinator may still move
  }

  // ---- reports ----

  private reported(message: FromUpkeep): void {
    if (message.type === "recorded") {
      this.listeners.onRecorded(message);
      return;
    }
    this.listeners.onHits(message.hits);
    this.hitsHeard = (this.hitsHeard + message.hits.length) | 0;
    for (let i = 0; i < this.afterHits.length;) {
      if (this.afterHits[i].told - this.hitsHeard > 0) i++;
      else this.afterHits.splice(i, 1)[0].run();
    }
  }

  /** Calls back when all hits have been heard that upkeep has told of up to now. */
  private whenHitsTold(run: () => void): void {
    const told = this.words.load(W.hitsTold);
    if (told === this.hitsHeard) run();
    else this.afterHits.push({ told, run });
  }

  private loaded(message: Extract<FromPrefetch, { type: "loaded" | "load-failed" }>): void {
    if (message.type === "loaded") {
      this.listeners.onLoaded(message);
    } else {
      this.loadErrors.set(message.epoch, message.error);
      this.words.ring(W.bellMain);
    }
  }

  // ---- where it stands ----

  /** Session the words speak of: between a seek and its first step the one it begins with. */
  get epoch(): number {
    const { words, plan } = this;
    const epoch = words.load(words.load(W.phase) === PHASE.seeking ? W.seekEpoch : W.epoch);
    return Math.min(epoch, Math.max(plan.sessions.length - 1, 0));
  }

  /** The place, by what upkeep has taken in. */
  presentPlace(): Place {
    const { words, shape } = this;
    return presentPlace(shape, words.load(W.phase), this.epoch, words.load(W.processed), words.load(W.step));
  }

  /** The place, by what the coordinator has published. */
  publishedPlace(): Place {
    const { words, shape } = this;
    return presentPlace(shape, words.load(W.phase), this.epoch, words.load(W.position), words.load(W.step));
  }

  /** Upkeep has taken in all that is published. */
  get isCaughtUp(): boolean {
    return this.words.load(W.position) === this.words.load(W.processed);
  }

  /** The place as stops count them: where all streams of the day have ended it is before the hand-over. */
  stopPlace(): Place {
    const place = this.presentPlace();
    const { words, shape, segment } = this;
    if (words.load(W.phase) !== PHASE.streaming || !segment) return place;
    const atEnd = place.ordinal >= streamsEnd(segment) * shape.symbolCount;
    return atEnd ? stepPlace(shape, place.epoch, STEP.handOver) : place;
  }

  /** The present session's segment; undefined while its day has not begun. */
  get segment(): Segment | undefined {
    const { words, plan } = this;
    const phase = words.load(W.phase);
    if (plan.sessions.length === 0 || phase < PHASE.streaming || phase === PHASE.seeking) return undefined;
    return this.segments[words.load(W.loadSegment0 + (words.load(W.epoch) % 2))];
  }

  /** The day closed last, in this run or one before. Only while nothing moves. */
  private lastDay(): DayMark {
    const { words, shape, began } = this;
    const phase = words.load(W.phase);
    if (phase === PHASE.seeking) return began.before;
    const place = presentPlace(shape, phase, words.load(W.epoch), words.load(W.position), words.load(W.step));
    const recorded = phase === PHASE.closed || (phase === PHASE.drained && words.load(W.step) > STEP.record);
    const epoch = recorded ? place.epoch : place.epoch - 1;
    return epoch < began.epoch ? began.before : { run: words.load(W.run), epoch };
  }

  // ---- the end ----

  /** Stop, ring all bells, one deadline for all, then end the threads; the terminal phase is written after the join. */
  end(reason: "stopped" | "failed", error?: BardeckError): Promise<void> {
    this.ending ??= (async () => {
      this.stopsMoving();
      this.ended = { reason, error };
      this.words.store(W.stop, 1);
      for (const bell of [W.bellCoordinator, W.bellUpkeep, W.bellPrefetch, W.bellMain]) this.words.ring(bell);
      await this.crew.end(LEAVE_DEADLINE_MS);
      this.listeners.onEnded();
      this.words.store(W.phase, reason === "failed" ? PHASE.failed : PHASE.stopped);
      this.onRequestDone?.("failed");
      this.onRequestDone = undefined;
      const { goal } = this;
      this.goal = undefined;
      if (goal) this.release();
      goal?.reject(error ?? this.stopped);
    })();
    return this.ending;
  }

  /** Resolves when an end that has begun is over; at once when none has. */
  async whenEnded(): Promise<void> {
    await this.ending;
  }

  // ---- time spent moving, and staying alive while an answer is owed ----

  get movingSeconds(): number {
    const moving = this.movingSince === undefined ? 0 : performance.now() - this.movingSince;
    return (this.movedMs + moving) / 1000;
  }

  private stopsMoving(): void {
    if (this.movingSince !== undefined) this.movedMs += performance.now() - this.movingSince;
    this.movingSince = undefined;
  }

  private hold(): void {
    this.owed++;
    this.keepAlive ??= setInterval(() => {}, 1 << 30);
  }

  private release(): void {
    if (--this.owed > 0) return;
    clearInterval(this.keepAlive);
    this.keepAlive = undefined;
  }
}
