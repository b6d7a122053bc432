/**
 * What is on the screen, and when it is drawn again: at most 15 times a second, only what has changed, and not at all while the session
 * stands and nobody touches a key. Polls the session; stops and changes come as events and make it look at once. Knows
 * neither keys nor Ink.
 */
import type { Session, SessionState } from "../../engine/index.js";
import { createExchangeClock, type ExchangeClock } from "../output/format.js";
import { compose, isSameFrame, type Composed, type Frame } from "./frame.js";
import type { Paint } from "./parts/row.js";
import { worstFirst } from "./parts/worst-first.js";
import type { ScreenSize } from "./terminal/screen.js";
import { initialUi, withAnchors, type Ui } from "./ui.js";

const FRAME_MS = 1000 / 15;
/**
 * Share of one core that drawing may take while the session plays. As fast as the data allows the engine's threads need the
 * cores; while a clock drives they mostly wait.
 */
const DRAWING_SHARE = { data: 0.08, clock: 0.3 } as const;

export interface StoreOptions {
  readonly session: Session;
  readonly size: ScreenSize;
  readonly paint: Paint;
  /** Draws a frame before it returns. Called only for a frame that differs from the one before. */
  readonly draw: (frame: Frame) => void;
  readonly now?: () => number;
}

export class Store {
  readonly clock: ExchangeClock;
  /** Frames drawn, and looks that found nothing new. */
  readonly counts = { drawn: 0, same: 0 };
  private current: Ui;
  private composed: Composed | undefined;
  private composedFor: Ui | undefined;
  private drawn: Frame | undefined;
  private order: readonly string[];
  private size: ScreenSize;
  private lastTick = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Infinity;
  private seenPlace = "";
  private wordsNow: ReadonlyMap<string, number> = new Map();
  private wordsBefore: ReadonlyMap<string, number> = new Map();
  private ended = false;
  private waiting: (() => void)[] = [];
  private readonly undo: (() => void)[];
  private readonly now: () => number;

  constructor(private readonly options: StoreOptions) {
    const { session } = options;
    const { catalog } = session.info;
    this.now = options.now ?? (() => performance.now());
    this.clock = createExchangeClock(catalog.exchangeZone);
    this.size = options.size;
    this.order = catalog.symbols;
    this.current = initialUi(catalog.symbols[0] ?? "");
    this.wordsNow = this.readWords();
    this.undo = [
      session.on("stop", () => this.stopped()),
      session.on("change", () => this.request()),
      session.on("log", ({ text }) =>
        this.update((ui) => ({ ...ui, message: { text: `log: ${text}`, isError: false } })),
      ),
    ];
  }

  get ui(): Ui {
    return this.current;
  }

  get isAscii(): boolean {
    return this.options.paint.ascii;
  }

  /** What would be drawn now. */
  present(): Composed {
    if (this.composed === undefined || this.composedFor !== this.current) this.compose(this.options.session.state());
    return this.composed!;
  }

  /** Symbols in the order of the lists. */
  get symbols(): readonly string[] {
    return this.order;
  }

  get screen(): ScreenSize {
    return this.size;
  }

  update(change: (ui: Ui) => Ui): void {
    const next = change(this.current);
    if (next === this.current) return;
    this.current = next;
    this.request();
  }

  resize(size: ScreenSize): void {
    this.size = size;
    this.drawn = undefined;
    this.request();
  }

  /** Something has changed: looks again as soon as a frame is due. */
  request(): void {
    this.seenPlace = "";
    this.tickAt(this.lastTick + FRAME_MS);
  }

  /** Looks and draws now, whatever the time. */
  drawNow(): void {
    this.seenPlace = "";
    this.tick();
  }

  /** True when nothing is due to be drawn and nothing is polled. */
  get isAsleep(): boolean {
    return this.timer === undefined;
  }

  /** Resolves when nothing is due to be drawn. */
  idle(): Promise<void> {
    return this.isAsleep ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  dispose(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const undo of this.undo) undo();
    this.rest();
  }

  private stopped(): void {
    this.wordsBefore = this.wordsNow;
    this.wordsNow = this.readWords();
    this.request();
  }

  private readWords(): ReadonlyMap<string, number> {
    return new Map(this.options.session.words().map(({ name, value }) => [name, value]));
  }

  private tickAt(at: number): void {
    if (this.ended || at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => this.tick(), Math.max(0, at - this.now()));
  }

  private tick(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dueAt = Infinity;
    if (this.ended) return;
    const begun = this.now();
    this.lastTick = begun;
    const { state, mode } = this.look();
    const cost = this.now() - begun;
    if (state === "playing") this.tickAt(begun + Math.max(FRAME_MS, cost / DRAWING_SHARE[mode]));
    else this.rest();
  }

  /** Looks at the session and draws what is new. */
  private look(): SessionState {
    const { session, draw } = this.options;
    const state = session.state();
    const { run, date, phase, step, published, processed, timeUs } = state;
    const place = [state.state, run, date, phase, step, published, processed, timeUs].join();
    if (place === this.seenPlace) return state;
    this.seenPlace = place;
    if (state.state !== "playing") this.order = worstFirst(session.quality().symbols);
    const { frame } = this.compose(state);
    if (this.drawn && isSameFrame(this.drawn, frame)) this.counts.same++;
    else {
      this.counts.drawn++;
      this.drawn = frame;
      draw(frame);
    }
    return state;
  }

  private compose(state: SessionState): Composed {
    const { session, paint } = this.options;
    this.composed = compose(session, {
      state,
      ui: this.current,
      ...this.size,
      order: this.order,
      wordsBefore: state.state === "playing" ? this.wordsNow : this.wordsBefore,
      clock: this.clock,
      paint,
    });
    this.current = this.composedFor = withAnchors(this.current, this.composed.drawn);
    return this.composed;
  }

  private rest(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
