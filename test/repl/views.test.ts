import { expect, it } from "vitest";
import type { Stop } from "../../src/engine/index.js";
import { createTheme } from "../../src/repl/output/theme.js";
import { barsLines, gapLines, minuteLines, qualityLines, symbolQualityLines } from "../../src/repl/views/data-text.js";
import { journalLines } from "../../src/repl/views/journal-text.js";
import { eodLines, streamLines, threadLines, wordLines } from "../../src/repl/views/machine-text.js";
import { breakpointLines, markLines, watchLines } from "../../src/repl/views/point-text.js";
import { stateLines } from "../../src/repl/views/state-text.js";
import { stopLines } from "../../src/repl/views/stop-text.js";
import { formatDuration, viewStyle } from "../../src/repl/views/style.js";
import { fakeCatalog } from "./fakes.js";
import { fakeQuality, fakeSession, fakeState, fakeStop, fakeThreads } from "./fake-session.js";

const session = fakeSession({ catalog: fakeCatalog({ symbols: ["AIG", "BAC", "IBM", "SPY"] }) });
const style = viewStyle(session, createTheme({ color: false, ascii: false }), 120);
const at = (slots: number, processed = slots) => ({
  run: 0,
  epoch: 0,
  date: "2013-10-07",
  slots,
  processed,
  slotsDue: 1560,
});

it("a stop tells why, where, what comes next and who holds the baton", () => {
  const stop = fakeStop({ reason: "until", why: "until 2013-10-07 15:58", position: at(1552) });
  expect(stopLines(stop, session, style)).toEqual([
    "until 2013-10-07 15:58",
    " Mon 2013-10-07 15:58 EDT  minute 388/390  1,551 bars  day 1/1",
    " next: coordinator: publish SPY, minute 389 of 390",
    " baton: coordinator (STREAMING)",
  ]);
});

it("a stop within a row, and one with a thread held, tell how far each thread is", () => {
  const place = (slots: number, processed: number): string =>
    stopLines(fakeStop({ position: at(slots, processed) }), session, style)[1];
  expect(place(1554, 1554)).toContain("minute 388/390  2 of 4 symbols of the next  1,551 bars");
  expect(place(1556, 1552)).toContain("minute 388/390  4 published and not taken in");
});

it("a stop at a step of the end of the day tells what each thread waits for", () => {
  const stop = fakeStop({ phase: "DRAINED", step: "drain", position: at(1560), next: "upkeep: drain" });
  expect(stopLines(stop, session, style).slice(2)).toEqual([
    " next: upkeep: drain",
    " baton: upkeep (DRAINED, before drain)",
    " coordinator  waits  waits: the next day is not active",
    " upkeep       waits  drain",
    " prefetch     idle   2013-10-08 ready",
  ]);
});

it("while a thread is held every stop says so", () => {
  const holding = {
    ...session,
    threads: () => fakeThreads().map((one, i) => (i === 0 ? { ...one, state: "held" as const } : one)),
  };
  expect(stopLines(fakeStop(), holding, style).at(-3)).toBe(" coordinator  HELD   waits: the next day is not active");
  expect(stopLines(fakeStop(), session, style).at(-1)).toContain("baton");
});

it("the reason of a stop is said once", () => {
  const head = (reason: Stop["reason"], why: string): string => stopLines(fakeStop({ reason, why }), session, style)[0];
  expect([
    head("until", "until 15:58"),
    head("until", "SPY last 168.02 > 168 at 10:14"),
    head("step", "thread upkeep step"),
    head("back", "the start of the replay"),
    head("step", "step 2 phase"),
    head("paused", "pause"),
    head("finished", "play"),
    head("superseded", "play"),
    head("waits", "upkeep waits: AIG 15:58 is not published"),
  ]).toEqual([
    "until 15:58",
    "until: SPY last 168.02 > 168 at 10:14",
    "thread upkeep step",
    "back: the start of the replay",
    "step 2 phase",
    "paused",
    "finished",
    "superseded",
    "upkeep waits: AIG 15:58 is not published",
  ]);
});

it("a stop at breakpoints names them, and shows what is watched", () => {
  const watches = [
    { text: "SPY.last", value: 167.42 },
    { text: "AIG.quality30", value: null },
  ];
  const stop = fakeStop({ reason: "breakpoint", why: "AIG gap 3 >= 3 at 11:42", breakpoints: [2, 5], watches });
  const lines = stopLines(stop, session, style);
  expect(lines[0]).toBe("breakpoint 2, 5: AIG gap 3 >= 3 at 11:42");
  expect(lines.slice(-2)).toEqual([" SPY.last      = 167.42", " AIG.quality30 = –"]);
});

it("names are shown with control characters written out", () => {
  const evil = "SPY\u001b[2J";
  const texts = [
    ...stopLines(fakeStop({ why: evil, next: evil }), session, style),
    ...qualityLines(
      { symbols: [fakeQuality({ symbol: evil })], mean: 1, worst: { symbol: evil, percent: 1 }, outagesUs: [] },
      style,
    ),
    ...gapLines([{ symbol: evil, startUs: 0, endUs: 60e6, bars: 1, open: true }], style),
    ...markLines([{ name: evil, date: "", timeUs: 0, text: evil }], style),
    ...watchLines([{ text: evil, value: 1 }], style),
    ...breakpointLines([{ id: 1, text: evil, temporary: false, log: false, hits: 0, ignore: 0 }], style),
    ...threadLines([{ ...fakeThreads()[0], would: evil, lastEvent: evil }], style),
    ...stateLines(fakeState({ why: evil, next: evil }), style),
  ];
  expect(texts.join("\n")).toContain("SPY\\x1b[2J");
  expect(texts.join("\n")).not.toContain("\u001b");
});

