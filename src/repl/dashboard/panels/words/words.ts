/** The control words, those that the last move has changed marked; and the watches. */
import { firstShown, matches, shownNote, within } from "../../parts/list.js";
import type { Panel } from "../panel.js";
import { watchRow, wordRow } from "./word-rows.js";

export const words: Panel = (session, scene) => {
  const watches = session.watches().map(watchRow);
  const listed = session.words().filter((word) => matches(`${word.name} ${word.text} ${word.meaning}`, scene.filter));
  const height = Math.max(1, scene.height - watches.length);
  const cursor = within(scene.cursor, listed.length);
  const first = firstShown(listed.length, height, cursor);
  return {
    title: "Words",
    note: shownNote(first, height, listed.length),
    rows: [
      ...watches,
      ...listed.slice(first, first + height).map((word, i) =>
        wordRow(word, {
          before: scene.wordsBefore.get(word.name),
          chosen: scene.focused && first + i === cursor,
          width: scene.width,
        }),
      ),
    ],
    length: listed.length,
  };
};
