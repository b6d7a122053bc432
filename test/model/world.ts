/**
 * The state the explorer goes through: the words, ghosts beside them that tell what has happened, and the four processes the threads
 * run. Every write is checked against the invariants. The days are bit masks of slots instead of prices.
 */
import { Control, type Request } from "../../src/engine/protocol/control.js";
import { Coordinator } from "../../src/engine/protocol/coordinator.js";
import { BATON, isTransition, PHASE, PHASE_NAMES, type ThreadName } from "../../src/engine/protocol/phases.js";
import { slotCount, type Place, type Shape } from "../../src/engine/protocol/places.js";
import { Prefetch } from "../../src/engine/protocol/prefetch.js";
import type { Process, ProtocolConfig } from "../../src/engine/protocol/process.js";
import { Upkeep } from "../../src/engine/protocol/upkeep.js";
import {
  LOAD,
  loadGeneration,
  loadState,
  RELEASE,
  W,
  WORD_COUNT,
  WORD_NAMES,
  type Words,
} from "../../src/engine/protocol/words.js";
import { MINUTE_US } from "../../src/engine/market/time.js";
import type { Bounds } from "./bounds.js";
import { unsharedEffects } from "./unshared.js";

/** An invariant does not hold. */
export class Violation extends Error {}

/** Minutes from open to next open: one more than the session, so that open and close differ. */
const PERIOD = 1;

/** Ghost numbers kept beside the words, in the same array. */
const GHOSTS = [
  "time",
  "grid",
  "rows",
  "taken",
  "timeRun",
  "slotEpoch0",
  "slotEpoch1",
  "slotGeneration0",
  "slotGeneration1",
  "slotRun0",
  "slotRun1",
  "loadedEpoch",
  "loadedGeneration",
  "ends0",
  "ends1",
  "ends2",
  "recorded",
  "runStart",
  "quiet",
  "noticed",
  "superseded",
  "seekGoal",
  "pauses",
  "seeks",
  "goals",
  "failed",
  "mode",
  "requestKind",
  "requestEpoch",
  "requestOrdinal",
  "requestRelease",
  "hitDue",
  "hitNoticed",
  "eventGoal",
  "parkedCoordinator",
  "parkedUpkeep",
  "parkedPrefetch",
  "parkedMain",
] as const;
export type Ghost = (typeof GHOSTS)[number];
export const G = Object.fromEntries(GHOSTS.map((name, i) => [name, WORD_COUNT + i])) as Record<Ghost, number>;

/** What main's owner is about: `idle` may ask, `asking` waits for an outcome, `paused` has a pause in hand, `over` has stopped. */
export const MODE = { idle: 0, asking: 1, paused: 2, over: 3 } as const;
export const REQUESTS = ["none", "run", "pause", "resume", "seek", "stop"] as const;

/** One of the four processes, and where its bytes lie in a state. */
export interface Member {
  readonly name: ThreadName;
  readonly process: Process<never, never>;
  readonly bell: number;
  readonly parked: number;
  readonly start: number;
  readonly end: number;
  /** Whether its bytes in `entered` no longer hold. */
  moved: boolean;
}

export class World implements Words {
  readonly v = new Int8Array(WORD_COUNT + GHOSTS.length);
  writer: ThreadName = "main";
  readonly shape: Shape;
  readonly coordinator: Coordinator;
  readonly upkeep: Upkeep;
  readonly prefetch: Prefetch;
  readonly control: Control;
  readonly processes: readonly Member[];
  /** Bytes of a state: a multiple of 4. */
  readonly size: number;
  private readonly entered: Int8Array;
  readonly unshared: Readonly<Record<ThreadName, ReadonlySet<string>>>;

