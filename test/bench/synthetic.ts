/** Sessions over synthetic bars, on the built workers. */
import type { SessionPlan } from "../../dist/engine/plan.js";
import type { Catalog } from "../../dist/engine/catalog/types.js";
import { Engine } from "../../dist/engine/session/engine.js";
import { LiveSession } from "../../dist/engine/session/live-session.js";
import { Crew } from "../../dist/engine/threads/crew.js";
import { syntheticSessions, type SyntheticOptions } from "../../dist/engine/work/synthetic-source.js";

/** Regular sessions with 98 % of the minutes present. */
export function syntheticDays(symbols: number, sessions: number, minutes = 390): SyntheticOptions {
  return { seed: 7, symbols, sessions, minutes, missing: 0.02 };
}

export function syntheticPlan(options: SyntheticOptions, overrides: Partial<SessionPlan> = {}): SessionPlan {
  return {
    calendarName: "synthetic",
    exchangeZone: "UTC",
    symbols: Array.from({ length: options.symbols }, (_, i) => `S${i}`),
    sessions: syntheticSessions(options),
    intervals: [5, 15],
    derivedPolicy: "flag",
    fillMode: "none",
    creditRows: 1440,
    mostExceptions: 16,
    keepDays: 3,
    ...overrides,
  };
}

/** A session that stands at the open of the first day. */
export async function openSynthetic(
  plan: SessionPlan,
  options: SyntheticOptions,
  crew = new Crew(),
): Promise<LiveSession> {
  const info = {
    catalog: emptyCatalog(plan),
    options: { path: "synthetic" },
    intervals: plan.intervals,
    fill: plan.fillMode,
  };
  const opened = { plan, info, startUs: undefined };
  return new LiveSession(await Engine.start(crew, opened, {}, { kind: "synthetic", options }));
}

/** Bars of the sessions of a plan. */
export function barsOf(plan: SessionPlan): number {
  return plan.sessions.reduce((sum, { rows }) => sum + rows.reduce((a, b) => a + b, 0), 0);
}

function emptyCatalog(plan: SessionPlan): Catalog {
  return {
    calendarName: plan.calendarName,
    exchangeZone: plan.exchangeZone,
    label: { value: "start", how: "synthetic" },
    timeZone: { value: "UTC", how: "synthetic" },
    unit: { value: "us", how: "synthetic" },
    files: [],
    symbols: [...plan.symbols],
    bySymbol: [],
    sessions: [],
    withoutData: { count: 0, insideData: [] },
    mostSessionRows: 0,
    rows: 0,
    inputDigest: "",
    notes: [],
    notices: [],
  };
}
