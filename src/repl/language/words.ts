/**
 * A line as words: blanks part words, `;` parts commands, quotes keep both together. Pure; knows no verb.
 *
 * Within `"…"` a backslash writes `\"`, `\\`, `\n`, `\r` and `\t`; within `'…'` every character stands for itself.
 * Outside of quotes a backslash is a character like any other.
 */

export interface Word {
  readonly text: string;
  /** Where it stands in the line, its quotes included; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface SplitLine {
  /** The words of each command; a command without words is there too, so that a cursor can be in it. */
  readonly commands: readonly (readonly Word[])[];
  /** Where a quote opens that is never closed. */
  readonly unclosed: number | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", r: "\r", t: "\t" };

/** A line that begins with `#` is a remark and has no words. */
export function splitLine(line: string): SplitLine {
  const commands: Word[][] = [[]];
  if (/^\s*#/.test(line)) return { commands, unclosed: undefined };
  let at = 0;
  while (at < line.length) {
    if (line[at] === ";") {
      commands.push([]);
      at++;
    } else if (/\s/.test(line[at])) at++;
    else {
      const { word, unclosed } = readWord(line, at);
      commands.at(-1)!.push(word);
      if (unclosed !== undefined) return { commands, unclosed };
      at = word.end;
    }
  }
  return { commands, unclosed: undefined };
}

function readWord(line: string, start: number): { word: Word; unclosed?: number } {
  let text = "";
  let at = start;
  while (at < line.length && line[at] !== ";" && !/\s/.test(line[at])) {
    const quote = line[at];
    if (quote !== '"' && quote !== "'") {
      text += line[at++];
      continue;
    }
    const opened = at++;
    while (at < line.length && line[at] !== quote) {
      const escaped = quote === '"' && line[at] === "\\" ? ESCAPES[line[at + 1]] : undefined;
      text += escaped ?? line[at];
      at += escaped === undefined ? 1 : 2;
    }
    if (at >= line.length) return { word: { text, start, end: at }, unclosed: opened };
    at++;
  }
  return { word: { text, start, end: at } };
}

/** The word as it is read back: as it is where that suffices, else in double quotes. */
export function quoteWord(text: string): string {
  if (/^[^\s;"'#][^\s;"']*$/.test(text)) return text;
  const names: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t" };
  return `"${text.replace(/["\\\n\r\t]/g, (sign) => `\\${names[sign] ?? sign}`)}"`;
}
