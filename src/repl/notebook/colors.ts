/**
 * Colours that read on white and on nearly black alike: the front end's theme is not known here. None says anything alone.
 */
export const COLORS = {
  good: "#2f9e44",
  fair: "#c27c0e",
  bad: "#e5484d",
  streamed: "#4c8dd6",
  filled: "#d29922",
  text: "#808080",
  rule: "#80808055",
} as const;

/** Green from 95 %, yellow from 80 %, red below: with the word that stands beside the colour. */
export function qualityWord(percent: number): { readonly word: string; readonly color: string } {
  if (Number.isNaN(percent)) return { word: "not judged", color: COLORS.text };
  if (percent >= 95) return { word: "good", color: COLORS.good };
  return percent >= 80 ? { word: "fair", color: COLORS.fair } : { word: "poor", color: COLORS.bad };
}
