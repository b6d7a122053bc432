import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  createExchangeClock,
  formatCount,
  formatDay,
  formatPercent,
  formatPrice,
  formatSeconds,
  listSome,
  plural,
} from "../../src/repl/output/format.js";
import { describeError } from "../../src/repl/output/errors.js";
import { heatMapLines } from "../../src/repl/output/heat-map.js";
import { NoticeBook } from "../../src/repl/output/notice-book.js";
import { createProgressBar, drawLine } from "../../src/repl/output/progress-bar.js";
import { classesText, sessionsText } from "../../src/repl/output/run-summary.js";
import { MOST_ROWS, sessionLines } from "../../src/repl/output/session-table.js";
import { formatTable } from "../../src/repl/output/table.js";
import { createTheme, qualityPaint, toAscii, wantsColor } from "../../src/repl/output/theme.js";
import { fakeCatalog, fakeDay, fakeGap, fakeLeftOut, fakeStream, fakeSymbol } from "./fakes.js";

const plain = createTheme({ color: false, ascii: false });
const colored = createTheme({ color: true, ascii: false });
const ascii = createTheme({ color: false, ascii: true });
const clock = createExchangeClock("America/New_York");
const style = { theme: plain, clock, width: 160 };

describe("numbers and times", () => {
  it("never shows less than everything as 100 %, nor crosses a limit by rounding", () => {
    expect(formatPercent(100, "–")).toBe("100.00%");
    expect(formatPercent(99.9999, "–")).toBe("99.99%");
    expect(formatPercent(94.999, "–")).toBe("94.99%");
    expect(formatPercent((389 / 390) * 100, "–")).toBe("99.74%");
    expect(formatPercent(null, "–")).toBe("–");
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (percent) => {
        const shown = Number(formatPercent(percent, "").slice(0, -1));
        expect(shown).toBeLessThanOrEqual(percent + 1e-8);
        expect(percent - shown).toBeLessThan(0.01 + 1e-8);
      }),
    );
  });

  it("groups thousands and counts words", () => {
    expect([formatCount(1953), plural(1, "session"), plural(1953, "session")]).toEqual([
      "1,953",
      "1 session",
      "1,953 sessions",
    ]);
  });

  it("gives prices the decimals they have, two at least", () => {
    expect([167.4, 13.9951, 5, 0.000123, null].map((price) => formatPrice(price, "–"))).toEqual([
      "167.40",
      "13.9951",
      "5.00",
      "0.000123",
      "–",
    ]);
  });

  it("shows times in the zone of the exchange, on both sides of a clock change", () => {
    const [winter, summer] = [Date.UTC(2008, 2, 7, 14, 30) * 1000, Date.UTC(2008, 2, 10, 13, 30) * 1000];
    expect([clock.time(winter), clock.zone(winter)]).toEqual(["09:30", "EST"]);
    expect([clock.time(summer), clock.zone(summer)]).toEqual(["09:30", "EDT"]);
    expect(formatDay("2013-10-07")).toBe("Mon 2013-10-07");
  });

  it("shortens lists and durations", () => {
    expect(listSome(["a", "b", "c"], 2)).toBe("a, b … and 1 more");
    expect([formatSeconds(0.25), formatSeconds(12.34), formatSeconds(185)]).toEqual(["0.25 s", "12.3 s", "3 min 05 s"]);
  });
});

describe("colour", () => {
  const terminal = { isTerminal: true };
  it.each([
    [{}, true, true],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ FORCE_COLOR: "1" }, false, false],
  ])("with %j and --no-color absent=%j is %j on a terminal", (env, allowed, expected) => {
    expect(wantsColor(terminal, env, allowed)).toBe(expected);
  });

  it("is off in a pipe, unless it is forced", () => {
    expect(wantsColor({ isTerminal: false }, {})).toBe(false);
    expect(wantsColor({ isTerminal: false }, { FORCE_COLOR: "1" })).toBe(true);
  });

  it("is green from 95, yellow from 80, red below, and dim without a value", () => {
    const code = (percent: number | null): string => qualityPaint(colored, percent)("x").slice(2, 4);
    expect([95, 94.99, 80, 79.99].map(code)).toEqual(["32", "33", "33", "31"]);
    expect(qualityPaint(colored, null)("x")).toBe("\x1b[2mx\x1b[0m");
  });

  it("leaves nothing but ASCII on request", () => {
    expect(toAscii("15:59–16:00 → µs … ≥ 3 é")).toBe("15:59-16:00 -> us ... >= 3 \\u{e9}");
    const lines = sessionLines(fakeDay({ forcedFromUs: fakeGap(300, 1).startUs }), { ...style, theme: ascii });
    // eslint-disable-next-line no-control-regex
    expect(lines.join("\n")).toMatch(/^[\u0000-\u007f]*$/);
  });
});

