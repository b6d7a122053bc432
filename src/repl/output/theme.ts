/**
 * Colours and glyphs, in one place. A colour never says anything alone: a word or a number always stands beside it.
 */
import type { OutputStream } from "../context.js";

export interface Theme {
  good(text: string): string;
  fair(text: string): string;
  bad(text: string): string;
  strong(text: string): string;
  dim(text: string): string;
  readonly glyphs: Glyphs;
}

export type Glyphs = { readonly [Name in keyof typeof UNICODE]: string };

const UNICODE = {
  dash: "–",
  ellipsis: "…",
  arrow: "→",
  dot: "·",
  none: "–",
  rule: "─",
  barDone: "█",
  barLeft: "░",
  /** Coverage of a cell: everything there; no row at all on a day that should have some; left out; outside the symbol's range. */
  full: "█",
  absent: "X",
  unread: "?",
  outside: "·",
} as const;

const ASCII: Glyphs = {
  dash: "-",
  ellipsis: "...",
  arrow: "->",
  dot: ".",
  none: "-",
  rule: "-",
  barDone: "#",
  barLeft: ".",
  full: "#",
  absent: "X",
  unread: "?",
  outside: ".",
};

/** Whether a stream gets colours. `--no-color` decides, then FORCE_COLOR, NO_COLOR, TERM=dumb, and being a terminal. */
export function wantsColor(
  stream: Pick<OutputStream, "isTerminal">,
  env: Readonly<Record<string, string | undefined>>,
  allowed = true,
): boolean {
  if (!allowed) return false;
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = env;
  if (force !== undefined) return force !== "0" && force.toLowerCase() !== "false";
  if (no !== undefined && no !== "") return false;
  return stream.isTerminal && term !== "dumb";
}

export function createTheme({ color, ascii }: { readonly color: boolean; readonly ascii: boolean }): Theme {
  const paint = (code: number) => (text: string) => (color && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text);
  return {
    good: paint(32),
    fair: paint(33),
    bad: paint(31),
    strong: paint(1),
    dim: paint(2),
    glyphs: ascii ? ASCII : UNICODE,
  };
}

/** Green from 95 %, yellow from 80 %, red below. */
export function qualityPaint(theme: Theme, percent: number | null): (text: string) => string {
  if (percent === null) return theme.dim;
  return percent >= 95 ? theme.good : percent >= 80 ? theme.fair : theme.bad;
}

const PLAIN: Readonly<Record<string, string>> = {
  "–": "-",
  "—": "-",
  "…": "...",
  "→": "->",
  "·": ".",
  "×": "x",
  "≥": ">=",
  "≤": "<=",
  "±": "+-",
  "’": "'",
  "“": '"',
  "”": '"',
  µ: "u",
};

/** The text in ASCII: usual signs by their look, others as `\u{…}`. For `--ascii`. */
export function toAscii(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[^\u0000-\u007f]/gu, (sign) => PLAIN[sign] ?? `\\u{${sign.codePointAt(0)!.toString(16)}}`);
}
