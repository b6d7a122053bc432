/**
 * Visits every interleaving of the four processes at small bounds and checks the invariants in every
 * state. The processes are the ones the threads run (src/engine/protocol), advanced one shared access at a
 * time; the words are a plain array. Breadth first, so the trace of a violation is the shortest there is. No state is visited twice.
 */
import { boot } from "../../src/engine/protocol/boot.js";
import { endPlace, positionPlace } from "../../src/engine/protocol/places.js";
import { W } from "../../src/engine/protocol/words.js";
import type { Bounds } from "./bounds.js";
import { allPlaces, ownerMoves, processMoves, runUnshared, stuck, type Move } from "./moves.js";
import { Visited } from "./visited.js";
import { Violation, World } from "./world.js";

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly violation: { readonly message: string; readonly trace: string[] } | undefined;
  readonly complete: boolean;
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
