/**
 * What the person looking has chosen: focus, zoom, filters, the symbol, what is being typed. Plain data; the session
 * knows nothing of it. Changed by the keys of keys.ts, drawn by the panels.
 */
import type { SteppedThread } from "../../engine/index.js";
import type { Anchor } from "./parts/growing-list.js";
import type { Drawn } from "./panels/panel.js";
import type { Row } from "./parts/row.js";

/** Panels that are there as long as they fit. */
export const STANDING_PANELS = ["quality", "threads", "chart", "journal", "eod"] as const;
/** Panels that `v` brings, in its order. */
export const CALLED_PANELS = ["words", "streams", "breakpoints", "minutes"] as const;
export type CalledPanel = (typeof CALLED_PANELS)[number];
export type PanelId = (typeof STANDING_PANELS)[number] | CalledPanel;

/** A line being typed. `at` is the place of the cursor in it. */
export interface Line {
  readonly text: string;
  readonly at: number;
}

export interface Typing {
  readonly what: "command" | "filter";
  readonly line: Line;
  /** What the word at the cursor can become, once that has been asked for. */
  readonly candidates?: readonly string[];
}

/** Something in front of the panels. */
export interface Overlay {
  readonly title: string;
  readonly rows: readonly Row[];
  /** First row shown. */
  readonly top: number;
}

/** What the last line says until the next key. */
export interface Message {
  readonly text: string;
  readonly isError: boolean;
  /** Why the session has stopped: true no longer than it stands there. */
  readonly isOfStop?: boolean;
}

export interface Ui {
  readonly focus: PanelId;
  readonly zoom: boolean;
  /** The called panel that is open. */
  readonly view: CalledPanel | null;
  readonly symbol: string;
  /** Minutes; 1 for base bars. */
  readonly interval: number;
  /** What a step of one event moves. */
  readonly moves: "both" | SteppedThread;
  readonly filters: Readonly<Partial<Record<PanelId, string>>>;
  /** Selected entry of a list; of lists that grow at their end counted from the newest. */
  readonly cursors: Readonly<Partial<Record<PanelId, number>>>;
  /** The selected entries of those lists: they stay selected while others come. */
  readonly anchors: Readonly<Partial<Record<PanelId, Anchor>>>;
  readonly overlay: Overlay | null;
  /** The line being typed, and for what. */
  readonly typing: Typing | null;
  /** Digits typed before a key. */
  readonly count: string;
  readonly message: Message | null;
}

export function initialUi(symbol: string): Ui {
  return {
    focus: "quality",
    zoom: false,
    view: null,
    symbol,
    interval: 1,
    moves: "both",
    filters: {},
    cursors: {},
    anchors: {},
    overlay: null,
    typing: null,
    count: "",
    message: null,
  };
}

/** With the selected entries of lists that grow where `drawn` has found them. */
export function withAnchors(ui: Ui, drawn: ReadonlyMap<PanelId, Pick<Drawn, "grows">>): Ui {
  const grown = [...drawn].flatMap(([panel, { grows }]) => (grows ? [{ panel, ...grows }] : []));
  if (grown.every(({ panel, anchor }) => ui.anchors[panel] === undefined && anchor === undefined)) return ui;
  const cursors = Object.fromEntries(grown.map(({ panel, back }) => [panel, back]));
  const anchors = Object.fromEntries(grown.map(({ panel, anchor }) => [panel, anchor]));
  return { ...ui, cursors: { ...ui.cursors, ...cursors }, anchors: { ...ui.anchors, ...anchors } };
}
