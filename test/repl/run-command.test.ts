import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DataError, UsageError, type ClosedDay } from "../../src/engine/index.js";
import { run, type Open } from "../../src/repl/commands/run.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { fakeCatalog, fakeContext, fakeDay, fakeGap, fakeLeftOut, fakeStream, fakeSymbol } from "./fakes.js";
import { fakeSession, type FakeSession, type FakeSessionOptions } from "./fake-session.js";
import { parseLines } from "./run-cli.js";
import { jsonSchema, schemaErrors } from "./schema.js";

function opening(options: FakeSessionOptions = {}): { open: Open; session: FakeSession } {
  const session = fakeSession(options);
  return { open: async () => session, session };
}

const bad = fakeDay({ symbols: [fakeSymbol({ quality: 80, missing: 78, rejected: 7 })] }, [
  {
    kind: "rejected",
    cause: "highBelowLow",
    symbol: "SPY",
    text: "SPY 10:15 high 3 < low 4",
    file: "SPY.parquet",
    row: 3,
  },
]);

it("shows a table for each session, then the summary, and gives 0", async () => {
  const context = fakeContext();
  const { open, session } = opening();
  expect(await run(context, {}, "data", open)).toBe(0);
  const [first, ...rest] = context.out.text.split("\n");
  expect(first).toMatch(/^bardeck \d+\.\d+\.\d+ {2}1 symbol, 1 session 2013-10-07, 1 file, 400 rows$/);
  expect(rest.join("\n")).toContain("Mon 2013-10-07  09:30–16:00 EDT");
  expect(rest.join("\n")).toContain(" rows      390 streamed + 4 preMarket + 5 afterHours + 1 atClose = 400 rows");
  expect(rest.join("\n")).toContain(" digest    d1:abcd");
  expect(context.err.text).toBe("");
  expect(session.disposed).toBe(true);
});

it("writes a run line, a line a session, a line a file and a summary that fit the schema", async () => {
  const context = fakeContext();
  expect(await run(context, { json: true }, "data", opening({ days: [fakeDay(), bad] }).open)).toBe(0);
  const lines = parseLines(context.out.text);
  expect(lines.map((line) => line.type)).toEqual(["run", "session", "session", "file", "summary"]);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  expect(lines[1]).toMatchObject({
    date: "2013-10-07",
    opensAt: "2013-10-07T13:30:00Z",
    closesAt: "2013-10-07T20:00:00Z",
    forcedFrom: null,
    symbols: {
      SPY: {
        streamed: 390,
        filtered: { preMarket: 4, afterHours: 5, atClose: 1 },
        derived: { "5m": { complete: 78 } },
      },
    },
  });
  expect(lines[1]).not.toHaveProperty("symbols.SPY.symbol");
});

it("writes gaps with ISO times, the end exclusive", async () => {
  const context = fakeContext();
  const day = fakeDay({ symbols: [fakeSymbol({ gaps: [fakeGap(128, 4)], longestGap: 4 })] });
  await run(context, { json: true }, "data", opening({ days: [day] }).open);
  const gaps = [{ start: "2013-10-07T15:38:00Z", end: "2013-10-07T15:42:00Z", bars: 4 }];
  expect(parseLines(context.out.text)[1]).toMatchObject({ symbols: { SPY: { gaps } } });
});

it("shows the warm-up of a mid-day start with the first session, and with no other", async () => {
  const days = [fakeDay(), fakeDay({ epoch: 1, date: "2013-10-08" })];
  const warmUpUntilUs = fakeGap(150, 1).startUs;
  const [text, json] = [fakeContext(), fakeContext()];
  await run(text, {}, "data", opening({ days, warmUpUntilUs }).open);
  expect(text.out.text).toContain("390 minutes  warm-up 09:30–12:00  quality");
  expect(text.out.text.split("warm-up")).toHaveLength(2);
  await run(json, { json: true }, "data", opening({ days, warmUpUntilUs }).open);
  const lines = parseLines(json.out.text);
  expect(lines.slice(1, 3).map((line) => line.warmUpUntil)).toEqual(["2013-10-07T16:00:00Z", null]);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
});