  constructor(readonly bounds: Bounds) {
    const { minutes, symbols } = bounds;
    this.shape = {
      sessionCount: bounds.sessions,
      symbolCount: symbols,
      minutes: () => minutes,
      openUs: (epoch) => epoch * (minutes + PERIOD) * MINUTE_US,
      closeUs: (epoch) => (epoch * (minutes + PERIOD) + minutes) * MINUTE_US,
    };
    const config: ProtocolConfig = {
      shape: this.shape,
      creditSlots: symbols,
      batchSlots: symbols,
      bugs: new Set(bounds.bugs),
    };
    this.coordinator = new Coordinator(this, config, {
      endOfStreams: (epoch) => bounds.streams[epoch] * symbols,
      publish: (epoch, from, to) => this.publish(epoch, from, to),
      monotonicUs: () => 0,
    });
    this.upkeep = new Upkeep(this, config, {
      process: (_epoch, from, to, watch) => this.takeIn(from, to, watch, true),
      forceClose: (_epoch, from, to, watch) => this.takeIn(from, to, watch, false),
      chooseSegment: (epoch) => epoch % 2,
      releaseLoad: () => {},
      activate: () => {
        this.check(this.v[W.active] === 0, "activate while the day is active");
        this.v[G.grid] = this.v[G.rows] = this.v[G.taken] = 0;
      },
      finalize: () => {},
      verify: () => {},
      record: (epoch) => this.record(epoch),
      tell: () => {},
    });
    this.prefetch = new Prefetch(this, config, {
      beginLoad: (epoch, _segment, _slot, generation) => {
        this.v[G.loadedEpoch] = epoch;
        this.v[G.loadedGeneration] = generation;
      },
      dropped: () => {},
    });
    this.control = new Control(this, config);
    let end = this.v.length;
    const member = (name: ThreadName, p: unknown, bell: number, parked: number): Member => {
      const process = p as Process<never, never>;
      const start = end;
      end = process.save(new Int8Array(512), start);
      return { name, process, bell, parked, start, end, moved: true };
    };
    this.processes = [
      member("coordinator", this.coordinator, W.bellCoordinator, G.parkedCoordinator),
      member("upkeep", this.upkeep, W.bellUpkeep, G.parkedUpkeep),
      member("prefetch", this.prefetch, W.bellPrefetch, G.parkedPrefetch),
      member("main", this.control, W.bellMain, G.parkedMain),
    ];
    this.size = (end + 3) & ~3;
    this.entered = new Int8Array(this.size);
    this.unshared = unsharedEffects(bounds.bugs);
  }

  check(condition: boolean, message: string): void {
    if (!condition) throw new Violation(message);
  }

  // ---- Words ----
  load(word: number): number {
    return this.v[word];
  }
  store(word: number, value: number): void {
    this.checkStore(word, value);
    this.v[word] = value;
  }
  swap(word: number, expected: number, value: number): boolean {
    if (this.v[word] !== expected) return false;
    this.store(word, value);
    return true;
  }
  ring(bell: number): void {
    this.v[bell] = 1;
  }
  clear(bell: number): void {
    this.v[bell] = 0;
  }
  loadTime(): number {
    return this.v[G.time] * MINUTE_US;
  }
  storeTime(us: number): void {
    const v = this.v;
    const time = us / MINUTE_US;
    this.mustHoldBaton("time");
    this.check(v[G.quiet] === 0, "I7: time moves while a stop or pause is relied on");
    this.check(time >= v[G.time] || v[W.run] !== v[G.timeRun], `I1: time goes back from ${v[G.time]} to ${time}`);
    v[G.time] = time;
    v[G.timeRun] = v[W.run];
  }

  private mustHoldBaton(what: string): void {
    if (this.v[W.phase] === PHASE.boot) return; // main sets memory up
    const phase = this.v[W.phase];
    this.check(BATON[phase] === this.writer, `I6: ${this.writer} writes ${what} in ${PHASE_NAMES[phase]}`);
  }

