/** Editing a line: what each key does to it. Pure; knows neither commands nor filters. */
import type { Key } from "./terminal/key-reader.js";
import type { Line } from "./ui.js";

export const EMPTY_LINE: Line = { text: "", at: 0 };

/** The line with the cursor at its end. */
export function lineOf(text: string): Line {
  return { text, at: text.length };
}

/** The line after a key; undefined for a key that does nothing to it. */
export function editLine({ text, at }: Line, key: Key): Line | undefined {
  if (typeof key !== "string") return insert({ text, at }, key.paste.replace(/\s+/g, " "));
  if (key === "space") return insert({ text, at }, " ");
  if ([...key].length === 1) return insert({ text, at }, key);
  switch (key) {
    case "backspace":
      return at === 0
        ? { text, at }
        : { text: text.slice(0, at - signBefore(text, at)) + text.slice(at), at: at - signBefore(text, at) };
    case "delete":
    case "ctrl-d":
      return { text: text.slice(0, at) + text.slice(at + signAfter(text, at)), at };
    case "left":
    case "ctrl-b":
      return { text, at: at - signBefore(text, at) };
    case "right":
    case "ctrl-f":
      return { text, at: at + signAfter(text, at) };
    case "home":
    case "ctrl-a":
      return { text, at: 0 };
    case "end":
    case "ctrl-e":
      return { text, at: text.length };
    case "ctrl-u":
      return { text: text.slice(at), at: 0 };
    case "ctrl-k":
      return { text: text.slice(0, at), at };
    case "ctrl-w": {
      const kept = text.slice(0, at).replace(/\S+\s*$/, "");
      return { text: kept + text.slice(at), at: kept.length };
    }
    default:
      return undefined;
  }
}

function insert({ text, at }: Line, more: string): Line {
  return { text: text.slice(0, at) + more + text.slice(at), at: at + more.length };
}

/** Code units of the sign before and behind a place: signs beyond the basic plane have two. */
function signBefore(text: string, at: number): number {
  return Array.from(text.slice(0, at)).at(-1)?.length ?? 0;
}
function signAfter(text: string, at: number): number {
  return Array.from(text.slice(at))[0]?.length ?? 0;
}

/** The word at `start` replaced by what all candidates have in common; by the only one, with a blank behind it. */
export function completeLine({ text, at }: Line, start: number, candidates: readonly string[]): Line {
  if (candidates.length === 0) return { text, at };
  const shared = candidates.reduce((common, one) => {
    let length = 0;
    while (length < common.length && common[length] === one[length]) length++;
    return common.slice(0, length);
  });
  // A condition that ends with its sign goes on with a number.
  const open = /[<>=]$/.test(shared);
  const word = candidates.length === 1 && !open ? `${shared} ` : shared;
  if (word.length < at - start) return { text, at };
  const rest = text.slice(at).replace(/^ /, word.endsWith(" ") ? "" : " ");
  return { text: text.slice(0, start) + word + rest, at: start + word.length };
}