it("does not show a warm-up that outlasts the streams of its day", async () => {
  const shown = async (forcedFromMinute: number): Promise<unknown> => {
    const context = fakeContext();
    const days = [fakeDay({ forcedFromUs: fakeGap(forcedFromMinute, 1).startUs })];
    const warmUpUntilUs = fakeGap(150, 1).startUs;
    await run(context, { json: true }, "data", opening({ days, warmUpUntilUs }).open);
    return parseLines(context.out.text)[1].warmUpUntil;
  };
  expect([await shown(90), await shown(0)]).toEqual(["2013-10-07T15:00:00Z", null]);
});

it("says once what the tables have no room for, and again when it is something else", async () => {
  const context = fakeContext({ out: fakeStream({ columns: 80 }), env: { NO_COLOR: "1" } });
  const wide = fakeDay({ symbols: [fakeSymbol({ rejected: 1234, duplicates: 5, conflicts: 16 })] });
  await run(context, {}, "data", opening({ days: [fakeDay(), fakeDay(), wide, wide, fakeDay()] }).open);
  expect(context.out.text.match(/^ not shown: .*$/gm)).toEqual([
    " not shown: prices (needs 109 columns, or --json)",
    " not shown: prices, VOLUME, OFF-HOURS, DERIVED (needs 153 columns, or --json)",
    " not shown: prices (needs 109 columns, or --json)",
  ]);
  const pipe = fakeContext();
  await run(pipe, {}, "data", opening({ days: [wide] }).open);
  expect(pipe.out.text).not.toContain("not shown");
});

it("tells why a symbol was left out, and nothing of its minutes", async () => {
  const context = fakeContext();
  const day = fakeDay({ symbols: [fakeLeftOut("IBM"), fakeSymbol()] });
  const skipped = [{ symbol: "IBM", message: "IBM.parquet is cut off" }];
  const raw = { json: true, failIf: ["quality<95", "missing>=0"] };
  await run(context, raw, "data", opening({ days: [{ ...day, skipped }] }).open);
  const lines = parseLines(context.out.text);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  expect(lines[1]).toMatchObject({
    symbols: {
      IBM: { leftOut: "IBM.parquet is cut off", unread: 400, due: 0, missing: 0, quality: null, gaps: [] },
      SPY: { leftOut: null, due: 390, quality: 100 },
    },
  });
  expect(context.err.text).toBe("--fail-if held: SPY 2013-10-07: missing 0 (missing>=0)\n");
  const text = fakeContext();
  await run(text, {}, "data", opening({ days: [{ ...day, skipped }] }).open);
  expect(text.out.text).toContain(" quality   100.00%\n left out  1 of 2 symbol-days: not read, so not judged\n");
});

it("the schema refuses a field nobody promised and a class nobody knows", () => {
  const file = { type: "file", path: "a", rows: 1, classes: { streamed: 1 } };
  expect(schemaErrors([file], jsonSchema("run"))).toEqual([]);
  expect(schemaErrors([{ ...file, more: 1 }], jsonSchema("run"))).not.toEqual([]);
  expect(schemaErrors([{ ...file, classes: { eaten: 1 } }], jsonSchema("run"))).not.toEqual([]);
  expect(schemaErrors([{ ...file, type: "fiel" }], jsonSchema("run"))).not.toEqual([]);
});

it("writes data events as lines of their own, with ISO times under names without a unit", async () => {
  const base = { epoch: 0, position: 5, timeUs: Date.UTC(2013, 9, 7, 13, 35) * 1000 };
  const events: ClosedDay["events"] = [
    { ...base, id: "0.5.5.0", kind: "gap", symbol: "SPY", startUs: base.timeUs, endUs: base.timeUs + 60e6, bars: 1 },
    { ...base, id: "0.390.13.0", kind: "force-close", forcedFromUs: null },
    { ...base, id: "0.5.7.0", kind: "rejected", symbol: "SPY", cause: "infinite", file: "a", row: 3, count: 1 },
    {
      ...base,
      id: "0.5.12.0",
      kind: "derived",
      symbol: "SPY",
      intervalMinutes: 5,
      startUs: base.timeUs,
      n: 4,
      m: 5,
      status: "incomplete",
    },
    { ...base, id: "0.390.16.0", kind: "record" },
  ];
  const asked: unknown[] = [];
  const session = fakeSession({ days: [{ ...fakeDay(), events }] });
  const context = fakeContext();
  await run(
    context,
    { json: true, events: true },
    "data",
    async (_, options) => (asked.push(options?.events), session),
  );
  expect(asked).toEqual([true]);
  const lines = parseLines(context.out.text);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  expect(lines[1]).toEqual({
    type: "event",
    time: "2013-10-07T13:35:00Z",
    id: "0.5.5.0",
    kind: "gap",
    epoch: 0,
    position: 5,
    symbol: "SPY",
    start: "2013-10-07T13:35:00Z",
    end: "2013-10-07T13:36:00Z",
    bars: 1,
  });
  expect(lines[2]).toMatchObject({ kind: "force-close", forcedFrom: null });
  expect(schemaErrors([{ ...lines[1], more: 1 }], jsonSchema("run"))).not.toEqual([]);
});

