/**
 * Ink, laying out whole frames for our screen. The only file that starts it; loaded behind the first frame, because Ink and what
 * it needs are four hundred files.
 */
import { render, type Instance } from "ink";
import { App } from "./app.js";
import { fillIn } from "./canvas.js";
import type { Frame } from "./frame.js";
import type { Terminal } from "./terminal/terminal.js";

/** Draws before it returns. */
export class Ink {
  private instance: Instance | undefined;
  private frame: Frame | undefined;

  constructor(private readonly terminal: Terminal) {}

  draw(frame: Frame): void {
    this.frame = frame;
    const app = <App frame={frame} />;
    if (this.instance) this.instance.rerender(app);
    else
      this.instance = render(app, {
        stdout: this.stream(),
        stdin: NO_INPUT,
        debug: true, // one whole frame a write; no cursor movements of its own
        exitOnCtrlC: false,
        patchConsole: false,
      });
  }

  /** Writes what it has laid out once more; the screen must be hidden by then. */
  unmount(): void {
    this.instance?.unmount();
  }

  /** What Ink takes for standard output. */
  private stream(): NodeJS.WriteStream {
    const { screen } = this.terminal;
    const present = (): Frame => this.frame!;
    const stream = {
      isTTY: false,
      get columns() {
        return screen.columns;
      },
      get rows() {
        return screen.rows;
      },
      write(laidOut: string): boolean {
        // An empty text is what Ink writes to wait for a stream to drain.
        return laidOut === "" || screen.write(fillIn(present(), laidOut));
      },
      // It would listen for another size; the store draws a frame of that size.
      on: () => stream,
      off: () => stream,
    };
    return stream as unknown as NodeJS.WriteStream;
  }
}

/** Keys are read by the terminal; Ink reads none. */
const NO_INPUT = { isTTY: false } as NodeJS.ReadStream;
