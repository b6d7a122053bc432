/**
 * The main side's rules: post one goal at a time, pause by generation, seek under an acknowledged pause, stop.
 * Main never blocks: it takes a turn when its bell rings or when somebody asks for something.
 */
import { PHASE } from "./phases.js";
import { comparePlaces, presentPlace, type Place } from "./places.js";
import { goalPending, Process, type ProtocolConfig } from "./process.js";
import { RELEASE, W, type Words } from "./words.js";

/** What main is asked to do next; one at a time. */
export type Request =
  | { readonly kind: "none" }
  /**
   * Run on to `place`. Under a running goal main pauses first; the running goal is superseded. `release` holds the thread it does not name, `watch` is
   * the generation of conditions that may stop it before; a seek releases both and nothing stops it.
   */
  | { readonly kind: "run"; readonly place: Place; readonly release?: number; readonly watch?: number }
  | { readonly kind: "pause" }
  /** Ends a pause and leaves the goal as it is. */
  | { readonly kind: "resume" }
  /** Start again at the beginning of `place.epoch` and run to `place`. */
  | { readonly kind: "seek"; readonly place: Place }
  | { readonly kind: "stop" };

export interface ControlView {
  stop: number;
  control: number;
  ackCoordinator: number;
  ackUpkeep: number;
  goalId: number;
  answered: number;
  failure: number;
  left: number;
  phase: number;
  epoch: number;
  position: number;
  step: number;
  seekEpoch: number;
}

type Effect =
  | "control"
  | "limit"
  | "goal-id"
  | "seek-target"
  | "phase-seeking"
  | "stop"
  | "done"
  | "ring-coordinator"
  | "ring-upkeep"
  | "ring-prefetch";

/** Each decision and the shared writes that carry it out, in order: a goal's limit first, its id last; the generation after everything it releases. */
export const CONTROL_ACTIONS = {
  wait: [],
  pause: ["control", "ring-coordinator", "ring-upkeep"],
  paused: ["done"],
  resume: ["control", "ring-coordinator", "ring-upkeep", "done"],
  goal: ["limit", "goal-id", "ring-coordinator", "ring-upkeep", "done"],
  "goal-and-resume": ["limit", "goal-id", "control", "ring-coordinator", "ring-upkeep", "done"],
  seek: ["seek-target", "limit", "goal-id", "phase-seeking", "control", "ring-coordinator", "ring-upkeep", "done"],
  stop: ["stop", "ring-coordinator", "ring-upkeep", "ring-prefetch"],
  joined: ["done"],
  refuse: ["done"],
  failed: ["done"],
} as const satisfies Record<string, readonly Effect[]>;

export interface ControlAction {
  kind: keyof typeof CONTROL_ACTIONS;
  epoch: number;
  ordinal: number;
  /** The generation or goal id to write. */
  value: number;
  generation: number;
  release: number;
  watch: number;
}

/** The result of the request that was finished last. */
export type RequestOutcome = "paused" | "resume" | "goal" | "goal-and-resume" | "seek" | "joined" | "refuse" | "failed";

/** Decides main's next action for `request`: pure but for filling `action`. */
export function decideControl(
  view: ControlView,
  request: Request,
  config: ProtocolConfig,
  action: ControlAction,
): void {
  action.kind = "wait";
  action.epoch = action.ordinal = action.value = action.generation = action.release = action.watch = 0;
  if (request.kind === "none") return;
  if (request.kind === "stop") {
    action.kind = view.stop === 0 ? "stop" : view.left === 3 ? "joined" : "wait";
    return;
  }
  if (view.failure === 1) {
    action.kind = "failed"; // a pending failure wins over a pause, a seek or a goal
    return;
  }
  const paused = view.control % 2 === 1;
  const acknowledged = paused && isAcknowledged(view, request, config);
  if (paused && !acknowledged) return;
  const needsPause = request.kind === "seek" || request.kind === "pause" || goalPending(view.goalId, view.answered);
  if (!paused && needsPause && request.kind !== "resume") {
    action.kind = "pause";
    action.generation = view.control + 1;
    return;
  }
  action.generation = view.control + 1;
  if (request.kind === "pause") action.kind = "paused";
  else if (request.kind === "resume") action.kind = paused ? "resume" : "refuse";
  else decideGoal(view, request, paused, config, action);
}

