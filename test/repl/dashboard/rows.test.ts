/** What selectors make of plain data, and how rows become text. */
import { describe, expect, it } from "vitest";
import type {
  EodView,
  JournalEntry,
  SessionState,
  StreamView,
  SymbolQuality,
  ThreadView,
} from "../../../src/engine/index.js";
import { createExchangeClock } from "../../../src/repl/output/format.js";
import { candleCells, priceScale, volumeCells } from "../../../src/repl/dashboard/parts/candles.js";
import { framedRows } from "../../../src/repl/dashboard/parts/border.js";
import { firstShown } from "../../../src/repl/dashboard/parts/list.js";
import { fitRow, fitText, line, paintRow, rowWidth, span, type Row } from "../../../src/repl/dashboard/parts/row.js";
import { minutesPerCell, stateStrip } from "../../../src/repl/dashboard/parts/strip.js";
import { worstFirst } from "../../../src/repl/dashboard/parts/worst-first.js";
import { chartRows, chartSlots } from "../../../src/repl/dashboard/panels/chart/chart-rows.js";
import { eodRows } from "../../../src/repl/dashboard/panels/eod/eod-rows.js";
import { journalRow } from "../../../src/repl/dashboard/panels/journal/journal-rows.js";
import { qualityRows } from "../../../src/repl/dashboard/panels/quality/quality-rows.js";
import { lastToEnd } from "../../../src/repl/dashboard/panels/streams/stream-rows.js";
import { threadRows } from "../../../src/repl/dashboard/panels/threads/thread-rows.js";
import { stateRow } from "../../../src/repl/dashboard/panels/transport/state-row.js";
import { timelineRow } from "../../../src/repl/dashboard/panels/transport/timeline-row.js";
import { wordRow } from "../../../src/repl/dashboard/panels/words/word-rows.js";
import { FakeSession } from "./fake-session.js";

const clock = createExchangeClock("America/New_York");
const plain = { color: false, ascii: false };
const text = (row: Row): string => paintRow(row, plain);

describe("a gap strip", () => {
  it("shows the worst minute of each cell, not the first and not the most frequent", () => {
    const states = Uint8Array.from([1, 1, 1, 1, 1, 3, 1, 2, 1, 1, 0, 0, 0, 0]);
    expect(text(stateStrip(states, 3))).toBe("█░▒█·");
  });

  it("takes at most the cells it is given", () => {
    for (const cells of [1, 7, 30, 389, 390, 500]) {
      const strip = stateStrip(new Uint8Array(390), minutesPerCell(390, cells));
      expect(rowWidth(strip)).toBeLessThanOrEqual(cells);
    }
  });
});

describe("candles", () => {
  const candle = { open: 10, high: 14, low: 8, close: 12, volume: 5, hatched: false };
  const cells = (of: typeof candle, rows = 3): string =>
    candleCells(of, { top: 14, bottom: 8 }, rows)
      .map((cell) => cell.text)
      .join("");

  it("have half a cell of resolution", () => {
    expect(cells(candle)).toBe("│┃╿");
    expect(cells({ ...candle, high: 12.9 })).toBe("╷┃╿");
    expect(cells({ ...candle, close: 11, open: 11, high: 11, low: 11 })).toBe(" ╻ ");
  });

  it("tell rise and fall by their shape", () => {
    expect(cells({ ...candle, open: 12, close: 10 })).toBe("│█╿");
  });

  it("are hatched when they are not whole", () => {
    expect(cells({ ...candle, hatched: true })).toBe("│▒▒");
  });

  it("stay within the scale, also when every price is the same", () => {
    const flat = { ...candle, open: 5, high: 5, low: 5, close: 5 };
    const scale = priceScale([flat]);
    expect(scale.top).toBeGreaterThan(5);
    expect(scale.bottom).toBeLessThan(5);
    expect(candleCells(flat, scale, 4).filter((cell) => cell.text !== " ")).toHaveLength(1);
  });

  it("have volume in eighths of a cell, never nothing for something", () => {
    expect(volumeCells(100, 100, 2)).toEqual(["█", "█"]);
    expect(volumeCells(50, 100, 2)).toEqual([" ", "█"]);
    expect(volumeCells(1, 1e6, 2)).toEqual([" ", "▁"]);
    expect(volumeCells(0, 100, 2)).toEqual([" ", " "]);
  });
});

