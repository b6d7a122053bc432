/**
 * The session over real threads: main's side of the protocol, one command after the other, and what the threads
 * report. Never blocks: it takes a turn when its bell rings.
 */
import { assert } from "../assert.js";
import { BardeckError, fromPlain, UsageError, type PlainError } from "../errors.js";
import { attachControlMemory, createControlMemory } from "../memory/control.js";
import { attachSegment, createSegments, type Segment } from "../memory/segment.js";
import { segmentCount, segmentShapeOf, shapeOf, type SessionPlan } from "../plan.js";
import { boot } from "../protocol/boot.js";
import { Control, type Request, type RequestOutcome } from "../protocol/control.js";
import { PHASE, PHASE_NAMES, STEP } from "../protocol/phases.js";
import { comparePlaces, endPlace, positionPlace, presentPlace, slotCount, type Place, type Shape } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import { AtomicWords } from "../sync/atomic-words.js";
import { LEAVE_DEADLINE_MS, type Crew, type WorkerName } from "../threads/crew.js";
import type { FromPrefetch, FromUpkeep, TestHooks } from "../threads/messages.js";
import { protocolConfig } from "../threads/shell.js";
import { dayDigest, runDigest } from "../work/digest.js";
import { checkStanding } from "./check-standing.js";
import { describeNext, describeStep } from "./describe.js";
import { Ledger } from "./ledger.js";
import type { Opened } from "./make-plan.js";
import { placeOfTime } from "./when.js";
import type {
  ClosedDay,
  FileAccount,
  Position,
  Progress,
  Session,
  SessionEvents,
  SessionInfo,
  SessionSummary,
  Stop,
  StopReason,
} from "./types.js";

/** A goal that has been posted and not been answered. */
interface OpenGoal {
  readonly id: number;
  readonly why: string;
  /** The answer has been seen; it waits for the records of the days before it. */
  noticed?: boolean;
  resolve(stop: Stop): void;
  reject(error: unknown): void;
}

const FASTEST_SPEED = 2_000_000;

export class LiveSession implements Session {
  private readonly shape: Shape;
  private readonly control: Control;
  private readonly ledger: Ledger;
  private readonly listeners: { [Name in keyof SessionEvents]: Set<SessionEvents[Name]> } = { day: new Set(), stop: new Set() };
  private commands: Promise<unknown> = Promise.resolve();
  private goal: OpenGoal | undefined;
  private onRequestDone: ((outcome: RequestOutcome) => void) | undefined;
  private ended: { reason: "stopped" | "failed"; error?: BardeckError } | undefined;
  private ending: Promise<void> | undefined;
  private loadError: PlainError | undefined;
  private movingSince: number | undefined;
  private movedMs = 0;
  private keepAlive: NodeJS.Timeout | undefined;
  private lastSpeed = 0;

  private constructor(
    private readonly crew: Crew,
    readonly info: SessionInfo,
    readonly plan: SessionPlan,
    private readonly words: AtomicWords,
    private readonly segments: readonly Segment[],
    hooks: TestHooks,
  ) {
    this.shape = shapeOf(plan);
    this.control = new Control(words, protocolConfig(plan, hooks.bugs));
    this.ledger = new Ledger(info.catalog, plan, (day) => this.emit("day", day));
  }

  /** Memory and threads for a plan; resolves when the first day stands at its open. */
  static async start(crew: Crew, opened: Opened, hooks: TestHooks): Promise<LiveSession> {
    const { plan, info, startUs } = opened;
    const control = createControlMemory();
    const shape = segmentShapeOf(plan);
    const buffers = createSegments(shape, segmentCount(plan));
    const words = new AtomicWords(attachControlMemory(control.buffer));
    const segments = buffers.map((buffer, i) => attachSegment(buffer, shape, i));
    const session = new LiveSession(crew, info, plan, words, segments, hooks);
    await session.begin({ plan, control: control.buffer, segments: buffers, hooks });
    try {
      if (startUs !== undefined) await session.warmUp(startUs);
      session.setSpeed(info.options.speed ?? 0);
      return session;
    } catch (error) {
      await session.dispose();
      throw error;
    }
  }

