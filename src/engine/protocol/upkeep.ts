/**
 * Upkeep's rules: take in what is published, end the day step by step, roll to the next, begin a new run
 * after a seek, and keep both load slots asked for. The only thread that ends a day. What each step does to
 * the data is behind `UpkeepWork`.
 */
import { PHASE, STEP } from "./phases.js";
import { comparePlaces, slotCount, stepPlace, type Shape } from "./places.js";
import { goalPending, Process, withBooleanPause, type ProtocolConfig } from "./process.js";
import { LOAD, loadGeneration, loadState, loadWord, RELEASE, W, type Words } from "./words.js";

/** What upkeep does to the world besides writing words. */
export interface UpkeepWork {
  /**
   * Takes in slots [from, to): gaps, fills, quality, derived bars. `watch` is the generation of the armed conditions, 0 for none. Returns 0, or the
   * position behind the slot at which one has become true that stops: then nothing beyond it has been taken in.
   */
  process(epoch: number, from: number, to: number, watch: number): number;
  /** The remaining slots [from, to) of the day, which no stream will fill. All are taken in; returns as `process`. */
  forceClose(epoch: number, from: number, to: number, watch: number): number;
  /** The segment to decode session `epoch` into: the one that holds it already, or one that is not needed. */
  chooseSegment(epoch: number): number;
  /** A load slot is given up; `ready` tells that its segment holds session `epoch` and may be kept. */
  releaseLoad(segment: number, epoch: number, ready: boolean): void;
  /** Clears the day state of the session that begins, in the segment its load slot names. */
  activate(epoch: number, segment: number): void;
  finalize(epoch: number): void;
  verify(epoch: number): void;
  record(epoch: number): void;
  /** Main is told of every day recorded so far: before upkeep says that it stands. */
  tell(): void;
}

export interface UpkeepView {
  stop: number;
  control: number;
  acknowledged: number;
  coordinatorAcknowledged: number;
  phase: number;
  epoch: number;
  step: number;
  position: number;
  processed: number;
  loads: [number, number];
  loadEpochs: [number, number];
  goalId: number;
  goalEpoch: number;
  goalOrdinal: number;
  release: number;
  watch: number;
  answered: number;
  hit: number;
  failure: number;
}

/** Private state: the goal that released this thread alone and whose event it has done, and the place of the newest hit. */
export interface UpkeepRegisters {
  eventGoal: number;
  hitAt: number;
}

const CONTROL_FIELDS = ["stop", "control", "acknowledged", "coordinatorAcknowledged"] as const;
const SESSION_FIELDS = [
  "phase",
  "epoch",
  "step",
  "position",
  "processed",
  "goalId",
  "goalEpoch",
  "goalOrdinal",
  "release",
  "watch",
  "answered",
  "hit",
  "failure",
] as const;

type Effect =
  | "clear-acknowledgement"
  | "acknowledge"
  | "process"
  | "hit-at"
  | "hit"
  | "processed"
  | "load-details"
  | "load-word"
  | "clear-day"
  | "phase-streaming"
  | "pass-remaining"
  | "close"
  | "finalize"
  | "verify"
  | "record"
  | "next-step"
  | "deactivate"
  | "phase-drained"
  | "phase-closed"
  | "phase-finished"
  | "release-load"
  | "next-day"
  | "phase-arming"
  | "new-run"
  | "invalidate-0"
  | "invalidate-1"
  | "rewind"
  | "failure"
  | "answer"
  | "left"
  | "ring-coordinator"
  | "ring-prefetch"
  | "ring-main";

/**
 * Each decision and the shared writes that carry it out, in order. Writes to several baton words under one
 * phase count as one: only upkeep may touch them then (I6), which the explorer checks.
 */
