import fc from "fast-check";
import { expect, it } from "vitest";
import type { CatalogFile } from "../../src/engine/catalog/types.js";
import { ROW_CLASSES, type DayLoad, type RowNotice } from "../../src/engine/market/bars.js";
import { Ledger, NO_DAY } from "../../src/engine/session/ledger.js";
import type { ClosedDay } from "../../src/engine/session/types.js";
import type { DayRecord } from "../../src/engine/work/day-record.js";
import { runDigest } from "../../src/engine/work/digest.js";
import { catalogOf, classCounts } from "./catalog.js";

/** A record with only what the ledger reads. */
function recordOf(epoch: number, overrides: Partial<DayRecord> = {}): DayRecord {
  const symbols = [{ streamed: 10 + epoch }, { streamed: 100 }] as unknown as DayRecord["symbols"];
  return { date: `day ${epoch}`, epoch, digest: `d1:${epoch}`, noData: false, symbols, ...overrides } as DayRecord;
}

function loadOf(fileClasses: DayLoad["fileClasses"] = [], overrides: Partial<DayLoad> = {}): DayLoad {
  return { exceptionCount: 0, fileClasses, notices: [], skipped: [], ...overrides };
}

function newLedger(files: CatalogFile[] = []): { ledger: Ledger; told: ClosedDay[]; log: string[] } {
  const told: ClosedDay[] = [];
  const log: string[] = [];
  const ledger = new Ledger(catalogOf({ files }), (day) => {
    told.push(day);
    log.push(`day ${day.run}.${day.record.epoch}`);
  });
  return { ledger, told, log };
}

it("tells a day once both of its reports are there, whichever came first", () => {
  for (const loadFirst of [true, false]) {
    const { ledger, told } = newLedger();
    const reports = [(): void => ledger.loaded(0, loadOf()), (): void => ledger.recorded(0, 0, recordOf(0), [])];
    const [first, second] = loadFirst ? reports : reports.reverse();
    first();
    expect([told.length, ledger.days().length]).toEqual([0, 0]);
    second();
    expect(told.map(({ record }) => record.epoch)).toEqual([0]);
    expect(ledger.days()).toEqual(told);
  }
});

it("a day brings the notices and skipped symbols of its own load", () => {
  const { ledger, told } = newLedger();
  const notice: RowNotice = { kind: "rejected", cause: "notOnMinute", symbol: "SPY", text: "SPY …", file: "a", row: 3 };
  ledger.loaded(1, loadOf([], { notices: [notice], skipped: [{ symbol: "IBM", message: "gone" }] }));
  ledger.loaded(0, loadOf());
  ledger.recorded(0, 0, recordOf(0), []);
  ledger.recorded(1, 0, recordOf(1), []);
  expect(told.map(({ notices, skipped }) => [notices.length, skipped.map((s) => s.symbol)])).toEqual([
    [0, []],
    [1, ["IBM"]],
  ]);
});

it("events get the paths of the files their rows come from", () => {
  const file = (path: string): CatalogFile => ({ path, rows: 0, rowGroups: 1, scanned: classCounts({}) });
  const { ledger, told } = newLedger([file("a.parquet"), file("b.parquet")]);
  ledger.loaded(0, loadOf());
  const events = [{ kind: "rejected", file: 1 }] as unknown as Parameters<Ledger["recorded"]>[3];
  ledger.recorded(0, 0, recordOf(0), events);
  expect(told[0].events).toEqual([{ kind: "rejected", file: "b.parquet" }]);
});

it("tells days in the order they were recorded, each once, as soon as it can, in any order of the reports", () => {
  const plan = fc.record({
    epochs: fc.integer({ min: 1, max: 5 }),
    again: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
    order: fc.array(fc.nat({ max: 1_000 }), { minLength: 20, maxLength: 20 }),
  });
  fc.assert(
    fc.property(plan, ({ epochs, again, order }) => {
      const { ledger, log } = newLedger();
      const records = Array.from({ length: epochs }, (_, epoch) => ({ run: 0, epoch }));
      // Each seek begins a run that closes one day again.
      for (const epoch of again) records.push({ run: records.length, epoch: epoch % epochs });
      const loads = Array.from({ length: epochs }, (_, epoch) => epoch);
      const recorded: typeof records = [];
      const loaded = new Set<number>();
      for (const choice of order) {
        if (choice % 2 === 0 && records.length > 0) {
          const next = records.shift();
          if (next) recorded.push(next);
          if (next) ledger.recorded(next.epoch, next.run, recordOf(next.epoch), []);
        } else if (loads.length > 0) {
          const [epoch] = loads.splice(choice % loads.length, 1);
          loaded.add(epoch);
          ledger.loaded(epoch, loadOf());
        }
        const blocked = recorded.findIndex(({ epoch }) => !loaded.has(epoch));
        const ready = blocked < 0 ? recorded : recorded.slice(0, blocked);
        expect(log).toEqual(ready.map(({ run, epoch }) => `day ${run}.${epoch}`));
      }
    }),
    { numRuns: 200 },
  );
});

it("keeps the newest run of each session, and gives the days in order", () => {
  const { ledger } = newLedger();
  for (const epoch of [2, 0, 1]) ledger.loaded(epoch, loadOf());
  for (const epoch of [0, 1, 2]) ledger.recorded(epoch, 0, recordOf(epoch), []);
  ledger.recorded(1, 3, recordOf(1, { digest: "d1:again" }), []);
  expect(ledger.days().map(({ run, record }) => [run, record.epoch, record.digest])).toEqual([
    [0, 0, "d1:0"],
    [3, 1, "d1:again"],
    [0, 2, "d1:2"],
  ]);
});

