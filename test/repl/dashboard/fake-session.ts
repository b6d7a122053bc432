/**
 * A session without threads and files, for tests of the dashboard: plain data, moved by commands at once and, while it plays, by
 * the test. What it shows is a function of one number, the place.
 */
import type {
  BarsView,
  Breakpoint,
  EodStep,
  EodView,
  JournalEntry,
  JournalFilter,
  Mark,
  MinuteRow,
  QualityView,
  Session,
  SessionEvents,
  SessionState,
  Stop,
  StopReason,
  StreamView,
  SymbolQuality,
  ThreadView,
  Unit,
  WordView,
} from "../../../src/engine/index.js";
import { EOD_STEPS, MINUTE_STATE, MINUTE_STATES } from "../../../src/engine/index.js";
import { fakeCatalog } from "../fakes.js";
import { DAYS, MINUTE_US, SYMBOLS, type FakeDay } from "./fake-market.js";

/** The steps behind the last slot, and those before the first. */
const CLOSING = EOD_STEPS.slice(0, 8);
const OPENING = EOD_STEPS.slice(8);

interface Place {
  readonly day: number;
  readonly slots: number;
  /** The step that comes next. */
  readonly step: EodStep | null;
}

export class FakeSession {
  readonly info: Session["info"];
  place: Place = { day: 0, slots: 0, step: null };
  run = 0;
  playing = false;
  speed = 0;
  clockSpeed = 60;
  why = "opened";
  failure: Error | undefined;
  disposed = false;
  /** Commands in the order in which they came. */
  readonly asked: string[] = [];
  /** While set, moves are answered only when it is called. */
  hold: (() => void)[] | undefined;
  private readonly points: Breakpoint[] = [];
  private readonly markList: Mark[] = [];
  private readonly watched: string[] = [];
  private readonly listeners = new Map<string, Set<(value: never) => void>>();
  private endPlay: ((stop: Stop) => void) | undefined;
  private commands = 0;

  constructor(
    readonly fakeDays: readonly FakeDay[] = DAYS,
    readonly symbols: readonly string[] = SYMBOLS,
  ) {
    const catalog = fakeCatalog({
      symbols: [...symbols],
      sessions: fakeDays.map(({ date, minutes, opensAtUs }) => ({
        date,
        kind: minutes === 390 ? "full" : "half",
        openUs: opensAtUs,
        closeUs: opensAtUs + minutes * MINUTE_US,
        minutes,
        rows: symbols.map(() => minutes),
      })),
    });
    this.info = { catalog, options: { path: "fake" }, intervals: [5, 15], fill: "none" };
  }

  // ---- moving ----

  play(): Promise<Stop> {
    this.asked.push("play");
    this.supersede();
    this.playing = true;
    this.emit("change", undefined);
    return new Promise((resolve) => (this.endPlay = resolve));
  }

  async pause(): Promise<Stop> {
    this.asked.push("pause");
    return this.finish("paused", "paused");
  }

  /** Moves on while it plays, as the threads would. */
  advance(minutes: number): void {
    const { day, slots } = this.place;
    const all = this.slotsOf(day);
    this.place = { day, slots: Math.min(all, slots + minutes * this.symbols.length), step: null };
    if (this.place.slots === all && slots === all) this.finish("finished", "the end of the range");
  }

  async step(count = 1, unit: Unit = "bar"): Promise<Stop> {
    this.asked.push(`step ${count} ${unit}`);
    this.supersede();
    await this.held();
    for (let i = 0; i < count; i++) this.place = this.after(unit);
    return this.finish("step", `step ${count} ${unit}`);
  }

  async back(count = 1, unit: Unit = "bar"): Promise<Stop> {
    this.asked.push(`back ${count} ${unit}`);
    this.supersede();
    await this.held();
    const size = unit === "minute" ? this.symbols.length : 1;
    this.place = { day: this.place.day, slots: Math.max(0, this.place.slots - count * size), step: null };
    this.run++;
    return this.finish("back", `back ${count} ${unit}`);
  }

  async reverseContinue(): Promise<Stop> {
    this.asked.push("reverse-continue");
    return this.finish("back", "no breakpoint before");
  }

