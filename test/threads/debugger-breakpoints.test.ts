/** Breakpoints stop at exactly the places where a scan written here finds them true, forwards and backwards, in every kind of run. */
import { describe, expect, it } from "vitest";
import { engineOf, FOUR_DAYS } from "./debugger.js";
import { minuteUs, syntheticData, threadsPlan, syntheticSession, type Market } from "./sessions.js";
import { FLAG_PRESENT } from "../../src/engine/market/bars.js";
import { attachSegment, createSegments } from "../../src/engine/memory/segment.js";
import { segmentShapeOf } from "../../src/engine/plan.js";
import { comparePlaces, type Place } from "../../src/engine/protocol/places.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { LogEntry, Stop } from "../../src/engine/session/types.js";
import { fillSynthetic } from "../../src/engine/work/synthetic-source.js";

const MARKET = { data: { ...FOUR_DAYS.data, minutes: 45, endsAt: [45, 33, 0, 45], missing: 0.25 } } satisfies Market;
const SYMBOLS = MARKET.data.symbols;
const DATES = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"];

/** What a symbol has come to after a slot of it, counted anew from its bars. */
interface Seen {
  due: number;
  bars: (number | undefined)[];
  gap: number;
  last: number;
  high: number;
  low: number;
  volume: number;
}
/** At slot `minute` of symbol `s`; `all` are all symbols. */
type Truth = (seen: Seen, s: number, minute: number, all: readonly Seen[], epoch: number) => boolean;

const quality = ({ bars, due }: Seen, last = due): number => {
  const some = bars.slice(-last);
  return due < 20 || bars.length === 0 ? NaN : (some.filter((bar) => bar !== undefined).length / some.length) * 100;
};

/** Hits of a condition: positions, day after day. `pulse` hits whenever it is true; `of` is judged at that symbol's slots alone. */
function scan(
  truth: Truth,
  { pulse = false, of }: { pulse?: boolean; of?: number } = {},
): { epoch: number; position: number }[] {
  const options = syntheticData(MARKET.data);
  const shape = segmentShapeOf(threadsPlan(options));
  const hits: { epoch: number; position: number }[] = [];
  for (let epoch = 0; epoch < options.sessions; epoch++) {
    const { source } = attachSegment(createSegments(shape, 1)[0], shape, 0);
    fillSynthetic(options, epoch, { ...source, minutes: options.minutes });
    const all = Array.from({ length: SYMBOLS }, (): Seen => ({
      due: 0,
      bars: [],
      gap: 0,
      last: NaN,
      high: NaN,
      low: NaN,
      volume: 0,
    }));
    const was = all.map(() => false);
    for (let slot = 0; slot < options.minutes * SYMBOLS; slot++) {
      const s = slot % SYMBOLS;
      const seen = all[s];
      const has = (source.flags[slot] & FLAG_PRESENT) !== 0;
      const { close, high, low, volume } = source.bars;
      seen.due++;
      seen.bars.push(has ? close[slot] : undefined);
      seen.gap = has ? 0 : seen.gap + 1;
      if (has) {
        seen.last = close[slot];
        seen.high = Number.isNaN(seen.high) ? high[slot] : Math.max(seen.high, high[slot]);
        seen.low = Number.isNaN(seen.low) ? low[slot] : Math.min(seen.low, low[slot]);
        seen.volume += volume[slot];
      }
      if (of !== undefined && of !== s) continue;
      const absent = MARKET.data.endsAt[epoch] === 0;
      const now = truth(absent ? { ...seen, due: 0 } : seen, s, Math.floor(slot / SYMBOLS), all, epoch);
      if (now && (pulse || !was[s])) hits.push({ epoch, position: slot + 1 });
      was[s] = now;
    }
  }
  return hits;
}

