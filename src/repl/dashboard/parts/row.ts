/**
 * Lines of styled text as plain data: what selectors make and the drawing paints. Widths are terminal cells.
 * Text from outside (symbols, file names, messages) is cleaned here, in the one place everything passes.
 */
import stringWidth from "string-width";

/**
 * What a piece of text means, not how it looks; painted with the 16 colours a terminal calls its own, so that it works on
 * light and dark ones. A tone never says anything alone: a word, a number or a glyph always says it too.
 */
export type Tone = "good" | "fair" | "bad" | "dim" | "strong" | "accent" | "inverse" | "alarm";

export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}
export type Row = readonly Span[];

const SGR: Readonly<Record<Tone, string>> = {
  good: "32",
  fair: "33",
  bad: "31",
  dim: "2",
  strong: "1",
  accent: "36",
  inverse: "7",
  alarm: "1;7;31",
};

export function span(text: string, tone?: Tone): Span {
  return tone === undefined ? { text: harmless(text) } : { text: harmless(text), tone };
}

/** A row of one piece. */
export function line(text: string, tone?: Tone): Row {
  return [span(text, tone)];
}

/** Cells a text takes. */
export function textWidth(text: string): number {
  // Everything we draw ourselves lies below U+2600 and takes one cell a sign.
  // eslint-disable-next-line no-control-regex
  return /^[\u0020-\u007e\u00a0-\u02ff\u2010-\u25ff]*$/.test(text) ? text.length : stringWidth(text);
}

export function rowWidth(row: Row): number {
  return row.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** Exactly `width` cells: cut with `…`, or filled with blanks. */
export function fitRow(row: Row, width: number): Row {
  const has = rowWidth(row);
  if (has === width) return row;
  if (has < width) return [...row, span(" ".repeat(width - has))];
  const kept: Span[] = [];
  let left = width - 1;
  for (const { text, tone } of row) {
    if (textWidth(text) > left) {
      const cut = cutText(text, left);
      kept.push(span(`${cut}…`, tone), span(" ".repeat(left - textWidth(cut))));
      break;
    }
    kept.push(span(text, tone));
    left -= textWidth(text);
  }
  return width > 0 ? kept : [];
}

/** Exactly `width` cells. */
export function fitText(raw: string, width: number, align: "left" | "right" = "left"): string {
  const text = harmless(raw);
  const has = textWidth(text);
  if (has > width) return width <= 0 ? "" : padEnd(`${cutText(text, width - 1)}…`, width);
  return align === "left" ? padEnd(text, width) : " ".repeat(width - has) + text;
}

function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/** The longest beginning that takes at most `width` cells. */
function cutText(text: string, width: number): string {
  let taken = "";
  let used = 0;
  for (const sign of text) {
    used += textWidth(sign);
    if (used > width) break;
    taken += sign;
  }
  return taken;
}

/** The longest end that takes at most `width` cells. */
export function cutStart(text: string, width: number): string {
  let at = text.length;
  let used = 0;
  for (const sign of [...text].reverse()) {
    used += textWidth(sign);
    if (used > width) break;
    at -= sign.length;
  }
  return text.slice(at);
}

/** Rows of words that are each at most `width` cells wide; a longer word is cut. */
export function wrapText(text: string, width: number): string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of text.split(" ")) {
    const longer = row === "" ? word : `${row} ${word}`;
    if (textWidth(longer) <= width) row = longer;
    else {
      if (row !== "") rows.push(row);
      row = textWidth(word) > width ? fitText(word, width) : word;
    }
  }
  return [...rows, row];
}

/**
 * Makes text from outside harmless: control characters, line ends, marks of direction and emoji (no two terminals agree on
 * their width) show as `\u{…}`.
 */
function harmless(text: string): string {
  if (/^[\u0020-\u007e]*$/.test(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Emoji_Presentation}]/gu,
    (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`,
  );
}

/** How rows become text for a terminal. */
export interface Paint {
  readonly color: boolean;
  readonly ascii: boolean;
}

/** The row with its colours as a terminal takes them; no more of them than it needs. */
export function paintRow(row: Row, { color, ascii }: Paint): string {
  let painted = "";
  let now: Tone | undefined;
  for (const { text, tone } of row) {
    const signs = ascii ? asciiText(text) : text;
    const isBlank =
      (now === undefined || !FILLED.has(now)) && (tone === undefined || !FILLED.has(tone)) && !/\S/.test(text);
    if (color && tone !== now && !isBlank) {
      painted += tone === undefined ? RESET : `\x1b[${now === undefined ? "" : "0;"}${SGR[tone]}m`;
      now = tone;
    }
    painted += signs;
  }
  return now === undefined ? painted : painted + RESET;
}

const RESET = "\x1b[0m";
/** Tones in which blanks show. */
const FILLED: ReadonlySet<Tone> = new Set(["inverse", "alarm"]);

/** One ASCII sign for each of ours, so that nothing moves. */
const ASCII: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["─", "-"],
    ["═", "="],
    ["│║╵╷", "|"],
    ["┌┐└┘├┤┬┴┼╔╗╚╝", "+"],
    ["█▀▄▇▆▅", "#"],
    ["┃╹╻╿╽", "O"],
    ["▒", "+"],
    ["░", "x"],
    ["▁▂▃", "."],
    ["·", "."],
    ["●", "O"],
    ["◆", "*"],
    ["◇", "o"],
    ["▶▸→›", ">"],
    ["◀←‹", "<"],
    ["▲↑", "^"],
    ["▼↓", "v"],
    ["▐", "|"],
    ["■", "#"],
    ["✓", "+"],
    ["○", "o"],
    ["–—−", "-"],
    ["…", "~"],
    ["×", "x"],
    ["≥≤", "="],
    ["’", "'"],
    ["“”", '"'],
    ["µ", "u"],
  ].flatMap(([signs, plain]) => [...signs].map((sign) => [sign, plain])),
);

function asciiText(text: string): string {
  return text.replace(/[^\u0000-\u007f]/gu, (sign) => ASCII[sign] ?? "?".repeat(textWidth(sign)));
}