export const UPKEEP_ACTIONS = {
  wait: [],
  leave: ["left", "ring-main"],
  acknowledge: ["acknowledge", "ring-main"],
  process: ["process", "processed", "ring-coordinator"],
  // The coordinator has handed the day over: it waits for nothing here, and waking a thread costs as much as thousands of slots.
  "process-drained": ["process", "processed"],
  // What either turns into when a condition becomes true: whoever sees how far upkeep is sees the hit there.
  "process-to-hit": ["process", "hit-at", "hit", "processed", "ring-coordinator", "ring-main"],
  request: ["load-details", "load-word", "ring-prefetch"],
  load: ["next-step"],
  activate: ["clear-day", "phase-streaming", "ring-coordinator"],
  drain: ["next-step"],
  "force-close": ["pass-remaining", "close"],
  "force-close-with-hit": ["pass-remaining", "hit-at", "hit", "close", "ring-main"],
  finalize: ["finalize", "next-step"],
  verify: ["verify", "next-step"],
  record: ["record", "next-step"],
  deactivate: ["deactivate", "phase-closed"],
  roll: ["release-load", "next-day", "phase-arming"],
  finish: ["phase-finished", "ring-main"],
  seek: ["new-run", "invalidate-0", "invalidate-1", "rewind", "phase-arming"],
  answer: ["answer", "ring-main"],
  "report-failure": ["failure", "ring-main"],
  "end-day-alone": ["phase-drained"],
} as const satisfies Record<string, readonly Effect[]>;

export interface UpkeepAction {
  kind: keyof typeof UPKEEP_ACTIONS;
  /** Slots [from, to) to take in. */
  from: number;
  to: number;
  /** Load slot (0 or 1) and the session to ask for. */
  slot: number;
  epoch: number;
  /** The control generation acknowledged or the goal answered, as seen. */
  value: number;
  /** Goal whose one event this is, 0 when both threads are free. */
  event: number;
  /** Generation of the conditions to watch for, 0 for none. */
  watch: number;
  /** Goal under which a hit would count. */
  goal: number;
}

const STEP_ACTIONS: Readonly<Record<number, keyof typeof UPKEEP_ACTIONS>> = {
  [STEP.drain]: "drain",
  [STEP.forceClose]: "force-close",
  [STEP.finalize]: "finalize",
  [STEP.verify]: "verify",
  [STEP.record]: "record",
  [STEP.deactivate]: "deactivate",
};

/** Decides upkeep's next action from a view: pure but for filling `action`. */
export function decideUpkeep(
  view: UpkeepView,
  own: UpkeepRegisters,
  config: ProtocolConfig,
  action: UpkeepAction,
): void {
  const { bugs, shape } = config;
  action.from = action.to = action.slot = action.epoch = action.value = 0;
  action.event = action.watch = action.goal = 0;
  action.kind = "wait";
  if (view.stop === 1) {
    action.kind = "leave";
    return;
  }
  if (view.control % 2 === 1) {
    decidePaused(view, config, action);
    return;
  }
  const pending = goalPending(view.goalId, view.answered);
  const alone = view.release === RELEASE.upkeep && pending;
  // Main writes `release` before the goal it belongs to: until that is there, a thread that was held still is.
  if (view.release !== RELEASE.both && !alone && !bugs.has("held-thread-moves")) return;
  if (isHit(view) && !bugs.has("hit-is-passed")) return; // main goes to the place of the hit
  const done = alone && own.eventGoal === view.goalId && !bugs.has("event-by-batch");
  if (done && !isLastClosed(view, shape)) {
    answer(view, action);
    return;
  }
  decideMoving(view, config, action);
  if (!alone) return;
  // Waiting for prefetch is no reason to answer: it is not held and will come.
  if (action.kind === "wait" && view.phase !== PHASE.arming) answer(view, action);
  else if (EVENTS.has(action.kind)) action.event = view.goalId;
}

/** What a released upkeep is stopped after; asking for loads and answering are no events. */
const EVENTS: ReadonlySet<string> = new Set([
  "process",
  "process-drained",
  "load",
  "activate",
  "drain",
  "force-close",
  "finalize",
  "verify",
  "record",
  "deactivate",
  "roll",
]);

