import { expect, it } from "vitest";
import { STRAIGHT_CHECKS } from "./bounds.js";
import { explore } from "./explorer.js";

for (const { name, bounds, states } of STRAIGHT_CHECKS) {
  it(`finds no violation in any interleaving: ${name}`, () => {
    const result = explore(bounds);
    process.stdout.write(`explored ${result.states} states, ${result.transitions} transitions: ${name}\n`);
    expect(result.violation, result.violation?.trace.join("\n")).toBeUndefined();
    expect(result.complete).toBe(true);
    expect(result.states).toBeGreaterThan(states);
  });
}