  private async begin(attachment: Parameters<Crew["attach"]>[0], spec?: Parameters<Crew["attach"]>[2]): Promise<void> {
    const first = new Promise<Stop>((resolve, reject) => {
      this.goal = { id: 1, why: "opened", resolve, reject };
    });
    boot(this.words, this.shape, this.plan.sessions.length > 0 ? positionPlace(0, 0) : endPlace(this.shape));
    this.crew.attach(
      attachment,
      {
        onRecorded: (message) => this.recorded(message),
        onLoaded: (message) => this.loaded(message),
        onDeath: (worker, error) => this.died(worker, error),
      },
      spec,
    );
    this.hold();
    void this.pump();
    await first;
  }

  /** For tests and benches: a session over synthetic bars, without files. */
  static async synthetic(
    crew: Crew,
    opened: Opened,
    spec: NonNullable<Parameters<Crew["attach"]>[2]>,
    hooks: TestHooks,
  ): Promise<LiveSession> {
    const control = createControlMemory();
    const shape = segmentShapeOf(opened.plan);
    const buffers = createSegments(shape, segmentCount(opened.plan));
    const segments = buffers.map((buffer, i) => attachSegment(buffer, shape, i));
    const session = new LiveSession(crew, opened.info, opened.plan, new AtomicWords(attachControlMemory(control.buffer)), segments, hooks);
    await session.begin({ plan: opened.plan, control: control.buffer, segments: buffers, hooks }, spec);
    return session;
  }

  /** The first part of a mid-day start runs data-driven, whatever the speed asked for. */
  private async warmUp(startUs: number): Promise<void> {
    await this.runToPlace(placeOfTime(this.plan, startUs, 0), "warm-up");
  }

  // ---- commands: one answer each, in order ----

  play(): Promise<Stop> {
    return this.runToPlace(endPlace(this.shape), "play");
  }

  runTo(time: string | number): Promise<Stop> {
    return this.settle(() => placeOfTime(this.plan, time, this.position().epoch)).then((place) => this.runToPlace(place, `until ${time}`));
  }

  async seekTo(time: string | number): Promise<Stop> {
    const place = await this.settle(() => placeOfTime(this.plan, time, Math.min(this.position().epoch, this.plan.sessions.length - 1)));
    return this.seekToPlace(place, `goto ${time}`);
  }

  /** Runs on to a place. Under a running goal that goal is superseded. */
  runToPlace(place: Place, why: string): Promise<Stop> {
    return this.command(async () => {
      const outcome = await this.request({ kind: "run", place });
      if (outcome === "refuse") throw new UsageError(`${why}: that lies behind ${this.positionText()}`, "go back with goto");
      return this.newGoal(why);
    });
  }

  /** Begins the day of `place` again and runs to it. */
  seekToPlace(place: Place, why: string): Promise<Stop> {
    return this.command(async () => {
      if (this.plan.sessions.length === 0) throw new UsageError("there is no session to go to");
      await this.request({ kind: "seek", place });
      return this.newGoal(why);
    });
  }

  pause(): Promise<Stop> {
    return this.command(async () => {
      await this.request({ kind: "pause" });
      const stop = this.stopOf("paused", "pause");
      this.answerGoal("superseded", "paused");
      return { answered: Promise.resolve(stop) };
    });
  }

  setSpeed(speed: number): void {
    if (!(speed >= 0 && speed <= FASTEST_SPEED))
      throw new UsageError(`speed ${speed} is not between 0 and ${FASTEST_SPEED}`, "0 is data-driven, 60 is a minute a second");
    this.lastSpeed = speed;
    this.words.store(W.speed, Math.round(speed * 1000));
    this.words.ring(W.bellCoordinator);
  }

  get speed(): number {
    return this.lastSpeed;
  }

  /** Runs `begin` when all commands before it have begun, and resolves with its answer. */
  private command(begin: () => Promise<{ answered: Promise<Stop> }>): Promise<Stop> {
    const begun = this.commands.then(() => {
      this.mustBeOpen();
      return begin();
    });
    this.commands = begun.catch(() => {});
    return begun.then(({ answered }) => answered);
  }

  private async settle<T>(value: () => T): Promise<T> {
    return value();
  }

  private mustBeOpen(): void {
    if (!this.ended) return;
    throw this.ended.error ?? new BardeckError("stopped", "the session has been stopped", "open it again");
  }

