/**
 * Which sessions a schedule replays: a few that follow each other, so that a schedule stays short and the days fit in memory
 * however long the range is. A function of the seed and the plan, so that the seed alone replays it.
 */
import type { SessionPlan } from "../plan.js";

/** Sessions [from, to) of a plan. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

const MOST_SESSIONS = 4;
/** Two days are a roll; there is none with fewer. */
const FEWEST_SESSIONS = 2;
/** Slots of the sessions in memory. */
const MOST_SLOTS = 1 << 20;

/** All of a plan's: each begins with the session the one before it ends with, so that every roll is in one. */
export function windowsOf({ sessions, symbols }: SessionPlan): Window[] {
  if (sessions.length === 0) return [];
  const slots = Math.max(...sessions.map(({ minutes }) => minutes)) * symbols.length;
  const length = Math.min(MOST_SESSIONS, Math.max(FEWEST_SESSIONS, Math.floor(MOST_SLOTS / slots)));
  const count = Math.max(1, Math.ceil((sessions.length - 1) / (length - 1)));
  return Array.from({ length: count }, (_, i) => {
    const to = Math.min(i * (length - 1) + length, sessions.length);
    return { from: Math.max(0, to - length), to };
  });
}

/** The window of a seed, an index: any `count` seeds in a row have all of them, and a few are spread over the range. */
export function windowOfSeed(seed: number, count: number): number {
  let stride = Math.ceil(count * 0.618);
  while (gcd(stride, count) > 1) stride++;
  return (seed * stride) % count;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
