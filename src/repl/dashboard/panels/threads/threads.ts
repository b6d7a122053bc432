/** Where each thread stands, what it waits for, and what a further step would do. */
import type { Panel } from "../panel.js";
import { threadRows } from "./thread-rows.js";

export const threads: Panel = (session, scene) => ({
  title: "Threads",
  rows: threadRows(session.threads(), scene.state, scene),
});
