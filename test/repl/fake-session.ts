/**
 * A session without threads and without data, for tests of what front ends ask of it and show. It moves at once, or, with
 * `endless`, plays until something ends it; it keeps what it was asked.
 */
import {
  plainError,
  UsageError,
  type Breakpoint,
  type Catalog,
  type ClosedDay,
  type Difference,
  type LogEntry,
  type Mark,
  type PlainError,
  type Session,
  type SessionState,
  type Stop,
  type StopReason,
  type SymbolQuality,
  type ThreadView,
  type View,
} from "../../src/engine/index.js";
import { fakeCatalog, fakeDay, MINUTE_US, OPEN_US } from "./fakes.js";

export interface FakeSessionOptions {
  readonly catalog?: Catalog;
  readonly days?: readonly ClosedDay[];
  readonly warmUpUntilUs?: number;
  /** Where the session stands, from the first look on. */
  readonly standsAt?: { readonly epoch: number; readonly date: string; readonly timeUs: number };
  /** Rejects `play` after the days. */
  readonly error?: Error;
  /** `play`, `continue` and `until` go on until another command, or the end, comes between. */
  readonly endless?: boolean;
  /** What `play` and `until` answer, in turn, before they answer as usual. */
  readonly stops?: readonly Partial<Stop>[];
  readonly broken?: readonly string[];
  readonly difference?: Difference;
}

export interface FakeSession extends Session {
  readonly disposed: boolean;
  /** What it was asked, e.g. `step 2 phase`. */
  readonly calls: readonly string[];
  /** Ends the move under way. */
  arrive(reason: StopReason, why: string): void;
  /** Tells the listeners of `log`. */
  hitLogPoint(entry: LogEntry): void;
}

export function fakeStop(overrides: Partial<Stop> = {}): Stop {
  return {
    reason: "step",
    why: "step",
    phase: "STREAMING",
    step: undefined,
    timeUs: OPEN_US + 388 * MINUTE_US,
    position: { run: 0, epoch: 0, date: "2013-10-07", slots: 388, processed: 388, slotsDue: 390 },
    next: "coordinator: publish SPY, minute 389 of 390",
    breakpoints: [],
    watches: [],
    client: "main",
    command: 1,
    ...overrides,
  };
}

export function fakeThreads(): ThreadView[] {
  const waits = { state: "waits", lastEvent: "", waitsFor: null } as const;
  return [
    { ...waits, name: "coordinator", position: 390, lag: 0, would: "waits: the next day is not active" },
    { ...waits, name: "upkeep", position: 390, lag: 0, would: "drain", lastEvent: "took in SPY 15:59" },
    { ...waits, name: "prefetch", state: "idle", position: null, lag: 0, would: "2013-10-08 ready" },
  ];
}

export function fakeQuality(overrides: Partial<SymbolQuality> = {}): SymbolQuality {
  return {
    symbol: "SPY",
    due: 388,
    observed: 387,
    missing: 1,
    filled: 0,
    percent: 99.742,
    percent30: 96.666,
    gaps: 1,
    longestGap: 1,
    openGap: 0,
    duplicates: 0,
    conflicts: 0,
    rejected: 2,
    flagged: 0,
    open: 167.43,
    high: 168.45,
    low: 167.25,
    last: 167.42,
    volume: 81_489_219,
    absent: false,
    ...overrides,
  };
}

export function fakeState(overrides: Partial<SessionState> = {}): SessionState {
  return {
    state: "paused",
    mode: "data",
    clockSpeed: 60,
    phase: "STREAMING",
    step: null,
    date: "2013-10-07",
    timeUs: OPEN_US + 388 * MINUTE_US,
    opensAtUs: OPEN_US,
    closesAtUs: OPEN_US + 390 * MINUTE_US,
    day: 1,
    days: 1,
    minute: 388,
    minutes: 390,
    symbols: 1,
    published: 388,
    processed: 388,
    slots: 390,
    run: 0,
    qualityMean: 99.742,
    qualityWorst: { symbol: "SPY", percent: 99.742 },
    next: "coordinator: publish SPY, minute 389 of 390",
    why: "until 15:58",
    ...overrides,
  };
}

const unused = (): never => {
  throw new Error("not part of this fake");
};

