import { expect, it } from "vitest";
import { SEEDED_BUGS, type SeededBug } from "../../src/engine/protocol/bugs.js";
import { BOUNDS_OF_BUG } from "./bounds.js";
import { explore } from "./explorer.js";

for (const bug of Object.keys(SEEDED_BUGS) as SeededBug[]) {
  it(`catches: ${SEEDED_BUGS[bug]}`, () => {
    const { violation, states } = explore({ ...BOUNDS_OF_BUG[bug], bugs: [bug] });
    expect(violation, `${bug} got through ${states} states`).toBeDefined();
    expect(violation?.trace.length).toBeGreaterThan(0);
    if (process.env.EXPLORE_VERBOSE)
      process.stderr.write(`${bug}: ${violation?.message} after ${states} states, ${violation?.trace.length} steps\n`);
  });
}
