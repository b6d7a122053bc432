/**
 * The coordinator's rules: walk the day's grid, publish it, move time, hand the day over when every stream
 * has ended. The only mover of time while a day streams. Knows neither the grid nor the clock's source:
 * both are behind `CoordinatorWork`.
 */
import { MINUTE_US } from "../market/time.js";
import { monotonicTime, simulatedTime, type ClockAnchor } from "./clock.js";
import { PHASE, STEP } from "./phases.js";
import { slotCount, stepPlace, timeAtPosition } from "./places.js";
import { goalPending, Process, withBooleanPause, type ProtocolConfig } from "./process.js";
import { RELEASE, W, type Words } from "./words.js";

/** What the coordinator does to the world besides writing words. */
export interface CoordinatorWork {
  /** Position after the minute of the last bar of the session being streamed: there every stream is at its end. */
  endOfStreams(epoch: number): number;
  /** Copies source slots [from, to) into the published grid. */
  publish(epoch: number, from: number, to: number): void;
  /** Monotonic time, microseconds. Read only while a clock runs. */
  monotonicUs(): number;
}

/** What one look at the words (and the clock) shows. */
export interface CoordinatorView {
  stop: number;
  control: number;
  acknowledged: number;
  phase: number;
  epoch: number;
  run: number;
  goalId: number;
  goalEpoch: number;
  goalOrdinal: number;
  release: number;
  answered: number;
  processed: number;
  endOfStreams: number;
  speed: number;
  monotonicUs: number;
  timeUs: number;
}

/**
 * Private state, tagged with the run and session it belongs to and dropped when they have changed: the
 * cursor is the next slot to publish; the anchor is the clock's.
 */
export interface CoordinatorRegisters {
  run: number;
  epoch: number;
  cursor: number;
  anchorGoal: number;
  anchorControl: number;
  anchorSpeed: number;
  anchorSimUs: number;
  anchorMonoUs: number;
  /** Goal that released this thread alone and whose event it has done. */
  eventGoal: number;
}

type Effect =
  | "clear-acknowledgement"
  | "acknowledge"
  | "copy-rows"
  | "position"
  | "time"
  | "phase"
  | "answer"
  | "anchor"
  | "left"
  | "ring-upkeep"
  | "ring-main";

/** Each decision and the shared writes that carry it out, in order: rows, then position, then time, then the bell. */
export const COORDINATOR_ACTIONS = {
  wait: [],
  leave: ["left", "ring-main"],
  acknowledge: ["acknowledge", "ring-upkeep", "ring-main"],
  anchor: ["anchor"],
  publish: ["copy-rows", "position", "time", "ring-upkeep"],
  "run-clock": ["time"],
  answer: ["answer", "ring-main"],
  "hand-over": ["phase", "ring-upkeep"],
} as const satisfies Record<string, readonly Effect[]>;

export interface CoordinatorAction {
  kind: keyof typeof COORDINATOR_ACTIONS;
  /** Slots [from, to) to publish. */
  from: number;
  to: number;
  /** `publish`, `run-clock`: the time to write. `wait`: monotonic time to look again at, 0 for none. Microseconds. */
  atUs: number;
  /** The control generation acknowledged or the goal answered: as seen, since main may have moved on. */
  value: number;
  /** Goal whose one event this is, 0 when both threads are free. */
  event: number;
}

/** How often time is written while a clock runs between two rows, in microseconds of the monotonic source. */
const CLOCK_TICK_US = 50_000;

/**
 * Decides the coordinator's next action from a view: pure but for filling `action`.
 * Pause before goal, goal before streams; a limit is never passed.
 */
export function decideCoordinator(
  view: CoordinatorView,
  own: CoordinatorRegisters,
  config: ProtocolConfig,
  action: CoordinatorAction,
): void {
  const { bugs } = config;
  action.from = action.to = action.atUs = action.value = action.event = 0;
  action.kind = "wait";
  if (view.stop === 1 || (bugs.has("coordinator-leaves-at-finish") && view.phase === PHASE.finished)) {
    action.kind = "leave";
    return;
  }
  if (view.control % 2 === 1) {
    if (bugs.has("boolean-pause") ? view.acknowledged === 0 : view.acknowledged !== view.control) {
      action.kind = "acknowledge";
      action.value = bugs.has("boolean-pause") ? 1 : view.control;
    }
    return;
  }
  const pending = goalPending(view.goalId, view.answered);
  if (view.release === RELEASE.upkeep && !bugs.has("held-thread-moves")) return;
  if (view.release === RELEASE.coordinator) {
    if (pending) decideEvent(view, own, config, action);
    return;
  }
  if (view.phase === PHASE.streaming && pending) decideStreaming(view, own, config, action);
}

