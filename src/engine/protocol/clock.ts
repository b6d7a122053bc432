/**
 * The clock of a session: simulated time as a function of a monotonic source, not a thread of its own.
 * sim = anchorSim + speed × (mono − anchorMono). Re-anchored whenever the speed, the run, the session or the
 * goal changes, so that nothing jumps and nothing drifts. Pure; the source is passed in.
 */

export interface ClockAnchor {
  /** Simulated time, microseconds UTC. */
  readonly simUs: number;
  /** Monotonic time at that moment, microseconds. */
  readonly monoUs: number;
  /** Simulated seconds a second, > 0. */
  readonly speed: number;
}

/** Simulated time at monotonic time `monoUs`, never beyond `closeUs`. */
export function simulatedTime(anchor: ClockAnchor, monoUs: number, closeUs: number): number {
  return Math.min(anchor.simUs + anchor.speed * (monoUs - anchor.monoUs), closeUs);
}

/** Monotonic time at which the clock reaches `simUs`. */
export function monotonicTime(anchor: ClockAnchor, simUs: number): number {
  return anchor.monoUs + (simUs - anchor.simUs) / anchor.speed;
}
