/**
 * The streams of the process as commands see them. Owns the one place where a pipe closed early is noticed, whether
 * something is being written or not.
 */
import { OutputError, type OutputStream } from "./context.js";

/** The part of `process.stdout` that is used. */
export interface ProcessStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string, done: (error?: Error | null) => void): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Wraps a stream. After its first error every write rejects with it, and `onError` has been called once.
 * A write waits for the system, so a slow reader slows the writer instead of filling the memory.
 */
export function wrapStream(stream: ProcessStream, onError: (error: OutputError) => void): OutputStream {
  let failed: OutputError | undefined;
  const fail = (error: Error): OutputError => {
    if (failed === undefined) {
      failed = new OutputError((error as NodeJS.ErrnoException).code ?? "", error.message);
      onError(failed);
    }
    return failed;
  };
  stream.on("error", fail);
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    write(text) {
      if (failed) return Promise.reject(failed);
      return new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(fail(error)) : resolve()));
      });
    },
  };
}
