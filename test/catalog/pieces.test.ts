/** The small parts: names, globs, claims, order, cache. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideZone } from "../../src/engine/catalog/decide.js";
import { discover } from "../../src/engine/catalog/discover.js";
import { escapeName } from "../../src/engine/catalog/escape.js";
import { fileClaims } from "../../src/engine/catalog/file-claims.js";
import { isGlob, parseGlob } from "../../src/engine/catalog/glob.js";
import { GroupCache } from "../../src/engine/catalog/group-cache.js";
import { inOrder } from "../../src/engine/catalog/in-order.js";
import { createXnysCalendar } from "../../src/engine/market/calendar.js";
import { tempFolder } from "../fixtures/temp-folder.js";

describe("names", () => {
  test("nothing that moves a cursor survives", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeName(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      }),
    );
    expect(escapeName("SPY\u001b[2J\n\u202e")).toBe("SPY\\x1b[2J\\n\\u202e");
    expect(escapeName("Bücher 株")).toBe("Bücher 株");
  });

  test.each([
    ["/d/symbol=SPY/date=2013-10-07.parquet", { symbol: "SPY", symbolBy: "key", date: "2013-10-07" }],
    ["/d/date=2013-10-07/symbol=SPY.parquet", { symbol: "SPY", symbolBy: "key", date: "2013-10-07" }],
    ["/d/symbol=SPY/20131007.parquet", { symbol: "SPY", symbolBy: "key", date: "2013-10-07" }],
    ["/d/SPY.parquet", { symbol: "SPY", symbolBy: "name", date: undefined }],
    ["/d/SPY-20131007.pq", { symbol: "SPY", symbolBy: "name", date: "2013-10-07" }],
    ["/d/SPY/2013-10-07.parquet", { symbol: "SPY", symbolBy: "name", date: "2013-10-07" }],
    ["/d/date=2013-10-07.parquet", { date: "2013-10-07" }],
    ["/d/date=2013-02-31/SPY.parquet", { symbol: "SPY", symbolBy: "name", date: undefined }],
  ])("%s claims %o", (path, claims) => expect(fileClaims(path)).toEqual(claims));
});

describe("globs", () => {
  const matches = (pattern: string, name: string): boolean =>
    parseGlob(pattern).some(([segment]) => segment.deep || segment.test(name));

  test.each([
    ["*.parquet", "SPY.parquet", true],
    ["*.parquet", ".SPY.parquet", false],
    [".S*", ".SPY", true],
    ["S?Y*", "SPY.x", true],
    ["[!S]*", "SPY", false],
    ["[A-C]IG", "AIG", true],
    ["{SPY,IBM}.parquet", "IBM.parquet", true],
    ["{SPY,IBM}.parquet", "AIG.parquet", false],
    ["a+b(c).*", "a+b(c).d", true],
    ["a.b", "axb", false],
    ["[", "[", true],
  ])("%s on %s: %s", (pattern, name, expected) => expect(matches(pattern, name)).toBe(expected));

  test("a name is matched by itself, whatever is in it", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((name) => !/[*?[{}/]/.test(name)),
        (name) => {
          expect(isGlob(name)).toBe(false);
          expect(matches(name, name)).toBe(true);
        },
      ),
    );
  });

  test("many stars on a long name answer at once", () => {
    const pattern = `${"*a".repeat(12)}b`;
    const startMs = performance.now();
    expect(matches(`${"*".repeat(500)}b`, "a".repeat(250))).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(matches(pattern, "ab")).toBe(false);
  });

  test("matched folders are read whole, hidden ones are not, and the order is by path", async () => {
    const folder = tempFolder();
    for (const name of [
      "symbol=SPY/b.parquet",
      "symbol=SPY/a.parquet",
      "symbol=IBM/x/c.parquet",
      ".hidden/d.parquet",
      "symbol=SPY/.e.parquet",
      "readme.txt",
    ])
      folder.put(name, "x");
    const found = async (data: string): Promise<string[]> =>
      (await discover(`${folder.path}/${data}`)).map(({ name }) => name);
    expect(await found("")).toEqual(["symbol=IBM/x/c.parquet", "symbol=SPY/a.parquet", "symbol=SPY/b.parquet"]);
    expect(await found("symbol=*")).toEqual(["symbol=IBM/x/c.parquet", "symbol=SPY/a.parquet", "symbol=SPY/b.parquet"]);
    expect(await found("**/[ab].parquet")).toEqual(["symbol=SPY/a.parquet", "symbol=SPY/b.parquet"]);
    expect(await found("symbol={IBM,AIG}/**")).toEqual(["x/c.parquet"].map((name) => `symbol=IBM/${name}`));
    await expect(found("symbol=Z*")).rejects.toMatchObject({ code: "no-parquet", exitCode: 4 });
    await expect(found("symbol=SPX/*.parquet")).rejects.toMatchObject({
      code: "not-found",
      hint: expect.stringContaining("symbol=SPY"),
    });
  });
});