  async until(target: unknown): Promise<Stop> {
    this.asked.push(`until ${String(target)}`);
    this.supersede();
    await this.held();
    const phase = /^phase=([\w-]+)$/.exec(String(target))?.[1];
    if (phase !== undefined)
      this.place = { day: this.place.day, slots: this.slotsOf(this.place.day), step: phase as EodStep };
    else this.toTime(String(target));
    return this.finish("until", `until ${String(target)}`);
  }

  async goto(target: string | number): Promise<Stop> {
    this.asked.push(`goto ${target}`);
    this.supersede();
    this.toTime(String(target));
    this.run++;
    return this.finish("goto", `goto ${target}`);
  }

  async stepThread(thread: string, count = 1): Promise<Stop> {
    this.asked.push(`thread ${thread} step ${count}`);
    return this.finish("waits", `${thread} waits: AAPL 09:30 is not published`);
  }

  setSpeed(speed: number | "max"): void {
    this.asked.push(`speed ${speed}`);
    this.speed = speed === "max" ? 0 : speed;
    this.emit("change", undefined);
  }
  setMode(mode: "data" | "clock"): void {
    this.setSpeed(mode === "data" ? 0 : this.clockSpeed);
  }
  get mode(): "data" | "clock" {
    return this.speed === 0 ? "data" : "clock";
  }

  /** Ends as it does when a thread dies. */
  fail(error: Error): void {
    this.failure = error;
    this.finish("failed", error.message);
  }

  // ---- stopping places ----

  break(text: string, options: Partial<Breakpoint> = {}): Breakpoint {
    const point = { id: this.points.length + 1, text, temporary: false, log: false, hits: 0, ignore: 0, ...options };
    this.points.push(point);
    this.emit("change", undefined);
    return point;
  }
  delete(id: number): void {
    this.points.splice(
      this.points.findIndex((point) => point.id === id),
      1,
    );
    this.emit("change", undefined);
  }
  ignore(): void {}
  breakpoints = (): Breakpoint[] => [...this.points];
  mark(name: string): Mark {
    const mark = { name, date: this.date, timeUs: this.timeUs, text: `${this.date} minute ${this.minute}` };
    this.markList.push(mark);
    this.emit("change", undefined);
    return mark;
  }
  marks = (): Mark[] => [...this.markList];
  watch(text: string): void {
    this.watched.push(text);
    this.emit("change", undefined);
  }
  unwatch(): void {}
  watches = () => this.watched.map((text) => ({ text, value: 100.25 }));

  // ---- the place ----

  private get day(): FakeDay {
    return this.fakeDays[this.place.day];
  }
  get date(): string {
    return this.day.date;
  }
  get epoch(): number {
    return this.place.day;
  }
  get minute(): number {
    return Math.floor(this.place.slots / this.symbols.length);
  }
  get minutes(): number {
    return this.day.minutes;
  }
  get timeUs(): number {
    return this.opensAtUs + Math.ceil(this.place.slots / this.symbols.length) * MINUTE_US;
  }
  get opensAtUs(): number {
    return this.day.opensAtUs;
  }
  get closesAtUs(): number {
    return this.opensAtUs + this.minutes * MINUTE_US;
  }
  get barCount(): number {
    return this.symbols.reduce((sum, _, s) => sum + this.passed(s).filter((bar) => bar !== undefined).length, 0);
  }

  private slotsOf(day: number): number {
    return this.fakeDays[day].minutes * this.symbols.length;
  }

  /** Bars of the slots of a symbol that have passed. */
  private passed(s: number): readonly FakeDay["bars"][number][number][] {
    const due = Math.floor((this.place.slots + this.symbols.length - 1 - s) / this.symbols.length);
    return this.day.bars[s].slice(0, due);
  }

  private after(unit: Unit): Place {
    const { day, slots, step } = this.place;
    const all = this.slotsOf(day);
    if (unit === "day") return this.begin(day + 1);
    if (unit === "phase" || (unit === "event" && step !== null)) {
      if (step === null) return { day, slots: all, step: "hand-over" };
      const closing = CLOSING.indexOf(step);
      if (closing >= 0 && closing < CLOSING.length - 1) return { day, slots, step: CLOSING[closing + 1] };
      if (closing >= 0)
        return day + 1 < this.fakeDays.length ? { day: day + 1, slots: 0, step: OPENING[0] } : this.place;
      return step === "load" ? { day, slots: 0, step: "activate" } : { day, slots: 0, step: null };
    }
    const size = unit === "minute" ? this.symbols.length - (slots % this.symbols.length) : 1;
    if (slots >= all) return this.begin(day + 1);
    return { day, slots: Math.min(all, slots + size), step: null };
  }

