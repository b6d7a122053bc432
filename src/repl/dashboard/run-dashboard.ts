/**
 * The dashboard of an open session, from its first frame to its end. Joins terminal, store, keys and Ink; each knows only
 * its part.
 */
import { BardeckError, plainError, type PlainError, type Session } from "../../engine/index.js";
import { Shell } from "../language/shell.js";
import { createTheme } from "../output/theme.js";
import type { UserPaths } from "../paths.js";
import { dateAndTime, viewStyle } from "../views/style.js";
import { fillIn, stack } from "./canvas.js";
import { Controls } from "./controls.js";
import type { Frame } from "./frame.js";
import type { Ink } from "./ink.js";
import type { Paint } from "./parts/row.js";
import { Store } from "./store.js";
import type { Key } from "./terminal/key-reader.js";
import type { Terminal } from "./terminal/terminal.js";

export interface DashboardOptions {
  readonly session: Session;
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly paths: UserPaths;
  readonly setup?: readonly string[];
  readonly exec?: readonly string[];
  readonly preamble?: (session: Session) => readonly string[];
  readonly signal: AbortSignal;
  /** Monotonic milliseconds by which frames are paced. */
  readonly now?: () => number;
}

export type Ending = "quit" | "interrupted";

/**
 * Shows the session until the person leaves or `signal` is aborted. Rejects with what made the session fail; the terminal
 * is still the dashboard's then, and the caller's to close.
 */
export class Dashboard {
  readonly store: Store;
  readonly controls: Controls;
  /** Resolves when the person leaves. */
  readonly ended: Promise<Ending>;
  /** Lays frames out once it is loaded; until then they are stacked. */
  private ink: Ink | undefined;
  private loading: Promise<void> = Promise.resolve();
  private end!: (how: Ending) => void;
  private fail!: (error: Error) => void;
  private readonly undo: (() => void)[] = [];

  constructor(private readonly options: DashboardOptions) {
    const { terminal, paint, paths, signal } = options;
    const session = options.session.as("dashboard");
    this.ended = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    const { screen } = terminal;
    this.store = new Store({ session, size: screen, paint, draw: (frame) => this.draw(frame), now: options.now });
    const style = {
      ...viewStyle(session, createTheme({ color: false, ascii: paint.ascii }), 0),
      /** Inside the border of what stands in front of the panels, as wide as the screen is now. */
      get width() {
        return screen.columns - 3;
      },
    };
    const shell = new Shell({ session, style, paths, signal, preamble: options.preamble?.(session) });
    this.controls = new Controls({
      session,
      shell,
      store: this.store,
      repaint: () => screen.repaint(),
      suspend: () => terminal.suspend(),
      quit: (how) => this.end(how),
    });
    const abort = (): void => this.end("interrupted");
    signal.addEventListener("abort", abort, { once: true });
    this.undo.push(
      () => signal.removeEventListener("abort", abort),
      session.on("stop", () => this.checkFailure()),
      session.on("change", () => this.checkFailure()),
    );
  }

  /** Draws the first frame and carries out the commands of the start. */
  start(): void {
    this.store.drawNow();
    this.loading = this.loadInk();
    void this.carryOut();
  }

  /** Behind the first frame: the person need not wait for it. */
  private async loadInk(): Promise<void> {
    try {
      const { Ink } = await import("./ink.js");
      this.ink = new Ink(this.options.terminal);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private draw(frame: Frame): void {
    if (this.ink) this.ink.draw(frame);
    else this.options.terminal.screen.write(fillIn(frame, stack(frame)));
  }

  private async carryOut(): Promise<void> {
    const { setup = [], exec = [] } = this.options;
    for (const line of setup) {
      const error = (await this.controls.line(line)).find((answer) => answer.error)?.error;
      if (error) return this.fail(errorOf(error));
    }
    for (const line of exec) await this.controls.line(line);
  }

  keys(keys: readonly Key[]): void {
    this.controls.keys(keys);
  }

  resized(): void {
    this.store.resize(this.options.terminal.screen);
    this.store.drawNow();
  }

  /** Resolves when all keys have been obeyed and what they changed has been drawn; never while the session plays. */
  async idle(): Promise<void> {
    await this.loading;
    await this.controls.idle();
    await this.store.idle();
  }

  /** Draws nothing more. */
  dispose(): void {
    for (const undo of this.undo.splice(0)) undo();
    this.store.dispose();
    this.ink?.unmount();
  }

  /** A session that has failed shows nothing more: its error is for the terminal that was there before. */
  private checkFailure(): void {
    const { session } = this.options;
    const state = session.state();
    if (state.state !== "failed") return;
    const error = session.summary().error ?? plainError(new Error(state.why));
    const when = dateAndTime(state.date, state.timeUs, viewStyle(session, createTheme(NO_STYLE), 80));
    const where = state.step === null ? "STREAMING" : `before ${state.step}`;
    this.fail(errorOf({ ...error, message: `${error.message} (${where}, ${when})` }));
  }
}

/** The error again, with the stack of the thread it came from. */
function errorOf({ code, message, hint, place, exitCode, stack }: PlainError): Error {
  const error = new BardeckError(code, message, hint, place, exitCode);
  error.stack = stack;
  return error;
}

const NO_STYLE = { color: false, ascii: false };