  /** Has main's process carry out a request; resolves with what came of it. */
  private request(request: Request): Promise<RequestOutcome> {
    return new Promise((resolve, reject) => {
      this.onRequestDone = (outcome) => {
        if (outcome === "failed") reject(this.ended?.error ?? this.loadFailure());
        else resolve(outcome);
      };
      this.control.request = request;
      this.hold();
      this.words.ring(W.bellMain);
    });
  }

  private newGoal(why: string): { answered: Promise<Stop> } {
    this.answerGoal("superseded", why);
    const answered = new Promise<Stop>((resolve, reject) => {
      this.goal = { id: this.words.load(W.goalId), why, resolve, reject };
    });
    this.startsMoving();
    this.hold();
    this.words.ring(W.bellMain); // the answer may have come before anybody listened for it
    return { answered };
  }

  // ---- main's process ----

  private async pump(): Promise<void> {
    while (!this.ended) {
      const turn = this.control.turn();
      const outcome = this.control.finished;
      if (outcome) {
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

  /** Looks for the answer of the newest goal, and for a load that failed. */
  private notice(): void {
    const { goal, words } = this;
    if (words.load(W.failure) === 1 && this.loadError) {
      void this.fail(this.loadFailure());
      return;
    }
    if (goal && !goal.noticed && words.load(W.answered) === goal.id) {
      goal.noticed = true;
      const reason = words.load(W.phase) === PHASE.finished ? "finished" : "reached";
      this.ledger.afterRecords(() => this.goal === goal && this.answerGoal(reason, goal.why), this.closedSessions());
    }
  }

  private answerGoal(reason: StopReason, why: string): void {
    const { goal } = this;
    if (!goal) return;
    this.goal = undefined;
    this.stopsMoving();
    const stop = this.stopOf(reason, why);
    this.release();
    goal.resolve(stop);
    this.emit("stop", stop);
  }

  private loadFailure(): BardeckError {
    return this.loadError ? fromPlain(this.loadError) : new BardeckError("load", "a day could not be loaded");
  }

  // ---- reports ----

  private recorded(message: FromUpkeep): void {
    this.ledger.recorded(message.epoch, message.run, message.record, message.events);
  }

  private loaded(message: Extract<FromPrefetch, { type: "loaded" | "load-failed" }>): void {
    if (message.type === "loaded") {
      this.ledger.loaded(message.epoch, message.load);
    } else {
      this.loadError = message.error;
      this.words.ring(W.bellMain);
    }
  }

  private died(_worker: WorkerName, error: BardeckError): void {
    void this.fail(error);
  }

  // ---- looking ----

  position(): Position {
    const { words, plan } = this;
    const epoch = Math.min(words.load(W.epoch), Math.max(plan.sessions.length - 1, 0));
    return {
      run: words.load(W.run),
      epoch,
      date: plan.sessions[epoch]?.date ?? "",
      slots: words.load(W.position),
      slotsDue: plan.sessions.length > 0 ? slotCount(this.shape, epoch) : 0,
    };
  }

  progress(): Progress {
    const { words, plan } = this;
    const position = this.position();
    const phase = PHASE_NAMES[words.load(W.phase)];
    const share = position.slotsDue === 0 ? 0 : position.slots / position.slotsDue;
    const done = phase === "FINISHED" || plan.sessions.length === 0 ? 1 : (position.epoch + share) / plan.sessions.length;
    return { phase, epoch: position.epoch, sessions: plan.sessions.length, date: position.date, timeUs: words.loadTime(), done };
  }

  digest(): string {
    const { words, plan } = this;
    if (this.goal) throw new UsageError("a digest is of a standing session", "pause first");
    const phase = words.load(W.phase);
    const { epoch, slots } = this.position();
    if (plan.sessions.length === 0) return runDigest([]);
    const begun = phase !== PHASE.arming && phase !== PHASE.seeking;
    const segment = begun ? this.segments[words.load(W.loadSegment0 + (epoch % 2))] : undefined;
    const step = words.load(W.step);
    const steps = phase === PHASE.streaming || !begun ? 0 : Math.max(step, STEP.drain) - 1;
    return dayDigest(plan, epoch, segment, slots, steps);
  }

  /** The invariants that can be seen from outside while nothing moves; each that is broken, in words. */
  check(): string[] {
    if (this.goal) throw new UsageError("the invariants are checked on a standing session", "pause first");
    const epoch = this.position().epoch;
    const index = this.words.load(W.loadSegment0 + (epoch % 2));
    return checkStanding(this.plan, this.words, this.control.config, this.segments[index]);
  }

  /** The memory of the session that has just been closed. Only while nothing moves, before its `roll` or in FINISHED. */
  closedSegment(): Segment {
    const { words, goal } = this;
    const phase = words.load(W.phase);
    assert(!goal && (phase === PHASE.closed || phase === PHASE.finished), "a closed day is read while the session stands after it");
    return this.segments[words.load(W.loadSegment0 + (this.position().epoch % 2))];
  }

  get days(): readonly ClosedDay[] {
    return this.ledger.days();
  }

  files(): FileAccount[] {
    return this.ledger.files();
  }

  summary(): SessionSummary {
    const moving = this.movingSince === undefined ? 0 : performance.now() - this.movingSince;
    const seconds = (this.movedMs + moving) / 1000;
    const status = this.ended?.reason ?? (this.words.load(W.phase) === PHASE.finished ? "finished" : "stopped");
    return { ...this.ledger.totals(seconds), status, ...(this.ended?.error && { error: this.ended.error.toPlain() }) };
  }

  private stopOf(reason: StopReason, why: string): Stop {
    const { words } = this;
    const phase = words.load(W.phase);
    const step = words.load(W.step);
    return {
      reason,
      why,
      phase: PHASE_NAMES[phase],
      step: describeStep(phase, step),
      timeUs: words.loadTime(),
      position: this.position(),
      next: describeNext(this.plan, phase, this.position(), step),
    };
  }

  private positionText(): string {
    const { date, slots, slotsDue } = this.position();
    return `${date}, slot ${slots} of ${slotsDue}`;
  }

  private closedSessions(): number {
    const { words, shape } = this;
    const phase = words.load(W.phase);
    const place = presentPlace(shape, phase, words.load(W.epoch), words.load(W.position), words.load(W.step));
    const closed = phase === PHASE.closed || (phase === PHASE.drained && words.load(W.step) > STEP.record);
    return comparePlaces(place, endPlace(shape)) === 0 ? shape.sessionCount : place.epoch + (closed ? 1 : 0);
  }

  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void {
    this.listeners[event].add(listener);
    return () => void this.listeners[event].delete(listener);
  }

  private emit<Name extends keyof SessionEvents>(event: Name, value: Parameters<SessionEvents[Name]>[0]): void {
    for (const listener of this.listeners[event]) (listener as (value: unknown) => void)(value);
  }

  // ---- the end ----

  private fail(error: BardeckError): Promise<void> {
    return this.end("failed", error);
  }

  dispose(): Promise<void> {
    return this.end("stopped");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** Stop, ring all bells, one deadline for all, then end the threads; the terminal phase is written after the join. */
  private end(reason: "stopped" | "failed", error?: BardeckError): Promise<void> {
    this.ending ??= (async () => {
      this.stopsMoving();
      this.ended = { reason, error };
      this.words.store(W.stop, 1);
      for (const bell of [W.bellCoordinator, W.bellUpkeep, W.bellPrefetch, W.bellMain]) this.words.ring(bell);
      await this.crew.end(LEAVE_DEADLINE_MS);
      const left = this.stopOf(reason, error?.message ?? "stopped");
      this.words.store(W.phase, reason === "failed" ? PHASE.failed : PHASE.stopped);
      this.onRequestDone?.("failed");
      this.onRequestDone = undefined;
      const { goal } = this;
      this.goal = undefined;
      if (error) goal?.reject(error);
      else goal?.resolve(left);
      this.release();
    })();
    return this.ending;
  }

  // ---- time spent moving, and staying alive while an answer is owed ----

  private startsMoving(): void {
    this.movingSince ??= performance.now();
  }

  private stopsMoving(): void {
    if (this.movingSince !== undefined) this.movedMs += performance.now() - this.movingSince;
    this.movingSince = undefined;
  }

  private hold(): void {
    this.keepAlive ??= setInterval(() => {}, 1 << 30);
  }

  private release(): void {
    clearInterval(this.keepAlive);
    this.keepAlive = undefined;
  }
}