it("shows the first bad rows below the table and counts the others", async () => {
  const context = fakeContext();
  await run(context, {}, "data", opening({ days: [bad] }).open);
  expect(context.out.text).toContain("\n rejected (highBelowLow) SPY 10:15 high 3 < low 4\n");
});

it("gives 5 when a --fail-if holds, and names symbol, session and value", async () => {
  const context = fakeContext();
  const raw = { failIf: ["quality<95", "missing>100"] };
  expect(await run(context, raw, "data", opening({ days: [fakeDay(), bad] }).open)).toBe(5);
  expect(context.err.text).toBe("--fail-if held: SPY 2013-10-07: quality 80 (quality<95)\n");
  const json = fakeContext();
  expect(await run(json, { ...raw, json: true }, "data", opening({ days: [bad] }).open)).toBe(5);
  const lines = parseLines(json.out.text);
  expect(lines.at(-2)).toMatchObject({ type: "error", code: "fail-if" });
  expect(lines.at(-1)).toMatchObject({ type: "summary" });
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
});

it("refuses a --fail-if about a symbol that is not replayed, and disposes of the session", async () => {
  const { open, session } = opening();
  await expect(run(fakeContext(), { failIf: ["SPX.quality<95"] }, "data", open)).rejects.toMatchObject({
    exitCode: 2,
    hint: "did you mean SPY?",
  });
  expect(session.disposed).toBe(true);
});

it("reports the days before an error, the error, and gives its exit code", async () => {
  const error = new DataError("corrupt-file", "SPY.parquet: page 3 is damaged", "take another copy", {
    file: "SPY.parquet",
    rowGroup: 1,
    row: 5,
  });
  const context = fakeContext();
  expect(await run(context, { json: true }, "data", opening({ error }).open)).toBe(3);
  const lines = parseLines(context.out.text);
  expect(lines.map((line) => line.type)).toEqual(["run", "session", "file", "error", "summary"]);
  expect(lines[3]).toEqual({
    type: "error",
    code: "corrupt-file",
    message: "SPY.parquet: page 3 is damaged",
    file: "SPY.parquet",
    rowGroup: 1,
    column: null,
    row: 5,
    hint: "take another copy",
  });
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  expect(context.err.text).toBe(
    "error: SPY.parquet: page 3 is damaged\n  at row group 1, row 5\n  try: take another copy\n",
  );
});

it("an error before a session is open is the caller's to report", async () => {
  const open: Open = async () => Promise.reject(new DataError("label-end", "labelled by their end", "--label end"));
  await expect(run(fakeContext(), {}, "data", open)).rejects.toMatchObject({ code: "label-end" });
});

it("disposes of the session when it is asked to stop, and says that it was interrupted", async () => {
  const stop = new AbortController();
  const context = fakeContext({ signal: stop.signal });
  const { open, session } = opening({ endless: true });
  const running = run(context, {}, "data", open);
  setImmediate(() => stop.abort());
  expect(await running).toBe(130);
  expect(session.disposed).toBe(true);
  expect(context.out.text).toContain(" interrupted  ");
  expect(context.out.text).not.toContain("had come to");
});

