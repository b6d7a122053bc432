import fc from "fast-check";
import { expect, it } from "vitest";
import { formatCommand, parseLine } from "../../../src/repl/language/parse.js";
import { quoteWord, splitLine } from "../../../src/repl/language/words.js";
import { VERBS } from "../../../src/repl/language/verbs.js";

const verbs = fc.constantFrom(...VERBS.map((verb) => verb.name));
const word = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom(";", '"', "'", "\\", " ", "", "#"),
);
const command = fc.record({ verb: verbs, words: fc.array(word, { maxLength: 5 }) });

it("a command that is written and parsed is the same, alone and among others", () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 4 }), (commands) => {
      expect(parseLine(commands.map(formatCommand).join("; "))).toEqual(commands);
    }),
    { numRuns: 2000 },
  );
});

it("any text is parsed or refused with a hint, never otherwise", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (line) => {
      try {
        for (const one of parseLine(line)) expect(parseLine(formatCommand(one))).toEqual([one]);
      } catch (error) {
        expect(error).toMatchObject({ code: "usage", hint: expect.stringMatching(/./) });
      }
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ["s", "step"],
  ["n", "step phase"],
  ["n 3", "step 3 phase"],
  ["b gap>=3", "break gap>=3"],
  ["tb SPY.last>168", "tbreak SPY.last>168"],
  ["i q", "info q"],
  ["del 2", "delete 2"],
  ["c", "continue"],
  ["rc", "reverse-continue"],
  ["u 15:58", "until 15:58"],
  ["g bug", "goto bug"],
  ["inf q", "info q"],
  ["BACK 2 phase", "back 2 phase"],
  ["ba", "back"],
  ["sp max", "speed max"],
  ["ch", "check"],
  ["q", "quit"],
])("%j is %j", (line, full) => {
  expect(parseLine(line).map(formatCommand)).toEqual([full]);
});

it("several commands are parted by semicolons, but not within quotes", () => {
  expect(parseLine(" until 15:58 ;; step phase; save 'a; b.ndjson';").map(formatCommand)).toEqual([
    "until 15:58",
    "step phase",
    'save "a; b.ndjson"',
  ]);
});

it("quotes keep a file name together, wherever they stand in it", () => {
  expect(parseLine(`save "my run.ndjson"`)[0].words).toEqual(["my run.ndjson"]);
  expect(parseLine(`save my' run'.ndjson`)[0].words).toEqual(["my run.ndjson"]);
  expect(parseLine(String.raw`save "a \"b\" \\ c"`)[0].words).toEqual([String.raw`a "b" \ c`]);
  expect(parseLine(String.raw`save C:\runs\new`)[0].words).toEqual([String.raw`C:\runs\new`]);
});

it("an empty line and a remark are no command", () => {
  for (const line of ["", "  ", ";", "# until 15:58; quit", "  # x"]) expect(parseLine(line)).toEqual([]);
});

it.each([
  ["stpe", '"stpe" is no command', "did you mean step?"],
  ["inof threads", '"inof" is no command', "did you mean info?"],
  ["p", '"p" could be play, pause', "write more of it"],
  ["d", '"d" could be delete, digest, diff', "write more of it"],
  ["qwertyuiop", '"qwertyuiop" is no command', "help lists the commands"],
  ["until 15:58; stpe", '"stpe" is no command', "did you mean step?"],
  ['save "a', "the quote at column 6 is not closed", "close it"],
  ["save it's", "the quote at column 8 is not closed", "quotes of the other kind"],
  ["x".repeat(10_001), "a line of 10001 characters is no command", "10000"],
  ["\u001b[2J", '"\\u001b[2J" is no command', "help lists"],
])("%j is refused and says why", (line, message, hint) => {
  expect(() => parseLine(line)).toThrow(expect.objectContaining({ message, hint: expect.stringContaining(hint) }));
});

it("words know where they stand, for a cursor", () => {
  const line = "until 15:58; save 'a b'";
  const { commands } = splitLine(line);
  expect(commands.map((words) => words.map(({ start, end }) => line.slice(start, end)))).toEqual([
    ["until", "15:58"],
    ["save", "'a b'"],
  ]);
});

it("a word is quoted only where it must be", () => {
  expect(["a", "SPY.last>168", "a b", "", "#x", "x#", "a;b", "it's", "a\tb"].map(quoteWord)).toEqual([
    "a",
    "SPY.last>168",
    '"a b"',
    '""',
    '"#x"',
    "x#",
    '"a;b"',
    `"it's"`,
    String.raw`"a\tb"`,
  ]);
});
