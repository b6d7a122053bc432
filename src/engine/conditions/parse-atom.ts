/** One part of a condition, between `and`s: `TSLA.quality < 95`, `rejected`, `2013-10-08 15:58`. */
import { UsageError } from "../errors.js";
import { ROW_CLASSES, type RowClass } from "../market/bars.js";
import { isIsoDate, parseIsoDate } from "../market/dates.js";
import { BUCKET_STATUS } from "../market/day.js";
import { EOD_STEPS } from "../protocol/phases.js";
import { MEASURES, type Atom, type Comparison, type Measure, type SlotClass } from "./condition.js";
import { nearestName } from "../nearest-name.js";

/** What the names in conditions may be. */
export interface KnownNames {
  readonly symbols: readonly string[];
}

const STATUSES = BUCKET_STATUS.filter((status) => status !== "none");
const WORDS = [...MEASURES, "rejected", "class", "fill", "derived", "phase", "day"] as const;
type Word = (typeof WORDS)[number];

const WORD_FORM = new RegExp(String.raw`^(${WORDS.join("|")})\s*(?:(<=|>=|==|=|<|>)\s*(.*))?$`, "i");
const NUMBER_FORM = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const TIME_FORM = /^(\d{1,2}):(\d{2})$/;

/** Why no condition can wait for these: they are not counted at a minute of a session. */
const WITHOUT_SLOT: Partial<Record<RowClass, string>> = {
  noSession: "these rows lie on days without a session",
  outOfRange: "these rows were not asked for and belong to no minute of the replay",
  wrongSymbol: "these rows are of symbols that are not replayed",
  unread: "these rows were never read, so nobody knows their minute",
};

/** The atoms of one part: a date with a time is two. */
export function parseAtoms(part: string, known: KnownNames): Atom[] {
  const moment = parseMoment(part);
  if (moment) return moment;
  const cut = cutAtWord(part);
  if (!cut) throw unknownPart(part, known);
  const { owner, word, comparison, value } = cut;
  if (word === "phase" || word === "day") {
    if (owner !== undefined)
      throw new UsageError(`${quoted(part)}: a ${word} has no symbol`, `write ${part.slice(owner.length + 1)}`);
    return [placeAtom(part, word, comparison, value)];
  }
  const symbol = owner === undefined ? undefined : findSymbol(owner, known);
  switch (word) {
    case "rejected":
    case "fill":
      if (comparison !== undefined) throw new UsageError(`${quoted(part)}: ${word} stands alone`, `write ${word}`);
      return [word === "fill" ? { kind: "fill", symbol } : { kind: "class", symbol, name: "rejected" }];
    case "class":
      return [{ kind: "class", symbol, name: parseClass(named(part, word, comparison, value)) }];
    case "derived":
      return [{ kind: "derived", symbol, status: oneOf(named(part, word, comparison, value), STATUSES, "status") }];
    default:
      return [{ kind: "measure", symbol, measure: word, ...compared(part, word, comparison, value) }];
  }
}

interface Cut {
  /** What stands before the word's dot: a symbol, if it is known. */
  readonly owner: string | undefined;
  readonly word: Word;
  readonly comparison: string | undefined;
  readonly value: string;
}

/** Cuts at the last dot that leaves a known word, since symbols may hold dots, and anything else (`BRK.B`, `ES=F`). */
function cutAtWord(part: string): Cut | undefined {
  for (let start = part.length; start >= 0; start--) {
    if (start > 0 && part[start - 1] !== ".") continue;
    const match = WORD_FORM.exec(part.slice(start));
    if (!match) continue;
    return {
      owner: start > 0 ? part.slice(0, start - 1).trim() : undefined,
      word: match[1].toLowerCase() as Word,
      comparison: match[2],
      value: (match[3] ?? "").trim(),
    };
  }
  return undefined;
}

function placeAtom(part: string, word: "phase" | "day", comparison: string | undefined, value: string): Atom {
  const name = named(part, word, comparison, value);
  if (word === "day") return { kind: "day", date: parseIsoDate(name, "day") };
  return { kind: "phase", step: oneOf(name, EOD_STEPS, "step of the end of a day") };
}

/** The name after `=`. */
function named(part: string, word: string, comparison: string | undefined, value: string): string {
  const example = { class: "duplicate", derived: "incomplete", phase: "roll", day: "2013-10-08" }[word];
  if (comparison === undefined || value === "")
    throw new UsageError(`${quoted(part)} does not say which ${word}`, `write ${word}=${example}`);
  if (comparison !== "=" && comparison !== "==")
    throw new UsageError(`${quoted(part)}: a ${word} has a name, not a size`, `write ${word}=${example}`);
  return value;
}