describe("tables", () => {
  const columns = [
    { title: "NAME" },
    { title: "N", align: "right" as const },
    { title: "MORE", leaves: 1 },
    { title: "MOST", leaves: 2 },
  ];
  const rows = [
    ["a", "1", "some", "text"],
    ["bbb", "20", "", "x"],
  ];

  it("aligns columns and leaves no space at the end of a line", () => {
    expect(formatTable(columns, rows)).toEqual([
      " NAME   N  MORE  MOST",
      " a      1  some  text",
      " bbb   20        x",
    ]);
  });

  it("drops what matters least when the width does not suffice, and never what must stay", () => {
    expect(formatTable(columns, rows, { width: 18 })[0]).toBe(" NAME   N  MORE");
    expect(formatTable(columns, rows, { width: 3 })[0]).toBe(" NAME   N");
  });

  it("says below the table what it has no room for, and how to see it", () => {
    expect(formatTable(columns, rows, { width: 18 }).at(-1)).toBe(" not shown: MOST (needs 21 columns, or --json)");
    expect(formatTable(columns, rows, { width: 20 }).at(-1)).toBe(" not shown: MOST (needs 21 columns, or --json)");
    expect(formatTable(columns, rows, { width: 21 })).toEqual(formatTable(columns, rows));
    expect(formatTable(columns, rows, { width: 3, tellHidden: ({ names }) => names }).slice(-2)).toEqual([
      " MORE",
      " MOST",
    ]);
    const empty = rows.map(([name, n]) => [name, n, "", ""]);
    expect(formatTable(columns, empty, { width: 3 }), "a column without text is not missed").toHaveLength(3);
  });

  it("drops columns that belong together together, and tells them by one name", () => {
    const prices = ["OPEN", "LAST"].map((title) => ({ title, leaves: 1, group: "prices" }));
    const lines = formatTable([{ title: "NAME" }, ...prices], [["a", "1", "2"]], { width: 14 });
    expect(lines).toEqual([" NAME", " a", " not shown: prices (needs 17 columns, or --json)"]);
  });

  it("cuts the last column, visibly, when nothing is left to drop", () => {
    const cut = [{ title: "NAME" }, { title: "BAD", cuts: true }];
    const painted = [["a", colored.bad("2 rejected, 1 duplicate")]];
    const lines = formatTable(cut, painted, { width: 20 });
    expect(lines.map(stripVTControlCharacters)).toEqual([" NAME  BAD", " a     2 rejected, …"]);
    expect(lines[1]).toContain("\x1b[31m");
    expect(formatTable(cut, painted, { width: 31 }).map(stripVTControlCharacters)[1]).toBe(
      " a     2 rejected, 1 duplicate",
    );
  });

  it("leaves out a column without any text", () => {
    expect(formatTable(columns, [["a", "1", "", ""]])).toEqual([" NAME  N", " a     1"]);
  });

  it("does not count colours as width", () => {
    const painted = rows.map((row) => row.map((cell) => colored.good(cell)));
    const shown = formatTable(columns, painted, { paintHead: colored.dim });
    expect(shown.map(stripVTControlCharacters)).toEqual(formatTable(columns, rows));
  });
});

