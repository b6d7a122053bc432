/**
 * What a caller without a type checker gets wrong: a script in JavaScript, options put together elsewhere. Each is a UsageError that says
 * what there is, and none is passed over in silence: a misspelt option would give another run than was asked for.
 */
import { inspect } from "node:util";
import { BardeckError, UsageError } from "../../engine/index.js";
import { nearestName } from "../../engine/nearest-name.js";

type Named = "text" | "texts" | "number" | "numbers" | "flag" | "object" | "moment";

/** What an option takes: one of some words, or one of these. */
export type Kind = Named | readonly string[];

/** Options by name, each with what it takes; every name of the type must be there. */
export type Kinds<T> = { readonly [Name in keyof Required<T>]: Kind };

const KIND_TESTS: Readonly<Record<Named, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  texts: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
  number: (value) => typeof value === "number",
  numbers: (value) => Array.isArray(value) && value.every((one) => typeof one === "number"),
  flag: (value) => typeof value === "boolean",
  object: (value) => typeof value === "object" && value !== null,
  moment: () => true, // looked at where it is read
};
const KIND_NAMES: Readonly<Record<Named, string>> = {
  text: "a text",
  texts: 'a list of texts, e.g. ["SPY"]',
  number: "a number",
  numbers: "a list of numbers, e.g. [5, 15]",
  flag: "true or false",
  object: "an object",
  moment: "a time",
};

/** Throws for the first option that there is not, or that has another kind of value. `what` takes them, e.g. `open`. */
export function checkOptions<T>(what: string, given: unknown, kinds: Kinds<T>): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new UsageError(
      `${what}: ${short(given)} stands where options do`,
      `give an object, e.g. { ${Object.keys(kinds)[0]}: … }`,
    );
  for (const [name, value] of Object.entries(given)) {
    const kind: Kind | undefined = Object.hasOwn(kinds, name) ? kinds[name as keyof T] : undefined;
    if (kind === undefined) throw unknown(`${what}: there is no option`, name, Object.keys(kinds));
    if (value === undefined) continue;
    if (typeof kind !== "string") checkWord(`${what}: ${name}`, value, kind);
    else if (!KIND_TESTS[kind](value))
      throw new UsageError(`${what}: ${name} is ${short(value)}`, `it takes ${KIND_NAMES[kind]}`);
  }
}

/** Throws unless it is one of the words. */
export function checkWord(what: string, given: unknown, words: readonly string[]): void {
  if (!words.includes(given as string)) throw unknown(`${what}: there is no`, given, words);
}

/** Throws unless it is a text with something in it: a name of a file, a symbol, a line. */
export function checkText(what: string, given: unknown, example: string): void {
  if (typeof given !== "string" || given.trim() === "")
    throw new UsageError(`${what}: ${short(given)} is no text`, `e.g. ${example}`);
}

export function checkFunction(what: string, given: unknown): void {
  if (typeof given !== "function") throw new UsageError(`${what}: ${short(given)} is no function`, "give a function");
}

/** A test that says so when it answers anything but true or false; a promise is what an `async` one answers. */
export function strict<Argument>(test: (argument: Argument) => boolean): (argument: Argument) => boolean {
  return (argument) => {
    const answer: unknown = test(argument);
    if (typeof answer === "boolean") return answer;
    const isLate = answer instanceof Promise;
    if (isLate) answer.catch(() => {}); // what it says is not asked for
    throw new UsageError(
      `the function answers ${isLate ? "a promise" : short(answer)}, not true or false`,
      isLate ? "it must be synchronous: leave out async" : "compare, e.g. (v) => v.gaps().length > 3",
    );
  };
}

/** The engine names options as the command line does; in code `--start-time` is `startTime`. */
export function inWordsOfCode(error: unknown): unknown {
  if (!(error instanceof BardeckError)) return error;
  const told = (text: string): string =>
    text
      .replace(
        /--derive (\d+)m(?:,(\d+)m)?/g,
        (_, one: string, two?: string) => `derive: [${two ? `${one}, ${two}` : one}]`,
      )
      .replace(/(?<![\w-])--([a-z]+(?:-[a-z]+)*)/g, (_, name: string) =>
        name.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase()),
      );
  error.message = told(error.message);
  Object.defineProperty(error, "hint", { value: told(error.hint) });
  return error;
}

function unknown(what: string, given: unknown, words: readonly string[]): UsageError {
  const near = typeof given === "string" ? nearestName(given, words) : undefined;
  return new UsageError(`${what} ${short(given)}`, near ? `did you mean ${near}?` : `there are ${words.join(", ")}`);
}

function short(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 80);
}
