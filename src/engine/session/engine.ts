/**
 * What all clients of a session share: main's side of the threads, the commands in order, breakpoints, marks, watches, speed, what has
 * been reported, and where to look. Wires the parts; each has its own file.
 */
import type { BardeckError } from "../errors.js";
import { UsageError } from "../errors.js";
import { hasPlace } from "../conditions/atom-kinds.js";
import { MEASURES, type Measure } from "../conditions/condition.js";
import type { PlacesPlan } from "../conditions/condition-places.js";
import { DayWatch } from "../conditions/day-watch.js";
import { describeHit } from "../conditions/describe-hit.js";
import { nearestWord } from "../conditions/nearest-word.js";
import { exchangeDateTime, exchangeTime } from "../market/time-zones.js";
import { closedEpoch, streamsEnd, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { PHASE, PHASE_NAMES, STEP } from "../protocol/phases.js";
import { endPlace, positionPlace, slotCount, timeAtPosition, type Place } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import type { Crew } from "../threads/crew.js";
import type { SourceSpec, TestHooks } from "../threads/messages.js";
import { watchedDay } from "../work/armed-day.js";
import { unpackRecord } from "../work/day-record.js";
import { BreakpointBook, type Stopper } from "./breakpoint-book.js";
import { checkStanding } from "./check-standing.js";
import { describeNext, describePlace, describeStep } from "./describe.js";
import { Ledger } from "./ledger.js";
import { Looks } from "./looks.js";
import { MainSide } from "./main-side.js";
import type { Opened } from "./make-plan.js";
import { Mover } from "./mover.js";
import { Records } from "./records.js";
import type { Standing } from "./standing.js";
import { symbolIndex } from "../catalog/symbol-index.js";
import { Travel } from "./travel.js";
import type {
  LogEntry,
  Mark,
  Position,
  Progress,
  SessionEvents,
  SessionInfo,
  SessionSummary,
  Stop,
  WatchValue,
} from "./types.js";
import { createView } from "./view.js";
import type { View } from "./views.js";
import { placeOfTime, timeOfSession } from "./when.js";

/** The speed is shared in thousandths. */
const SLOWEST_SPEED = 0.001;
const FASTEST_SPEED = 2_000_000;
const FIRST_CLOCK_SPEED = 60;
const MOST_NAMES = 1000;

export class Engine {
  readonly side: MainSide;
  readonly ledger: Ledger;
  readonly book: BreakpointBook;
  readonly mover: Mover;
  readonly travel: Travel;
  readonly looks: Looks;
  readonly records: Records;
  readonly placesPlan: PlacesPlan;
  readonly clock: (us: number) => string;
  private readonly listeners: { [Name in keyof SessionEvents]: Set<SessionEvents[Name]> } = {
    day: new Set(),
    stop: new Set(),
    log: new Set(),
    change: new Set(),
  };
  private readonly places = new Map<string, Place>();
  private readonly watched = new Map<string, { symbol: number; measure: Measure }>();
  private newest: Stop | undefined;
  /** Where the session stood when its threads had left: a session that had finished stays finished. */
  private left: Standing | undefined;
  private asked = 0;
  /** Speed of the clock while the mode is `data`. */
  clockSpeed = FIRST_CLOCK_SPEED;

  constructor(
    crew: Crew,
    readonly info: SessionInfo,
    readonly plan: SessionPlan,
    hooks: TestHooks,
  ) {
    this.ledger = new Ledger(info.catalog, (day) => this.emit("day", day));
    this.clock = (us) => exchangeTime(us, plan.exchangeZone);
    this.side = new MainSide(crew, plan, hooks, {
      onRecorded: ({ epoch, run, record, events }) =>
        this.ledger.recorded(epoch, run, unpackRecord(plan, record), events),
      onLoaded: ({ epoch, load }) => this.ledger.loaded(epoch, load),
      onHits: (hits) => this.mover.heard(hits),
      afterRecords: (run, last) => this.ledger.afterRecords(run, last),
      onEnded: () => {
        this.left = this.standing();
        void this.side.whenEnded().then(() => this.emit("change"));
      },
    });
    this.placesPlan = {
      shape: this.side.shape,
      dates: plan.sessions.map(({ date }) => date),
      timeOfSession: (epoch, minuteOfDay) => timeOfSession(plan, epoch, minuteOfDay),
    };
    this.book = new BreakpointBook(plan.symbols, this.placesPlan);
    this.mover = new Mover(this.side, this.book, {
      standing: () => this.standing(),
      holds: (entry) => this.holds(entry),
      describe: (entry) => this.describe(entry),
      rowView: () => this.rowView(),
      lastRowView: () => this.lastRowView(),
      nextRow: () => this.nextRow(),
      speed: () => this.asked,
      begun: (client, command, why) => this.looks.note("command", why, { client, command }),
      tell: (stop) => {
        this.newest = stop;
        const { reason, why, client, command, breakpoints } = stop;
        // Not the command's own line again, which stands right above.
        const cause = why.startsWith(`${reason} `) ? why.slice(reason.length + 1) : why;
        this.looks.note("answer", reason === "finished" ? reason : `${reason}: ${cause}`, {
          client,
          command,
          breakpoints,
        });
        this.emit("stop", stop);
      },
      tellLog: (entry, text, epoch, position) => this.tellLog(entry, text, epoch, position),
      changed: () => this.emit("change"),
    });
    this.travel = new Travel(this);
    this.looks = new Looks(this);
    this.records = new Records(this);
  }

  /** Memory and threads for a plan; resolves when the first day stands at its open, or at `startUs` after a warm-up. */
  static async start(
    crew: Crew,
    { plan, info, startUs }: Opened,
    hooks: TestHooks,
    spec?: SourceSpec,
    signal?: AbortSignal,
  ): Promise<Engine> {
    const engine = new Engine(crew, info, plan, hooks);
    const abort = (): void => void engine.side.end("stopped");
    signal?.addEventListener("abort", abort, { once: true });
    try {
      signal?.throwIfAborted();
      await engine.side.begin(spec);
      const opened = { client: "main", reason: "opened", why: "opened" } as const;
      // The first part of a mid-day start runs data-driven, whatever the speed asked for, and stops nowhere.
      await engine.mover.move(opened, async (go) =>
        startUs === undefined ? {} : { end: await go({ place: placeOfTime(plan, startUs, 0), quiet: true }) },
      );
      engine.setSpeed(info.options.speed ?? 0);
      return engine;
    } catch (error) {
      await engine.side.end("stopped");
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  // ---- speed ----

  get speed(): number {
    return this.asked;
  }

  setSpeed(speed: number | "max"): void {
    this.side.mustBeOpen();
    const asked = speed === "max" ? 0 : speed;
    if (asked !== 0 && !(asked >= SLOWEST_SPEED && asked <= FASTEST_SPEED))
      throw new UsageError(
        `speed ${speed} is not between ${SLOWEST_SPEED} and ${FASTEST_SPEED}`,
        "60 is a minute a second, 0 is data-driven",
      );
    this.asked = asked;
    if (asked > 0) this.clockSpeed = asked;
    if (this.mover.isPaced) this.side.setSpeed(asked);
    this.looks.note("speed", asked === 0 ? "data-driven" : `${asked}x`, { speed: asked });
    this.emit("change");
  }

  setMode(mode: "data" | "clock"): void {
    if (mode !== "data" && mode !== "clock")
      throw new UsageError(`there is no mode ${JSON.stringify(mode)}`, "data or clock");
    this.setSpeed(mode === "data" ? 0 : this.clockSpeed);
  }

  // ---- breakpoints, marks, watches ----

  /** Carries a change of the breakpoints out; a movement under way learns of it. */
  change<Result>(what: string, act: () => Result): Result {
    this.side.mustBeOpen();
    const result = act();
    this.looks.note("breakpoint", what);
    this.mover.rearm();
    this.emit("change");
    return result;
  }

  mark(name: string): Mark {
    if (!/^[A-Za-z_][\w-]*$/.test(name))
      throw new UsageError(`${JSON.stringify(name)} is no name for a mark`, "letters, digits, - and _, a letter first");
    if (this.places.size >= MOST_NAMES)
      throw new UsageError(`there are ${MOST_NAMES} marks already`, "use a name again");
    this.places.set(name, this.side.presentPlace());
    this.looks.note("mark", `mark ${name}`);
    this.emit("change");
    return this.marks().find((mark) => mark.name === name)!;
  }

  marks(): Mark[] {
    return [...this.places].map(([name, place]) => ({ name, ...describePlace(this.plan, this.side.shape, place) }));
  }

  watch(text: string): void {
    if (this.watched.size >= MOST_NAMES) throw new UsageError(`${MOST_NAMES} watches are enough`, "unwatch some");
    const at = text.trim().lastIndexOf(".");
    const name = text
      .trim()
      .slice(at + 1)
      .toLowerCase();
    const measure = MEASURES.find((one) => one === name);
    if (at < 1 || !measure)
      throw new UsageError(
        `${JSON.stringify(text)} is nothing to watch`,
        `write SYMBOL.${nearestWord(name, MEASURES) ?? "last"}; there are ${MEASURES.join(", ")}`,
      );
    const symbol = symbolIndex(this.plan.symbols, text.trim().slice(0, at));
    this.watched.set(`${this.plan.symbols[symbol]}.${measure}`, { symbol, measure });
    this.emit("change");
  }

  unwatch(text: string): void {
    if (!this.watched.delete(text.trim()))
      throw new UsageError(
        `${JSON.stringify(text)} is not watched`,
        `watched: ${[...this.watched.keys()].join(", ") || "nothing"}`,
      );
    this.emit("change");
  }

  watches(): WatchValue[] {
    if (this.watched.size === 0) return [];
    const view = this.view();
    return [...this.watched].map(([text, { symbol, measure }]) => ({
      text,
      value: view.value(this.plan.symbols[symbol], measure),
    }));
  }

  // ---- places ----

  /** A time, or the name of a mark. */
  placeOf(target: string | number): Place {
    const mark = typeof target === "string" ? this.places.get(target.trim()) : undefined;
    if (mark) return mark;
    if (typeof target === "string" && /^[A-Za-z_]/.test(target.trim())) {
      const near = nearestWord(target.trim(), [...this.places.keys()]);
      const hint = near ? `did you mean ${near}?` : "set one with mark, or go to a time like 15:58";
      throw new UsageError(`there is no mark ${JSON.stringify(target.trim())}`, hint);
    }
    return placeOfTime(this.plan, target, this.side.epoch);
  }

  /** The row boundary after the present place; in the tail of a day the open of the next. */
  private nextRow(): Place {
    const { shape, words, segment } = this.side;
    const { epoch } = this.side;
    const rows = Math.floor(words.load(W.processed) / shape.symbolCount) + 1;
    const isStreaming = words.load(W.phase) === PHASE.streaming && segment !== undefined;
    if (isStreaming && rows <= streamsEnd(segment)) return positionPlace(epoch, rows * shape.symbolCount);
    const next = words.load(W.phase) === PHASE.arming ? epoch : epoch + 1;
    if (next >= shape.sessionCount || words.load(W.phase) === PHASE.finished) return endPlace(shape);
    return positionPlace(next, 0);
  }

  private rowView(): View | undefined {
    const { words, shape } = this.side;
    const isRow = words.load(W.phase) === PHASE.streaming && words.load(W.processed) % shape.symbolCount === 0;
    return isRow ? this.view() : undefined;
  }

  private lastRowView(): View | undefined {
    const { words, shape, epoch, segment } = this.side;
    if (words.load(W.phase) !== PHASE.streaming || !segment) return undefined;
    return this.viewOf(epoch, words.load(W.processed) - (words.load(W.processed) % shape.symbolCount));
  }

  // ---- looking ----

  position(): Position {
    const { words } = this.side;
    const { epoch } = this.side;
    const seeking = words.load(W.phase) === PHASE.seeking;
    return {
      run: words.load(seeking ? W.seekRun : W.run),
      epoch,
      date: this.plan.sessions[epoch]?.date ?? "",
      slots: seeking ? 0 : words.load(W.position),
      processed: seeking ? 0 : words.load(W.processed),
      slotsDue: this.plan.sessions.length > 0 ? slotCount(this.side.shape, epoch) : 0,
    };
  }

  timeUs(): number {
    const { words, shape } = this.side;
    return words.load(W.phase) === PHASE.seeking ? shape.openUs(words.load(W.seekEpoch)) : words.loadTime();
  }

  standing(): Standing {
    if (this.left) return this.left;
    const { words } = this.side;
    const phase = words.load(W.phase);
    const position = this.position();
    const step = words.load(W.step);
    const end = this.streamsEndAt();
    return {
      phase: PHASE_NAMES[phase],
      step: describeStep(phase, step, position, end),
      timeUs: this.timeUs(),
      position,
      next: describeNext(this.plan, phase, position, step, end, this.side.segment),
      watches: this.watches(),
    };
  }

  /** Position at which all streams of the present day are at their end; unknown outside STREAMING. */
  private streamsEndAt(): number {
    const { words, segment, shape } = this.side;
    const isStreaming = words.load(W.phase) === PHASE.streaming;
    return isStreaming && segment ? streamsEnd(segment) * shape.symbolCount : Infinity;
  }

  /** Number of the last end-of-day step done at the present place. */
  completedSteps(): number {
    const { words } = this.side;
    const phase = words.load(W.phase);
    const begun = phase === PHASE.drained || phase === PHASE.closed || phase === PHASE.finished;
    return begun ? Math.max(words.load(W.step), STEP.drain) - 1 : 0;
  }

  /** The present place. */
  view(): View {
    const { side, plan } = this;
    const { processed } = this.position();
    return createView({
      plan,
      files: this.info.catalog.files,
      epoch: side.epoch,
      segment: side.segment,
      position: processed,
      completedSteps: this.completedSteps(),
      timeUs: this.timeUs(),
      findSegment: (epoch) => this.keptSegment(epoch),
    });
  }

  /** A place behind the present one, read from memory. */
  viewAt(time: string | number): View {
    const place = this.placeOf(time);
    const present = this.side.presentPlace();
    const { epoch } = place;
    const reached = epoch < present.epoch || (epoch === present.epoch && place.ordinal <= present.ordinal);
    if (!reached)
      throw new UsageError(`${time} has not been reached yet`, "run on with until, or look at a time behind");
    const end = this.segmentOf(epoch);
    if (!end) throw new UsageError(`${this.plan.sessions[epoch].date} is not kept in memory`, "go there with goto");
    return this.viewOf(epoch, Math.min(place.ordinal, slotCount(this.side.shape, epoch)));
  }

  /** A day that can be read, as it was after `position` slots. */
  viewOf(epoch: number, position: number): View {
    const { plan, side } = this;
    return createView({
      plan,
      files: this.info.catalog.files,
      epoch,
      segment: this.segmentOf(epoch),
      position,
      completedSteps: 0,
      timeUs: timeAtPosition(side.shape, epoch, position),
      findSegment: (other) => this.keptSegment(other),
    });
  }

  /** The memory of a session that can be read: the present one, or a closed one that is kept. */
  segmentOf(epoch: number): Segment | undefined {
    return epoch === this.side.epoch ? this.side.segment : this.keptSegment(epoch);
  }

  /** A closed session before the present one, while its memory has not been used again. */
  private keptSegment(epoch: number): Segment | undefined {
    if (epoch >= this.side.epoch) return undefined;
    return this.side.segments.find((segment) => closedEpoch(segment) === epoch);
  }

  /** The present session's memory when it has been closed. */
  segmentClosed(): Segment | undefined {
    const { words, segment, isStanding } = this.side;
    const phase = words.load(W.phase);
    return isStanding && (phase === PHASE.closed || phase === PHASE.finished) ? segment : undefined;
  }

  private holds({ condition }: Stopper): boolean {
    const { segment, words } = this.side;
    if (!segment || !condition) return false;
    const watch = new DayWatch(this.plan.symbols, watchedDay(segment), [condition]);
    watch.passTo(words.load(W.processed));
    return watch.holds(0);
  }

  private describe({ condition, text }: Stopper): string {
    const { segment, words, epoch } = this.side;
    if (!condition) return `${text} is true at ${this.clock(this.timeUs())}`;
    if (!segment || (hasPlace(condition) && condition.atoms.length === 1)) return text;
    const { openUs } = this.plan.sessions[epoch];
    const slot = words.load(W.processed) - 1;
    return describeHit(condition, this.plan.symbols, watchedDay(segment), slot, this.clock, openUs);
  }

  private tellLog(entry: Stopper, text: string, epoch: number, position: number): void {
    const { date } = this.plan.sessions[epoch];
    const timeUs = timeAtPosition(this.side.shape, epoch, position);
    const log: LogEntry = { breakpoint: entry.id, epoch, date, timeUs, text };
    this.looks.note("hit", text, { breakpoint: entry.id, log: true });
    this.emit("log", log);
  }

  mustStand(what: string): void {
    if (!this.side.isStanding) throw new UsageError(`${what} is of a standing session`, "pause first");
  }

  /** The invariants that can be seen from outside while nothing moves; each that is broken, in words. */
  check(): string[] {
    this.mustStand("a check");
    const { words, control, epoch, segments } = this.side;
    return checkStanding(this.plan, words, control.config, segments[words.load(W.loadSegment0 + (epoch % 2))]);
  }

  progress(): Progress {
    const { plan } = this;
    const { epoch, date, slots, slotsDue } = this.position();
    const phase = PHASE_NAMES[this.side.words.load(W.phase)];
    const share = slotsDue === 0 ? 0 : slots / slotsDue;
    const done = phase === "FINISHED" || plan.sessions.length === 0 ? 1 : (epoch + share) / plan.sessions.length;
    return { phase, epoch, sessions: plan.sessions.length, date, timeUs: this.timeUs(), done };
  }

  get lastStop(): Stop {
    return this.newest!;
  }

  get endError(): BardeckError | undefined {
    return this.side.ended?.error;
  }

  summary(): SessionSummary {
    const { side } = this;
    const phase = this.left?.phase ?? PHASE_NAMES[side.words.load(W.phase)];
    const error = this.endError;
    const status = error ? "failed" : phase === "FINISHED" ? "finished" : "stopped";
    return { ...this.ledger.totals(side.movingSeconds), status, ...(error && { error: error.toPlain() }) };
  }

  // ---- events ----

  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void {
    this.listeners[event].add(listener);
    return () => void this.listeners[event].delete(listener);
  }

  private emit<Name extends keyof SessionEvents>(event: Name, ...value: Parameters<SessionEvents[Name]>): void {
    for (const listener of this.listeners[event]) (listener as (...value: unknown[]) => void)(...value);
  }

  /** Date and time of a moment, as the exchange writes them. */
  dateTime(us: number): string {
    return exchangeDateTime(us, this.plan.exchangeZone);
  }
}
