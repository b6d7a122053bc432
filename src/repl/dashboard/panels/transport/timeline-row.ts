/** The session from open to close as a line: the present place, breakpoints at a time, marks. Pure. */
import type { Breakpoint, Mark, SessionState } from "../../../../engine/index.js";
import type { ExchangeClock } from "../../../output/format.js";
import { fitRow, fitText, span, textWidth, type Row, type Span, type Tone } from "../../parts/row.js";

const MINUTE_US = 60_000_000;
/** Room for the breakpoints that have no time: the line of the session is what this row is for. */
const REST_SHARE = 0.22;

export function timelineRow(
  { opensAtUs, closesAtUs, timeUs, date, minutes }: SessionState,
  breakpoints: readonly Breakpoint[],
  marks: readonly Mark[],
  { width, clock }: { readonly width: number; readonly clock: ExchangeClock },
): Row {
  const placed = breakpoints.map((point) => ({ point, minute: minuteOf(point.text, date, opensAtUs, clock) }));
  const inDay = (minute: number | undefined): boolean => minute !== undefined && minute >= 0 && minute <= minutes;
  const rest = placed.filter(({ minute }) => !inDay(minute)).map(({ point }) => `◆ ${point.text}`);
  const restText = rest.length === 0 ? "" : `  ${asManyAsFit(rest, Math.floor(width * REST_SHARE) - 2)}`;
  const [opens, closes] = [clock.time(opensAtUs), clock.time(closesAtUs)];
  const cells = Math.max(3, width - textWidth(opens) - textWidth(closes) - 6 - textWidth(restText));
  const cellOf = (minute: number): number => Math.round((minute / Math.max(1, minutes)) * (cells - 1));
  const signs = new Map<number, { sign: string; tone: Tone }>();
  for (const { timeUs: at, date: of } of marks)
    if (of === date) signs.set(cellOf((at - opensAtUs) / MINUTE_US), { sign: "◇", tone: "accent" });
  for (const { minute } of placed) if (inDay(minute)) signs.set(cellOf(minute!), { sign: "◆", tone: "bad" });
  const here = Math.min(cells - 1, Math.max(0, cellOf((timeUs - opensAtUs) / MINUTE_US)));
  signs.set(here, { sign: "●", tone: "strong" });
  return fitRow(
    [span(` ${opens} ├`, "dim"), ...drawLine(cells, signs), span(`┤ ${closes}`, "dim"), span(restText)],
    width,
  );
}

/** The first texts, whole but for one that alone is too long, and how many more there are. */
function asManyAsFit(texts: readonly string[], width: number): string {
  for (let count = texts.length; ; count--) {
    const more = count === texts.length ? "" : ` +${texts.length - count}`;
    const text = texts.slice(0, count).join(" ");
    if (textWidth(text + more) <= width) return text + more;
    if (count === 1) return fitText(text, width - textWidth(more)) + more;
  }
}

function drawLine(cells: number, signs: ReadonlyMap<number, { readonly sign: string; readonly tone: Tone }>): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const [cell, { sign, tone }] of [...signs].sort(([a], [b]) => a - b)) {
    spans.push(span("─".repeat(cell - from), "dim"), span(sign, tone));
    from = cell + 1;
  }
  return [...spans, span("─".repeat(Math.max(0, cells - from)), "dim")];
}

/** The minute of the session at which a breakpoint stops by its time; undefined when it has none, or one of another day. */
function minuteOf(text: string, date: string, opensAtUs: number, clock: ExchangeClock): number | undefined {
  const time = /(?:^|\s)(\d{2}):(\d{2})(?:$|\s)/.exec(text);
  const day = /\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
  if (!time || (day !== undefined && day !== date)) return undefined;
  const [hours, minutes] = clock.time(opensAtUs).split(":").map(Number);
  return Number(time[1]) * 60 + Number(time[2]) - (hours * 60 + minutes);
}
