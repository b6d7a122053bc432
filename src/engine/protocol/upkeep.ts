/**
 * Upkeep as a process: looks at the words, decides by its rules (`upkeep-rules.ts`), performs. What each step does to the data is
 * behind `UpkeepWork`.
 */
import { PHASE, STEP } from "./phases.js";
import { stepPlace } from "./places.js";
import { Process, withBooleanPause, type ProtocolConfig } from "./process.js";
import {
  decideUpkeep,
  UPKEEP_ACTIONS,
  type UpkeepAction,
  type UpkeepEffect,
  type UpkeepRegisters,
  type UpkeepView,
} from "./upkeep-rules.js";
import { LOAD, loadGeneration, loadState, loadWord, W, type Words } from "./words.js";

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

/** Upkeep as a process. */
export class Upkeep extends Process<UpkeepAction, UpkeepEffect> {
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
  protected readonly effects: { readonly [kind: string]: readonly UpkeepEffect[] };
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
    this.effects = withBooleanPause<UpkeepEffect>(config, {
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

  protected perform(effect: UpkeepEffect): boolean {
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
