import fc from "fast-check";
import { expect, it } from "vitest";
import { FLAG_PRESENT, ROW_CLASS, ROW_CLASSES } from "../../src/engine/market/bars.js";
import { MINUTE_US } from "../../src/engine/market/time.js";
import { comparePlaces, positionPlace } from "../../src/engine/protocol/places.js";
import { shapeOf } from "../../src/engine/plan.js";
import { allPlaces } from "../../src/engine/sim/draw-places.js";
import { drawSubject } from "../../src/engine/sim/subject.js";
import { addException, decoded, difference, readerOf, runOf, type Change } from "./runs.js";

const COLUMNS = ["open", "high", "low", "close", "volume"] as const;
const seeds = fc.integer({ min: 1, max: 5000 });

/** A slot of a seeded subject, and what is there. */
interface Spot {
  readonly seed: number;
  readonly epoch: number;
  readonly slot: number;
}

/** Seeds with a slot that `suits`. */
function spots(suits: (flags: number, seed: number) => boolean): fc.Arbitrary<Spot> {
  return fc
    .record({ seed: seeds, pick: fc.nat() })
    .map(({ seed, pick }) => {
      const subject = drawSubject(seed);
      const found = subject.plan.sessions.flatMap((_, epoch) => {
        const { flags } = decoded(subject, epoch);
        return [...flags.keys()].filter((slot) => suits(flags[slot], seed)).map((slot) => ({ seed, epoch, slot }));
      });
      return found[pick % Math.max(1, found.length)];
    })
    .filter((spot) => spot !== undefined);
}

const present = (flags: number): boolean => (flags & FLAG_PRESENT) !== 0;

/** Where a change at a spot must be found. */
function whereOf({ seed, epoch, slot }: Spot): { date: string; timeUs: number; symbol: string } {
  const { plan } = drawSubject(seed);
  const { date, openUs } = plan.sessions[epoch];
  const minute = Math.floor(slot / plan.symbols.length);
  return { date, timeUs: openUs + (minute + 1) * MINUTE_US, symbol: plan.symbols[slot % plan.symbols.length] };
}

/** `2024-01-02 14:31 S1`: the minute is named by its start. The zone of the subjects is UTC. */
function nameOf(spot: Spot): string {
  const { date, timeUs, symbol } = whereOf(spot);
  return `${date} ${new Date((timeUs - MINUTE_US) / 1000).toISOString().slice(11, 16)} ${symbol}`;
}

const at =
  (spot: Spot, change: (...args: Parameters<Change>) => number | void): Change =>
  (epoch, day, exceptions) =>
    (epoch === spot.epoch ? change(epoch, day, exceptions) : undefined) ?? exceptions;

it("two runs of the same data are equal, and it says how far they were compared", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const [a, b] = [await runOf(seed), await runOf(seed)];
      const { equal, text, compared, ...where } = await difference(a, b);
      expect(equal, text).toBe(true);
      expect(where).toEqual({ date: null, timeUs: null, symbol: null });
      expect(compared).toEqual({
        days: a.plan.sessions.length,
        minutes: a.plan.sessions.reduce((sum, { minutes }) => sum + minutes, 0),
        events: a.list.reduce((sum, { events }) => sum + events.length, 0),
      });
      expect(text).toContain(`${compared.minutes} minute`);
    }),
    { numRuns: 60 },
  );
});

/** Every digit of a value, and a price with at least its cents. */
function told(column: string, value: number): string {
  const [whole, decimals = ""] = String(value).split(".");
  return column === "volume" ? String(value) : `${whole}.${decimals.padEnd(2, "0")}`;
}

it("a value that is another is found in its minute, symbol and column, with both values", async () => {
  await fc.assert(
    fc.asyncProperty(spots(present), fc.constantFrom(...COLUMNS), async (spot, column) => {
      let before = NaN;
      const change = at(spot, (_, day) => {
        before = day.bars[column][spot.slot];
        day.bars[column][spot.slot] += 0.5;
      });
      const [a, b] = [await runOf(spot.seed), await runOf(spot.seed, { source: change })];
      const found = await difference(a, b);
      expect(found).toMatchObject({ equal: false, ...whereOf(spot) });
      expect(found.text).toContain(
        `${nameOf(spot)}: ${column} ${told(column, before)} here, ${told(column, before + 0.5)} there`,
      );
      expect(found.compared.days).toBe(spot.epoch);
      const mirrored = await difference(b, a);
      expect(mirrored.text).toContain(`${column} ${told(column, before + 0.5)} here, ${told(column, before)} there`);
    }),
    { numRuns: 80 },
  );
});