/** What can be seen: a little of everything. */
function fakeView(): View {
  const symbol = fakeQuality();
  const one = <Value>(value: Value) => Float64Array.of(Number(value));
  return {
    date: "2013-10-07",
    epoch: 0,
    timeUs: OPEN_US + 388 * MINUTE_US,
    opensAtUs: OPEN_US,
    closesAtUs: OPEN_US + 390 * MINUTE_US,
    minute: 388,
    minutes: 390,
    barCount: 1551,
    quality: ((name?: string) =>
      name === undefined
        ? { symbols: [symbol], mean: 99.742, worst: { symbol: "SPY", percent: 99.742 }, outagesUs: [OPEN_US] }
        : symbol) as View["quality"],
    gaps: () => [{ symbol: "SPY", startUs: OPEN_US, endUs: OPEN_US + MINUTE_US, bars: 1, open: false }],
    bars: (name, interval) => ({
      symbol: name,
      intervalMinutes: Number(interval ?? 1),
      startUs: one(OPEN_US),
      open: one(1),
      high: one(2),
      low: one(0.5),
      close: one(1.5),
      volume: one(1000),
      origin: [interval === undefined ? "filled" : "derived"],
      n: Int32Array.of(4),
      m: Int32Array.of(5),
      status: ["incomplete"],
    }),
    source: unused,
    minuteStates: unused,
    minuteRows: (_last, name) => [
      {
        startUs: OPEN_US,
        slots: [
          {
            symbol: name ?? "SPY",
            state: "streamed",
            close: 167.42,
            volume: 1000,
            classes: { streamed: 1, duplicate: 2 },
            file: "SPY.parquet",
            row: 7,
          },
        ],
      },
    ],
    value: unused,
    events: () => [],
    digest: () => "d1:abcd",
  };
}

