/**
 * The keys that concern the screen, in one table: what they are called, what the help says, what they do to `Ui`. Keys that stand for
 * commands are a column of the table of verbs (language/verbs.ts); both make the help. Pure.
 */
import { matches, within } from "./parts/list.js";
import type { HelpEntry } from "./panels/help/help-rows.js";
import type { Choice, Drawn } from "./panels/panel.js";
import { lineOf } from "./typing.js";
import { CALLED_PANELS, type PanelId, type Ui } from "./ui.js";

/** What is on the screen, as far as keys depend on it. */
export interface Seen {
  /** Panels in the order of Tab. */
  readonly panels: readonly PanelId[];
  /** All symbols in the order of the lists. */
  readonly symbols: readonly string[];
  /** Minutes of base and derived bars. */
  readonly intervals: readonly number[];
  /** The panel that has the focus, as it was drawn last. */
  readonly focused: Drawn | undefined;
  /** Rows of a page. */
  readonly page: number;
  /** Rows of the help. */
  readonly help: () => NonNullable<Ui["overlay"]>;
}

/** What a key asks for that is not on the screen. */
export type Effect = "repaint" | "suspend" | "interrupt";

export interface ScreenKey extends HelpEntry {
  /** A number typed before the key repeats it. */
  readonly repeatable?: true;
  readonly change?: (ui: Ui, seen: Seen) => Ui;
  readonly effect?: Effect;
}

export const SCREEN_KEYS: readonly ScreenKey[] = [
  { keys: ["tab"], about: "next panel", change: (ui, seen) => moveFocus(ui, seen, 1) },
  { keys: ["shift-tab"], about: "previous panel", change: (ui, seen) => moveFocus(ui, seen, -1) },
  { keys: ["j", "down"], about: "down in a list", repeatable: true, change: (ui, seen) => moveCursor(ui, seen, 1) },
  { keys: ["k", "up"], about: "up in a list", repeatable: true, change: (ui, seen) => moveCursor(ui, seen, -1) },
  { keys: ["g", "home"], about: "to the top of a list", change: (ui, seen) => moveCursor(ui, seen, -Infinity) },
  {
    keys: ["G", "end"],
    about: "to its end; the journal follows",
    change: (ui, seen) => moveCursor(ui, seen, Infinity),
  },
  {
    keys: ["ctrl-d", "page-down"],
    about: "a page down",
    repeatable: true,
    change: (ui, seen) => moveCursor(ui, seen, seen.page),
  },
  {
    keys: ["ctrl-u", "page-up"],
    about: "a page up",
    repeatable: true,
    change: (ui, seen) => moveCursor(ui, seen, -seen.page),
  },
  { keys: ["enter"], about: "open: minutes of a symbol, go to, delete", change: openEntry },
  { keys: ["esc"], about: "back: filter, zoom, view", change: goBack },
  { keys: ["/"], about: "filter the list", change: typeFilter },
  { keys: ["z"], about: "zoom the panel, and back", change: (ui) => ({ ...ui, zoom: !ui.zoom }) },
  { keys: ["<"], about: "previous symbol", repeatable: true, change: (ui, seen) => moveSymbol(ui, seen.symbols, -1) },
  { keys: [">"], about: "next symbol", repeatable: true, change: (ui, seen) => moveSymbol(ui, seen.symbols, 1) },
  { keys: ["i"], about: "interval of the chart", change: nextInterval },
  { keys: ["v"], about: "views: words, streams, breaks, minutes", change: nextView },
  { keys: ["t"], about: "what . and s move: both threads, or one", change: nextThread },
  { keys: [":"], about: "command", change: (ui) => prompt(ui, "") },
  { keys: ["?"], about: "this help", change: (ui, seen) => ({ ...ui, overlay: seen.help() }) },
  { keys: ["ctrl-l"], about: "repaint", effect: "repaint" },
  { keys: ["ctrl-c"], about: "pause; twice: quit", effect: "interrupt" },
  { keys: ["ctrl-z"], about: "back to the shell for a while", effect: "suspend" },
];

export function screenKey(key: string): ScreenKey | undefined {
  return SCREEN_KEYS.find((row) => row.keys.includes(key));
}

/** The prompt with a text in it. */
function prompt(ui: Ui, text: string): Ui {
  return { ...ui, typing: { what: "command", line: lineOf(text) } };
}

