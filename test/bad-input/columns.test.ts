/**
 * Columns that are missing, double, of the wrong type or of an unusual one.
 */
import { describe, expect, it } from "vitest";
import { DataError, UsageError } from "../../src/engine/errors.js";
import { barRows, EXCHANGE_ZONE, minuteOf, rowAt } from "../fixtures/bar-rows.js";
import { expectFailure, loadAll, loadDay } from "../fixtures/load-catalog.js";
import {
  barBytes,
  barColumns,
  CODECS,
  column,
  nestedColumn,
  parquetBytes,
  textColumn,
  writeBars,
  writeBarsV1,
  type BarFile,
  type Column,
} from "../fixtures/parquet.js";
import { barOf, dayBars } from "../fixtures/source-day.js";
import { tempFolder } from "../fixtures/temp-folder.js";

const DATE = "2013-10-07";
const rows = barRows("SPY", DATE);

function put(columns: Column[]): string {
  return tempFolder().put("SPY.parquet", parquetBytes(columns));
}

/** The day of a file with this layout: every regular row streams with its values. */
async function expectWholeDay(layout: BarFile, digits = 9): Promise<void> {
  const { day, classes } = await loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), rows, layout) });
  expect(classes).toEqual({ streamed: 390, preMarket: 5, afterHours: 4, atClose: 1 });
  for (const [i, bar] of dayBars(day).entries()) {
    const row = rows[i + 5];
    expect(bar.minute).toBe(i);
    for (const role of ["open", "high", "low", "close"] as const) expect(bar[role]).toBeCloseTo(row[role]!, digits);
    expect(bar.volume).toBe(row.volume);
  }
}

describe("missing column", () => {
  for (const role of ["timestamp", "open", "high", "low", "close", "volume"] as const) {
    it(`missing column (${role}): stops, lists what was found, names --columns`, async () => {
      const path = writeBars(tempFolder().file("SPY.parquet"), rows, { without: [role] });
      const others = ["timestamp", "open", "high", "low", "close", "volume"].filter((name) => name !== role);
      const error = await expectFailure(
        { path },
        { class: DataError, names: ["SPY.parquet", role], hint: /--columns/ },
      );
      for (const name of others) expect(`${error.message} ${error.hint}`).toContain(name);
    });
  }

  it("missing column (named otherwise): the names given with --columns are used", async () => {
    const names = { timestamp: "when", close: "Schluss" };
    const path = writeBars(tempFolder().file("SPY.parquet"), rows, { names });
    await expectFailure({ path }, { class: DataError, names: ["SPY.parquet", "when"], hint: /--columns/ });
    const { classes } = await loadDay({ path, columns: names });
    expect(classes.streamed).toBe(390);
  });

  it("missing column (one given with --columns that is not there): stops naming it and what was found", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    await expectFailure(
      { path, columns: { close: "vwap" } },
      { class: DataError, names: ["SPY.parquet", "vwap", "close"] },
    );
  });

  describe("the hint names the column that is meant", () => {
    const number = (name: string): Column =>
      column(
        name,
        { type: "DOUBLE" },
        rows.map((row) => row.close),
      );
    const text = (name: string): Column =>
      textColumn(
        name,
        rows.map(() => "1"),
      );
    const when = barColumns(rows, { names: { timestamp: "when" } })[0];
    const without = (...roles: ("timestamp" | "open" | "close" | "volume")[]): Column[] =>
      barColumns(rows, { without: roles });
    const cases: [string, Column[], Record<string, string>, string][] = [
      ["nearly its name", [...without("close"), number("vwap"), number("clsoe")], {}, "close=clsoe"],
      ["its name in another", [...without("close"), number("vwap"), number("adj_close")], {}, "close=adj_close"],
      ["of the only type that fits", [...without("timestamp"), number("vwap"), when], {}, "timestamp=when, if"],
      ["each missing one", [...without("close", "timestamp"), number("c1ose"), when], {}, "timestamp=when,close=c1ose"],
      ["by name before type", [...without("open", "close"), number("close_px")], {}, "open=NAME,close=close_px"],
      ["one for one", [...without("close", "volume"), number("x")], {}, "close=x,volume=NAME"],
      ["like the one asked for", [...without(), number("vwap"), number("bid")], { close: "vwop" }, "close=vwap"],
      ["mistyped by the person", [...without(), number("vwap")], { close: "clos" }, "close=close"],
      [
        "none where it cannot be told",
        [...without("close"), number("a"), number("b")],
        {},
        "close=NAME; not used are a, b",
      ],
      ["none that is in use already", without("volume"), {}, "volume=NAME could name"],
      [
        "none of a type that cannot be it",
        [...without("volume"), text("volumes")],
        {},
        "volume=NAME; not used are volumes",
      ],
    ];
    for (const [what, columns, names, hint] of cases) {
      it(what, async () => {
        const error = await expectFailure({ path: put(columns), columns: names }, { class: DataError });
        expect(error.code).toBe("missing-column");
        expect(error.hint).toContain(`--columns ${hint}`);
      });
    }
  });

  it("missing column in the second file only: stops naming that file", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE));
    writeBars(folder.file("SPY.parquet"), rows, { without: ["volume"] });
    await expectFailure(
      { path: folder.path },
      { class: DataError, names: ["SPY.parquet", "volume"], hint: /--columns/ },
    );
  });

  it("a column name with control characters is listed escaped", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows, { names: { close: "\u001b[2Jclo\nse" } });
    const error = await expectFailure({ path }, { class: DataError, names: ["SPY.parquet"] });
    expect(`${error.message}${error.hint}`).not.toMatch(/\u001b|\n.*se\b/);
    expect(`${error.message}${error.hint}`).toContain("[2Jclo");
  });
});

