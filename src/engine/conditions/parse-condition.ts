/** Text to conditions: cuts a condition into its atoms and refuses those that cannot hold together. */
import { UsageError } from "../errors.js";
import { isPlaceAtom, isPulseAtom } from "./atom-kinds.js";
import type { Atom, Condition } from "./condition.js";
import { formatAtom, formatAtoms } from "./format-condition.js";
import { parseAtoms, type KnownNames } from "./parse-atom.js";

const LONGEST = 2000;
const JOINT = /(?:^|\s+)(?:and|if)(?=\s|$)/i;

/**
 * The condition a text says; its `text` is the normal form. Keywords in any case; symbols as they are written, else in any case. Throws a
 * `UsageError` that names the part that is wrong and what to write instead.
 *
 * @example
 * parseCondition("phase=roll if day=2013-10-08", { symbols: ["SPY"] }).text; // phase=roll and day=2013-10-08
 * parseCondition("spy.Last > 168", { symbols: ["SPY"] }).text; // SPY.last>168
 */
export function parseCondition(text: string, known: KnownNames): Condition {
  if (text.trim() === "")
    throw new UsageError("the condition is empty", "write one like quality<95, gap>=3, SPY.last>168 or phase=roll");
  if (text.length > LONGEST)
    throw new UsageError(`a condition of ${text.length} characters`, `${LONGEST} are enough for any`);
  const parts = text.split(JOINT).map((part) => part.trim());
  if (parts.includes(""))
    throw new UsageError(
      `something is missing beside "and" or "if" in ${JSON.stringify(text.trim())}`,
      "write them between two conditions: gap>=3 and quality<95",
    );
  const atoms = withoutRepeats(parts.flatMap((part) => parseAtoms(part, known)));
  refuseImpossible(atoms);
  return { text: formatAtoms(atoms), atoms };
}

function withoutRepeats(atoms: readonly Atom[]): Atom[] {
  return [...new Map(atoms.map((atom) => [formatAtom(atom), atom])).values()];
}

/** Conditions that would wait for ever. */
function refuseImpossible(atoms: readonly Atom[]): void {
  const places = atoms.filter(isPlaceAtom);
  const pulses = atoms.filter(isPulseAtom);
  for (const kind of ["phase", "day", "time"] as const) {
    const [one, other] = places.filter((atom) => atom.kind === kind);
    if (other) refuse(one, other, `no place has two ${kind}s`, "set a breakpoint for each");
  }
  const phase = places.find((atom) => atom.kind === "phase");
  const time = places.find((atom) => atom.kind === "time");
  if (phase && time)
    refuse(phase, time, "a time of day is a place between bars, not before a step", `take ${formatAtom(phase)} alone`);
  if (pulses.length === 0) return;
  const place = phase ?? time;
  if (place)
    refuse(
      pulses[0],
      place,
      "it happens at a bar, and nobody knows beforehand which",
      `take ${formatAtom(pulses[0])} alone, or what lasts, such as gap>=3, with ${formatAtom(place)}`,
    );
  const named = pulses.filter((atom) => atom.symbol !== undefined);
  const other = named.find((atom) => atom.symbol !== named[0].symbol);
  if (other) refuse(named[0], other, "they are never at the same bar", "set a breakpoint for each");
  const fill = pulses.find((atom) => atom.kind === "fill");
  const streamed = pulses.find((atom) => atom.kind === "class" && atom.name === "streamed");
  if (fill && streamed) refuse(fill, streamed, "a bar is one of both", "set a breakpoint for each");
}

function refuse(one: Atom, other: Atom, why: string, hint: string): never {
  throw new UsageError(`${formatAtom(one)} and ${formatAtom(other)} never hold together: ${why}`, hint);
}
