/**
 * The command line in this process, without a program to start. Says nothing of the process itself, its streams, signals and end: for those, run-cli.ts.
 */
import { Readable } from "node:stream";
import { carryOut } from "../../src/repl/carry-out.js";
import { reportError } from "../../src/repl/report-error.js";
import { fakeContext } from "./fakes.js";
import type { CliOptions, CliResult } from "./run-cli.js";

/** Runs `bardeck …` to its end, as `runCli` does. */
export async function runHere(args: readonly string[], { home, env = {}, input }: CliOptions): Promise<CliResult> {
  const folders = {
    XDG_CACHE_HOME: `${home}/cache`,
    XDG_CONFIG_HOME: `${home}/config`,
    XDG_STATE_HOME: `${home}/state`,
  };
  const context = fakeContext({
    env: { ...folders, ...env },
    input: Readable.from(input === undefined ? [] : [Buffer.from(input)]),
  });
  const code = await carryOut(args, context).catch((error: unknown) => reportError(error, context, args));
  return { code, stdout: context.out.text, stderr: context.err.text };
}