it("says that a day it was stopped or failed in is not counted, and how far it had come", async () => {
  const stopped = async (options: FakeSessionOptions): Promise<string> => {
    const stop = new AbortController();
    const context = fakeContext({ signal: stop.signal });
    const running = run(context, {}, "data", opening(options).open);
    setImmediate(() => stop.abort());
    await running;
    return /^ open +(.*)$/m.exec(context.out.text)?.[1] ?? "";
  };
  const [open, noon] = [fakeGap(0, 1).startUs, fakeGap(150, 1).startUs];
  const at = (timeUs: number): FakeSessionOptions["standsAt"] => ({ epoch: 0, date: "2013-10-07", timeUs });
  const told = "Mon 2013-10-07 had come to 12:00 and is not counted: a session counts once it is closed";
  expect(await stopped({ days: [], endless: true, standsAt: at(noon) })).toBe(told);
  expect(await stopped({ days: [], standsAt: at(noon), error: new DataError("x", "y") })).toBe(told);
  expect(await stopped({ days: [], endless: true, standsAt: at(open) }), "nothing of it has passed").toBe("");
  expect(await stopped({ endless: true, standsAt: at(noon) }), "it is closed").toBe("");
  const none = { days: [], catalog: fakeCatalog({ sessions: [] }), standsAt: at(noon) };
  expect(await stopped(none), "there is no session").toBe("");
});

it("a stop while the data is being opened leaves no session behind", async () => {
  const stop = new AbortController();
  const { open, session } = opening();
  const opensLate: Open = async (...args) => {
    stop.abort();
    return open(...args);
  };
  await expect(run(fakeContext({ signal: stop.signal }), {}, "data", opensLate)).rejects.toThrow();
  expect(session.disposed).toBe(true);
});

it("results that cannot be written end the replay, not only the reporting", async () => {
  const context = fakeContext({ out: fakeStream({ failAfter: 1, code: "ENOSPC" }) });
  const { open, session } = opening({ endless: true });
  await expect(run(context, {}, "data", open)).rejects.toMatchObject({ code: "ENOSPC" });
  expect(session.disposed).toBe(true);
});

it("tells notes of the catalogue on stderr, in both forms", async () => {
  const catalog = fakeCatalog({ notes: ["columns not used: vwap"] });
  for (const raw of [{}, { json: true }]) {
    const context = fakeContext();
    await run(context, raw, "data", opening({ catalog }).open);
    expect(context.err.text).toBe("note: columns not used: vwap\n");
  }
});

it("logs start, opening, days and end as NDJSON, appending", async () => {
  const log = tempFolder().file("log.ndjson");
  for (let i = 0; i < 2; i++) await run(fakeContext(), { log, symbols: "SPY" }, "data", opening().open);
  const lines = parseLines(readFileSync(log, "utf8"));
  expect(lines.map((line) => line.event)).toEqual(["start", "opened", "day", "end", "start", "opened", "day", "end"]);
  expect(lines[0]).toMatchObject({ command: "run", path: "data", options: { symbols: ["SPY"] } });
  expect(Date.parse(lines[0].at as string)).not.toBeNaN();
});

it("an unwritable log is an input/output error before anything is opened", async () => {
  const open: Open = async () => Promise.reject(new Error("was opened"));
  const log = tempFolder().file("folder", "x").replace(/x$/, "");
  await expect(run(fakeContext(), { log }, "data", open)).rejects.toMatchObject({ exitCode: 4, code: "cannot-write" });
});

it("a hundred sessions into a slow reader are written in order", async () => {
  const days = Array.from({ length: 100 }, (_, epoch) => fakeDay({ epoch }));
  const out = fakeStream();
  const slow = { ...out, write: async (text: string) => void (await Promise.resolve().then(() => out.write(text))) };
  await run(fakeContext({ out: slow as never }), { json: true }, "data", opening({ days }).open);
  const epochs = parseLines(out.text)
    .filter((line) => line.type === "session")
    .map((line) => line.epoch);
  expect(epochs).toEqual(days.map((_, i) => i));
});

it("--break shows each stop in its place among the days and goes on; --until stops there", async () => {
  const stops = [
    { reason: "breakpoint", why: "SPY gap 3 >= 3 at 11:42", breakpoints: [1] },
    { reason: "breakpoint", why: "SPY gap 3 >= 3 at 12:30", breakpoints: [1] },
  ] as const;
  const raw = { break: ["gap>=3", "fill"], until: "2013-10-07 15:58" };
  const text = fakeContext();
  const { open, session } = opening({ stops });
  expect(await run(text, raw, "data", open)).toBe(0);
  expect(session.breakpoints().map((point) => point.text)).toEqual(["gap>=3", "fill"]);
  expect(session.calls).toEqual(Array(3).fill("until 2013-10-07 15:58"));
  const heads = text.out.text.split("\n").filter((line) => /^(breakpoint|until|Mon)/.test(line));
  expect(heads.map((line) => line.slice(0, 27))).toEqual([
    "breakpoint 1: SPY gap 3 >= ",
    "breakpoint 1: SPY gap 3 >= ",
    "Mon 2013-10-07  09:30–16:00",
    "until 2013-10-07 15:58",
  ]);
  expect(text.out.text).toContain(" next: coordinator: publish SPY, minute 389 of 390\n");
  const json = fakeContext();
  await run(json, { ...raw, json: true }, "data", opening({ stops }).open);
  const lines = parseLines(json.out.text);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  expect(lines.map((line) => line.type)).toEqual(["run", "stop", "stop", "session", "stop", "file", "summary"]);
  expect(lines[1]).toMatchObject({ reason: "breakpoint", breakpoints: [1], time: "2013-10-07T19:58:00Z" });
  expect(lines[4]).toMatchObject({ reason: "until" });
});

