/** What `info` can show: a table within the table of verbs. */
import { UsageError, type Session } from "../../engine/index.js";
import { entryLines } from "../output/run-summary.js";
import { barsLines, gapLines, minuteLines, qualityLines, symbolQualityLines } from "../views/data-text.js";
import { journalLines } from "../views/journal-text.js";
import { eodLines, streamLines, threadLines, wordLines } from "../views/machine-text.js";
import { breakpointLines, markLines, watchLines } from "../views/point-text.js";
import type { ViewStyle } from "../views/style.js";
import type { Arguments } from "./arguments.js";
import { eventKinds } from "./event-kinds.js";
import { pickWord } from "./pick.js";
import type { Topic } from "./verb.js";

/** Bars, rows and events shown when nobody says how many. */
const FEW = 20;

/** A topic without arguments. */
const all =
  <Value>(
    read: (session: Session) => Value,
    draw: (value: Value, style: ViewStyle, session: Session) => string[],
  ): Topic["run"] =>
  (session, args, { style }) => {
    args.end();
    const value = read(session);
    return { value, lines: draw(value, style, session) };
  };

export const TOPICS: readonly Topic[] = [
  {
    name: "threads",
    form: "",
    about: "where each thread stands and what it waits for",
    run: all((session) => session.threads(), threadLines),
  },
  {
    name: "words",
    form: "",
    about: "the control words, with who writes them",
    run: all((session) => session.words(), wordLines),
  },
  {
    name: "streams",
    form: "",
    about: "the last bar of each symbol, and who keeps the day from draining",
    run: all((session) => session.streams(), streamLines),
  },
  {
    name: "eod",
    form: "",
    about: "the steps of the end of the day: done, next, later, and how long they took",
    run: all((session) => session.eod(), eodLines),
  },
  {
    name: "quality",
    form: "[SYM]",
    about: "coverage of each symbol so far",
    takes: [["symbol"]],
    run: (session, args, { style }) => {
      const symbol = args.symbol(session);
      args.end();
      if (symbol !== undefined) {
        const value = session.quality(symbol);
        return { value, lines: symbolQualityLines(value, style) };
      }
      const value = session.quality();
      return { value, lines: qualityLines(value, style) };
    },
  },
  {
    name: "gaps",
    form: "[SYM]",
    about: "missing minutes in a row",
    takes: [["symbol"]],
    run: (session, args, { style }) => {
      const symbol = args.symbol(session);
      args.end();
      const value = session.gaps(symbol);
      return { value, lines: gapLines(value, style) };
    },
  },
  {
    name: "bars",
    form: "SYM [5m] [last N]",
    about: "the last bars of a symbol",
    takes: [["symbol"], ["interval", "lastWord"], ["lastWord"]],
    run: (session, args, { style }) => {
      const symbol = args.symbol(session);
      if (symbol === undefined) throw args.error("a symbol is missing");
      const interval = /^\d/.test(args.peek ?? "") ? readInterval(session, args.word("an interval")) : undefined;
      const last = readLast(args) ?? FEW;
      args.end();
      const value = session.bars(symbol, interval, { last });
      return { value, lines: barsLines(value, style) };
    },
  },
  {
    name: "minutes",
    form: "[SYM] [last N]",
    about: "what the last minutes came to, symbol by symbol",
    takes: [["symbol", "lastWord"], ["lastWord"]],
    run: (session, args, { style }) => {
      const symbol = isLast(args) ? undefined : args.symbol(session);
      const last = readLast(args) ?? FEW;
      args.end();
      const value = session.minuteRows(last, symbol);
      return { value, lines: minuteLines(value, style) };
    },
  },
  {
    name: "journal",
    form: "[SYM] [KIND] [last N]",
    about: "what has happened, newest last",
    takes: [["symbol", "eventKind", "lastWord"], ["eventKind", "lastWord"], ["lastWord"]],
    run: (session, args, { style }) => {
      const value = session.journal(readFilter(session, args));
      return { value, lines: journalLines(value, style) };
    },
  },
  {
    name: "breaks",
    alias: "b",
    form: "",
    about: "breakpoints and log points; b alone will do",
    run: all((session) => session.breakpoints(), breakpointLines),
  },
  { name: "marks", form: "", about: "named places", run: all((session) => session.marks(), markLines) },
  {
    name: "watches",
    form: "",
    about: "what is watched, and its value",
    run: all((session) => session.watches(), watchLines),
  },
  {
    name: "paths",
    form: "",
    about: "where bardeck keeps things for this user",
    run: (_, args, { style, paths }) => {
      args.end();
      return { value: { ...paths }, lines: entryLines(Object.entries(paths), style.theme) };
    },
  },
];

function readInterval({ info: { intervals } }: Session, word: string): number | undefined {
  const minutes = Number(/^(\d{1,4})m?$/i.exec(word)?.[1]);
  if (minutes === 1) return undefined;
  if (intervals.includes(minutes)) return minutes;
  const there = [1, ...intervals].map((one) => `${one}m`).join(", ");
  throw new UsageError(`there are no ${word} bars in this replay`, `there are ${there}; --derive makes others`);
}

const isLast = (args: Arguments): boolean => args.peek?.toLowerCase() === "last";

/** `last N`. */
function readLast(args: Arguments): number | undefined {
  if (!isLast(args)) return undefined;
  args.word("last");
  return args.number("how many");
}

/** `[SYM] [KIND] [last N]`; a word that is both is the symbol. */
function readFilter(session: Session, args: Arguments): { symbol?: string; kind?: string; last: number } {
  const { symbols } = session.info.catalog;
  const kinds = eventKinds(session);
  const filter: { symbol?: string; kind?: string } = {};
  if (args.left > 0 && !isLast(args)) {
    const word = pickWord(args.word("a symbol or a kind"), [...symbols, ...kinds], "symbol or kind of event");
    if (symbols.includes(word)) filter.symbol = word;
    else filter.kind = word;
  }
  if (args.left > 0 && !isLast(args) && filter.kind === undefined) filter.kind = args.pick(kinds, "kind of event");
  const last = readLast(args) ?? FEW;
  args.end();
  return { ...filter, last };
}
