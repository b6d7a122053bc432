/**
 * A session of a symbol as a strip, a minute beside the other: missing ones stand out by height as well as by colour.
 * Pure.
 */
import { MINUTE_STATE } from "../../engine/index.js";
import { COLORS } from "./colors.js";
import { svgImage } from "./display.js";

const WIDTH = 260;
const HEIGHT = 14;
/** A lone missing minute is seen at any width. */
const LEAST_WIDTH = 1.5;

const LOOK: Readonly<Record<number, { readonly height: number; readonly color: string }>> = {
  [MINUTE_STATE.notDue]: { height: 1, color: "#80808080" },
  [MINUTE_STATE.streamed]: { height: 6, color: COLORS.streamed },
  [MINUTE_STATE.filled]: { height: 10, color: COLORS.filled },
  [MINUTE_STATE.missing]: { height: HEIGHT, color: COLORS.bad },
};
/** Later ones are drawn over those before. */
const BY_BADNESS = [MINUTE_STATE.notDue, MINUTE_STATE.streamed, MINUTE_STATE.filled, MINUTE_STATE.missing];

/** The strip as an image. `states` as `View.minuteStates` gives them. */
export function stripHtml(symbol: string, states: Uint8Array): string {
  const scale = WIDTH / Math.max(states.length, 1);
  const round = (x: number): string => String(Math.round(x * 100) / 100);
  const rects = BY_BADNESS.flatMap((state) => {
    const { height, color } = LOOK[state];
    return runsOf(states, state).map(({ from, to }) => {
      const width = Math.max((to - from) * scale, state === MINUTE_STATE.missing ? LEAST_WIDTH : 0);
      return `<rect x="${round(from * scale)}" y="${(HEIGHT - height) / 2}" width="${round(width)}" height="${height}" fill="${color}"/>`;
    });
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" shape-rendering="crispEdges">${rects.join("")}</svg>`;
  return svgImage(svg, WIDTH, HEIGHT, `${symbol}: ${stripText(states)}`);
}

const GLYPHS: Readonly<Record<number, string>> = {
  [MINUTE_STATE.notDue]: "·",
  [MINUTE_STATE.streamed]: "█",
  [MINUTE_STATE.filled]: "▒",
  [MINUTE_STATE.missing]: "░",
};

/** The strip as text: a cell shows the worst minute in it. */
export function stripText(states: Uint8Array, cells = 30): string {
  const count = Math.min(cells, states.length);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * states.length) / count);
    const to = Math.floor(((i + 1) * states.length) / count);
    return GLYPHS[states.subarray(from, to).reduce((worst, state) => Math.max(worst, state), 0)];
  }).join("");
}

/** Runs [from, to) of one state. */
export function runsOf(states: ArrayLike<number>, state: number): { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (let i = 0; i < states.length; i++) {
    if (states[i] !== state) continue;
    const last = runs.at(-1);
    if (last?.to === i) last.to = i + 1;
    else runs.push({ from: i, to: i + 1 });
  }
  return runs;
}

export const STRIP_LEGEND = {
  text: "█ streamed ▒ filled ░ missing · not due yet; a cell shows its worst minute",
  html: legendHtml(),
};

function legendHtml(): string {
  const words = { streamed: COLORS.streamed, filled: COLORS.filled, "missing (full height)": COLORS.bad };
  const parts = Object.entries(words).map(
    ([word, color]) => `<span style="background-color: ${color}">&nbsp;&nbsp;</span> ${word}`,
  );
  return `${parts.join(" &nbsp; ")} &nbsp; thin line: not due yet`;
}
