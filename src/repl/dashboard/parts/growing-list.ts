/**
 * A list that grows at its end, and of which the newest entries are shown until somebody goes back in it. From then on the chosen
 * entry stays the chosen one, at its row, whatever comes behind it. Pure.
 */
import { within } from "./list.js";

/** The chosen entry as it was shown last. */
export interface Anchor {
  /** Its place then, counted back from the newest. */
  readonly cursor: number;
  /** What tells it from all others. */
  readonly entry: string;
  /** Entries that were shown below it. */
  readonly below: number;
}

export interface Growing<T> {
  /** The newest so many, oldest first. */
  readonly read: (last: number) => readonly T[];
  readonly keyOf: (entry: T) => string;
  readonly height: number;
  /** Rows that may stand below the chosen entry: none where the chosen one is the last that is shown. */
  readonly mostBelow: number;
  /** Where the person wants to be, counted back from the newest; 0 follows it. */
  readonly cursor: number;
  readonly anchor: Anchor | undefined;
}

export interface GrowingPart<T> {
  readonly shown: readonly T[];
  readonly chosen: T | undefined;
  /** Of the chosen entry, counted back from the newest. */
  readonly back: number;
  readonly anchor: Anchor | undefined;
  /** How many entries there are, as far as has been read. */
  readonly length: number;
}

/** Entries looked through for the chosen one; what has gone further is let go. */
const REACH = 16_000;

export function growingPart<T>(list: Growing<T>): GrowingPart<T> {
  const { keyOf, height, mostBelow, cursor } = list;
  const anchor = cursor > 0 ? list.anchor : undefined;
  // What the person has moved by since it was shown.
  const moved = cursor - (anchor?.cursor ?? 0);
  const { found, at } = readBack(list, anchor, Math.max(0, moved));
  const base = at < 0 ? cursor : found.length - 1 - at + moved;
  const back = within(base, found.length);
  const below = Math.max(0, Math.min((anchor?.below ?? 0) + moved, mostBelow, back));
  const end = found.length - back + below;
  const chosen = found.at(-1 - back);
  return {
    shown: found.slice(Math.max(0, end - height), end),
    chosen,
    back,
    anchor: back > 0 && chosen !== undefined ? { cursor: back, entry: keyOf(chosen), below } : undefined,
    length: found.length,
  };
}

/** In one look, because entries come meanwhile: more and more, until the anchored one is there and a page above it. */
function readBack<T>({ read, keyOf, height, cursor }: Growing<T>, anchor: Anchor | undefined, moved: number) {
  for (let wanted = cursor + height + 1; ; wanted *= 2) {
    const found = read(wanted);
    const at = anchor ? found.findLastIndex((entry) => keyOf(entry) === anchor.entry) : -1;
    const isEnough = anchor === undefined || (at >= 0 && at - moved >= height);
    if (isEnough || found.length < wanted || wanted > REACH) return { found, at };
  }
}
