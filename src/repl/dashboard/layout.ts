/** Where each panel goes on a terminal of a given size. Pure. */
import { CALLED_PANELS, STANDING_PANELS, type PanelId, type Ui } from "./ui.js";

/** A panel with its border. */
export interface PanelBox {
  readonly panel: PanelId;
  readonly width: number;
  readonly height: number;
}
/** Columns beside each other, each a stack of panels. */
export type Band = readonly (readonly PanelBox[])[];

export interface Layout {
  readonly columns: number;
  readonly rows: number;
  /** From top to bottom, between the transport bar and the last line; empty when there is no room for anything. */
  readonly bands: readonly Band[];
  /** Panels to choose from, where only one has room. */
  readonly tabs: readonly PanelId[] | null;
  /** Panels that are shown, in the order of Tab. */
  readonly order: readonly PanelId[];
}

export const LEAST_COLUMNS = 60;
export const LEAST_ROWS = 15;
export const TRANSPORT_ROWS = 2;
/** The line of keys, messages and the prompt. */
const LAST_ROW = 1;
const BORDER = 2;

export interface LayoutWish extends Pick<Ui, "focus" | "zoom" | "view"> {
  readonly symbols: number;
}

export function layOut(columns: number, rows: number, wish: LayoutWish): Layout {
  if (columns < LEAST_COLUMNS || rows < LEAST_ROWS) return { columns, rows, bands: [], tabs: null, order: [] };
  const room = { width: columns, height: rows - TRANSPORT_ROWS - LAST_ROW };
  if (wish.zoom) {
    const bands = [[[{ panel: wish.focus, ...room }]]];
    return { columns, rows, bands, tabs: null, order: tabsOf(wish) };
  }
  const isWide = columns >= 100 && rows >= 30;
  if (!isWide && (columns < 78 || rows < 22)) {
    const bands = [[[{ panel: wish.focus, width: room.width, height: room.height - 1 }]]];
    return { columns, rows, bands, tabs: tabsOf(wish), order: tabsOf(wish) };
  }
  const bands = isWide ? wideBands(room, wish) : narrowBands(room, wish);
  return { columns, rows, bands, tabs: null, order: bands.flat(2).map((box) => box.panel) };
}

interface Room {
  readonly width: number;
  readonly height: number;
}

/** Quality beside Threads, Chart beside Journal, EOD below. The called panel takes the journal's place. */
function wideBands({ width, height }: Room, wish: LayoutWish): Band[] {
  const eodHeight = 2 + BORDER;
  const topHeight = clamp(wish.symbols + 1 + BORDER, 10, Math.floor((height - eodHeight) * 0.45));
  const bottomHeight = height - topHeight - eodHeight;
  const left = Math.round(width * 0.55);
  const half = Math.round(width * 0.48);
  return [
    [
      [{ panel: "quality", width: left, height: topHeight }],
      [{ panel: "threads", width: width - left, height: topHeight }],
    ],
    [
      [{ panel: "chart", width: half, height: bottomHeight }],
      [{ panel: wish.view ?? "journal", width: width - half, height: bottomHeight }],
    ],
    [[{ panel: "eod", width, height: eodHeight }]],
  ];
}

/** Quality beside Threads over EOD, Chart beside Journal. */
function narrowBands({ width, height }: Room, wish: LayoutWish): Band[] {
  const half = Math.ceil(width / 2);
  const left = Math.round(width * 0.52);
  const right = width - left;
  const topHeight = Math.ceil(height * 0.55);
  const eodHeight = 4 + BORDER;
  return [
    [
      [{ panel: "quality", width: half, height: topHeight }],
      [
        { panel: "threads", width: width - half, height: topHeight - eodHeight },
        { panel: "eod", width: width - half, height: eodHeight },
      ],
    ],
    [
      [{ panel: "chart", width: left, height: height - topHeight }],
      [{ panel: wish.view ?? "journal", width: right, height: height - topHeight }],
    ],
  ];
}

/** All panels: the standing ones and, in place of the journal's neighbours, those that `v` brings. */
function tabsOf({ view }: LayoutWish): readonly PanelId[] {
  return view === null ? STANDING_PANELS : [...STANDING_PANELS, ...CALLED_PANELS.filter((panel) => panel === view)];
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
