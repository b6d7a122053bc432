/** What can stand at a cursor: candidates from the table of verbs and from the session. Changes nothing. */
import { BUCKET_STATUS, EOD_STEPS, MEASURES, UNITS, type Session, type SlotClass } from "../../engine/index.js";
import { eventKinds } from "./event-kinds.js";
import { readVerb } from "./parse.js";
import { EXPORTS } from "./results.js";
import { TOPICS } from "./topics.js";
import type { ArgumentKind } from "./verb.js";
import { verbNamed, VERBS } from "./verbs.js";
import { splitLine } from "./words.js";

export interface Completion {
  /** Where the word to be replaced begins. */
  readonly start: number;
  /** What it can become, in the order of the table or of the session. */
  readonly candidates: readonly string[];
}

/** Candidates for the word at `cursor`. None within quotes and remarks, and none for what nobody can know, e.g. a file. */
export function complete(line: string, cursor: number, session: Session): Completion {
  const { commands, unclosed } = splitLine(line.slice(0, cursor));
  if (unclosed !== undefined || /^\s*#/.test(line)) return { start: cursor, candidates: [] };
  const words = commands.at(-1)!;
  const last = words.at(-1);
  const inWord = last !== undefined && last.end === cursor;
  const before = (inWord ? words.slice(0, -1) : words).map((word) => word.text);
  const start = inWord ? last.start : cursor;
  const typed = inWord ? last.text.toLowerCase() : "";
  const all = before.length === 0 ? VERBS.map((verb) => verb.name) : argumentCandidates(before, session);
  return { start, candidates: [...new Set(all)].filter((one) => one.toLowerCase().startsWith(typed)) };
}

function argumentCandidates([first, ...args]: readonly string[], session: Session): string[] {
  let takes: readonly (readonly ArgumentKind[])[] = [];
  try {
    takes = verbNamed(readVerb(first).name).takes ?? [];
  } catch {
    return []; // no verb, no arguments
  }
  let at = args.length;
  if (takes[0]?.includes("topic") && args.length > 0) {
    const topics = TOPICS.filter((topic) => topic.name.startsWith(args[0].toLowerCase()));
    takes = topics.length === 1 ? (topics[0].takes ?? []) : [];
    at--;
  }
  const kinds = takes[at] ?? takes.at(-1) ?? [];
  return kinds.flatMap((kind) => CANDIDATES[kind](session));
}

const CANDIDATES: Readonly<Record<ArgumentKind, (session: Session) => readonly string[]>> = {
  unit: () => UNITS,
  symbol: ({ info }) => info.catalog.symbols,
  thread: () => ["coordinator", "upkeep"],
  stepWord: () => ["step"],
  topic: () => TOPICS.map((topic) => topic.name),
  condition: conditionWords,
  time: ({ info }) => info.catalog.sessions.map((one) => one.date),
  mark: (session) => session.marks().map((mark) => mark.name),
  breakpoint: (session) => session.breakpoints().map((point) => String(point.id)),
  measure: ({ info }) => info.catalog.symbols.flatMap((symbol) => MEASURES.map((one) => `${symbol}.${one}`)),
  watch: (session) => session.watches().map((watch) => watch.text),
  speed: () => ["1", "10", "60", "360", "3600", "max", "slower", "faster"],
  mode: () => ["data", "clock"],
  interval: ({ info }) => [1, ...info.intervals].map((minutes) => `${minutes}m`),
  eventKind: eventKinds,
  lastWord: () => ["last"],
  exportKind: () => EXPORTS.map((one) => one.name),
  verb: () => VERBS.map((verb) => verb.name),
};

const SLOT_CLASSES = [
  "streamed",
  "preMarket",
  "afterHours",
  "atClose",
  "rejected",
  "duplicate",
  "conflict",
] as const satisfies readonly SlotClass[];

/** Words a condition is made of. What compares ends with its sign, so that a number follows. */
function conditionWords({ info: { catalog } }: Session): string[] {
  const signs: Partial<Record<string, string>> = { quality: "<", quality30: "<", low: "<" };
  const measures = MEASURES.map((one) => `${one}${signs[one] ?? (one === "gap" ? ">=" : ">")}`);
  const atoms = [...measures, "rejected", "fill", ...statusWords()];
  return [
    ...atoms,
    ...SLOT_CLASSES.map((name) => `class=${name}`),
    ...EOD_STEPS.map((step) => `phase=${step}`),
    ...catalog.sessions.map(({ date }) => `day=${date}`),
    ...catalog.symbols.flatMap((symbol) => atoms.map((atom) => `${symbol}.${atom}`)),
    "and",
    "if",
  ];
}

const statusWords = (): string[] => BUCKET_STATUS.filter((one) => one !== "none").map((one) => `derived=${one}`);
