/** The first rows of each kind that a person is shown, and how many there are in all. */
import type { RowNotice } from "../../engine/index.js";
import { formatCount } from "./format.js";
import type { Theme } from "./theme.js";

/** Shown of each kind in a run; the rest is counted. */
const MOST_SHOWN = 5;
/** Kinds that are shown row by row. The others are counted in the tables. */
const SHOWN_KINDS = ["rejected", "conflict"] as const;

export class NoticeBook {
  private readonly shown = new Map<string, number>();

  constructor(private readonly theme: Theme) {}

  /** Lines for those that are shown now. */
  take(notices: readonly RowNotice[]): string[] {
    const lines: string[] = [];
    for (const { kind, cause, text } of notices) {
      const before = this.shown.get(kind) ?? 0;
      if (!SHOWN_KINDS.some((one) => one === kind) || before >= MOST_SHOWN) continue;
      this.shown.set(kind, before + 1);
      const what = kind === "rejected" ? `rejected (${cause})` : kind;
      lines.push(` ${this.theme.bad(what)} ${text}`);
    }
    return lines;
  }

  /** What has not been shown: `… and 12 more rejected`. */
  more(totals: { readonly rejected: number; readonly conflict: number }): string[] {
    return SHOWN_KINDS.flatMap((kind) => {
      const left = totals[kind] - (this.shown.get(kind) ?? 0);
      return left > 0 ? [`${this.theme.glyphs.ellipsis} and ${formatCount(left)} more rows: ${kind}`] : [];
    });
  }
}
