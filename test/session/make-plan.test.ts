import { expect, it } from "vitest";
import { UsageError } from "../../src/engine/errors.js";
import { openPlan } from "../../src/engine/session/make-plan.js";
import type { OpenOptions } from "../../src/engine/session/types.js";
import { catalogOf } from "./catalog.js";

const open = (options: Partial<OpenOptions> = {}): ReturnType<typeof openPlan> =>
  openPlan(catalogOf(), [], { path: "bars", ...options });

function refusal(options: Partial<OpenOptions>): { message: string; hint: string } {
  try {
    open(options);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const { message, hint } = error as UsageError;
    return { message, hint };
  }
  throw new Error("nothing was refused");
}

it("takes symbols, sessions, calendar and zone from the catalogue, and the defaults from nowhere else", () => {
  const { plan, startUs, info } = open();
  const catalog = catalogOf();
  expect(plan).toEqual({
    calendarName: "XNYS",
    exchangeZone: "America/New_York",
    symbols: catalog.symbols,
    sessions: catalog.sessions,
    intervals: [5, 15],
    derivedPolicy: "flag",
    fillMode: "none",
    creditRows: expect.any(Number),
    mostExceptions: 100 + 3 * 3,
    keepDays: 3,
    withEvents: false,
  });
  expect(plan.creditRows).toBeGreaterThanOrEqual(1440);
  expect(startUs).toBeUndefined();
  expect(info).toMatchObject({ intervals: [5, 15], fill: "none", options: { path: "bars" } });
});

it("passes on what was asked for", () => {
  const { plan, info } = open({ derived: "withhold", fill: "forward", keepDays: 0, events: true, derive: [] });
  expect(plan).toMatchObject({
    derivedPolicy: "withhold",
    fillMode: "forward",
    keepDays: 0,
    withEvents: true,
    intervals: [],
  });
  expect(info.fill).toBe("forward");
});

it("sorts the intervals of derived bars and drops repeated ones", () => {
  expect(open({ derive: [60, 2, 15, 60, 1440] }).plan.intervals).toEqual([2, 15, 60, 1440]);
});

it.each([1, 0, -5, 1441, 2.5, NaN, Infinity])("refuses an interval of %o minutes, even among good ones", (interval) => {
  expect(refusal({ derive: [5, interval] })).toEqual({
    message: `${interval} minutes is no interval for derived bars`,
    hint: "use whole minutes from 2 to 1440, e.g. --derive 5m,15m",
  });
});

it.each([-1, 0.5, NaN, Infinity])("refuses to keep %o days", (keepDays) => {
  expect(refusal({ keepDays })).toEqual({
    message: `${keepDays} is no number of days to keep`,
    hint: "use a whole number from 0",
  });
});

it("a second source for fills makes the mode source", () => {
  expect(open({ fillFrom: "other" }).plan.fillMode).toBe("source");
  expect(open({ fillFrom: "other", fill: "source" }).plan.fillMode).toBe("source");
});

it("refuses fills that contradict each other", () => {
  for (const fill of ["none", "forward"] as const)
    expect(refusal({ fillFrom: "other", fill })).toEqual({
      message: `--fill ${fill} and --fill-from contradict each other`,
      hint: "leave one of them out",
    });
  expect(refusal({ fill: "source" })).toEqual({
    message: "--fill source needs the source to fill from",
    hint: "add --fill-from SOURCE",
  });
});

it("a start time is a time of the first session; at or before its open the replay begins at the open", () => {
  const { openUs } = catalogOf().sessions[0];
  expect(open({ startTime: "09:31" }).startUs).toBe(openUs + 60_000_000);
  expect(open({ startTime: "12:00" }).startUs).toBe(openUs + 150 * 60_000_000);
  expect(open({ startTime: "18:00" }).startUs).toBe(openUs + 510 * 60_000_000);
  expect(open({ startTime: "12:00" }).info.warmUpUntilUs).toBe(openUs + 150 * 60_000_000);
  for (const startTime of ["09:30", "9:29", "00:00"]) {
    expect(open({ startTime }).startUs).toBeUndefined();
    expect(open({ startTime }).info).not.toHaveProperty("warmUpUntilUs");
  }
});

it("refuses a start time that is none, also when there is no session", () => {
  const hint = "write it like 15:58, in the exchange's time";
  expect(refusal({ startTime: "25:00" })).toEqual({ message: '--start-time "25:00" is no time of day', hint });
  expect(() => openPlan(catalogOf({ sessions: [] }), [], { path: "bars", startTime: "noon" })).toThrow(UsageError);
  expect(openPlan(catalogOf({ sessions: [] }), [], { path: "bars", startTime: "12:00" }).startUs).toBeUndefined();
});

it("shows the remarks of the fill source after those of the data, and leaves the catalogue as it was", () => {
  const catalog = catalogOf();
  expect(openPlan(catalog, ["fill remark"], { path: "bars" }).info.catalog.notes).toEqual(["a remark", "fill remark"]);
  expect(catalog).toEqual(catalogOf());
});