describe("other names of the usual columns", () => {
  const names = [
    { timestamp: "time", open: "o", high: "h", low: "l", close: "c", volume: "v" },
    { timestamp: "DateTime", open: "Open", high: "HIGH", low: "Low", close: "Close", volume: "Vol" },
    { timestamp: "ts_event" },
    { timestamp: "date" },
    { timestamp: "t" },
  ];
  for (const set of names) {
    it(`columns called ${Object.values(set).join(", ")} are found`, () => expectWholeDay({ names: set }));
  }

  it("a ticker column gives the symbols", async () => {
    const both = [...rows, ...barRows("AIG", DATE)];
    const path = writeBars(tempFolder().file("all.parquet"), both, { symbolColumn: true, names: { symbol: "Ticker" } });
    const { catalog, day } = await loadDay({ path });
    expect(catalog.symbols).toEqual(["AIG", "SPY"]);
    expect(dayBars(day, 0)).toHaveLength(390);
    expect(dayBars(day, 1)).toHaveLength(390);
  });
});

describe("extra columns", () => {
  const extra = [
    column(
      "vwap",
      { type: "DOUBLE" },
      rows.map((row) => row.close),
    ),
    textColumn(
      "exchange",
      rows.map(() => "XNYS"),
    ),
    column(
      "trades",
      { type: "INT32" },
      rows.map(() => 7),
    ),
  ];

  it("extra columns: ignored, and noted once over all files", async () => {
    const folder = tempFolder();
    for (const symbol of ["AIG", "IBM", "SPY"])
      writeBars(folder.file(`${symbol}.parquet`), barRows(symbol, DATE), { extra });
    const { catalog, classes } = await loadDay({ path: folder.path });
    expect(classes.streamed).toBe(3 * 390);
    const notes = catalog.notes.filter((note) => note.includes("vwap"));
    expect(notes).toHaveLength(1);
    for (const name of ["exchange", "trades"]) expect(notes[0]).toContain(name);
    expect(catalog.notes.filter((note) => note.includes("trades"))).toHaveLength(1);
  });

  it("extra columns that could not be read are not read", async () => {
    const bytes = barBytes(rows, { extra });
    const { withPages, dataPage, dataHeader } = await import("../fixtures/damage.js");
    const path = tempFolder().put(
      "SPY.parquet",
      withPages(bytes, { column: "vwap" }, (pages) => (dataHeader(dataPage(pages)).field_4 = 42)),
    );
    expect((await loadDay({ path })).classes.streamed).toBe(390);
  });
});

