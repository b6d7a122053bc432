/** How views are drawn: colours and glyphs, the exchange's clock, and the room there is. Shared by all of them; pure. */
import { escapeName, type Session } from "../../engine/index.js";
import { createExchangeClock, formatDay, type ExchangeClock } from "../output/format.js";
import { formatTable, type TableColumn } from "../output/table.js";
import type { Theme } from "../output/theme.js";

export interface ViewStyle {
  readonly theme: Theme;
  readonly clock: ExchangeClock;
  /** Columns a line may take. */
  readonly width: number;
}

/** For the views of a session. */
export function viewStyle({ info }: Pick<Session, "info">, theme: Theme, width: number): ViewStyle {
  return { theme, clock: createExchangeClock(info.catalog.exchangeZone), width };
}

/** A table that fits, its head dimmed. */
export function drawTable(
  columns: readonly TableColumn[],
  rows: ReadonlyArray<readonly string[]>,
  { theme, width }: ViewStyle,
): string[] {
  return formatTable(columns, rows, { width, paintHead: theme.dim });
}

/** `Mon 2013-10-07 15:58 EDT`; a range without sessions has neither. */
export function dateAndTime(date: string, timeUs: number, { clock }: ViewStyle): string {
  if (date === "") return "no session";
  return `${formatDay(date)} ${clock.time(timeUs)} ${clock.zone(timeUs)}`;
}

/** `15:58`, or `otherwise` for null. */
export function timeOr(timeUs: number | null, otherwise: string, { clock }: ViewStyle): string {
  return timeUs === null ? otherwise : clock.time(timeUs);
}

/** `640 µs`, `4.2 ms`, `1.25 s`. */
export function formatDuration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${(us / 1000).toFixed(us < 1e4 ? 1 : 0)} ms`;
  return `${(us / 1e6).toFixed(2)} s`;
}

/** Lines made elsewhere: names in them came from files. */
export function escapedLines(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split("\n").map(escapeName));
}