  private begin(day: number): Place {
    return day < this.fakeDays.length ? { day, slots: 0, step: null } : this.place;
  }

  private toTime(text: string): void {
    const date = /\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
    const [, hours, minutes] = /(\d{2}):(\d{2})$/.exec(text) ?? ["", "9", "30"];
    const day = date === undefined ? this.place.day : this.fakeDays.findIndex((one) => one.date === date);
    const minute = Number(hours) * 60 + Number(minutes) - 9 * 60 - 30;
    this.place = { day, slots: Math.min(this.slotsOf(day), minute * this.symbols.length), step: null };
  }

  private async held(): Promise<void> {
    if (this.hold) await new Promise<void>((resolve) => this.hold!.push(resolve));
  }

  private supersede(): void {
    this.endPlay?.(this.stop("superseded", "another command"));
    this.endPlay = undefined;
    this.playing = false;
  }

  finish(reason: StopReason, why: string): Stop {
    this.playing = false;
    this.why = why;
    const stop = this.stop(reason, why);
    this.endPlay?.(stop);
    this.endPlay = undefined;
    this.emit("stop", stop);
    return stop;
  }

  private stop(reason: StopReason, why: string): Stop {
    const { date, epoch } = this;
    const processed = this.place.slots;
    return {
      reason,
      why,
      phase: this.phase,
      step: this.place.step ?? undefined,
      timeUs: this.timeUs,
      position: { run: this.run, epoch, date, slots: processed, processed, slotsDue: this.slotsOf(epoch) },
      next: this.next,
      breakpoints: reason === "breakpoint" ? [1] : [],
      watches: this.watches(),
      client: "dashboard",
      command: ++this.commands,
    };
  }

  // ---- looking ----

  get phase(): SessionState["phase"] {
    if (this.failure) return "FAILED";
    const { step } = this.place;
    if (step === null || step === "hand-over") return "STREAMING";
    if (step === "load" || step === "activate") return "ARMING";
    return step === "roll" ? "CLOSED" : "DRAINED";
  }

  get next(): string {
    const { slots, step } = this.place;
    if (step !== null) return `${step === "hand-over" ? "coordinator" : "upkeep"}: ${step}`;
    const symbol = this.symbols[slots % this.symbols.length];
    return slots >= this.slotsOf(this.place.day) ? "coordinator: hand-over" : `coordinator: publish ${symbol}`;
  }

  state(): SessionState {
    const { mean, worst } = this.quality();
    return {
      state: this.failure ? "failed" : this.playing ? "playing" : "paused",
      mode: this.mode,
      clockSpeed: this.speed || this.clockSpeed,
      phase: this.phase,
      step: this.place.step,
      date: this.date,
      timeUs: this.timeUs,
      opensAtUs: this.opensAtUs,
      closesAtUs: this.closesAtUs,
      day: this.epoch + 1,
      days: this.fakeDays.length,
      minute: this.minute,
      minutes: this.minutes,
      symbols: this.symbols.length,
      published: this.place.slots,
      processed: this.place.slots,
      slots: this.slotsOf(this.epoch),
      run: this.run,
      qualityMean: mean,
      qualityWorst: worst,
      next: this.next,
      why: this.playing ? "" : this.why,
    };
  }

  threads(): ThreadView[] {
    const standing = this.playing ? ("runs" as const) : ("paused" as const);
    const waitsFor = this.playing ? null : "resume";
    const { slots } = this.place;
    return [
      {
        name: "coordinator",
        state: standing,
        position: slots,
        lag: 0,
        would: this.next,
        waitsFor,
        lastEvent: "row published",
      },
      {
        name: "upkeep",
        state: standing,
        position: slots,
        lag: 0,
        would: "take in",
        waitsFor,
        lastEvent: "row taken in",
      },
      {
        name: "prefetch",
        state: "idle",
        position: null,
        lag: 0,
        would: "",
        waitsFor: "a request",
        lastEvent: "2025-07-03 ready",
      },
    ];
  }

