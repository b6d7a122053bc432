import { expect, it, vi } from "vitest";
import { OutputError } from "../../src/repl/context.js";
import { createInterrupt } from "../../src/repl/interrupt.js";
import { wrapStream, type ProcessStream } from "../../src/repl/streams.js";
import { quoteArgument } from "../../src/repl/commands/command-line.js";

function fakeProcess() {
  const listeners = new Map<string, () => void>();
  const exits: number[] = [];
  return {
    exits,
    send: (signal: string) => listeners.get(signal)?.(),
    on: (signal: string, listener: () => void) => listeners.set(signal, listener),
    exit: (code: number) => {
      exits.push(code);
      return undefined as never;
    },
  };
}

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("the first %s asks to stop, the second is obeyed at once", (signal, code) => {
  const source = fakeProcess();
  const interrupt = createInterrupt(source);
  expect(interrupt.exitCode).toBeUndefined();
  source.send(signal);
  expect(interrupt.signal.aborted).toBe(true);
  expect(interrupt.exitCode).toBe(code);
  expect(source.exits).toEqual([]);
  source.send(signal);
  expect(source.exits).toEqual([code]);
});

it("a command that does not leave is ended within two seconds", () => {
  vi.useFakeTimers();
  try {
    const source = fakeProcess();
    createInterrupt(source);
    source.send("SIGINT");
    vi.advanceTimersByTime(2000);
    expect(source.exits).toEqual([130]);
  } finally {
    vi.useRealTimers();
  }
});

it("the first reason to stop decides the exit code", () => {
  const source = fakeProcess();
  const interrupt = createInterrupt(source);
  interrupt.stop(0);
  interrupt.stop(130);
  expect(interrupt.exitCode).toBe(0);
});

it("a closed pipe is told once, and every later write is refused", async () => {
  const stream: ProcessStream = {
    write: (_, done) => {
      done(Object.assign(new Error("gone"), { code: "EPIPE" }));
      return false;
    },
    on: () => undefined,
  };
  const errors: OutputError[] = [];
  const out = wrapStream(stream, (error) => errors.push(error));
  await expect(out.write("a")).rejects.toMatchObject({ isClosedPipe: true });
  await expect(out.write("b")).rejects.toBeInstanceOf(OutputError);
  expect(errors).toHaveLength(1);
  expect([out.isTerminal, out.columns]).toEqual([false, undefined]);
});

it("a pipe that closes while nothing is written is noticed too", async () => {
  let fail: (error: Error) => void = () => {};
  const stream: ProcessStream = { write: () => true, on: (_, listener) => (fail = listener) };
  const errors: OutputError[] = [];
  const out = wrapStream(stream, (error) => errors.push(error));
  fail(Object.assign(new Error("full"), { code: "ENOSPC" }));
  expect(errors[0]).toMatchObject({ code: "ENOSPC", isClosedPipe: false });
  await expect(out.write("a")).rejects.toMatchObject({ code: "ENOSPC" });
});

it("words of a command line survive a shell, and show no control characters", () => {
  expect(["plain/path.parquet", "two words", "it's", "a\u001b[2Jb", "back\\slash\n"].map(quoteArgument)).toEqual([
    "plain/path.parquet",
    "'two words'",
    "'it'\\''s'",
    "$'a\\x1b[2Jb'",
    "$'back\\\\slash\\n'",
  ]);
});
