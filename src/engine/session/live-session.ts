/**
 * The session over real threads: main's side of the protocol, one command after the other, and what the threads
 * report. Never blocks: it takes a turn when its bell rings.
 */
import { assert } from "../assert.js";
import { BardeckError, fromPlain, UsageError, type PlainError } from "../errors.js";
import { attachControlMemory, createControlMemory } from "../memory/control.js";
import { attachSegment, createSegments, streamsEnd, type Segment } from "../memory/segment.js";
import { createTraces } from "../memory/trace.js";
import { protocolConfig, segmentCount, segmentShapeOf, shapeOf, type SessionPlan } from "../plan.js";
import { boot } from "../protocol/boot.js";
import { Control, type Request, type RequestOutcome } from "../protocol/control.js";
import { PHASE, PHASE_NAMES, STEP } from "../protocol/phases.js";
import { endPlace, positionPlace, presentPlace, slotCount, type Place, type Shape } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import { AtomicWords } from "../sync/atomic-words.js";
import { LEAVE_DEADLINE_MS, type Crew, type WorkerName } from "../threads/crew.js";
import type { FromPrefetch, FromUpkeep, TestHooks } from "../threads/messages.js";
import { unpackRecord } from "../work/day-record.js";
import { dayDigest, runDigest } from "../work/digest.js";
import { checkStanding } from "./check-standing.js";
import { describeNext, describeStep } from "./describe.js";
import { Ledger, NO_DAY, type DayMark } from "./ledger.js";
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

/** The speed is shared in thousandths. */
const SLOWEST_SPEED = 0.001;
const FASTEST_SPEED = 2_000_000;

