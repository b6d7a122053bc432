/** The first line of the transport bar. Pure. */
import type { SessionState } from "../../../../engine/index.js";
import { formatCount, formatDay, formatPercent, plural, type ExchangeClock } from "../../../output/format.js";
import { fitRow, rowWidth, span, type Row, type Span, type Tone } from "../../parts/row.js";
import type { Ui } from "../../ui.js";
import { qualityTone } from "../quality/quality-rows.js";

const LOOK: Readonly<Record<SessionState["state"], { readonly text: string; readonly tone: Tone }>> = {
  playing: { text: "▶ PLAYING", tone: "good" },
  paused: { text: "▐▐ PAUSED", tone: "strong" },
  held: { text: "▐▶ HELD", tone: "alarm" },
  finished: { text: "■ FINISHED", tone: "strong" },
  stopped: { text: "■ STOPPED", tone: "bad" },
  failed: { text: "■ FAILED", tone: "alarm" },
};

/** The cause may be cut, down to so many cells, before it leaves. */
const CAUSE_RANK = 3;
const LEAST_CAUSE = 16;

/** A part of the line; those of a higher rank leave first when there is no room. */
interface Part {
  readonly spans: readonly Span[];
  readonly rank: number;
}

export function stateRow(
  state: SessionState,
  { width, moves, clock }: { readonly width: number; readonly moves: Ui["moves"]; readonly clock: ExchangeClock },
): Row {
  const { text, tone } = LOOK[state.state];
  const day =
    state.date === ""
      ? "no session"
      : `${formatDay(state.date)} ${clock.time(state.timeUs)} ${clock.zone(state.timeUs)}`;
  const parts: Part[] = [
    { rank: 0, spans: [span(text, tone)] },
    ...(moves === "both" ? [] : [{ rank: 0, spans: [span(` STEPS MOVE ONLY ${moves} `, "alarm")] }]),
    { rank: 1, spans: [span(speedText(state))] },
    { rank: 0, spans: [span(day, "strong")] },
    ...(state.step === null ? [] : [{ rank: 2, spans: [span(`${state.phase} before ${state.step}`, "accent")] }]),
    { rank: 4, spans: [span(`minute ${state.minute}/${state.minutes}`)] },
    { rank: 5, spans: [span(`day ${formatCount(state.day)}/${formatCount(state.days)}`)] },
    { rank: 8, spans: [span(plural(state.symbols, "symbol"))] },
    { rank: 6, spans: meanSpans(state) },
    ...(state.qualityWorst === null ? [] : [{ rank: 7, spans: worstSpans(state.qualityWorst) }]),
    ...(state.run === 0 ? [] : [{ rank: 9, spans: [span(`run ${state.run}`, "dim")] }]),
    ...(state.why === "" ? [] : [{ rank: CAUSE_RANK, spans: [span(state.why, "accent")] }]),
  ];
  return fitRow(join(choose(parts, width)), width);
}

/** Nothing of the cause has been cut, and it has not left. */
export function hasWholeCause(state: SessionState, room: Parameters<typeof stateRow>[1]): boolean {
  const cause = span(state.why).text;
  return stateRow(state, room).some(({ text }) => text === cause);
}

function speedText({ mode, clockSpeed }: SessionState): string {
  return mode === "data" ? "data-driven" : `clock ${formatCount(clockSpeed)}x`;
}

function meanSpans({ qualityMean }: SessionState): Span[] {
  if (qualityMean === null) return [span("quality –", "dim")];
  return [span("quality "), span(formatPercent(qualityMean, ""), qualityTone(qualityMean))];
}

function worstSpans({ symbol, percent }: NonNullable<SessionState["qualityWorst"]>): Span[] {
  return [span("worst "), span(`${symbol} ${formatPercent(percent, "")}`, qualityTone(percent))];
}

/** The parts that fit, or nearly do when the last one is the cause. */
function choose(parts: readonly Part[], width: number): Part[] {
  const kept = [...parts];
  for (;;) {
    const excess = rowWidth(join(kept)) - width;
    const last = kept.at(-1)!;
    const spare = last.rank === CAUSE_RANK ? Math.max(0, rowWidth(last.spans) - LEAST_CAUSE) : 0;
    if (excess <= spare || kept.length <= 2) return kept;
    const leaving = kept.reduce((most, part) => (part.rank > most.rank ? part : most));
    kept.splice(kept.indexOf(leaving), 1);
  }
}

function join(parts: readonly Part[]): Row {
  return [span(" "), ...parts.flatMap(({ spans }, i) => (i === 0 ? spans : [span(" │ ", "dim"), ...spans]))];
}
