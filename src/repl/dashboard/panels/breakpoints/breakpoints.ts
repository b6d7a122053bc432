/** Breakpoints, log points and marks. */
import { firstShown, matches, shownNote, within } from "../../parts/list.js";
import { line } from "../../parts/row.js";
import type { Panel } from "../panel.js";
import { breakpointRow, markRow, POINT_HEAD } from "./breakpoint-rows.js";

const NONE = line(" none: b sets one here, : break gap>=3 on a condition", "dim");
const NONE_LIKE_THIS = line(" none has this in it; Esc: all", "dim");

export const breakpoints: Panel = (session, scene) => {
  const points = session.breakpoints().filter((point) => matches(point.text, scene.filter));
  const marks = session.marks().filter((mark) => matches(mark.name, scene.filter));
  const length = points.length + marks.length;
  const height = Math.max(1, scene.height - 1);
  const cursor = within(scene.cursor, length);
  const first = firstShown(length, height, cursor);
  const rows = [...points.map(breakpointRow), ...marks.map(markRow)].map((row) => row);
  const texts = [...points.map(({ id }) => `delete ${id}`), ...marks.map(({ name }) => `goto ${name}`)];
  return {
    title: "Breakpoints",
    note: shownNote(first, height, length),
    rows:
      length === 0
        ? [scene.filter === "" ? NONE : NONE_LIKE_THIS]
        : [
            POINT_HEAD,
            ...rows.slice(first, first + height).map((row, i) => row(scene.focused && first + i === cursor)),
          ],
    length,
    ...(length > 0 ? { choice: { kind: "prompt" as const, text: texts[cursor] } } : {}),
  };
};
