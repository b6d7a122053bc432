/** Sessions and streams without threads and without a process, for tests of what the commands show. */
import { OutputError, type CommandContext, type OutputStream } from "../../src/repl/context.js";
import { Readable } from "node:stream";
import type { Catalog, ClosedDay, DayRecord, SymbolRecord } from "../../src/engine/index.js";

export interface FakeStream extends OutputStream {
  readonly text: string;
}

/** Keeps what is written. With `failAfter` every write after so many fails. */
export function fakeStream(options: { columns?: number; failAfter?: number; code?: string } = {}): FakeStream {
  const written: string[] = [];
  return {
    isTerminal: options.columns !== undefined,
    columns: options.columns,
    get text() {
      return written.join("");
    },
    async write(text) {
      if (written.length >= (options.failAfter ?? Infinity))
        throw new OutputError(options.code ?? "EPIPE", "write failed");
      written.push(text);
    },
  };
}

export interface FakeContext extends CommandContext {
  readonly out: FakeStream;
  readonly err: FakeStream;
}

export function fakeContext(overrides: Partial<FakeContext> = {}): FakeContext {
  const input = Readable.from([]);
  return { out: fakeStream(), err: fakeStream(), input, env: {}, signal: new AbortController().signal, ...overrides };
}

/** What a record says of a symbol that was left out: its rows counted, none of them read. */
export function fakeLeftOut(symbol: string, rows = 400): SymbolRecord {
  return fakeSymbol({
    symbol,
    rows,
    streamed: 0,
    filtered: { preMarket: 0, afterHours: 0, atClose: 0 },
    unread: rows,
    leftOut: true,
    due: 0,
    observed: 0,
    quality: null,
    quality30: null,
    open: null,
    high: null,
    low: null,
    last: null,
    volume: 0,
    atClose: { price: null, volume: null },
    derived: [{ intervalMinutes: 5, complete: 0, incomplete: 0, stub: 0 }],
  });
}

export const OPEN_US = Date.UTC(2013, 9, 7, 13, 30) * 1000;
export const MINUTE_US = 60_000_000;

export function fakeSymbol(overrides: Partial<SymbolRecord> = {}): SymbolRecord {
  return {
    symbol: "SPY",
    rows: 400,
    streamed: 390,
    filtered: { preMarket: 4, afterHours: 5, atClose: 1 },
    rejected: 0,
    rejectedBy: {},
    flagged: {},
    duplicates: 0,
    conflicts: 0,
    unread: 0,
    leftOut: false,
    due: 390,
    observed: 390,
    missing: 0,
    filled: 0,
    quality: 100,
    quality30: 100,
    longestGap: 0,
    gaps: [],
    open: 167.43,
    high: 168.45,
    low: 167.25,
    last: 167.42,
    volume: 81_489_219,
    atClose: { price: 167.4, volume: 1000 },
    derived: [{ intervalMinutes: 5, complete: 78, incomplete: 0, stub: 0 }],
    ...overrides,
  };
}

/** A gap of `bars` minutes that begins `minute` minutes after the open. */
export function fakeGap(minute: number, bars: number): SymbolRecord["gaps"][number] {
  return { startUs: OPEN_US + minute * MINUTE_US, endUs: OPEN_US + (minute + bars) * MINUTE_US, bars };
}

export function fakeDay(overrides: Partial<DayRecord> = {}, notices: ClosedDay["notices"] = []): ClosedDay {
  const record: DayRecord = {
    date: "2013-10-07",
    epoch: 0,
    kind: "full",
    opensAtUs: OPEN_US,
    closesAtUs: OPEN_US + 390 * MINUTE_US,
    forcedFromUs: null,
    noData: false,
    digest: "d1:00ff",
    outagesUs: [],
    symbols: [fakeSymbol()],
    ...overrides,
  };
  return { record, run: 0, events: [], notices, skipped: [] };
}

export function fakeCatalog(overrides: Partial<Catalog> = {}): Catalog {
  return {
    calendarName: "XNYS",
    exchangeZone: "America/New_York",
    label: { value: "start", how: "on 0 of 1 symbol-days (0.0 %) the last row is stamped exactly at the close" },
    timeZone: { value: "UTC", how: "the times are UTC by their type" },
    unit: { value: "us", how: "by the column's type" },
    files: [{ path: "SPY.parquet", rows: 400, rowGroups: 1, symbol: "SPY", scanned: [] }],
    symbols: ["SPY"],
    bySymbol: [{ symbol: "SPY", rows: 400, firstDate: "2013-10-07", lastDate: "2013-10-07" }],
    sessions: [
      {
        date: "2013-10-07",
        kind: "full",
        openUs: OPEN_US,
        closeUs: OPEN_US + 390 * MINUTE_US,
        minutes: 390,
        rows: [400],
      },
    ],
    withoutData: { count: 0, insideData: [] },
    mostSessionRows: 391,
    rows: 400,
    inputDigest: "i1:beef",
    notes: [],
    notices: [],
    ...overrides,
  };
}
