/** Files of commands: read as a whole before the first is carried out. */
import { readFile, stat } from "node:fs/promises";
import { BardeckError, escapeName, FileError, UsageError, type PlainError } from "../../engine/index.js";

export interface SourceLine {
  readonly line: string;
  /** From 1. */
  readonly number: number;
}

const LARGEST_BYTES = 1_000_000;

/** Lines that are neither empty nor a remark. Throws a `FileError` that names the file. */
export async function readSource(file: string): Promise<SourceLine[]> {
  const name = escapeName(file);
  let text: string;
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new UsageError(`source: ${name} is no file`, "name a file of commands, one a line");
    if (found.size > LARGEST_BYTES)
      throw new UsageError(`source: ${name} has ${found.size} bytes: too many for commands`, "is it another file?");
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof BardeckError) throw error;
    const why = whyUnreadable(error as NodeJS.ErrnoException);
    throw new FileError("cannot-read", `source: cannot read ${name}: ${why}`, "name a file of commands, one a line");
  }
  return text
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => !/^\s*(#|$)/.test(line));
}

/** `it does not exist`, rather than what the system calls that. */
export function whyUnreadable({ code, message }: NodeJS.ErrnoException): string {
  return { ENOENT: "it does not exist", EACCES: "no permission" }[code ?? ""] ?? message;
}

/** The error of a line of a file: where it is, and what is wrong. Its code and exit code are those of the error. */
export class SourceError extends BardeckError {
  override readonly name = "SourceError";

  constructor(file: string, line: number, { code, message, hint, place, exitCode }: PlainError) {
    super(code, `${escapeName(file)} line ${line}: ${message}`, hint, place, exitCode);
  }
}