function compared(
  part: string,
  word: Measure,
  comparison: string | undefined,
  value: string,
): { comparison: Comparison; value: number } {
  const example = word === "gap" ? "gap>=3" : word.startsWith("quality") ? `${word}<95` : `${word}>100`;
  if (comparison === undefined)
    throw new UsageError(`${quoted(part)}: ${word} is a number and needs a comparison`, `write it like ${example}`);
  if (value.startsWith("<") || value.startsWith(">") || value.startsWith("="))
    throw new UsageError(`${quoted(part)}: there is no comparison ${comparison}${value[0]}`, "take < <= > >= or =");
  const number = NUMBER_FORM.test(value) ? Number(value) : NaN;
  if (!Number.isFinite(number)) {
    const either = /\s(?:or\b|\|\|)/i.test(value);
    throw new UsageError(
      `${quoted(part)}: ${value === "" ? "a number is missing" : `${quoted(value)} is no number`}`,
      either ? `there is no "or": set a breakpoint for each` : `write it like ${example}`,
    );
  }
  // −0 would not survive its text.
  return { comparison: comparison === "==" ? "=" : (comparison as Comparison), value: number + 0 };
}

function parseClass(name: string): SlotClass {
  const rowClass = oneOf(name, ROW_CLASSES, "row class");
  const why = WITHOUT_SLOT[rowClass];
  if (why)
    throw new UsageError(
      `class=${rowClass} cannot be waited for: ${why}`,
      `"bardeck inspect" counts them; classes to wait for: ${ROW_CLASSES.filter((c) => !WITHOUT_SLOT[c]).join(", ")}`,
    );
  return rowClass as SlotClass;
}

function oneOf<Name extends string>(text: string, names: readonly Name[], what: string): Name {
  const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const near = nearestName(text, names);
  throw new UsageError(
    `there is no ${what} ${quoted(text)}`,
    near ? `did you mean ${near}?` : `there are ${names.join(", ")}`,
  );
}

/** Exactly as written, else the only one that differs in case alone. */
function findSymbol(text: string, { symbols }: KnownNames): string {
  if (symbols.includes(text)) return text;
  const same = symbols.filter((symbol) => symbol.toLowerCase() === text.toLowerCase());
  if (same.length === 1) return same[0];
  if (same.length > 1) throw new UsageError(`${quoted(text)} may be ${same.join(" or ")}`, "write it in its own case");
  if (text === "") throw new UsageError("a symbol is missing before the dot", "leave the dot out to mean any symbol");
  const near = nearestName(text, symbols);
  throw new UsageError(
    `there is no symbol ${quoted(text)} in this replay`,
    near ? `did you mean ${near}?` : `there are ${listed(symbols)}`,
  );
}

/** `15:58`, `2013-10-08 15:58`; undefined when the part does not look like either. */
function parseMoment(part: string): Atom[] | undefined {
  if (!/^\d[\dT:./\s-]*$/i.test(part)) return undefined;
  const [, date, time] = /^(?:(.*?)(?:\s+|T))?(\S*:\S*)$/i.exec(part) ?? [];
  if (time === undefined) {
    if (isIsoDate(part)) throw new UsageError(`${quoted(part)} is a date alone`, `write day=${part}`);
    throw new UsageError(`${quoted(part)} is no condition`, "write a time like 15:58, or one like quality<95");
  }
  const [, hours, minutes] = TIME_FORM.exec(time) ?? [];
  const minuteOfDay = Number(hours) * 60 + Number(minutes);
  if (!(Number(minutes) < 60 && minuteOfDay <= 1440))
    throw new UsageError(`${quoted(time)} is no time of day`, "write it like 15:58, in the exchange's time");
  const atom: Atom = { kind: "time", minuteOfDay };
  return date === undefined ? [atom] : [{ kind: "day", date: parseIsoDate(date) }, atom];
}

/** What to say of a part in which no known word stands. */
function unknownPart(part: string, { symbols }: KnownNames): UsageError {
  const lower = part.toLowerCase();
  for (const [word, names] of [
    ["class", ROW_CLASSES],
    ["phase", EOD_STEPS],
    ["derived", STATUSES],
  ] as const) {
    const name = names.find((n) => n.toLowerCase() === lower);
    if (name) return new UsageError(`${quoted(part)} alone is no condition`, `write ${word}=${name}`);
  }
  const symbol = symbols.find((s) => s.toLowerCase() === lower);
  if (symbol !== undefined)
    return new UsageError(`${quoted(part)} does not say what of it`, `write it like ${symbol}.last>100`);
  const owner = symbols.findLast((s) => lower.startsWith(`${s.toLowerCase()}.`));
  const head = part.replace(/\s*[<>=].*$/s, "");
  const word =
    owner === undefined ? head.slice(head.lastIndexOf(".") + 1) : part.slice(owner.length + 1).split(/\s*[<>=]/)[0];
  const near = nearestName(word, WORDS) ?? WORDS.find((name) => word.length > 2 && name.startsWith(word.toLowerCase()));
  return new UsageError(
    `${quoted(part)}: there is no condition on ${quoted(word)}`,
    near ? `did you mean ${near}?` : `there are ${WORDS.join(", ")}, and times like 15:58`,
  );
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function listed(names: readonly string[]): string {
  return names.slice(0, 12).join(", ") + (names.length > 12 ? ` and ${names.length - 12} more` : "");
}
