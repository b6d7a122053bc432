import { expect, it } from "vitest";
import fc from "fast-check";
import { UsageError } from "../../src/engine/index.js";
import { checkFailSymbols, describeHit, findHits, parseFailIf } from "../../src/repl/options/fail-if.js";
import { fakeDay, fakeLeftOut, fakeSymbol } from "./fakes.js";

const day = fakeDay({
  symbols: [
    fakeSymbol({ symbol: "BRK.B", quality: 94.999999, missing: 20, longestGap: 4 }),
    fakeSymbol({ symbol: "SPY", rejected: 2, duplicates: 1 }),
    fakeSymbol({ symbol: "TSLA", quality: null, missing: 390 }),
  ],
}).record;

function held(text: string): string[] {
  return findHits([parseFailIf(text)], day).map((hit) => hit.symbol);
}

it("tries a condition on every symbol of a session", () => {
  expect(held("quality<95")).toEqual(["BRK.B"]);
  expect(held("quality < 95 %")).toEqual(["BRK.B"]);
  expect(held("rejected>=2")).toEqual(["SPY"]);
  expect(held("rejected>2")).toEqual([]);
  expect(held("duplicates=1")).toEqual(["SPY"]);
  expect(held("longestgap<=4")).toEqual(["BRK.B", "SPY", "TSLA"]);
});

it("holds for no quality that is unknown, while its missing minutes count", () => {
  expect(held("quality<=100")).toEqual(["BRK.B", "SPY"]);
  expect(held("missing>100")).toEqual(["TSLA"]);
});

it("holds for nothing of a symbol that was left out, whatever it asks", () => {
  const left = fakeDay({ symbols: [fakeSymbol({ symbol: "SPY" }), fakeLeftOut("IBM")] }).record;
  for (const text of [
    "quality<101",
    "missing<1",
    "longestGap=0",
    "rejected=0",
    "duplicates<=0",
    "filled=0",
    "IBM.missing=0",
  ])
    expect(findHits([parseFailIf(text)], left).map((hit) => hit.symbol)).toEqual(text.startsWith("IBM") ? [] : ["SPY"]);
});

it("can be about one symbol, dots and all", () => {
  expect(held("BRK.B.quality<95")).toEqual(["BRK.B"]);
  expect(held("SPY.quality<95")).toEqual([]);
});

it("tells what held without rounding it onto the limit", () => {
  const [hit] = findHits([parseFailIf("quality<95")], day);
  expect(describeHit(hit)).toBe("BRK.B 2013-10-07: quality 94.99 (quality<95)");
  const [near] = findHits([parseFailIf("quality>94.99")], day);
  expect(describeHit(near)).toBe("BRK.B 2013-10-07: quality 94.999 (quality>94.99)");
});

it.each([
  ["qualty<95", "did you mean quality?"],
  ["quality", 'write --fail-if "quality<95"'],
  ["quality<", 'write --fail-if "quality<95"'],
  ["quality!95", 'write --fail-if "quality<95"'],
  ["quality<-5", 'write --fail-if "quality<95"'],
  ["zebra>1", "it can be quality, missing"],
])("refuses %j with the hint %j", (text, hint) => {
  const refused = (): unknown => parseFailIf(text);
  expect(refused).toThrow(UsageError);
  try {
    refused();
  } catch (error) {
    expect((error as UsageError).hint).toContain(hint);
  }
});

it("refuses a symbol that is not replayed", () => {
  expect(() => checkFailSymbols([parseFailIf("TSAL.quality<95")], ["SPY", "TSLA"])).toThrow(/TSAL is not replayed/);
  expect(() => checkFailSymbols([parseFailIf("TSLA.quality<95")], ["SPY", "TSLA"])).not.toThrow();
});

it("agrees with JavaScript about every comparison", () => {
  const compare = fc.constantFrom("<", "<=", ">", ">=", "=");
  fc.assert(
    fc.property(compare, fc.nat(400), fc.nat(400), (sign, missing, limit) => {
      const record = fakeDay({ symbols: [fakeSymbol({ missing })] }).record;
      const expected = {
        "<": missing < limit,
        "<=": missing <= limit,
        ">": missing > limit,
        ">=": missing >= limit,
        "=": missing === limit,
      };
      expect(findHits([parseFailIf(`missing${sign}${limit}`)], record).length > 0).toBe(
        expected[sign as keyof typeof expected],
      );
    }),
  );
});