  words(): WordView[] {
    const { slots, step, day } = this.place;
    const word = (name: string, value: number, text: string, meaning: string): WordView => ({
      name,
      value,
      text,
      meaning,
      writer: "baton",
    });
    return [
      word("phase", step === null ? 2 : 3, this.phase, "which thread holds the baton"),
      word("epoch", day, String(day), "ordinal of the session in the plan"),
      word("run", this.run, String(this.run), "counts the beginnings"),
      word("position", slots, String(slots), "slots published"),
      word("processed", slots, String(slots), "slots upkeep has taken in"),
    ];
  }

  streams(): StreamView[] {
    return this.symbols.map((symbol, s) => {
      const bars = this.passed(s);
      const last = bars.findLastIndex((bar) => bar !== undefined);
      return {
        symbol,
        lastBarUs: last < 0 ? null : this.opensAtUs + last * MINUTE_US,
        last: bars[last]?.close ?? null,
        left: this.minutes - bars.length,
        atEnd: bars.length === this.minutes,
        endsAtUs: this.closesAtUs - s * MINUTE_US,
      };
    });
  }

  eod(): EodView {
    const at = this.place.step === null ? -1 : EOD_STEPS.indexOf(this.place.step);
    return {
      date: this.date,
      steps: EOD_STEPS.map((step, i) => ({
        step,
        thread: step === "hand-over" ? "coordinator" : "upkeep",
        state:
          i < at
            ? "done"
            : i === at || (at < 0 && i === 0 && this.place.slots === this.slotsOf(this.epoch))
              ? "next"
              : "later",
        durationUs: i < at ? 120 + i * 450 : null,
        fromUs: this.timeUs,
        toUs: this.timeUs,
      })),
      before: this.epoch > 0 ? [{ date: this.fakeDays[0].date, totalUs: 4100 }] : [],
    };
  }

  journal({ symbol, last = 100, kind }: JournalFilter = {}): JournalEntry[] {
    const entries: JournalEntry[] = [];
    for (let minute = 0; minute < this.minute; minute++) {
      for (const [s, name] of this.symbols.entries()) {
        const bar = this.day.bars[s][minute];
        const what = bar ? "bar" : "gap";
        entries.push({
          id: `${this.epoch}.${minute * this.symbols.length + s}.0.0`,
          control: false,
          thread: bar ? "coordinator" : "upkeep",
          date: this.date,
          timeUs: this.opensAtUs + (minute + 1) * MINUTE_US,
          kind: what,
          symbol: name,
          text: bar ? `${name} bar ${bar.close}` : `${name} gap`,
          facts: {},
        });
      }
    }
    if (this.commands > 0)
      entries.push({
        id: null,
        control: true,
        thread: "main",
        date: this.date,
        timeUs: this.timeUs,
        kind: "command",
        symbol: null,
        text: this.why,
        facts: {},
      });
    return entries
      .filter(
        (entry) => (symbol === undefined || entry.symbol === symbol) && (kind === undefined || entry.kind === kind),
      )
      .slice(-last);
  }

  quality(): QualityView;
  quality(symbol: string): SymbolQuality;
  quality(symbol?: string): QualityView | SymbolQuality {
    const symbols = this.symbols.map((name, s) => this.symbolQuality(name, s));
    if (symbol !== undefined) return symbols[this.symbols.indexOf(symbol)];
    const judged = symbols.filter((one) => one.percent !== null);
    const worst = judged.reduce<SymbolQuality | undefined>(
      (low, one) => (low && low.percent! <= one.percent! ? low : one),
      undefined,
    );
    return {
      symbols,
      mean: judged.length === 0 ? null : judged.reduce((sum, one) => sum + one.percent!, 0) / judged.length,
      worst: worst ? { symbol: worst.symbol, percent: worst.percent! } : null,
      outagesUs: [],
    };
  }

  private symbolQuality(symbol: string, s: number): SymbolQuality {
    const bars = this.passed(s);
    const there = bars.filter((bar) => bar !== undefined);
    const percent = bars.length === 0 ? null : (there.length / bars.length) * 100;
    return {
      symbol,
      due: bars.length,
      observed: there.length,
      missing: bars.length - there.length,
      filled: 0,
      percent,
      percent30: percent,
      gaps: 0,
      longestGap: bars.length > there.length ? 1 : 0,
      openGap: 0,
      duplicates: 0,
      conflicts: 0,
      rejected: 0,
      flagged: 0,
      open: there[0]?.open ?? null,
      high: null,
      low: null,
      last: there.at(-1)?.close ?? null,
      volume: there.reduce((sum, bar) => sum + bar.volume, 0),
      absent: false,
    };
  }

