/** The named steps from the end of one day to the start of the next: done, next, later, and how long they took. */
import { formatDay } from "../../../output/format.js";
import type { Panel } from "../panel.js";
import { eodRows } from "./eod-rows.js";

export const eod: Panel = (session, scene) => {
  const view = session.eod();
  return { title: "EOD", note: view.date === "" ? "" : formatDay(view.date), rows: eodRows(view, scene) };
};
