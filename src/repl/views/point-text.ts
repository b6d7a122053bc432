/** Breakpoints, marks and watches. */
import { escapeName, type Breakpoint, type LogEntry, type Mark, type WatchValue } from "../../engine/index.js";
import { formatCount } from "../output/format.js";
import { drawTable, type ViewStyle } from "./style.js";

/** `2: gap>=3 (temporary)`. */
export function breakpointText({ id, text, temporary, ignore }: Breakpoint): string {
  const notes = [temporary ? "temporary" : "", ignore > 0 ? `ignores ${formatCount(ignore)} more` : ""].filter(Boolean);
  return `${id}: ${escapeName(text)}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

/** What a log point tells: `2: 2013-10-08 IBM gap of 1 bar since 12:39 at 12:40`. A run passes many days, and no other line names them. */
export function logText({ breakpoint, date, text }: LogEntry): [point: string, text: string] {
  return [`log ${breakpoint}:`, escapeName(text.startsWith(date) ? text : `${date} ${text}`)];
}

const COLUMNS = [
  { title: "NO", align: "right" as const },
  { title: "CONDITION" },
  { title: "DOES" },
  { title: "HITS", align: "right" as const },
  { title: "IGNORES", align: "right" as const },
];

export function breakpointLines(points: readonly Breakpoint[], style: ViewStyle): string[] {
  if (points.length === 0) return ["no breakpoint is set; break gap>=3 sets one"];
  const rows = points.map(({ id, text, temporary, log, hits, ignore }) => [
    String(id),
    escapeName(text),
    log ? "logs" : temporary ? "stops once" : "stops",
    formatCount(hits),
    ignore === 0 ? "" : formatCount(ignore),
  ]);
  return drawTable(COLUMNS, rows, style);
}

/** `mark bug: 2013-10-08 10:15`. */
export function markText({ name, text }: Mark): string {
  return `mark ${escapeName(name)}: ${escapeName(text)}`;
}

export function markLines(marks: readonly Mark[], style: ViewStyle): string[] {
  if (marks.length === 0) return ["no place is marked; mark NAME names the present one"];
  const rows = marks.map(({ name, text }) => [escapeName(name), escapeName(text)]);
  return drawTable([{ title: "MARK" }, { title: "PLACE" }], rows, style);
}

/** `SPY.last = 168.02`; a dash for what is unknown. */
export function watchLines(watches: readonly WatchValue[], { theme }: ViewStyle): string[] {
  if (watches.length === 0) return ["nothing is watched; watch SPY.last shows it at each stop"];
  const width = Math.max(...watches.map(({ text }) => escapeName(text).length));
  return watches.map(
    ({ text, value }) =>
      `${theme.dim(escapeName(text).padEnd(width))} = ${value === null ? theme.glyphs.none : formatValue(value)}`,
  );
}

/** Without the noise of binary fractions. */
function formatValue(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toFixed(6)));
}
