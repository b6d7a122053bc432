/** What has happened, newest last. */
import type { JournalEntry } from "../../../../engine/index.js";
import { growingPart } from "../../parts/growing-list.js";
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
  const read = (last: number): readonly JournalEntry[] =>
    scene.filter === "" || symbol !== undefined
      ? session.journal({ last, ...(symbol === undefined ? {} : { symbol }) })
      : session
          .journal({ last: FILTER_DEPTH })
          .filter((entry) => matches(journalText(entry, scene.clock), scene.filter))
          .slice(-last);
  const { shown, chosen, back, anchor, length } = growingPart({
    ...scene,
    read,
    keyOf,
    mostBelow: scene.height - 1,
  });
  const date = chosen?.date;
  return {
    title: "Journal",
    note: back === 0 ? "follow" : `${back} back · ${date}`,
    rows: shown.map((entry) => journalRow(entry, { ...scene, chosen: scene.focused && back > 0 && entry === chosen })),
    length: length <= back + scene.height ? length : Math.max(DEPTH, back + 1),
    grows: { back, anchor },
    ...(chosen ? { choice: { kind: "prompt" as const, text: `goto ${date} ${scene.clock.time(chosen.timeUs)}` } } : {}),
  };
};

/** Control events have no id; their wall time is as good. */
function keyOf({ id, thread, kind, text, facts }: JournalEntry): string {
  return id ?? [facts.wallUs, thread, kind, text].join();
}
