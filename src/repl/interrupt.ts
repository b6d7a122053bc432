/**
 * What ends the program before its command does: Ctrl-C, a request to terminate, a reader that has gone. The first
 * asks the command to stop (it disposes of its session, which removes what is half written); the second is obeyed at once.
 */
import { EXIT } from "./exit-codes.js";

/** The part of `process` that is used. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
  exit(code: number): never;
}

export interface Interrupt {
  readonly signal: AbortSignal;
  /** What the program must return, once something has asked it to stop. */
  readonly exitCode: number | undefined;
  /** Asks the command to stop; the first reason decides the exit code. */
  stop(exitCode: number): void;
}

/** How long a command may take to leave. The session promises 2 s; nothing may make a person wait longer. */
const PATIENCE_MS = 1900;

/** Listens to the signals of `source` until the program ends. */
export function createInterrupt(source: SignalSource): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (code: number): void => {
    if (exitCode !== undefined) return;
    exitCode = code;
    setTimeout(() => source.exit(code), PATIENCE_MS).unref();
    controller.abort();
  };
  const signalled = (code: number) => (): void => {
    if (controller.signal.aborted) source.exit(code);
    stop(code);
  };
  source.on("SIGINT", signalled(EXIT.interrupted));
  source.on("SIGTERM", signalled(EXIT.terminated));
  source.on("SIGHUP", signalled(129));
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    stop,
  };
}
