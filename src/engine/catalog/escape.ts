/**
 * Names that came from a disk or a file are shown to people: nothing in them may move a cursor or hide text.
 */

// C0, DEL, C1, line separators and the marks that reorder text. Lone surrogates cannot be printed either.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/**
 * The text with every control character written out, e.g. a line feed as `\n` and an escape as `\x1b`.
 * Text without any is returned unchanged.
 *
 *     escapeName("SPY\u001b[2J.parquet") // "SPY\\x1b[2J.parquet"
 */
export function escapeName(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code === 9) return "\\t";
    if (code === 10) return "\\n";
    if (code === 13) return "\\r";
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
