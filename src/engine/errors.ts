/**
 * Every error a person may cause or meet, with a stable code, the facts, and what to do about it.
 * A bug is not one of these: it is an `assert` (assert.ts).
 */

/** Where in the data an error was found. */
export interface DataPlace {
  readonly file?: string;
  readonly rowGroup?: number;
  readonly column?: string;
  readonly row?: number;
}

/** Base of the errors with a code, a place and a hint. Crosses threads as plain data (`toPlain`, `fromPlain`). */
export class BardeckError extends Error {
  override readonly name: string = "BardeckError";
  /** @param exitCode what a command line that ends with this error returns */
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string = "",
    readonly place: DataPlace = {},
    readonly exitCode: number = 1,
  ) {
    super(message);
  }

  /** The error as plain data for another thread. */
  toPlain(): PlainError {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      hint: this.hint,
      place: { ...this.place },
      exitCode: this.exitCode,
      stack: this.stack ?? "",
    };
  }
}

/** The data cannot be used as asked (exit 3). */
export class DataError extends BardeckError {
  override readonly name = "DataError";
  constructor(code: string, message: string, hint = "", place: DataPlace = {}) {
    super(code, message, hint, place, 3);
  }
}

/** A file or folder cannot be reached, read or written (exit 4). */
export class FileError extends BardeckError {
  override readonly name = "FileError";
  constructor(code: string, message: string, hint = "", place: DataPlace = {}) {
    super(code, message, hint, place, 4);
  }
}

/** The person asked for something that makes no sense (exit 2). */
export class UsageError extends BardeckError {
  override readonly name = "UsageError";
  constructor(message: string, hint = "") {
    super("usage", message, hint, {}, 2);
  }
}

/** An error as it crosses a thread or a pipe. */
export interface PlainError {
  name: string;
  code: string;
  message: string;
  hint: string;
  place: DataPlace;
  exitCode: number;
  stack: string;
}

/** Any thrown value as plain data; a foreign error gets the code `internal`. */
export function plainError(error: unknown): PlainError {
  if (error instanceof BardeckError) return error.toPlain();
  const cause = error instanceof Error ? error : new Error(String(error));
  return {
    name: cause.name,
    code: "internal",
    message: cause.message,
    hint: "",
    place: {},
    exitCode: 1,
    stack: cause.stack ?? "",
  };
}

/** The error again, of its own class, with the stack of the thread it came from. */
export function fromPlain(plain: PlainError): BardeckError {
  const error =
    plain.name === "DataError"
      ? new DataError(plain.code, plain.message, plain.hint, plain.place)
      : plain.name === "FileError"
        ? new FileError(plain.code, plain.message, plain.hint, plain.place)
        : plain.name === "UsageError"
          ? new UsageError(plain.message, plain.hint)
          : new BardeckError(plain.code, plain.message, plain.hint, plain.place, plain.exitCode);
  error.stack = plain.stack;
  return error;
}