export class LiveSession implements Session {
  private readonly shape: Shape;
  private readonly control: Control;
  private readonly ledger: Ledger;
  private readonly listeners: { [Name in keyof SessionEvents]: Set<SessionEvents[Name]> } = {
    day: new Set(),
    stop: new Set(),
  };
  private commands: Promise<unknown> = Promise.resolve();
  private goal: OpenGoal | undefined;
  private onRequestDone: ((outcome: RequestOutcome) => void) | undefined;
  private ended: { reason: "stopped" | "failed"; error?: BardeckError } | undefined;
  private ending: Promise<Stop> | undefined;
  /** Where the session stood when its threads had left: a session that had finished stays finished. */
  private left: Stop | undefined;
  private readonly stopped = new BardeckError("stopped", "the session has been stopped", "open it again");
  private readonly loadErrors = new Map<number, PlainError>();
  /** Where the present run began, and the last day of the runs before it. */
  private began = { epoch: 0, before: NO_DAY };
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
    this.ledger = new Ledger(info.catalog, (day) => this.emit("day", day));
  }

  /** Memory and threads for a plan; resolves when the first day stands at its open. */
  static async start(crew: Crew, opened: Opened, hooks: TestHooks, signal?: AbortSignal): Promise<LiveSession> {
    const { plan, info, startUs } = opened;
    const control = createControlMemory();
    const shape = segmentShapeOf(plan);
    const buffers = createSegments(shape, segmentCount(plan));
    const words = new AtomicWords(attachControlMemory(control.buffer));
    const segments = buffers.map((buffer, i) => attachSegment(buffer, shape, i));
    const session = new LiveSession(crew, info, plan, words, segments, hooks);
    const abort = (): void => void session.dispose();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      signal?.throwIfAborted();
      await session.begin({ plan, control: control.buffer, segments: buffers, traces: createTraces(), hooks });
      if (startUs !== undefined) await session.warmUp(startUs);
      session.setSpeed(info.options.speed ?? 0);
      return session;
    } catch (error) {
      await session.dispose();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", abort);
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
    const session = new LiveSession(
      crew,
      opened.info,
      opened.plan,
      new AtomicWords(attachControlMemory(control.buffer)),
      segments,
      hooks,
    );
    await session.begin(
      { plan: opened.plan, control: control.buffer, segments: buffers, traces: createTraces(), hooks },
      spec,
    );
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
    return this.run(() => placeOfTime(this.plan, time, this.position().epoch), `until ${time}`);
  }

  seekTo(time: string | number): Promise<Stop> {
    return this.seek(() => placeOfTime(this.plan, time, this.position().epoch), `goto ${time}`);
  }

  /** Runs on to a place. Under a running goal that goal is superseded. */
  runToPlace(place: Place, why: string): Promise<Stop> {
    return this.run(() => place, why);
  }

  /** Begins the day of `place` again and runs to it. */
  seekToPlace(place: Place, why: string): Promise<Stop> {
    return this.seek(() => place, why);
  }

  /** `where` is asked when the command's turn has come: `15:58` means the session it finds. */
  private run(where: () => Place, why: string): Promise<Stop> {
    return this.command(async () => {
      const place = where();
      const running = this.goal !== undefined;
      const outcome = await this.request({ kind: "run", place });
      if (outcome !== "refuse") return this.newGoal(why);
      const behind = this.positionText();
      if (running) await this.request({ kind: "resume" }); // the pause it was refused under is not the person's
      throw new UsageError(`${why}: that lies behind ${behind}`, "go back with goto");
    });
  }

  private seek(where: () => Place, why: string): Promise<Stop> {
    return this.command(async () => {
      if (this.plan.sessions.length === 0)
        throw new UsageError("there is no session to go to", "choose a range that has one");
      const place = where();
      await this.request({ kind: "pause" }); // a seek needs one anyway; it shows the last day of the run that ends
      const before = this.lastDay();
      await this.request({ kind: "seek", place });
      this.began = { epoch: place.epoch, before };
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
    this.mustBeOpen();
    if (speed !== 0 && !(speed >= SLOWEST_SPEED && speed <= FASTEST_SPEED))
      throw new UsageError(
        `speed ${speed} is not between ${SLOWEST_SPEED} and ${FASTEST_SPEED}`,
        "60 is a minute a second, 0 is data-driven",
      );
    this.lastSpeed = speed;
    this.words.store(W.speed, Math.round(speed * 1000));
    this.words.ring(W.bellCoordinator);
  }

  get speed(): number {
    return this.lastSpeed;
  }

  /** Runs `begin` when all commands before it have begun, and resolves with its answer; `stopped` when the session was stopped meanwhile. */
  private async command(begin: () => Promise<{ answered: Promise<Stop> }>): Promise<Stop> {
    const wasOpen = !this.ended;
    const begun = this.commands.then(() => {
      this.mustBeOpen();
      return begin();
    });
    this.commands = begun.catch(() => {});
    try {
      return await (
        await begun
      ).answered;
    } catch (error) {
      if (!this.ending) throw error;
      const left = await this.ending; // an end is told when the threads have left
      if (error === this.stopped && wasOpen) return left;
      throw error;
    }
  }

  private mustBeOpen(): void {
    if (this.ended) throw this.ended.error ?? this.stopped;
  }

  /**
   * Has main's process carry out a request; resolves with what came of it. Under a failed load, which wins, the end
   * of the session settles it, with the load's own error.
   */
  private request(request: Request): Promise<RequestOutcome> {
    return new Promise((resolve, reject) => {
      this.onRequestDone = (outcome) => {
        if (outcome === "failed") reject(this.ended?.error ?? this.stopped);
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

  /** Looks for the answer of the newest goal, and for a load that failed. */
  private notice(): void {
    const { goal, words } = this;
    const loadError = words.load(W.failure) === 1 ? this.loadErrors.get(words.load(W.epoch)) : undefined;
    if (loadError) {
      void this.fail(fromPlain(loadError));
      return;
    }
    if (goal && !goal.noticed && words.load(W.answered) === goal.id) {
      goal.noticed = true;
      const reason = words.load(W.phase) === PHASE.finished ? "finished" : "reached";
      this.ledger.afterRecords(() => this.goal === goal && this.answerGoal(reason, goal.why), this.lastDay());
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

  // ---- reports ----

  private recorded(message: FromUpkeep): void {
    this.ledger.recorded(message.epoch, message.run, unpackRecord(this.plan, message.record), message.events);
  }

  private loaded(message: Extract<FromPrefetch, { type: "loaded" | "load-failed" }>): void {
    if (message.type === "loaded") {
      this.ledger.loaded(message.epoch, message.load);
    } else {
      this.loadErrors.set(message.epoch, message.error);
      this.words.ring(W.bellMain);
    }
  }

  private died(_worker: WorkerName, error: BardeckError): void {
    void this.fail(error);
  }

  // ---- looking ----

  /** Between a seek and its first step the place it begins from counts: the run before it is over. */
  position(): Position {
    const { words, plan } = this;
    const seeking = words.load(W.phase) === PHASE.seeking;
    const epoch = Math.min(words.load(seeking ? W.seekEpoch : W.epoch), Math.max(plan.sessions.length - 1, 0));
    return {
      run: words.load(seeking ? W.seekRun : W.run),
      epoch,
      date: plan.sessions[epoch]?.date ?? "",
      slots: seeking ? 0 : words.load(W.position),
      slotsDue: plan.sessions.length > 0 ? slotCount(this.shape, epoch) : 0,
    };
  }

  private timeUs(): number {
    const { words, shape } = this;
    return words.load(W.phase) === PHASE.seeking ? shape.openUs(words.load(W.seekEpoch)) : words.loadTime();
  }

  progress(): Progress {
    const { words, plan } = this;
    const position = this.position();
    const phase = PHASE_NAMES[words.load(W.phase)];
    const share = position.slotsDue === 0 ? 0 : position.slots / position.slotsDue;
    const done =
      phase === "FINISHED" || plan.sessions.length === 0 ? 1 : (position.epoch + share) / plan.sessions.length;
    return {
      phase,
      epoch: position.epoch,
      sessions: plan.sessions.length,
      date: position.date,
      timeUs: this.timeUs(),
      done,
    };
  }

  digest(): string {
    const { words, plan } = this;
    if (this.goal || this.onRequestDone) throw new UsageError("a digest is of a standing session", "pause first");
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
    assert(
      !goal && (phase === PHASE.closed || phase === PHASE.finished),
      "a closed day is read while the session stands after it",
    );
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
    const phase = this.left?.phase ?? PHASE_NAMES[this.words.load(W.phase)];
    const status = this.ended?.error ? "failed" : phase === "FINISHED" ? "finished" : "stopped";
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
      timeUs: this.timeUs(),
      position: this.position(),
      next: describeNext(this.plan, phase, this.position(), step, this.streamsEndAt(phase)),
    };
  }

  /** Position at which all streams of the present day are at their end. */
  private streamsEndAt(phase: number): number {
    const { words, segments, plan } = this;
    if (phase !== PHASE.streaming) return Infinity;
    return streamsEnd(segments[words.load(W.loadSegment0 + (words.load(W.epoch) % 2))]) * plan.symbols.length;
  }

  private positionText(): string {
    const { date, slots, slotsDue } = this.position();
    return `${date}, slot ${slots} of ${slotsDue}`;
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

  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void {
    this.listeners[event].add(listener);
    return () => void this.listeners[event].delete(listener);
  }

  private emit<Name extends keyof SessionEvents>(event: Name, value: Parameters<SessionEvents[Name]>[0]): void {
    for (const listener of this.listeners[event]) (listener as (value: unknown) => void)(value);
  }

  // ---- the end ----

  private fail(error: BardeckError): Promise<Stop> {
    return this.end("failed", error);
  }

  async dispose(): Promise<void> {
    await this.end("stopped");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** Stop, ring all bells, one deadline for all, then end the threads; the terminal phase is written after the join. */
  private end(reason: "stopped" | "failed", error?: BardeckError): Promise<Stop> {
    this.ending ??= (async () => {
      this.stopsMoving();
      this.ended = { reason, error };
      this.words.store(W.stop, 1);
      for (const bell of [W.bellCoordinator, W.bellUpkeep, W.bellPrefetch, W.bellMain]) this.words.ring(bell);
      await this.crew.end(LEAVE_DEADLINE_MS);
      const left = (this.left = this.stopOf(reason, error?.message ?? "stopped"));
      this.words.store(W.phase, reason === "failed" ? PHASE.failed : PHASE.stopped);
      this.onRequestDone?.("failed");
      this.onRequestDone = undefined;
      const { goal } = this;
      this.goal = undefined;
      if (error) goal?.reject(error);
      else goal?.resolve(left);
      this.release();
      return left;
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
