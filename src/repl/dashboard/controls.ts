/**
 * From keys to what they do: change what is shown, type a line, carry out a command. In which order commands reach the session
 * is the business of command-order.ts.
 */
import { plainError, type PlainError, type Session, type Stop } from "../../engine/index.js";
import { complete } from "../language/complete.js";
import { commandOfKey, KEY_BINDINGS } from "../language/keys.js";
import { formatCommand, parseLine } from "../language/parse.js";
import type { Shell } from "../language/shell.js";
import type { Answer, Command } from "../language/verb.js";
import { verbNamed } from "../language/verbs.js";
import { stopReason } from "../views/stop-text.js";
import { CommandOrder, isMove } from "./command-order.js";
import { overlayPage } from "./frame.js";
import { screenKey, scrollOverlay, SCREEN_KEYS, type ScreenKey, type Seen } from "./keys.js";
import { helpRows } from "./panels/help/help-rows.js";
import { hasWholeCause } from "./panels/transport/state-row.js";
import { line, textWidth, wrapText } from "./parts/row.js";
import type { Store } from "./store.js";
import type { Key } from "./terminal/key-reader.js";
import { completeLine, editLine, EMPTY_LINE, lineOf } from "./typing.js";
import type { Ui } from "./ui.js";

export interface ControlsOptions {
  readonly session: Session;
  readonly shell: Pick<Shell, "execute" | "ended">;
  readonly store: Store;
  repaint(): void;
  suspend(): void;
  /** The person wants to leave. */
  quit(reason: "quit" | "interrupted"): void;
  readonly now?: () => number;
}

const PAUSE: Command = { verb: "pause", words: [] };
const MOST_HISTORY = 200;
const MOST_DIGITS = 6;
/** No list needs a key more often. */
const MOST_REPEATS = 1000;

export class Controls {
  private readonly history: string[] = [];
  private historyAt = 0;
  private interrupts = 0;
  private readonly order: CommandOrder;

  constructor(private readonly options: ControlsOptions) {
    const { session, now = () => performance.now() } = options;
    this.order = new CommandOrder(() => session.state().state === "playing", now);
  }

  /** Obeys keys in order. */
  keys(keys: readonly Key[]): void {
    for (const key of keys) this.key(key);
  }

  /** Carries out a line as if it had been typed at the prompt, and shows its answers. */
  async line(text: string): Promise<readonly Answer[]> {
    const { shell, store } = this.options;
    store.request();
    let answers: readonly Answer[] = [];
    try {
      answers = await shell.execute(text, (answer) => this.show(answer));
    } catch (error) {
      this.say(plainError(error).message, true);
    }
    store.request();
    if (shell.ended) this.options.quit("quit");
    return answers;
  }

  /** Resolves when every step that was asked for has been answered. */
  idle(): Promise<void> {
    return this.order.idle();
  }

  private get ui(): Ui {
    return this.options.store.ui;
  }

  private update(change: (ui: Ui) => Ui): void {
    this.options.store.update(change);
  }

  private key(key: Key): void {
    if (key !== "ctrl-c") this.interrupts = 0;
    if (this.ui.message) this.update((ui) => ({ ...ui, message: null }));
    const effect = typeof key === "string" ? screenKey(key)?.effect : undefined;
    if (effect === "repaint") return this.options.repaint();
    if (effect === "suspend") return this.options.suspend();
    if (effect === "interrupt") return this.interrupt();
    if (this.ui.typing) return this.type(key);
    if (typeof key !== "string") return; // pasted text is for lines
    if (this.ui.overlay) return this.scroll(key);
    if (/^[1-9]$/.test(key) || (key === "0" && this.ui.count !== "")) return this.digit(key);
    const count = this.ui.count === "" ? undefined : Number(this.ui.count);
    if (count !== undefined) this.update((ui) => ({ ...ui, count: "" }));
    this.obey(key, count);
  }

  private digit(key: string): void {
    this.update((ui) => ({ ...ui, count: (ui.count + key).slice(0, MOST_DIGITS) }));
  }

