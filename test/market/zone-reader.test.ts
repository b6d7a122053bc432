import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { isoUtc } from "../../src/engine/market/time.js";
import { CLOCK_GAP, CLOCK_OVERLAP, createZoneReader } from "../../src/engine/market/zone-reader.js";
import { ZONES, zoneAndInstant } from "./clock-changes.js";

/** A wall time as a reader takes it. */
function wall(text: string): number {
  return Date.parse(`${text}Z`) * 1000;
}

/** What luxon says of a wall time: every instant, within two days, at which the zone's clock showed it. */
function instantsOf(zone: string, wallUs: number): number[] {
  const found = new Set<number>();
  for (let hours = -48; hours <= 48; hours++) {
    const offsetMs = DateTime.fromMillis(wallUs / 1000 + hours * 3_600_000, { zone }).offset * 60_000;
    const ms = wallUs / 1000 - offsetMs;
    if (DateTime.fromMillis(ms, { zone }).offset * 60_000 === offsetMs) found.add(ms * 1000);
  }
  return [...found];
}

describe("a zone reader", () => {
  const newYork = createZoneReader("America/New_York");

  it("reads winter and summer wall times of New York", () => {
    expect(isoUtc(newYork.read(wall("2008-03-07T09:30:00")))).toBe("2008-03-07T14:30:00Z");
    expect(isoUtc(newYork.read(wall("2008-03-10T09:30:00")))).toBe("2008-03-10T13:30:00Z");
  });

  it("keeps microseconds", () => {
    expect(newYork.read(wall("2013-10-07T09:30:00") + 123_457)).toBe(wall("2013-10-07T13:30:00") + 123_457);
  });

  it("tells the hour that never was, exactly", () => {
    const times = ["01:59:59.999", "02:00:00", "02:59:59.999", "03:00:00"].map((t) =>
      newYork.read(wall(`2013-03-10T${t}`)),
    );
    expect(times).toEqual([wall("2013-03-10T06:59:59.999"), CLOCK_GAP, CLOCK_GAP, wall("2013-03-10T07:00:00")]);
  });

  it("tells the hour that was twice, exactly", () => {
    const times = ["00:59:59.999", "01:00:00", "01:59:59.999", "02:00:00"].map((t) =>
      newYork.read(wall(`2013-11-03T${t}`)),
    );
    expect(times).toEqual([wall("2013-11-03T04:59:59.999"), CLOCK_OVERLAP, CLOCK_OVERLAP, wall("2013-11-03T07:00:00")]);
  });

  it("leaves NaN a NaN and goes on with the nearest offset outside its range", () => {
    expect(newYork.read(Number.NaN)).toBeNaN();
    const summer = createZoneReader("America/New_York", wall("2013-07-01T00:00:00"), wall("2013-07-02T00:00:00"));
    expect(isoUtc(summer.read(wall("2013-12-01T09:30:00")))).toBe("2013-12-01T13:30:00Z");
  });

  it("reads UTC as it stands, and refuses a zone nobody knows", () => {
    expect(createZoneReader("UTC").read(12345)).toBe(12345);
    expect(() => createZoneReader("New York")).toThrow('"New York" is not a time zone');
  });

  const readers = new Map(ZONES.map((zone) => [zone, createZoneReader(zone)]));

  it("agrees with luxon on every wall time: one instant, none or two", () => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ zone, us: wallUs }) => {
        const instants = instantsOf(zone, wallUs);
        const expected = instants.length === 1 ? instants[0] : instants.length === 0 ? CLOCK_GAP : CLOCK_OVERLAP;
        expect(readers.get(zone)!.read(wallUs)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("brings back every instant from its wall time unless the clock showed it twice", () => {
    fc.assert(
      fc.property(zoneAndInstant(), ({ zone, us }) => {
        const offsetUs = DateTime.fromMillis(us / 1000, { zone }).offset * 60_000_000;
        const read = readers.get(zone)!.read(us + offsetUs);
        expect(read === us || read === CLOCK_OVERLAP).toBe(true);
        if (read === CLOCK_OVERLAP) expect(instantsOf(zone, us + offsetUs)).toHaveLength(2);
      }),
      { numRuns: 1000 },
    );
  });
});
