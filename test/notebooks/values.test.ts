/** What a notebook shows and what it turns into: times, tables, bars, quality, charts. On a made-up day. */
import { readFileSync } from "node:fs";
import { DateTime } from "luxon";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { Time, engineTime } from "../../src/repl/notebook/time.js";
import { View } from "../../src/repl/notebook/view.js";
import { UsageError, type MinuteSlot } from "../../src/engine/index.js";
import { breakpointMarks } from "../../src/repl/notebook/breakpoint-marks.js";
import { minuteTable } from "../../src/repl/notebook/boards.js";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";
import { fakeView, MINUTE, OPEN_US, ZONE } from "./fake-view.js";
import { strayMarkup } from "./markup.js";

const folder = tempFolder({ keep: true });
afterAll(() => removeFolder(folder.path));

const MISSING = { AAPL: [10, 11, 12], "<TSLA>": [5] };
const view = new View(fakeView({ passed: 45, missing: MISSING, filled: { AAPL: [20] } }), ZONE);

describe("a time", () => {
  const time = new Time(OPEN_US + 45 * MINUTE, ZONE);

  it("reads as exchange time, as UTC and as luxon", () => {
    expect([time.text, time.iso, time.clock, time.date]).toEqual([
      "2025-07-02 10:15",
      "2025-07-02T14:15:00Z",
      "10:15",
      "2025-07-02",
    ]);
    expect(String(time)).toBe("2025-07-02 10:15 EDT");
    expect(time.toLuxon().toISO()).toBe("2025-07-02T10:15:00.000-04:00");
    expect(time.toDate().toISOString()).toBe("2025-07-02T14:15:00.000Z");
    expect(JSON.stringify({ time })).toBe('{"time":"2025-07-02T14:15:00Z"}');
  });

  it("prints as its text, compares and subtracts as microseconds", () => {
    expect(inspect([time])).toBe("[ 2025-07-02 10:15 EDT ]");
    expect(time > view.opensAt).toBe(true);
    expect(Number(time) - Number(view.opensAt)).toBe(45 * MINUTE);
  });

  it("is given as text, number, Date, luxon or itself, all the same moment", () => {
    const moments = [
      time,
      time.us,
      time.toDate(),
      time.toLuxon(),
      DateTime.fromISO("2025-07-02T16:15", { zone: "Europe/Berlin" }),
    ];
    expect(moments.map(engineTime)).toEqual(moments.map(() => time.us));
    expect(engineTime("15:58")).toBe("15:58");
    for (const wrong of [undefined, {}, new Date("x"), DateTime.fromISO("x")])
      expect(() => engineTime(wrong as never)).toThrow(UsageError);
  });
});