/** The day after which the range is finished, without asking anybody. */
function isLastClosed(view: UpkeepView, shape: Shape): boolean {
  return view.phase === PHASE.closed && view.epoch + 1 >= shape.sessionCount;
}

/** A condition has become true under the newest goal, and that goal has no answer. */
function isHit(view: UpkeepView): boolean {
  return view.hit === view.goalId && goalPending(view.goalId, view.answered);
}

function decideMoving(view: UpkeepView, config: ProtocolConfig, action: UpkeepAction): void {
  const { bugs, shape } = config;
  switch (view.phase) {
    case PHASE.arming:
      decideArming(view, config, action);
      break;
    case PHASE.streaming:
      if (askForTomorrow(view, config, action) || takeIn(view, config, action)) break;
      if (bugs.has("upkeep-ends-day") && loadState(view.loads[view.epoch % 2]) === LOAD.ready && goesOn(view, shape))
        action.kind = "end-day-alone";
      break;
    case PHASE.drained:
      if (!askForTomorrow(view, config, action)) decideEndOfDay(view, config, action);
      break;
    case PHASE.closed:
      if (isLastClosed(view, shape)) action.kind = "finish";
      else if (!stopsBefore(STEP.roll, view, config, action)) action.kind = "roll";
      break;
    case PHASE.seeking:
      action.kind = "seek";
      break;
    case PHASE.finished:
      if (goalPending(view.goalId, view.answered)) answer(view, action);
      break;
  }
}

/**
 * Under a pause upkeep only takes in what is published, and acknowledges when the coordinator has and nothing is left. Once it has, what it sees
 * published belongs to a newer goal, which may hold it: the pause it has looked at is over.
 */
function decidePaused(view: UpkeepView, config: ProtocolConfig, action: UpkeepAction): void {
  const { bugs } = config;
  const boolean = bugs.has("boolean-pause");
  const coordinatorIsIn = boolean ? view.coordinatorAcknowledged === 1 : view.coordinatorAcknowledged === view.control;
  const owed = boolean ? view.acknowledged === 0 : view.acknowledged !== view.control;
  if (!owed) return;
  if (!bugs.has("ack-with-work-left") && takeIn(view, config, action)) return;
  if (coordinatorIsIn || bugs.has("ack-with-work-left")) {
    action.kind = "acknowledge";
    action.value = boolean ? 1 : view.control;
  }
}

/** ARMING: the session's day must be READY in its load slot; then the day begins. */
function decideArming(view: UpkeepView, config: ProtocolConfig, action: UpkeepAction): void {
  const slot = view.epoch % 2;
  const state = loadState(view.loads[slot]);
  const asked = state !== LOAD.empty && view.loadEpochs[slot] === view.epoch;
  if (view.step === STEP.activate) {
    action.slot = slot;
    if (!stopsBefore(STEP.activate, view, config, action)) action.kind = "activate";
    return;
  }
  if (stopsBefore(STEP.load, view, config, action)) return;
  action.slot = slot;
  action.epoch = view.epoch;
  if (!asked) {
    action.kind = "request";
    return;
  }
  if (state === LOAD.ready || config.bugs.has("no-streams-is-exhausted")) {
    action.kind = "load";
  } else if (state === LOAD.failed && view.failure === 0) {
    action.kind = "report-failure";
  }
}

/** Keeps prefetch a day ahead. */
function askForTomorrow(view: UpkeepView, config: ProtocolConfig, action: UpkeepAction): boolean {
  const next = view.epoch + 1;
  const slot = next % 2;
  if (next >= config.shape.sessionCount) return false;
  if (loadState(view.loads[slot]) !== LOAD.empty && view.loadEpochs[slot] === next) return false;
  action.kind = "request";
  action.slot = slot;
  action.epoch = next;
  return true;
}

