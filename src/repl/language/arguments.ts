/**
 * What follows a verb, read from left to right. Every way of reading says in a `UsageError` what is missing or wrong, and
 * how it is written.
 */
import { escapeName, UsageError, type Session } from "../../engine/index.js";
import { pickWord } from "./pick.js";

/** How a verb is written, for the hints. */
export interface Usage {
  readonly name: string;
  readonly form: string;
  readonly example: string;
}

const MOST_STEPS = 1_000_000_000;

export class Arguments {
  private next = 0;

  constructor(
    private readonly usage: Usage,
    readonly words: readonly string[],
  ) {}

  /** Words that have not been read. */
  get left(): number {
    return this.words.length - this.next;
  }

  /** The next word without taking it. */
  get peek(): string | undefined {
    return this.words[this.next];
  }

  /** The next word, whatever it is. */
  word(what: string): string {
    const word = this.peek;
    if (word === undefined || word === "") throw this.error(`${what} is missing`);
    this.next++;
    return word;
  }

  /** All that is left, as one text. */
  text(what: string): string {
    const text = this.words.slice(this.next).join(" ").trim();
    if (text === "") throw this.error(`${what} is missing`);
    this.next = this.words.length;
    return text;
  }

  /** One of some words; `otherwise` when there is no word left. */
  pick<Name extends string>(candidates: readonly Name[], what: string, otherwise?: Name): Name {
    if (this.peek === undefined && otherwise !== undefined) return otherwise;
    return pickWord(this.word(`a ${what}`), candidates, what);
  }

  /** A symbol of the session; undefined when there is no word left. */
  symbol(session: Session): string | undefined {
    if (this.peek === undefined) return undefined;
    return pickWord(this.word("a symbol"), session.info.catalog.symbols, "symbol of this replay");
  }

  /** A whole number from 1 where the next word is one, else 1. */
  count(): number {
    return this.peek !== undefined && /^[-+.\d]/.test(this.peek) ? this.number("a count") : 1;
  }

  /** A whole number from 1. */
  number(what: string): number {
    const word = this.word(what);
    const count = /^\d{1,10}$/.test(word) ? Number(word) : NaN;
    if (count >= 1 && count <= MOST_STEPS) return count;
    throw this.error(`${quote(word)} is not a whole number from 1`);
  }

  /** Throws when something is left over. */
  end(): void {
    if (this.left > 0) throw this.error(`${quote(this.words.slice(this.next).join(" "))} is too much`);
  }

  error(message: string): UsageError {
    const { name, form, example } = this.usage;
    const written = form === "" ? name : `${name} ${form}`;
    return new UsageError(`${name}: ${message}`, `write ${written}, e.g. ${example}`);
  }
}

function quote(text: string): string {
  return escapeName(JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text));
}
