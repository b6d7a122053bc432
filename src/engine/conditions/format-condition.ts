/** The normal form of conditions: what lists of breakpoints show, and what parses to the same condition again. */
import type { Atom } from "./condition.js";

/** `TSLA.quality<95`, `rejected`, `class=duplicate`, `derived=incomplete`, `phase=roll`, `day=2013-10-08`, `15:58`. */
export function formatAtom(atom: Atom): string {
  switch (atom.kind) {
    case "measure":
      return `${prefix(atom.symbol)}${atom.measure}${atom.comparison}${atom.value}`;
    case "class":
      return `${prefix(atom.symbol)}${atom.name === "rejected" ? "rejected" : `class=${atom.name}`}`;
    case "fill":
      return `${prefix(atom.symbol)}fill`;
    case "derived":
      return `${prefix(atom.symbol)}derived=${atom.status}`;
    case "phase":
      return `phase=${atom.step}`;
    case "day":
      return `day=${atom.date}`;
    case "time":
      return formatTimeOfDay(atom.minuteOfDay);
  }
}

/** Atoms joined by `and`; a date and the time after it as people write them, `2013-10-08 15:58`. */
export function formatAtoms(atoms: readonly Atom[]): string {
  let text = "";
  let before: Atom | undefined;
  for (const atom of atoms) {
    if (before?.kind === "day" && atom.kind === "time")
      text = `${text.slice(0, -formatAtom(before).length)}${before.date} ${formatAtom(atom)}`;
    else text += `${text && " and "}${formatAtom(atom)}`;
    before = atom;
  }
  return text;
}

function prefix(symbol: string | undefined): string {
  return symbol === undefined ? "" : `${symbol}.`;
}

function formatTimeOfDay(minuteOfDay: number): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}