  private checkStore(word: number, value: number): void {
    const v = this.v;
    switch (word) {
      case W.phase:
        this.check(
          isTransition(v[W.phase], value, this.writer),
          `I6: ${this.writer} changes ${PHASE_NAMES[v[W.phase]]} to ${PHASE_NAMES[value]}`,
        );
        if (this.writer !== "main")
          this.check(v[G.quiet] === 0, "I7: the phase changes while a stop or pause is relied on");
        if (value === PHASE.closed) this.endOfDay();
        if (value === PHASE.streaming) this.dayBegins();
        break;
      case W.position:
        this.mustHoldBaton("position");
        this.check(v[G.quiet] === 0, "I7: position moves while a stop or pause is relied on");
        if (this.writer === "coordinator") this.published(value);
        break;
      case W.epoch:
        this.mustHoldBaton("epoch");
        if (v[W.phase] === PHASE.closed) this.check(value === v[W.epoch] + 1, "I14: epoch rises by other than 1");
        else this.check(v[W.phase] === PHASE.seeking && v[W.run] === v[W.seekRun], "I14: epoch set outside a seek");
        break;
      case W.active:
      case W.step:
        this.mustHoldBaton(WORD_NAMES[word]);
        break;
      case W.run:
        this.mustHoldBaton("run");
        v[G.runStart] = v[W.seekEpoch];
        v[G.ends0] = v[G.ends1] = v[G.ends2] = 0;
        break;
      case W.processed:
        this.check(v[G.quiet] === 0, "I7: upkeep moves while a stop or pause is relied on");
        if (v[W.phase] === PHASE.streaming) this.check(value <= v[W.position], "I8: upkeep ahead of the coordinator");
        if (v[W.control] % 2 === 0) {
          this.check(v[W.release] !== RELEASE.coordinator || value === 0, "upkeep moves while it is held");
          const goes = v[W.hit] !== v[W.goalId] || v[W.answered] === v[W.goalId] || value <= v[W.hitAt];
          this.check(goes || v[W.phase] !== PHASE.streaming, "upkeep goes on after a hit");
        }
        if (v[W.release] === RELEASE.upkeep && v[W.phase] === PHASE.streaming && v[W.control] % 2 === 0)
          this.check(value <= v[W.processed] + 1 && v[G.eventGoal] !== v[W.goalId], "more than one event");
        v[G.eventGoal] = v[W.goalId];
        break;
      case W.hit:
        this.check(value === v[W.goalId] && v[W.answered] !== value, "a hit under no goal");
        break;
      case W.answered:
        this.check(
          value === v[W.goalId] && v[W.answered] === value - 1 - this.skipped(value),
          "I15: an answer to no question",
        );
        this.check(v[G.quiet] === 0, "I15: a second answer");
        this.check(v[G.hitDue] !== value || v[W.hit] === value, "a goal is answered at a hit that is not told");
        this.mayAnswer();
        break;
      case W.load0:
      case W.load1:
        this.loadWordChanges(word - W.load0, value);
        break;
    }
  }

  /** The released thread, or the holder of the baton; upkeep once the range is finished. */
  private mayAnswer(): void {
    const phase = this.v[W.phase];
    const holder = phase === PHASE.finished ? "upkeep" : BATON[phase];
    const due = [holder, "coordinator", "upkeep"][this.v[W.release]];
    this.check(this.writer === due, `I6: ${this.writer} answers in ${PHASE_NAMES[phase]}`);
  }

  /** Superseded goals were answered by main and are skipped by `answered`. */
  private skipped(goal: number): number {
    return goal - 1 - this.v[W.answered];
  }

  private loadWordChanges(slot: number, value: number): void {
    const v = this.v;
    const state = loadState(value);
    if (state === LOAD.requested) {
      v[G.slotRun0 + slot] = v[W.run];
    } else if (state === LOAD.ready) {
      v[G.slotEpoch0 + slot] = v[G.loadedEpoch];
      v[G.slotGeneration0 + slot] = v[G.loadedGeneration];
    } else if (state === LOAD.empty) {
      v[G.slotEpoch0 + slot] = v[G.slotGeneration0 + slot] = 0;
    }
  }

  // ---- the days, as ghosts ----
  private dayBegins(): void {
    const v = this.v;
    const slot = v[W.epoch] % 2;
    const word = v[W.load0 + slot];
    this.check(loadState(word) === LOAD.ready, "a day begins that is not loaded");
    this.check(
      v[W.loadEpoch0 + slot] === v[W.epoch] && v[G.slotEpoch0 + slot] === v[W.epoch],
      "I9: a day of another session begins",
    );
    this.check(v[G.slotGeneration0 + slot] === loadGeneration(word), "I9: the content is not the one asked for last");
    this.check(v[G.slotRun0 + slot] === v[W.run], "I9: a day loaded for another run begins");
    this.check(v[W.position] === 0 && v[W.processed] === 0, "a day begins in the middle");
  }

  private publish(epoch: number, from: number, to: number): void {
    const v = this.v;
    this.check(v[W.phase] === PHASE.streaming && v[W.active] === 1, "I3: published while the day is not active");
    this.check(v[G.quiet] === 0, "I7: published while a stop or pause is relied on");
    this.check(epoch === v[W.epoch] && from === v[G.rows], `I2: slots ${from}…${to} published at ${v[G.rows]}`);
    for (let slot = from; slot < to; slot++) {
      this.check((v[G.grid] & (1 << slot)) === 0, "I2: a slot published twice");
      v[G.grid] |= 1 << slot;
    }
    v[G.rows] = to;
  }

