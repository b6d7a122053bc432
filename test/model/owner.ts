/** What main's owner does and relies on: it takes outcomes, notices answers and hits, and the session stands as the goal says. */
import { PHASE, STEP } from "../../src/engine/protocol/phases.js";
import { slotCount, timeAtPosition } from "../../src/engine/protocol/places.js";
import { RELEASE, W } from "../../src/engine/protocol/words.js";
import { MINUTE_US } from "../../src/engine/market/time.js";
import { G, MODE, REQUESTS, type World } from "./world.js";

/** I10 at a safe point of a data-driven session. */
export function safePoint(world: World): void {
  const v = world.v;
  if (v[W.phase] !== PHASE.streaming) return;
  const ahead = v[G.time] * MINUTE_US - timeAtPosition(world.shape, v[W.epoch], v[W.position]);
  world.check(ahead <= 0, "I10: time is ahead of the position");
  if (world.coordinator.betweenTurns) world.check(ahead === 0, "I10: time is behind the position at a safe point");
}

/** What main's owner does after each of main's turns: take the outcome, notice an answer. */
export function noticeTurn(world: World): void {
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
export function hitPending(v: Int8Array): boolean {
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
