/** The ways the world can go on from a state: a step of a process, the end of a load, a wish of main's owner. */
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { endPlace, positionPlace, slotCount, stepPlace, type Place } from "../../src/engine/protocol/places.js";
import { RELEASE, W } from "../../src/engine/protocol/words.js";
import { hitPending, noticeTurn, safePoint } from "./owner.js";
import { G, MODE, REQUESTS, type Ghost, type Member, type World } from "./world.js";

/** A way the world can go on from a state. */
export interface Move {
  readonly name: string;
  run(world: World): void;
}

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
export function runUnshared(world: World, each?: (move: Move) => void): void {
  for (let move = unsharedMove(world); move !== undefined; move = unsharedMove(world)) {
    each?.(move);
    move.run(world);
  }
}

/** What the processes can do, from this state. */
export function processMoves(world: World): Move[] {
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

/** What main's owner may ask for, from this state. */
export function ownerMoves(world: World): Move[] {
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

export function allPlaces(world: World): Place[] {
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
export function stuck(world: World, moves: Move[]): boolean {
  const v = world.v;
  if (moves.length > 0) return false;
  const pending = v[W.goalId] !== v[W.answered] && v[W.control] % 2 === 0;
  const unnoticed = v[W.goalId] === v[W.answered] && v[G.noticed] !== v[W.goalId] && v[G.mode] === MODE.idle;
  return v[G.mode] !== MODE.over && (pending || unnoticed || v[G.mode] === MODE.asking);
}