describe("the table of a session", () => {
  it("shows quality, gaps, prices and bad rows of each symbol", () => {
    const symbols = [
      fakeSymbol({
        symbol: "AIG",
        quality: 98.97,
        streamed: 386,
        missing: 4,
        longestGap: 3,
        gaps: [fakeGap(0, 1), fakeGap(128, 3)],
      }),
      fakeSymbol({ rejected: 2, duplicates: 1, flagged: { zeroVolume: 1 } }),
    ];
    expect(sessionLines(fakeDay({ symbols }), style)).toEqual([
      "Mon 2013-10-07  09:30–16:00 EDT  390 minutes  quality 99.48%  worst AIG 98.97%",
      " SYMBOL  QUALITY  BARS  MISSING  LONGEST GAP         OPEN    HIGH     LOW    LAST      VOLUME  OFF-HOURS  DERIVED   BAD ROWS",
      " AIG      98.97%   386        4  3 at 11:38–11:41  167.43  168.45  167.25  167.42  81,489,219         10  5m 78/78",
      " SPY     100.00%   390        0  –                 167.43  168.45  167.25  167.42  81,489,219         10  5m 78/78  2 rejected, 1 duplicate, 1 zeroVolume",
    ]);
  });

  const busy = fakeDay({
    symbols: [
      fakeSymbol({ quality: 70, missing: 100, filled: 100, longestGap: 100, gaps: [fakeGap(100, 100)], rejected: 12 }),
      fakeSymbol({ symbol: "IBM", duplicates: 3, conflicts: 1, flagged: { zeroVolume: 4, outOfOrder: 390 } }),
    ],
  });

  it("keeps to the width of the terminal", () => {
    for (const width of [80, 100, 120, 130])
      for (const day of [fakeDay(), busy])
        for (const line of sessionLines(day, { ...style, width }).slice(1))
          expect(line.length, line).toBeLessThanOrEqual(width);
  });

  it("keeps the longest gap on the narrowest terminal, drops the prices first and together, and says so", () => {
    const shown = (width: number): string[] => sessionLines(busy, { ...style, width });
    const titles = (width: number): string => shown(width)[1].trim().split(/ {2,}/).join(" ");
    expect(titles(200)).toBe(
      "SYMBOL QUALITY BARS MISSING FILLED LONGEST GAP OPEN HIGH LOW LAST VOLUME OFF-HOURS DERIVED BAD ROWS",
    );
    expect(titles(170)).toBe("SYMBOL QUALITY BARS MISSING FILLED LONGEST GAP VOLUME OFF-HOURS DERIVED BAD ROWS");
    expect(titles(80)).toBe("SYMBOL QUALITY BARS MISSING FILLED LONGEST GAP BAD ROWS");
    expect(shown(80)[2]).toContain("100 at 11:10–12:50");
    expect(shown(80).at(-1)).toBe(" not shown: prices, VOLUME, OFF-HOURS, DERIVED (needs 180 columns, or --json)");
    expect(shown(170).at(-1)).toBe(" not shown: prices (needs 180 columns, or --json)");
  });

  it("says when the streams ended early, what was an outage, and who was absent", () => {
    const day = fakeDay({
      forcedFromUs: fakeGap(300, 1).startUs,
      outagesUs: [128, 129, 130, 200].map((minute) => fakeGap(minute, 1).startUs),
      symbols: [
        fakeSymbol({ symbol: "AIG", gaps: [fakeGap(120, 9), fakeGap(190, 10)] }),
        fakeSymbol({ symbol: "IBM", gaps: [fakeGap(130, 9), fakeGap(200, 1)] }),
        fakeSymbol({ symbol: "SPY", gaps: [fakeGap(127, 1), fakeGap(131, 5), fakeGap(199, 2)] }),
        fakeSymbol({ symbol: "TSLA", rows: 0, quality: null, streamed: 0, missing: 390, gaps: [fakeGap(0, 390)] }),
      ],
    });
    const lines = sessionLines(day, style);
    expect(lines.slice(1, 5)).toEqual([
      " 14:30 → 16:00: all streams ended",
      " outage 11:38–11:41 (3 minutes): 2 of 3 symbols miss bars: AIG, IBM",
      " outage 12:50–12:51 (1 minute): 2 of 3 symbols miss bars: IBM, SPY",
      " absent: TSLA (no rows on this session)",
    ]);
  });

  it("tells the first outages of a day and counts the others", () => {
    const outagesUs = Array.from({ length: 8 }, (_, i) => fakeGap(10 * i, 1).startUs);
    const lines = sessionLines(fakeDay({ outagesUs }), style).filter((line) => line.includes("outage"));
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe(" … and 3 outages more");
  });

  it("says of a symbol that was left out only that, with why, and judges the others", () => {
    const day = fakeDay({
      symbols: [
        fakeSymbol({ symbol: "AIG", quality: 90, missing: 39, streamed: 351 }),
        fakeLeftOut("IBM"),
        fakeLeftOut("SPY", 0),
      ],
    });
    const skipped = [
      { symbol: "IBM", message: "IBM.parquet is cut off" },
      { symbol: "SPY", message: "SPY.parquet is gone" },
    ];
    expect(sessionLines({ ...day, skipped }, style)).toEqual([
      "Mon 2013-10-07  09:30–16:00 EDT  390 minutes  quality 90.00%  worst AIG 90.00%",
      " left out: IBM (400 rows unread): IBM.parquet is cut off",
      " left out: SPY: SPY.parquet is gone",
      " SYMBOL   QUALITY  BARS  MISSING  LONGEST GAP    OPEN    HIGH     LOW    LAST      VOLUME  OFF-HOURS  DERIVED   BAD ROWS",
      " AIG       90.00%   351       39  –            167.43  168.45  167.25  167.42  81,489,219         10  5m 78/78",
      " IBM     left out     –        –  –                 –       –       –       –           –          –  –         400 unread",
      " SPY     left out     –        –  –                 –       –       –       –           –          –  –",
    ]);
  });

  it("says of a day that was left out so in one line, once for all symbols", () => {
    const day = fakeDay({
      forcedFromUs: fakeGap(0, 1).startUs,
      symbols: ["AIG", "IBM", "SPY"].map((symbol) => fakeLeftOut(symbol)),
    });
    const skipped = ["AIG", "IBM", "SPY"].map((symbol) => ({ symbol, message: "SPY.parquet is cut off" }));
    expect(sessionLines({ ...day, skipped }, style)).toEqual([
      "Mon 2013-10-07  09:30–16:00 EDT  390 minutes  left out",
      " left out: all symbols (1,200 rows unread): SPY.parquet is cut off",
    ]);
  });

  it("says of a session without data that it has none, and nothing else", () => {
    expect(sessionLines(fakeDay({ noData: true, symbols: [] }), style)).toEqual([
      "Mon 2013-10-07  09:30–16:00 EDT  390 minutes  no data",
    ]);
  });

  it("keeps the order of the symbols while there are few", () => {
    const symbols = ["A", "B", "C"].map((symbol, i) => fakeSymbol({ symbol, quality: [99, 100, 50][i] }));
    const names = sessionLines(fakeDay({ symbols }), style)
      .slice(2)
      .map((line) => line.trim().split(" ")[0]);
    expect(names).toEqual(["A", "B", "C"]);
  });

  it("shows the worst of very many symbols and counts the others", () => {
    const symbols = Array.from({ length: 500 }, (_, i) => fakeSymbol({ symbol: `S${i}`, quality: 100 - i / 10 }));
    const lines = sessionLines(fakeDay({ symbols }), style);
    expect(lines[2]).toContain("S499");
    expect(lines).toHaveLength(2 + MOST_ROWS + 1);
    expect(lines.at(-1)).toContain("470 symbols of quality");
  });

  it("does not call symbols better that could not be judged", () => {
    const symbols = Array.from({ length: MOST_ROWS + 5 }, (_, i) => (i < 20 ? fakeSymbol() : fakeLeftOut(`S${i}`)));
    expect(sessionLines(fakeDay({ symbols }), style).at(-1)).toBe(" … and 5 symbols absent or left out");
  });
});