/** Released alone: one event, be it a slot or the hand-over, and the answer; or the answer at once when it could only wait for upkeep. */
function decideEvent(
  view: CoordinatorView,
  own: CoordinatorRegisters,
  config: ProtocolConfig,
  action: CoordinatorAction,
): void {
  const done = own.eventGoal === view.goalId && !config.bugs.has("event-by-batch");
  if (!done && view.phase === PHASE.streaming) decideStreaming(view, own, config, action);
  if (action.kind === "publish" || action.kind === "hand-over") {
    action.event = view.goalId;
  } else {
    action.kind = "answer";
    action.value = view.goalId;
  }
}

/** STREAMING under a goal: publish up to the limit, the credit and the clock; at the end of all streams hand over. */
function decideStreaming(
  view: CoordinatorView,
  own: CoordinatorRegisters,
  config: ProtocolConfig,
  action: CoordinatorAction,
): void {
  const { bugs, shape } = config;
  const alone = view.release === RELEASE.coordinator;
  const speed = alone ? 0 : view.speed; // an event is a step, and a step does not wait for the clock
  const tagged = own.run === view.run && own.epoch === view.epoch;
  const kept = bugs.has("seek-keeps-bar-in-hand") && own.epoch === view.epoch;
  const cursor = tagged || kept ? own.cursor : 0;
  const slots = slotCount(shape, view.epoch);
  const end = view.endOfStreams;
  const late = bugs.has("limit-one-late") ? 1 : 0;
  const limited = view.goalEpoch <= view.epoch;
  const limit = limited ? view.goalOrdinal : slots + STEP.roll;
  const handOver = stepPlace(shape, view.epoch, STEP.handOver).ordinal;
  if (cursor >= limit + late || (cursor >= end && limit <= handOver)) {
    if (view.processed >= cursor || bugs.has("answer-before-upkeep")) action.kind = "answer";
    action.value = view.goalId;
    return;
  }
  if (cursor >= end) {
    action.kind = "hand-over";
    return;
  }

  let to = Math.min(limit + late, end);
  const credit = view.processed + config.creditSlots;
  if (to > credit) to = wholeRows(credit, shape.symbolCount);
  if (to > cursor + config.batchSlots) to = wholeRows(cursor + config.batchSlots, shape.symbolCount);
  if (alone) to = Math.min(to, cursor + 1);
  if (speed > 0) {
    const reached = clockReached(view, own, config, action);
    if (reached < 0) return;
    to = Math.min(to, reached);
  }
  if (to <= cursor) return; // waits for credit, or for the clock (action.atUs)
  action.kind = "publish";
  action.from = cursor;
  action.to = to;
  action.atUs = Math.max(timeAtPosition(shape, view.epoch, to), speed > 0 ? view.timeUs : 0);
}

/** Slots whose minute the clock has reached; −1 when the clock has to be anchored or time moved first. Sets when to look again. */
function clockReached(
  view: CoordinatorView,
  own: CoordinatorRegisters,
  config: ProtocolConfig,
  action: CoordinatorAction,
): number {
  const { shape } = config;
  const anchored =
    own.run === view.run &&
    own.epoch === view.epoch &&
    own.anchorGoal === view.goalId &&
    own.anchorControl === view.control &&
    own.anchorSpeed === view.speed;
  if (!anchored) {
    action.kind = "anchor";
    return -1;
  }
  const anchor: ClockAnchor = { simUs: own.anchorSimUs, monoUs: own.anchorMonoUs, speed: own.anchorSpeed };
  const openUs = shape.openUs(view.epoch);
  const nowUs = simulatedTime(anchor, view.monotonicUs, shape.closeUs(view.epoch));
  // A monotonic clock in microseconds may land a fraction short of the row's end it was woken for.
  const rows = Math.floor((nowUs - openUs + 0.5) / MINUTE_US);
  const reached = rows * shape.symbolCount;
  if (reached > own.cursor) return reached;
  if (nowUs >= view.timeUs + CLOCK_TICK_US * view.speed) {
    action.kind = "run-clock";
    action.atUs = Math.floor(nowUs);
    return -1;
  }
  const rowEndUs = openUs + (Math.floor(own.cursor / shape.symbolCount) + 1) * MINUTE_US;
  action.atUs = monotonicTime(anchor, Math.min(rowEndUs, view.timeUs + CLOCK_TICK_US * view.speed));
  return reached;
}

function wholeRows(slots: number, symbolCount: number): number {
  return Math.floor(slots / symbolCount) * symbolCount;
}

