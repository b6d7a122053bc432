/**
 * Visits every interleaving of the four processes at small bounds and checks the invariants in every
 * state. The processes are the ones the threads run (src/engine/protocol), advanced one shared access at a
 * time; the words are a plain array, and the days are ghosts: bit masks of slots instead of prices.
 * Breadth first, so the trace of a violation is the shortest there is. No state is visited twice.
 */
import type { SeededBug } from "../../src/engine/protocol/bugs.js";
import { boot } from "../../src/engine/protocol/boot.js";
import { Control, type Request } from "../../src/engine/protocol/control.js";
import { Coordinator } from "../../src/engine/protocol/coordinator.js";
import { BATON, isTransition, PHASE, PHASE_NAMES, STEP, type ThreadName } from "../../src/engine/protocol/phases.js";
import {
  endPlace,
  positionPlace,
  slotCount,
  stepPlace,
  timeAtPosition,
  type Place,
  type Shape,
} from "../../src/engine/protocol/places.js";
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
import { Visited } from "./visited.js";

export interface Bounds {
  readonly sessions: number;
  readonly minutes: number;
  readonly symbols: number;
  /** Minute after the last bar of each session: the end of its streams. */
  readonly streams: readonly number[];
  readonly pauses: number;
  readonly seeks: number;
  readonly goals: number;
  /** Whether main may stop at any moment; it always stops when nothing else is left to do. */
  readonly stopAnywhere: boolean;
  readonly loadsFail: boolean;
  /** Goals and seeks may also end before any end-of-day step. */
  readonly stepGoals: boolean;
  /** The first goal may be any place; else it is `firstGoal`, or the end of the range. */
  readonly anyFirstGoal?: boolean;
  readonly firstGoal?: readonly [number, number];
  /** Whether goals may also release one thread alone. */
  readonly release?: boolean;
  /** Slot of each session at which a condition becomes true; goals are watched for it. The last slots are passed by the forced close. */
  readonly hitSlot?: number;
  /** Seek targets as [session, ordinal]; every place of every session up to the present one when absent. */
  readonly seekTo?: readonly (readonly [number, number])[];
  /** A seek is asked for only when the goal before it is answered and nothing is paused; else at any moment. */
  readonly seeksAtRest?: boolean;
  readonly bugs?: readonly SeededBug[];
  readonly maxStates?: number;
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly violation: { readonly message: string; readonly trace: string[] } | undefined;
  readonly complete: boolean;
}

class Violation extends Error {}

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
type Ghost = (typeof GHOSTS)[number];
const G = Object.fromEntries(GHOSTS.map((name, i) => [name, WORD_COUNT + i])) as Record<Ghost, number>;

/** What main's owner is about: `idle` may ask, `asking` waits for an outcome, `paused` has a pause in hand, `over` has stopped. */
const MODE = { idle: 0, asking: 1, paused: 2, over: 3 } as const;
const REQUESTS = ["none", "run", "pause", "resume", "seek", "stop"] as const;

/** A way the world can go on from a state. */
interface Move {
  readonly name: string;
  run(world: World): void;
}

/** One of the four processes, and where its bytes lie in a state. */
interface Member {
  readonly name: ThreadName;
  readonly process: Process<never, never>;
  readonly bell: number;
  readonly parked: number;
  readonly start: number;
  readonly end: number;
  /** Whether its bytes in `entered` no longer hold. */
  moved: boolean;
}

