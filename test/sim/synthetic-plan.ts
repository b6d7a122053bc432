/** Plans over seeded bars, for tests that need no files. */
import type { SessionPlan } from "../../src/engine/plan.js";
import { syntheticSessions, type SyntheticOptions } from "../../src/engine/work/synthetic-source.js";

export function syntheticPlan(options: SyntheticOptions, overrides: Partial<SessionPlan> = {}): SessionPlan {
  return {
    calendarName: "synthetic",
    exchangeZone: "UTC",
    symbols: Array.from({ length: options.symbols }, (_, i) => `S${i}`),
    sessions: syntheticSessions(options),
    intervals: [5, 15],
    derivedPolicy: "flag",
    fillMode: "none",
    creditRows: 10,
    mostExceptions: 16,
    keepDays: 3,
    ...overrides,
  };
}
