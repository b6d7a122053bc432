/**
 * What each thread does, would do next, or waits for, in words. Asks the threads' own rules about the words they share,
 * as they would be if everything were set free to run to the end; acts on nothing.
 */
import { exchangeTime } from "../market/time-zones.js";
import { FLAG_PRESENT } from "../market/bars.js";
import { MINUTE_US } from "../market/time.js";
import { streamsEnd, type Segment } from "../memory/segment.js";
import { TRACED_THREADS, type TracedThread } from "../memory/trace.js";
import type { SessionPlan } from "../plan.js";
import { Coordinator } from "../protocol/coordinator.js";
import { EOD_STEPS, PHASE, STEP } from "../protocol/phases.js";
import { endPlace } from "../protocol/places.js";
import { goalPending, type ProtocolConfig } from "../protocol/process.js";
import { Upkeep } from "../protocol/upkeep.js";
import { LOAD, loadState, RELEASE, W, type Words } from "../protocol/words.js";
import { passText, slotText } from "./describe.js";
import type { StreamView, ThreadView } from "./views.js";

/** What there is to be asked. */
export interface ThreadsOf {
  readonly plan: SessionPlan;
  readonly config: ProtocolConfig;
  readonly words: Words;
  /** Holds the present session; undefined: it has not begun. */
  readonly segment: Segment | undefined;
  /** What a thread did last, in words. */
  lastEvent(thread: TracedThread): string;
}

/** Coordinator, upkeep, prefetch. */
export function threadViews(of: ThreadsOf): ThreadView[] {
  return TRACED_THREADS.map((thread) => threadView(of, thread));
}

/** A line a thread: what it would do or waits for. */
export function whyLines(threads: readonly ThreadView[]): string[] {
  return threads.map(({ name, would }) => `${name}: ${would}`);
}

function threadView(of: ThreadsOf, name: TracedThread): ThreadView {
  const { words } = of;
  const position = words.load(W.position);
  const processed = words.load(W.processed);
  const { text, waits } = hasLeft(words, name) ? { text: "left", waits: false } : nextOf(of, name);
  const state = stateOf(of, name, waits);
  const does = waits ? `waits: ${text}` : text;
  return {
    name,
    state,
    position: name === "coordinator" ? position : name === "upkeep" ? processed : null,
    lag: name === "prefetch" ? 0 : position - processed,
    would: state === "held" ? `held; ${waits ? does : `would ${does}`}` : does,
    waitsFor: waits ? text : null,
    lastEvent: of.lastEvent(name),
  };
}

const LEFT_WORD = { coordinator: W.leftCoordinator, upkeep: W.leftUpkeep, prefetch: W.leftPrefetch };

function hasLeft(words: Words, thread: TracedThread): boolean {
  return words.load(LEFT_WORD[thread]) === 1;
}

function stateOf({ words }: ThreadsOf, name: TracedThread, waits: boolean): ThreadView["state"] {
  if (hasLeft(words, name)) return "left";
  if (name === "prefetch") return waits ? "idle" : "runs";
  if (words.load(W.phase) >= PHASE.finished) return "idle";
  const release = words.load(W.release);
  if (release === (name === "coordinator" ? RELEASE.upkeep : RELEASE.coordinator)) return "held";
  const control = words.load(W.control);
  const acknowledged = words.load(name === "coordinator" ? W.ackCoordinator : W.ackUpkeep);
  const isPaused = control % 2 === 1 && acknowledged === control;
  if (isPaused || !goalPending(words.load(W.goalId), words.load(W.answered))) return "paused";
  return waits ? "waits" : "runs";
}

interface Next {
  /** What it would do, or what it waits for. */
  readonly text: string;
  readonly waits: boolean;
}
const does = (text: string): Next => ({ text, waits: false });
const waitsFor = (text: string): Next => ({ text, waits: true });

function nextOf(of: ThreadsOf, thread: TracedThread): Next {
  switch (thread) {
    case "coordinator":
      return nextOfCoordinator(of);
    case "upkeep":
      return nextOfUpkeep(of);
    case "prefetch":
      return nextOfPrefetch(of);
  }
}

function nextOfCoordinator(of: ThreadsOf): Next {
  const { plan, config, words, segment } = of;
  const asIf = new WordsAsIf(words, config);
  const coordinator = new Coordinator(asIf, config, {
    endOfStreams: () => endOfStreams(of),
    publish: refuse,
    monotonicUs: () => 0,
  });
  // Its private state is its own; what matters of it can be told from the words. The clock stands at the time shown.
  Object.assign(coordinator.registers, {
    run: words.load(W.run),
    epoch: words.load(W.epoch),
    cursor: words.load(W.position),
    anchorGoal: asIf.load(W.goalId),
    anchorControl: asIf.load(W.control),
    anchorSpeed: words.load(W.speed) / 1000,
    anchorSimUs: words.loadTime(),
    anchorMonoUs: 0,
  });
  if (!coordinator.wouldWait()) {
    const { kind, from } = coordinator.decided;
    return does(kind === "publish" ? passText(plan, words.load(W.epoch), from, segment) : kind);
  }
  const phase = words.load(W.phase);
  if (phase >= PHASE.finished) return waitsFor("a command");
  if (phase !== PHASE.streaming) return waitsFor(`upkeep holds the baton (next: ${stepOf(words)})`);
  if (coordinator.decided.atUs === 0) return waitsFor(`upkeep takes in ${presentSlot(of, words.load(W.processed))}`);
  const row = Math.floor(words.load(W.position) / plan.symbols.length);
  const rowEndUs = plan.sessions[words.load(W.epoch)].openUs + (row + 1) * MINUTE_US;
  return waitsFor(`the clock reaches ${exchangeTime(rowEndUs, plan.exchangeZone)}`);
}

