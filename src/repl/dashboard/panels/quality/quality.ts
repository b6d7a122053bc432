/** Coverage of each symbol, worst first, with its minutes as a strip. */
import { formatPercent } from "../../../output/format.js";
import { firstShown, matches, shownNote } from "../../parts/list.js";
import type { Panel } from "../panel.js";
import { qualityRows } from "./quality-rows.js";

export const quality: Panel = (session, scene) => {
  const view = session.quality();
  const bySymbol = new Map(view.symbols.map((one) => [one.symbol, one]));
  const listed = scene.order.filter((symbol) => matches(symbol, scene.filter));
  const height = Math.max(1, scene.height - 1);
  const first = firstShown(listed.length, height, listed.indexOf(scene.symbol));
  const shown = listed.slice(first, first + height);
  const notes = [
    shownNote(first, height, listed.length),
    view.mean === null ? "" : `mean ${formatPercent(view.mean, "")}`,
    view.outagesUs.length > 0 ? `outage ${view.outagesUs.length} min` : "",
  ];
  return {
    title: "Quality",
    note: notes.filter(Boolean).join(" · "),
    rows: qualityRows(
      shown.map((symbol) => ({ quality: bySymbol.get(symbol)!, states: session.minuteStates(symbol) })),
      { opensAt: scene.clock.time(session.opensAtUs), closesAt: scene.clock.time(session.closesAtUs) },
      scene,
    ),
    length: listed.length,
    choice: { kind: "symbol", symbol: scene.symbol },
  };
};
