/** From what terminals send to names of keys. */
import { expect, it } from "vitest";
import { KeyReader } from "../../../../src/repl/dashboard/terminal/key-reader.js";

const read = (text: string) => new KeyReader().push(text);

it("splits keys that were typed fast and arrive as one string", () => {
  expect(read("10.nn \x1b[C\x1b[C,\r")).toEqual(["1", "0", ".", "n", "n", "space", "right", "right", ",", "enter"]);
});

it.each([
  ["\x1b[A\x1bOA", ["up", "up"]],
  ["\t\x1b[Z", ["tab", "shift-tab"]],
  ["\x03\x04\x0c\x15\x1a", ["ctrl-c", "ctrl-d", "ctrl-l", "ctrl-u", "ctrl-z"]],
  ["\x7f\b\x1b[3~", ["backspace", "backspace", "delete"]],
  ["\x1b[5~\x1b[6~\x1b[H\x1b[4~", ["page-up", "page-down", "home", "end"]],
  ["ü→\u{1f680}", ["ü", "→", "\u{1f680}"]],
  ["\x1b[?1;2c\x1b[200;5Rq", ["q"]],
])("reads %j", (text, keys) => {
  expect(read(text)).toEqual(keys);
});

it("puts sequences together that arrive in pieces", () => {
  const reader = new KeyReader();
  expect(reader.push("a\x1b")).toEqual(["a"]);
  expect(reader.waits).toBe(true);
  expect(reader.push("[")).toEqual([]);
  expect(reader.push("Cb")).toEqual(["right", "b"]);
  expect(reader.waits).toBe(false);
});

it("takes what has begun and goes no further for Esc", () => {
  const reader = new KeyReader();
  reader.push("\x1b");
  expect(reader.flush()).toEqual(["esc"]);
  expect(reader.flush()).toEqual([]);
  expect(new KeyReader().push("\x1bq")).toEqual(["esc", "q"]);
});

it("gives pasted text as one key, however it arrives", () => {
  const reader = new KeyReader();
  expect(reader.push("\x1b[200~quit\nq")).toEqual([]);
  expect(reader.waits).toBe(false); // no time makes a paste an Esc
  expect(reader.push("q\x1b[201~x")).toEqual([{ paste: "quit\nqq" }, "x"]);
});

it("never waits for more than a sequence can have", () => {
  expect(read(`\x1b[${"1;".repeat(40)}`)[0]).toBe("esc");
});