describe("the zone of naive times", () => {
  const readings = [
    { name: "UTC", zone: undefined },
    { name: "America/New_York", zone: undefined },
  ];
  const decide = (utc: number, local: number) =>
    decideZone(
      {
        volume: 1000,
        rows: 10,
        files: 1,
        inside: [
          { volume: utc, rows: 0 },
          { volume: local, rows: 0 },
        ],
      },
      readings,
      undefined,
      createXnysCalendar(),
    );

  test.each([
    [750, 600, "UTC"],
    [600, 750, "America/New_York"],
    [960, 120, "UTC"],
  ])("%d and %d of 1000 shares inside decide for %s", (utc, local, zone) =>
    expect(decide(utc, local).value).toBe(zone),
  );

  test.each([
    [749, 600],
    [750, 601],
    [900, 800],
    [500, 500],
  ])("%d and %d of 1000 do not decide", (utc, local) => {
    expect(() => decide(utc, local)).toThrow(/the times have no zone and the data does not tell it/);
  });

  test("rows decide where all volume is zero", () => {
    const shares = {
      volume: 0,
      rows: 100,
      files: 1,
      inside: [
        { volume: 0, rows: 10 },
        { volume: 0, rows: 90 },
      ],
    };
    expect(decideZone(shares, readings, undefined, createXnysCalendar())).toEqual({
      value: "America/New_York",
      how: "10.0 % of the rows in the regular session read as UTC, 90.0 % as America/New_York",
    });
  });
});

describe("tasks in order", () => {
  test("results are taken in order, no more than the limit run at once", async () => {
    const waiting: Array<() => void> = [];
    let [running, most] = [0, 0];
    const taken: number[] = [];
    const done = inOrder(
      [0, 1, 2, 3, 4, 5, 6, 7],
      3,
      async (item) => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => waiting.push(resolve));
        running--;
        return item;
      },
      (item) => void taken.push(item),
    );
    for (let i = 0; i < 8; i++) {
      // Last come, first served: results arrive in an order of their own.
      while (waiting.length === 0) await Promise.resolve();
      waiting.pop()!();
      for (let k = 0; k < 20; k++) await Promise.resolve();
    }
    await done;
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test("the first failure in order is thrown, after those under way have ended", async () => {
    let ended = 0;
    const run = inOrder(
      [0, 1, 2],
      3,
      async (item) => {
        for (let k = 0; k < (item === 2 ? 50 : 1); k++) await Promise.resolve();
        ended++;
        if (item > 0) throw new Error(`task ${item}`);
      },
      () => undefined,
    );
    await expect(run).rejects.toThrow("task 1");
    expect(ended).toBe(3);
  });
});

describe("the cache of row groups", () => {
  test("what no later session needs is not kept, and makes room first", () => {
    const cache = new GroupCache<string>(100);
    cache.put("now", "x", 10, 3, 3);
    expect(cache.get("now")).toBeUndefined();
    cache.put("soon over", "a", 60, 0, 1);
    cache.put("long", "b", 40, 0, 9);
    cache.put("too much", "c", 60, 1, 9);
    expect(cache.get("too much")).toBeUndefined();
    cache.put("after", "d", 60, 2, 9);
    expect([cache.get("soon over"), cache.get("long"), cache.get("after")]).toEqual([undefined, "b", "d"]);
  });
});
