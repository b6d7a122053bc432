/** Which atoms are about data and which about places. */
import type { Atom, Condition, MeasureAtom, PlaceAtom, PulseAtom } from "./condition.js";

export function isPlaceAtom(atom: Atom): atom is PlaceAtom {
  return atom.kind === "phase" || atom.kind === "day" || atom.kind === "time";
}

export function isPulseAtom(atom: Atom): atom is PulseAtom {
  return atom.kind === "class" || atom.kind === "fill" || atom.kind === "derived";
}

export function isMeasureAtom(atom: Atom): atom is MeasureAtom {
  return atom.kind === "measure";
}

/**
 * Whether it stops at places the plan knows (condition-places.ts) rather than wherever it becomes true (day-watch.ts). A day beside
 * conditions on data is no place: it says on which day they are watched for.
 */
export function hasPlace({ atoms }: Condition): boolean {
  return atoms.some((atom) => atom.kind === "phase" || atom.kind === "time") || atoms.every(isPlaceAtom);
}

/** Whether it can become true on a date at all. */
export function isOnDay({ atoms }: Condition, date: string): boolean {
  return atoms.every((atom) => atom.kind !== "day" || atom.date === date);
}
