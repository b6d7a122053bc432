/**
 * Upkeep's rules: take in what is published, end the day step by step, roll to the next, begin a new run
 * after a seek, and keep both load slots asked for. The only thread that ends a day. `upkeep.ts` performs what is decided here.
 */
import { EOD_STEPS, PHASE, STEP } from "./phases.js";
import { comparePlaces, slotCount, stepPlace, type Shape } from "./places.js";
import { goalPending, type ProtocolConfig } from "./process.js";
import { LOAD, loadState, RELEASE } from "./words.js";

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

/** One shared write each. */
export type UpkeepEffect =
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
} as const satisfies Record<string, readonly UpkeepEffect[]>;

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
const EVENTS: ReadonlySet<string> = new Set(["process", "process-drained", ...EOD_STEPS]);

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