it("a bar that only one run has is found at its slot", async () => {
  await fc.assert(
    fc.asyncProperty(spots(present), async (spot) => {
      const change = at(spot, (_, day) => {
        day.flags[spot.slot] = 0;
        for (const column of COLUMNS) day.bars[column][spot.slot] = 0;
        day.classCount[(spot.slot % day.symbols) * ROW_CLASSES.length + ROW_CLASS.streamed]--;
      });
      const [a, b] = [await runOf(spot.seed), await runOf(spot.seed, { source: change })];
      const found = await difference(a, b);
      const isEmptied = b.plan.sessions[spot.epoch].rows.every((rows) => rows === 0);
      if (isEmptied && spot.slot >= b.plan.symbols.length) {
        expect(found.text).toContain("no-data only there"); // known from the first minute on
        return;
      }
      expect(found).toMatchObject({ equal: false, ...whereOf(spot) });
      expect(found.text).toMatch(new RegExp(`${nameOf(spot)}: streamed here, (missing|filled|forward-filled) there`));
    }),
    { numRuns: 60 },
  );
});

it("a fill that is another is found at its slot", async () => {
  let changed = 0;
  const isFillable = (flags: number, seed: number): boolean =>
    !present(flags) && drawSubject(seed).plan.fillMode === "source";
  await fc.assert(
    fc.asyncProperty(spots(isFillable), async (spot) => {
      const change = at(spot, (_, day) => void (day.bars.close[spot.slot] += 1));
      const [a, b] = [await runOf(spot.seed), await runOf(spot.seed, { fill: change })];
      const isFilled = a.list[spot.epoch].grid.origin[spot.slot] === 2;
      const found = await difference(a, b);
      expect(found.equal).toBe(!isFilled);
      if (!isFilled) return;
      changed++;
      expect(found).toMatchObject(whereOf(spot));
      expect(found.text).toContain(`${nameOf(spot)}: close `);
    }),
    { numRuns: 60 },
  );
  expect(changed).toBeGreaterThan(10);
});

it("a row that became no bar is found by its event, when all bars are equal", async () => {
  const classes = ["rejected", "duplicate", "conflict"] as const;
  await fc.assert(
    fc.asyncProperty(
      spots(() => true),
      fc.constantFrom(...classes),
      async (spot, name) => {
        const change = at(spot, (_, day, count) => addException(day, count, spot.slot, ROW_CLASS[name]));
        // A session without rows has an event that says so; with one more row it has not.
        const [a, b] = [await runOf(spot.seed), await runOf(spot.seed, { source: change })];
        const found = await difference(a, b);
        expect(found.equal).toBe(false);
        const { date, timeUs, symbol } = whereOf(spot);
        expect(found.date).toBe(date);
        const hadNone = a.list[spot.epoch].events.some(({ kind }) => kind === "no-data");
        if (!hadNone) expect(found).toMatchObject({ timeUs, symbol });
        expect(found.text).toContain(hadNone ? "no-data only here" : `${nameOf(spot)}: ${name}`);
      },
    ),
    { numRuns: 80 },
  );
});

it("the earlier of a minute and an event is named; in one minute the slot", async () => {
  const seed = firstSeed((days) => days.some((flags) => flags.length > 8 && flags.every(present)));
  const { plan, source } = drawSubject(seed);
  const epoch = plan.sessions.findIndex((_, i) => {
    const { flags } = decoded({ plan, source }, i);
    return flags.length > 8 && flags.every(present);
  });
  const last = plan.sessions[epoch].minutes * plan.symbols.length - 1;
  const bothAt = (row: number, bar: number): Promise<{ text: string }> =>
    compareWith(seed, (at, day, count) => {
      if (at !== epoch) return count;
      day.bars.high[bar] += 1;
      return addException(day, count, row, ROW_CLASS.duplicate);
    });
  expect((await bothAt(0, last)).text).toContain("duplicate");
  expect((await bothAt(last, 0)).text).toContain(": high");
  expect((await bothAt(last, last)).text).toContain(": high");
});