/** Where one stops: in the slots of the forced close before `finalize` (4), at the streams' end before the hand-over (1). */
function stopOf(epoch: number, position: number, forced = true): Place {
  const end = MARKET.data.endsAt[epoch] * SYMBOLS;
  const slots = MARKET.data.minutes * SYMBOLS;
  if (position > end && forced) return { epoch, ordinal: slots + 4 };
  return { epoch, ordinal: position >= end ? slots + 1 : position };
}

function stopsOf(hits: readonly { epoch: number; position: number }[]): Place[] {
  const places = hits.map(({ epoch, position }) => stopOf(epoch, position));
  return places.filter((place, i) => i === 0 || comparePlaces(place, places[i - 1]) !== 0);
}

const atTime = (minute: number, days: number[]): Place[] => days.map((epoch) => stopOf(epoch, minute * SYMBOLS, false));
const phase = (step: number, days: number[]): Place[] =>
  days.map((epoch) => ({ epoch, ordinal: step === 10 ? -1 : step === 9 ? -2 : MARKET.data.minutes * SYMBOLS + step }));

const CASES: [string, () => Place[]][] = [
  ["quality<70", () => stopsOf(scan((seen) => quality(seen) < 70))],
  ["S1.quality<74", () => stopsOf(scan((seen) => quality(seen) < 74, { of: 1 }))],
  ["quality30<70", () => stopsOf(scan((seen) => quality(seen, 30) < 70))],
  ["gap>=3", () => stopsOf(scan(({ gap }) => gap >= 3))],
  ["S2.gap=2", () => stopsOf(scan(({ gap }) => gap === 2, { of: 2 }))],
  ["S0.gap>=1", () => stopsOf(scan(({ gap }) => gap >= 1, { of: 0 }))], // one just behind the end of the streams
  ["last>25", () => stopsOf(scan(({ last }) => last > 25))],
  ["S0.high>=23", () => stopsOf(scan(({ high }) => high >= 23, { of: 0 }))],
  ["low<20.4", () => stopsOf(scan(({ low }) => low < 20.4))],
  ["volume>9000", () => stopsOf(scan(({ volume }) => volume > 9000))],
  [
    "class=streamed if S0.gap>=2",
    () => stopsOf(scan((seen, _s, _m, all) => seen.gap === 0 && all[0].gap >= 2, { pulse: true })),
  ],
  ["S1.last>24 and S1.volume>5000", () => stopsOf(scan(({ last, volume }) => last > 24 && volume > 5000, { of: 1 }))],
  ["gap>=2 if day=2024-01-03", () => stopsOf(scan(({ gap }) => gap >= 2).filter(({ epoch }) => epoch === 1))],
  [
    "S2.derived=incomplete",
    () =>
      stopsOf(
        scan(
          ({ bars }, _s, minute) =>
            [5, 15].some((m) => {
              const n = bars.slice(-m).filter((bar) => bar !== undefined).length;
              return (minute + 1) % m === 0 && n > 0 && n < m;
            }),
          { pulse: true, of: 2 },
        ),
      ),
  ],
  ["phase=roll", () => phase(8, [0, 1, 2])],
  ["phase=activate", () => phase(10, [1, 2, 3])],
  ["phase=hand-over", () => phase(1, [0, 1, 2, 3])],
  ["phase=finalize if gap>=12", () => phase(4, [1, 2])],
  ["day=2024-01-04", () => [stopOf(2, 0, false)]],
  ["phase=verify if day=2024-01-03", () => phase(5, [1])],
  ["14:40", () => atTime(10, [0, 1, 2, 3])],
  ["15:10", () => atTime(40, [0, 1, 2, 3])],
  ["15:15", () => atTime(45, [0, 1, 2, 3])],
];

const here = (session: LiveSession): Place => engineOf(session).side.stopPlace();

async function allStops(
  session: LiveSession,
  move: () => Promise<{ reason: string; breakpoints: readonly number[] }>,
): Promise<Place[]> {
  const places: Place[] = [];
  for (;;) {
    const stop = await move();
    if (stop.reason !== "breakpoint") return places;
    expect(stop.breakpoints.length).toBe(1);
    places.push(here(session));
    expect(places.length).toBeLessThan(400);
  }
}

