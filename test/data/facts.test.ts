/**
 * Whole replays, on real threads, of data nobody here wrote: every symbol and day as facts.json has it, gaps against a straight
 * scan of the rows as hyparquet alone reads them.
 */
import { existsSync, readFileSync } from "node:fs";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { describe, expect, it } from "vitest";
import { open } from "../../src/engine/index.js";
import type { DayRecord, OpenOptions, Session } from "../../src/engine/index.js";

const DATA = "../shared/data";
const present = existsSync(`${DATA}/facts.json`);
if (!present) console.warn(`skipped: the real data is not at ${DATA} (seen from the repository's root)`);

const MINUTE_US = 60_000_000;

interface DayFacts {
  readonly date: string;
  readonly rows: number;
  readonly preMarketRows: number;
  readonly afterHoursRows: number;
  readonly session: {
    minutes: number;
    bars: number;
    missing: number;
    open: number;
    high: number;
    low: number;
    last: number;
    volume: number;
  };
}

interface SymbolDay {
  readonly path: string;
  readonly symbol: string;
  readonly fact: DayFacts;
}

/** The facts of the bars under a folder, a symbol and day each. */
function symbolDays(
  folder: string,
  asked: { symbols?: readonly string[]; from?: string; to?: string } = {},
): SymbolDay[] {
  const facts: Record<string, { kind: string; days?: DayFacts[] }> = JSON.parse(
    readFileSync(`${DATA}/facts.json`, "utf8"),
  );
  return Object.entries(facts)
    .filter(([path, { kind, days }]) => kind === "bars" && days && path.startsWith(folder))
    .flatMap(([path, { days }]) =>
      days!.map((fact) => ({
        path,
        fact,
        symbol: /symbol=([^/.]+)/.exec(path)?.[1] ?? /([^/]+)\.parquet$/.exec(path)![1],
      })),
    )
    .filter(
      ({ symbol, fact: { date } }) =>
        asked.symbols?.includes(symbol) ?? (date >= (asked.from ?? "") && date <= (asked.to ?? "9")),
    )
    .filter(({ fact: { date } }) => date >= (asked.from ?? "") && date <= (asked.to ?? "9"));
}

async function played(path: string, options: Omit<OpenOptions, "path"> = {}): Promise<Session> {
  await using session = await open(`${DATA}/${path}`, options);
  expect((await session.play()).reason).toBe("finished");
  for (const file of session.files())
    expect(
      Object.values(file.classes).reduce((sum, count) => sum + count, 0),
      file.path,
    ).toBe(file.rows);
  expect(
    session.files().some((file) => file.classes.unread),
    "unread rows",
  ).toBe(false);
  return session;
}

/** Every fact of every symbol and day, and nothing else replayed. `earlyRows`: rows before the open that facts.json does not count. */
async function expectFacts(
  session: Session,
  days: readonly SymbolDay[],
  labelUs: number,
  earlyRows = 0,
): Promise<void> {
  expect(days.length).toBeGreaterThan(0);
  const records = session.days.map(({ record }) => record);
  expect(records.map(({ date }) => date)).toEqual([...new Set(days.map(({ fact }) => fact.date))].sort());
  for (const { path, symbol, fact } of days) {
    const record = records.find(({ date }) => date === fact.date)!;
    const told = record.symbols.find((one) => one.symbol === symbol)!;
    const { minutes, bars, missing, open: first, high, low, last, volume } = fact.session;
    expect(
      {
        rows: told.rows,
        preMarketRows: told.filtered.preMarket,
        afterHoursRows: told.filtered.atClose + told.filtered.afterHours,
        session: {
          minutes: told.due,
          bars: told.streamed,
          missing: told.missing,
          open: told.open,
          high: told.high,
          low: told.low,
          last: told.last,
          volume: told.volume,
        },
        observed: told.observed,
      },
      `${symbol} ${fact.date}`,
    ).toEqual({
      rows: fact.rows,
      preMarketRows: fact.preMarketRows + earlyRows,
      afterHoursRows: fact.afterHoursRows,
      session: { minutes, bars, missing, open: first, high, low, last, volume },
      observed: bars,
    });
    expect(told.gaps, `gaps of ${symbol} ${fact.date}`).toEqual(await straightGaps(path, record, labelUs));
  }
}