  private obey(key: string, count: number | undefined): void {
    const row = screenKey(key);
    if (row?.change) return this.change(row.change, row.repeatable ? count : 1);
    // What the key means is decided when it is typed, as far as it depends on what the person has chosen.
    const held = this.held(key, count);
    const run = (): void => this.command(held ?? commandOfKey(key, this.order.isRunning(), count), key);
    // A step that takes long is paused, and left, without waiting for its end.
    const cutsShort = key === "q" || (key === "space" && this.order.isRunning());
    if (cutsShort) this.order.forget();
    if (cutsShort || this.isOfNoPlace(key)) run();
    else this.inOrder(run);
  }

  /** How fast the session plays has nothing to do with where it stands. */
  private isOfNoPlace(key: string): boolean {
    const verb = commandOfKey(key, this.order.isRunning())?.verb;
    return verb === "speed" || verb === "mode";
  }

  private change(change: NonNullable<ScreenKey["change"]>, times = 1): void {
    for (let i = 0; i < Math.min(times, MOST_REPEATS); i++) this.update((ui) => change(ui, this.seen()));
  }

  /** Ctrl-C pauses, and quits when it comes twice in a row. */
  private interrupt(): void {
    if (this.ui.typing) return this.update((ui) => ({ ...ui, typing: null }));
    if (++this.interrupts > 1) return this.options.quit("interrupted");
    this.order.forget();
    if (this.order.isMoving()) void this.carryOut("pause", PAUSE);
    this.say("Ctrl-C again quits", false);
  }

  // ---- commands ----

  private inOrder(run: () => void): void {
    if (!this.order.inOrder(run)) this.say("too many keys ahead of the session: some were dropped", true);
  }

  private command(command: Command | undefined, key: string): void {
    if (!command) return this.say(`${key} does nothing; ? lists the keys`, false);
    void this.carryOut(formatCommand(command), command);
  }

  /** Carries out a line in which `command` is what moves the session, if anything does. */
  private async carryOut(text: string, command: Command | undefined): Promise<void> {
    await this.order.carryOut(command, () => this.line(text));
  }

  /** While one thread is chosen, the keys of small steps move it alone. */
  private held(key: string, count = 1): Command | undefined {
    const { moves } = this.ui;
    if (moves === "both" || (key !== "." && key !== "s")) return undefined;
    return { verb: "thread", words: [moves, "step", String(count)] };
  }

  private show({ command, lines, stop, error }: Answer): void {
    if (stop?.reason === "failed") return; // told to everybody, and the end of the dashboard
    if (error) return this.tellError(command, error);
    if (stop) return this.stopped(stop);
    if (lines.length === 0) return;
    // Two lines of a command that does something are two sentences; of one that looks, the head of a table and its row.
    const isTold = lines.length === 1 || (lines.length === 2 && verbNamed(command.split(" ")[0]).kind !== "looks");
    if (isTold) this.tell(command, lines.map((text) => text.trim()).join(" · "), false);
    else this.open(command, lines);
  }

  /** The hint goes first where there is no room for both. */
  private tellError(command: string, { message, hint }: PlainError): void {
    const full = hint === "" ? message : `${message}: ${hint}`;
    this.tell(command, this.fits(full) ? full : message, true);
  }

  /** On the last line, which takes no key away; what has no room there is in front of the panels. */
  private tell(title: string, text: string, isError: boolean): void {
    if (this.fits(text)) this.say(text, isError);
    else this.open(title, wrapText(text, this.options.store.screen.columns - 4));
  }

  private fits(text: string): boolean {
    return textWidth(text) < this.options.store.screen.columns;
  }

  private open(title: string, lines: readonly string[]): void {
    this.update((ui) => ({ ...ui, overlay: { title, rows: lines.map((text) => line(` ${text}`)), top: 0 } }));
  }

  /** Says in full what the transport bar has no room for. */
  private stopped(stop: Stop): void {
    const text = stop.reason === "breakpoint" || this.isCut(stop) ? stopReason(stop) : undefined;
    this.update((ui) => {
      if (text !== undefined) return { ...ui, message: { text, isError: false, isOfStop: true } };
      return ui.message?.isOfStop ? { ...ui, message: null } : ui;
    });
  }

