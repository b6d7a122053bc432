/** Where the stream of each symbol stands, and which ones keep the day from draining. */
import { firstShown, matches, shownNote } from "../../parts/list.js";
import type { Panel } from "../panel.js";
import { lastToEnd, STREAM_HEAD, streamRow } from "./stream-rows.js";

export const streams: Panel = (session, scene) => {
  const all = session.streams();
  const bySymbol = new Map(all.map((stream) => [stream.symbol, stream]));
  const listed = scene.order.filter((symbol) => matches(symbol, scene.filter));
  const height = Math.max(1, scene.height - 1);
  const first = firstShown(listed.length, height, listed.indexOf(scene.symbol));
  const keepers = lastToEnd(all);
  return {
    title: "Streams",
    note: [noteOf(keepers), shownNote(first, height, listed.length)].filter(Boolean).join(" · "),
    rows: [
      STREAM_HEAD,
      ...listed.slice(first, first + height).map((symbol) =>
        streamRow(bySymbol.get(symbol)!, {
          clock: scene.clock,
          chosen: symbol === scene.symbol,
          keeps: keepers.has(symbol),
        }),
      ),
    ],
    length: listed.length,
    choice: { kind: "symbol", symbol: scene.symbol },
  };
};

function noteOf(keepers: ReadonlySet<string>): string {
  const [first] = keepers;
  if (first === undefined) return "all at their end";
  return keepers.size === 1 ? `${first} keeps the day` : `${keepers.size} keep the day`;
}