describe("two columns with names equal but for case", () => {
  it("two columns with names equal but for case (close, Close): stops naming both", async () => {
    const path = put([
      ...barColumns(rows),
      column(
        "Close",
        { type: "DOUBLE" },
        rows.map((row) => row.open),
      ),
    ]);
    await expectFailure({ path }, { class: DataError, names: ["SPY.parquet", "close", "Close"], hint: /--columns/ });
  });

  it("two columns with names equal but for case: the hint is about what they are, or about none that is asked for", async () => {
    const twice = (one: string, two: string): string =>
      put([
        ...barColumns(rows, { names: { volume: one } }),
        column(
          two,
          { type: "INT64" },
          rows.map(() => 1n),
        ),
      ]);
    const hintOf = async (path: string, names: Record<string, string> = {}): Promise<string> =>
      (await expectFailure({ path, columns: names }, { class: DataError, names: [/differ only in case/] })).hint;
    expect(await hintOf(twice("volume", "Volume"))).toContain("--columns volume=volume or --columns volume=Volume");
    expect(await hintOf(twice("Vol", "vol"))).toContain("--columns volume=Vol or --columns volume=vol");
    expect(await hintOf(twice("size", "Size"), { volume: "SIZE" })).toContain("--columns volume=size or");
    const others = [1, 2].map((n) =>
      column(
        n === 1 ? "vwap" : "VWAP",
        { type: "DOUBLE" },
        rows.map((row) => row.close),
      ),
    );
    expect(await hintOf(put([...barColumns(rows), ...others]))).not.toContain("--columns");
  });

  it("two columns of one name: no option can tell them apart, so none is named, and none helps", async () => {
    const path = put([...barColumns(rows), barColumns(rows)[4]]);
    for (const names of [{}, { close: "close" }]) {
      const error = await expectFailure(
        { path, columns: names },
        { class: DataError, names: [/two columns named close/] },
      );
      expect(error.hint).not.toContain("--columns");
    }
  });

  it("two columns with names equal but for case: one chosen with --columns settles it", async () => {
    const path = put([
      ...barColumns(rows),
      column(
        "Close",
        { type: "DOUBLE" },
        rows.map((row) => row.high),
      ),
    ]);
    const { day } = await loadDay({ path, columns: { close: "Close" } });
    expect(barOf(day, 0)!.close).toBe(rows[5].high);
  });
});

describe("columns of the wrong type", () => {
  it("price as text: stops naming file and column", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows, { price: "text" });
    await expectFailure({ path }, { class: DataError, names: ["SPY.parquet", /open|high|low|close/] });
  });

  for (const role of ["open", "close", "volume"] as const) {
    it(`price as text (${role} alone): stops naming the column`, async () => {
      const columns = barColumns(rows).map((given) =>
        given.schema[0].name === role
          ? textColumn(
              role,
              rows.map((row) => String(row[role])),
            )
          : given,
      );
      await expectFailure({ path: put(columns) }, { class: DataError, names: ["SPY.parquet", role], column: role });
    });
  }

  it("timestamp as text: stops, and says how to write it instead", async () => {
    const text = textColumn(
      "timestamp",
      rows.map((row) => new Date(row.us! / 1000).toISOString()),
    );
    const columns = barColumns(rows).map((given) => (given.schema[0].name === "timestamp" ? text : given));
    await expectFailure(
      { path: put(columns) },
      { class: DataError, names: ["SPY.parquet", "timestamp", "text"], hint: /TIMESTAMP.*to_datetime/ },
    );
  });

  it("nested column: stops naming file and column", async () => {
    const columns = barColumns(rows).map((given) =>
      given.schema[0].name === "close"
        ? nestedColumn(
            "close",
            rows.map((row) => row.close),
          )
        : given,
    );
    await expectFailure({ path: put(columns) }, { class: DataError, names: ["SPY.parquet", "close"] });
  });

  it("a timestamp of doubles or booleans: stops naming the column", async () => {
    for (const made of [
      column(
        "timestamp",
        { type: "DOUBLE" },
        rows.map((row) => row.us! / 1e6 + 0.5),
      ),
      column(
        "timestamp",
        { type: "BOOLEAN" },
        rows.map((_, i) => i % 2 === 0),
      ),
    ]) {
      const columns = [made, ...barColumns(rows).slice(1)];
      await expectFailure({ path: put(columns) }, { class: DataError, names: ["SPY.parquet", "timestamp"] });
    }
  });
});

