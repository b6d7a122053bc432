/**
 * A whole session in one thread under a seeded schedule, with a virtual clock, faults, and every invariant checked at
 * every step. The processes are the ones the threads run; who acts next, for a whole turn or for one shared access, is
 * drawn from the seed. The same seed gives the same simulation to the last step.
 */
import { runDigest } from "../work/digest.js";
import { Simulation } from "./simulation.js";
import type { SimulationFailure, SimulationOptions, SimulationResult } from "./types.js";
import { Violation } from "./violation.js";

export type { SimulationOptions, SimulationResult };

/** Replays one session under the schedule of `seed`. Never rejects for what it finds: that is in `failure`. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  const simulation = new Simulation(seed, options);
  let failure: SimulationFailure | undefined;
  try {
    await simulation.run();
  } catch (error) {
    failure = { ...explain(error), step: simulation.steps, actions: simulation.log.last() };
  }
  const records = [...simulation.stage.records].sort(([a], [b]) => a - b).map(([, record]) => record);
  return {
    seed,
    steps: simulation.steps,
    failure,
    ended: failure ? "broken" : simulation.ended,
    sessions: records.length,
    digest: runDigest(records.map((record) => record.digest)),
    counts: simulation.counts(),
  };
}

/** The invariant by its number; an assertion of the engine names it too. */
function explain(error: unknown): { invariant: string; what: string } {
  if (error instanceof Violation) return { invariant: error.invariant, what: error.what };
  const what = error instanceof Error ? error.message : String(error);
  return { invariant: /\bI\d+(?=:)/.exec(what)?.[0] ?? "error", what };
}

/** A failure as text: the seed, the step, the invariant, what led there, and the command that replays it. */
export function describeFailure({ seed, failure }: SimulationResult): string {
  if (!failure) return `seed ${seed}: no failure`;
  const { invariant, what, step, actions } = failure;
  return `seed ${seed}, step ${step}: ${invariant}: ${what}\n  ${actions.join("\n  ")}\nreplay: npm run simulate -- --seed ${seed}`;
}
