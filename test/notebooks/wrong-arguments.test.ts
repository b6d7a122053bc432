/** What a script without a type checker gets wrong: a clear error each time, and never a run other than the one asked for. */
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataError, ensureDemoData, UsageError } from "../../src/engine/index.js";
import {
  compare,
  exportData,
  inspect as inspectData,
  open,
  verify,
  type Session,
} from "../../src/repl/notebook/index.js";
import { removeFolder, tempFolder, type TempFolder } from "../fixtures/temp-folder.js";

let folder: TempFolder;
let demo: string;
let s: Session;
beforeAll(async () => {
  folder = tempFolder({ keep: true });
  demo = await ensureDemoData(folder.path);
  s = await open(demo);
  await s.until("10:15");
});
afterAll(async () => {
  await s.dispose();
  removeFolder(folder.path);
});

/** Whatever is called so, no compiler has looked at it. */
const wrong = (value: unknown): never => value as never;

/** `message · hint` of the UsageError of a call. */
async function complaint(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const { message, hint } = error as UsageError;
    return `${message} · ${hint}`;
  }
  return "nothing was wrong";
}

describe("opening", () => {
  it.each<[unknown, string]>([
    [{ symbol: ["SPY"] }, 'open: there is no option "symbol" · did you mean symbols?'],
    [{ form: "2025-07-02" }, 'open: there is no option "form" · did you mean from?'],
    [{ symbols: "SPY" }, 'open: symbols is "SPY" · it takes a list of texts, e.g. ["SPY"]'],
    [{ onConflict: "lats" }, 'open: onConflict: there is no "lats" · did you mean last?'],
    [{ fill: "forwrd" }, 'open: fill: there is no "forwrd" · did you mean forward?'],
    [{ derive: ["5m"] }, "open: derive is [ '5m' ] · it takes a list of numbers, e.g. [5, 15]"],
    [{ from: new Date(0) }, "open: from is 1970-01-01T00:00:00.000Z · it takes a text"],
    [null, "open: null stands where options do · give an object, e.g. { symbols: … }"],
  ])("refuses %j and says what there is", async (options, text) => {
    expect(await complaint(() => open(demo, wrong(options)))).toBe(text);
  });

  it("names options as they are named in code", async () => {
    expect(await complaint(() => open(demo, { symbols: ["SPYY"] }))).toBe(
      "symbols: SPYY is not in the data · did you mean SPY?",
    );
    expect(await complaint(() => open(demo, { derive: [1] }))).toContain("e.g. derive: [5, 15]");
    expect(await complaint(() => open(demo, { fill: "source" }))).toContain("add fillFrom SOURCE");
  });

  it("asks for a path", async () => {
    expect(await complaint(() => open(wrong(undefined)))).toContain('e.g. open("demo")');
  });

  it("says that no session lies in the range", async () => {
    const empty = await open(demo, { from: "2024-01-02", to: "2024-02-01" });
    expect(inspect(empty)).toBe("Session · finished · no session of the data lies in the range · 6 symbols");
    await empty.dispose();
  });
});

describe("the word quit", () => {
  it("ends the session, says so, and leaves out what comes after it", async () => {
    const session = await open(demo);
    expect(String(await session.exec("step; quit; step\nstep"))).toMatch(/step bar[^]*\nthe session has been ended$/);
    expect(session.state().state).toBe("stopped");
    await expect(session.step()).rejects.toThrow("the session has been stopped");
    await session.dispose();
  });
});

describe("data as a whole", () => {
  it.each<[string, (options: never) => unknown]>([
    ["inspect", inspectData],
    ["verify", verify],
    ["exportData", (options) => exportData(options, "out")],
  ])("is named to %s in an object", async (name, call) => {
    for (const nothing of [undefined, "demo", {}])
      expect(await complaint(() => call(wrong(nothing)))).toBe(
        `${name}: path: undefined is no text · e.g. { path: "demo" }`,
      );
  });

  it("tells of options as they are named in code", async () => {
    expect(await complaint(() => inspectData({ path: demo, symbols: ["SPYY"] }))).toBe(
      "symbols: SPYY is not in the data · did you mean SPY?",
    );
  });
});

