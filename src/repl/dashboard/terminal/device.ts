/**
 * The terminal this process was started on, as far as the dashboard uses it. The only file of the dashboard that says
 * `process.stdin`, so that tests bring a terminal of their own.
 */
import { write, writeSync } from "node:fs";
import { constants } from "node:os";
import type { ScreenSize, SendText } from "./screen.js";

/** Signals that concern a terminal which has been taken over. */
export type TerminalSignal = "SIGTSTP" | "SIGCONT";
/** Ways out of the process that do not ask the dashboard. */
export type LastMoment = "exit" | "uncaughtException" | "unhandledRejection";

export interface TerminalDevice {
  size(): ScreenSize;
  onResize(listener: () => void): () => void;
  /** Asks the system for the size: a job that is stopped is not told of another one. */
  refreshSize(): void;
  /** Keys raw: no echo, no line editing, no signals from keys. */
  setRaw(raw: boolean): void;
  /** Keys as they come. Returns what ends it. */
  readKeys(listener: (text: string) => void): () => void;
  readonly send: SendText;
  /** Waits for the terminal: for the last words of a process. Never throws. */
  sendNow(text: string): void;
  onSignal(signal: TerminalSignal, listener: () => void): () => void;
  /** Called before anybody else is told. */
  onLastMoment(moment: LastMoment, listener: () => void): () => void;
  /** Sends SIGTSTP to all processes of the job, or to this one alone. */
  stop(who: "job" | "process"): void;
  /** The process is about to end, in the background: from now on not even its end may touch the terminal. */
  leaveAlone(): void;
}

/** How long to wait before offering the same bytes to a terminal that was full. */
const RETRY_MS = 5;
/** How long the last words wait for such a terminal. */
const PATIENCE_MS = 200;

/** Standard input and output; both must be terminals. */
export function processDevice(): TerminalDevice {
  const { stdin, stdout } = process;
  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    onResize: (listener) => listenTo(stdout, "resize", listener),
    // Node asks the system when it gets this signal, and at no other time.
    refreshSize: () => void process.emit("SIGWINCH", "SIGWINCH"),
    setRaw: (raw) => void stdin.setRawMode(raw),
    readKeys(listener) {
      stdin.setEncoding("utf8");
      stdin.on("data", listener);
      stdin.on("error", ignore); // a terminal that was closed; SIGHUP says so too
      stdin.resume();
      return () => {
        stdin.off("data", listener);
        stdin.pause();
      };
    },
    send: (text, done) => sendAll(stdout.fd, Buffer.from(text), done),
    sendNow: (text) => sendAllNow(stdout.fd, Buffer.from(text)),
    onSignal: (signal, listener) => listenTo(process, signal, listener),
    onLastMoment(moment, listener) {
      process.prependListener(moment as "exit", listener);
      return () => void process.off(moment as "exit", listener);
    },
    stop: (who) => void process.kill(who === "job" ? 0 : process.pid, "SIGTSTP"),
    leaveAlone: () => void process.once("exit", endBySignal),
  };
}

/**
 * Writes in the background. `process.stdout.write` would not do: to a terminal it is synchronous, so a slow link would
 * stop the whole main thread, keys included.
 */
function sendAll(fd: number, bytes: Buffer, done: (error?: Error | null) => void): void {
  write(fd, bytes, (error, count) => {
    if (error?.code === "EAGAIN") setTimeout(() => sendAll(fd, bytes, done), RETRY_MS);
    else if (error || count === bytes.length) done(error);
    else sendAll(fd, bytes.subarray(count), done);
  });
}

/** Waits for a terminal that is full, but not for one that takes nothing any more. */
function sendAllNow(fd: number, bytes: Buffer): void {
  const deadline = performance.now() + PATIENCE_MS;
  for (let sent = 0; sent < bytes.length && performance.now() < deadline;) {
    try {
      sent += writeSync(fd, bytes, sent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return; // the terminal has gone
    }
  }
}

/**
 * Ends by the signal that the exit code stands for. At an end of its own Node sets the mode of the terminal back, and a process
 * of the background is stopped for that, until somebody brings it to the front.
 */
function endBySignal(code: number): void {
  const signal = ENDING_SIGNALS.find((name) => code === 128 + constants.signals[name]);
  if (signal === undefined) return;
  process.removeAllListeners(signal); // so that the system does with it what it does to every process
  process.kill(process.pid, signal);
}

const ENDING_SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

function ignore(): void {}

function listenTo(source: NodeJS.EventEmitter, event: string, listener: () => void): () => void {
  source.on(event, listener);
  return () => void source.off(event, listener);
}