describe("the chart", () => {
  const room = { width: 30, height: 10, clock };
  it("shows the newest bar in the midst of a row, and takes no bar before it for missing", () => {
    const session = new FakeSession();
    session.place = { day: 0, slots: 100 * session.symbols.length + 3, step: null };
    const { opensAtUs, minute, minutes } = session;
    const day = { opensAtUs, minute, minutes, interval: 1 };
    const [ahead, behind] = ["NVDA", "SPY"].map((symbol) =>
      chartRows(session.bars(symbol, 1, { last: chartSlots(day, room) }), day, room).map(text),
    );
    const last = session.bars("NVDA").close.at(-1)!;
    expect(ahead.join("\n")).toContain(`◀ ${last}`);
    expect(minute).toBe(100);
    for (const rows of [ahead, behind]) {
      expect(rows.at(-2)).toMatch(/^[▁▂▃▄▅▆▇█]{20}/);
      expect(rows.at(-2)).not.toContain("░");
    }
  });
});

describe("rows", () => {
  it("are cut or filled to a width", () => {
    expect(text(fitRow([span("abc"), span("def")], 8))).toBe("abcdef  ");
    expect(text(fitRow([span("abc"), span("def")], 5))).toBe("abcd…");
    expect(text(fitRow(line("日本語"), 5))).toBe("日本…");
    expect(rowWidth(fitRow(line("日本語"), 4))).toBe(4);
    expect(fitText("7", 3, "right")).toBe("  7");
  });

  it("print control characters, line ends, marks of direction and emoji as what they are", () => {
    expect(text(line("\x1b[2J\nA\u202eB\u{1f680}"))).toBe("\\u{1b}[2J\\u{a}A\\u{202e}B\\u{1f680}");
    expect(fitText("\x07", 8)).toBe("\\u{7}   ");
  });

  it("have colours only when they are wanted", () => {
    const row = [span("99.9%", "good"), span(" fine")];
    expect(paintRow(row, { color: true, ascii: false })).toBe("\x1b[32m99.9%\x1b[0m fine");
    expect(paintRow(row, plain)).toBe("99.9% fine");
  });

  it("change colours no more often than it shows", () => {
    const color = { color: true, ascii: false };
    const runs = [span("a", "bad"), span(" "), span("b", "bad"), span("c", "good"), span("  ")];
    expect(paintRow(runs, color)).toBe("\x1b[31ma b\x1b[0;32mc  \x1b[0m");
    expect(paintRow([span("a"), span(" ", "inverse"), span(" ")], color)).toBe("a\x1b[7m \x1b[0m ");
  });

  it("are nothing but ASCII on request, and no wider or narrower", () => {
    const all = "─═│║╵╷┌┐└┘├┤╔╗╚╝█▀▄▒░▁▂▃▅▆▇┃╹╻╿╽·●◆◇▶▸→›◀←‹▐■✓○–—−…×≥≤’µ日";
    const ascii = paintRow(line(all), { color: false, ascii: true });
    expect(ascii).toMatch(/^[ -~]+$/);
    expect(ascii).toHaveLength(rowWidth(line(all)));
    const known = paintRow(line(all.slice(0, -1)), { color: false, ascii: true });
    expect(known).not.toContain("?");
  });

  it("are framed exactly, and a frame tells by its strokes which panel has the focus", () => {
    const rows = framedRows({ title: "Quality", note: "mean 93%", rows: [line("x")], focused: false }, 30, 4);
    expect(rows.map(text)).toEqual([
      "┌ Quality ──────── mean 93% ─┐",
      "│x                           │",
      "│                            │",
      "└────────────────────────────┘",
    ]);
    for (const width of [8, 12, 20, 31])
      for (const row of framedRows({ title: "A long title", note: "note", rows: [], focused: true }, width, 3))
        expect(rowWidth(row)).toBe(width);
    expect(text(framedRows({ title: "T", rows: [], focused: true }, 10, 3)[0])).toBe("╔ T ═════╗");
  });
});

it("keeps the cursor in sight and leaves no blanks where there are entries", () => {
  expect(firstShown(5, 10, 4)).toBe(0);
  expect(firstShown(100, 10, 50)).toBe(45);
  expect(firstShown(100, 10, 99)).toBe(90);
  expect(firstShown(100, 10, -1)).toBe(0);
});

const symbolQuality = (symbol: string, percent: number | null): SymbolQuality =>
  ({ ...new FakeSession().quality("SPY"), symbol, percent, absent: percent === null }) as SymbolQuality;

it("lists the worst symbols first and those that are not judged last", () => {
  const symbols = [symbolQuality("C", 99), symbolQuality("X", null), symbolQuality("B", 50), symbolQuality("A", 99)];
  expect(worstFirst(symbols)).toEqual(["B", "A", "C", "X"]);
});

