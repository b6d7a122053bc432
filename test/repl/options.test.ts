import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/engine/index.js";
import { OPTIONS } from "../../src/repl/options/option-table.js";
import { readDataOptions, readOpenOptions, readOutputOptions } from "../../src/repl/options/read-options.js";
import {
  parseColumns,
  parseCount,
  parseIntervals,
  parseSpeed,
  parseStartTime,
  parseSymbols,
} from "../../src/repl/options/values.js";

function problem(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.hint}`;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("values of options", () => {
  it("reads speeds: 0 and max are data-driven, anything positive is a multiple", () => {
    expect([parseSpeed("0"), parseSpeed("max"), parseSpeed("60"), parseSpeed("0.5"), parseSpeed("360x")]).toEqual([
      0, 0, 60, 0.5, 360,
    ]);
  });

  it.each(["-1", "NaN", "Infinity", "fast", "", "1,5"])("refuses the speed %j and says what to write", (text) => {
    expect(problem(() => parseSpeed(text))).toMatch(/^--speed: .*\| 0 or max is as fast/);
  });

  it("reads lists of symbols, each once", () => {
    expect(parseSymbols(" SPY,IBM ,,SPY")).toEqual(["SPY", "IBM"]);
    expect(problem(() => parseSymbols(" , "))).toContain("--symbols SPY,IBM");
  });

  it("reads intervals in minutes, ascending, and turns hours into a suggestion", () => {
    expect(parseIntervals("15m,5m,5")).toEqual([5, 15]);
    expect(problem(() => parseIntervals("1h"))).toContain("write --derive 60m");
    for (const text of ["0m", "1m", "2.5m", "2000m", "5s", ""])
      expect(problem(() => parseIntervals(text))).toContain("--derive");
  });

  it("reads times of day and refuses those that are none", () => {
    expect([parseStartTime("9:45"), parseStartTime("12:00")]).toEqual(["09:45", "12:00"]);
    for (const text of ["24:00", "12", "12:60", "noon"])
      expect(problem(() => parseStartTime(text))).toContain("e.g. 12:00");
  });

  it("reads columns by role and suggests a role for a slip", () => {
    expect(parseColumns("timestamp=ts, Volume=qty")).toEqual({ timestamp: "ts", volume: "qty" });
    expect(problem(() => parseColumns("tmestamp=ts"))).toContain("did you mean timestamp?");
    expect(problem(() => parseColumns("timestamp"))).toContain("role=name");
    expect(problem(() => parseColumns("open=a,open=b"))).toContain("twice");
  });

  it("reads counts and nothing else", () => {
    expect(parseCount("3", "--keep-days")).toBe(3);
    for (const text of ["-1", "1.5", "three", ""])
      expect(problem(() => parseCount(text, "--keep-days"))).toContain("--keep-days");
  });
});

describe("options of a command", () => {
  it("leaves out what was not given", () => {
    expect(readOpenOptions("data", {})).toEqual({ path: "data" });
  });

  it("reads every option that chooses and reads data", () => {
    const raw = {
      symbols: "SPY",
      from: "2013-10-07",
      to: "2013-10-08",
      sessions: "calendar",
      calendar: "24/7",
      tz: "UTC",
    };
    const more = { label: "end", columns: "open=o", floorMinutes: true, onLoadError: "skip-day", onConflict: "last" };
    expect(readDataOptions("d", { ...raw, ...more })).toEqual({
      path: "d",
      ...raw,
      ...more,
      symbols: ["SPY"],
      columns: { open: "o" },
    });
  });

  it("suggests the nearest word of a choice", () => {
    expect(problem(() => readDataOptions("d", { label: "strat" }))).toContain("did you mean --label start?");
    expect(problem(() => readDataOptions("d", { onLoadError: "skip-symbols" }))).toContain(
      "--on-load-error skip-symbol?",
    );
  });

  it("takes --fill-from for --fill source, and refuses the two when they contradict", () => {
    expect(readOpenOptions("d", { fillFrom: "other" })).toMatchObject({ fill: "source", fillFrom: "other" });
    expect(problem(() => readOpenOptions("d", { fill: "source" }))).toContain("--fill-from");
    expect(problem(() => readOpenOptions("d", { fill: "forward", fillFrom: "other" }))).toContain("contradict");
  });

  it("reads how to show results", () => {
    expect(readOutputOptions({ json: true, color: false, ascii: true, log: "x" })).toEqual({
      json: true,
      events: false,
      color: false,
      ascii: true,
      log: "x",
    });
    expect(readOutputOptions({ color: true })).toMatchObject({ json: false, color: true, ascii: false });
  });

  it("names every option once", () => {
    expect(new Set(OPTIONS.map((row) => row.flags)).size).toBe(OPTIONS.length);
  });
});