class World implements Words {
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
    const shared = (bounds.bugs ?? []).flatMap((bug) => SHARED_UNDER[bug] ?? []);
    const without = (name: ThreadName) => new Set(UNSHARED[name].filter((effect) => !shared.includes(effect)));
    this.unshared = {
      coordinator: without("coordinator"),
      upkeep: without("upkeep"),
      prefetch: without("prefetch"),
      main: without("main"),
    };
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

/**
 * Effects that touch only what no other process may read or write at that moment, because of the baton, an
 * acknowledged pause or a word that is published later. They commute with every move of the others, so they are
 * carried out at once with the move before them, and no state is made in between (partial order reduction). A
 * seeded bug that makes one of them visible takes it off the list.
 */
const UNSHARED: Readonly<Record<ThreadName, readonly string[]>> = {
  coordinator: ["copy-rows", "time", "anchor"],
  upkeep: [
    "process",
    "hit-at",
    "clear-day",
    "pass-remaining",
    "close",
    "finalize",
    "verify",
    "record",
    "next-step",
    "deactivate",
    "new-run",
    "rewind",
    "next-day",
  ],
  prefetch: ["begin"],
  main: ["limit", "seek-target", "done"],
};
const SHARED_UNDER: Partial<Record<SeededBug, readonly string[]>> = {
  "time-before-bar": ["copy-rows", "time", "process"],
  "goal-before-limit": ["limit"],
  "seek-on-one-ack": ["limit", "seek-target", "new-run", "rewind"],
};

function unsharedMove(world: World): Move | undefined {
  for (const member of world.processes) {
    const { name, process, bell, parked } = member;
    const effect = process.nextEffect as string | undefined;
    // Once stop is set a worker that clears its bell or looks will leave, whatever the others do.
    const leaving = name !== "main" && world.v[W.stop] === 1 && effect === undefined && world.v[parked] !== 2;
    if (leaving && (world.v[parked] === 0 || world.v[bell] === 1) && world.prefetchIsIdle(name))
      return { name, run: () => advance(world, member) };
    if (effect !== undefined && world.unshared[name].has(effect)) return { name, run: () => advance(world, member) };
  }
  return undefined;
}

/** What follows a move by itself; `each` is told of every such move before it is carried out. */
function runUnshared(world: World, each?: (move: Move) => void): void {
  for (let move = unsharedMove(world); move !== undefined; move = unsharedMove(world)) {
    each?.(move);
    move.run(world);
  }
}

function processMoves(world: World): Move[] {
  const moves: Move[] = [];
  const v = world.v;
  for (const member of world.processes) {
    const { name, process, bell, parked } = member;
    if (v[parked] === 2) continue; // has left
    if (name === "main" && process.betweenTurns && v[G.requestKind] === 0 && v[bell] === 0) continue;
    if (v[parked] === 1 && v[bell] === 0) continue;
    moves.push({ name, run: () => advance(world, member) });
  }
  if (world.prefetch.registers.busy === 1 && world.prefetch.betweenTurns && v[G.parkedPrefetch] !== 2) {
    const done = (ok: boolean) => (): void => {
      if (!ok) v[G.failed] = 1;
      world.prefetch.loaded(ok);
      for (const member of world.processes) if (member.name === "prefetch") member.moved = true;
      v[G.parkedPrefetch] = 0;
    };
    moves.push({ name: "load done", run: done(true) });
    if (world.bounds.loadsFail && v[G.failed] === 0) moves.push({ name: "load fails", run: done(false) });
  }
  return moves;
}

function advance(world: World, member: Member): void {
  const { name, process, parked } = member;
  const v = world.v;
  member.moved = true;
  world.writer = name;
  v[parked] = 0;
  const turn = process.advance();
  if (turn === "waits") v[parked] = 1;
  if (turn === "left") v[parked] = 2;
  if (name !== "main") safePoint(world);
  if (name === "main" && process.betweenTurns) noticeTurn(world);
}

/** I10 at a safe point of a data-driven session. */
function safePoint(world: World): void {
  const v = world.v;
  if (v[W.phase] !== PHASE.streaming) return;
  const ahead = v[G.time] * MINUTE_US - timeAtPosition(world.shape, v[W.epoch], v[W.position]);
  world.check(ahead <= 0, "I10: time is ahead of the position");
  if (world.coordinator.betweenTurns) world.check(ahead === 0, "I10: time is behind the position at a safe point");
}

/** What main's owner does after each of main's turns: take the outcome, notice an answer. */
function noticeTurn(world: World): void {
  const v = world.v;
  const { control } = world;
  const outcome = control.finished;
  control.finished = undefined;
  if (v[W.failure] === 1 && v[G.mode] !== MODE.over && outcome === undefined && REQUESTS[v[G.requestKind]] !== "stop") {
    world.ask("stop");
    return;
  }
  if (outcome !== undefined) {
    v[G.requestKind] = v[G.requestEpoch] = v[G.requestOrdinal] = v[G.requestRelease] = 0;
    v[G.mode] = outcome === "paused" ? MODE.paused : outcome === "joined" ? MODE.over : MODE.idle;
    if (outcome === "paused") {
      v[G.quiet] = 1;
      quietCheck(world, "a pause");
    }
    if (outcome === "refuse") world.check(false, "a legal request is refused");
    if (outcome === "failed") world.ask("stop");
    if (outcome === "seek") v[G.seekGoal] = v[W.goalId];
  }
  if (hitPending(v) && (v[G.mode] === MODE.idle || v[G.mode] === MODE.paused)) {
    v[G.hitNoticed] = v[W.goalId];
    world.ask("seek", { epoch: v[W.epoch], ordinal: v[W.hitAt] });
    return;
  }
  if (v[G.mode] === MODE.idle && v[W.answered] === v[W.goalId] && v[G.noticed] !== v[W.goalId]) {
    v[G.noticed] = v[W.goalId];
    v[G.quiet] = 1;
    answerCheck(world);
  }
}

/** A condition became true under the newest goal and stopped upkeep before the goal was reached: main goes there. */
function hitPending(v: Int8Array): boolean {
  return v[W.hit] === v[W.goalId] && v[W.answered] !== v[W.goalId] && v[G.hitNoticed] !== v[W.goalId];
}

function quietCheck(world: World, what: string): void {
  const v = world.v;
  world.check(v[W.processed] === v[W.position] || v[W.phase] === PHASE.drained, `${what}: upkeep has not caught up`);
  if (v[W.phase] === PHASE.streaming)
    world.check(v[G.rows] === v[W.position] && v[G.taken] === v[W.position], `${what}: work is left`);
}

/** A goal's answer: the session stands exactly where the goal says, with exactly the days before it ended. */
function answerCheck(world: World): void {
  const v = world.v;
  const { shape } = world;
  const [epoch, ordinal] = [v[W.goalEpoch], v[W.goalOrdinal]];
  if (v[W.release] !== RELEASE.both) return; // one event, wherever that was
  if (v[W.phase] === PHASE.streaming) quietCheck(world, "an answer");
  if (v[G.seekGoal] === v[W.goalId]) world.check(v[W.run] === v[W.seekRun], "a seek is answered in the old run");
  if (epoch === shape.sessionCount) {
    world.check(v[W.phase] === PHASE.finished && v[W.active] === 0, "run to the end answered before the end");
  } else {
    world.check(v[W.epoch] === epoch, `answered in session ${v[W.epoch]} instead of ${epoch}`);
    const slots = slotCount(shape, epoch);
    const end = world.bounds.streams[epoch] * world.bounds.symbols;
    if (ordinal >= 0 && ordinal <= slots + STEP.handOver) {
      world.check(v[W.phase] === PHASE.streaming && v[W.active] === 1, "answered outside the day");
      world.check(v[W.position] === Math.min(ordinal, end), `answered at slot ${v[W.position]} instead of ${ordinal}`);
      world.check(v[W.step] === STEP.none, "a step of the end of day is left over");
      world.check(v[G.time] * MINUTE_US === timeAtPosition(shape, epoch, v[W.position]), "answered at another time");
    } else if (ordinal < 0) {
      world.check(v[W.phase] === PHASE.arming, "answered outside ARMING");
    } else {
      const step = v[W.step] === STEP.none ? STEP.drain : v[W.step];
      world.check(step === ordinal - slots, `answered before step ${step} instead of ${ordinal - slots}`);
    }
  }
  for (let day = v[G.runStart]; day < shape.sessionCount; day++) {
    const closed =
      v[W.phase] === PHASE.finished || day < v[W.epoch] || (day === v[W.epoch] && v[W.phase] === PHASE.closed);
    world.check(v[G.ends0 + day] === (closed ? 1 : 0), "I5: the number of ends of day is wrong");
  }
}

/** What main's owner may ask for, from this state. */
function ownerMoves(world: World): Move[] {
  const v = world.v;
  const { bounds } = world;
  const moves: Move[] = [];
  if (!world.control.betweenTurns || v[G.mode] === MODE.asking || v[G.mode] === MODE.over) return moves;
  const pending = v[W.goalId] !== v[W.answered];
  const unnoticed = !pending && v[G.noticed] !== v[W.goalId];
  const paused = v[G.mode] === MODE.paused;
  if (hitPending(v)) return moves; // main notices it first
  if (unnoticed && !paused) return moves; // it will notice first: its bell is owed
  const ask = (name: string, kind: (typeof REQUESTS)[number], place?: Place, ghost?: Ghost, release = 0): void => {
    moves.push({
      name,
      run: () => {
        if (ghost) v[G[ghost]]++;
        world.ask(kind, place, release);
      },
    });
  };
  if (paused) ask("ask resume", "resume");
  if (paused || !pending) {
    if (v[G.goals] < bounds.goals)
      for (const place of placesFrom(world)) ask(`ask run to ${place.epoch}:${place.ordinal}`, "run", place, "goals");
    if (v[G.goals] < bounds.goals && bounds.release)
      for (const release of [RELEASE.coordinator, RELEASE.upkeep])
        ask(`ask to release ${release}`, "run", endPlace(world.shape), "goals", release);
  }
  if (!paused && v[G.pauses] < bounds.pauses) ask("ask pause", "pause", undefined, "pauses");
  if (v[G.seeks] < bounds.seeks && !(bounds.seeksAtRest && (paused || pending)))
    for (const place of seekTargets(world)) ask(`ask seek to ${place.epoch}:${place.ordinal}`, "seek", place, "seeks");
  const over = !pending && v[G.goals] >= bounds.goals && v[G.seeks] >= bounds.seeks;
  if (bounds.stopAnywhere || (over && !paused)) ask("ask stop", "stop");
  return moves;
}

function allPlaces(world: World): Place[] {
  const { shape, bounds } = world;
  const places: Place[] = [endPlace(shape)];
  for (let epoch = 0; epoch < bounds.sessions; epoch++) {
    for (let position = 0; position <= slotCount(shape, epoch); position++) places.push(positionPlace(epoch, position));
    if (!bounds.stepGoals) continue;
    for (let step: number = STEP.handOver; step <= STEP.activate; step++)
      if (step !== STEP.roll || epoch + 1 < bounds.sessions) places.push(stepPlace(shape, epoch, step));
  }
  return places;
}

/** Goals that do not lie behind; fewer of them than there are, to keep the exploration small: the ends, the middle, every step. */
function placesFrom(world: World): Place[] {
  const v = world.v;
  const { shape } = world;
  const phase = v[W.phase];
  const seeking = phase === PHASE.seeking;
  const bug = world.bounds.bugs?.includes("limit-behind");
  return allPlaces(world).filter((place) => {
    if (phase === PHASE.finished) return place.epoch === shape.sessionCount;
    const epoch = seeking ? v[W.seekEpoch] : v[W.epoch];
    if (place.epoch !== epoch) return place.epoch > epoch;
    if (bug) return place.ordinal >= 0;
    if (phase === PHASE.streaming) return place.ordinal >= v[W.position];
    if (phase === PHASE.drained || phase === PHASE.closed)
      return place.ordinal >= slotCount(shape, epoch) + Math.max(v[W.step], STEP.drain);
    if (phase === PHASE.arming && v[W.step] === STEP.activate)
      return place.ordinal >= stepPlace(shape, epoch, STEP.activate).ordinal;
    return true;
  });
}

/** Any session up to the present one, any place in it. */
function seekTargets(world: World): Place[] {
  const newest = world.v[W.phase] === PHASE.seeking ? world.v[W.seekEpoch] : world.v[W.epoch];
  const { seekTo } = world.bounds;
  const places = seekTo ? seekTo.map(([epoch, ordinal]) => ({ epoch, ordinal })) : allPlaces(world);
  return places.filter((place) => place.epoch <= newest && place.ordinal >= 0);
}

/** Nobody can move, and something is owed: a lost wake-up, or a thread that has left. */
function stuck(world: World, moves: Move[]): boolean {
  const v = world.v;
  if (moves.length > 0) return false;
  const pending = v[W.goalId] !== v[W.answered] && v[W.control] % 2 === 0;
  const unnoticed = v[W.goalId] === v[W.answered] && v[G.noticed] !== v[W.goalId] && v[G.mode] === MODE.idle;
  return v[G.mode] !== MODE.over && (pending || unnoticed || v[G.mode] === MODE.asking);
}

/** Visits every state. */
export function explore(bounds: Bounds): Exploration {
  const world = new World(bounds);
  const visited = new Visited(world.size, bounds.maxStates ?? 40_000_000);
  let transitions = 0;
  const { firstGoal } = bounds;
  const goal = firstGoal ? positionPlace(firstGoal[0], firstGoal[1]) : endPlace(world.shape);
  for (const first of bounds.anyFirstGoal ? allPlaces(world) : [goal]) {
    world.v.fill(0);
    boot(world, world.shape, first);
    world.v[W.watch] = world.watch;
    runUnshared(world);
    world.save(visited.next);
    visited.add(-1, 0);
  }
  const current = new Int8Array(world.size);
  for (let state = 0; state < visited.count; state++) {
    visited.copy(state, current);
    world.enter(current);
    const processes = processMoves(world);
    if (stuck(world, processes))
      return found(bounds, visited, state, transitions, "deadlock: nobody can move and something is owed (I17, I19)");
    const moves = [...processes, ...ownerMoves(world)];
    for (let m = 0; m < moves.length; m++) {
      if (m > 0) world.back();
      transitions++;
      try {
        moves[m].run(world);
        runUnshared(world);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        return found(bounds, visited, state, transitions, error.message, m);
      }
      world.save(visited.next);
      if (!visited.add(state, m)) {
        return { states: visited.count, transitions, violation: undefined, complete: false };
      }
    }
  }
  return { states: visited.count, transitions, violation: undefined, complete: true };
}

function found(
  bounds: Bounds,
  visited: Visited,
  state: number,
  transitions: number,
  message: string,
  last?: number,
): Exploration {
  const steps: { state: number; move: number }[] = [];
  if (last !== undefined) steps.push({ state, move: last });
  for (let s = state; visited.parent(s) >= 0; s = visited.parent(s))
    steps.unshift({ state: visited.parent(s), move: visited.move(s) });
  const world = new World(bounds);
  const bytes = new Int8Array(visited.size);
  const trace: string[] = [];
  /** A turn is named by what was decided, which the move itself may do: the text follows the move. */
  const told = ({ name }: Move): string => {
    const thread = world.processes.find((p) => p.name === name);
    return thread ? `${name}: ${(thread.process.decided as { kind: string }).kind}` : name;
  };
  for (const { state: from, move } of steps) {
    visited.copy(from, bytes);
    world.enter(bytes);
    const chosen = [...processMoves(world), ...ownerMoves(world)][move];
    try {
      chosen.run(world);
      trace.push(told(chosen));
      runUnshared(world, (next) => trace.push(told(next)));
    } catch {
      trace.push(told(chosen)); // the violation itself: the trace ends here
    }
  }
  return { states: visited.count, transitions, violation: { message, trace }, complete: false };
}
