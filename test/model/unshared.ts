/** Which effects of the processes nobody else can see when they happen, so that no state is made between them and the move before. */
import type { SeededBug } from "../../src/engine/protocol/bugs.js";
import type { ThreadName } from "../../src/engine/protocol/phases.js";

/**
 * Effects that touch only what no other process may read or write at that moment, because of the baton, an
 * acknowledged pause or a word that is published later. They commute with every move of the others, so they are
 * carried out at once with the move before them, and no state is made in between (partial order reduction). A
 * seeded bug that makes one of them visible takes it off the list.
 */
const UNSHARED: Readonly<Record<ThreadName, readonly string[]>> = {
  coordinator: ["copy-rows", "time", "anchor"],
  upkeep: [
    "process",
    "hit-at",
    "clear-day",
    "pass-remaining",
    "close",
    "finalize",
    "verify",
    "record",
    "next-step",
    "deactivate",
    "new-run",
    "rewind",
    "next-day",
  ],
  prefetch: ["begin"],
  main: ["limit", "seek-target", "done"],
};
const SHARED_UNDER: Partial<Record<SeededBug, readonly string[]>> = {
  "time-before-bar": ["copy-rows", "time", "process"],
  "goal-before-limit": ["limit"],
  "seek-on-one-ack": ["limit", "seek-target", "new-run", "rewind"],
};

/** The unshared effects of each process, under these bugs. */
export function unsharedEffects(bugs: readonly SeededBug[] = []): Readonly<Record<ThreadName, ReadonlySet<string>>> {
  const shared = bugs.flatMap((bug) => SHARED_UNDER[bug] ?? []);
  const of = (name: ThreadName) => new Set(UNSHARED[name].filter((effect) => !shared.includes(effect)));
  return { coordinator: of("coordinator"), upkeep: of("upkeep"), prefetch: of("prefetch"), main: of("main") };
}