function nextOfUpkeep(of: ThreadsOf): Next {
  const { plan, config, words } = of;
  const upkeep = new Upkeep(new WordsAsIf(words, config), config, {
    process: refuse,
    forceClose: refuse,
    chooseSegment: refuse,
    releaseLoad: refuse,
    activate: refuse,
    finalize: refuse,
    verify: refuse,
    record: refuse,
    tell: refuse,
  });
  const phase = words.load(W.phase);
  const epoch = words.load(W.epoch);
  if (phase >= PHASE.finished) return waitsFor("a command");
  if (!upkeep.wouldWait()) {
    const { kind, from, epoch: asked } = upkeep.decided;
    switch (kind) {
      case "process":
      case "process-drained":
        return does(`take in ${presentSlot(of, from)}`);
      case "request":
        return does(`ask for ${plan.sessions[asked].date}`);
      case "load":
      case "activate":
        return does(`${kind} ${plan.sessions[epoch].date}`);
      case "roll":
        return does(`roll to ${plan.sessions[epoch + 1].date}`);
      case "seek":
        return does(`begin again at ${plan.sessions[words.load(W.seekEpoch)].date}`);
      default:
        return does(kind);
    }
  }
  if (phase === PHASE.streaming) {
    const processed = words.load(W.processed);
    if (processed >= endOfStreams(of)) return waitsFor("the coordinator holds the baton (next: hand-over)");
    return waitsFor(`${presentSlot(of, processed)} is not published`);
  }
  const { date } = plan.sessions[epoch];
  const failed = loadState(words.load(W.load0 + (epoch % 2))) === LOAD.failed;
  return waitsFor(failed ? `nothing: ${date} could not be loaded` : `prefetch is loading ${date}`);
}

/** Prefetch takes what it is asked for; what it is at is in the load slots. */
function nextOfPrefetch({ plan, words }: ThreadsOf): Next {
  const dateIn = (wanted: number): string | undefined => {
    const slots = [0, 1].filter((slot) => loadState(words.load(W.load0 + slot)) === wanted);
    const epochs = slots.map((slot) => words.load(W.loadEpoch0 + slot));
    return epochs.length === 0 ? undefined : plan.sessions[Math.min(...epochs)].date;
  };
  const date = dateIn(LOAD.loading) ?? dateIn(LOAD.requested);
  return date === undefined ? waitsFor("a day to load") : does(`load ${date}`);
}

/** Name of the end-of-day step that comes next, or what upkeep does instead of one. */
function stepOf(words: Words): string {
  const phase = words.load(W.phase);
  const step = words.load(W.step);
  if (phase === PHASE.seeking) return "begin again";
  if (phase === PHASE.drained && step === STEP.none) return "drain";
  return EOD_STEPS[step - 1] ?? "nothing";
}

function endOfStreams({ segment }: ThreadsOf): number {
  return segment ? streamsEnd(segment) * segment.shape.symbols : 0;
}

/** A slot of the present session: `AIG 15:58`. */
function presentSlot({ plan, words }: ThreadsOf, slot: number): string {
  return slotText(plan, words.load(W.epoch), slot);
}

function refuse(): never {
  throw new Error("bardeck bug: a look at the threads acts");
}

/** The words as if a goal to the end of the range had been posted, both threads set free and no pause asked for. */
class WordsAsIf implements Words {
  private readonly changed: ReadonlyMap<number, number>;

  constructor(
    private readonly words: Words,
    config: ProtocolConfig,
  ) {
    const end = endPlace(config.shape);
    const control = words.load(W.control);
    this.changed = new Map([
      [W.goalId, Math.max(words.load(W.goalId), words.load(W.answered)) + 1],
      [W.goalEpoch, end.epoch],
      [W.goalOrdinal, end.ordinal],
      [W.control, control + (control % 2)],
      [W.release, RELEASE.both],
      [W.watch, 0],
    ]);
  }

  load(word: number): number {
    return this.changed.get(word) ?? this.words.load(word);
  }
  loadTime(): number {
    return this.words.loadTime();
  }
  store = refuse;
  swap = refuse;
  ring = refuse;
  clear = refuse;
  storeTime = refuse;
}

/** How far each symbol's stream has come at `position`, in the order of the plan. */
export function streamViews(plan: SessionPlan, epoch: number, segment: Segment, position: number): StreamView[] {
  const { symbols } = plan;
  const { openUs, minutes } = plan.sessions[epoch];
  const { flags } = segment.source;
  const { close } = segment.published.bars;
  const passed = new Int32Array(symbols.length).fill(-1); // slot of the last bar passed
  const final = new Int32Array(symbols.length).fill(-1); // and of the day's last
  const left = new Int32Array(symbols.length);
  for (let slot = 0, symbol = 0; slot < minutes * symbols.length; slot++) {
    if ((flags[slot] & FLAG_PRESENT) !== 0) {
      final[symbol] = slot;
      if (slot < position) passed[symbol] = slot;
      else left[symbol]++;
    }
    if (++symbol === symbols.length) symbol = 0;
  }
  const startOf = (slot: number): number => openUs + Math.floor(slot / symbols.length) * MINUTE_US;
  return symbols.map((symbol, s) => ({
    symbol,
    lastBarUs: passed[s] < 0 ? null : startOf(passed[s]),
    last: passed[s] < 0 ? null : close[passed[s]],
    left: left[s],
    atEnd: left[s] === 0,
    endsAtUs: final[s] < 0 ? null : startOf(final[s]) + MINUTE_US,
  }));
}