describe("each kind of breakpoint stops at exactly the places of a straight scan", () => {
  it.each([
    ["in free run", {}, 0],
    ["in lockstep", { creditRows: 1 }, 0],
    ["with seeded delays", { delaySeed: 5, creditRows: 4 }, 0],
    ["at 3600x", { virtualClock: true }, 3600],
  ])(
    "%s, and reverse-continue finds the same ones backwards",
    async (_, hooks, speed) => {
      const session = await syntheticSession({ ...MARKET, hooks });
      session.setSpeed(speed);
      for (const [text, expected] of CASES) {
        const places = expected();
        expect(places.length, text).toBeGreaterThan(0);
        await session.goto(minuteUs(session, 0, 0));
        const { id } = session.break(text);
        expect(await allStops(session, () => session.play()), text).toEqual(places);
        expect(session.breakpoints()[0].hits, text).toBeGreaterThanOrEqual(places.length);
        expect((await session.pause()).phase, text).toBe("FINISHED");
        if (speed === 0 && !("delaySeed" in hooks))
          expect(await allStops(session, () => session.reverseContinue()), `${text}, back`).toEqual([
            ...[...places].reverse(),
            ...(text === "phase=activate" ? phase(10, [0]) : []), // a run begins behind that of the first day
          ]);
        session.delete(id);
      }
    },
    120_000,
  );

  it("until stops at the first, and from there at the second", async () => {
    const session = await syntheticSession(MARKET);
    for (const [text, expected] of CASES) {
      const places = expected();
      await session.goto(minuteUs(session, 0, 0));
      for (const place of places.slice(0, 2)) {
        expect((await session.until(text)).reason, text).toBe("until");
        expect(here(session), text).toEqual(place);
      }
    }
  });
});