/** A session that moves at once and closes its days when it is played. */
export function fakeSession(options: FakeSessionOptions = {}): FakeSession {
  const { catalog = fakeCatalog(), days = [fakeDay()], error, endless = false, warmUpUntilUs } = options;
  const { standsAt = { epoch: 0, date: "2013-10-07", timeUs: OPEN_US } } = options;
  const listeners = { day: new Set(), stop: new Set(), log: new Set(), change: new Set() } as Record<
    string,
    Set<(value: never) => void>
  >;
  const calls: string[] = [];
  const stops = [...(options.stops ?? [])];
  const points: Breakpoint[] = [];
  const marks: Mark[] = [];
  let watches: string[] = [];
  let disposed = false;
  let failed: PlainError | undefined;
  let speed = 0;
  let lastStop = fakeStop({ reason: "opened", why: "opened" });
  let command = 0;
  let underWay: ((reason: StopReason, why: string) => void) | undefined;
  let nextId = 1;

  const answer = (overrides: Partial<Stop>): Stop => {
    lastStop = fakeStop({ command: ++command, watches: session.watches(), ...overrides });
    return lastStop;
  };
  const cut = (reason: StopReason, why: string): void => {
    const end = underWay;
    underWay = undefined;
    end?.(reason, why);
  };
  const move = (text: string, reason: StopReason, why = text): Stop => {
    calls.push(text);
    cut("superseded", `superseded by ${text}`);
    return answer({ reason, why, ...stops.shift() });
  };
  const goOn = async (text: string, reason: StopReason): Promise<Stop> => {
    calls.push(text);
    cut("superseded", `superseded by ${text}`);
    const scripted = stops.shift();
    if (scripted) return answer({ reason, why: text, ...scripted });
    for (const day of days) for (const listener of listeners.day) listener(day as never);
    if (error) {
      failed = plainError(error);
      throw error;
    }
    if (endless && !disposed)
      return new Promise((resolve) => {
        underWay = (cutBy, why) => resolve(answer({ reason: cutBy, why }));
      });
    return answer({ reason: disposed ? "stopped" : reason, why: text });
  };
  const dispose = async (): Promise<void> => {
    disposed = true;
    cut("stopped", "the session has been stopped");
  };
  const find = (id: number): Breakpoint => {
    const point = points.find((one) => one.id === id);
    if (!point) throw new UsageError(`there is no breakpoint ${id}`);
    return point;
  };
  const stepText = (verb: string, words: readonly unknown[]): string =>
    [verb, ...words.filter((word) => word !== undefined)].join(" ");

  const session: FakeSession = {
    ...fakeView(),
    info: {
      catalog,
      options: { path: "data" },
      intervals: [5, 15],
      fill: "none",
      ...(warmUpUntilUs && { warmUpUntilUs }),
    },
    play: () => goOn("play", "finished"),
    async pause() {
      calls.push("pause");
      cut("paused", "paused");
      return answer({ reason: "paused", why: "paused" });
    },
    step: async (...words) => move(stepText("step", words), "step"),
    back: async (...words) => move(stepText("back", words), "back"),
    reverseContinue: async () => move("reverse-continue", "breakpoint"),
    until: (target) => goOn(`until ${String(target)}`, "until"),
    goto: async (target) => move(`goto ${target}`, "goto"),
    stepThread: async (...words) => move(stepText("thread", words), "step"),
    setSpeed(wanted) {
      calls.push(`speed ${wanted}`);
      speed = wanted === "max" ? 0 : wanted;
    },
    get speed() {
      return speed;
    },
    setMode(mode) {
      calls.push(`mode ${mode}`);
      speed = mode === "data" ? 0 : 60;
    },
    get mode() {
      return speed === 0 ? "data" : "clock";
    },
    break(condition, { temporary = false, log = false, ignore = 0 } = {}) {
      if (condition === "nonsense") throw new UsageError('"nonsense" is no condition', "write gap>=3");
      const point = { id: nextId++, text: String(condition), temporary, log, hits: 0, ignore };
      points.push(point);
      return point;
    },
    delete(id) {
      points.splice(points.indexOf(find(id)), 1);
    },
    ignore(id, count) {
      points[points.indexOf(find(id))] = { ...find(id), ignore: count };
    },
    breakpoints: () => [...points],
    mark(name) {
      const made = { name, date: "2013-10-07", timeUs: lastStop.timeUs, text: "Mon 2013-10-07 15:58" };
      marks.push(made);
      return made;
    },
    marks: () => [...marks],
    watch: (text) => void watches.push(text),
    unwatch(text) {
      if (!watches.includes(text)) throw new UsageError(`${text} is not watched`);
      watches = watches.filter((one) => one !== text);
    },
    watches: () => watches.map((text) => ({ text, value: 167.42 })),
    at: unused,
    state: () => fakeState({ state: underWay ? "playing" : "paused" }),
    threads: fakeThreads,
    words: () => [
      { name: "phase", value: 2, text: "STREAMING", meaning: "which thread holds the baton", writer: "baton" },
      { name: "position", value: 388, text: "388", meaning: "slots published", writer: "coordinator" },
    ],
    streams: () => [
      { symbol: "AIG", lastBarUs: OPEN_US, last: 48.5, left: 0, atEnd: true, endsAtUs: OPEN_US + MINUTE_US },
      { symbol: "SPY", lastBarUs: OPEN_US, last: 167.42, left: 2, atEnd: false, endsAtUs: OPEN_US + 390 * MINUTE_US },
      { symbol: "XYZ", lastBarUs: null, last: null, left: 0, atEnd: true, endsAtUs: null },
    ],
    eod: () => ({
      date: "2013-10-07",
      steps: [
        { step: "hand-over", thread: "coordinator", state: "done", durationUs: 40, fromUs: OPEN_US, toUs: OPEN_US },
        {
          step: "drain",
          thread: "upkeep",
          state: "next",
          durationUs: null,
          fromUs: OPEN_US,
          toUs: OPEN_US + MINUTE_US,
        },
      ],
      before: [{ date: "2013-10-04", totalUs: 4200 }],
    }),
    journal: () => [
      {
        id: "0.5.5.0",
        control: false,
        thread: "upkeep",
        date: "2013-10-07",
        timeUs: OPEN_US,
        kind: "gap",
        symbol: "SPY",
        text: "SPY gap 09:30–09:31",
        facts: { startUs: OPEN_US },
      },
      {
        id: null,
        control: true,
        thread: "main",
        date: "2013-10-07",
        timeUs: OPEN_US,
        kind: "command",
        symbol: null,
        text: "until 15:58",
        facts: {},
      },
    ],
    why: () => ["stopped: until 15:58", "upkeep waits: SPY 15:58 is not published"],
    check: () => [...(options.broken ?? [])],
    progress: () => ({ phase: "STREAMING", sessions: 1, done: 0.5, ...standsAt }),
    get lastStop() {
      return lastStop;
    },
    days,
    summary: () => ({
      status: failed ? "failed" : disposed ? "stopped" : "finished",
      sessions: days.length,
      sessionsWithoutData: catalog.withoutData.count,
      bars: days.reduce((sum, day) => sum + day.record.symbols.reduce((n, symbol) => n + symbol.streamed, 0), 0),
      rows: catalog.rows,
      seconds: 0.25,
      barsPerSecond: 1560,
      digest: "d1:abcd",
      ...(failed ? { error: failed } : {}),
    }),
    files: () => [
      { path: "SPY.parquet", rows: 400, classes: { streamed: 390, preMarket: 4, afterHours: 5, atClose: 1 } },
    ],
    async save(file) {
      calls.push(`save ${file}`);
      return 12;
    },
    async diff(other) {
      calls.push(`diff ${String(other)}`);
      return (
        options.difference ?? {
          equal: true,
          text: "no difference",
          date: null,
          timeUs: null,
          symbol: null,
          compared: { days: 1, minutes: 390, events: 7 },
        }
      );
    },
    async exportJournal(file) {
      calls.push(`journal ${file}`);
      return 3;
    },
    async exportTrace(file) {
      calls.push(`trace ${file}`);
      return 1;
    },
    as: () => session,
    on(event, listener) {
      listeners[event].add(listener as never);
      return () => void listeners[event].delete(listener as never);
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
    get disposed() {
      return disposed;
    },
    calls,
    arrive: cut,
    hitLogPoint(entry) {
      for (const listener of listeners.log) listener(entry as never);
    },
  };
  return session;
}
