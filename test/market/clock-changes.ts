/** Instants around which zones change their clocks in different ways; properties aim at them, since random instants miss them. */
import fc from "fast-check";

const CHANGES: ReadonlyArray<readonly [zone: string, utc: string, what: string]> = [
  ["America/New_York", "2013-03-10T07:00:00Z", "forward at 02:00"],
  ["America/New_York", "2013-11-03T06:00:00Z", "back at 02:00"],
  ["America/New_York", "1998-04-05T07:00:00Z", "forward, older rule"],
  ["Europe/London", "2024-03-31T01:00:00Z", "forward at 01:00"],
  ["Europe/London", "2024-10-27T01:00:00Z", "back at 02:00"],
  ["America/Sao_Paulo", "2018-11-04T03:00:00Z", "forward over midnight"],
  ["America/Sao_Paulo", "2019-02-17T02:00:00Z", "back from midnight to 23:00"],
  ["America/St_Johns", "2010-11-07T02:31:00Z", "back from 00:01 to 23:01"],
  ["Australia/Lord_Howe", "2020-10-03T15:30:00Z", "forward half an hour"],
  ["Pacific/Apia", "2011-12-30T10:00:00Z", "a date left out"],
  ["Asia/Kolkata", "2013-03-10T07:00:00Z", "no change"],
  ["UTC", "2013-03-10T07:00:00Z", "no change"],
];

export const ZONES = [...new Set(CHANGES.map(([zone]) => zone))];

const MINUTE = 60_000_000;

/** A zone with an instant (microseconds UTC): near one of its changes, or anywhere from 1990 to 2040. */
export function zoneAndInstant(): fc.Arbitrary<{ zone: string; us: number }> {
  const near = fc
    .constantFrom(...CHANGES)
    .chain(([zone, utc]) =>
      fc
        .oneof(fc.integer({ min: -180, max: 180 }), fc.integer({ min: -3000, max: 3000 }))
        .map((minutes) => ({ zone, us: Date.parse(utc) * 1000 + minutes * MINUTE })),
    );
  const anywhere = fc
    .record({ zone: fc.constantFrom(...ZONES), us: fc.integer({ min: Date.UTC(1990), max: Date.UTC(2040) }) })
    .map(({ zone, us }) => ({ zone, us: us * 1000 }));
  return fc.oneof(near, near, anywhere);
}
