/** The last words of a program that failed: text on stderr, and with `--json` a line on stdout. */
import { FileError, plainError, type PlainError } from "../engine/index.js";
import { OutputError, type CommandContext } from "./context.js";
import { describeError } from "./output/errors.js";
import { errorLine, jsonText } from "./output/json.js";
import { createPrinter } from "./output/printer.js";

/** Returns the exit code. Never rejects: there is nobody left to tell. */
export async function reportError(error: unknown, context: CommandContext, argv: readonly string[]): Promise<number> {
  const plain = explain(error);
  const printer = createPrinter(context, { color: !argv.includes("--no-color"), ascii: argv.includes("--ascii") });
  if (argv.includes("--json")) await context.out.write(jsonText(errorLine(plain))).catch(() => {});
  await printer.messages(describeError(plain, printer.errTheme));
  return plain.exitCode;
}

function explain(error: unknown): PlainError {
  if (!(error instanceof OutputError)) return plainError(error);
  const why = error.code === "ENOSPC" ? "the disk is full" : error.message;
  return new FileError("cannot-write", `cannot write the results: ${why}`, "write them to another place").toPlain();
}