describe("bars", () => {
  const bars = view.bars("AAPL");

  it("show head and tail, shape, units and where they begin and end", () => {
    expect(bars.toString()).toMatchInlineSnapshot(`
      "AAPL 1m bars · Wed 2025-07-02 09:30 → 10:15 EDT · 42 rows
       START    OPEN    HIGH    LOW   CLOSE  VOLUME shares  ORIGIN
       09:30  100.00  100.50  99.50  100.20          1,000  streamed
       09:31  100.01  100.51  99.51  100.21          1,001  streamed
       09:32  100.02  100.52  99.52  100.22          1,002  streamed
       09:33  100.03  100.53  99.53  100.23          1,003  streamed
       09:34  100.04  100.54  99.54  100.24          1,004  streamed
       09:35  100.05  100.55  99.55  100.25          1,005  streamed
           ⋮
       10:10  100.40  100.90  99.90  100.60          1,040  streamed
       10:11  100.41  100.91  99.91  100.61          1,041  streamed
       10:12  100.42  100.92  99.92  100.62          1,042  streamed
       10:13  100.43  100.93  99.93  100.63          1,043  streamed
       10:14  100.44  100.94  99.94  100.64          1,044  streamed
       start of each bar in exchange time (EDT); prices in the currency of the data"
    `);
    expect(bars.toHtml()).toContain("AAPL 1m bars · Wed 2025-07-02 09:30 → 10:15 EDT · 42 rows");
  });

  it("turn into rows, typed columns, and rows of the file", () => {
    expect(bars.length).toBe(42);
    const row = bars.row(-1);
    expect({ ...row, start: row.start.text }).toEqual({
      symbol: "AAPL",
      start: "2025-07-02 10:14",
      open: 100.44,
      high: 100.94,
      low: 99.94,
      close: 100.64,
      volume: 1044,
      n: 1,
      m: 1,
      origin: "streamed",
      status: "complete",
    });
    expect(bars.row(3).source()).toMatchObject({ file: "symbol=AAPL/day.parquet", row: 3, rowGroup: 0 });
    expect(
      bars
        .rows()
        .find(({ origin }) => origin === "forward-filled")
        ?.source(),
    ).toBe(null);
    expect(() => view.bars("AAPL", "5m").row(0).source()).toThrow(/is made of 5 one-minute bars/);
    expect(() => bars.row(42)).toThrow(/there is no row 42, there are 42 rows/);
    const { startUs, close } = bars.columns();
    expect(startUs).toBeInstanceOf(Float64Array);
    expect(close[0]).toBe(100.2);
    expect([...bars].length).toBe(42);
  });

  it("are written as CSV and as Parquet that say the same", async () => {
    const file = `${folder.path}/bars`;
    expect([await bars.writeCsv(`${file}.csv`), await bars.writeParquet(`${file}.parquet`)]).toEqual([42, 42]);
    const [head, first] = readFileSync(`${file}.csv`, "utf8").split("\n");
    expect(head).toBe("symbol,timestamp,open,high,low,close,volume,n,m,origin,status");
    expect(first).toBe("AAPL,2025-07-02T13:30:00Z,100,100.5,99.5,100.2,1000,1,1,streamed,complete");
    const { buffer } = readFileSync(`${file}.parquet`);
    const [row] = await parquetReadObjects({
      file: new Uint8Array(readFileSync(`${file}.parquet`)).buffer ?? buffer,
      compressors,
    });
    expect(row).toMatchObject({ symbol: "AAPL", timestamp: new Date(OPEN_US / 1000), close: 100.2, n: 1n });
    await expect(bars.writeCsv(`${folder.path}/none/x.csv`)).rejects.toThrow(/cannot write .*x\.csv/);
    await expect(bars.writeParquet(`${folder.path}/none/x.parquet`)).rejects.toThrow(/cannot write .*x\.parquet/);
  });
});

describe("quality", () => {
  it("is a table of all symbols with words beside numbers and strips of minutes", () => {
    const quality = view.quality();
    expect(quality.toString()).toMatchInlineSnapshot(`
      "Quality · Wed 2025-07-02 10:15 EDT · 45 of 390 minutes · mean 94.44% · worst AAPL 91.11% · 2 rows
       SYMBOL  QUALITY %  LAST 30 %  MISSING min  FILLED min  LONGEST GAP min    LAST  VOLUME shares  BAD ROWS     MINUTES
       AAPL        91.11      91.11            4           1                4  101.25         41,000  1 duplicate  ░▒██··························
       <TSLA>      97.77      97.77            1           0                1  101.25         44,000  1 duplicate  ░███··························
       █ streamed ▒ filled ░ missing · not due yet; a cell shows its worst minute"
    `);
    expect(quality.worst).toEqual({ symbol: "AAPL", percent: (41 / 45) * 100 });
    expect(quality.columns().percent).toBeInstanceOf(Float64Array);
    const html = quality.toHtml();
    expect(html).toContain("&#60;TSLA&#62;");
    expect(html).not.toContain("<TSLA>");
    expect(html.match(/<img /g)).toHaveLength(2);
  });

  it("of a symbol is numbers that compare, and NaN before the first due minute", () => {
    expect(view.quality("AAPL").percent).toBeCloseTo(91.1, 1);
    expect(String(view.quality("AAPL"))).toContain(
      "AAPL quality 91.11% (fair) · 41 of 45 minutes · 1 gap, longest 4 min",
    );
    const before = new View(fakeView({ passed: 0 }), ZONE);
    expect(before.quality("AAPL").percent).toBeNaN();
    expect(before.quality("AAPL").percent < 95).toBe(false);
    expect(before.quality().mean).toBeNaN();
    expect(String(before.quality("AAPL"))).toContain("quality – (not judged)");
  });
});

