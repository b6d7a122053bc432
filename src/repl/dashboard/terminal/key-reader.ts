/**
 * From what a terminal sends to the names of the keys that were pressed. Keys typed fast arrive as one string, and a sequence
 * may arrive in pieces. Names: a character as itself, `space`, `enter`, `esc`, `tab`, `shift-tab`, `up`, `page-down`, `ctrl-c`, …
 * Pasted text is one key of its own, so that it is never taken for commands.
 */

/** A key by its name, or text that was pasted. */
export type Key = string | { readonly paste: string };

const SEQUENCES: Readonly<Record<string, string>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "[H": "home",
  "[F": "end",
  "[Z": "shift-tab",
  "[1~": "home",
  "[3~": "delete",
  "[4~": "end",
  "[5~": "page-up",
  "[6~": "page-down",
  "[7~": "home",
  "[8~": "end",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  OH: "home",
  OF: "end",
  OM: "enter",
};

const CONTROL: Readonly<Record<number, string>> = {
  0x00: "ctrl-space",
  0x08: "backspace",
  0x09: "tab",
  0x0a: "enter",
  0x0d: "enter",
  0x1b: "esc",
  0x7f: "backspace",
};

const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";
/** A whole sequence: CSI with parameters and a final byte, or SS3 with one. */
const SEQUENCE = /^\x1b(\[[0-?]*[ -/]*[@-~]|O[ -~])/;
const BEGUN = /^\x1b(\[[0-?]*[ -/]*|O)?$/;
/** Longer than any sequence a terminal sends. */
const LONGEST_SEQUENCE = 32;

export class KeyReader {
  private rest = "";

  /** The keys of `text` and of what was left before; an unfinished sequence waits for more. */
  push(text: string): Key[] {
    this.rest += text;
    const keys: Key[] = [];
    while (this.rest !== "") {
      const key = this.next();
      if (key === undefined) break;
      if (key !== null) keys.push(key);
    }
    return keys;
  }

  /** Something has begun and not ended: Esc alone, or the first piece of a sequence. */
  get waits(): boolean {
    return this.rest !== "" && !this.rest.startsWith(PASTE_BEGINS);
  }

  /** Nothing more has come: what waits is Esc, and the keys behind it. */
  flush(): Key[] {
    if (!this.waits) return [];
    const rest = this.rest.slice(1);
    this.rest = "";
    return ["esc", ...this.push(rest)];
  }

  /** Takes one key off. Undefined: wait for more; null: a sequence that is no key of ours. */
  private next(): Key | null | undefined {
    if (this.rest.startsWith("\x1b")) return this.nextSequence();
    const sign = String.fromCodePoint(this.rest.codePointAt(0)!);
    this.take(sign.length);
    const code = sign.codePointAt(0)!;
    if (code in CONTROL) return CONTROL[code];
    if (code < 0x20) return `ctrl-${String.fromCharCode(code + 0x60)}`;
    return sign === " " ? "space" : sign;
  }

  private nextSequence(): Key | null | undefined {
    if (this.rest.startsWith(PASTE_BEGINS)) {
      const end = this.rest.indexOf(PASTE_ENDS);
      if (end < 0) return undefined;
      const paste = this.rest.slice(PASTE_BEGINS.length, end);
      this.take(end + PASTE_ENDS.length);
      return { paste };
    }
    const sequence = SEQUENCE.exec(this.rest);
    if (sequence) {
      this.take(sequence[0].length);
      return SEQUENCES[sequence[1]] ?? null;
    }
    if (this.rest.length < LONGEST_SEQUENCE && BEGUN.test(this.rest)) return undefined;
    this.take(1);
    return "esc";
  }

  private take(length: number): void {
    this.rest = this.rest.slice(length);
  }
}
