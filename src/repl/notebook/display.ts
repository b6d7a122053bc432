/**
 * How a value is shown: as text and, where the front end can, as HTML; and the base of every value that shows itself.
 * Neutral: which notebook this is, a host knows (host.ts).
 */
import type { Bundle } from "./front-end.js";
import { host } from "./host.js";

/** What Deno's kernel asks a value for. */
const DENO_DISPLAY = Symbol.for("Jupyter.display");

/** Makes bare evaluation, `console.log` and Deno print the text. Not enumerable: completion lists only what people call. */
export function inspectAs<T>(prototype: T, text: (this: T) => string): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), { value: text });
  const bundle = function (this: T): Bundle {
    return { "text/plain": text.call(this) };
  };
  Object.defineProperty(prototype, DENO_DISPLAY, { value: bundle, configurable: true });
}

/**
 * A value that shows itself: text when it is evaluated or printed, tables and pictures with `.show()`. Deno's kernel
 * shows the latter by itself.
 */
export abstract class Shown {
  /**
   * Shows it below the cell: as HTML in a notebook, as text in a terminal.
   *
   * @example
   * s.quality().show();
   */
  show(): void {
    host().show(this.toBundle());
  }

  /**
   * As text, the way it is printed.
   *
   * @example
   * console.log(s.quality().toString());
   */
  abstract toString(): string;

  /**
   * As an HTML fragment, with all it needs inside.
   *
   * @example
   * writeFileSync("quality.html", s.quality().toHtml());
   */
  abstract toHtml(): string;

  /**
   * Both, by mime type.
   *
   * @example
   * s.quality().toBundle()["text/html"];
   */
  toBundle(): Bundle {
    return { "text/plain": this.toString(), "text/html": this.toHtml() };
  }
}
inspectAs(Shown.prototype, function (this: Shown) {
  return this.toString();
});
Object.defineProperty(Shown.prototype, DENO_DISPLAY, {
  value(this: Shown) {
    return this.toBundle();
  },
});

/** Text within HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/**
 * A picture within HTML. As an image with its data inside, because that also shows in a notebook nobody has trusted yet:
 * Jupyter removes `<svg>` and `<style>` there.
 */
export function svgImage(svg: string, width: number, height: number, alternative: string): string {
  const data = Buffer.from(svg).toString("base64");
  const size = `width="${width}" height="${height}" style="vertical-align: middle"`;
  return `<img src="data:image/svg+xml;base64,${data}" alt="${escapeHtml(alternative)}" ${size}>`;
}

/** How lines of text around a table look. */
export const TITLE = "font-size: 13px; font-weight: bold; margin: 4px 0";
export const NOTE = "font-size: 12px; opacity: 0.8; margin: 2px 0";
