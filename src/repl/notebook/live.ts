/** A panel that shows a session while it moves, in the cell that asked for it. */
import type { Session as EngineSession } from "../../engine/index.js";
import { formatDay, formatPercent } from "../output/format.js";
import { threadTable } from "./boards.js";
import { clockOf } from "./column.js";
import { escapeHtml, inspectAs } from "./display.js";
import type { Bundle } from "./front-end.js";
import { host } from "./host.js";
import { Quality } from "./quality.js";

/** At most five pictures a second. */
const EVERY_MS = 200;

/**
 * A panel that updates itself in its cell, at most five times a second, until it is stopped or the session ends.
 *
 * @example
 * await s.setSpeed(360); s.play();
 * const live = s.live();
 * live.stop(); // the last picture stays
 */
export class Live {
  readonly #engine: EngineSession;
  readonly #zone: string;
  readonly #panel = host().panel();
  readonly #timer: NodeJS.Timeout;
  #last = "";
  #updates = 0;
  #stopped = false;

  /** @internal */
  constructor(engine: EngineSession, zone: string) {
    this.#engine = engine;
    this.#zone = zone;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), EVERY_MS);
    this.#timer.unref();
  }

  /**
   * How many pictures have been shown.
   *
   * @example
   * live.updates;
   */
  get updates(): number {
    return this.#updates;
  }

  /**
   * Shows the present place once more and leaves it so. Safe to call again.
   *
   * @example
   * live.stop();
   */
  stop(): void {
    if (this.#stopped) return;
    this.#draw();
    this.#end();
  }

  #end(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  #draw(): void {
    const bundle = this.#bundle();
    if (bundle["text/html"] === this.#last) return;
    this.#last = bundle["text/html"] ?? "";
    this.#updates += 1;
    this.#panel.update(bundle);
    const { state } = this.#engine.state();
    if (state === "stopped" || state === "failed") this.#end();
  }

  #bundle(): Bundle {
    const state = this.#engine.state();
    const clock = clockOf(this.#zone);
    const speed = state.mode === "data" ? "data-driven" : `${state.clockSpeed}x`;
    const where = `${formatDay(state.date)} ${clock.time(state.timeUs)} · minute ${state.minute} of ${state.minutes} · day ${state.day} of ${state.days}`;
    const head = `${state.state} · ${speed} · ${where}`;
    const line =
      state.state === "playing" ? "" : [state.why, state.next && `next: ${state.next}`].filter(Boolean).join(" · ");
    const share = state.minutes === 0 ? 0 : state.minute / state.minutes;
    const quality = new Quality(this.#engine, this.#zone, `${formatDay(state.date)} ${clock.time(state.timeUs)}`);
    const threads = threadTable(this.#engine.threads(), this.#zone, state.phase);
    const percent = `quality ${formatPercent(state.qualityMean, "–")}`;
    return {
      "text/plain": [`${head} · ${percent}`, line].filter(Boolean).join("\n"),
      "text/html":
        `<div><b>${escapeHtml(head)}</b></div><progress value="${share.toFixed(4)}" max="1" style="width: 100%; max-width: 560px"></progress>` +
        `${line === "" ? "" : `<div>${escapeHtml(line)}</div>`}${quality.toHtml()}${threads.toHtml()}`,
    };
  }
}
inspectAs(Live.prototype, function (this: Live) {
  return `Live panel, ${this.updates} pictures so far; live.stop() leaves the last`;
});
