/**
 * The session over real threads, as its users see it: commands become movements (mover.ts, travel.ts), looks become views of the present
 * place. A light face for one client; what all clients share is `Engine`.
 */
import { UsageError } from "../errors.js";
import type { Measure } from "../conditions/condition.js";
import type { Place } from "../protocol/places.js";
import type { DataEvent } from "../work/day-events.js";
import type { Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { Engine } from "./engine.js";
import type {
  Breakpoint,
  BreakOptions,
  ClosedDay,
  Difference,
  FileAccount,
  Mark,
  MinuteCondition,
  Position,
  Progress,
  Session,
  SessionEvents,
  SessionInfo,
  SessionSummary,
  SteppedThread,
  Stop,
  Unit,
  WatchValue,
} from "./types.js";
import type {
  BarRange,
  BarSource,
  BarsView,
  EodView,
  GapView,
  JournalEntry,
  JournalFilter,
  MinuteRow,
  QualityView,
  SessionState,
  StreamView,
  SymbolQuality,
  ThreadView,
  View,
  WordView,
} from "./views.js";

export class LiveSession implements Session {
  constructor(
    private readonly engine: Engine,
    private readonly client = "main",
  ) {}

  get info(): SessionInfo {
    return this.engine.info;
  }
  get plan(): SessionPlan {
    return this.engine.plan;
  }

  // ---- moving ----
  play(): Promise<Stop> {
    return this.engine.travel.play(this.client);
  }
  pause(): Promise<Stop> {
    return this.engine.mover.pause(this.client);
  }
  step(count = 1, unit: Unit = "bar", symbol?: string): Promise<Stop> {
    return this.engine.travel.step(this.client, count, unit, symbol);
  }
  back(count = 1, unit: Unit = "bar", symbol?: string): Promise<Stop> {
    return this.engine.travel.back(this.client, count, unit, symbol);
  }
  reverseContinue(): Promise<Stop> {
    return this.engine.travel.reverseContinue(this.client);
  }
  until(target: string | number | MinuteCondition): Promise<Stop> {
    return this.engine.travel.until(this.client, target);
  }
  goto(target: string | number): Promise<Stop> {
    return this.engine.travel.goto(this.client, target);
  }
  stepThread(thread: SteppedThread, count = 1): Promise<Stop> {
    return this.engine.travel.stepThread(this.client, thread, count);
  }
  setSpeed(speed: number | "max"): void {
    this.engine.setSpeed(speed);
  }
  get speed(): number {
    return this.engine.speed;
  }
  setMode(mode: "data" | "clock"): void {
    this.engine.setMode(mode);
  }
  get mode(): "data" | "clock" {
    return this.engine.speed === 0 ? "data" : "clock";
  }

  // ---- stopping places ----
  break(condition: string | MinuteCondition, options: BreakOptions = {}): Breakpoint {
    return this.engine.change(
      `${options.log ? "log" : "break"} ${typeof condition === "string" ? condition : "function"}`,
      () => this.engine.book.add(condition, options),
    );
  }
  delete(id: number): void {
    this.engine.change(`delete ${id}`, () => this.engine.book.delete(id));
  }
  ignore(id: number, count: number): void {
    this.engine.change(`ignore ${id} ${count}`, () => this.engine.book.ignore(id, count));
  }
  breakpoints(): Breakpoint[] {
    return this.engine.book.list();
  }
  mark(name: string): Mark {
    return this.engine.mark(name);
  }
  marks(): Mark[] {
    return this.engine.marks.list();
  }
  watch(text: string): void {
    this.engine.watch(text);
  }
  unwatch(text: string): void {
    this.engine.unwatch(text);
  }
  watches(): WatchValue[] {
    return this.engine.watches();
  }

  // ---- the present place ----
  private get here(): View {
    return this.engine.present.view();
  }
  get date(): string {
    return this.here.date;
  }
  get epoch(): number {
    return this.here.epoch;
  }
  get timeUs(): number {
    return this.here.timeUs;
  }
  get opensAtUs(): number {
    return this.here.opensAtUs;
  }
  get closesAtUs(): number {
    return this.here.closesAtUs;
  }
  get minute(): number {
    return this.here.minute;
  }
  get minutes(): number {
    return this.here.minutes;
  }
  get barCount(): number {
    return this.here.barCount;
  }
  quality(): QualityView;
  quality(symbol: string): SymbolQuality;
  quality(symbol?: string): QualityView | SymbolQuality {
    return symbol === undefined ? this.here.quality() : this.here.quality(symbol);
  }
  gaps(symbol?: string): GapView[] {
    return this.here.gaps(symbol);
  }
  bars(symbol: string, interval?: string | number, range?: BarRange): BarsView {
    return this.here.bars(symbol, interval, range);
  }
  source(symbol: string, startUs: number): BarSource | null {
    return this.here.source(symbol, startUs);
  }
  minuteStates(symbol: string): Uint8Array {
    return this.here.minuteStates(symbol);
  }
  minuteRows(last: number, symbol?: string): MinuteRow[] {
    return this.here.minuteRows(last, symbol);
  }
  value(symbol: string, measure: Measure): number | null {
    return this.here.value(symbol, measure);
  }
  events(): DataEvent[] {
    return this.here.events();
  }
  digest(): string {
    this.engine.mustStand("a digest");
    return this.here.digest();
  }

  // ---- looking at the session ----
  at(time: string | number): View {
    return this.engine.viewAt(time);
  }
  state(): SessionState {
    return this.engine.looks.state();
  }
  threads(): ThreadView[] {
    return this.engine.looks.threads();
  }
  words(): WordView[] {
    return this.engine.looks.words();
  }
  streams(): StreamView[] {
    return this.engine.looks.streams();
  }
  eod(): EodView {
    return this.engine.looks.eod();
  }
  journal(filter: JournalFilter = {}): JournalEntry[] {
    return this.engine.looks.journal(filter);
  }
  why(): string[] {
    return this.engine.looks.why();
  }
  check(): string[] {
    return this.engine.check();
  }
  progress(): Progress {
    return this.engine.progress();
  }
  get lastStop(): Stop {
    return this.engine.lastStop;
  }
  /** Where the session stands or just now is. */
  position(): Position {
    return this.engine.present.position();
  }

  // ---- results ----
  get days(): readonly ClosedDay[] {
    return this.engine.ledger.days();
  }
  summary(): SessionSummary {
    return this.engine.summary();
  }
  files(): FileAccount[] {
    return this.engine.ledger.files();
  }
  save(file: string): Promise<number> {
    return this.engine.records.save(this.client, file);
  }
  diff(other: string | Session): Promise<Difference> {
    return this.engine.records.diff(this.client, other);
  }
  exportJournal(file: string): Promise<number> {
    return this.engine.looks.exportJournal(file);
  }
  exportTrace(file: string): Promise<number> {
    return this.engine.looks.exportTrace(file);
  }

  as(client: string): Session {
    return new LiveSession(this.engine, client);
  }
  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void {
    return this.engine.on(event, listener);
  }
  async dispose(): Promise<void> {
    await this.engine.side.end("stopped");
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  // ---- for `verify`, export and tests: places instead of times ----

  /** Runs on to a place, past breakpoints. */
  runToPlace(place: Place, why: string): Promise<Stop> {
    return this.engine.travel.run(this.client, "until", why, () => ({ place, paced: true, quiet: true }));
  }
  /** Begins the day of `place` again and runs to it. */
  seekToPlace(place: Place, why: string): Promise<Stop> {
    return this.engine.travel.run(this.client, "goto", why, () => ({ place, seek: true, quiet: true }));
  }
  /** The memory of the session that has just been closed. Only while nothing moves, before its `roll` or in FINISHED. */
  closedSegment(): Segment {
    const segment = this.engine.present.segmentClosed();
    if (!segment) throw new UsageError("no day has been closed here", "run to the end of one");
    return segment;
  }
}