describe("what a summary says", () => {
  it("names sessions without data, and those inside the data", () => {
    expect(sessionsText(fakeCatalog({ withoutData: { count: 1953, insideData: [] } }))).toBe(
      "1 session; 1,953 sessions without data skipped; inside the data: none",
    );
    expect(sessionsText(fakeCatalog({ withoutData: { count: 2, insideData: ["2013-10-08"] } }))).toContain(
      "inside the data: 2013-10-08",
    );
  });

  it("adds up the classes, and says so when they do not", () => {
    expect(classesText({ streamed: 390, preMarket: 10 }, 400)).toBe("390 streamed + 10 preMarket = 400 rows");
    expect(classesText({ streamed: 390 }, 400)).toBe("390 streamed = 390, but there are 400 rows");
  });
});

describe("an error", () => {
  const error = (message: string, place: object): Parameters<typeof describeError>[0] => ({
    name: "DataError",
    code: "damaged",
    message,
    hint: "write it again",
    place,
    exitCode: 3,
    stack: "",
  });

  it("says where it is, but nothing that its message says already", () => {
    const place = { file: "SPY.parquet", rowGroup: 1, column: "close", row: 7 };
    expect(describeError(error("a page is damaged", place), plain)).toEqual([
      "error: a page is damaged",
      "  at SPY.parquet, row group 1, column close, row 7",
      "  try: write it again",
    ]);
    expect(describeError(error("SPY.parquet, row group 1, column close, row 7 is damaged", place), plain)).toEqual([
      "error: SPY.parquet, row group 1, column close, row 7 is damaged",
      "  try: write it again",
    ]);
  });

  it("leaves the first row group out when it has the row, which says it all", () => {
    const text = (place: object): string | undefined => describeError(error("a value is damaged", place), plain)[1];
    expect(text({ rowGroup: 0, row: 7 })).toBe("  at row 7");
    expect(text({ rowGroup: 1, row: 7 })).toBe("  at row group 1, row 7");
    expect(text({ rowGroup: 0, column: "close" })).toBe("  at row group 0, column close");
  });
});

