#!/usr/bin/env node
/**
 * The program: arguments → command → exit code. Owns the process: its streams, its signals and its end. Everything
 * that costs time to load is imported when it is needed.
 */
import { CommanderError } from "commander";
import { OutputError, type CommandContext, type OutputStream } from "./context.js";
import { EXIT } from "./exit-codes.js";
import { createInterrupt } from "./interrupt.js";
import { buildProgram, SHORT_HELP } from "./program.js";
import { wrapStream } from "./streams.js";
import { readVersion } from "./version.js";

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
void main(args).then(
  (code) => leave(code),
  (error: unknown) => fail(error),
);

async function main(argv: string[]): Promise<number> {
  if (argv.length === 0) {
    await context.out.write(SHORT_HELP);
    return EXIT.ok;
  }
  const said: { to: OutputStream; text: string }[] = [];
  let code: number = EXIT.ok;
  const program = buildProgram(
    context,
    readVersion(),
    {
      writeOut: (text) => said.push({ to: context.out, text }),
      writeErr: (text) => said.push({ to: context.err, text }),
    },
    (answer) => (code = answer),
  );
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw await (await import("./usage.js")).usageError(error, argv);
  }
  for (const { to, text } of said) await to.write(text);
  return code;
}

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