describe("counts, temporary ones and log points", () => {
  const HITS = scan(({ gap }) => gap >= 2);

  it("hits to be ignored are passed over and counted, across days; a temporary one goes with its stop", async () => {
    const session = await syntheticSession(MARKET);
    const ignore = HITS.findIndex(({ epoch }) => epoch === 1) + 1;
    const { id } = session.break("gap>=2", { ignore, temporary: true });
    expect(HITS[ignore].epoch).toBeGreaterThan(0);
    const stop = await session.play();
    expect(stop).toMatchObject({ reason: "breakpoint", breakpoints: [id] });
    expect(stop.why).toMatch(/^S\d gap of 2 bars since \d\d:\d\d at \d\d:\d\d/);
    expect(here(session)).toEqual(stopOf(HITS[ignore].epoch, HITS[ignore].position));
    expect(session.breakpoints()).toEqual([]);
    expect((await session.play()).reason).toBe("finished");
  });

  it("a run in pieces ignores as many hits as one in one go, and loses none, whatever interrupts it", async () => {
    const session = await syntheticSession({ ...MARKET, hooks: { virtualClock: true, delaySeed: 2 } });
    const stops: Stop[] = [];
    session.on("stop", (stop) => stops.push(stop));
    for (let round = 0; round < 3 * HITS.length; round++) {
      const nth = Math.floor(round / 3);
      await session.goto(minuteUs(session, 0, 0));
      const { id } = session.break("gap>=2", { ignore: nth });
      stops.length = 0;
      const hit = (): Stop | undefined => stops.find(({ reason }) => reason === "breakpoint");
      while (!hit()) {
        const commands = [session.play()];
        for (let i = 0; i < nth % 4; i++) await new Promise((resolve) => setImmediate(resolve));
        if (round % 3 === 0) session.delete(session.break("S0.last>1e6").id);
        else if (round % 3 === 1) commands.push(session.play());
        else commands.push(session.pause());
        await Promise.all(commands);
        expect(stops.at(-1)?.reason, `round ${round}`).not.toBe("finished");
      }
      const place = stopOf(HITS[nth].epoch, HITS[nth].position);
      const slots = MARKET.data.minutes * SYMBOLS;
      const { step, position } = hit()!;
      expect({ step, epoch: position.epoch, slots: position.processed }, `round ${round}`).toEqual({
        step: place.ordinal <= slots ? undefined : place.ordinal === slots + 1 ? "hand-over" : "finalize",
        epoch: place.epoch,
        slots: place.ordinal <= slots ? place.ordinal : place.ordinal === slots + 1 ? HITS[nth].position : slots,
      });
      session.delete(id);
    }
  });

  it("hits can be ignored anew after those before have been", async () => {
    const session = await syntheticSession(MARKET);
    const { id } = session.break("gap>=2", { ignore: 1 });
    await session.until(minuteUs(session, HITS[0].epoch, Math.ceil(HITS[0].position / SYMBOLS)));
    expect(session.breakpoints()).toMatchObject([{ hits: 1, ignore: 0 }]);
    session.ignore(id, 1);
    expect((await session.play()).reason).toBe("breakpoint");
    expect(here(session)).toEqual(stopOf(HITS[2].epoch, HITS[2].position));
  });

  it("a log point tells every hit in words and stops nothing", async () => {
    const session = await syntheticSession(MARKET);
    const log: LogEntry[] = [];
    session.on("log", (entry) => log.push(entry));
    const { id } = session.break("gap>=2", { log: true });
    const time = session.break("14:40", { log: true });
    expect((await session.play()).reason).toBe("finished");
    const data = log.filter(({ breakpoint }) => breakpoint === id);
    expect(data.map(({ epoch, date }) => [epoch, date])).toEqual(HITS.map(({ epoch }) => [epoch, DATES[epoch]]));
    for (const { text } of data) expect(text).toMatch(/^S\d gap of 2 bars since \d\d:\d\d at \d\d:\d\d/);
    expect(log.filter(({ breakpoint }) => breakpoint === time.id).length).toBe(4);
    expect(session.breakpoints().map(({ hits }) => hits)).toEqual([HITS.length, 4]);
  });

  it("a function is judged after every minute, stops when it becomes true, and is found backwards", async () => {
    const session = await syntheticSession(MARKET);
    const truth = (minute: number): boolean => minute % 10 >= 7;
    session.break((view) => truth(view.minute));
    const places = [0, 1, 3].flatMap((epoch) =>
      [7, 17, 27, 37].filter((m) => m <= MARKET.data.endsAt[epoch]).map((m) => stopOf(epoch, m * SYMBOLS, false)),
    );
    expect(await allStops(session, () => session.play())).toEqual(places);
    expect(await allStops(session, () => session.reverseContinue())).toEqual([...places].reverse());
    let stop;
    do
      stop = await session.step(2, "bar"); // whatever steps lead there
    while (stop.reason === "step");
    expect(here(session)).toEqual(places[0]);
  });

  it("a hit on the way stops steps of every unit", async () => {
    const session = await syntheticSession(MARKET);
    const [first] = stopsOf(HITS);
    session.break("gap>=2");
    for (const unit of ["bar", "minute", "event", "phase", "day"] as const) {
      await session.goto(minuteUs(session, 0, 0));
      const stop = await session.step(100_000, unit);
      expect(stop, unit).toMatchObject({ reason: "breakpoint", breakpoints: [1] });
      expect(here(session), unit).toEqual(first);
    }
  });

  it("several at one place are one stop that names them all", async () => {
    const session = await syntheticSession(MARKET);
    const ids = ["15:10", "15:15", "phase=hand-over"].map((text) => session.break(text).id);
    await session.goto(minuteUs(session, 1, 0));
    const stop = await session.play();
    expect(stop).toMatchObject({ reason: "breakpoint", breakpoints: ids, position: { epoch: 1 } });
    expect(await session.play()).toMatchObject({ position: { epoch: 2 } });
    expect(await session.reverseContinue()).toMatchObject({ breakpoints: ids, position: { epoch: 1 } });
  });
});
