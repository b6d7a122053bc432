/** The long explorations. Skipped unless asked for: `npm run explore`. */
import { expect, it } from "vitest";
import { CAMPAIGN } from "./bounds.js";
import { explore } from "./explorer.js";

for (const { name, bounds } of CAMPAIGN) {
  it.skipIf(!process.env.EXPLORE)(`finds no violation in any interleaving: ${name}`, () => {
    const started = performance.now();
    const result = explore({ ...bounds, maxStates: 20_000_000 });
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const extent = result.complete ? "all of them" : "cut off";
    process.stderr.write(
      `${name}: ${result.states} states (${extent}), ${result.transitions} transitions, ${seconds} s\n`,
    );
    expect(result.violation, result.violation?.trace.join("\n")).toBeUndefined();
    expect(result.complete).toBe(true);
  });
}
