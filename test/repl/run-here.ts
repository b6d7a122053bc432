/**
 * The command line in this process: what cli.ts does with its arguments, without a program to start. Says nothing of
 * the process itself, its streams, signals and end: for those, run-cli.ts.
 */
import { Readable } from "node:stream";
import { CommanderError } from "commander";
import { buildProgram } from "../../src/repl/program.js";
import { reportError } from "../../src/repl/report-error.js";
import { usageError } from "../../src/repl/usage.js";
import { readVersion } from "../../src/repl/version.js";
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

/** `main` of cli.ts, which cannot be imported: it starts with the file. */
async function carryOut(args: readonly string[], context: ReturnType<typeof fakeContext>): Promise<number> {
  const said: { readonly to: typeof context.out; readonly text: string }[] = [];
  let code = 0;
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
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, args);
  }
  for (const { to, text } of said) await to.write(text);
  return code;
}
