import fc from "fast-check";
import { expect, it } from "vitest";
import { UsageError } from "../../src/engine/errors.js";
import { parseTimeOfDay, placeOfTime, timeOfSession } from "../../src/engine/session/when.js";
import { DATES, planOf } from "./catalog.js";

const plan = planOf();
const SYMBOLS = plan.symbols.length;

function thrown(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
  throw new Error("nothing was thrown");
}

it("reads every time of day there is, with one or two digits for the hour", () => {
  for (let minute = 0; minute < 1440; minute++) {
    const [hours, minutes] = [Math.floor(minute / 60), String(minute % 60).padStart(2, "0")];
    expect(parseTimeOfDay(`${String(hours).padStart(2, "0")}:${minutes}`)).toBe(minute);
    expect(parseTimeOfDay(` ${hours}:${minutes} `)).toBe(minute);
  }
  expect(parseTimeOfDay("24:00")).toBe(1440);
});

it.each([
  "24:01",
  "25:00",
  "12:60",
  "1200",
  "12:5",
  "123:00",
  "12:30:00",
  "12:30pm",
  "-1:30",
  "",
  "noon",
  "12.30",
  "٠٩:٣٠",
])("refuses %o as a time of day, says whose it was and how to write it", (text) => {
  const error = thrown(() => parseTimeOfDay(text, "--start-time"));
  expect(error.message).toBe(`--start-time "${text}" is no time of day`);
  expect(error.hint).toBe("write it like 15:58, in the exchange's time");
  expect(error.exitCode).toBe(2);
});

it("a time of day means the exchange's clock on that session, before and after the clocks change", () => {
  const utc = DATES.map((_, epoch) => new Date(timeOfSession(plan, epoch, 10 * 60 + 15) / 1000).toISOString());
  expect(utc).toEqual([
    "2013-11-01T14:15:00.000Z",
    "2013-11-04T15:15:00.000Z",
    "2013-11-27T15:15:00.000Z",
    "2013-11-29T15:15:00.000Z",
  ]);
});

it("24:00 is the midnight after the session", () => {
  expect(new Date(timeOfSession(plan, 1, 1440) / 1000).toISOString()).toBe("2013-11-05T05:00:00.000Z");
});

it("on a date with a clock change a time counts on the clock, not from midnight", () => {
  const day = { ...plan.sessions[0], date: "2013-11-03" };
  const sunday = { ...plan, sessions: [day] };
  expect(new Date(timeOfSession(sunday, 0, 9 * 60 + 30) / 1000).toISOString()).toBe("2013-11-03T14:30:00.000Z");
  expect(new Date(timeOfSession(sunday, 0, 0) / 1000).toISOString()).toBe("2013-11-03T04:00:00.000Z");
});

it("a time of day is a place of the present session: every row that has ended by then", () => {
  const minutes = (time: string, epoch: number): number => {
    const place = placeOfTime(plan, time, epoch);
    expect(place.epoch).toBe(epoch);
    return place.ordinal / SYMBOLS;
  };
  for (const epoch of [0, 1, 2, 3]) expect(minutes("10:00", epoch)).toBe(30);
  expect([minutes("9:30", 1), minutes("09:31", 1), minutes("15:58", 1), minutes("16:00", 1)]).toEqual([0, 1, 388, 390]);
  expect([minutes("12:59", 3), minutes("13:00", 3)]).toEqual([209, 210]);
});

it("a time before the open is the open, one after the close is the close", () => {
  const place = (time: string, epoch: number): number => placeOfTime(plan, time, epoch).ordinal;
  expect([place("00:00", 1), place("09:29", 1), place("16:01", 1), place("24:00", 1)]).toEqual([
    0,
    0,
    390 * SYMBOLS,
    390 * SYMBOLS,
  ]);
  expect(place("15:00", 3)).toBe(210 * SYMBOLS);
});

it.each(["2013-11-29 10:00", " 2013-11-29T10:00 ", "2013-11-29 10:00"])(
  "a date and a time mean that date's session: %o",
  (text) => {
    for (const present of [0, 3]) expect(placeOfTime(plan, text, present)).toEqual({ epoch: 3, ordinal: 30 * SYMBOLS });
  },
);

it.each([
  ["2013-11-02 10:00", "the sessions next to it are 2013-11-01 and 2013-11-04"],
  ["2013-11-28 10:00", "the sessions next to it are 2013-11-27 and 2013-11-29"],
  ["2013-10-31 10:00", "the first session is 2013-11-01"],
  ["2013-12-02 10:00", "the last session is 2013-11-29"],
])("a date without a session is refused with its neighbours: %o", (text, neighbours) => {
  const error = thrown(() => placeOfTime(plan, text, 0));
  expect(error.message).toBe(`there is no session on ${text.slice(0, 10)} in this replay`);
  expect(error.hint).toBe(neighbours);
});

it("a date with a wrong time of day, and a date alone, are refused", () => {
  expect(thrown(() => placeOfTime(plan, "2013-11-04 25:00", 0)).message).toBe('time "25:00" is no time of day');
  expect(thrown(() => placeOfTime(plan, "2013-11-04", 0)).message).toBe('time "2013-11-04" is no time of day');
});

it("a number is microseconds UTC: the rows ended by then in the session that has begun, or the first open", () => {
  const { openUs, closeUs } = plan.sessions[1];
  const at = (us: number): [number, number] => {
    const { epoch, ordinal } = placeOfTime(plan, us, 3);
    return [epoch, ordinal / SYMBOLS];
  };
  expect(at(openUs)).toEqual([1, 0]);
  expect(at(openUs - 1)).toEqual([0, 390]);
  expect(at(openUs + 59_999_999)).toEqual([1, 0]);
  expect(at(openUs + 60_000_000)).toEqual([1, 1]);
  expect(at(closeUs - 1)).toEqual([1, 389]);
  expect(at(closeUs)).toEqual([1, 390]);
  expect(at(closeUs + 3_600_000_000)).toEqual([1, 390]);
  expect(at(0)).toEqual([0, 0]);
  expect(at(Number.MAX_SAFE_INTEGER)).toEqual([3, 210]);
});

it("a number that is none is refused; endless ones are the first open and the last close", () => {
  expect(thrown(() => placeOfTime(plan, NaN, 0)).message).toBe("NaN is no time");
  expect(placeOfTime(plan, -Infinity, 2)).toEqual({ epoch: 0, ordinal: 0 });
  expect(placeOfTime(plan, Infinity, 2)).toEqual({ epoch: 3, ordinal: 210 * SYMBOLS });
});

it("in a replay without a session there is no place to go to", () => {
  const none = planOf({ sessions: [] });
  for (const time of ["10:00", "2013-11-04 10:00", 0])
    expect(thrown(() => placeOfTime(none, time, 0)).message).toBe("there is no session to go to");
});

it("text and number name the same place for every minute of every session", () => {
  fc.assert(
    fc.property(fc.nat({ max: 3 }), fc.integer({ min: 9 * 60 + 30, max: 16 * 60 }), (epoch, minute) => {
      const text = `${DATES[epoch]} ${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;
      const place = placeOfTime(plan, text, 0);
      const passed = Math.min(minute - (9 * 60 + 30), plan.sessions[epoch].minutes);
      expect(place).toEqual({ epoch, ordinal: passed * SYMBOLS });
      expect(placeOfTime(plan, plan.sessions[epoch].openUs + passed * 60_000_000, 0)).toEqual(place);
    }),
  );
});
