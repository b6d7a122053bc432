/** What goes into a simulation and what comes out of it. */
import type { Segment } from "../memory/segment.js";
import type { SeededBug } from "../protocol/bugs.js";
import type { Works } from "./stage.js";
import type { Subject } from "./subject.js";

export interface SimulationOptions {
  /** What to replay; drawn from the seed when absent. */
  readonly subject?: Subject;
  /** Whether loads may fail or hang, threads die and main stop early. Without, every session reaches its end. True when absent. */
  readonly faults?: boolean;
  /** Asked between two steps: may let the event loop turn. Ends the simulation by rejecting. */
  readonly breathe?: () => Promise<void> | undefined;
  /** Told of every action, in words. */
  readonly onAction?: (text: string) => void;
  readonly bugs?: readonly SeededBug[];
  /** Test hook: works that do something wrong, to prove that the checks see it. `inHand` is the segment of the present day. */
  readonly tamper?: (works: Works, inHand: () => Segment | undefined) => Works;
}

export interface SimulationFailure {
  /** Number in protocol.md; `goal` for a goal answered elsewhere than it says, `error` for an assertion of the engine. */
  readonly invariant: string;
  readonly what: string;
  readonly step: number;
  /** The last actions, in words. */
  readonly actions: readonly string[];
}

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  readonly failure: SimulationFailure | undefined;
  readonly ended: "finished" | "stopped" | "failed" | "broken";
  /** Sessions on record, and the digest of them all in order. */
  readonly sessions: number;
  readonly digest: string;
  /** What happened, to prove that a campaign covers what it says. */
  readonly counts: Readonly<Record<string, number>>;
}
