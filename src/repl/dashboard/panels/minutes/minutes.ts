/** The last minutes of all symbols, row by row; or, filtered to one symbol, the grid of its session and its rows. */
import { growingPart } from "../../parts/growing-list.js";
import { matches } from "../../parts/list.js";
import { line } from "../../parts/row.js";
import type { Drawn, Panel, Scene } from "../panel.js";
import type { MinuteRow, Session } from "../../../../engine/index.js";
import { minuteGrid } from "./minute-grid.js";
import { minuteHead, minuteRow, slotRow, symbolsShown } from "./minute-rows.js";

const NO_SYMBOL = line(" no symbol has this in its name; Esc: all", "dim");

export const minutes: Panel = (session, scene) => {
  const listed = session.info.catalog.symbols.filter((symbol) => matches(symbol, scene.filter));
  const exact = listed.find((symbol) => symbol.toLowerCase() === scene.filter.toLowerCase());
  const only = exact ?? (scene.filter !== "" && listed.length === 1 ? listed[0] : undefined);
  if (listed.length === 0) return { title: "Minutes", rows: [NO_SYMBOL], length: 0 };
  return only === undefined ? ofMany(session, scene, listed) : ofOne(session, scene, only);
};

function ofMany(session: Session, scene: Scene, listed: readonly string[]): Drawn {
  const shown = symbolsShown(listed, scene.symbol, scene.width);
  const height = Math.max(1, scene.height - 1);
  const { rows, back, anchor } = lastRows(session, scene, height);
  return {
    title: "Minutes",
    note: [
      shown.length < listed.length ? `${shown.length} of ${listed.length} symbols` : "",
      back === 0 ? "follow" : `${back} back`,
    ]
      .filter(Boolean)
      .join(" · "),
    rows: [minuteHead(shown, scene.symbol), ...rows.map((row) => minuteRow(row, shown, scene.clock))],
    length: session.minute,
    grows: { back, anchor },
  };
}

function ofOne(session: Session, scene: Scene, symbol: string): Drawn {
  const grid = minuteGrid(session.minuteStates(symbol), session.opensAtUs, scene);
  const height = Math.max(0, scene.height - grid.length);
  const { rows, back, anchor } = lastRows(session, scene, height, symbol);
  return {
    title: "Minutes",
    note: back === 0 ? "follow" : `${back} back`,
    rows: [...grid, ...rows.map((row) => slotRow(row, scene.clock))],
    length: session.minute,
    grows: { back, anchor },
  };
}

/** The rows up to the chosen minute. */
function lastRows(session: Session, scene: Scene, height: number, symbol?: string) {
  const read = (last: number): MinuteRow[] => session.minuteRows(last, symbol);
  const keyOf = ({ startUs }: MinuteRow): string => String(startUs);
  const { shown, ...rest } = growingPart({ ...scene, read, keyOf, height, mostBelow: 0 });
  return { rows: shown, ...rest };
}
