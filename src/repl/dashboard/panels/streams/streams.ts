/** Where the stream of each symbol stands, and which one keeps the day from draining. */
import { firstShown, matches, shownNote } from "../../parts/list.js";
import type { Panel } from "../panel.js";
import { lastToEnd, STREAM_HEAD, streamRow } from "./stream-rows.js";

export const streams: Panel = (session, scene) => {
  const all = session.streams();
  const bySymbol = new Map(all.map((stream) => [stream.symbol, stream]));
  const listed = scene.order.filter((symbol) => matches(symbol, scene.filter));
  const height = Math.max(1, scene.height - 1);
  const first = firstShown(listed.length, height, listed.indexOf(scene.symbol));
  const keeper = lastToEnd(all);
  return {
    title: "Streams",
    note: [keeper ? `${keeper.symbol} keeps the day` : "all at their end", shownNote(first, height, listed.length)]
      .filter(Boolean)
      .join(" · "),
    rows: [
      STREAM_HEAD,
      ...listed.slice(first, first + height).map((symbol) =>
        streamRow(bySymbol.get(symbol)!, {
          clock: scene.clock,
          chosen: symbol === scene.symbol,
          keeps: keeper?.symbol === symbol,
        }),
      ),
    ],
    length: listed.length,
    choice: { kind: "symbol", symbol: scene.symbol },
  };
};
