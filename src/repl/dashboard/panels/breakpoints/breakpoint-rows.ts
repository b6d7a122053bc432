/** Rows for breakpoints and marks. Pure. */
import type { Breakpoint, Mark } from "../../../../engine/index.js";
import { formatCount } from "../../../output/format.js";
import { fitText, line, span, type Row } from "../../parts/row.js";

export const POINT_HEAD = line("  ID  HITS  CONDITION", "dim");

export const breakpointRow =
  ({ id, text, temporary, log, hits, ignore }: Breakpoint) =>
  (chosen: boolean): Row => [
    span(`${chosen ? "▸" : " "}${fitText(String(id), 3, "right")}`, chosen ? "strong" : undefined),
    span(`${fitText(formatCount(hits), 6, "right")}  `),
    span(`◆ ${text}`),
    span(log ? "  only logs" : "", "dim"),
    span(temporary ? "  once" : "", "dim"),
    span(ignore > 0 ? `  passes over ${formatCount(ignore)} more` : "", "dim"),
  ];

export const markRow =
  ({ name, text }: Mark) =>
  (chosen: boolean): Row => [
    span(`${chosen ? "▸" : " "}${fitText("–", 3, "right")}${" ".repeat(8)}`, chosen ? "strong" : undefined),
    span(`◇ ${name}  `),
    span(text, "dim"),
  ];
