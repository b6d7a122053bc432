import { expect, it } from "vitest";
import { complete } from "../../../src/repl/language/complete.js";
import { fakeCatalog } from "../fakes.js";
import { fakeSession } from "../fake-session.js";

const session = fakeSession({ catalog: fakeCatalog({ symbols: ["AIG", "SPY"] }) });
session.break("gap>=3");
session.mark("bug");
session.watch("SPY.last");

const at = (line: string): readonly string[] => complete(line, line.length, session).candidates;

it.each([
  ["st", ["step"]],
  ["s", ["step", "speed", "save", "source", "script"]],
  ["until 15:58; ba", ["back"]],
  ["step ", ["bar", "minute", "event", "phase", "day"]],
  ["step 3 m", ["minute"]],
  ["step bar S", ["SPY"]],
  ["n ", ["bar", "minute", "event", "phase", "day"]],
  ["thread ", ["coordinator", "upkeep"]],
  ["thread upkeep ", ["step"]],
  ["info w", ["words", "watches"]],
  ["i quality ", ["AIG", "SPY"]],
  ["info bars SPY ", ["1m", "5m", "15m", "last"]],
  ["info journal ga", ["gap"]],
  ["info threads ", []],
  ["break ga", ["gap>="]],
  ["b SPY.l", ["SPY.last>", "SPY.low<"]],
  ["break phase=d", ["phase=drain", "phase=deactivate"]],
  ["break phase=roll if d", ["derived=complete", "derived=incomplete", "derived=stub", "day=2013-10-07"]],
  ["goto b", ["bug"]],
  ["goto 2", ["2013-10-07"]],
  ["delete ", ["1"]],
  ["unwatch ", ["SPY.last"]],
  ["watch AIG.q", ["AIG.quality", "AIG.quality30"]],
  ["speed ", ["1", "10", "60", "360", "3600", "max", "slower", "faster"]],
  ["mode c", ["clock"]],
  ["export ", ["data", "journal", "trace"]],
  ["help go", ["goto"]],
  ["save ", []],
  ["nonsense ", []],
  ["save 'a b", []],
  ["# st", []],
])("%j can become %j", (line, candidates) => {
  expect(at(line)).toEqual(candidates);
});

it("says which part of the line is replaced, and looks no further than the cursor", () => {
  expect(complete("until 15:58; info qu", 20, session)).toEqual({ start: 18, candidates: ["quality"] });
  expect(complete("st phase", 2, session)).toEqual({ start: 0, candidates: ["step"] });
});
