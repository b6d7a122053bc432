/** The rows of the end-of-day panel, in the form that its room allows. Pure. */
import type { EodStepView, EodView } from "../../../../engine/index.js";
import type { ExchangeClock } from "../../../output/format.js";
import { formatDuration } from "../../../views/style.js";
import { fitText, rowWidth, span, textWidth, type Row, type Span, type Tone } from "../../parts/row.js";

const LOOK: Readonly<Record<EodStepView["state"], { readonly glyph: string; readonly tone?: Tone }>> = {
  done: { glyph: "✓", tone: "good" },
  next: { glyph: "▶", tone: "strong" },
  later: { glyph: "○", tone: "dim" },
};

export interface EodRoom {
  readonly width: number;
  readonly height: number;
  readonly clock: ExchangeClock;
}

export function eodRows(view: EodView, room: EodRoom): Row[] {
  if (view.steps.length === 0) return [];
  if (room.height >= view.steps.length + 2) return tableRows(view, room);
  const timeline = timelineRows(view);
  if (rowWidth(timeline[0]) <= room.width && room.height >= 2) return timeline;
  return flowRows(view, room.width);
}

/** The steps on one line, their durations under them. */
function timelineRows(view: EodView): Row[] {
  const names: Span[] = [];
  const durations: Span[] = [];
  for (const step of view.steps) {
    const { glyph, tone } = LOOK[step.state];
    const duration = step.durationUs === null ? "" : formatDuration(step.durationUs);
    const width = Math.max(step.step.length + 2, duration.length) + 1;
    names.push(span(" "), span(fitText(`${step.step} ${glyph}`, width - 1), tone));
    durations.push(span(fitText(` ${duration}`, width)));
  }
  return [
    [...names, span(`  ${totalText(view)}`)],
    [...durations, span(`  ${beforeText(view)}`, "dim")],
  ];
}

/** As many steps a line as fit. */
function flowRows(view: EodView, width: number): Row[] {
  const rows: Span[][] = [[]];
  for (const step of view.steps) {
    const { glyph, tone } = LOOK[step.state];
    const text = ` ${glyph}${step.step}`;
    if (rowWidth(rows.at(-1)!) + textWidth(text) > width) rows.push([]);
    rows.at(-1)!.push(span(text, tone));
  }
  const sum = [totalText(view), beforeText(view)].filter(Boolean).join("  ");
  return [...rows, [span(` ${sum}`, "dim")]];
}

function tableRows(view: EodView, { clock }: EodRoom): Row[] {
  return [
    [span(" STEP           THREAD            TOOK  SESSION TIME", "dim")],
    ...view.steps.map((step): Row => {
      const { glyph, tone } = LOOK[step.state];
      const moved = step.fromUs !== step.toUs;
      const time = moved ? `${clock.time(step.fromUs)} → ${clock.time(step.toUs)}` : clock.time(step.fromUs);
      const took = step.durationUs === null ? "" : formatDuration(step.durationUs);
      return [
        span(` ${glyph} ${fitText(step.step, 12)}`, tone),
        span(` ${fitText(step.thread, 12)}`),
        span(fitText(took, 9, "right")),
        span(`  ${time}`),
        span(step.state === "next" ? "  next" : "", "strong"),
      ];
    }),
    [span(` ${[totalText(view), beforeText(view)].filter(Boolean).join("   ")}`, "dim")],
  ];
}

/** `took 4.1 ms`, of the steps that are done. */
function totalText({ steps }: EodView): string {
  const known = steps.filter((step) => step.durationUs !== null);
  if (known.length === 0) return "";
  return `took ${formatDuration(known.reduce((sum, step) => sum + step.durationUs!, 0))}`;
}

/** `last 4.0 ms 3.9 ms`, of the days before. */
function beforeText({ before }: EodView): string {
  if (before.length === 0) return "";
  return `last ${before
    .slice(0, 3)
    .map(({ totalUs }) => formatDuration(totalUs))
    .join(" ")}`;
}
