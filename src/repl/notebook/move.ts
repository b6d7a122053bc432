/** A command that moves: a promise that shows how far it is once somebody waits for it, and keeps its error for later. */
import type { Session as EngineSession } from "../../engine/index.js";
import { escapeHtml, NOTE } from "./display.js";
import { host } from "./host.js";
import { formatSeconds, plural } from "../output/format.js";
import type { Stop } from "./stop.js";

/** A run that is over sooner shows nothing. */
const SHOW_AFTER_MS = 1500;
const SHOW_EVERY_MS = 250;

/**
 * A promise of a stop. Not waiting for it is fine: `onUnheard` gets the error that nobody waited for. Waiting for it is
 * noticed, which a plain promise does not do.
 */
export class Move extends Promise<Stop> {
  #onHeard: (() => void) | undefined;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static of(stop: Promise<Stop>, onHeard: () => void, onUnheard: (error: unknown) => void): Move {
    let isHeard = false;
    const move = new Move((resolve, reject) => stop.then(resolve, reject));
    move.#onHeard = () => {
      isHeard = true;
      onHeard();
    };
    Promise.prototype.then.call(move, undefined, (error) => {
      if (!isHeard) onUnheard(error);
    });
    return move;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- that somebody waits is what this class notices
  override then<A = Stop, B = never>(
    onStop?: ((stop: Stop) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#onHeard?.();
    return super.then(onStop, onError);
  }
}

/** Shows how far a session is until `end` is called. */
export function showProgress(engine: EngineSession, what: string): { end(): void } {
  const line = (): string => {
    const { done, date, epoch, sessions } = engine.progress();
    return `${what} · ${date} (${epoch + 1} of ${plural(sessions, "session")}) · ${Math.floor(done * 100)}%`;
  };
  return ticker(what, line, () => engine.progress().done);
}

/** Shows a line and a bar several times a second, and at the end how long it took. Nothing when that is soon, or where there are no cells. */
export function ticker(what: string, line: () => string, share: () => number): { end(): void } {
  if (!host().hasCells) return { end: () => {} };
  const panel = host().panel();
  let shown = false;
  const draw = (): void => {
    shown = true;
    panel.update({ "text/plain": line(), "text/html": barHtml(share(), line()) });
  };
  const began = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - began >= SHOW_AFTER_MS) draw();
  }, SHOW_EVERY_MS);
  timer.unref();
  return {
    end: () => {
      clearInterval(timer);
      if (!shown) return;
      const text = `${what} took ${formatSeconds((performance.now() - began) / 1000)}`;
      panel.update({ "text/plain": text, "text/html": `<div style="${NOTE}">${escapeHtml(text)}</div>` });
    },
  };
}

function barHtml(share: number, line: string): string {
  return `<div><progress value="${share.toFixed(3)}" max="1" style="width: 240px; vertical-align: middle"></progress> ${escapeHtml(line)}</div>`;
}
