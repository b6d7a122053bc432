/** The dashboard of a fake session in a headless terminal: keys in, screens out. */
import xterm from "@xterm/headless";
import { EventEmitter } from "node:events";
import { FakeSession } from "./fake-session.js";
import type { LastMoment, TerminalDevice, TerminalSignal } from "../../../src/repl/dashboard/terminal/device.js";
import { Terminal } from "../../../src/repl/dashboard/terminal/terminal.js";
import { Dashboard } from "../../../src/repl/dashboard/run-dashboard.js";

process.env.NODE_ENV = "production";

/** A device whose other side is an xterm without a window. */
export class HeadlessDevice implements TerminalDevice {
  readonly xterm: xterm.Terminal;
  /** All that was written, in order. */
  written = "";
  raw = false;
  /** While set, the terminal takes nothing: updates wait here. */
  stuck: (() => void)[] | undefined;
  /** Requests to stop, and whether the terminal had been given back by then. */
  readonly stops: { readonly who: "job" | "process"; readonly restored: boolean }[] = [];
  private readonly events = new EventEmitter();

  constructor(
    public columns: number,
    public rows: number,
  ) {
    this.refreshSize();
    this.xterm = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 100 });
  }

  /** What the system was last asked for. */
  private known = { columns: 0, rows: 0 };
  size = () => ({ ...this.known });
  refreshSize(): void {
    this.known = { columns: this.columns, rows: this.rows };
  }
  onResize = (listener: () => void) => this.listen("resize", listener);
  setRaw(raw: boolean): void {
    this.raw = raw;
  }
  readKeys = (listener: (text: string) => void) => this.listen("keys", listener);
  send = (text: string, done: (error?: Error | null) => void): void => {
    const take = (): void => {
      this.written += text;
      this.xterm.write(text, () => done());
    };
    if (this.stuck) this.stuck.push(take);
    else take();
  };
  sendNow(text: string): void {
    this.written += text;
    this.xterm.write(text);
  }
  onSignal = (signal: TerminalSignal, listener: () => void) => this.listen(signal, listener);
  onLastMoment = (moment: LastMoment, listener: () => void) => this.listen(moment, listener);
  stop(who: "job" | "process"): void {
    const givenBack = this.written.lastIndexOf("\x1b[?1049l") > this.written.lastIndexOf("\x1b[?1049h");
    this.stops.push({ who, restored: givenBack && !this.raw });
    if (who === "job") this.events.emit("SIGTSTP");
  }
  isLeftAlone = false;
  leaveAlone(): void {
    this.isLeftAlone = true;
  }

  press(text: string): void {
    this.events.emit("keys", text);
  }
  signal(name: TerminalSignal | LastMoment): void {
    this.events.emit(name);
  }
  resize(columns: number, rows: number): void {
    this.resizeUntold(columns, rows);
    this.refreshSize();
    this.events.emit("resize");
  }
  /** As for a job that is stopped. */
  resizeUntold(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.xterm.resize(columns, rows);
  }

  /** Lines on the screen, without blanks at their ends. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.xterm.write("", resolve));
    const { active } = this.xterm.buffer;
    return Array.from({ length: this.rows }, (_, y) => active.getLine(y + active.baseY)?.translateToString(true) ?? "");
  }
  get isAlternate(): boolean {
    return this.xterm.buffer.active.type === "alternate";
  }

  private listen(event: string, listener: (text: string) => void): () => void {
    this.events.on(event, listener);
    return () => void this.events.off(event, listener);
  }
}

export interface DrawOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly fake?: FakeSession;
  readonly color?: boolean;
  readonly ascii?: boolean;
  /** Paces frames; without it no test waits for one to be due. */
  readonly now?: () => number;
}

export interface Shown {
  readonly fake: FakeSession;
  readonly device: HeadlessDevice;
  readonly terminal: Terminal;
  readonly dashboard: Dashboard;
  /** Presses keys, waits until nothing moves, and returns the screen. */
  press(...keys: string[]): Promise<string[]>;
  /** The screen once nothing is due to be drawn. */
  screen(): Promise<string[]>;
  close(): Promise<void>;
}

export function show({
  columns = 120,
  rows = 40,
  fake = new FakeSession(),
  color = false,
  ascii = false,
  now = impatient(),
}: DrawOptions = {}): Shown {
  const device = new HeadlessDevice(columns, rows);
  const terminal = new Terminal(device);
  const leave = new AbortController();
  const dashboard = new Dashboard({
    session: fake.session,
    terminal,
    paint: { color, ascii },
    paths: { config: "", cache: "", state: "", log: "" },
    signal: leave.signal,
    now,
  });
  dashboard.ended.catch(() => {});
  terminal.open(dashboard);
  dashboard.start();
  const screen = async (): Promise<string[]> => {
    await dashboard.idle();
    await terminal.screen.drained();
    return device.lines();
  };
  return {
    fake,
    device,
    terminal,
    dashboard,
    screen,
    async press(...keys) {
      for (const key of keys) device.press(key);
      return screen();
    },
    async close() {
      await terminal.close();
      dashboard.dispose();
    },
  };
}

/** A clock by which every frame is due at once. */
function impatient(): () => number {
  let ms = 0;
  return () => (ms += 100);
}
