/**
 * A stop as a person reads it: why, where, what comes next, who holds the baton, and what each thread waits for where
 * that is the question.
 */
import { BATON, escapeName, PHASE_NAMES, type PhaseName, type Session, type Stop } from "../../engine/index.js";
import { formatCount, plural } from "../output/format.js";
import { briefThreadLines } from "./machine-text.js";
import { watchLines } from "./point-text.js";
import { dateAndTime, type ViewStyle } from "./style.js";

/** A short block. The session is asked for what it shows at this place; it must stand there still. */
export function stopLines(stop: Stop, session: Session, style: ViewStyle): string[] {
  const { theme } = style;
  const head = theme.strong(escapeName(stopReason(stop)));
  // Another command moves the session on, or nothing is left of it.
  if (stop.reason === "superseded" || stop.reason === "stopped") return [head];
  const lines = [head, ` ${placeText(stop, session, style)}`, ` ${theme.strong("next:")} ${escapeName(stop.next)}`];
  lines.push(` ${theme.dim("baton:")} ${batonOf(stop.phase)}${stepText(stop)}`);
  if (stop.watches.length > 0) lines.push(...watchLines(stop.watches, style).map((line) => ` ${line}`));
  const threads = session.threads();
  const isHeld = threads.some((thread) => thread.state === "held");
  if (stop.step !== undefined || stop.reason === "waits" || isHeld) lines.push(...briefThreadLines(threads, style));
  return lines;
}

/** The reason in words, once: `until 15:58`, `step 2 phase`, `upkeep waits: AAPL 15:59 is not published`, `breakpoint 2: TSLA quality 94.87 < 95 at 11:42`. */
export function stopReason({ reason, why, breakpoints }: Stop): string {
  const name = reason === "breakpoint" ? `breakpoint ${breakpoints.join(", ")}`.trimEnd() : reason;
  // Their cause is but the command itself.
  if (reason === "finished" || reason === "superseded" || name.startsWith(why)) return name;
  const saysItself = why.startsWith(name) || why.startsWith("thread ") || reason === "waits";
  return saysItself ? why : `${name}: ${why}`;
}

/** `Mon 2013-10-07 15:58 EDT  minute 388/390  1,551 bars  day 2/6`. */
function placeText({ timeUs, position }: Stop, session: Session, style: ViewStyle): string {
  const { symbols, sessions } = session.info.catalog;
  const perRow = Math.max(1, symbols.length);
  const { date, slots, processed, slotsDue, epoch } = position;
  const parts = [dateAndTime(date, timeUs, style)];
  parts.push(`minute ${formatCount(Math.floor(processed / perRow))}/${formatCount(slotsDue / perRow)}`);
  // Within a row some symbols have passed; a held thread leaves the other ahead.
  if (slots % perRow > 0) parts.push(`${slots % perRow} of ${perRow} symbols of the next`);
  if (slots !== processed) parts.push(`${formatCount(slots - processed)} published and not taken in`);
  parts.push(plural(session.barCount, "bar"));
  parts.push(`day ${formatCount(Math.min(epoch + 1, sessions.length))}/${formatCount(sessions.length)}`);
  return parts.join("  ");
}

/** The thread that may change the phase. */
export function batonOf(phase: PhaseName): string {
  return BATON[PHASE_NAMES.indexOf(phase)];
}

/** ` (DRAINED, before force-close)`. */
function stepText({ phase, step }: Stop): string {
  return ` (${phase}${step === undefined ? "" : `, before ${step}`})`;
}