it("gives quality a number beside its colour, and an absent symbol a word", () => {
  const entries = [symbolQuality("A", 79.999), symbolQuality("B", null)].map((quality) => ({
    quality,
    states: new Uint8Array(10),
  }));
  const rows = qualityRows(entries, { opensAt: "09:30", closesAt: "16:00" }, { width: 60, symbol: "A" });
  expect(rows[1].find((one) => one.tone === "bad")?.text.trim()).toBe("79.99%");
  expect(text(rows[1])).toContain("A    ▸");
  expect(text(rows[2])).toContain("absent");
});

describe("the threads panel", () => {
  const thread = (more: Partial<ThreadView>): ThreadView => ({
    name: "upkeep",
    state: "held",
    position: 1551,
    lag: 49,
    would: "take in AIG 15:58",
    waitsFor: null,
    lastEvent: "drained",
    ...more,
  });
  const state = { next: "upkeep: drain", why: "until 15:58" };

  it("says loudly which thread is held, and how far behind it is", () => {
    const rows = threadRows([thread({})], state, { width: 60, height: 8 });
    expect(rows[0].find((one) => one.tone === "alarm")?.text.trim()).toBe("HELD");
    expect(text(rows[0])).toContain("processed 1,551  behind 49");
    expect(rows.map(text).join("\n")).toContain("why   until 15:58");
  });

  it("ends with the Next line, however little room there is", () => {
    for (const height of [1, 2, 4, 9]) {
      const rows = threadRows([thread({}), thread({}), thread({})], state, { width: 40, height });
      expect(rows.length).toBeLessThanOrEqual(height);
      expect(text(rows.at(-1)!)).toBe(" next  upkeep: drain");
    }
  });

  it.each([3, 4, 5, 6, 7, 8, 9])("has the same threads in %i rows, however long what comes next is", (height) => {
    const all = [thread({ name: "coordinator" }), thread({}), thread({ name: "prefetch" })];
    const threadsShown = (next: string): string[] =>
      threadRows(all, { next, why: "" }, { width: 35, height })
        .map(text)
        .filter((row) => !row.startsWith(" next") && !row.startsWith("       "));
    expect(threadsShown("coordinator: publish AAPL")).toEqual(
      threadsShown("coordinator: hand-over, the day goes to upkeep, which drains it"),
    );
  });

  it("has both threads in three rows, whatever comes next", () => {
    const both = [thread({ name: "coordinator" }), thread({}), thread({ name: "prefetch" })];
    const next = "coordinator: hand-over, the day goes to upkeep";
    const rows = threadRows(both, { next, why: "" }, { width: 35, height: 3 }).map(text);
    expect(rows.map((row) => row.trim().split(" ")[0])).toEqual(["coordinator", "upkeep", "next"]);
    expect(rows[2]).toContain("the day goes to upkeep"); // cut by the frame, with a sign that says so
  });

  it("says in words what a thread waits for", () => {
    const waiting = thread({ waitsFor: "AAPL 15:59 is not published" });
    const rows = threadRows([waiting, waiting, waiting], state, { width: 60, height: 4 });
    expect(text(rows[0])).toContain("waits: AAPL 15:59 is not published");
  });
});

it("names all streams that end last: each keeps the day from draining", () => {
  const stream = (symbol: string, endsAtUs: number | null, atEnd = false): StreamView => ({
    symbol,
    lastBarUs: null,
    last: null,
    left: 1,
    atEnd,
    endsAtUs,
  });
  const all = [stream("A", 5), stream("B", 9), stream("C", null), stream("D", 9), stream("E", 9, true)];
  expect([...lastToEnd(all)]).toEqual(["B", "D"]);
  expect([...lastToEnd(all.slice(2, 3))]).toEqual([]);
});

describe("the end of day", () => {
  const fake = new FakeSession();
  fake.place = { day: 0, slots: 2340, step: "force-close" };
  const view: EodView = { ...fake.eod(), before: [{ date: "2025-07-01", totalUs: 4100 }] };
  const room = { width: 118, height: 2, clock };

  it("is a line of steps over their durations", () => {
    const [steps, durations] = eodRows(view, room).map(text);
    expect(steps).toContain("hand-over ✓ drain ✓ force-close ▶ finalize ○");
    expect(steps).toContain("took 690 µs");
    expect(durations.indexOf("570 µs")).toBe(steps.indexOf("drain"));
    expect(durations).toContain("last 4.1 ms");
  });

  it("flows where the line does not fit, and is a table where there is room", () => {
    const flow = eodRows(view, { ...room, width: 36, height: 4 });
    for (const row of flow) expect(rowWidth(row)).toBeLessThanOrEqual(36);
    expect(flow.map(text).join("")).toContain("▶force-close");
    const table = eodRows(view, { ...room, width: 60, height: 14 }).map(text);
    expect(table).toHaveLength(12);
    expect(table[3]).toMatch(/▶ force-close {2}upkeep .* next$/);
  });
});