function decideGoal(
  view: ControlView,
  request: Request & { place: Place },
  paused: boolean,
  config: ProtocolConfig,
  action: ControlAction,
): void {
  action.epoch = request.place.epoch;
  action.ordinal = request.place.ordinal;
  action.value = view.goalId + 1;
  if (request.kind === "seek") {
    action.kind = "seek";
    return;
  }
  if (request.kind !== "run") return;
  action.release = request.release ?? RELEASE.both;
  action.watch = request.watch ?? 0;
  // A pause inside SEEKING finds the words of the run that is about to end: the session it goes to counts.
  const epoch = view.phase === PHASE.seeking ? view.seekEpoch : view.epoch;
  const present = presentPlace(config.shape, view.phase, epoch, view.position, view.step);
  const behind = comparePlaces(request.place, present) < 0;
  const allowed = config.bugs.has("limit-behind") && request.place.epoch >= view.epoch && view.phase < PHASE.finished;
  if (behind && !allowed) action.kind = "refuse";
  else action.kind = paused ? "goal-and-resume" : "goal";
}

function isAcknowledged(view: ControlView, request: Request, config: ProtocolConfig): boolean {
  if (config.bugs.has("boolean-pause")) return view.ackCoordinator === 1 && view.ackUpkeep === 1;
  if (config.bugs.has("seek-on-one-ack") && request.kind === "seek") return view.ackCoordinator === view.control;
  return view.ackCoordinator === view.control && view.ackUpkeep === view.control;
}

/** The main side as a process. The owner sets `request` and takes turns until `finished` names the outcome. */
export class Control extends Process<ControlAction, Effect> {
  readonly registers: Record<string, number> = {};
  readonly action: ControlAction & Record<string, number | string> = {
    kind: "wait",
    epoch: 0,
    ordinal: 0,
    value: 0,
    generation: 0,
    release: 0,
    watch: 0,
  };
  request: Request = { kind: "none" };
  /** Outcome of the request, once it is done; the owner takes it and sets the next. */
  finished: RequestOutcome | undefined;
  protected readonly bell = W.bellMain;
  protected readonly readGroups = 1;
  protected readonly effects: { readonly [kind: string]: readonly Effect[] };
  private readonly view: ControlView = {
    stop: 0,
    control: 0,
    ackCoordinator: 0,
    ackUpkeep: 0,
    goalId: 0,
    answered: 0,
    failure: 0,
    left: 0,
    phase: 0,
    epoch: 0,
    position: 0,
    step: 0,
    seekEpoch: 0,
  };

  constructor(words: Words, config: ProtocolConfig) {
    super(words, config);
    const swapped = config.bugs.has("goal-before-limit");
    const swap = (effects: readonly Effect[]): readonly Effect[] =>
      swapped ? effects.map((e) => (e === "limit" ? "goal-id" : e === "goal-id" ? "limit" : e)) : effects;
    this.effects = Object.fromEntries(Object.entries(CONTROL_ACTIONS).map(([kind, list]) => [kind, swap(list)]));
  }

  protected look(): void {
    const { words, view } = this;
    view.stop = words.load(W.stop);
    view.control = words.load(W.control);
    view.ackUpkeep = words.load(W.ackUpkeep);
    view.ackCoordinator = words.load(W.ackCoordinator);
    view.goalId = words.load(W.goalId);
    view.answered = words.load(W.answered);
    view.failure = words.load(W.failure);
    view.left = words.load(W.leftCoordinator) + words.load(W.leftUpkeep) + words.load(W.leftPrefetch);
    view.phase = words.load(W.phase);
    view.epoch = words.load(W.epoch);
    view.position = words.load(W.position);
    view.step = words.load(W.step);
    view.seekEpoch = words.load(W.seekEpoch);
  }

  protected decide(): void {
    decideControl(this.view, this.request, this.config, this.action);
  }

  protected perform(effect: Effect): boolean {
    const { words, action } = this;
    switch (effect) {
      case "control":
        words.store(W.control, action.generation);
        break;
      case "limit":
        words.store(W.goalEpoch, action.epoch);
        words.store(W.goalOrdinal, action.ordinal);
        words.store(W.release, action.release);
        words.store(W.watch, action.watch);
        break;
      case "goal-id":
        words.store(W.goalId, action.value);
        break;
      case "seek-target":
        // The end of the range lies after the last session, and is reached from there.
        words.store(W.seekEpoch, Math.min(action.epoch, this.config.shape.sessionCount - 1));
        words.store(W.seekRun, words.load(W.run) + 1);
        break;
      case "phase-seeking":
        words.store(W.phase, PHASE.seeking);
        break;
      case "stop":
        words.store(W.stop, 1);
        break;
      case "done":
        this.request = { kind: "none" };
        this.finished = action.kind as RequestOutcome;
        break;
      case "ring-coordinator":
        words.ring(W.bellCoordinator);
        break;
      case "ring-upkeep":
        words.ring(W.bellUpkeep);
        break;
      case "ring-prefetch":
        words.ring(W.bellPrefetch);
        break;
    }
    return true;
  }
}