it("a --break that makes no sense ends the run with 2 before it begins", async () => {
  const { open, session } = opening();
  await expect(run(fakeContext(), { break: ["nonsense"] }, "data", open)).rejects.toMatchObject({ exitCode: 2 });
  expect([session.calls, session.disposed]).toEqual([[], true]);
});

it("an --until that never comes is told alone: no end of a run that has not begun", async () => {
  const error = new UsageError("2013-10-20 is not replayed", "the days are 2013-10-07");
  const context = fakeContext();
  expect(await run(context, { until: "day=2013-10-20" }, "data", opening({ error, days: [] }).open)).toBe(2);
  expect(context.out.text).not.toMatch(/stopped|digest/);
  expect(context.err.text).toBe("error: 2013-10-20 is not replayed\n  try: the days are 2013-10-07\n");
  const json = fakeContext();
  await run(json, { until: "day=2013-10-20", json: true }, "data", opening({ error, days: [] }).open);
  expect(parseLines(json.out.text).map((line) => line.type)).toEqual(["run", "file", "error", "summary"]);
});

it.each([{}, { json: true }])("doubts the zone at the end when few bars came and most lie outside: %j", async (raw) => {
  const told = async (streamed: number): Promise<string> => {
    const days = [fakeDay({ symbols: [fakeSymbol({ quality: streamed / 3.9 })] })];
    const context = fakeContext();
    const { open, session } = opening({ days });
    session.files = () => [{ path: "SPY.parquet", rows: 400, classes: { streamed, preMarket: 400 - streamed } }];
    expect(await run(context, raw, "data", open)).toBe(0);
    return context.err.text;
  };
  expect(await told(100)).toMatch(/^note: 300 rows lie before or after .* only 100 in it: .* really UTC/);
  expect(await told(390)).toBe("");
});

it("--baseline compares after the run, and gives 6 when it differs", async () => {
  const baseline = tempFolder().put("saved.ndjson", "");
  const compared = { days: 1, minutes: 44, events: 9 };
  const timeUs = Date.UTC(2013, 9, 7, 14, 14) * 1000;
  const difference = { equal: false, text: "10:14 SPY: close", date: "2013-10-07", timeUs, symbol: "SPY", compared };
  const text = fakeContext();
  const { open, session } = opening({ difference });
  expect(await run(text, { baseline, failIf: ["missing>=0"] }, "data", open)).toBe(6);
  expect(session.calls).toEqual(["play", `diff ${baseline}`]);
  expect(text.out.text).toContain(" differs: 10:14 SPY: close\n compared: 1 day, 44 minutes, 9 events\n");
  const json = fakeContext();
  expect(await run(json, { baseline, json: true }, "data", opening({ difference }).open)).toBe(6);
  const lines = parseLines(json.out.text);
  expect(schemaErrors(lines, jsonSchema("run"))).toEqual([]);
  expect(lines.slice(-2)).toMatchObject([
    { type: "difference", equal: false, time: "2013-10-07T14:14:00Z" },
    { type: "summary" },
  ]);
  expect(await run(fakeContext(), { baseline }, "data", opening().open)).toBe(0);
});

it("a --baseline that cannot be read gives 4 before anything is opened", async () => {
  const open: Open = async () => Promise.reject(new Error("was opened"));
  const baseline = tempFolder().file("nothing.ndjson");
  await expect(run(fakeContext(), { baseline }, "data", open)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(/^--baseline: cannot read \S+nothing\.ndjson: it does not exist$/),
  });
});