describe("the last minutes", () => {
  const slot = (symbol: string, close: number | null): MinuteSlot =>
    ({ symbol, state: close === null ? "missing" : "streamed", close, classes: {} }) as MinuteSlot;
  const rows = [
    [99.5, null],
    [1099.25, 20],
  ].map(([aapl, thin], i) => ({
    startUs: OPEN_US + i * MINUTE,
    slots: [slot("AAPL", aapl), slot("THIN", thin)],
  }));

  it("have their prices below each other, with what stands instead of one", () => {
    const table = minuteTable(rows, ZONE, "a day");
    expect(table.toString().split("\n").slice(1)).toEqual([
      " START     AAPL     THIN",
      " 09:30    99.50  missing",
      " 09:31  1099.25    20.00",
    ]);
    const cells = table.toHtml().match(/<t[dh] [^>]*>/g)!;
    expect(cells.filter((cell) => !cell.includes("text-align: right"))).toEqual([]);
  });
});

describe("a chart", () => {
  it("has a slot for every minute of the day so far, and says what it shows", () => {
    const chart = view.chart("AAPL");
    expect(String(chart)).toMatchInlineSnapshot(`
      "AAPL 1m · Wed 2025-07-02 09:30 → 10:15 EDT · low 99.50 high 100.94 last 100.64 · volume 42,957 shares · 3 without a bar
       ▄▄▅▅▅▅▅▅▅▅···▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇"
    `);
    expect(chart.toHtml()).toContain("shaded: no bar · ▲ amber: filled");
  });

  it("marks breakpoints that have a place: a time of this or another day, and a price of its symbol or of any", () => {
    const texts = ["15:58", "2025-07-03 9:40", "AAPL.last>208.5", "low<=200", "MSFT.last>490", "gap>=3"];
    const breakpoints = texts.map((text, i) => ({ id: i, text, temporary: false, log: false, hits: 0, ignore: 0 }));
    const silent = { ...breakpoints[0], log: true };
    expect(breakpointMarks([...breakpoints, silent], "AAPL", "2025-07-02", ZONE)).toEqual([
      { text: texts[0], kind: "breakpoint", timeUs: OPEN_US + 388 * MINUTE },
      { text: texts[1], kind: "breakpoint", timeUs: OPEN_US + (24 * 60 + 10) * MINUTE },
      { text: texts[2], kind: "breakpoint", price: 208.5 },
      { text: texts[3], kind: "breakpoint", price: 200 },
    ]);
  });

  it("does not call a bucket missing that is under way", () => {
    const missing = { AAPL: Array.from({ length: 5 }, (_, i) => 10 + i) };
    const chart = new View(fakeView({ passed: 22, missing }), ZONE).chart("AAPL", { interval: 5 });
    expect(String(chart)).toContain("09:30 → 09:50 EDT");
    expect(String(chart)).toContain("1 without a bar");
    expect(chart.svg).toContain(">09:52</text>");
  });

  it("shades what is missing and nothing else, in price and volume", () => {
    const shades = (chart: { svg: string }): number => chart.svg.match(/fill="#80808040"/g)?.length ?? 0;
    expect(shades(view.chart("AAPL"))).toBe(2);
    expect(shades(new View(fakeView({ passed: 45 }), ZONE).chart("AAPL"))).toBe(0);
  });

  it("stays below 300 kB in a notebook for any number of bars, is the same each time, and carries no script or style", () => {
    const day = new View(fakeView({ passed: 390, missing: MISSING }), ZONE).chart("AAPL");
    expect(day.toHtml().length).toBeLessThan(300_000);
    const again = new View(fakeView({ passed: 390, missing: MISSING }), ZONE).chart("AAPL");
    expect(again.svg).toBe(day.svg);
    expect(day.svg).not.toMatch(/<style|<script|class=/);
  });
});

it("shows nothing that Jupyter would remove in a notebook nobody has trusted yet", () => {
  const shown = [
    view.quality(),
    view.quality("AAPL"),
    view.bars("AAPL"),
    view.bars("AAPL", "5m"),
    view.chart("AAPL"),
    view.gaps(),
  ];
  expect(shown.flatMap((value) => strayMarkup(value.toHtml()))).toEqual([]);
  expect(strayMarkup('<svg></svg><b style="--x: 1">')).toEqual(["<svg>", "--x: 1"]);
});
