/**
 * The session as people drive it from a notebook or a script: the engine's, with answers and views that show
 * themselves. Adds no state of its own but what the front end needs.
 */
import type {
  BreakOptions,
  Breakpoint,
  ClosedDay,
  Difference,
  EventKind,
  JournalFilter,
  LogEntry,
  Mark,
  Session as EngineSession,
  SessionInfo,
  SessionState,
  SessionSummary,
  SteppedThread,
  Stop as EngineStop,
  Unit,
  WatchValue,
} from "../../engine/index.js";
import { formatDay, formatPercent, plural } from "../output/format.js";
import { checkFunction, checkOptions, checkText, checkWord, strict, type Kinds } from "./arguments.js";
import {
  breakpointTable,
  eodTable,
  fileTable,
  journalTable,
  streamTable,
  threadTable,
  wordTable,
  type BreakpointRow,
  type EodRow,
  type FileRow,
  type JournalRow,
  type StreamRow,
  type ThreadRow,
  type WordRow,
} from "./boards.js";
import { breakpointMarks } from "./breakpoint-marks.js";
import type { MarkAt } from "./chart-parts.js";
import type { ConditionText } from "./condition-text.js";
import { inspectAs } from "./display.js";
import { runLines, type Answers } from "./exec.js";
import { Live } from "./live.js";
import { Move, showProgress } from "./move.js";
import { endReplaced, interruptCount, noteUnderWay, register, unregister } from "./open-sessions.js";
import { Stop } from "./stop.js";
import type { Table } from "./table.js";
import { engineTime, Time, type When } from "./time.js";
import { View } from "./view.js";

/** What a session tells while it goes. */
export interface SessionEvents {
  /** A day has been closed and recorded. */
  day: (day: ClosedDay) => void;
  /** A command has been answered. */
  stop: (stop: Stop) => void;
  /** A log point was hit; the session goes on. */
  log: (entry: LogEntry) => void;
  /** Breakpoints, marks, watches, speed, mode or playing have changed. */
  change: () => void;
}

const EVENTS: readonly (keyof SessionEvents)[] = ["day", "stop", "log", "change"];

/** Which entries of the journal. */
export interface JournalChoice extends JournalFilter {
  /** Of data events, bars and rows; or of control events, e.g. `"command"`, `"wait"`. */
  readonly kind?: EventKind | "bar" | "row" | (string & {});
}

/** Decides after every minute. Synchronous. */
export type MinuteTest = (view: View) => boolean;

const BREAK: Kinds<BreakOptions> = { temporary: "flag", log: "flag", ignore: "number" };
const JOURNAL: Kinds<JournalChoice> = { symbol: "text", kind: "text", last: "number", control: "flag", bars: "flag" };

/**
 * A session over bars: it moves when it is told, stops where it is told, and can be looked at whenever it stands or
 * runs. Moving is asynchronous, one `Stop` a command; looking is synchronous. Text times are exchange time.
 *
 * @example
 * const s = await open("demo");
 * await s.until("10:15");
 * s.quality().show();
 * await s.dispose();
 */
export class Session extends View {
  readonly #engine: EngineSession;
  readonly #zone: string;
  /** The error of a command nobody waited for. In a box, so that a command under way holds that and not the session. */
  readonly #unheard: { first?: { readonly error: unknown } } = {};
  #live: Live | undefined;

  /** @internal */
  constructor(engine: EngineSession) {
    const zone = engine.info.catalog.exchangeZone;
    super(engine, zone);
    this.#engine = engine;
    this.#zone = zone;
    register(engine, this);
  }

  /** The engine's session behind this one: the same commands, answered with plain data. */
  get engine(): EngineSession {
    return this.#engine;
  }

  /** What was settled at opening: options, files, and how label, zone and unit were decided. */
  get info(): SessionInfo {
    return this.#engine.info;
  }

  /**
   * The symbols of the replay, ascending.
   *
   * @example
   * s.symbols; // ["AAPL", "MSFT", …]
   */
  get symbols(): readonly string[] {
    return this.#engine.info.catalog.symbols;
  }