it("quality is a row a symbol, then mean, worst and outages", () => {
  expect(qualityLines(session.quality(), style)).toEqual([
    " SYMBOL  QUALITY  LAST 30  BARS  DUE  MISSING  GAPS  LONGEST    LAST      VOLUME  BAD ROWS",
    " SPY      99.74%   96.66%   387  388        1     1        1  167.42  81,489,219  2 rejected",
    " mean 99.74%, worst SPY 99.74%",
    " outage in 1 minute: 09:30: most symbols are missing",
  ]);
});

it("the quality of one symbol adds up", () => {
  expect(symbolQualityLines(fakeQuality({ openGap: 3, absent: false }), style)).toContain(
    " minutes   388 due = 387 observed + 1 missing",
  );
  expect(symbolQualityLines(fakeQuality({ absent: true, percent: null }), style).join("\n")).toContain("absent");
});

it("bars that are not what they seem say so", () => {
  expect(barsLines(session.bars("SPY"), style)).toEqual([
    "SPY 1m, 1 bar, times are starts",
    " START  OPEN  HIGH   LOW  CLOSE  VOLUME",
    " 09:30  1.00  2.00  0.50   1.50   1,000  filled",
  ]);
  expect(barsLines(session.bars("SPY", 5), style).at(-1)).toContain("incomplete, 4 of 5");
  const none = { ...session.bars("SPY"), startUs: new Float64Array() };
  expect(barsLines(none, style)).toEqual(["SPY 1m: no bar so far"]);
});

it("minutes of one symbol name file and row; of too many symbols it shows those there is room for", () => {
  expect(minuteLines(session.minuteRows(1, "SPY"), style)).toEqual([
    " MINUTE                 SPY  VOLUME  SOURCE",
    " 09:30   167.42 2 duplicate   1,000  SPY.parquet row 7",
  ]);
  const [{ startUs, slots }] = session.minuteRows(1);
  const many = Array.from({ length: 30 }, (_, i) => ({ ...slots[0], symbol: `S${i}`, state: "missing" as const }));
  const lines = minuteLines([{ startUs, slots: many }], style);
  expect(lines.every((line) => line.length <= 120)).toBe(true);
  expect(lines.at(-1)).toBe(" and 25 symbols more; info minutes SYM shows one");
  expect(minuteLines([], style)).toEqual(["no minute has passed"]);
});

it("gaps that still grow are open", () => {
  expect(gapLines(session.gaps(), style).at(-1)).toBe(" SPY     09:30  09:31        1");
  expect(gapLines([{ ...session.gaps()[0], open: true }], style).at(-1)).toContain("open");
  expect(gapLines([], style)).toEqual(["no gap so far"]);
});

it("the streams that keep the day from draining are named", () => {
  const lines = streamLines(session.streams(), style);
  expect(lines[1]).toMatch(/^ AIG .* at its end$/);
  expect(lines[2]).toMatch(/^ SPY .* 16:00$/);
  expect(lines[3]).toContain("no bars");
  expect(lines[4]).toBe(" the day cannot drain before 16:00: SPY");
  const ended = session.streams().map((stream) => ({ ...stream, atEnd: true }));
  expect(streamLines(ended, style).at(-1)).toBe(" all streams are at their end: the day can drain");
});

it("the end of the day shows done, next and how long each step took", () => {
  expect(eodLines(session.eod(), style)).toEqual([
    "the end of 2013-10-07",
    " STEP       THREAD       STATE   TOOK  TIME",
    " hand-over  coordinator  done   40 µs  09:30",
    " drain      upkeep       NEXT          09:30 → 09:31",
    " before: 2013-10-04 4.2 ms",
  ]);
});

it("words show a meaning beside the number only where there is one", () => {
  const lines = wordLines(session.words(), style);
  expect(lines[1]).toMatch(/^ phase +2  STREAMING +baton/);
  expect(lines[2]).toMatch(/^ position +388 +coordinator/);
});

it("control events are marked in words, not by colour alone", () => {
  const lines = journalLines(session.journal(), style);
  expect(lines[1]).toMatch(/ gap +SPY +SPY gap/);
  expect(lines[2]).toContain("(command)");
  expect(journalLines([], style)).toEqual(["nothing has happened that fits"]);
});

it("the state is a line a fact", () => {
  const text = stateLines(fakeState({ published: 390, state: "held", step: "drain", phase: "DRAINED" }), style).join(
    "\n",
  );
  expect(text).toContain(" state    held: until 15:58");
  expect(text).toContain("2 published and not taken in");
  expect(text).toContain("DRAINED, before drain; baton: upkeep; run 0");
});

it("what is empty says how to fill it", () => {
  expect([breakpointLines([], style), markLines([], style), watchLines([], style)].flat().join()).toMatch(
    /break gap>=3 .*mark NAME .*watch SPY.last/,
  );
});

it("durations have a unit that fits", () => {
  expect([0, 640, 4200, 41_600, 1_250_000].map(formatDuration)).toEqual([
    "0 µs",
    "640 µs",
    "4.2 ms",
    "42 ms",
    "1.25 s",
  ]);
});
