/** Every panel under its name. */
import type { PanelId } from "../ui.js";
import { breakpoints } from "./breakpoints/breakpoints.js";
import { chart } from "./chart/chart.js";
import { eod } from "./eod/eod.js";
import { journal } from "./journal/journal.js";
import { minutes } from "./minutes/minutes.js";
import type { Panel } from "./panel.js";
import { quality } from "./quality/quality.js";
import { streams } from "./streams/streams.js";
import { threads } from "./threads/threads.js";
import { words } from "./words/words.js";

export const PANELS: Readonly<Record<PanelId, Panel>> = {
  quality,
  threads,
  chart,
  journal,
  eod,
  words,
  streams,
  breakpoints,
  minutes,
};