  /** Dates of all sessions of the replay. */
  get dates(): readonly string[] {
    return this.#engine.info.catalog.sessions.map(({ date }) => date);
  }

  // ---- moving ----

  /**
   * Steps on. `"bar"` to the next published bar, of `symbol` if given, and all that is done with it; `"minute"` to the next row;
   * `"event"` one step of one thread; `"phase"` to before the next step of the end of the day; `"day"` to the next day. A
   * breakpoint on the way stops it.
   *
   * @example
   * await s.step();
   * await s.step(10, "minute");
   * await s.step(1, "bar", "AAPL");
   */
  step(count = 1, unit: Unit = "bar", symbol?: string): Promise<Stop> {
    return this.#move(`step ${count} ${unit}`, (engine) => engine.step(count, unit, symbol));
  }

  /**
   * Goes back to the `count`th earlier stop of that unit, across days; breakpoints are silent. The place is what it was.
   *
   * @example
   * await s.back(2, "bar");
   * await s.back(1, "day");
   */
  back(count = 1, unit: Unit = "bar", symbol?: string): Promise<Stop> {
    return this.#move(`back ${count} ${unit}`, (engine) => engine.back(count, unit, symbol));
  }

  /**
   * Runs on to a time (`"15:58"`: the next one), to where a condition becomes true, or until a function is true after a minute.
   * Breakpoints on the way stop it.
   *
   * @throws UsageError that says what is wrong with a condition
   * @example
   * await s.until("10:15");
   * await s.until("TSLA.quality<95");
   * await s.until((v) => v.quality("TSLA").percent < 95);
   */
  until(target: When | ConditionText | MinuteTest): Promise<Stop> {
    if (typeof target !== "function") {
      const place = engineTime(target);
      return this.#move(`until ${textOf(target)}`, (engine) => engine.until(place));
    }
    const zone = this.#zone;
    return this.#move("until a function is true", (engine) =>
      engine.until(strict((view) => target(new View(view, zone)))),
    );
  }

  /**
   * Goes to a time of any session or to a mark, back or ahead; breakpoints are silent.
   *
   * @example
   * await s.goto("2025-07-03 12:45");
   */
  goto(target: When): Promise<Stop> {
    const place = engineTime(target);
    return this.#move(`goto ${textOf(target)}`, (engine) => engine.goto(place));
  }

  /**
   * Runs on to a breakpoint or the end of the range. Without `await` it returns at once and the session plays on.
   *
   * @example
   * await s.setSpeed(360); s.play();
   * const end = await s.play();
   */
  play(): Promise<Stop> {
    return this.#move("play", (engine) => engine.play());
  }

  /**
   * Runs on to the next breakpoint, or the end: `play` in a debugger's word.
   *
   * @example
   * await s.continue();
   */
  continue(): Promise<Stop> {
    return this.#move("continue", (engine) => engine.play());
  }

  /**
   * Goes back to the previous place where a breakpoint would have stopped.
   *
   * @example
   * await s.reverseContinue();
   */
  reverseContinue(): Promise<Stop> {
    return this.#move("reverse-continue", (engine) => engine.reverseContinue());
  }

  /**
   * Stops both threads after what is published has been taken in.
   *
   * @example
   * await s.pause();
   */
  pause(): Promise<Stop> {
    return this.#move("pause", (engine) => engine.pause());
  }

  /**
   * Releases one thread by `count` events and holds the other. When it cannot move the reason is `"waits"`, and `why` says for what.
   *
   * @example
   * const stop = await s.stepThread("upkeep");
   * stop.why; // "upkeep waits: AAPL 15:59 is not published"
   */
  stepThread(thread: SteppedThread, count = 1): Promise<Stop> {
    return this.#move(`thread ${thread} step`, (engine) => engine.stepThread(thread, count));
  }

  /**
   * Data-driven with 0 or `"max"`; with x > 0 the clock runs at x simulated seconds a second. At once, without a jump.
   *
   * @throws UsageError for a speed that is none
   * @example
   * await s.setSpeed(360); // six hours in a minute
   */
  async setSpeed(speed: number | "max"): Promise<void> {
    this.#throwUnheard();
    this.#engine.setSpeed(speed);
  }

  /** 0 when data-driven. */
  get speed(): number {
    return this.#engine.speed;
  }

  /**
   * `"clock"` returns to the last speed above 0, 60 at first.
   *
   * @example
   * await s.setMode("clock");
   */
  async setMode(mode: "data" | "clock"): Promise<void> {
    this.#throwUnheard();
    this.#engine.setMode(mode);
  }

  /**
   * Whether data or a clock drives.
   *
   * @example
   * s.mode; // "data"
   */
  get mode(): "data" | "clock" {
    return this.#engine.mode;
  }

  /**
   * Runs on minute by minute and calls a function at each; it may be asynchronous, and ends the run when it returns `false`. Stops at a
   * breakpoint, at the end, and at the stop button.
   *
   * @example
   * const closes: number[] = [];
   * await s.forEachMinute((m) => { closes.push(m.value("SPY", "last")); });
   */
  async forEachMinute(look: (view: Session) => unknown): Promise<Stop> {
    checkFunction("forEachMinute", look);
    this.#throwUnheard();
    const interrupts = interruptCount();
    const progress = showProgress(this.#engine, "for each minute");
    try {
      for (;;) {
        const stop = await this.#engine.step(1, "minute");
        if (stop.reason !== "step" || interrupts !== interruptCount()) return this.#stopOf(stop);
        if ((await look(this)) === false) return this.#stopOf(stop);
      }
    } finally {
      progress.end();
    }
  }

  // ---- stopping places ----

  /**
   * Stops the session where a condition becomes true, or after a minute at which a function is.
   *
   * @throws UsageError that says what is wrong with the text
   * @example
   * s.break("phase=deactivate");
   * s.break("SPY.last>620", { temporary: true });
   * s.break((v) => v.quality().mean < 97);
   */
  break(condition: ConditionText | MinuteTest, options: BreakOptions = {}): Breakpoint {
    const zone = this.#zone;
    checkOptions("break", options, BREAK);
    if (typeof condition === "string") return this.#engine.break(condition, options);
    checkFunction("break", condition);
    return this.#engine.break(
      strict((view) => condition(new View(view, zone))),
      options,
    );
  }

  /**
   * Takes a breakpoint away.
   *
   * @throws UsageError when there is none of this id
   * @example
   * s.delete(2);
   * for (const { id } of s.breakpoints()) s.delete(id);
   */
  delete(id: number): void {
    this.#engine.delete(id);
  }

  /**
   * The next `count` hits of a breakpoint are passed over.
   *
   * @example
   * s.ignore(2, 5);
   */
  ignore(id: number, count: number): void {
    this.#engine.ignore(id, count);
  }

  /**
   * The breakpoints with their ids, conditions and hits.
   *
   * @example
   * s.breakpoints().show();
   */
  breakpoints(): Table<BreakpointRow> {
    return breakpointTable(this.#engine.breakpoints(), this.#zone);
  }

  /**
   * Names the present place, for `goto`.
   *
   * @example
   * s.mark("bug"); await s.goto("bug");
   */
  mark(name: string): Mark {
    return this.#engine.mark(name);
  }

  /**
   * The names that places have been given.
   *
   * @example
   * s.marks().map((mark) => mark.name);
   */
  marks(): Mark[] {
    return this.#engine.marks();
  }

  /**
   * A number shown at each stop.
   *
   * @example
   * s.watch("SPY.last");
   */
  watch(text: string): void {
    this.#engine.watch(text);
  }

  /**
   * Shows a number no more.
   *
   * @example
   * s.unwatch("SPY.last");
   */
  unwatch(text: string): void {
    this.#engine.unwatch(text);
  }

  /**
   * The numbers that are watched, as they are now.
   *
   * @example
   * s.watches(); // [{ text: "SPY.last", value: 616.38 }]
   */
  watches(): WatchValue[] {
    return this.#engine.watches();
  }

  // ---- looking ----

  /**
   * A read-only look at a place that has been passed, without moving.
   *
   * @throws UsageError when the place lies ahead, or its day is not kept any more
   * @example
   * s.at("10:15").quality().show();
   */
  at(time: When): View {
    return new View(this.#engine.at(engineTime(time)), this.#zone);
  }

  /**
   * What the transport shows: playing or paused, mode, where, and what comes next.
   *
   * @example
   * s.state().state; // "paused"
   */
  state(): SessionState {
    return this.#engine.state();
  }

  /**
   * What each thread does, or waits for.
   *
   * @example
   * s.threads().show();
   */
  threads(): Table<ThreadRow> {
    return threadTable(this.#engine.threads(), this.#zone, this.#engine.state().phase);
  }

  /**
   * The shared words, each with its meaning and writer.
   *
   * @example
   * s.words().show();
   */
  words(): Table<WordRow> {
    return wordTable(this.#engine.words(), this.#zone);
  }

  /**
   * Each symbol's stream: what is left, and who keeps the day from draining.
   *
   * @example
   * s.streams().show();
   */
  streams(): Table<StreamRow> {
    return streamTable(this.#engine.streams(), this.#zone, `${formatDay(this.date)} ${this.time.clock}`);
  }

  /**
   * The steps of the end of the day: which are done, which is next, who does them, how long they took.
   *
   * @example
   * s.eod().show();
   */
  eod(): Table<EodRow> {
    return eodTable(this.#engine.eod(), this.#zone);
  }

  /**
   * Data and control events, newest last.
   *
   * @example
   * s.journal({ last: 20 }).show();
   * s.journal({ symbol: "TSLA", kind: "gap", control: false }).rows();
   */
  journal(filter: JournalChoice = {}): Table<JournalRow> {
    checkOptions("journal", filter, JOURNAL);
    return journalTable(this.#engine.journal(filter), this.#zone);
  }

  /**
   * What each thread waits for and why the session stands, in words.
   *
   * @example
   * s.why();
   */
  why(): string[] {
    return this.#engine.why();
  }

  /**
   * The invariants that can be seen while nothing moves; those that are broken, in words.
   *
   * @example
   * s.check(); // []
   */
  check(): string[] {
    return this.#engine.check();
  }

  /**
   * The newest answer.
   *
   * @example
   * s.lastStop.why;
   */
  get lastStop(): Stop {
    return this.#stopOf(this.#engine.lastStop);
  }

  /**
   * Where the session stands, in a panel of this cell that updates itself.
   *
   * @example
   * const live = s.live();
   */
  live(): Live {
    this.#live?.stop();
    return (this.#live = new Live(this.#engine, this.#zone));
  }

  // ---- results ----

  /**
   * The days closed so far.
   *
   * @example
   * s.days.map(({ record }) => record.digest);
   */
  get days(): readonly ClosedDay[] {
    return this.#engine.days;
  }

  /**
   * The run so far in numbers: sessions, bars, rows, and the digest of all of it.
   *
   * @example
   * s.summary().digest;
   */
  summary(): SessionSummary {
    return this.#engine.summary();
  }

  /**
   * Every row of every file in one class.
   *
   * @example
   * s.files().show();
   */
  files(): Table<FileRow> {
    return fileTable(this.#engine.files(), this.#zone);
  }

  /**
   * Writes the run up to here, to compare with later. Resolves with the number of lines.
   *
   * @example
   * await s.save("run1.ndjson");
   */
  async save(file: string): Promise<number> {
    checkText("save", file, 's.save("run1.ndjson")');
    return this.#engine.save(file);
  }

  /**
   * Compares with a saved run or another session; `compare` shows the result.
   *
   * @example
   * (await s.diff("run1.ndjson")).text;
   */
  async diff(other: string | Session): Promise<Difference> {
    if (!(other instanceof Session)) checkText("diff", other, 's.diff("run1.ndjson"), or another session');
    return this.#engine.diff(other instanceof Session ? other.#engine : other);
  }

  /**
   * The journal as NDJSON.
   *
   * @example
   * await s.exportJournal("journal.ndjson");
   */
  async exportJournal(file: string): Promise<number> {
    checkText("exportJournal", file, 's.exportJournal("journal.ndjson")');
    return this.#engine.exportJournal(file);
  }

  /**
   * What the threads did, for Perfetto.
   *
   * @example
   * await s.exportTrace("trace.json");
   */
  async exportTrace(file: string): Promise<number> {
    checkText("exportTrace", file, 's.exportTrace("trace.json")');
    return this.#engine.exportTrace(file);
  }

  /**
   * Carries out lines of the command language, the same words as at the prompt.
   *
   * @throws UsageError for a word it does not know
   * @example
   * await s.exec("until phase=roll");
   * await s.exec("break gap>=3; c; info gaps");
   */
  async exec(lines: string): Promise<Answers> {
    if (lines !== "") checkText("exec", lines, 's.exec("until phase=roll")'); // an empty line repeats the last step
    this.#throwUnheard();
    const answers = runLines(this.#engine, lines);
    noteUnderWay(this.#engine, answers);
    return answers;
  }

  /**
   * Calls a function at each event, until the function that is returned is called.
   *
   * @example
   * const off = s.on("stop", (stop) => console.log(stop.why));
   * off();
   */
  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void {
    checkWord("on", event, EVENTS);
    checkFunction("on", listener);
    if (event !== "stop") return this.#engine.on(event, listener as never);
    const engine = this.#engine;
    const zone = this.#zone; // not `this`: the engine must not keep it
    const tell = listener as SessionEvents["stop"];
    return engine.on("stop", (stop) => tell(new Stop(stop, engine, zone)));
  }

  /**
   * Ends its threads. Safe to call again; what has been shown stays.
   *
   * @example
   * await s.dispose();
   */
  async dispose(): Promise<void> {
    this.#live?.stop();
    unregister(this.#engine);
    await this.#engine.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  protected override asOf(when: When): View {
    return this.at(when);
  }

  protected override chartMarks(symbol: string): readonly MarkAt[] {
    return breakpointMarks(this.#engine.breakpoints(), symbol, this.date, this.#zone);
  }

  #move(what: string, command: (engine: EngineSession) => Promise<EngineStop>): Promise<Stop> {
    this.#throwUnheard();
    endReplaced();
    const engine = this.#engine;
    const zone = this.#zone;
    const unheard = this.#unheard;
    let progress: { end(): void } | undefined;
    const answered = command(engine);
    noteUnderWay(engine, answered);
    const stop = answered.then((answer) => new Stop(answer, engine, zone));
    const move = Move.of(
      stop,
      () => (progress ??= showProgress(engine, what)),
      (error) => (unheard.first ??= { error }),
    );
    const end = (): void => progress?.end();
    stop.then(end, end);
    return move;
  }

  #stopOf(stop: EngineStop): Stop {
    return new Stop(stop, this.#engine, this.#zone);
  }

  #throwUnheard(): void {
    const { first } = this.#unheard;
    delete this.#unheard.first;
    if (first) throw first.error;
  }
}
inspectAs(Session.prototype, function (this: Session) {
  const { state, timeUs, mode, clockSpeed, symbols, day, days, qualityMean, next } = this.state();
  if (days === 0) return `Session · ${state} · no session of the data lies in the range · ${plural(symbols, "symbol")}`;
  const time = new Time(timeUs, this.info.catalog.exchangeZone);
  const speed = mode === "data" ? "data-driven" : `${clockSpeed}x`;
  const head = [
    `Session · ${state} ${formatDay(this.date)} ${time.clock} ${time.zoneName}`,
    speed,
    plural(symbols, "symbol"),
    `session ${day} of ${days}`,
    `quality ${formatPercent(qualityMean, "–")}`,
  ].join(" · ");
  return next === "" ? head : `${head}\n  next  ${next}`;
});

function textOf(target: When): string {
  if (typeof target === "string") return target;
  return target instanceof Time ? target.text : new Date(Number(engineTime(target)) / 1000).toISOString();
}
