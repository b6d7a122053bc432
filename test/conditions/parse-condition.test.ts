/** Conditions as text: what is understood, what is refused and how, and the round trip through the normal form. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Atom } from "../../src/engine/conditions/condition.js";
import { parseCondition } from "../../src/engine/conditions/parse-condition.js";
import { UsageError } from "../../src/engine/errors.js";
import { conditions } from "./random-conditions.js";

const SYMBOLS = ["AIG", "BRK", "BRK.B", "ES=F", "SPY", "TSLA", "X.last"];
const parse = (text: string, symbols = SYMBOLS): { text: string; atoms: readonly Atom[] } =>
  parseCondition(text, { symbols });

function refused(text: string, symbols = SYMBOLS): UsageError {
  try {
    parseCondition(text, { symbols });
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
  throw new Error(`${text} was taken`);
}

it.each([
  ["quality<95", "quality<95"],
  ["quality30 <= 80.50", "quality30<=80.5"],
  ["gap >=3", "gap>=3"],
  ["SPY.last>168", "SPY.last>168"],
  ["SPY.LAST == 1e2", "SPY.last=100"],
  ["spy.Low<.5", "SPY.low<0.5"],
  ["last<-0", "last<0"],
  ["high=+3.", "high=3"],
  ["volume>1000000", "volume>1000000"],
  ["rejected", "rejected"],
  ["class=REJECTED", "rejected"],
  ["AIG.class = premarket", "AIG.class=preMarket"],
  ["Fill", "fill"],
  ["tsla.fill", "TSLA.fill"],
  ["derived=Incomplete", "derived=incomplete"],
  ["SPY.derived==stub", "SPY.derived=stub"],
  ["phase=Hand-Over", "phase=hand-over"],
  ["day = 2013-10-08", "day=2013-10-08"],
  ["15:58", "15:58"],
  ["9:30", "09:30"],
  ["24:00", "24:00"],
  ["2013-10-08 15:58", "2013-10-08 15:58"],
  ["2013-10-08T9:30", "2013-10-08 09:30"],
  ["15:58 and day=2013-10-08", "15:58 and day=2013-10-08"],
  ["day=2013-10-08 and 15:58", "2013-10-08 15:58"],
  ["phase=roll if day=2013-10-08", "phase=roll and day=2013-10-08"],
  ["  gap>=3   AND\tquality<95 If last>3 ", "gap>=3 and quality<95 and last>3"],
  ["gap>=3 and GAP>=3.0", "gap>=3"],
])("%s is %s", (text, normal) => {
  expect(parse(text).text).toBe(normal);
  expect(parse(normal)).toEqual(parse(text));
});

it("tells the parts of a condition", () => {
  expect(parse("TSLA.quality<95 and 2013-10-08 15:58").atoms).toEqual([
    { kind: "measure", symbol: "TSLA", measure: "quality", comparison: "<", value: 95 },
    { kind: "day", date: "2013-10-08" },
    { kind: "time", minuteOfDay: 958 },
  ]);
  expect(parse("rejected").atoms).toEqual([{ kind: "class", symbol: undefined, name: "rejected" }]);
});

it("symbols may hold dots and signs, and are taken up to the last dot that leaves a word", () => {
  const symbolOf = (text: string): string | undefined => {
    const [atom] = parse(text).atoms;
    return "symbol" in atom ? atom.symbol : undefined;
  };
  expect(symbolOf("BRK.B.quality<95")).toBe("BRK.B");
  expect(symbolOf("BRK.quality<95")).toBe("BRK");
  expect(symbolOf("BRK.last>168.5")).toBe("BRK");
  expect(symbolOf("ES=F.last<=95")).toBe("ES=F");
  expect(symbolOf("ES=F.fill")).toBe("ES=F");
  expect(symbolOf("X.last.last>1")).toBe("X.last");
});

it("takes a symbol as it is written first, and only then in another case", () => {
  const symbols = ["spy", "SPY", "Aig", "AIG"];
  expect(parse("spy.fill", symbols).text).toBe("spy.fill");
  expect(parse("SPY.fill", symbols).text).toBe("SPY.fill");
  const error = refused("aig.fill", symbols);
  expect([error.message, error.hint]).toEqual(['"aig" may be Aig or AIG', "write it in its own case"]);
});

it.each([
  ["", "the condition is empty", "write one like quality<95"],
  ["gap>=3 and", 'something is missing beside "and"', "write them between two"],
  ["if gap>=3", 'something is missing beside "and"', "write them between two"],
  ["gap>3 and and fill", "something is missing", "between two"],
  ["TSLA.qualty<95", '"TSLA.qualty<95": there is no condition on "qualty"', "did you mean quality?"],
  ["BRK.B.gp>=3", 'there is no condition on "gp"', "did you mean gap?"],
  ["TSLA.qual<95", 'there is no condition on "qual"', "did you mean quality?"],
  ["price>3", 'there is no condition on "price"', "quality, quality30, gap, last"],
  ["TSLX.quality<95", 'there is no symbol "TSLX" in this replay', "did you mean TSLA?"],
  ["ZZZZZZ.fill", 'there is no symbol "ZZZZZZ" in this replay', "there are AIG, BRK, BRK.B"],
  [".fill", "a symbol is missing before the dot", "leave the dot out"],
  ["SPY", '"SPY" does not say what of it', "write it like SPY.last>100"],
  ["quality", '"quality": quality is a number and needs a comparison', "write it like quality<95"],
  ["gap>=", '"gap>=": a number is missing', "write it like gap>=3"],
  ["quality<95%", '"95%" is no number', "write it like quality<95"],
  ["volume>1,000", '"1,000" is no number', "write it like volume>100"],
  ["last>Infinity", '"Infinity" is no number', "write it like last>100"],
  ["last>1e999", '"1e999" is no number', "write it like last>100"],
  ["last>NaN", '"NaN" is no number', "write it like last>100"],
  ["last>0x10", '"0x10" is no number', "write it like last>100"],
  ["gap=>3", "there is no comparison =>", "take < <= > >= or ="],
  ["gap<>3", "there is no comparison <>", "take < <= > >= or ="],
  ["gap>3 or fill", '"3 or fill" is no number', 'there is no "or": set a breakpoint for each'],
  ["fill=1", '"fill=1": fill stands alone', "write fill"],
  ["rejected>3", "rejected stands alone", "write rejected"],
  ["class", '"class" does not say which class', "write class=duplicate"],
  ["class=", "does not say which class", "write class=duplicate"],
  ["class>rejected", "a class has a name, not a size", "write class=duplicate"],
  ["class=duplicat", 'there is no row class "duplicat"', "did you mean duplicate?"],
  ["duplicate", '"duplicate" alone is no condition', "write class=duplicate"],
  ["roll", '"roll" alone is no condition', "write phase=roll"],
  ["incomplete", '"incomplete" alone is no condition', "write derived=incomplete"],
  ["derived=partial", 'there is no status "partial"', "there are complete, incomplete, stub"],
  ["derived=none", 'there is no status "none"', "there are complete, incomplete, stub"],
  ["phase=rol", 'there is no step of the end of a day "rol"', "did you mean roll?"],
  ["SPY.phase=roll", "a phase has no symbol", "write phase=roll"],
  ["day=2014-02-31", 'day: "2014-02-31" is not a date: February 2014 has 28 days', "write 2014-02-28?"],
  ["2014-02-31 15:58", '"2014-02-31" is not a date', "write 2014-02-28?"],
  ["2013-10-08", '"2013-10-08" is a date alone', "write day=2013-10-08"],
  ["25:00", '"25:00" is no time of day', "write it like 15:58"],
  ["15:60", '"15:60" is no time of day', "write it like 15:58"],
  ["24:01", '"24:01" is no time of day', "write it like 15:58"],
  ["15:5", '"15:5" is no time of day', "write it like 15:58"],
  ["15:58:00", '"15:58:00" is no time of day', "write it like 15:58"],
  ["1558", '"1558" is no condition', "write a time like 15:58"],
])("refuses %o: %s", (text, message, hint) => {
  const error = refused(text);
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});

it.each([
  ["noSession", "days without a session"],
  ["outOfRange", "not asked for"],
  ["wrongSymbol", "symbols that are not replayed"],
  ["unread", "never read"],
])("says why rows of class %s cannot be waited for", (name, why) => {
  const error = refused(`class=${name}`);
  expect(error.message).toContain(`class=${name} cannot be waited for`);
  expect(error.message).toContain(why);
  expect(error.hint).toContain("streamed, preMarket, afterHours, atClose, rejected, duplicate, conflict");
  expect(error.hint).not.toContain(name);
});

it.each([
  ["phase=roll and phase=load", "phase=roll and phase=load never hold together: no place has two phases"],
  ["15:58 and 15:59", "15:58 and 15:59 never hold together: no place has two times"],
  ["day=2013-10-08 if day=2013-10-09", "no place has two days"],
  ["2013-10-08 15:58 and day=2013-10-09", "no place has two days"],
  ["15:58 if phase=roll", "phase=roll and 15:58 never hold together: a time of day is a place between bars"],
  ["rejected if phase=roll", "rejected and phase=roll never hold together: it happens at a bar"],
  ["gap>3 and SPY.fill and 15:58", "SPY.fill and 15:58 never hold together: it happens at a bar"],
  ["SPY.fill and AIG.rejected", "SPY.fill and AIG.rejected never hold together: they are never at the same bar"],
  ["fill and SPY.class=streamed", "fill and SPY.class=streamed never hold together: a bar is one of both"],
])("refuses what never holds: %s", (text, message) => {
  expect(refused(text).message).toContain(message);
  expect(refused(text).hint).not.toBe("");
});

it("the same place or event twice is no contradiction", () => {
  expect(parse("15:58 and 15:58").atoms).toHaveLength(1);
  expect(parse("SPY.fill and fill and SPY.fill").atoms).toHaveLength(2);
});

it("a long part is cut in the message, and a condition has a longest length", () => {
  for (const text of ["x".repeat(1990), `${"x".repeat(1990)}.fill`, `gap>${"9".repeat(1990)}x`])
    expect(refused(text).message.length).toBeLessThan(200);
  expect(refused("x".repeat(100_000)).message).toBe("a condition of 100000 characters");
});

it("any text is a condition or a UsageError with a hint", () => {
  const words = fc.constantFrom(
    ..."quality gap last SPY BRK.B . < <= = > and if 15:58 2013-10-08 fill class phase".split(" "),
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 6 }).map((some) => some.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        expect(parse(parse(text).text)).toEqual(parse(text));
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        expect(error.hint).not.toBe("");
      }
    }),
  );
});

it("a condition is the same after a trip through its text", () => {
  fc.assert(
    fc.property(conditions(SYMBOLS), (condition) => {
      expect(parse(condition.text)).toEqual(condition);
    }),
  );
});