function takeIn(view: UpkeepView, config: ProtocolConfig, action: UpkeepAction): boolean {
  if (view.processed >= view.position) return false;
  action.kind = view.phase === PHASE.drained ? "process-drained" : "process";
  action.from = view.processed;
  const most = view.release === RELEASE.upkeep && view.control % 2 === 0 ? 1 : config.batchSlots;
  action.to = Math.min(view.position, view.processed + most);
  watchFor(view, action);
  return true;
}

/** Conditions count under a goal without an answer, up to the first hit. */
function watchFor(view: UpkeepView, action: UpkeepAction): void {
  if (view.watch === 0 || view.hit === view.goalId || !goalPending(view.goalId, view.answered)) return;
  action.watch = view.watch;
  action.goal = view.goalId;
}

/** DRAINED: one step at a time, each of them a place to stop before. */
function decideEndOfDay(view: UpkeepView, config: ProtocolConfig, action: UpkeepAction): void {
  const step = view.step === STEP.none ? STEP.drain : view.step;
  // Before the stop, not after it: what a stop before `drain` shows must not depend on how far upkeep lagged (I13).
  if (step === STEP.drain && !config.bugs.has("no-drain") && takeIn(view, config, action)) return;
  if (stopsBefore(step, view, config, action)) return;
  action.kind = STEP_ACTIONS[step];
  if (step === STEP.forceClose) {
    action.from = view.position;
    action.to = slotCount(config.shape, view.epoch);
    watchFor(view, action);
  }
}

/** Answers the pending goal when it ends before `step`. */
function stopsBefore(step: number, view: UpkeepView, config: ProtocolConfig, action: UpkeepAction): boolean {
  if (!goalPending(view.goalId, view.answered)) return true;
  const place = stepPlace(config.shape, view.epoch, step);
  if (comparePlaces({ epoch: view.goalEpoch, ordinal: view.goalOrdinal }, place) > 0) return false;
  answer(view, action);
  return true;
}

function answer(view: UpkeepView, action: UpkeepAction): void {
  action.kind = "answer";
  action.value = view.goalId;
}

function goesOn(view: UpkeepView, shape: Shape): boolean {
  return goalPending(view.goalId, view.answered) && view.goalEpoch > view.epoch && slotCount(shape, view.epoch) > 0;
}

/** Upkeep as a process. */
export class Upkeep extends Process<UpkeepAction, Effect> {
  readonly registers: UpkeepRegisters & Record<string, number> = { eventGoal: 0, hitAt: 0 };
  readonly action: UpkeepAction & Record<string, number | string> = {
    kind: "wait",
    from: 0,
    to: 0,
    slot: 0,
    epoch: 0,
    value: 0,
    event: 0,
    watch: 0,
    goal: 0,
  };
  protected readonly bell = W.bellUpkeep;
  protected readonly readGroups = 2;
  protected readonly effects: { readonly [kind: string]: readonly Effect[] };
  private readonly view: UpkeepView = {
    stop: 0,
    control: 0,
    acknowledged: 0,
    coordinatorAcknowledged: 0,
    phase: 0,
    epoch: 0,
    step: 0,
    position: 0,
    processed: 0,
    loads: [0, 0],
    loadEpochs: [0, 0],
    goalId: 0,
    goalEpoch: 0,
    goalOrdinal: 0,
    release: 0,
    watch: 0,
    answered: 0,
    hit: 0,
    failure: 0,
  };

  constructor(
    words: Words,
    config: ProtocolConfig,
    private readonly work: UpkeepWork,
  ) {
    super(words, config);
    this.bellAfterLook = config.bugs.has("bell-after-look-upkeep");
    this.effects = withBooleanPause<Effect>(config, {
      ...UPKEEP_ACTIONS,
      ...(config.bugs.has("hit-after-processed") && {
        "process-to-hit": ["process", "processed", "ring-coordinator", "hit-at", "hit", "ring-main"],
      }),
    });
  }