async function compareWith(seed: number, source: Change): Promise<{ text: string }> {
  return difference(await runOf(seed), await runOf(seed, { source }));
}

function firstSeed(suits: (flags: Uint8Array[]) => boolean): number {
  for (let seed = 1; ; seed++) {
    const subject = drawSubject(seed);
    if (suits(subject.plan.sessions.map((_, epoch) => decoded(subject, epoch).flags))) return seed;
  }
}

it("a fact of an event is named with both values, and a derived bar by its interval", async () => {
  const seed = firstSeed((days) => days[0].length > 4 && present(days[0][0]));
  const run = await runOf(seed);
  const rename = (change: (day: (typeof run.list)[0]) => (typeof run.list)[0]): typeof run =>
    readerOf(run.plan, [change(run.list[0]), ...run.list.slice(1)]);
  const other = rename((day) => ({
    ...day,
    events: day.events.map((event) => (event.kind === "finalize" ? { ...event, time: "2024-01-02T14:31:30Z" } : event)),
  }));
  expect((await difference(run, other)).text).toMatch(/: finalize time \d\d:\d\d here, 14:31:30 there/);
  const noFinalize = rename((day) => ({ ...day, events: day.events.filter(({ kind }) => kind !== "finalize") }));
  expect((await difference(run, noFinalize)).text).toContain(": finalize only here");
  expect((await difference(noFinalize, run)).text).toContain(": finalize only there");
});

it("a derived bar alone that is another is named by its start, symbol and interval", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.nat(), async (seed, pick) => {
      const run = await runOf(seed);
      const { derived, ...day } = run.list[0];
      const i = derived.findIndex(({ count }) => count.some((n) => n > 0));
      fc.pre(i >= 0);
      const cells = [...derived[i].count.keys()].filter((cell) => derived[i].count[cell] > 0);
      const cell = cells[pick % cells.length];
      const bars = { ...derived[i].bars, low: derived[i].bars.low.slice() };
      bars.low[cell] -= 0.25;
      const { intervalMinutes } = derived[i];
      const bucket = Math.floor(cell / run.plan.symbols.length);
      const lastMinute = Math.min((bucket + 1) * intervalMinutes, run.plan.sessions[0].minutes) - 1;
      const minutes = day.minutes.map((digest, minute) => (minute === lastMinute ? "0".repeat(16) : digest));
      const other = { ...day, minutes, derived: derived.map((one, j) => (j === i ? { ...one, bars } : one)) };
      const found = await difference(run, readerOf(run.plan, [other, ...run.list.slice(1)]));
      const symbol = run.plan.symbols[cell % run.plan.symbols.length];
      const name = nameOf({ seed, epoch: 0, slot: bucket * intervalMinutes * run.plan.symbols.length });
      expect(found.timeUs).toBe(day.openUs + (lastMinute + 1) * MINUTE_US);
      expect(found.symbol).toBe(symbol);
      const { low } = derived[i].bars;
      expect(found.text).toContain(
        `${name.slice(0, 16)} ${symbol} ${intervalMinutes}m: low ${told("low", low[cell])} here, ${told("low", low[cell] - 0.25)} there`,
      );
    }),
    { numRuns: 40 },
  );
});

it("a run that stands anywhere equals one that went on, as far as both go", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.nat(), fc.nat(), async (seed, one, other) => {
      const shape = shapeOf(drawSubject(seed).plan);
      const places = allPlaces(shape).sort(comparePlaces);
      const [near, far] = [places[one % places.length], places[other % places.length]].sort(comparePlaces);
      const [a, b] = [await runOf(seed, { stopAt: near }), await runOf(seed, { stopAt: far })];
      for (const [x, y] of [
        [a, b],
        [b, a],
      ]) {
        const { equal, text, compared } = await difference(x, y);
        expect(equal, `${JSON.stringify([near, far])}: ${text}`).toBe(true);
        expect(compared.days).toBe(a.list.length);
        const further = b.list.length > a.list.length || b.list.at(-1)?.position !== a.list.at(-1)?.position;
        expect(/(here|there) goes on/.exec(text)?.[1]).toBe(further ? (x === a ? "there" : "here") : undefined);
      }
    }),
    { numRuns: 150 },
  );
});

