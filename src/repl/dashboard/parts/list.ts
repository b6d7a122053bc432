/** Which entries of a list are shown. Pure. */

/** The first of `height` entries such that `cursor` is among them, and as few as possible are left blank. */
export function firstShown(length: number, height: number, cursor: number): number {
  const middle = cursor - Math.floor(height / 2);
  return Math.max(0, Math.min(middle, length - height));
}

/** `cursor` kept within a list. */
export function within(cursor: number, length: number): number {
  return Math.max(0, Math.min(cursor, length - 1));
}

/** `3–12 of 64`, or nothing when all are shown. */
export function shownNote(first: number, height: number, length: number): string {
  return length <= height ? "" : `${first + 1}–${Math.min(first + height, length)} of ${length}`;
}

/** True when `text` contains `filter`, whatever the case. */
export function matches(text: string, filter: string): boolean {
  return filter === "" || text.toLowerCase().includes(filter.toLowerCase());
}