describe("DECIMAL, FLOAT, INT prices", () => {
  const layouts: Array<[string, BarFile, number]> = [
    ["DOUBLE", {}, 9],
    ["DECIMAL in INT32", { price: { decimal: "INT32", scale: 2 } }, 9],
    ["DECIMAL in INT64", { price: { decimal: "INT64", scale: 4 } }, 9],
    ["DECIMAL in fixed bytes", { price: { decimal: "FIXED_LEN_BYTE_ARRAY", scale: 2 } }, 9],
    ["FLOAT", { price: "float" }, 4],
    ["INT32", { price: "int32" }, -1],
    ["INT64", { price: "int64" }, -1],
  ];
  for (const [name, layout, digits] of layouts) {
    it(`${name} prices: converted`, () => expectWholeDay(layout, digits));
  }

  it("DECIMAL prices keep their cents exactly", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows, { price: { decimal: "INT64", scale: 2 } });
    const { day } = await loadDay({ path });
    expect(dayBars(day).map((bar) => bar.close)).toEqual(rows.slice(5, 395).map((row) => row.close));
  });

  for (const volume of ["int32", "int64", "double"] as const) {
    it(`volume as ${volume}: converted`, () => expectWholeDay({ volume }));
  }
});

describe("layouts that are unusual but right", () => {
  for (const codec of CODECS) {
    it(`codec ${codec}: read`, () => expectWholeDay({ codec }));
  }
  const layouts: Array<[string, BarFile]> = [
    ["several row groups and pages", { rowGroupSize: [7, 100], pageSize: 300 }],
    ["columns without nulls", { nullable: false }],
    ["one row a row group", { rowGroupSize: 1 }],
  ];
  for (const [name, layout] of layouts) it(`${name}: read`, () => expectWholeDay(layout));

  it("version 1 pages: read", async () => {
    const { day } = await loadDay({ path: await writeBarsV1(tempFolder().file("v1", "SPY.parquet"), rows) });
    expect(dayBars(day).map((bar) => bar.close)).toEqual(rows.slice(5, 395).map((row) => row.close));
  });

  it("columns in another order: read", async () => {
    const { classes } = await loadDay({ path: put(barColumns(rows).reverse()) });
    expect(classes.streamed).toBe(390);
  });
});

describe("volume above 2^53", () => {
  const limit = 2n ** 53n;

  it("volume above 2^53: stops naming row group, column, row and value", async () => {
    const changed = barRows("SPY", DATE);
    changed[250].volume = limit + 1n;
    const path = writeBars(tempFolder().file("SPY.parquet"), changed, { rowGroupSize: 100 });
    const names = ["SPY.parquet", "9007199254740993"];
    const error = await expectFailure({ path }, { class: DataError, names, column: "volume", row: 250 });
    expect(error.place.rowGroup).toBe(2);
  });

  it("volume above 2^53 as DOUBLE: stops naming the row", async () => {
    const changed = barRows("SPY", DATE);
    changed[31].volume = 1e17;
    const path = writeBars(tempFolder().file("SPY.parquet"), changed, { volume: "double" });
    await expectFailure({ path }, { class: DataError, names: ["SPY.parquet"], column: "volume", row: 31 });
  });

  it("volume of exactly 2^53: streamed", async () => {
    const changed = barRows("SPY", DATE);
    rowAt(changed, DATE, "10:00").volume = limit;
    const { day } = await loadDay({ path: writeBars(tempFolder().file("SPY.parquet"), changed) });
    expect(barOf(day, minuteOf("10:00"))!.volume).toBe(2 ** 53);
  });
});