it("dims and marks what belongs to this run alone in the journal", () => {
  const entry = { thread: "main", timeUs: 0, kind: "command", text: "pause" } as JournalEntry;
  const control = journalRow({ ...entry, control: true }, { clock, chosen: false, width: 60 });
  expect(text(control)).toContain("›main");
  expect(control.every((one) => one.tone === "dim")).toBe(true);
  expect(text(journalRow({ ...entry, control: false }, { clock, chosen: true, width: 60 }))).toMatch(/^▸/);
});

it("marks a control word that the last move has changed by a sign, not only by a colour", () => {
  const word = { name: "position", value: 7, text: "7", meaning: "slots published", writer: "coordinator" };
  const room = { chosen: false, width: 70 };
  expect(text(wordRow(word, { ...room, before: 6 }))).toContain("*7 was 6");
  expect(text(wordRow(word, { ...room, before: 7 }))).not.toContain("*");
});

describe("the transport bar", () => {
  const state = (more: Partial<SessionState> = {}): SessionState => ({ ...new FakeSession().state(), ...more });
  const room = { width: 120, moves: "both" as const, clock };

  it("tells the state by a word and a sign", () => {
    expect(text(stateRow(state(), room))).toMatch(
      /^ ▐▐ PAUSED │ data-driven │ Wed 2025-07-02 09:30 EDT │ minute 0\/390/,
    );
    expect(text(stateRow(state({ state: "playing", mode: "clock", clockSpeed: 360 }), room))).toMatch(
      /^ ▶ PLAYING │ clock 360x/,
    );
  });

  it("keeps state and time however narrow it is, and the cause as long as it can", () => {
    for (let width = 60; width < 200; width += 7) {
      const row = stateRow(state({ why: "TSLA quality 94.87 < 95 at 11:42 (gap 11:38–11:42)" }), { ...room, width });
      expect(rowWidth(row)).toBe(width);
      expect(text(row)).toMatch(/PAUSED.*09:30 EDT/);
      if (width >= 80) expect(text(row)).toContain("TSLA quality");
    }
  });

  it("says loudly that the keys move one thread only", () => {
    const row = stateRow(state(), { ...room, moves: "upkeep" });
    expect(row.find((one) => one.tone === "alarm")?.text).toContain("ONLY upkeep");
  });

  it("shows breakpoints, marks and the present place on the line of the session", () => {
    const fake = new FakeSession();
    fake.place = { day: 0, slots: 195 * 6, step: null };
    fake.break("09:30");
    fake.break("2025-07-02 16:00");
    fake.break("2025-07-03 10:00");
    fake.break("phase=roll");
    fake.mark("bug");
    fake.place = { day: 0, slots: 390 * 6, step: null };
    const row = text(timelineRow(fake.state(), fake.breakpoints(), fake.marks(), { width: 80, clock }));
    expect(row).toMatch(/^ 09:30 ├◆─+◇─+●┤ 16:00 {2}◆ 2025-07-0… \+1 *$/);
    const line = /├(.*)┤/.exec(row)![1];
    expect(line.indexOf("◇") / line.length).toBeCloseTo(0.5, 1);
    expect(row).toHaveLength(80);
  });

  it("leaves three quarters of its width to the session, whatever breakpoints without a time are called", () => {
    const fake = new FakeSession();
    const lineAt = (width: number): string =>
      text(timelineRow(fake.state(), fake.breakpoints(), [], { width, clock })).trimEnd();
    fake.break("phase=roll");
    expect(lineAt(80)).toMatch(/16:00 {2}◆ phase=roll$/);
    fake.break("TSLA.gap>=2");
    expect(lineAt(80)).toMatch(/16:00 {2}◆ phase=roll \+1$/);
    expect(lineAt(120)).toMatch(/16:00 {2}◆ phase=roll \+1$/);
    expect(lineAt(130)).toMatch(/16:00 {2}◆ phase=roll ◆ TSLA\.gap>=2$/);
    for (let i = 0; i < 12; i++) fake.break(`TSLA.quality<95 and TSLA.gap>=${i + 3} and SPY.last>168`);
    for (const width of [60, 80, 120, 200]) {
      const row = lineAt(width);
      expect(row.length).toBeLessThanOrEqual(width);
      expect(/├.*┤/.exec(row)![0].length + 14).toBeGreaterThanOrEqual(width * 0.75);
      expect(row).toMatch(/\+1[123]$/);
    }
  });
});