function moveFocus(ui: Ui, { panels }: Seen, by: number): Ui {
  if (panels.length === 0) return ui;
  const at = panels.indexOf(ui.focus);
  return { ...ui, focus: panels[(at + by + panels.length) % panels.length] };
}

/** Lists of symbols move the chosen symbol; lists that grow count from the newest. */
function moveCursor(ui: Ui, seen: Seen, by: number): Ui {
  const { focus } = ui;
  const length = seen.focused?.length ?? 0;
  if (focus === "quality" || focus === "streams") {
    return moveSymbol(ui, filtered(seen.symbols, ui.filters[focus]), by, "stops");
  }
  const cursor = within((ui.cursors[focus] ?? 0) + (seen.focused?.grows ? -by : by), length);
  return { ...ui, cursors: { ...ui.cursors, [focus]: cursor } };
}

function filtered(symbols: readonly string[], filter = ""): readonly string[] {
  return symbols.filter((symbol) => matches(symbol, filter));
}

function moveSymbol(ui: Ui, symbols: readonly string[], by: number, atEnd: "turns" | "stops" = "turns"): Ui {
  if (symbols.length === 0) return ui;
  const at = symbols.indexOf(ui.symbol);
  const next = at < 0 ? 0 : at + by;
  const index = atEnd === "turns" ? (next + symbols.length) % symbols.length : within(next, symbols.length);
  return { ...ui, symbol: symbols[index] };
}

function openEntry(ui: Ui, { focused }: Seen): Ui {
  return focused?.choice ? choose(ui, focused.choice) : ui;
}

function choose(ui: Ui, choice: Choice): Ui {
  if (choice.kind === "prompt") return prompt(ui, choice.text);
  const filters = { ...ui.filters, minutes: choice.symbol };
  return { ...ui, symbol: choice.symbol, view: "minutes", focus: "minutes", filters };
}

function typeFilter(ui: Ui, { focused }: Seen): Ui {
  if (focused?.length === undefined) {
    return { ...ui, message: { text: `${focused?.title ?? "this panel"} has no list to filter; Tab`, isError: false } };
  }
  return { ...ui, typing: { what: "filter", line: lineOf(ui.filters[ui.focus] ?? "") } };
}

/** One thing at a time: the place in a list, a filter, the zoom, the view. */
function goBack(ui: Ui): Ui {
  const { focus } = ui;
  const cursors = { ...ui.cursors, [focus]: 0 };
  if ((ui.cursors[focus] ?? 0) > 0) return { ...ui, cursors };
  if (ui.filters[focus]) return { ...ui, filters: { ...ui.filters, [focus]: "" } };
  if (ui.zoom) return { ...ui, zoom: false };
  return ui.view === null ? ui : withView(ui, null);
}

function nextInterval(ui: Ui, { intervals }: Seen): Ui {
  return { ...ui, interval: intervals[(intervals.indexOf(ui.interval) + 1) % intervals.length] };
}

function nextView(ui: Ui): Ui {
  const at = ui.view === null ? -1 : CALLED_PANELS.indexOf(ui.view);
  return withView(ui, CALLED_PANELS[at + 1] ?? null);
}

function withView(ui: Ui, view: Ui["view"]): Ui {
  const wasThere = ui.view !== null && ui.focus === ui.view;
  return { ...ui, view, focus: view ?? (wasThere ? "journal" : ui.focus) };
}

function nextThread(ui: Ui): Ui {
  const threads = ["both", "coordinator", "upkeep"] as const;
  return { ...ui, moves: threads[(threads.indexOf(ui.moves) + 1) % threads.length] };
}

/** An overlay scrolled by a key; null when the key closes it. */
export function scrollOverlay(overlay: NonNullable<Ui["overlay"]>, key: string, page: number): Ui["overlay"] {
  const by: Readonly<Record<string, number>> = {
    j: 1,
    down: 1,
    enter: 1,
    k: -1,
    up: -1,
    "ctrl-d": page,
    "page-down": page,
    space: page,
    "ctrl-u": -page,
    "page-up": -page,
    g: -Infinity,
    home: -Infinity,
    G: Infinity,
    end: Infinity,
  };
  const isAll = overlay.rows.length <= page;
  if (!(key in by) || (isAll && (key === "space" || key === "enter"))) return null;
  const last = Math.max(0, overlay.rows.length - page);
  return { ...overlay, top: Math.max(0, Math.min(last, overlay.top + by[key])) };
}