  /** Whoever has asked for a step knows why it has ended, unless a thread waits. */
  private isCut({ reason }: Stop): boolean {
    if (reason === "step" || reason === "back") return false;
    const { session, store } = this.options;
    const room = { width: store.screen.columns, moves: this.ui.moves, clock: store.clock };
    return reason === "waits" || !hasWholeCause(session.state(), room);
  }

  private say(text: string, isError: boolean): void {
    this.update((ui) => ({ ...ui, message: { text, isError } }));
  }

  // ---- typing ----

  private type(key: Key): void {
    const { typing } = this.ui;
    if (!typing) return;
    const { what } = typing;
    if (key === "esc") return this.endTyping(what === "filter" ? "" : undefined);
    if (key === "enter") return this.enter(what, typing.line.text);
    if (what === "command" && (key === "up" || key === "down")) return this.recall(key === "up" ? -1 : 1);
    if (what === "command" && key === "tab") return this.complete();
    if (key === "backspace" && typing.line.text === "") return this.endTyping();
    const edited = editLine(typing.line, key);
    if (!edited) return;
    this.update((ui) => ({ ...ui, typing: { what, line: edited } }));
    if (what === "filter") this.filter(edited.text);
  }

  /** `filter` replaces that of the panel, when it is given. */
  private endTyping(filter?: string): void {
    this.update((ui) => ({ ...ui, typing: null }));
    if (filter !== undefined) this.filter(filter);
  }

  private filter(text: string): void {
    this.update((ui) => ({
      ...ui,
      filters: { ...ui.filters, [ui.focus]: text },
      cursors: { ...ui.cursors, [ui.focus]: 0 },
    }));
  }

  private enter(what: "command" | "filter", text: string): void {
    this.endTyping();
    if (what === "filter") return;
    if (text.trim() !== "" && this.history.at(-1) !== text) this.history.push(text);
    if (this.history.length > MOST_HISTORY) this.history.shift();
    this.historyAt = this.history.length;
    this.inOrder(() => void this.carryOut(text, firstMove(text)));
  }

  private recall(by: number): void {
    this.historyAt = Math.max(0, Math.min(this.history.length, this.historyAt + by));
    const text = this.history[this.historyAt];
    this.update((ui) => ({ ...ui, typing: { what: "command", line: text === undefined ? EMPTY_LINE : lineOf(text) } }));
  }

  private complete(): void {
    const { typing } = this.ui;
    if (!typing) return;
    const { start, candidates } = complete(typing.line.text, typing.line.at, this.options.session);
    const completed = completeLine(typing.line, start, candidates);
    this.update((ui) => ({
      ...ui,
      typing: { what: "command", line: completed, candidates: candidates.length > 1 ? candidates : [] },
    }));
  }

  // ---- the screen ----

  private scroll(key: string): void {
    const page = overlayPage(this.options.store.screen.rows);
    this.update((ui) => (ui.overlay ? { ...ui, overlay: scrollOverlay(ui.overlay, key, page) } : ui));
  }

  /** What the keys see is what would be drawn now: they may come faster than frames. */
  private seen(): Seen {
    const { session, store } = this.options;
    const { columns, rows } = store.screen;
    return {
      get panels() {
        return store.present().layout.order;
      },
      get focused() {
        return store.present().drawn.get(store.ui.focus);
      },
      symbols: store.symbols,
      intervals: [1, ...session.info.intervals],
      page: Math.max(1, Math.floor(rows / 3)),
      help: () => ({ title: "Help", rows: helpRows(KEY_BINDINGS, SCREEN_KEYS, columns - 2, store.isAscii), top: 0 }),
    };
  }
}

/** What moves the session first in a line; an empty one repeats a step. */
function firstMove(text: string): Command | undefined {
  if (text.trim() === "") return { verb: "step", words: [] };
  try {
    return parseLine(text).find(isMove);
  } catch {
    return undefined; // the answer says what is wrong with it
  }
}
