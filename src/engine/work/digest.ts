/**
 * The digest of a session at a position: equal for every way of getting there (I13). Covers the header, the slots
 * passed with presence, origin, prices and volume, the finished derived bars, gaps, fills, row classes and the
 * completed end-of-day steps. Not the speed, credit, run, pauses or commands. One pass, on request; never in
 * the per-bar loop.
 */
import { finishedBuckets } from "../derived/buckets.js";
import { EXCEPTION_WORDS } from "../market/bars.js";
import { exceptionCount, segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { Hash } from "./hash.js";

export const DIGEST_VERSION = "d1";

/**
 * The digest of session `epoch` after `position` slots and `steps` completed end-of-day steps.
 * `segment` holds the day; without one (the day has not begun) the digest is that of the header.
 */
export function dayDigest(
  plan: SessionPlan,
  epoch: number,
  segment: Segment | undefined,
  position: number,
  steps: number,
): string {
  const hash = new Hash();
  addHeader(hash, plan, epoch);
  if (!segment) return `${DIGEST_VERSION}:${hash.digest()}`;
  const grid = segmentGrid(segment);
  hash.number(position).number(steps);
  for (const column of Object.values(grid.bars)) hash.array(column as Float64Array, 0, position);
  hash.array(grid.origin, 0, position);
  for (const derived of segmentDerived(segment)) {
    const cells = finishedBuckets(grid, derived.intervalMinutes, position);
    for (const column of Object.values(derived.bars)) hash.array(column as Float64Array, 0, cells);
    hash.array(derived.count, 0, cells).array(derived.status, 0, cells);
  }
  const { quality, source } = segment;
  hash.array(quality.gaps).array(quality.longestGap).array(quality.missing).array(quality.filled);
  hash.array(source.exceptions, 0, exceptionsPassed(segment, position) * EXCEPTION_WORDS);
  return `${DIGEST_VERSION}:${hash.digest()}`;
}

/** The digest of a whole run: its days' digests in order. */
export function runDigest(dayDigests: readonly string[]): string {
  const hash = new Hash();
  for (const digest of dayDigests) hash.text(digest);
  return `${DIGEST_VERSION}:${hash.digest()}`;
}

function addHeader(hash: Hash, plan: SessionPlan, epoch: number): void {
  const session = plan.sessions[epoch];
  hash.text(plan.calendarName).text(plan.exchangeZone).text(plan.symbols.join("\n"));
  hash.text(session.date).text(session.kind).text(String(session.openUs)).text(String(session.closeUs));
  hash.text(plan.intervals.join(",")).text(plan.fillMode);
}

/** Entries of the exceptions list counted at slots behind `position`; the list is sorted by slot. */
export function exceptionsPassed(segment: Segment, position: number): number {
  const { exceptions } = segment.source;
  let low = 0;
  let high = exceptionCount(segment);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (exceptions[middle * EXCEPTION_WORDS] < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
