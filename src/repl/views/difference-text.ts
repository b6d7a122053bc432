/** What a comparison of two runs found. The text of equal runs is what was compared; of others that stands in a line of its own. */
import { escapeName, type Difference } from "../../engine/index.js";
import { plural } from "../output/format.js";
import type { Theme } from "../output/theme.js";

export function differenceLines({ equal, text, compared }: Difference, theme: Theme): string[] {
  const { days, minutes, events } = compared;
  if (equal) return [`${theme.good("equal:")} ${escapeName(text)}`];
  return [
    `${theme.bad("differs:")} ${escapeName(text)}`,
    `compared: ${plural(days, "day")}, ${plural(minutes, "minute")}, ${plural(events, "event")}`,
  ];
}
