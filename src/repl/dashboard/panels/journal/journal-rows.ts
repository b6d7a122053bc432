/** A line of the journal. Pure. */
import type { JournalEntry } from "../../../../engine/index.js";
import type { ExchangeClock } from "../../../output/format.js";
import { fitText, span, type Row, type Tone } from "../../parts/row.js";

const KIND_TONE: Readonly<Record<string, Tone>> = {
  rejected: "bad",
  conflict: "bad",
  duplicate: "fair",
  gap: "fair",
  fill: "fair",
  "no-data": "fair",
};

/** Below this width the thread is left out. */
const NARROW = 50;

/** Control events belong to this run alone: dimmed, and marked with `›`. */
export function journalRow(
  entry: JournalEntry,
  { clock, chosen, width }: { readonly clock: ExchangeClock; readonly chosen: boolean; readonly width: number },
): Row {
  const head = `${chosen ? "▸" : " "}${clock.time(entry.timeUs)} ${entry.control ? "›" : " "}`;
  const tone = entry.control ? "dim" : KIND_TONE[entry.kind];
  const thread = width < NARROW ? "" : `${fitText(entry.thread, 11)} `;
  return [span(head, chosen ? "strong" : "dim"), span(thread, "dim"), span(entry.text, tone)];
}

/** What a filter is looked for in. */
export function journalText({ timeUs, thread, kind, symbol, text }: JournalEntry, clock: ExchangeClock): string {
  return `${clock.time(timeUs)} ${thread} ${kind} ${symbol ?? ""} ${text}`;
}
