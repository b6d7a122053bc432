#!/usr/bin/env node
/**
 * The program: arguments → command → exit code. Owns the process: its streams, its signals and its end. Everything
 * that costs time to load is imported when it is needed.
 */
import { carryOut } from "./carry-out.js";
import { OutputError, type CommandContext } from "./context.js";
import { EXIT } from "./exit-codes.js";
import { createInterrupt } from "./interrupt.js";
import { wrapStream } from "./streams.js";

const interrupt = createInterrupt(process);
const context: CommandContext = {
  // The reader of the results has gone: nobody wants the rest, and that is no fault.
  out: wrapStream(process.stdout, (error) => interrupt.stop(error.isClosedPipe ? EXIT.ok : EXIT.inputOutput)),
  err: wrapStream(process.stderr, () => {}),
  // Opened when it is asked for: a program that reads nothing must not take what others wait for.
  get input() {
    return process.stdin;
  },
  env: process.env,
  signal: interrupt.signal,
};
process.on("uncaughtException", (error) => void fail(error));
process.on("unhandledRejection", (error) => void fail(error));
// Nothing left to wait for before the command has answered: never taken for success.
process.on("beforeExit", () => void fail(new Error("the command stopped without an answer")));

const args = process.argv.slice(2);
void carryOut(args, context).then(
  (code) => leave(code),
  (error: unknown) => fail(error),
);

let failing = false;

/**
 * Reports what nobody caught and ends. Never rejects: its own failure would be reported by itself, for ever.
 * An interrupted command may fail in any way: that is not reported.
 */
async function fail(error: unknown): Promise<void> {
  if (interrupt.exitCode !== undefined && !isWriteError(error)) return leave(interrupt.exitCode);
  if (error instanceof OutputError && error.isClosedPipe) return leave(EXIT.ok);
  if (failing) return; // one report is enough; it is on its way
  failing = true;
  try {
    const { reportError } = await import("./report-error.js");
    leave(await reportError(error, context, args));
  } catch (broken) {
    await context.err
      .write(`error: ${String(error)}\n  and it could not be reported: ${String(broken)}\n`)
      .catch(() => {});
    leave(EXIT.internal);
  }
}

function isWriteError(error: unknown): boolean {
  return error instanceof OutputError && !error.isClosedPipe;
}

/** All that was written has been handed to the system by now; threads and handles that are left do not matter. */
function leave(code: number): void {
  process.exit(interrupt.exitCode ?? code);
}
