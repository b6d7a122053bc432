/** Lines from a pipe or a file, one at a time: the next is read when the one before has been dealt with. */
import { addAbortSignal } from "node:stream";
import { FileError } from "../../engine/index.js";
import type { InputStream } from "../context.js";

/** A line that never ends must not fill the memory; nobody writes commands that long. */
const LONGEST_LINE = 1_000_000;

/** Ends with the stream, and when the signal is aborted. Throws a `FileError` when it cannot be read. */
export async function* pipeLines(input: InputStream, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of addAbortSignal(signal, input)) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split(/\r\n|\n/);
      rest = lines.pop()!;
      if (rest.length > LONGEST_LINE)
        throw new FileError("cannot-read", "a line of the input never ends", "write one command a line");
      yield* lines;
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof FileError) throw error;
    throw new FileError("cannot-read", `cannot read the commands: ${(error as Error).message}`, "give them on stdin");
  }
  if (rest !== "") yield rest;
}
