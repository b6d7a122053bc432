/** Breakpoints on what became of the rows: each class that has a minute, and fills, in files with a fault planted for each. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { engineOf } from "./debugger.js";
import { barRows, minuteOf, rowAt, type BarRow } from "../fixtures/bar-rows.js";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";
import { writeParquet } from "../../src/engine/export/parquet-writer.js";
import type { Place } from "../../src/engine/protocol/places.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import { openWithHooks } from "../../src/engine/session/open.js";
import type { LogEntry, OpenOptions, Stop } from "../../src/engine/session/types.js";

const SYMBOLS = ["AIG", "SPY"];
const DATES = ["2013-10-04", "2013-10-07"];
const SLOTS = 390 * SYMBOLS.length;

/** AIG has no bar here: an outage, and the last minute. */
const isMissing = (symbol: string, minute: number): boolean =>
  symbol === "AIG" && ((minute >= 100 && minute < 112) || minute === 389);

async function faultyFiles(): Promise<string> {
  const folder = tempFolder({ keep: true });
  for (const date of DATES) {
    for (const symbol of SYMBOLS) {
      const all = barRows(symbol, date, { before: 3, after: 4 });
      const firstUs = rowAt(all, date, "09:30").us!;
      const rows = all.filter(({ us }) => !isMissing(symbol, (us! - firstUs) / 60_000_000));
      if (symbol === "AIG") rowAt(rows, date, "10:00").close = NaN;
      else {
        rows.push({ ...rowAt(rows, date, "11:00") }); // the same again
        rows.push({ ...rowAt(rows, date, "11:30"), volume: 1 }); // another of the same minute
        if (date === DATES[1]) rowAt(rows, date, "12:00").volume = -1;
      }
      await write(folder.file("bars", `symbol=${symbol}`, `${date}.parquet`), rows);
      // The second source knows the first half of the outage.
      const known = barRows(symbol, date, { before: 0, after: 0 }).slice(0, 106);
      await write(folder.file("more", `symbol=${symbol}`, `${date}.parquet`), known);
    }
  }
  return folder.path;
}

async function write(path: string, rows: readonly BarRow[]): Promise<void> {
  await writeParquet(path, [
    { name: "timestamp", kind: "timestamp", values: rows.map(({ us }) => us!) },
    ...(["open", "high", "low", "close"] as const).map((name) => ({
      name,
      kind: "double" as const,
      values: rows.map((row) => row[name]!),
    })),
    { name: "volume", kind: "int64", values: rows.map(({ volume }) => Number(volume)) },
  ]);
}

/** Behind the slot of a minute of a symbol; with the last slot all streams have ended, which is before the hand-over. */
function behind(epoch: number, symbol: string, time: string): Place {
  const position = minuteOf(time) * SYMBOLS.length + SYMBOLS.indexOf(symbol) + 1;
  return { epoch, ordinal: position === SLOTS ? SLOTS + 1 : position };
}

const eachDay = (...stops: [symbol: string, time: string][]): Place[] =>
  [0, 1].flatMap((epoch) => stops.map(([symbol, time]) => behind(epoch, symbol, time)));

const OUTAGE = Array.from({ length: 12 }, (_, i) => `11:${10 + i}`);
const filled = (times: readonly string[]): [string, string][] => times.map((time) => ["AIG", time]);

/** The first of each outage: AIG's of both days. */
const FIRST_FILLS = [
  ...filled(["10:00", OUTAGE[0], "15:59"]).map(([symbol, time]) => behind(0, symbol, time)),
  ...filled(["10:00", OUTAGE[0]]).map(([symbol, time]) => behind(1, symbol, time)),
];

