/** What a comparison of two runs found. */
import { escapeName, type Difference } from "../../engine/index.js";
import { plural } from "../output/format.js";
import type { Theme } from "../output/theme.js";

export function differenceLines({ equal, text, compared }: Difference, theme: Theme): string[] {
  const { days, minutes, events } = compared;
  return [
    `${equal ? theme.good("equal:") : theme.bad("differs:")} ${escapeName(text)}`,
    `compared: ${plural(days, "day")}, ${plural(minutes, "minute")}, ${plural(events, "event")}`,
  ];
}
