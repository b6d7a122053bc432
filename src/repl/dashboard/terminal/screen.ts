/**
 * Where whole frames are written. Sends a terminal the lines that differ from what it shows, each at its own address, in one
 * synchronized update. While the terminal has not taken the last
 * update, frames are dropped and only the newest is kept, so a slow link shows the present and not the past.
 * Owns what is on the screen; knows not what a frame means.
 */

/** Takes text for a terminal; calls `done` when the system has it. */
export type SendText = (text: string, done: (error?: Error | null) => void) => void;

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";
const RESET_STYLE = "\x1b[m";
const ERASE_SCREEN = "\x1b[2J";
const ERASE_REST_OF_LINE = "\x1b[K";
/** Signs that take a cell each: no wide ones, and none that stand on another. */
const ONE_CELL_EACH = /^[\u0020-\u007e\u00a0-\u02ff\u2010-\u25ff✓]*$/;
const STYLES = /\x1b\[[\d;]*m/g;

export class Screen {
  columns: number;
  rows: number;
  /** Frames and bytes sent, and frames dropped because the terminal was busy. */
  readonly counts = { sent: 0, dropped: 0, bytes: 0 };
  /** Lines the terminal shows; undefined when that is not known and all must be drawn. */
  private shown: readonly string[] | undefined;
  private newest: string | undefined;
  private drawn = "";
  private busy = false;
  private open = false;
  private waiting: (() => void)[] = [];

  constructor(
    size: ScreenSize,
    private readonly send: SendText,
  ) {
    this.columns = size.columns;
    this.rows = size.rows;
  }

  /** A whole frame. Never blocks; always true, because the newest frame is all that is kept. */
  write(frame: string): boolean {
    if (this.newest !== undefined) this.counts.dropped++;
    this.newest = frame;
    this.flush();
    return true;
  }

  /** From now on frames are sent; all of the next one. */
  show(): void {
    this.open = true;
    this.repaint();
  }

  /** Frames are kept, not sent: the terminal belongs to somebody else. */
  hide(): void {
    this.open = false;
    this.newest = undefined;
  }

  /** Draws everything again, whatever the terminal is believed to show. */
  repaint(): void {
    this.shown = undefined;
    this.newest ??= this.drawn === "" ? undefined : this.drawn;
    this.flush();
  }

  /** The terminal has another size: what it shows is not known any more. The next frame comes from whoever draws. */
  resize({ columns, rows }: ScreenSize): void {
    this.columns = columns;
    this.rows = rows;
    this.shown = undefined;
  }

  /** The terminal has taken everything that was to be sent. */
  get isDrained(): boolean {
    return !this.busy;
  }

  /** Resolves when the terminal has taken everything that was to be sent. */
  drained(): Promise<void> {
    return this.busy ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }

  private flush(): void {
    if (!this.open || this.busy || this.newest === undefined) return;
    const frame = this.newest;
    this.newest = undefined;
    this.drawn = frame;
    const lines = frame.split("\n").slice(0, this.rows);
    const text = this.difference(lines);
    this.shown = lines;
    if (text === "") return;
    this.busy = true;
    this.counts.sent++;
    this.counts.bytes += Buffer.byteLength(text);
    this.send(text, (error) => this.taken(error));
  }

  private taken(error: Error | null | undefined): void {
    this.busy = false;
    if (error) this.hide(); // nobody looks any more; the signal that says so is on its way
    this.flush();
    if (this.busy) return;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** What makes the terminal show `lines`; empty when it does. */
  private difference(lines: readonly string[]): string {
    const before = this.shown;
    let text = before === undefined ? ERASE_SCREEN : "";
    const count = Math.max(lines.length, before?.length ?? 0);
    for (let row = 0; row < count; row++) {
      const line = lines[row] ?? "";
      if (line === (before?.[row] ?? "")) continue;
      text += `\x1b[${row + 1};1H${this.whole(line)}`;
    }
    return text === "" ? "" : `${BEGIN_UPDATE}${RESET_STYLE}${text}${END_UPDATE}`;
  }

  /**
   * The line, and nothing of what stood there. After the last column the cursor stands on it, and erasing would take it
   * away; so nothing is erased behind a line that fills the width, nor behind one of which only the terminal knows how
   * wide it is.
   */
  private whole(line: string): string {
    const signs = line.replace(STYLES, "");
    if (!ONE_CELL_EACH.test(signs)) return `${ERASE_REST_OF_LINE}${line}`;
    return signs.length < this.columns ? `${line}${ERASE_REST_OF_LINE}` : line;
  }
}
