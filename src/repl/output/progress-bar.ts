/**
 * One line at the bottom of the terminal that tells how far something is. Nothing at all where stderr is no terminal.
 */
import type { OutputStream } from "../context.js";
import type { Theme } from "./theme.js";

export interface ProgressBar {
  /** `share` 0…1; undefined or NaN while there is no telling. Drawn at most 15 times a second. */
  show(share: number | undefined, text: string): void;
  /** Takes the line away, so that other text can be written. */
  clear(): void;
}

const FRAME_MS = 1000 / 15;
const BAR_CELLS = 24;

export function createProgressBar(
  err: OutputStream,
  theme: Theme,
  env: Readonly<Record<string, string | undefined>>,
  now: () => number = () => performance.now(),
): ProgressBar {
  if (!err.isTerminal || env.TERM === "dumb") return { show() {}, clear() {} };
  let shown = "";
  let drawnAt = -Infinity;
  const write = (text: string): void => void err.write(text).catch(() => {});
  return {
    show(share, text) {
      const line = drawLine(share, text, err.columns ?? 80, theme);
      if (line === shown || (now() - drawnAt < FRAME_MS && shown !== "")) return;
      drawnAt = now();
      shown = line;
      write(`\r\x1b[2K${line}`);
    },
    clear() {
      if (shown !== "") write("\r\x1b[2K");
      shown = "";
    },
  };
}

/** ` ████████░░░░  42%  text`, never wider than the terminal. */
export function drawLine(share: number | undefined, text: string, columns: number, { glyphs }: Theme): string {
  const known = share !== undefined && !Number.isNaN(share);
  const done = known ? Math.floor(Math.min(1, Math.max(0, share)) * BAR_CELLS) : 0;
  const bar = known
    ? `${glyphs.barDone.repeat(done)}${glyphs.barLeft.repeat(BAR_CELLS - done)} ${String(Math.floor(share * 100)).padStart(3)}%  `
    : "";
  return ` ${bar}${text}`.slice(0, Math.max(0, columns - 1));
}
