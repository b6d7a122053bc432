/** Conditions as text: any text, and for completion those that are made of words alone. Which mean something, the engine says. */
import type { EodStep, RowClass } from "../../engine/index.js";

/** E.g. `"TSLA.quality<95"`, `"gap>=3"`, `"phase=roll if day=2025-07-03"`, `"15:58"`. */
export type ConditionText =
  `phase=${EodStep}` | `class=${RowClass}` | "derived=incomplete" | "rejected" | "fill" | (string & {});