describe("notices", () => {
  const notice = (kind: "rejected" | "conflict" | "duplicate", i: number) =>
    ({ kind, cause: "highBelowLow", symbol: "SPY", text: `row ${i}`, file: "f", row: i }) as const;

  it("shows five of each kind in all and counts the rest", () => {
    const book = new NoticeBook(plain);
    const first = book.take([1, 2, 3].map((i) => notice("rejected", i)));
    const second = book.take([
      ...[4, 5, 6].map((i) => notice("rejected", i)),
      notice("conflict", 7),
      notice("duplicate", 8),
    ]);
    expect(first).toHaveLength(3);
    expect(second).toEqual([" rejected (highBelowLow) row 4", " rejected (highBelowLow) row 5", " conflict row 7"]);
    expect(book.more({ rejected: 1200, conflict: 1 })).toEqual(["… and 1,195 more rows: rejected"]);
  });
});

describe("the heat map", () => {
  it("shows numbers while they fit, and marks a missing day by a word", () => {
    const map = {
      dates: ["2025-07-02", "2025-07-03"],
      rows: [
        { symbol: "SPY", cells: [99.74, "absent"] as const },
        { symbol: "TSLA", cells: [100, "outside"] as const },
      ],
    };
    expect(heatMapLines(map, plain, 80)).toEqual([
      " 2025  07-02    07-03",
      " SPY    99.7  no data",
      " TSLA    100        ·",
    ]);
  });

  it("marks what was left out by a sign of its own, told only where there is one", () => {
    const dates = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2013, 9, 7 + i)).toISOString().slice(0, 10));
    const cells = dates.map((_, i) => (i === 0 ? "unread" : 100));
    const lines = heatMapLines({ dates, rows: [{ symbol: "SPY", cells: cells as never }] }, plain, 60);
    expect(lines[1]).toBe(` SPY     ?${"█".repeat(39)}`);
    expect(lines[2]).toContain("X no row  ? unread  ·");
  });

  it("shows a sign a cell when they do not, readable without colour, with months above", () => {
    const dates = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2013, 9, 7 + i)).toISOString().slice(0, 10));
    const cells = dates.map((_, i) => (i === 0 ? "outside" : i === 5 ? "absent" : i === 6 ? 97 : i === 7 ? 3 : 100));
    const lines = heatMapLines({ dates, rows: [{ symbol: "SPY", cells: cells as never }] }, plain, 60);
    expect(lines[0].trimEnd()).toBe(`${" ".repeat(9)}2013-10${" ".repeat(18)}2013-11`);
    expect(lines[1]).toBe(` SPY     ·████X90${"█".repeat(32)}`);
    expect(lines[2]).toContain("X no row");
  });

  it("shows the worst day of a cell that stands for several", () => {
    const dates = Array.from({ length: 400 }, (_, i) => new Date(Date.UTC(2013, 0, 1 + i)).toISOString().slice(0, 10));
    const cells = dates.map((_, i) => (i === 399 ? "absent" : i === 100 ? 42 : 100)) as (number | "absent")[];
    const lines = heatMapLines({ dates, rows: [{ symbol: "SPY", cells }] }, plain, 60);
    expect(lines[1]).toContain("4");
    expect(lines[1].endsWith("X")).toBe(true);
    expect(lines[1].length).toBeLessThanOrEqual(60);
    expect(lines.at(-1)).toMatch(/\d+ sessions a cell, the worst of them shown/);
  });
});

describe("the progress line", () => {
  it("is nothing at all where stderr is no terminal, or a dumb one", () => {
    for (const [err, env] of [
      [fakeStream(), {}],
      [fakeStream({ columns: 80 }), { TERM: "dumb" }],
    ] as const) {
      const bar = createProgressBar(err, plain, env);
      bar.show(0.5, "half");
      bar.clear();
      expect(err.text).toBe("");
    }
  });

  it("is drawn at most 15 times a second, and leaves no trace", () => {
    let now = 0;
    const err = fakeStream({ columns: 80 });
    const bar = createProgressBar(err, plain, {}, () => now);
    for (now = 0; now < 1000; now++) bar.show(now / 1000, `at ${now}`);
    const frames = err.text.split("\x1b[2K").length - 1;
    expect(frames).toBeGreaterThan(10);
    expect(frames).toBeLessThanOrEqual(15);
    bar.clear();
    expect(err.text.endsWith("\r\x1b[2K")).toBe(true);
  });

  it("fits the terminal, whatever there is to say", () => {
    fc.assert(
      fc.property(fc.double(), fc.string(), fc.integer({ min: 1, max: 200 }), (share, text, columns) => {
        expect(drawLine(share, text, columns, plain).length).toBeLessThan(Math.max(2, columns));
      }),
    );
  });
});