  gaps = () => [];

  bars(symbol: string, interval: string | number = 1, range: { last?: number } = {}): BarsView {
    const minutes = Number.parseInt(String(interval), 10);
    const s = this.symbols.indexOf(symbol);
    const due = this.passed(s);
    const buckets = minutes === 1 ? due.length : Math.floor(due.length / minutes);
    const found = Array.from({ length: buckets }, (_, b) => {
      const there = due.slice(b * minutes, (b + 1) * minutes).filter((bar) => bar !== undefined);
      return { start: this.opensAtUs + b * minutes * MINUTE_US, there };
    })
      .filter(({ there }) => there.length > 0)
      .slice(-(range.last ?? Infinity));
    const column = (of: (bars: NonNullable<FakeDay["bars"][number][number]>[]) => number): Float64Array =>
      Float64Array.from(found, ({ there }) => of(there));
    return {
      symbol,
      intervalMinutes: minutes,
      startUs: Float64Array.from(found, ({ start }) => start),
      open: column((there) => there[0].open),
      high: column((there) => Math.max(...there.map((bar) => bar.high))),
      low: column((there) => Math.min(...there.map((bar) => bar.low))),
      close: column((there) => there.at(-1)!.close),
      volume: column((there) => there.reduce((sum, bar) => sum + bar.volume, 0)),
      origin: found.map(() => (minutes === 1 ? "streamed" : "derived")),
      n: Int32Array.from(found, ({ there }) => there.length),
      m: Int32Array.from(found, () => minutes),
      status: found.map(({ there }) => (there.length === minutes ? "complete" : "incomplete")),
    };
  }

  source = () => null;

  minuteStates(symbol: string): Uint8Array {
    const s = this.symbols.indexOf(symbol);
    const states = new Uint8Array(this.minutes);
    for (const [i, bar] of this.passed(s).entries()) states[i] = bar ? MINUTE_STATE.streamed : MINUTE_STATE.missing;
    return states;
  }

  minuteRows(last: number, symbol?: string): MinuteRow[] {
    const asked = this.symbols.filter((name) => symbol === undefined || name === symbol);
    return Array.from({ length: this.minute }, (_, minute): MinuteRow => {
      return {
        startUs: this.opensAtUs + minute * MINUTE_US,
        slots: asked.map((name) => {
          const bar = this.day.bars[this.symbols.indexOf(name)][minute];
          return {
            symbol: name,
            state: MINUTE_STATES[bar ? MINUTE_STATE.streamed : MINUTE_STATE.missing],
            close: bar?.close ?? null,
            volume: bar?.volume ?? null,
            classes: bar ? { streamed: 1 } : { rejected: 1 },
            file: bar ? `${name}.parquet` : null,
            row: bar ? minute : null,
          };
        }),
      };
    }).slice(-last);
  }

  value = () => null;
  events = () => [];
  digest = () => "d1:fake";
  at = () => this.session;
  why_ = () => this.why;
  check = () => [];
  progress = () => ({
    phase: this.phase,
    epoch: this.epoch,
    sessions: this.fakeDays.length,
    date: this.date,
    timeUs: this.timeUs,
    done: 0,
  });
  readonly days = [];
  summary(): ReturnType<Session["summary"]> {
    const error = this.failure as { toPlain?: () => ReturnType<Session["summary"]>["error"] } | undefined;
    return {
      status: this.failure ? "failed" : "stopped",
      sessions: 0,
      sessionsWithoutData: 0,
      bars: 0,
      rows: 0,
      seconds: 0,
      barsPerSecond: 0,
      digest: "d1:fake",
      ...(error?.toPlain ? { error: error.toPlain() } : {}),
    };
  }

  as = () => this.session;

  on<Name extends keyof SessionEvents>(event: Name, listener: SessionEvents[Name]): () => void {
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all);
    all.add(listener as (value: never) => void);
    return () => void all.delete(listener as (value: never) => void);
  }

  emit(event: keyof SessionEvents, value: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(value as never);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
  }

  /** As what it is taken for. */
  get session(): Session {
    return this as unknown as Session;
  }
}