  private published(position: number): void {
    const v = this.v;
    this.check(v[W.release] !== RELEASE.upkeep, "the coordinator moves while it is held");
    if (v[W.release] === RELEASE.coordinator)
      this.check(position === v[W.position] + 1 && v[G.eventGoal] !== v[W.goalId], "more than one event");
    v[G.eventGoal] = v[W.goalId];
    this.check(v[G.rows] >= position, "published before the bar is written");
    this.check(position - v[W.processed] <= this.coordinator.config.creditSlots, "I8: further ahead than the credit");
    this.check(position > v[W.position], "I1: position does not rise");
    if (v[W.goalEpoch] === v[W.epoch]) this.check(position <= v[W.goalOrdinal], "a limit is passed");
    this.check(v[W.goalEpoch] >= v[W.epoch], "the limit lies behind");
  }

  private takeIn(from: number, to: number, watch: number, stopsThere: boolean): number {
    const slot = this.bounds.hitSlot ?? -1;
    const isHit = watch > 0 && slot >= from && slot < to;
    if (isHit) this.v[G.hitDue] = this.v[W.goalId];
    this.pass(from, isHit && stopsThere ? slot + 1 : to);
    return isHit ? slot + 1 : 0;
  }

  private pass(from: number, to: number): void {
    const v = this.v;
    this.check(v[W.active] === 1, "I3: upkeep works on a day that is not active");
    this.check(from === v[G.taken], "upkeep takes in a slot twice or leaves one out");
    if (v[W.phase] === PHASE.streaming)
      this.check(to <= v[W.position] && to <= v[G.rows], "upkeep takes in what is not published");
    v[G.taken] = to;
  }

  private endOfDay(): void {
    const v = this.v;
    const epoch = v[W.epoch];
    const slots = slotCount(this.shape, epoch);
    this.check(v[W.position] === slots && v[W.processed] === slots, "I8: a day closes with work left");
    this.check(v[G.rows] === this.bounds.streams[epoch] * this.bounds.symbols, "a bar is lost");
    this.check(v[G.taken] === slots, "upkeep has not seen every slot");
    this.check(v[G.ends0 + epoch] === 0, "I5: a second end of the same day");
    v[G.ends0 + epoch]++;
  }

  private record(epoch: number): void {
    const v = this.v;
    this.check(epoch <= v[G.recorded], "I18: a day is recorded before the one ahead of it");
    v[G.recorded] = Math.max(v[G.recorded], epoch + 1);
  }

  // ---- the state as bytes: the words and ghosts, then each process ----
  // A move changes the words and mostly one process: the bytes of the others stand, and they need not be set back.
  save(into: Int8Array): void {
    const { v, entered } = this;
    for (let i = 0; i < v.length; i++) into[i] = v[i];
    for (let i = v.length; i < entered.length; i++) into[i] = entered[i];
    for (const member of this.processes) if (member.moved) member.process.save(into, member.start);
  }
  /** Goes to a state. */
  enter(state: Int8Array): void {
    const { entered } = this;
    for (const member of this.processes)
      for (let i = member.start; !member.moved && i < member.end; i++) member.moved = state[i] !== entered[i];
    entered.set(state);
    this.back();
  }
  /** Back to the state entered last. */
  back(): void {
    const { v, entered } = this;
    for (let i = 0; i < v.length; i++) v[i] = entered[i];
    for (const member of this.processes) {
      if (member.moved) member.process.restore(entered, member.start);
      member.moved = false;
    }
    this.control.finished = undefined;
    this.control.request = this.request();
  }

  /** Prefetch with a load to commit has something to do before it leaves. */
  prefetchIsIdle(name: ThreadName): boolean {
    return name !== "prefetch" || this.prefetch.registers.busy === 0;
  }

  private request(): Request {
    const kind = REQUESTS[this.v[G.requestKind]];
    const place: Place = { epoch: this.v[G.requestEpoch], ordinal: this.v[G.requestOrdinal] };
    if (kind === "run") return { kind, place, release: this.v[G.requestRelease], watch: this.watch };
    return kind === "seek" ? { kind, place } : { kind };
  }

  /** Generation of the conditions of goals that may be stopped by one. */
  get watch(): number {
    return this.bounds.hitSlot === undefined ? 0 : 1;
  }

  ask(kind: (typeof REQUESTS)[number], place: Place = { epoch: 0, ordinal: 0 }, release = 0): void {
    const v = this.v;
    v[G.requestRelease] = release;
    v[G.requestKind] = REQUESTS.indexOf(kind);
    v[G.requestEpoch] = place.epoch;
    v[G.requestOrdinal] = place.ordinal;
    v[G.mode] = MODE.asking;
    v[G.parkedMain] = 0;
    v[G.quiet] = 0;
    this.control.request = this.request();
  }
}
