/** Data events and bars in words, times in exchange time. Pure. */
import { exchangeDateTime, exchangeTime } from "../market/time-zones.js";
import type { SessionPlan } from "../plan.js";
import type { ThreadName } from "../protocol/phases.js";
import type { DataEvent, EventKind } from "../work/day-events.js";

/** Who makes an event: prefetch decides what becomes of a row, whenever it is counted. */
export function threadOf(kind: EventKind): ThreadName {
  switch (kind) {
    case "load":
    case "rejected":
    case "duplicate":
    case "conflict":
    case "flagged":
    case "filtered":
      return "prefetch";
    case "hand-over":
      return "coordinator";
    default:
      return "upkeep";
  }
}

/** e.g. `AIG gap 11:38–11:42, 4 bars`, `force-close: 14:30 → 16:00, all streams ended`. */
export function eventText(plan: SessionPlan, event: DataEvent): string {
  const time = (us: number): string => exchangeTime(us, plan.exchangeZone);
  const { date, closeUs } = plan.sessions[event.epoch];
  switch (event.kind) {
    case "load":
      return `${date} loaded`;
    case "activate":
      return `${date} activated`;
    case "no-data":
      return `no symbol has a row on ${date}`;
    case "hand-over":
      return "hand-over: all streams have ended";
    case "drain":
      return "drain: all that was published has been taken in";
    case "force-close":
      return event.forcedFromUs === null
        ? `force-close: at the close, ${time(closeUs)}`
        : `force-close: ${time(event.forcedFromUs)} → ${time(closeUs)}, all streams ended`;
    case "roll":
      return `roll to ${exchangeDateTime(event.timeUs, plan.exchangeZone)}`;
    case "gap":
      return `${event.symbol} gap ${time(event.startUs)}–${time(event.endUs)}, ${count(event.bars, "bar")}`;
    case "fill":
      return `${event.symbol} ${time(event.startUs)} ${event.origin}`;
    case "rejected":
    case "duplicate":
    case "conflict": {
      const cause = event.kind === "rejected" ? `rejected (${event.cause})` : event.kind;
      const more = event.count > 1 ? ` and ${event.count - 1} more` : "";
      return `${event.symbol} ${cause}: row ${event.row} of ${event.file}${more}`;
    }
    case "flagged":
      return `${event.symbol} flagged ${event.marks.join(", ")}: row ${event.row} of ${event.file}`;
    case "filtered":
      return `${event.symbol} ${event.class}: ${count(event.count, "row")} left out`;
    case "derived":
      return derivedText(plan, event);
    default:
      return event.kind;
  }
}

/** `SPY 5m 15:50: 4 of 5 incomplete`. */
export function derivedText(
  plan: SessionPlan,
  bar: { symbol: string; intervalMinutes: number; startUs: number; n: number; m: number; status: string },
): string {
  const { symbol, intervalMinutes, startUs, n, m, status } = bar;
  return `${symbol} ${intervalMinutes}m ${exchangeTime(startUs, plan.exchangeZone)}: ${n} of ${m} ${status}`;
}

/** `SPY 15:57: 168.01 168.03 167.98 168.02, volume 1200`. */
export function barText(
  plan: SessionPlan,
  symbol: string,
  startUs: number,
  bar: { open: number; high: number; low: number; close: number; volume: number },
): string {
  const prices = [bar.open, bar.high, bar.low, bar.close].map(rounded).join(" ");
  return `${symbol} ${exchangeTime(startUs, plan.exchangeZone)}: ${prices}, volume ${rounded(bar.volume)}`;
}

/** `AIG BAC IBM SPY`; of many symbols how many, and which are missing when those are few. */
export function symbolsText(there: readonly string[], all: readonly string[]): string {
  if (there.length === 0) return "no bars";
  if (there.length <= 8) return there.join(" ");
  const lacking = all.length - there.length;
  const isThere = new Set(lacking <= 4 ? there : []);
  const without = lacking > 0 && lacking <= 4 ? `, without ${all.filter((s) => !isThere.has(s)).join(" ")}` : "";
  return `${there.length} of ${all.length}${without}`;
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

/** Without the noise of binary fractions. */
function rounded(value: number): string {
  return String(Number(value.toFixed(6)));
}