describe("schema differs between files", () => {
  async function two(first: BarFile, second: BarFile) {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), barRows("AIG", DATE), first);
    writeBars(folder.file("SPY.parquet"), rows, second);
    return { path: folder.path };
  }

  it("schema differs (instants in one file, naive local time in the other): stops naming both", async () => {
    const naive: BarFile = { time: { as: "timestamp", unit: "us", utc: false, zone: EXCHANGE_ZONE } };
    await expectFailure(await two({}, naive), { class: DataError, names: ["AIG.parquet", "SPY.parquet"] });
  });

  it("schema differs (seconds in one file, milliseconds in the other): stops naming both", async () => {
    const options = await two({ time: { as: "integer", unit: "s" } }, { time: { as: "integer", unit: "ms" } });
    await expectFailure(options, { class: DataError, names: ["AIG.parquet", "SPY.parquet"] });
  });

  it("schema differs (naive local time in one file, INT96 in UTC in the other): stops, as no zone fits both", async () => {
    const naive: BarFile = { time: { as: "timestamp", unit: "us", utc: false, zone: EXCHANGE_ZONE } };
    await expectFailure(await two(naive, { time: { as: "int96" } }), { class: DataError, hint: /--tz/ });
  });

  it("schema differs (price as text in one): stops naming that file", async () => {
    await expectFailure(await two({}, { price: "text" }), { class: DataError, names: ["SPY.parquet"] });
  });

  const harmless: Array<[string, BarFile, BarFile]> = [
    [
      "typed timestamps in ms and in ns",
      { time: { as: "timestamp", unit: "ms", utc: true } },
      { time: { as: "timestamp", unit: "ns", utc: true } },
    ],
    ["DOUBLE and FLOAT prices", {}, { price: "float" }],
    ["DOUBLE and DECIMAL prices", {}, { price: { decimal: "INT64", scale: 2 } }],
    ["codecs and nullability", { codec: "GZIP" }, { codec: "UNCOMPRESSED", nullable: false }],
    [
      "an extra column in one",
      {},
      {
        extra: [
          column(
            "vwap",
            { type: "DOUBLE" },
            rows.map(() => 1),
          ),
        ],
      },
    ],
    ["names in another case", {}, { names: { close: "Close", timestamp: "Timestamp" } }],
    ["a symbol column in one", {}, { symbolColumn: true }],
  ];
  for (const [name, first, second] of harmless) {
    it(`schema differs where it does not matter (${name}): loads`, async () => {
      const { catalog, day } = await loadDay(await two(first, second));
      expect(catalog.symbols).toEqual(["AIG", "SPY"]);
      expect(dayBars(day)).toHaveLength(2 * 390);
    });
  }
});

describe("options that name no column role or zone", () => {
  it("an unknown symbol: stops with exit 2 and a suggestion", async () => {
    const folder = tempFolder();
    for (const symbol of ["AIG", "SPY"]) writeBars(folder.file(`${symbol}.parquet`), barRows(symbol, DATE));
    const error = await expectFailure({ path: folder.path, symbols: ["SPX"] }, { class: UsageError, names: ["SPX"] });
    expect(`${error.message} ${error.hint}`).toContain("SPY");
  });

  it("an unknown time zone: stops with exit 2", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), rows);
    await expectFailure({ path, tz: "America/New_Yrok" }, { class: UsageError, names: ["America/New_Yrok"] });
  });
});

describe("valid file with 0 rows", () => {
  it("valid file with 0 rows (alone): no session, and a note names it", async () => {
    const { catalog } = await loadAll({ path: writeBars(tempFolder().file("SPY.parquet"), []) });
    expect(catalog.sessions).toHaveLength(0);
    expect(catalog.notes.join("\n")).toContain("SPY.parquet");
  });

  it("valid file with 0 rows and naive timestamps: no session rather than a quarrel about zones", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), [], { time: { as: "timestamp", unit: "ms", utc: false } });
    const { catalog } = await loadAll({ path });
    expect(catalog.sessions).toHaveLength(0);
  });

  it("valid file with 0 rows (beside another): the other streams, a note names the empty one", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), []);
    writeBars(folder.file("SPY.parquet"), rows);
    const { catalog, classes } = await loadDay({ path: folder.path });
    expect(classes.streamed).toBe(390);
    expect(catalog.notes.join("\n")).toContain("AIG.parquet");
    expect(catalog.notes.join("\n")).not.toContain("SPY.parquet");
    expect(catalog.symbols).toEqual(["AIG", "SPY"]);
  });

  it("valid file with 0 rows of a symbol asked for by name: the symbol is there, without a bar", async () => {
    const folder = tempFolder();
    writeBars(folder.file("AIG.parquet"), []);
    writeBars(folder.file("SPY.parquet"), rows);
    const { catalog, day } = await loadDay({ path: folder.path, symbols: ["AIG", "SPY"] });
    expect(catalog.symbols).toEqual(["AIG", "SPY"]);
    expect([dayBars(day, 0).length, dayBars(day, 1).length]).toEqual([0, 390]);
  });

  it("valid file with 0 rows, --sessions calendar: sessions of 0 bars", async () => {
    const path = writeBars(tempFolder().file("SPY.parquet"), []);
    const { days } = await loadAll({ path, sessions: "calendar", from: "2013-10-07", to: "2013-10-08" });
    expect(days.map(({ session }) => [session.date, session.rows])).toEqual([
      ["2013-10-07", [0]],
      ["2013-10-08", [0]],
    ]);
    expect(days.flatMap(({ day }) => dayBars(day))).toEqual([]);
  });
});