/** The coordinator as a process: looks, decides, performs. */
export class Coordinator extends Process<CoordinatorAction, Effect> {
  readonly registers: CoordinatorRegisters & Record<string, number> = {
    run: 0,
    epoch: 0,
    cursor: 0,
    anchorGoal: -1,
    anchorControl: 0,
    anchorSpeed: 0,
    anchorSimUs: 0,
    anchorMonoUs: 0,
    eventGoal: 0,
  };
  readonly action: CoordinatorAction & Record<string, number | string> = {
    kind: "wait",
    from: 0,
    to: 0,
    atUs: 0,
    value: 0,
    event: 0,
  };
  protected readonly bell = W.bellCoordinator;
  protected readonly readGroups = 1;
  protected readonly effects: { readonly [kind: string]: readonly Effect[] };
  private readonly view: CoordinatorView = {
    stop: 0,
    control: 0,
    acknowledged: 0,
    phase: 0,
    epoch: 0,
    run: 0,
    goalId: 0,
    goalEpoch: 0,
    goalOrdinal: 0,
    release: 0,
    answered: 0,
    processed: 0,
    endOfStreams: 0,
    speed: 0,
    monotonicUs: 0,
    timeUs: 0,
  };

  constructor(
    words: Words,
    config: ProtocolConfig,
    private readonly work: CoordinatorWork,
  ) {
    super(words, config);
    this.bellAfterLook = config.bugs.has("bell-after-look-coordinator");
    this.effects = withBooleanPause(config, {
      ...COORDINATOR_ACTIONS,
      ...(config.bugs.has("time-before-bar") && { publish: ["position", "time", "copy-rows", "ring-upkeep"] }),
      ...(config.bugs.has("ack-without-ring") && { acknowledge: ["acknowledge", "ring-main"] }),
    });
  }

  /** The goal id is read before its limit: main writes them the other way round. */
  protected look(): void {
    const { words, view } = this;
    view.stop = words.load(W.stop);
    view.control = words.load(W.control);
    view.acknowledged = words.load(W.ackCoordinator);
    view.goalId = words.load(W.goalId);
    view.goalEpoch = words.load(W.goalEpoch);
    view.goalOrdinal = words.load(W.goalOrdinal);
    view.release = words.load(W.release);
    view.answered = words.load(W.answered);
    view.phase = words.load(W.phase);
    if (view.phase !== PHASE.streaming) return;
    view.run = words.load(W.run);
    view.epoch = words.load(W.epoch);
    view.processed = words.load(W.processed);
    view.endOfStreams = this.work.endOfStreams(view.epoch);
    view.speed = words.load(W.speed) / 1000;
    if (view.speed > 0) {
      view.monotonicUs = this.work.monotonicUs();
      view.timeUs = words.loadTime();
    }
  }

  protected decide(): void {
    decideCoordinator(this.view, this.registers, this.config, this.action);
  }

  protected perform(effect: Effect): boolean {
    const { words, action, view, registers: own } = this;
    if (action.event > 0) own.eventGoal = action.event;
    switch (effect) {
      case "clear-acknowledgement":
        words.store(W.ackCoordinator, 0);
        break;
      case "acknowledge":
        words.store(W.ackCoordinator, action.value);
        break;
      case "copy-rows":
        this.work.publish(words.load(W.epoch), action.from, action.to);
        break;
      case "position":
        own.run = words.load(W.run);
        own.epoch = words.load(W.epoch);
        own.cursor = action.to;
        if (view.speed === 0) own.anchorSpeed = 0;
        words.store(W.position, action.to);
        break;
      case "time":
        words.storeTime(action.atUs);
        break;
      case "phase":
        words.store(W.phase, PHASE.drained);
        break;
      case "answer":
        words.store(W.answered, action.value);
        break;
      case "anchor":
        this.anchor(view);
        break;
      case "left":
        words.store(W.leftCoordinator, 1);
        break;
      case "ring-upkeep":
        words.ring(W.bellUpkeep);
        break;
      case "ring-main":
        words.ring(W.bellMain);
        break;
    }
    return true;
  }

  /** Private: the clock starts to count from the time it stands at, so that a change of speed neither jumps nor drifts. */
  private anchor(view: CoordinatorView): void {
    const own = this.registers;
    const speedOnly =
      own.anchorSpeed > 0 &&
      own.run === view.run &&
      own.epoch === view.epoch &&
      own.anchorGoal === view.goalId &&
      own.anchorControl === view.control;
    const before: ClockAnchor = { simUs: own.anchorSimUs, monoUs: own.anchorMonoUs, speed: own.anchorSpeed };
    const closeUs = this.config.shape.closeUs(view.epoch);
    own.anchorSimUs = speedOnly ? Math.max(simulatedTime(before, view.monotonicUs, closeUs), view.timeUs) : view.timeUs;
    if (own.run !== view.run || own.epoch !== view.epoch) own.cursor = 0;
    own.run = view.run;
    own.epoch = view.epoch;
    own.anchorGoal = view.goalId;
    own.anchorControl = view.control;
    own.anchorSpeed = view.speed;
    own.anchorMonoUs = view.monotonicUs;
  }
}
