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

/** Whether it stops at places the plan knows (condition-places.ts) rather than wherever it becomes true (day-watch.ts). */
export function hasPlace(condition: Condition): boolean {
  return condition.atoms.some(isPlaceAtom);
}
