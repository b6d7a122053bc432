/** The rows of the threads panel. Pure. */
import type { SessionState, ThreadView } from "../../../../engine/index.js";
import { formatCount } from "../../../output/format.js";
import { fitText, span, wrapText, type Row, type Span, type Tone } from "../../parts/row.js";

const STATE_TONE: Readonly<Partial<Record<ThreadView["state"], Tone>>> = {
  runs: "good",
  held: "alarm",
  left: "bad",
  idle: "dim",
};

/**
 * One or two rows a thread, and the Next line at the end. Which rows there are depends on the height alone, so that
 * nothing comes and goes with the length of what is next.
 */
export function threadRows(
  threads: readonly ThreadView[],
  { next, why }: Pick<SessionState, "next" | "why">,
  { width, height }: { readonly width: number; readonly height: number },
): Row[] {
  const isTall = height > threads.length * 2;
  const rows = threads.flatMap((thread) => (isTall ? tallThread(thread) : [shortThread(thread, width)]));
  const nextTexts = height - rows.length < 2 ? [next] : wrapText(next, width - 8).slice(0, 2);
  const nextRows = nextTexts.map((text, i): Row => [
    span(i === 0 ? " next  " : "       ", "accent"),
    span(text, "strong"),
  ]);
  const whyRow: Row[] =
    why === "" || rows.length + nextRows.length >= height ? [] : [[span(" why   ", "accent"), span(why)]];
  return [...rows.slice(0, Math.max(0, height - nextRows.length)), ...whyRow, ...nextRows];
}

function nameAndState({ name, state }: ThreadView): Span[] {
  return [
    span(` ${fitText(name, 12)}`),
    span(fitText(state === "held" ? "HELD" : state, 6), STATE_TONE[state]),
    span(" "),
  ];
}

/** `published 1551  ahead 0`. */
function numbers({ name, position, lag }: ThreadView): string {
  if (position === null) return "";
  return name === "coordinator"
    ? `published ${formatCount(position)}  ahead ${formatCount(lag)}`
    : `processed ${formatCount(position)}  behind ${formatCount(lag)}`;
}

function doing({ waitsFor, would }: ThreadView): string {
  return waitsFor === null ? would : `waits: ${waitsFor}`;
}

function shortThread(thread: ThreadView, width: number): Row {
  const { name, position, lag } = thread;
  const short = position === null || lag === 0 ? "" : `${name === "coordinator" ? "+" : "−"}${formatCount(lag)} `;
  const figures = width > 60 ? `${fitText(numbers(thread), 30)} ` : short;
  return [...nameAndState(thread), span(figures), span(doing(thread), "dim")];
}

function tallThread(thread: ThreadView): Row[] {
  const last = thread.lastEvent === "" ? "" : `last: ${thread.lastEvent}`;
  const told = numbers(thread);
  return [
    [...nameAndState(thread), span(told === "" ? doing(thread) : told)],
    [span("   "), span([told === "" ? "" : doing(thread), last].filter(Boolean).join("  "), "dim")],
  ];
}
