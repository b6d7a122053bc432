/** What the program does with its arguments, in whatever process: streams and signals come with the context. */
import { CommanderError } from "commander";
import type { CommandContext, OutputStream } from "./context.js";
import { EXIT } from "./exit-codes.js";
import { buildProgram, SHORT_HELP } from "./program.js";
import { readVersion } from "./version.js";

/**
 * Runs the command that `args` name to its end.
 *
 * @returns the exit code
 * @throws UsageError for arguments that make no sense, and whatever the command throws: report-error.ts tells it
 */
export async function carryOut(args: readonly string[], context: CommandContext): Promise<number> {
  if (args.length === 0) {
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
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw await (await import("./usage.js")).usageError(error, args);
  }
  for (const { to, text } of said) await to.write(text);
  return code;
}
