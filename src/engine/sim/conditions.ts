/** The conditions of one simulation, drawn from its seed: grain, clock, credit, the owner's will, and faults. */
import type { SessionPlan } from "../plan.js";
import type { ThreadName } from "../protocol/phases.js";
import type { Lots } from "./lots.js";

export interface Settings {
  /** Share of turns taken whole; the others go one shared access at a time. */
  readonly wholeTurns: number;
  readonly creditRows: number;
  readonly batchRows: number;
  /** Monotonic microseconds a step at most; 0: the clock moves only when everybody waits for it. */
  readonly paceUs: number;
  /** How late a wait for the clock may end, in rows. */
  readonly latestRows: number;
  /** Speed at the start. */
  readonly speed: number;
  /** Loads take long: most end only when nobody can do without them. */
  readonly lateLoads: boolean;
  /** Commands of the owner before the last run to the end. */
  readonly commands: number;
  /** Chance of a command a step. */
  readonly rate: number;
  /** Chance of a change of speed a step. */
  readonly speedRate: number;
  readonly leavesEarly: boolean;
}

export function drawSettings(lots: Lots, plan: SessionPlan): Settings {
  const longest = Math.max(...plan.sessions.map((session) => session.minutes));
  const isLong = longest > 60;
  return {
    wholeTurns: lots.pick([0, 0.5, 0.9, 1]),
    creditRows: lots.chance(0.6) ? lots.between(1, 3) : lots.between(1, 50),
    batchRows: lots.chance(0.5) ? lots.between(1, 2) : longest,
    paceUs: lots.pick([0, 0, 10, 10_000, 3_000_000]),
    latestRows: isLong ? lots.pick([1, 3]) : lots.pick([0.05, 1, 3]),
    speed: lots.pick([0, 0, 0, 1, 60, 3600]),
    lateLoads: lots.chance(0.3),
    commands: lots.pick([0, 1, 2, 4, 8, 12]),
    rate: lots.pick([0.005, 0.02, 0.1]),
    speedRate: lots.pick([0, 0, 0.002, 0.02]),
    leavesEarly: lots.chance(0.15),
  };
}

/** Steps and numbers at which something goes wrong; 0 for never. */
export interface Faults {
  /** The nth load that reads fails. */
  readonly failingLoad: number;
  /** The nth load that reads does not end until the stop. */
  readonly hangingLoad: number;
  readonly stopAt: number;
  readonly deathAt: number;
  readonly dies: Exclude<ThreadName, "main">;
  deathNoticedAt: number;
}

export function drawFaults(lots: Lots, allowed: boolean): Faults {
  const draw = allowed ? lots.next() : 1;
  const deathAt = draw >= 0.2 && draw < 0.3 ? lots.between(1, 500) : 0;
  return {
    failingLoad: draw < 0.08 ? lots.between(1, 5) : 0,
    hangingLoad: draw >= 0.08 && draw < 0.13 ? lots.between(1, 5) : 0,
    stopAt: draw >= 0.13 && draw < 0.25 ? lots.between(1, 600) : 0,
    deathAt,
    dies: lots.pick(["coordinator", "upkeep", "prefetch"]),
    deathNoticedAt: deathAt + lots.between(0, 100),
  };
}