it("what differs beyond where the nearer run stands is not told, and what differs before it is", async () => {
  await fc.assert(
    fc.asyncProperty(spots(present), fc.nat(), async (spot, pick) => {
      const { plan } = drawSubject(spot.seed);
      const slots = plan.sessions[spot.epoch].minutes * plan.symbols.length;
      const position = pick % (slots + 1);
      const change = at(spot, (_, day) => void (day.bars.open[spot.slot] += 1));
      const near = await runOf(spot.seed, { stopAt: positionPlace(spot.epoch, position) });
      const stands = near.list.length > spot.epoch ? near.list[spot.epoch].position : 0;
      const found = await difference(near, await runOf(spot.seed, { source: change }));
      expect(found.equal).toBe(stands <= spot.slot);
      if (!found.equal) expect(found).toMatchObject(whereOf(spot));
    }),
    { numRuns: 80 },
  );
});

it("an event before the place of the nearer run must be in both", async () => {
  const seed = firstSeed((days) => days[0].length > 4 && days[0].every(present));
  const slots = decoded(drawSubject(seed), 0).flags.length;
  const near = await runOf(seed, { stopAt: positionPlace(0, slots - 1) });
  const far = (slot: number): ReturnType<typeof runOf> =>
    runOf(seed, {
      source: (epoch, day, count) => (epoch === 0 ? addException(day, count, slot, ROW_CLASS.conflict) : count),
    });
  expect((await difference(near, await far(slots - 2))).text).toContain("conflict");
  expect((await difference(near, await far(slots - 1))).equal).toBe(true);
});

it("rows that became no bar and lie elsewhere show in the digest alone", async () => {
  const seed = firstSeed(() => true);
  const withRow = (file: number): ReturnType<typeof runOf> =>
    runOf(seed, {
      path: () => "same",
      source: (epoch, day, count) => {
        if (epoch !== 0) return count;
        const after = addException(day, count, 0, ROW_CLASS.duplicate);
        for (let i = 0; i < after; i++) if (day.exceptions[i * 4 + 3] === 77) day.exceptions[i * 4 + 2] = file;
        return after;
      },
    });
  const found = await difference(await withRow(1), await withRow(2));
  expect(found).toMatchObject({ equal: false, date: "2024-01-02", timeUs: null, symbol: null });
  expect(found.text).toContain("the digests differ");
});

it("other symbols, calendars, zones, intervals and fills are told before anything else", async () => {
  const run = await runOf(5);
  const against = async (plan: object): Promise<string> =>
    (await difference(run, readerOf({ ...run.plan, ...plan }, run.list, "i1:cd"))).text;
  const data = "; read from other data files";
  expect(await against({ symbols: [...run.plan.symbols, "NEW"] })).toBe(`symbols: NEW only there${data}`);
  expect(await against({ symbols: ["A", "B", "C", "D", "E", "F", "G"] })).toContain(
    `symbols: ${run.plan.symbols.join(" ")} only here, A B C D E and 2 more only there`,
  );
  expect(await against({ calendarName: "XNYS" })).toBe(`calendar: simulated here, XNYS there${data}`);
  expect(await against({ exchangeZone: "Asia/Tokyo" })).toBe(`time zone: UTC here, Asia/Tokyo there${data}`);
  expect(await against({ intervals: [7] })).toMatch(/^derived bars: (none|[\dm ]+) here, 7m there/);
  const fill = run.plan.fillMode === "forward" ? "none" : "forward";
  expect(await against({ fillMode: fill })).toBe(`fill: ${run.plan.fillMode} here, ${fill} there${data}`);
  expect(await against({ sessions: run.plan.sessions.slice(0, 1) })).toMatch(/^\d days?, \d+ minutes?, /);
});

it("days of other dates or hours are told as such", async () => {
  const run = await runOf(5);
  const [day] = run.list;
  const against = async (change: object): Promise<string> =>
    (await difference(run, readerOf(run.plan, [{ ...day, ...change }]))).text;
  const data = "; read from the same data files";
  expect(await against({ date: "2024-02-01" })).toBe(`2024-01-02 here, 2024-02-01 there${data}`);
  expect(await against({ closeUs: day.closeUs + 60 * MINUTE_US })).toMatch(
    /^2024-01-02: 14:30–14:3\d here, 14:30–15:3\d there; read/,
  );
});
