/**
 * The inspector: checks, while nothing moves, every invariant that shows in memory. Recomputes derived bars and
 * quality from the slots by straight code of its own, so that it does not agree with a fault by sharing it.
 */
import { FLAG_PRESENT, ORIGIN } from "../market/bars.js";
import { STATUS } from "../market/day.js";
import { segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { Coordinator } from "../protocol/coordinator.js";
import { PHASE, PHASE_NAMES } from "../protocol/phases.js";
import { slotCount, timeAtPosition } from "../protocol/places.js";
import type { ProtocolConfig } from "../protocol/process.js";
import { Upkeep } from "../protocol/upkeep.js";
import { LOAD, loadState, RELEASE, W, type Words } from "../protocol/words.js";
import { createCoordinatorWork } from "../work/coordinator-work.js";

/** A bell whose owner waits for it (sync/atomic-words.ts). */
const WAITING = 2;

/** Broken invariants in words; empty when all hold. `segment` is the present session's. */
export function checkStanding(plan: SessionPlan, words: Words, config: ProtocolConfig, segment: Segment): string[] {
  const broken: string[] = [];
  const phase = words.load(W.phase);
  if (plan.sessions.length === 0) return broken;
  const epoch = words.load(W.epoch);
  const where = `${plan.sessions[epoch]?.date ?? "?"} in ${PHASE_NAMES[phase]}`;
  const say = (text: string): void => void broken.push(`${text} (${where})`);
  checkPlace(words, config, epoch, say);
  if (phase === PHASE.streaming || phase === PHASE.drained || phase === PHASE.closed) {
    checkSlots(words, segment, say);
    checkDerived(words.load(W.processed), segment, say);
    checkQuality(words.load(W.processed), segment, say);
  }
  checkBells(words, config, [segment], say);
  return broken;
}

type Say = (text: string) => void;

function checkPlace(words: Words, config: ProtocolConfig, epoch: number, say: Say): void {
  const { shape } = config;
  const phase = words.load(W.phase);
  const position = words.load(W.position);
  const processed = words.load(W.processed);
  if (position < processed) say(`I8: upkeep is at slot ${processed}, ahead of the coordinator at ${position}`);
  if (phase !== PHASE.streaming) {
    if (phase === PHASE.closed && position !== slotCount(shape, epoch)) say(`I8: the day closed at slot ${position}`);
    return;
  }
  if (position !== processed && words.load(W.release) === RELEASE.both)
    say(`I8: stopped with slots ${processed}…${position} not taken in`);
  if (words.load(W.active) !== 1) say("I3: the day streams and is not active");
  const slot = epoch % 2;
  if (loadState(words.load(W.load0 + slot)) !== LOAD.ready || words.load(W.loadEpoch0 + slot) !== epoch)
    say("I9: the day that streams is not the one that was loaded");
  const atPosition = timeAtPosition(shape, epoch, position);
  const time = words.loadTime();
  if (time < atPosition || time > shape.closeUs(epoch)) say(`I10: time ${time} outside [${atPosition}, close]`);
}

/** I3, I11: a slot behind the position shows its source or a fill, one ahead of it shows nothing. */
function checkSlots(words: Words, segment: Segment, say: Say): void {
  const grid = segmentGrid(segment);
  const { flags, bars: source } = segment.source;
  const position = words.load(W.position);
  for (let slot = 0; slot < grid.minutes * grid.symbols; slot++) {
    const present = (flags[slot] & FLAG_PRESENT) === 1;
    const streamed = grid.origin[slot] === ORIGIN.streamed;
    if (slot >= position) {
      if (grid.origin[slot] !== ORIGIN.empty) return say(`I11: slot ${slot} is visible ahead of position ${position}`);
    } else if (present !== streamed) {
      return say(`I3: slot ${slot} is ${streamed ? "streamed without" : "not streamed in spite of"} a row`);
    } else if (
      streamed &&
      (grid.bars.close[slot] !== source.close[slot] || grid.bars.volume[slot] !== source.volume[slot])
    ) {
      return say(`I3: slot ${slot} differs from its row`);
    }
  }
}

/** I12: every finished bucket against its slots, and no bucket before its last slot has passed (I11). */
function checkDerived(processed: number, segment: Segment, say: Say): void {
  const grid = segmentGrid(segment);
  for (const derived of segmentDerived(segment)) {
    const { intervalMinutes, bars, count, status } = derived;
    for (let cell = 0; cell < derived.buckets * grid.symbols; cell++) {
      const symbol = cell % grid.symbols;
      const from = Math.floor(cell / grid.symbols) * intervalMinutes;
      const to = Math.min(from + intervalMinutes, grid.minutes);
      const slots: number[] = [];
      for (let minute = from; minute < to; minute++) slots.push(minute * grid.symbols + symbol);
      if (slots[slots.length - 1] >= processed) {
        if (count[cell] !== 0) return say(`I11: a ${intervalMinutes}-minute bar is visible before its end`);
        continue;
      }
      const sources = slots.filter((slot) => grid.origin[slot] !== ORIGIN.empty);
      const whole = to - from < intervalMinutes ? STATUS.stub : STATUS.complete;
      const expected = sources.length === 0 ? STATUS.none : sources.length < to - from ? STATUS.incomplete : whole;
      const volume = sources.reduce((sum, slot) => sum + grid.bars.volume[slot], 0);
      const same =
        count[cell] === sources.length &&
        status[cell] === expected &&
        (sources.length === 0 ||
          (bars.open[cell] === grid.bars.open[sources[0]] &&
            bars.close[cell] === grid.bars.close[sources[sources.length - 1]] &&
            bars.high[cell] === Math.max(...sources.map((slot) => grid.bars.high[slot])) &&
            bars.low[cell] === Math.min(...sources.map((slot) => grid.bars.low[slot])) &&
            bars.volume[cell] === volume));
      if (!same)
        return say(
          `I12: the ${intervalMinutes}-minute bar of symbol ${symbol} at minute ${from} differs from its sources`,
        );
    }
  }
}

/** I20, and the running counters against a count of the slots. */
function checkQuality(processed: number, segment: Segment, say: Say): void {
  const grid = segmentGrid(segment);
  const { observed, missing, filled } = segment.quality;
  for (let symbol = 0; symbol < grid.symbols; symbol++) {
    let due = 0;
    let streamed = 0;
    let fills = 0;
    for (let slot = symbol; slot < processed; slot += grid.symbols) {
      due++;
      if (grid.origin[slot] === ORIGIN.streamed) streamed++;
      else if (grid.origin[slot] !== ORIGIN.empty) fills++;
    }
    if (observed[symbol] !== streamed || observed[symbol] + missing[symbol] !== due || filled[symbol] !== fills)
      return say(
        `I20: symbol ${symbol}: ${observed[symbol]} observed, ${missing[symbol]} missing, ${filled[symbol]} filled of ${due} due`,
      );
  }
}

/** I17: nobody waits whose condition is true. Asks the threads' own rules what they would do, without acting. */
function checkBells(words: Words, config: ProtocolConfig, segments: readonly Segment[], say: Say): void {
  const refuse = (): never => {
    throw new Error("bardeck bug: the inspector acts");
  };
  const index = words.load(W.loadSegment0 + (words.load(W.epoch) % 2));
  const placed = Array.from({ length: index + 1 }, () => segments[0]);
  const coordinator = new Coordinator(
    words,
    config,
    createCoordinatorWork(words, placed, () => 0),
  );
  const upkeep = new Upkeep(words, config, {
    process: refuse,
    forceClose: refuse,
    chooseSegment: refuse,
    releaseLoad: refuse,
    activate: refuse,
    finalize: refuse,
    verify: refuse,
    record: refuse,
    tell: refuse,
  });
  if (words.load(W.bellCoordinator) === WAITING && !coordinator.wouldWait())
    say("I17: the coordinator waits and could go on");
  if (words.load(W.bellUpkeep) === WAITING && !upkeep.wouldWait()) say("I17: upkeep waits and could go on");
}
