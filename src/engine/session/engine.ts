/**
 * What all clients of a session share: main's side of the threads, the commands in order, breakpoints, marks, watches, speed, what has
 * been reported, and where to look. Wires the parts; each has its own file.
 */
import type { BardeckError } from "../errors.js";
import { UsageError } from "../errors.js";
import type { PlacesPlan } from "../conditions/condition-places.js";
import { exchangeDateTime, exchangeTime } from "../market/time-zones.js";
import type { SessionPlan } from "../plan.js";
import { PHASE_NAMES } from "../protocol/phases.js";
import { timeAtPosition } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import type { Crew } from "../threads/crew.js";
import type { SourceSpec, TestHooks } from "../threads/messages.js";
import { unpackRecord } from "../work/day-record.js";
import { BreakpointBook, type Stopper } from "./breakpoint-book.js";
import { checkStanding } from "./check-standing.js";
import { Ledger } from "./ledger.js";
import { Looks } from "./looks.js";
import { MainSide } from "./main-side.js";
import type { Opened } from "./make-plan.js";
import { Marks } from "./marks.js";
import { Mover } from "./mover.js";
import { Present } from "./present.js";
import { Records } from "./records.js";
import type { Standing } from "./standing.js";
import { Travel } from "./travel.js";
import type {
  LogEntry,
  Mark,
  Progress,
  SessionEvents,
  SessionInfo,
  SessionSummary,
  Stop,
  WatchValue,
} from "./types.js";
import type { View } from "./views.js";
import { Watches } from "./watches.js";
import { placeOfTime, timeOfSession } from "./when.js";

/** The speed is shared in thousandths. */
const SLOWEST_SPEED = 0.001;
const FASTEST_SPEED = 2_000_000;
const FIRST_CLOCK_SPEED = 60;

export class Engine {
  readonly side: MainSide;
  readonly ledger: Ledger;
  readonly book: BreakpointBook;
  readonly mover: Mover;
  readonly travel: Travel;
  readonly looks: Looks;
  readonly records: Records;
  readonly present: Present;
  readonly marks: Marks;
  readonly placesPlan: PlacesPlan;
  readonly clock: (us: number) => string;
  private readonly listeners: { [Name in keyof SessionEvents]: Set<SessionEvents[Name]> } = {
    day: new Set(),
    stop: new Set(),
    log: new Set(),
    change: new Set(),
  };
  private readonly watched: Watches;
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
    this.present = new Present(this.side, plan, info.catalog.files, this.clock);
    this.marks = new Marks(plan, this.side);
    this.watched = new Watches(plan.symbols);
    this.placesPlan = {
      shape: this.side.shape,
      dates: plan.sessions.map(({ date }) => date),
      timeOfSession: (epoch, minuteOfDay) => timeOfSession(plan, epoch, minuteOfDay),
    };
    this.book = new BreakpointBook(plan.symbols, this.placesPlan);
    this.mover = new Mover(this.side, this.book, {
      standing: () => this.standing(),
      holds: (entry) => this.present.holds(entry),
      describe: (entry) => this.present.describe(entry),
      rowView: () => this.present.rowView(),
      lastRowView: () => this.present.lastRowView(),
      nextRow: () => this.present.nextRow(),
      speed: () => this.asked,
      begun: (client, command, why) => this.looks.note("command", why, { client, command }),
      tell: (stop, isBack) => {
        this.newest = isBack ? this.standsAsBefore(stop) : stop;
        const { reason, why, client, command, breakpoints } = stop;
        // Unlike the command's own line, which may say the same.
        const end = reason === "superseded" || reason === "failed" ? reason : "stopped";
        const text = reason === "finished" || why === reason ? reason : `${end}: ${why}`;
        this.looks.note("answer", text, { client, command, breakpoints });
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
    const mark = this.marks.set(name);
    this.looks.note("mark", `mark ${name}`);
    this.emit("change");
    return mark;
  }

  watch(text: string): void {
    this.watched.add(text);
    this.emit("change");
  }

  unwatch(text: string): void {
    this.watched.remove(text);
    this.emit("change");
  }

  watches(): WatchValue[] {
    return this.watched.isEmpty ? [] : this.watched.values(this.present.view());
  }

  // ---- looking ----

  standing(): Standing {
    return this.left ?? { ...this.present.standing(), watches: this.watches() };
  }

  /** A place behind the present one, as it was. */
  viewAt(time: string | number): View {
    return this.present.viewAt(this.marks.placeOf(time), time);
  }

  /** A stop after a command that came back. It is the reason itself when it ended what moved, or let a thread catch up. */
  private standsAsBefore(stop: Stop): Stop {
    const { reason, why, breakpoints, client, command, position } = this.lastStop;
    if (reason === "superseded" || position.slots !== stop.position.slots) return stop;
    return { ...stop, reason, why, breakpoints, client, command };
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
    const { epoch, date, slots, slotsDue } = this.present.position();
    const phase = PHASE_NAMES[this.side.words.load(W.phase)];
    const share = slotsDue === 0 ? 0 : slots / slotsDue;
    const done = phase === "FINISHED" || plan.sessions.length === 0 ? 1 : (epoch + share) / plan.sessions.length;
    return { phase, epoch, sessions: plan.sessions.length, date, timeUs: this.present.timeUs(), done };
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
