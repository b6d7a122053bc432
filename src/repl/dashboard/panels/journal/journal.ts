/** What has happened, newest last. The cursor counts back from the newest, so what is chosen moves on as entries come. */
import { matches } from "../../parts/list.js";
import type { Panel } from "../panel.js";
import { journalRow, journalText } from "./journal-rows.js";

/** Entries looked through for a filter. */
const FILTER_DEPTH = 2000;
/** Entries the cursor can go back. */
const DEPTH = 1000;

export const journal: Panel = (session, scene) => {
  const { symbols } = session.info.catalog;
  const symbol = symbols.find((name) => name.toLowerCase() === scene.filter.toLowerCase());
  const back = scene.cursor;
  const wanted = Math.min(DEPTH, back + scene.height + 1);
  const found =
    scene.filter === "" || symbol !== undefined
      ? session.journal({ last: wanted, ...(symbol === undefined ? {} : { symbol }) })
      : session
          .journal({ last: FILTER_DEPTH })
          .filter((entry) => matches(journalText(entry, scene.clock), scene.filter))
          .slice(-wanted);
  // The cursor counts from the newest; it is kept in sight, and the newest entry at the bottom while it is there.
  const cursor = Math.min(back, Math.max(0, found.length - 1));
  const end = found.length - Math.max(0, cursor - scene.height + 1);
  const shown = found.slice(Math.max(0, end - scene.height), end);
  const chosen = found[found.length - 1 - cursor];
  const date = chosen?.date;
  return {
    title: "Journal",
    note: cursor === 0 ? "follow" : `${cursor} back · ${date}`,
    rows: shown.map((entry) =>
      journalRow(entry, { ...scene, chosen: scene.focused && cursor > 0 && entry === chosen }),
    ),
    length: found.length < wanted ? found.length : DEPTH,
    ...(chosen ? { choice: { kind: "prompt" as const, text: `goto ${date} ${scene.clock.time(chosen.timeUs)}` } } : {}),
  };
};
