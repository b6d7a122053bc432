/** What the coordinator does to the days: copy source slots into the published grid. */
import { FLAG_PRESENT } from "../market/bars.js";
import { streamsEnd, type Segment } from "../memory/segment.js";
import type { CoordinatorWork } from "../protocol/coordinator.js";
import { W, type Words } from "../protocol/words.js";

/** @param monotonicUs monotonic microseconds; injected, so that tests and `verify` use a virtual clock */
export function createCoordinatorWork(
  words: Words,
  segments: readonly Segment[],
  monotonicUs: () => number,
): CoordinatorWork {
  const current = (epoch: number): Segment => segments[words.load(W.loadSegment0 + (epoch % 2))];
  return {
    endOfStreams: (epoch) => {
      const segment = current(epoch);
      return streamsEnd(segment) * segment.shape.symbols;
    },
    publish: (epoch, from, to) => publishSlots(current(epoch), from, to),
    monotonicUs,
  };
}

/** Source → published for the slots [from, to). Missing slots stay as they are: empty. */
export function publishSlots(segment: Segment, from: number, to: number): void {
  const { source, published } = segment;
  copy(source.bars.open, published.bars.open, from, to);
  copy(source.bars.high, published.bars.high, from, to);
  copy(source.bars.low, published.bars.low, from, to);
  copy(source.bars.close, published.bars.close, from, to);
  copy(source.bars.volume, published.bars.volume, from, to);
  const { flags } = source;
  const { origin } = published;
  for (let slot = from; slot < to; slot++) origin[slot] = flags[slot] & FLAG_PRESENT; // ORIGIN.streamed is 1
}

/** From so many slots on, copying as a block beats a loop. */
const BLOCK_SLOTS = 48;

function copy(source: Float64Array, target: Float64Array, from: number, to: number): void {
  if (to - from >= BLOCK_SLOTS) target.set(source.subarray(from, to), from);
  else for (let slot = from; slot < to; slot++) target[slot] = source[slot];
}
