/** What is planted in the demo data comes back as events, over real threads. Runs the built workers (npm run build). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_FACTS, writeDemoData } from "../../src/engine/demo/demo-data.js";
import { open, type ClosedDay, type DataEvent } from "../../src/engine/index.js";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";

const folder = tempFolder({ keep: true });
let days: readonly ClosedDay[] = [];

beforeAll(async () => {
  await writeDemoData(folder.path);
  days = await replayed({ events: true });
});
afterAll(() => removeFolder(folder.path));

async function replayed(options: Parameters<typeof open>[1]): Promise<readonly ClosedDay[]> {
  const session = await open(folder.path, options);
  try {
    await session.play();
    return session.days;
  } finally {
    await session.dispose();
  }
}

/** Exchange-local `HH:MM`: all of the demo lies in Eastern daylight time, 4 h behind UTC. */
const local = (us: number): string => new Date(us / 1000 - 4 * 3600_000).toISOString().slice(11, 16);

type Of<Kind extends DataEvent["kind"]> = Extract<DataEvent, { kind: Kind }>;

/** All events of a kind, each with its date. */
function told<Kind extends DataEvent["kind"]>(kind: Kind): (Of<Kind> & { date: string })[] {
  const isOfKind = (event: DataEvent): event is Of<Kind> => event.kind === kind;
  return days.flatMap(({ record, events }) =>
    events.filter(isOfKind).map((event) => ({ ...event, date: record.date })),
  );
}

const byKey = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe("the demo's events", () => {
  it("are its planted gaps, each told by the bar that ends it or at the close", () => {
    const gaps = told("gap").map(({ date, symbol, startUs, endUs, bars }) => ({
      date,
      symbol,
      start: local(startUs),
      end: local(endUs),
      bars,
    }));
    const planted = DEMO_FACTS.gaps.map(({ date, symbol, start, end, bars }) => ({ date, symbol, start, end, bars }));
    expect(gaps.sort(byKey)).toEqual(planted.sort(byKey));
    const outage = told("gap").find(({ symbol, startUs }) => symbol === "TSLA" && local(startUs) === "11:38");
    expect(outage).toMatchObject({ id: "0.797.5.0", epoch: 0, position: 132 * 6 + 5 });
    expect(local(outage!.timeUs)).toBe("11:43"); // the 11:42 bar brings it, and is delivered at its end
    const ended = told("gap").find(({ bars }) => bars === 90);
    expect(ended).toMatchObject({ symbol: "TSLA", position: 390 * 6 });
    expect(local(ended!.timeUs)).toBe("16:00");
  });

  it("are its bad rows with cause, file and row", () => {
    const minute = (time: string): string => time.slice(0, 5);
    const rows = [...told("rejected"), ...told("duplicate"), ...told("conflict")].map((event) => ({
      symbol: event.symbol,
      date: event.date,
      start: local(event.timeUs - 60_000_000),
      cause: event.cause,
      file: event.file,
      count: event.count,
    }));
    const planted = [
      ...DEMO_FACTS.badRows,
      ...DEMO_FACTS.duplicates.map((row) => ({ ...row, cause: "duplicate" })),
      ...DEMO_FACTS.conflicts.map((row) => ({ ...row, cause: "conflict" })),
    ].map(({ symbol, date, time, cause }) => ({
      symbol,
      date,
      start: minute(time),
      cause,
      file: `symbol=${symbol}/date=${date}.parquet`,
      count: 1,
    }));
    expect(rows.sort(byKey)).toEqual(planted.sort(byKey));
  });

  it("are the rows outside the session, counted by class", () => {
    for (const { record } of days) {
      for (const { symbol, filtered } of record.symbols) {
        const events = told("filtered").filter((event) => event.date === record.date && event.symbol === symbol);
        const counts = Object.fromEntries(events.map((event) => [event.class, event.count]));
        expect({ preMarket: 0, afterHours: 0, atClose: 0, ...counts }).toEqual(filtered);
      }
    }
    const atClose = told("filtered").filter((event) => event.class === "atClose");
    const keys = (of: readonly { symbol: string; date: string }[]): object[] =>
      of.map(({ symbol, date }) => ({ symbol, date })).sort(byKey);
    expect(keys(atClose)).toEqual(keys(DEMO_FACTS.atClose));
  });

  it("are the incomplete derived bars that the record counts", () => {
    for (const { record } of days) {
      for (const { symbol, derived } of record.symbols) {
        for (const { intervalMinutes, incomplete, stub } of derived) {
          const events = told("derived").filter(
            (e) => e.date === record.date && e.symbol === symbol && e.intervalMinutes === intervalMinutes,
          );
          expect(events.filter(({ status }) => status === "incomplete")).toHaveLength(incomplete);
          expect(events.filter(({ status }) => status === "stub")).toHaveLength(stub);
        }
      }
    }
    const outage = told("derived").find(
      ({ symbol, startUs, intervalMinutes }) =>
        symbol === "NVDA" && local(startUs) === "11:35" && intervalMinutes === 5,
    );
    expect(outage).toMatchObject({ n: 3, m: 5, status: "incomplete", date: "2025-07-02" });
  });

  it("end with the steps up to record", () => {
    for (const { events } of days) {
      const steps = ["load", "activate", "hand-over", "drain", "force-close", "finalize", "verify", "record"];
      expect(events.map(({ kind }) => kind as string).filter((kind) => steps.includes(kind))).toEqual(steps);
      expect(events.at(-1)?.kind).toBe("record");
    }
  });
});

it("events are the same with one kept day, at another speed, and after going back", async () => {
  const session = await open(folder.path, { events: true, keepDays: 1, speed: 1_000_000 });
  try {
    await session.until("2025-07-03 11:00");
    await session.goto("2025-07-02 12:00");
    await session.play();
    expect(session.days.map(({ events }) => events)).toEqual(days.map(({ events }) => events));
    expect(session.days[0].run).toBeGreaterThan(days[0].run);
  } finally {
    await session.dispose();
  }
});

it("no events come unless they are asked for", async () => {
  expect((await replayed({})).map(({ events }) => events)).toEqual([[], [], []]);
});

it("fills are told with their origin, as many as the record counts", async () => {
  for (const [options, origin] of [
    [{ fill: "forward" }, "forward-filled"],
    [{ fillFrom: folder.path, fill: "source" }, undefined], // the same data again has nothing to fill with
  ] as const) {
    const filled = await replayed({ ...options, events: true });
    for (const { record, events } of filled) {
      const fills = events.filter((event) => event.kind === "fill");
      for (const { symbol, filled: count } of record.symbols)
        expect(fills.filter((event) => event.symbol === symbol)).toHaveLength(count);
      expect(fills.length > 0).toBe(origin !== undefined);
      expect(fills.every((event) => event.origin === origin)).toBe(true);
    }
  }
});
