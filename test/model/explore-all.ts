import { expect, it } from "vitest";
import type { Check } from "./bounds.js";
import { explore } from "./explorer.js";

/** A test for each world: no interleaving breaks a rule, and as many states as ever are visited. */
export function exploreAll(checks: readonly Check[]): void {
  for (const { name, bounds, states } of checks) {
    it(`finds no violation in any interleaving: ${name}`, () => {
      const result = explore(bounds);
      process.stdout.write(`explored ${result.states} states, ${result.transitions} transitions: ${name}\n`);
      expect(result.violation, result.violation?.trace.join("\n")).toBeUndefined();
      expect(result.complete).toBe(true);
      expect(result.states).toBeGreaterThan(states);
    });
  }
}
