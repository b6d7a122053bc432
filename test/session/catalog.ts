/** A catalogue written by hand: XNYS sessions around a clock change and a half day. */
import type { Catalog } from "../../src/engine/catalog/types.js";
import { ROW_CLASSES, type RowClass } from "../../src/engine/market/bars.js";
import { createXnysCalendar } from "../../src/engine/market/calendar.js";
import type { SessionPlan } from "../../src/engine/plan.js";
import { openPlan } from "../../src/engine/session/make-plan.js";

/** Friday before and Monday after the clocks went back in New York, the day before Thanksgiving and the half day after it. */
export const DATES = ["2013-11-01", "2013-11-04", "2013-11-27", "2013-11-29"] as const;

export function catalogOf(overrides: Partial<Catalog> = {}): Catalog {
  const calendar = createXnysCalendar();
  const symbols = ["IBM", "MSFT", "SPY"];
  return {
    calendarName: "XNYS",
    exchangeZone: "America/New_York",
    label: { value: "start", how: "" },
    timeZone: { value: "UTC", how: "" },
    unit: { value: "us", how: "" },
    files: [],
    symbols,
    bySymbol: symbols.map((symbol) => ({ symbol, rows: 4, firstDate: DATES[0], lastDate: DATES[3] })),
    sessions: DATES.flatMap((date) => {
      const session = calendar.session(date);
      return session ? { ...session, rows: [1, 1, 1] } : [];
    }),
    withoutData: { count: 0, insideData: [] },
    mostSessionRows: 100,
    rows: 12,
    inputDigest: "i1:00",
    notes: ["a remark"],
    notices: [],
    ...overrides,
  };
}

export function planOf(overrides: Partial<Catalog> = {}): SessionPlan {
  return openPlan(catalogOf(overrides), [], { path: "bars" }).plan;
}

/** Counters in the order of the classes. */
export function classCounts(counts: Partial<Record<RowClass, number>>): number[] {
  return ROW_CLASSES.map((name) => counts[name] ?? 0);
}