  /**
   * Two read groups, and their order matters: the coordinator's acknowledgement first, the position second.
   * The other way round, a row published between the two reads would be acknowledged without being taken in.
   */
  protected look(group: number): void {
    const swapped = this.has("ack-reads-swapped");
    if (group === 0) this.view.loads.fill(0);
    if (group === 0) this.view.loadEpochs.fill(0);
    if ((group === 0) !== swapped) this.lookAtControl();
    else this.lookAtSession();
  }

  private lookAtControl(): void {
    const { words, view } = this;
    view.stop = words.load(W.stop);
    view.control = words.load(W.control);
    view.acknowledged = words.load(W.ackUpkeep);
    view.coordinatorAcknowledged = words.load(W.ackCoordinator);
  }

  private lookAtSession(): void {
    const { words, view } = this;
    view.goalId = words.load(W.goalId);
    view.goalEpoch = words.load(W.goalEpoch);
    view.goalOrdinal = words.load(W.goalOrdinal);
    view.release = words.load(W.release);
    view.watch = words.load(W.watch);
    view.hit = words.load(W.hit);
    view.answered = words.load(W.answered);
    view.phase = words.load(W.phase);
    view.epoch = words.load(W.epoch);
    view.step = words.load(W.step);
    view.position = words.load(W.position);
    view.processed = words.load(W.processed);
    view.loads[0] = words.load(W.load0);
    view.loads[1] = words.load(W.load1);
    view.loadEpochs[0] = words.load(W.loadEpoch0);
    view.loadEpochs[1] = words.load(W.loadEpoch1);
    view.failure = words.load(W.failure);
  }

  protected override saveView(into: Int8Array, start: number): number {
    const { view } = this;
    let i = start;
    for (const field of this.firstLook()) into[i++] = view[field];
    for (const slot of [0, 1]) {
      into[i++] = view.loads[slot];
      into[i++] = view.loadEpochs[slot];
    }
    return i;
  }

  protected override restoreView(from: Int8Array, start: number): number {
    const { view } = this;
    let i = start;
    for (const field of this.firstLook()) view[field] = from[i++];
    for (const slot of [0, 1]) {
      view.loads[slot] = from[i++];
      view.loadEpochs[slot] = from[i++];
    }
    return i;
  }

  private firstLook(): readonly (typeof CONTROL_FIELDS | typeof SESSION_FIELDS)[number][] {
    return this.has("ack-reads-swapped") ? SESSION_FIELDS : CONTROL_FIELDS;
  }

  protected decide(): void {
    decideUpkeep(this.view, this.registers, this.config, this.action);
  }

