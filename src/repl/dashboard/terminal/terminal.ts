/**
 * The terminal while the dashboard has it: alternate screen, hidden cursor, raw keys. Owns taking it over and giving it
 * back on every way out: return, exception, end of the process, Ctrl-Z and back. Knows nothing of what is drawn.
 */
import type { TerminalDevice } from "./device.js";
import { KeyReader, type Key } from "./key-reader.js";
import { Screen } from "./screen.js";

/** Alternate screen, no cursor, no wrapping at the last column, pasted text marked as such. */
const TAKE = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h";
/** In the opposite order; ends an update that may have been cut off. */
const GIVE_BACK = "\x1b[?2026l\x1b[m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";
/** After this time nothing more belongs to a sequence that has begun: it was the key Esc. */
const ESCAPE_MS = 30;
/** How long the terminal may take for the frame under way. */
const PATIENCE_MS = 500;

export interface TerminalListener {
  keys(keys: readonly Key[]): void;
  resized(): void;
}

export class Terminal {
  readonly screen: Screen;
  private readonly undo: (() => void)[] = [];
  private taken = false;
  private closed = false;
  private escape: NodeJS.Timeout | undefined;
  private listener: TerminalListener = { keys() {}, resized() {} };

  constructor(private readonly device: TerminalDevice) {
    this.screen = new Screen(device.size(), device.send);
  }

  /** Takes the terminal over, until `close`. */
  open(listener: TerminalListener): void {
    this.listener = listener;
    this.closed = false;
    const keys = new KeyReader();
    this.undo.push(
      // Read on while the job is stopped: nothing comes then, and pausing standard input for that time has its traps.
      this.device.readKeys((text) => this.read(keys, text)),
      this.device.onResize(() => this.resized()),
      this.device.onSignal("SIGCONT", () => afterOtherSignals(() => this.takeAgain())),
      this.device.onLastMoment("exit", () => this.giveBack()),
      this.device.onLastMoment("uncaughtException", () => this.giveBack()),
      this.device.onLastMoment("unhandledRejection", () => this.giveBack()),
    );
    this.listenForStop();
    this.take();
  }

  /** From now on keys and sizes go to another. */
  listen(listener: TerminalListener): void {
    this.listener = listener;
  }

  /** Gives the terminal back when it has taken what was sent to it. Safe to call again. */
  async close(patienceMs = PATIENCE_MS): Promise<void> {
    if (this.undo.length === 0) return;
    this.closed = true;
    this.screen.hide();
    await Promise.race([this.screen.drained(), late(patienceMs)]);
    for (const undo of this.undo.splice(0)) undo();
    // Told to end while it was stopped: the terminal has been given back then, and is another's.
    if (this.taken) this.giveBack();
    else this.device.leaveAlone();
  }

  /** Ctrl-Z: stops all processes of the job, as the terminal would have done. */
  suspend(): void {
    this.behindFrame(() => {
      this.giveBack(); // before the shell comes back: from then on it is no longer ours to change
      this.device.stop("job");
    });
  }

  /** A frame under way would come behind what is sent at once, and be drawn on the screen of whoever has the terminal then. */
  private behindFrame(go: () => void, deadlineMs = performance.now() + PATIENCE_MS): void {
    this.screen.hide();
    const patienceMs = deadlineMs - performance.now();
    if (this.screen.isDrained || patienceMs <= 0) return go();
    void Promise.race([this.screen.drained(), late(patienceMs)]).then(() => {
      if (!this.closed) this.behindFrame(go, deadlineMs);
    });
  }

  private read(keys: KeyReader, text: string): void {
    clearTimeout(this.escape);
    this.listener.keys(keys.push(text));
    if (keys.waits) this.escape = setTimeout(() => this.listener.keys(keys.flush()), ESCAPE_MS);
  }

  private take(): void {
    this.taken = true;
    this.device.setRaw(true);
    this.device.sendNow(TAKE);
    this.screen.show();
  }

  /** Works at once, in the last moment of a process too. */
  private giveBack(): void {
    if (!this.taken) return;
    this.taken = false;
    clearTimeout(this.escape);
    this.screen.hide();
    this.device.setRaw(false);
    this.device.sendNow(GIVE_BACK);
  }

  /**
   * A request to stop must find the terminal restored, and must then do what it does to every process: nothing at all in
   * a job that nobody could continue (an orphaned one). So the system's own way is taken, not SIGSTOP.
   */
  private listenForStop(): void {
    let asked = false;
    const forget = this.device.onSignal("SIGTSTP", () => {
      if (asked) return;
      asked = true;
      this.behindFrame(() => this.stop(forget));
    });
    this.undo.push(forget);
  }

  private stop(forget: () => void): void {
    this.giveBack();
    forget();
    this.undo.splice(this.undo.indexOf(forget), 1);
    this.device.stop("process");
    // Here again once the job goes on.
    afterOtherSignals(() => {
      if (this.closed) return;
      this.listenForStop();
      this.takeAgain();
    });
  }

  /** Whoever had the terminal meanwhile has left it in its own state, perhaps with another size. */
  private takeAgain(): void {
    // A stopped job that is told to end goes on for that: in the background, where touching the terminal would stop it again.
    if (this.closed) return;
    this.behindFrame(() => {
      this.giveBack();
      this.device.refreshSize();
      this.take();
      this.resized();
    });
  }

  private resized(): void {
    this.screen.resize(this.device.size());
    this.listener.resized();
  }
}

/**
 * A stopped process finds all signals that came meanwhile at once, in any order. One of them may ask it to end, and the
 * terminal is not taken for that.
 */
function afterOtherSignals(go: () => void): void {
  setImmediate(() => setImmediate(go));
}

function late(afterMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, afterMs).unref());
}