describe("a session", () => {
  it.each<[string, (session: Session) => unknown, string]>([
    ["a misspelt measure", () => s.value("SPY", wrong("lats")), 'value: there is no "lats" · did you mean last?'],
    ["an interval that is none", () => s.bars("AAPL", wrong("1x")), 'no bars of interval "1x"'],
    ["an interval not declared", () => s.bars("AAPL", "7m"), "e.g. derive: [7]"],
    ["a misspelt range", () => s.bars("AAPL", "1m", wrong({ form: "09:40" })), "did you mean from?"],
    ["no symbol", () => s.bars(wrong(undefined)), 's.bars("AAPL", "5m")'],
    ["a chart's interval as text", () => s.chart("AAPL", wrong("5m")), 'chart: "5m" stands where options do'],
    ["a misspelt chart option", () => s.chart("AAPL", wrong({ intervall: "5m" })), "did you mean interval?"],
    ["a misspelt journal filter", () => s.journal(wrong({ lst: 3 })), "did you mean last?"],
    ["a number for a filter", () => s.journal(wrong(20)), "journal: 20 stands where options do"],
    ["a misspelt break option", () => s.break("phase=roll", wrong({ temp: true })), "there are temporary, log, ignore"],
    ["no condition", () => s.break(wrong(undefined)), "break: undefined is no function"],
    [
      "a misspelt event",
      () =>
        s.on(
          wrong("stopp"),
          wrong(() => {}),
        ),
      "did you mean stop?",
    ],
    ["no listener", () => s.on("stop", wrong(undefined)), "on: undefined is no function"],
    ["no function", () => s.forEachMinute(wrong(undefined)), "forEachMinute: undefined is no function"],
    ["no line", () => s.exec(wrong(undefined)), 's.exec("until phase=roll")'],
    ["no file", () => s.gaps().writeCsv(wrong(undefined)), 's.gaps().writeCsv("gaps.csv")'],
    ["no Parquet file", () => s.gaps().writeParquet(wrong("")), 's.gaps().writeParquet("gaps.parquet")'],
    ["no name to save under", () => s.save(wrong(undefined)), 's.save("run1.ndjson")'],
    ["no other run", () => s.diff(wrong(undefined)), "or another session"],
    ["nothing to compare with", () => compare(s, wrong(undefined)), "undefined is no run"],
  ])("refuses %s", async (_what, call, text) => {
    expect(await complaint(() => call(s))).toContain(text);
  });

  it("refuses a function that answers later, or something else, and can go on", async () => {
    expect(await complaint(() => s.until(wrong(async () => true)))).toBe(
      "the function answers a promise, not true or false · it must be synchronous: leave out async",
    );
    expect(await complaint(() => s.until(wrong(() => s.gaps().length)))).toMatch(/^the function answers \d+, not true/);
    expect((await s.goto("10:15")).time.clock).toBe("10:15");
  });

  it("shows errors without the frames of the engine and of Node", async () => {
    const error: unknown = await s.until("TSLA.qualty<95").catch((thrown: unknown) => thrown);
    expect(inspect(error)).toBe(
      'UsageError: "TSLA.qualty<95": there is no condition on "qualty"\n  try: did you mean quality?',
    );
  });

  it("shows the place and the cause of an error where it has them", () => {
    const error = new DataError("bad", "cannot be read", "look at it", { file: "a.parquet", row: 7 });
    error.cause = "disk gone";
    expect(inspect(error)).toMatch(
      /^DataError: cannot be read\n {2}at file a.parquet, row 7\n {2}try: look at it\n[^]*cause: 'disk gone'$/,
    );
  });
});
