/**
 * What a command is given besides its arguments: where to write, what may stop it. Commands know no `process`, so
 * tests run them with streams of their own. Loaded at start: imports nothing.
 */
import type { Readable } from "node:stream";

/** Text coming in: a terminal's keys, a pipe or a file. */
export type InputStream = Readable & { readonly isTTY?: boolean };

/** Text going out, to a terminal, a pipe or a file. */
export interface OutputStream {
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  /** Resolves when the text has been handed to the system; rejects with an `OutputError`. */
  write(text: string): Promise<void>;
}

export interface CommandContext {
  /** Results. */
  readonly out: OutputStream;
  /** Messages and progress. */
  readonly err: OutputStream;
  /** Commands. */
  readonly input: InputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C, a request to terminate, or when nobody reads the results any more. */
  readonly signal: AbortSignal;
}

/** Results could not be written. `EPIPE`: the reader has gone, which is no fault. */
export class OutputError extends Error {
  override readonly name = "OutputError";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  get isClosedPipe(): boolean {
    return this.code === "EPIPE" || this.code === "ERR_STREAM_DESTROYED";
  }
}
