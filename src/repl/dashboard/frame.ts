/**
 * One look at a session as blocks of painted text, each with its place: all that the drawing needs. Reads the session and
 * decides nothing.
 */
import type { Session, SessionState } from "../../engine/index.js";
import type { ExchangeClock } from "../output/format.js";
import { layOut, LEAST_COLUMNS, LEAST_ROWS, TRANSPORT_ROWS, type Layout, type PanelBox } from "./layout.js";
import { framedRows } from "./parts/border.js";
import { fitRow, line, paintRow, span, type Paint, type Row } from "./parts/row.js";
import type { Drawn, Scene } from "./panels/panel.js";
import { PANELS } from "./panels/panels.js";
import { transport } from "./panels/transport/transport.js";
import { lastRow } from "./last-row.js";
import type { PanelId, Ui } from "./ui.js";

/** A rectangle of text: `height` lines of at most `width` cells. */
export interface Block {
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly text: string;
}

/** Bands from top to bottom, each of columns beside each other, each a stack of blocks. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly bands: readonly (readonly (readonly Block[])[])[];
}

/** What is drawn besides the session. */
export interface Look {
  readonly state: SessionState;
  readonly ui: Ui;
  readonly columns: number;
  readonly rows: number;
  readonly order: readonly string[];
  readonly wordsBefore: ReadonlyMap<string, number>;
  readonly clock: ExchangeClock;
  readonly paint: Paint;
}

export interface Composed {
  readonly frame: Frame;
  readonly layout: Layout;
  /** What each panel said, for the keys. */
  readonly drawn: ReadonlyMap<PanelId, Drawn>;
}

export function compose(session: Session, look: Look): Composed {
  const { ui, columns, rows, paint } = look;
  const layout = layOut(columns, rows, { ...ui, symbols: look.order.length });
  const block = (key: string, content: readonly Row[], width = columns): Block => ({
    key,
    width,
    height: content.length,
    text: content.map((row) => paintRow(row, paint)).join("\n"),
  });
  const drawn = new Map<PanelId, Drawn>();
  if (layout.bands.length === 0) return { frame: askForRoom(look, block), layout, drawn };
  const drawBox = (box: PanelBox): Block => {
    const seen = PANELS[box.panel](session, sceneOf(box, look));
    drawn.set(box.panel, seen);
    const filter = ui.filters[box.panel] ?? "";
    const title = filter === "" ? seen.title : `${seen.title} /${filter}`;
    const framed = framedRows({ ...seen, title, focused: ui.focus === box.panel }, box.width, box.height);
    return block(box.panel, framed, box.width);
  };
  const between = rows - TRANSPORT_ROWS - 1;
  const middle = ui.overlay
    ? [[[block("overlay", overlayRows(ui.overlay, columns, between))]]]
    : [
        ...(layout.tabs ? [[[block("tabs", [tabRow(layout.tabs, ui.focus, columns)])]]] : []),
        ...layout.bands.map((band) => band.map((column) => column.map(drawBox))),
      ];
  const bands = [
    [[block("transport", transport(session, look.state, { width: columns, moves: ui.moves, clock: look.clock }))]],
    ...middle,
    [[block("last", [lastRow(ui, columns, look.state.state === "playing")])]],
  ];
  return { frame: { columns, rows, bands }, layout, drawn };
}

function sceneOf(box: PanelBox, { state, ui, order, wordsBefore, clock }: Look): Scene {
  return {
    width: box.width - 2,
    height: box.height - 2,
    focused: ui.focus === box.panel,
    state,
    symbol: ui.symbol,
    interval: ui.interval,
    filter: ui.filters[box.panel] ?? "",
    cursor: ui.cursors[box.panel] ?? 0,
    anchor: ui.anchors[box.panel],
    order,
    wordsBefore,
    clock,
  };
}

/** Rows of the overlay that are in sight; a page. */
export function overlayPage(rows: number): number {
  return Math.max(1, rows - TRANSPORT_ROWS - 1 - 2);
}

function overlayRows({ title, rows, top }: NonNullable<Ui["overlay"]>, width: number, height: number): Row[] {
  const more = rows.length > height - 2;
  const note = more
    ? `${top + 1}–${Math.min(rows.length, top + height - 2)} of ${rows.length} · j k · Esc closes`
    : "Esc closes";
  return framedRows({ title, note, rows: rows.slice(top), focused: true }, width, height);
}

function tabRow(tabs: readonly PanelId[], focus: PanelId, width: number): Row {
  const parts = tabs.flatMap((panel) => [
    span(panel === focus ? `[${panel}]` : ` ${panel} `, panel === focus ? "inverse" : "dim"),
  ]);
  return fitRow([span(" "), ...parts, span(" Tab", "dim")], width);
}

function askForRoom({ columns, rows }: Look, block: (key: string, rows: readonly Row[]) => Block): Frame {
  const text = `bardeck needs ${LEAST_COLUMNS}×${LEAST_ROWS}, here is ${columns}×${rows}. q quits`;
  const shown = fitRow(line(text, "strong"), columns);
  return { columns, rows, bands: [[[block("room", [shown])]]] };
}

/** True when a terminal shows the same for both. */
export function isSameFrame(a: Frame, b: Frame): boolean {
  if (a.columns !== b.columns || a.rows !== b.rows) return false;
  const [before, after] = [blocksOf(a), blocksOf(b)];
  return (
    before.length === after.length &&
    before.every((block, i) => block.key === after[i].key && block.text === after[i].text)
  );
}

/** All blocks of a frame in order. */
export function blocksOf({ bands }: Frame): readonly Block[] {
  return bands.flat(2);
}