  protected perform(effect: Effect): boolean {
    const { words, action, work, config } = this;
    const { shape } = config;
    const epoch = words.load(W.epoch);
    if (action.event > 0) this.registers.eventGoal = action.event;
    switch (effect) {
      case "clear-acknowledgement":
        words.store(W.ackUpkeep, 0);
        break;
      case "acknowledge":
        work.tell();
        words.store(W.ackUpkeep, action.value);
        break;
      case "process":
        this.hitOrNot("process-to-hit", work.process(epoch, action.from, action.to, action.watch));
        break;
      case "hit-at":
        words.store(W.hitAt, this.registers.hitAt);
        break;
      case "hit":
        words.store(W.hit, action.goal);
        break;
      case "processed":
        words.store(W.processed, action.to);
        break;
      case "load-details":
        this.releaseLoad(action.slot);
        words.store(W.loadEpoch0 + action.slot, action.epoch);
        words.store(W.loadSegment0 + action.slot, work.chooseSegment(action.epoch));
        break;
      case "load-word":
        words.store(W.load0 + action.slot, loadWord(LOAD.requested, this.nextGeneration(action.slot)));
        break;
      case "clear-day":
        work.activate(epoch, words.load(W.loadSegment0 + action.slot));
        if (!this.has("seek-keeps-eod-step") || words.load(W.step) >= STEP.load) words.store(W.step, STEP.none);
        words.store(W.active, 1);
        break;
      case "pass-remaining":
        this.hitOrNot("force-close-with-hit", work.forceClose(epoch, action.from, action.to, action.watch));
        break;
      case "close":
        words.store(W.position, action.to);
        words.store(W.processed, action.to);
        words.storeTime(shape.closeUs(epoch));
        words.store(W.step, STEP.finalize);
        break;
      case "finalize":
        work.finalize(epoch);
        break;
      case "verify":
        work.verify(epoch);
        break;
      case "record":
        work.record(epoch);
        break;
      case "next-step":
        words.store(W.step, Math.max(words.load(W.step), STEP.drain) + 1);
        break;
      case "deactivate":
        words.store(W.active, 0);
        words.store(W.step, STEP.roll);
        break;
      case "release-load":
        this.releaseLoad(epoch % 2);
        break;
      case "next-day":
        this.beginDay(epoch + 1);
        break;
      case "new-run":
        words.store(W.run, words.load(W.seekRun));
        break;
      case "invalidate-0":
        if (!this.has("seek-keeps-load-slots")) this.releaseLoad(0);
        break;
      case "invalidate-1":
        if (!this.has("seek-keeps-load-slots")) this.releaseLoad(1);
        break;
      case "rewind": {
        const step = words.load(W.step);
        words.store(W.active, 0);
        this.beginDay(words.load(W.seekEpoch));
        if (this.has("seek-keeps-eod-step")) words.store(W.step, step);
        break;
      }
      case "failure":
        words.store(W.failure, 1);
        break;
      case "answer":
        work.tell();
        words.store(W.answered, action.value);
        break;
      case "left":
        words.store(W.leftUpkeep, 1);
        break;
      case "phase-streaming":
        words.store(W.phase, PHASE.streaming);
        break;
      case "phase-drained":
        words.store(W.phase, PHASE.drained);
        break;
      case "phase-closed":
        words.store(W.phase, PHASE.closed);
        break;
      case "phase-finished":
        words.store(W.phase, PHASE.finished);
        break;
      case "phase-arming":
        words.store(W.phase, PHASE.arming);
        break;
      case "ring-coordinator":
        words.ring(W.bellCoordinator);
        break;
      case "ring-prefetch":
        words.ring(W.bellPrefetch);
        break;
      case "ring-main":
        words.ring(W.bellMain);
        break;
    }
    return true;
  }

  /**
   * After slots have been taken in: when a condition has become true at `position`, the action goes on as `kind`. A hit among the slots
   * of the forced close has its place before `finalize`, because nobody can stop between them.
   */
  private hitOrNot(kind: "process-to-hit" | "force-close-with-hit", position: number): void {
    if (position === 0) return;
    const { action, registers: own } = this;
    action.kind = kind;
    if (kind === "process-to-hit") own.hitAt = action.to = position;
    else own.hitAt = stepPlace(this.config.shape, this.words.load(W.epoch), STEP.finalize).ordinal;
  }

  /** Epoch, positions, step and time of a session that has not begun. */
  private beginDay(epoch: number): void {
    const { words } = this;
    words.store(W.position, 0);
    words.store(W.processed, 0);
    words.store(W.epoch, epoch);
    words.store(W.step, STEP.load);
    words.storeTime(this.config.shape.openUs(epoch));
  }

  /** Empties a load slot with a new generation, so that a load under way for it is dropped when it commits. */
  private releaseLoad(slot: number): void {
    const { words } = this;
    const word = words.load(W.load0 + slot);
    if (loadState(word) === LOAD.empty) return;
    words.store(W.load0 + slot, loadWord(LOAD.empty, this.nextGeneration(slot)));
    const ready = loadState(word) === LOAD.ready;
    this.work.releaseLoad(words.load(W.loadSegment0 + slot), words.load(W.loadEpoch0 + slot), ready);
  }

  private nextGeneration(slot: number): number {
    return loadGeneration(this.words.load(W.load0 + slot)) + 1;
  }
}
