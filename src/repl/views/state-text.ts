/** Where a session stands, as lines of name and text. */
import { escapeName, type SessionState } from "../../engine/index.js";
import { formatCount, formatPercent, plural } from "../output/format.js";
import { entryLines } from "../output/run-summary.js";
import { qualityPaint } from "../output/theme.js";
import { batonOf } from "./stop-text.js";
import { dateAndTime, type ViewStyle } from "./style.js";

export function stateLines(state: SessionState, style: ViewStyle): string[] {
  const { theme } = style;
  const { phase, step, mode, clockSpeed, published, processed, slots } = state;
  const ahead = published === processed ? "" : `, ${formatCount(published - processed)} published and not taken in`;
  return entryLines(
    [
      ["state", `${theme.strong(state.state)}${state.why === "" ? "" : `: ${escapeName(state.why)}`}`],
      ["mode", mode === "data" ? "data-driven" : `clock-driven, ${clockSpeed}x`],
      ["time", dateAndTime(state.date, state.timeUs, style)],
      ["minute", `${formatCount(state.minute)}/${formatCount(state.minutes)}`],
      ["day", `${formatCount(state.day)}/${formatCount(state.days)}`],
      ["slots", `${formatCount(processed)}/${formatCount(slots)} of ${plural(state.symbols, "symbol")}${ahead}`],
      ["quality", qualityText(state, style)],
      ["phase", `${phase}${step === null ? "" : `, before ${step}`}; baton: ${batonOf(phase)}; run ${state.run}`],
      ["next", escapeName(state.next)],
    ],
    theme,
  );
}

function qualityText({ qualityMean, qualityWorst }: SessionState, { theme }: ViewStyle): string {
  const { none } = theme.glyphs;
  const show = (percent: number | null): string => qualityPaint(theme, percent)(formatPercent(percent, none));
  const worst = qualityWorst ? `, worst ${escapeName(qualityWorst.symbol)} ${show(qualityWorst.percent)}` : "";
  return `${show(qualityMean)}${worst}`;
}