/** Runs of session minutes without a row, by a scan of the file's timestamps. */
async function straightGaps(path: string, { opensAtUs, closesAtUs }: DayRecord, labelUs: number): Promise<unknown[]> {
  const starts = (await timestamps(path)).map((us) => us - labelUs);
  const gaps: { startUs: number; endUs: number; bars: number }[] = [];
  const there = new Set(starts);
  for (let us = opensAtUs; us < closesAtUs; us += MINUTE_US) {
    if (there.has(us)) continue;
    const open = gaps.at(-1);
    if (open?.endUs === us) Object.assign(open, { endUs: us + MINUTE_US, bars: open.bars + 1 });
    else gaps.push({ startUs: us, endUs: us + MINUTE_US, bars: 1 });
  }
  return gaps;
}

const read = new Map<string, Promise<number[]>>();

function timestamps(path: string): Promise<number[]> {
  let pending = read.get(path);
  if (!pending) {
    pending = asyncBufferFromFile(`${DATA}/${path}`)
      .then((file) => parquetReadObjects({ file, compressors, columns: ["timestamp"] }))
      .then((rows) => rows.map((row) => (row.timestamp as Date).getTime() * 1000));
    read.set(path, pending);
  }
  return pending;
}

describe.skipIf(!present)("a replay of real data has the facts", () => {
  it("of SPY, IBM, BAC and AIG over six days of October 2013", async () => {
    const asked = { symbols: ["SPY", "IBM", "BAC", "AIG"], from: "2013-10-04", to: "2013-10-11" };
    const days = symbolDays("us-equity/bars-1m/", asked);
    expect(days.length).toBe(24);
    await expectFacts(await played("us-equity/bars-1m", asked), days, 0);
  });

  it("of GOOG over a half day and a holiday, without being told the zone", async () => {
    const session = await played("us-equity/bars-1m", { symbols: ["GOOG"] });
    await expectFacts(session, symbolDays("us-equity/bars-1m/", { symbols: ["GOOG"] }), 0);
    expect(session.days.map(({ record }) => [record.date, record.kind])).toEqual([
      ["2015-12-23", "full"],
      ["2015-12-24", "half"],
      ["2015-12-28", "full"],
    ]);
    expect(session.days[1].record.closesAtUs - session.days[1].record.opensAtUs).toBe(210 * MINUTE_US);
  });

  it("of SHY over a clock change, without being told the zone", async () => {
    const session = await played("us-equity/bars-1m/symbol=SHY");
    await expectFacts(session, symbolDays("us-equity/bars-1m/symbol=SHY"), 0);
    expect(session.days.map(({ record }) => new Date(record.opensAtUs / 1000).toISOString())).toEqual([
      "2008-03-07T14:30:00.000Z",
      "2008-03-10T13:30:00.000Z",
    ]);
    expect(session.days.reduce((sum, { record }) => sum + record.symbols[0].missing, 0)).toBe(134);
  });

  it.each(["2016", "2019"])("of the end-labelled set of %s with label end", async (year) => {
    const folder = `us-equity-endstamped-${year}/bars-1m`;
    // The MSFT file of 2016 has a 09:30 row: the end of a minute before the open, which facts.json does not count.
    await expectFacts(
      await played(folder, { label: "end" }),
      symbolDays(`${folder}/`),
      MINUTE_US,
      year === "2016" ? 1 : 0,
    );
  });

  it("of a file in descending order", async () => {
    const session = await played("us-equity-endstamped-2019/descending", { label: "end" });
    await expectFacts(session, symbolDays("us-equity-endstamped-2019/descending/"), MINUTE_US);
    expect(session.days[0].record.symbols[0].flagged.outOfOrder).toBeGreaterThan(0);
  });

  it("of the whole folder without any option", async () => {
    const session = await played("us-equity/bars-1m");
    const days = symbolDays("us-equity/bars-1m/");
    await expectFacts(session, days, 0);
    expect(session.summary()).toMatchObject({
      status: "finished",
      rows: days.reduce((sum, { fact }) => sum + fact.rows, 0),
    });
    expect(session.info.catalog.withoutData).toEqual({ count: 1953, insideData: [] });
    for (const { record } of session.days)
      for (const symbol of record.symbols.filter((one) => one.rows === 0))
        expect(symbol).toMatchObject({ quality: null, last: null });
  });
});

describe.skipIf(!present)("end-labelled data", () => {
  it.each([
    "us-equity-endstamped-2016/bars-1m",
    "us-equity-endstamped-2019/bars-1m",
    "us-equity-endstamped-2019/descending",
  ])("%s stops without a label, naming both", async (folder) => {
    await expect(open(`${DATA}/${folder}`)).rejects.toMatchObject({
      name: "DataError",
      code: "label-end",
      exitCode: 3,
      hint: expect.stringMatching(/--label end.*--label start/s),
    });
  });
});
