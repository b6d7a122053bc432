/** Command lines that can be copied into a shell. */
import { escapeName, type DataOptions, type Inspection, type OpenOptions } from "../../engine/index.js";

/** A word as a shell reads it back; control characters are written out, so that showing it is harmless. */
export function quoteArgument(text: string): string {
  if (escapeName(text) !== text) return `$'${escapeName(text.replace(/[\\']/g, "\\$&"))}'`;
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A `bardeck run` that shows the most interesting part of what was inspected: the symbol and the sessions around the
 * worst gap, read with the options it was inspected with.
 */
export function suggestRun(options: DataOptions, { worstGaps, catalog, days }: Inspection): string {
  const words = ["bardeck", "run", quoteArgument(options.path)];
  const worst = worstGaps[0];
  const shares = days.find((day) => day.date === worst?.date)?.coverage ?? [];
  const present = catalog.symbols.filter((_, i) => (shares[i] ?? null) !== null);
  if (worst && catalog.symbols.length > 1)
    words.push("--symbols", quoteArgument(nearby(present, worst.symbol).join(",")));
  else if (options.symbols) words.push("--symbols", quoteArgument(options.symbols.join(",")));
  const at = worst ? catalog.sessions.findIndex((session) => session.date === worst.date) : -1;
  const from = catalog.sessions[Math.max(0, at - 1)]?.date;
  const to = catalog.sessions[Math.min(catalog.sessions.length - 1, at + 1)]?.date;
  if (at >= 0 && from !== undefined && to !== undefined) words.push("--from", from, "--to", to);
  else {
    if (options.from !== undefined) words.push("--from", options.from);
    if (options.to !== undefined) words.push("--to", options.to);
  }
  return [...words, ...readingWords(options)].join(" ");
}

/** The symbol itself, and up to three more to compare it with. */
function nearby(symbols: readonly string[], symbol: string): string[] {
  const others = symbols.filter((one) => one !== symbol).slice(0, 3);
  return [symbol, ...others].sort();
}

/** The options that decide how the data is read: without them it would be read otherwise. */
function readingWords(options: DataOptions): string[] {
  const words: string[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) words.push(name, quoteArgument(value));
  };
  add("--sessions", options.sessions);
  add("--calendar", options.calendar);
  add("--tz", options.tz);
  add("--label", options.label);
  if (options.columns)
    add(
      "--columns",
      Object.entries(options.columns)
        .map(([role, name]) => `${role}=${name}`)
        .join(","),
    );
  if (options.floorMinutes) words.push("--floor-minutes");
  add("--on-load-error", options.onLoadError);
  add("--on-conflict", options.onConflict);
  return words;
}

/** The command line that opens this data in the same way: for a script that is to be carried out again, or for another command. */
export function openCommandLine(options: OpenOptions, command = "open"): string {
  const { path, symbols, from, to, speed, startTime, derive, derived, fill, fillFrom, keepDays } = options;
  const words = ["bardeck", command, quoteArgument(path)];
  const given: readonly [string, string | number | undefined][] = [
    ["--symbols", symbols?.join(",")],
    ["--from", from],
    ["--to", to],
    ["--start-time", startTime],
    ["--speed", speed],
    ["--derive", derive?.map((minutes) => `${minutes}m`).join(",")],
    ["--derived", derived],
    ["--fill", fillFrom === undefined ? fill : undefined],
    ["--fill-from", fillFrom],
    ["--keep-days", keepDays],
  ];
  for (const [name, value] of given) if (value !== undefined) words.push(name, quoteArgument(String(value)));
  return [...words, ...readingWords(options)].join(" ");
}
