/**
 * Writes lines of text for people, with names made harmless by the engine and, on request, nothing but ASCII. Keeps the
 * progress line out of the way.
 */
import type { CommandContext } from "../context.js";
import type { OutputOptions } from "../options/read-options.js";
import { createProgressBar, type ProgressBar } from "./progress-bar.js";
import { createTheme, toAscii, wantsColor, type Theme } from "./theme.js";

export interface Printer {
  /** For results. */
  readonly theme: Theme;
  /** For messages. */
  readonly errTheme: Theme;
  readonly bar: ProgressBar;
  /** Columns results may take; in a pipe or a file nobody knows how many there are, so nothing is left away for want of them. */
  readonly width: number;
  /** Lines to stdout. */
  results(lines: readonly string[]): Promise<void>;
  /** Lines to stderr. A reader of stderr that has gone is no reason to stop. */
  messages(lines: readonly string[]): Promise<void>;
}

const LEAST_WIDTH = 40;

export function createPrinter(
  { out, err, env }: CommandContext,
  output: Pick<OutputOptions, "color" | "ascii">,
): Printer {
  const { ascii } = output;
  const theme = createTheme({ color: wantsColor(out, env, output.color), ascii });
  const errTheme = createTheme({ color: wantsColor(err, env, output.color), ascii });
  const bar = createProgressBar(err, errTheme, env);
  const join = (lines: readonly string[]): string => {
    const text = `${lines.join("\n")}\n`;
    return ascii ? toAscii(text) : text;
  };
  return {
    theme,
    errTheme,
    bar,
    width: Math.max(LEAST_WIDTH, out.columns ?? Infinity),
    async results(lines) {
      if (lines.length === 0) return;
      bar.clear();
      await out.write(join(lines));
    },
    async messages(lines) {
      if (lines.length === 0) return;
      bar.clear();
      await err.write(join(lines)).catch(() => {});
    },
  };
}