const CASES: [text: string, stops: Place[], why: RegExp][] = [
  [
    "rejected",
    [behind(0, "AIG", "10:00"), behind(1, "AIG", "10:00"), behind(1, "SPY", "12:00")],
    /^(AIG|SPY) .*rejected.* at 1[02]:01/,
  ],
  ["AIG.rejected", eachDay(["AIG", "10:00"]), /^AIG .*rejected.* at 10:01/],
  ["class=rejected if day=2013-10-07", [behind(1, "AIG", "10:00"), behind(1, "SPY", "12:00")], /rejected/],
  ["class=duplicate", eachDay(["SPY", "11:00"]), /^SPY .*duplicate.* at 11:01/],
  ["class=conflict", eachDay(["SPY", "11:30"]), /^SPY .*conflict.* at 11:31/],
  ["class=preMarket", eachDay(["AIG", "09:30"], ["SPY", "09:30"]), /^(AIG|SPY) 3 preMarket rows at 09:31/],
  ["class=atClose", eachDay(["AIG", "15:59"], ["SPY", "15:59"]), /^(AIG|SPY) .*atClose.* at 16:00/],
  ["SPY.class=afterHours", eachDay(["SPY", "15:59"]), /^SPY 3 afterHours rows at 16:00/],
  ["SPY.class=streamed and AIG.gap>=12", eachDay(["SPY", "11:21"]), /^SPY .*streamed.* and AIG gap of 12 bars/],
  ["AIG.fill", eachDay(...filled(["10:00", ...OUTAGE, "15:59"])), /^AIG \d\d:\d\d filled \(forward-filled\)/],
  [
    "fill and last>1 and gap<=1",
    [...FIRST_FILLS, behind(1, "SPY", "12:00"), behind(1, "AIG", "15:59")],
    /^(AIG|SPY) .*filled/,
  ],
  ["fill and gap>=5", eachDay(...filled(OUTAGE.slice(4))), /^AIG .*filled and gap of \d+ bars/],
];

let folder = "";
beforeAll(async () => void (folder = await faultyFiles()));
afterAll(() => removeFolder(folder));

async function opened(options: OpenOptions, hooks: Parameters<typeof openWithHooks>[1]): Promise<LiveSession> {
  const session = await openWithHooks(options, hooks);
  onTestFinished(() => session.dispose());
  return session;
}

async function allStops(session: LiveSession, move: () => Promise<Stop>): Promise<{ places: Place[]; whys: string[] }> {
  const found = { places: [] as Place[], whys: [] as string[] };
  for (let stop = await move(); stop.reason === "breakpoint"; stop = await move()) {
    found.places.push(engineOf(session).side.stopPlace());
    found.whys.push(stop.why);
    expect(found.places.length).toBeLessThan(100);
  }
  return found;
}

describe("each class of rows with a minute, and fills, stop exactly where they lie, forwards and backwards", () => {
  it.each([
    ["in free run", {}, 0],
    ["in lockstep", { creditRows: 1 }, 0],
    ["at 3600x", { virtualClock: true }, 3600],
  ])(
    "%s",
    async (_, hooks, speed) => {
      const session = await opened({ path: `${folder}/bars`, fill: "forward" }, hooks);
      session.setSpeed(speed);
      for (const [text, places, why] of CASES) {
        await session.goto(session.plan.sessions[0].openUs);
        const { id } = session.break(text);
        const found = await allStops(session, () => session.play());
        expect(found.places, text).toEqual(places);
        for (const words of found.whys) expect(words, text).toMatch(why);
        expect(session.breakpoints()[0].hits, text).toBe(places.length);
        const back = await allStops(session, () => session.reverseContinue());
        expect(back, `${text}, back`).toEqual({
          places: [...places].reverse(),
          whys: [...found.whys].reverse(),
        });
        session.delete(id);
      }
    },
    120_000,
  );

  it("fills from a second source are those it has, and say so", async () => {
    const session = await opened({ path: `${folder}/bars`, fillFrom: `${folder}/more` }, {});
    session.break("AIG.fill");
    const { places, whys } = await allStops(session, () => session.play());
    expect(places).toEqual(eachDay(...filled(["10:00", ...OUTAGE.slice(0, 6)])));
    expect(whys[0]).toBe("AIG 10:00 filled (from the second source)");
  });

  it("a log point on them tells the same as the stops, and each with its day", async () => {
    const session = await opened({ path: `${folder}/bars`, fill: "forward" }, {});
    for (const [text, places, why] of CASES) {
      await session.goto(session.plan.sessions[0].openUs);
      const log: LogEntry[] = [];
      const off = session.on("log", (entry) => log.push(entry));
      const { id } = session.break(text, { log: true });
      await session.play();
      expect(
        log.map(({ date }) => date),
        text,
      ).toEqual(places.map(({ epoch }) => DATES[epoch]));
      for (const entry of log) expect(entry.text, text).toMatch(why);
      session.delete(id);
      off();
    }
  });
});
