import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_FACTS, DEMO_FOLDER, demoFiles, writeDemoData } from "../../src/engine/demo/demo-data.js";

interface Row {
  us: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

const MINUTE_US = 60_000_000;
/** Eastern daylight time, written out: the tests do not use the calendar that the generator uses. */
const OPEN_US = Object.fromEntries(
  ["2025-07-02", "2025-07-03", "2025-07-07"].map((date) => [date, Date.parse(`${date}T13:30:00Z`) * 1000]),
);
const LIQUID = ["AAPL", "MSFT", "NVDA", "SPY", "TSLA"];

const folder = mkdtempSync(join(tmpdir(), "bardeck-demo-"));
const first = join(folder, "first");
const days = new Map<string, Row[]>();

beforeAll(async () => {
  await writeDemoData(first);
  for (const symbol of DEMO_FACTS.symbols) {
    for (const { date } of DEMO_FACTS.sessions) days.set(`${symbol} ${date}`, await readDay(symbol, date));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function readDay(symbol: string, date: string): Promise<Row[]> {
  const file = await asyncBufferFromFile(join(first, `symbol=${symbol}`, `date=${date}.parquet`));
  const rows = await parquetReadObjects({ file, columns: ["timestamp", "open", "high", "low", "close", "volume"] });
  return rows.map(({ timestamp, open, high, low, close, volume }) => ({
    us: (timestamp as Date).getTime() * 1000,
    ...({ open, high, low, close } as Omit<Row, "us" | "volume">),
    volume: Number(volume),
  }));
}

function dayOf(symbol: string, date: string): Row[] {
  return days.get(`${symbol} ${date}`)!;
}

function minutesOf(date: string): number {
  return date === "2025-07-03" ? 210 : 390;
}

/** Minutes since the open; a fraction when the row is not on a minute. */
function minute(row: Row, date: string): number {
  return (row.us - OPEN_US[date]) / MINUTE_US;
}

function local(minuteOfSession: number): string {
  const ofDay = 570 + minuteOfSession;
  return `${String(Math.floor(ofDay / 60)).padStart(2, "0")}:${String(Math.floor(ofDay % 60)).padStart(2, "0")}`;
}

function isGood(row: Row, date: string): boolean {
  return (
    Number.isInteger(minute(row, date)) &&
    [row.open, row.high, row.low, row.close].every((price) => price > 0) &&
    row.low <= Math.min(row.open, row.close) &&
    row.high >= Math.max(row.open, row.close) &&
    row.volume > 0
  );
}

function goodMinutes(symbol: string, date: string): Set<number> {
  const rows = dayOf(symbol, date).filter((row) => isGood(row, date));
  return new Set(rows.map((row) => minute(row, date)).filter((m) => m >= 0 && m < minutesOf(date)));
}

function gapsOf(symbol: string, date: string): Array<{ start: string; end: string; bars: number }> {
  const present = goodMinutes(symbol, date);
  const gaps: Array<{ start: string; end: string; bars: number }> = [];
  let start = 0;
  for (let m = 0; m <= minutesOf(date); m++) {
    if (m < minutesOf(date) && !present.has(m)) continue;
    if (m > start) gaps.push({ start: local(start), end: local(m), bars: m - start });
    start = m + 1;
  }
  return gaps;
}

const symbolDays = DEMO_FACTS.symbols.flatMap((symbol) => DEMO_FACTS.sessions.map(({ date }) => ({ symbol, date })));
const liquidDays = symbolDays.filter(({ symbol }) => LIQUID.includes(symbol));

describe("the demo data", () => {
  it("is one Hive file a symbol and session, and nothing else", () => {
    const found = readdirSync(first, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(found.map((entry) => join(entry.parentPath, entry.name)).sort()).toEqual(
      demoFiles()
        .map((file) => join(first, file))
        .sort(),
    );
    expect(demoFiles()[0]).toBe(join("symbol=AAPL", "date=2025-07-02.parquet"));
    expect(found).toHaveLength(18);
  });

  it("has the same bytes when made again", async () => {
    const second = join(folder, "second");
    const seen: string[] = [];
    await writeDemoData(second, (done, total) => seen.push(`${done}/${total}`));
    for (const file of demoFiles()) {
      expect(readFileSync(join(second, file)).equals(readFileSync(join(first, file))), file).toBe(true);
    }
    expect([seen.length, seen.at(-1)]).toEqual([18, "18/18"]);
  });

  it("is what its folder's version number stands for: who changes the rows changes the number and this digest", () => {
    const digest = createHash("sha256")
      .update(JSON.stringify([...days]))
      .digest("hex")
      .slice(0, 16);
    expect([DEMO_FOLDER, digest]).toEqual(["demo-1", "77c6e36f085bd549"]);
  });

  it("is sorted by time in every file, with rows before and after the session", () => {
    for (const { symbol, date } of symbolDays) {
      const minutes = dayOf(symbol, date).map((row) => minute(row, date));
      expect(minutes, `${symbol} ${date}`).toEqual([...minutes].sort((a, b) => a - b));
      expect(minutes[0]).toBeGreaterThanOrEqual(-330);
      expect(minutes[0]).toBeLessThan(0);
      const ends = DEMO_FACTS.ended.some((end) => end.symbol === symbol && end.date === date);
      if (ends) continue;
      expect(minutes.at(-1)).toBeGreaterThan(minutesOf(date)); // the half day's after-hours begin at 13:00
      expect(minutes.at(-1)).toBeLessThan(minutesOf(date) + 240);
    }
  });
});

describe("the plan is what the files hold", () => {
  it("has every gap of the plan and no other", () => {
    const found = DEMO_FACTS.sessions.flatMap(({ date }) =>
      DEMO_FACTS.symbols.flatMap((symbol) => gapsOf(symbol, date).map((gap) => ({ symbol, date, ...gap }))),
    );
    expect(found).toEqual(
      DEMO_FACTS.gaps.map(({ symbol, date, start, end, bars }) => ({ symbol, date, start, end, bars })),
    );
  });

  it("has an outage that takes four of the five liquid symbols at once", () => {
    const { date, start, end, symbols } = DEMO_FACTS.outage;
    expect({ date, start, end }).toEqual({ date: "2025-07-02", start: "11:38", end: "11:42" });
    expect(symbols.length).toBeGreaterThanOrEqual(4);
    for (const symbol of symbols) expect(gapsOf(symbol, date)).toContainEqual({ start, end, bars: 4 });
    expect(gapsOf("SPY", date)).toEqual([]);
  });

  it("has the planted duplicates, equal in every column, and no others", () => {
    const found = symbolDays.flatMap(({ symbol, date }) =>
      pairs(symbol, date)
        .filter(([a, b]) => JSON.stringify(a) === JSON.stringify(b))
        .map(([a]) => ({ symbol, date, time: local(minute(a, date)) })),
    );
    expect(byKey(found)).toEqual(byKey(DEMO_FACTS.duplicates));
  });

  it("has the planted conflict: one minute, two rows, both well formed", () => {
    const found = symbolDays.flatMap(({ symbol, date }) =>
      pairs(symbol, date)
        .filter(([a, b]) => JSON.stringify(a) !== JSON.stringify(b))
        .map(([a, b]) => {
          expect([isGood(a, date), isGood(b, date)]).toEqual([true, true]);
          return { symbol, date, time: local(minute(a, date)) };
        }),
    );
    expect(found).toEqual(DEMO_FACTS.conflicts);
  });

  it("has the planted bad rows and no other row that breaks a rule", () => {
    const found = symbolDays.flatMap(({ symbol, date }) =>
      dayOf(symbol, date)
        .filter((row) => !isGood(row, date))
        .map((row) => ({ symbol, date, time: local(minute(row, date)), cause: causeOf(row, date) })),
    );
    expect(byKey(found)).toEqual(
      byKey(
        DEMO_FACTS.badRows.map(({ symbol, date, time, cause }) => ({ symbol, date, time: time.slice(0, 5), cause })),
      ),
    );
    const odd = dayOf("AAPL", "2025-07-07").filter((row) => row.us % MINUTE_US !== 0);
    expect(odd.map((row) => new Date(row.us / 1000).toISOString())).toEqual(["2025-07-07T15:00:17.000Z"]);
  });

  it("has a row exactly at the close where planned, too few to look like end labels", () => {
    const found = symbolDays.filter(({ symbol, date }) =>
      dayOf(symbol, date).some((row) => minute(row, date) === minutesOf(date)),
    );
    expect(byKey(found)).toEqual(byKey(DEMO_FACTS.atClose.map(({ symbol, date }) => ({ symbol, date }))));
    const lastAtClose = found.filter(
      ({ symbol, date }) => minute(dayOf(symbol, date).at(-1)!, date) === minutesOf(date),
    );
    expect(lastAtClose).toEqual([]);
  });

  it("ends TSLA at 14:30 on the last day while every other liquid stream goes on to the close", () => {
    expect(DEMO_FACTS.ended).toEqual([{ symbol: "TSLA", date: "2025-07-07", time: "14:30" }]);
    expect(local(minute(dayOf("TSLA", "2025-07-07").at(-1)!, "2025-07-07"))).toBe("14:29");
    for (const symbol of ["AAPL", "MSFT", "NVDA", "SPY", "THIN"]) {
      expect(goodMinutes(symbol, "2025-07-07").has(389), symbol).toBe(true);
    }
  });

  it("puts TSLA below 95 % at 11:42 of the first day and not before", () => {
    const present = goodMinutes("TSLA", "2025-07-02");
    const below = Array.from({ length: 390 }, (_, m) => m + 1).find((due) => {
      const observed = [...present].filter((m) => m < due).length;
      return due >= 20 && observed / due < 0.95;
    });
    expect(local(below!)).toBe("11:42");
  });

  it("has liquid symbols of good coverage and an illiquid one clearly below 80 %, without a long gap", () => {
    for (const { symbol, date } of symbolDays) {
      const quality = (100 * goodMinutes(symbol, date).size) / minutesOf(date);
      const longest = Math.max(0, ...gapsOf(symbol, date).map((gap) => gap.bars));
      if (symbol === DEMO_FACTS.illiquid) {
        expect(quality, date).toBeLessThan(75);
        expect(longest).toBeLessThanOrEqual(3);
      } else if (symbol !== "TSLA" || date !== "2025-07-07") {
        expect(quality, `${symbol} ${date}`).toBeGreaterThan(97);
      }
    }
  });
});

describe("the demo data looks like a market", () => {
  it("has most volume after the open and before the close", () => {
    for (const { symbol, date } of liquidDays) {
      if (symbol === "TSLA" && date === "2025-07-07") continue; // it has no close
      const n = minutesOf(date);
      const [opening, midday, closing] = [
        volumeAMinute(0, 30),
        volumeAMinute(n / 2 - 30, n / 2 + 30),
        volumeAMinute(n - 30, n),
      ];
      expect(opening / midday, `${symbol} ${date} open`).toBeGreaterThan(2);
      expect(closing / midday, `${symbol} ${date} close`).toBeGreaterThan(1.3);

      function volumeAMinute(from: number, to: number): number {
        const rows = dayOf(symbol, date).filter((row) => minute(row, date) >= from && minute(row, date) < to);
        return rows.reduce((sum, row) => sum + row.volume, 0) / rows.length;
      }
    }
  });

  it("moves more after the open than at midday", () => {
    for (const { symbol, date } of liquidDays) {
      const range = (from: number, to: number): number => {
        const rows = dayOf(symbol, date).filter(
          (row) => minute(row, date) >= from && minute(row, date) < to && isGood(row, date),
        );
        return rows.reduce((sum, row) => sum + (row.high - row.low) / row.open, 0) / rows.length;
      };
      expect(range(0, 20) / range(90, 130), `${symbol} ${date}`).toBeGreaterThan(1.3);
    }
  });

  it("has whole cents, from about 20 to about 600 dollars", () => {
    const prices = symbolDays.flatMap(({ symbol, date }) =>
      dayOf(symbol, date).flatMap((row) => [row.open, row.high, row.low, row.close]),
    );
    const known = prices.filter((price) => !Number.isNaN(price));
    expect(known.every((price) => Number(price.toFixed(2)) === price)).toBe(true);
    expect(Math.min(...known)).toBeGreaterThan(15);
    expect(Math.min(...known)).toBeLessThan(25);
    expect(Math.max(...known)).toBeGreaterThan(550);
    expect(Math.max(...known)).toBeLessThan(700);
  });

  it("has no jump that would be flagged, and a gap between the days", () => {
    for (const symbol of DEMO_FACTS.symbols) {
      const sessions = DEMO_FACTS.sessions.map(({ date }) =>
        dayOf(symbol, date).filter(
          (row) => isGood(row, date) && minute(row, date) >= 0 && minute(row, date) < minutesOf(date),
        ),
      );
      for (const rows of sessions) {
        for (let i = 1; i < rows.length; i++) expect(Math.abs(rows[i].open / rows[i - 1].close - 1)).toBeLessThan(0.02);
      }
      expect(sessions[1][0].open).not.toBe(sessions[0].at(-1)!.close);
      expect(Math.abs(sessions[2][0].open / sessions[1].at(-1)!.close - 1)).toBeGreaterThan(0.002);
    }
  });

  it("moves its symbols together", () => {
    const returns = (symbol: string): Map<string, number> => {
      const found = new Map<string, number>();
      for (const { date } of DEMO_FACTS.sessions) {
        for (const row of dayOf(symbol, date))
          if (isGood(row, date)) found.set(String(row.us), row.close / row.open - 1);
      }
      return found;
    };
    const market = returns("SPY");
    for (const symbol of ["AAPL", "MSFT", "NVDA", "TSLA"]) {
      const own = returns(symbol);
      const shared = [...own.keys()].filter((us) => market.has(us));
      expect(
        correlation(
          shared.map((us) => own.get(us)!),
          shared.map((us) => market.get(us)!),
        ),
        symbol,
      ).toBeGreaterThan(0.35);
    }
  });
});

/** Neighbouring rows of one file with one timestamp. */
function pairs(symbol: string, date: string): Array<[Row, Row]> {
  const rows = dayOf(symbol, date);
  return rows.slice(1).flatMap((row, i) => (rows[i].us === row.us ? [[rows[i], row] as [Row, Row]] : []));
}

function causeOf(row: Row, date: string): string {
  if (!Number.isInteger(minute(row, date))) return "notOnMinute";
  if (row.volume < 0) return "negativeVolume";
  if ([row.open, row.high, row.low, row.close].some(Number.isNaN)) return "notANumber";
  return row.high < row.low ? "highBelowLow" : "unexpected";
}

function byKey<T>(facts: readonly T[]): T[] {
  return [...facts].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (of: readonly number[]): number => of.reduce((sum, x) => sum + x, 0) / of.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((x, i) => (x - meanA) * (b[i] - meanB)));
  return covariance / Math.sqrt(mean(a.map((x) => (x - meanA) ** 2)) * mean(b.map((x) => (x - meanB) ** 2)));
}