it("gives the days in order also when a seek ahead closed a later one first", () => {
  const { ledger } = newLedger();
  for (const epoch of [0, 1, 2]) ledger.loaded(epoch, loadOf());
  ledger.recorded(2, 1, recordOf(2), []);
  ledger.recorded(0, 2, recordOf(0), []);
  expect(ledger.days().map(({ record }) => record.epoch)).toEqual([0, 2]);
  expect(ledger.totals(1).digest).toBe(runDigest(["d1:0", "d1:2"]));
});

it("an answer waits until the days before it have been told", () => {
  const { ledger, log } = newLedger();
  ledger.afterRecords(() => log.push("at the open"), NO_DAY);
  ledger.afterRecords(() => log.push("after 0.1"), { run: 0, epoch: 1 });
  ledger.afterRecords(() => log.push("after 0.0"), { run: 0, epoch: 0 });
  ledger.afterRecords(() => log.push("after 2.0"), { run: 2, epoch: 0 });
  for (const epoch of [0, 1]) ledger.recorded(epoch, 0, recordOf(epoch), []);
  expect(log).toEqual(["at the open"]);
  ledger.loaded(0, loadOf());
  ledger.loaded(1, loadOf());
  expect(log).toEqual(["at the open", "day 0.0", "after 0.0", "day 0.1", "after 0.1"]);
  ledger.recorded(0, 2, recordOf(0), []);
  expect(log.slice(5)).toEqual(["day 2.0", "after 2.0"]);
  ledger.afterRecords(() => log.push("at once"), { run: 0, epoch: 5 });
  expect(log.at(-1)).toBe("at once");
});

it("a load that is told again changes nothing", () => {
  const files: CatalogFile[] = [{ path: "a", rows: 5, rowGroups: 1, scanned: classCounts({}) }];
  const { ledger } = newLedger(files);
  const load = loadOf([{ file: 0, counts: classCounts({ streamed: 5 }) }]);
  ledger.loaded(0, load);
  ledger.loaded(0, loadOf([{ file: 0, counts: classCounts({ rejected: 5 }) }]));
  ledger.recorded(0, 0, recordOf(0), []);
  ledger.recorded(0, 1, recordOf(0), []);
  expect(ledger.files()).toEqual([{ path: "a", rows: 5, classes: { streamed: 5 } }]);
});

it("I4: the rows of every file add up: scanned, loaded on closed days, and the rest unread", () => {
  const rowCounts = fc.array(fc.nat({ max: 9 }), { minLength: ROW_CLASSES.length, maxLength: ROW_CLASSES.length });
  const cases = fc.record({
    scanned: fc.array(rowCounts, { minLength: 1, maxLength: 3 }),
    loads: fc.array(fc.array(rowCounts, { minLength: 3, maxLength: 3 }), { maxLength: 4 }),
    closed: fc.nat({ max: 4 }),
  });
  fc.assert(
    fc.property(cases, ({ scanned, loads, closed }) => {
      const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
      const files = scanned.map((counts, i) => ({
        path: `f${i}`,
        rows: sum(counts) + loads.reduce((all, load) => all + sum(load[i]), 0),
        rowGroups: 1,
        scanned: counts,
      }));
      const { ledger } = newLedger(files);
      loads.forEach((load, epoch) => {
        const fileClasses = files.map((_, file) => ({ file, counts: load[file] }));
        ledger.loaded(epoch, loadOf(fileClasses));
        if (epoch < closed) ledger.recorded(epoch, 0, recordOf(epoch), []);
      });
      const accounts = ledger.files();
      expect(accounts).toEqual(
        files.map(({ path, rows }, i) => {
          const known = ROW_CLASSES.map(
            (_, c) => scanned[i][c] + sum(loads.slice(0, closed).map((load) => load[i][c])),
          );
          known[ROW_CLASSES.indexOf("unread")] += rows - sum(known);
          return {
            path,
            rows,
            classes: Object.fromEntries(ROW_CLASSES.map((name, c) => [name, known[c]]).filter(([, n]) => n !== 0)),
          };
        }),
      );
      for (const { rows, classes } of accounts) expect(sum(Object.values(classes))).toBe(rows);
      expect(files.map((file) => file.scanned)).toEqual(scanned);
    }),
  );
});

it("totals are of the closed sessions, the digest of their days in order", () => {
  const { ledger } = newLedger();
  expect(ledger.totals(0)).toMatchObject({ sessions: 0, bars: 0, barsPerSecond: 0, digest: runDigest([]) });
  for (const epoch of [0, 1, 2]) ledger.loaded(epoch, loadOf());
  for (const epoch of [0, 1]) ledger.recorded(epoch, 0, recordOf(epoch, { noData: epoch === 1 }), []);
  expect(ledger.totals(2)).toEqual({
    sessions: 2,
    sessionsWithoutData: 1,
    bars: 221,
    rows: 12,
    seconds: 2,
    barsPerSecond: 110.5,
    digest: runDigest(["d1:0", "d1:1"]),
  });
  ledger.recorded(0, 1, recordOf(0, { digest: "d1:new" }), []);
  expect(ledger.totals(2)).toMatchObject({ sessions: 2, bars: 221, digest: runDigest(["d1:new", "d1:1"]) });
});

it("sessions skipped for want of data count as sessions without data", () => {
  const catalog = catalogOf({ withoutData: { count: 7, insideData: [] } });
  expect(new Ledger(catalog, () => {}).totals(1).sessionsWithoutData).toBe(7);
});
