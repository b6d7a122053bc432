/**
 * The simulator by hand, on what `npm run build` has made.
 *   npm run simulate -- --seed 123                      one seed, every action told
 *   npm run simulate -- --seeds 100000 [--from 1]       a campaign; prints the seeds that fail, for failing-seeds.ts
 *   … --bug no-drain                                    with a seeded bug (protocol/bugs.ts)
 */
import { parseArgs } from "node:util";
import { describeFailure, simulate } from "../../dist/engine/sim/simulate.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    bug: { type: "string", multiple: true, default: [] },
  },
});

if (values.seed !== undefined) await tellOne(Number(values.seed));
else await campaign(Number(values.from), Number(values.seeds ?? 2000));

async function tellOne(seed) {
  const result = await simulate(seed, { bugs: values.bug, onAction: (text) => console.log(text) });
  const { ended, steps, sessions, digest, failure } = result;
  console.log(
    failure ? describeFailure(result) : `seed ${seed}: ${ended} after ${steps} steps, ${sessions} sessions, ${digest}`,
  );
  process.exitCode = failure ? 1 : 0;
}

async function campaign(from, count) {
  const began = performance.now();
  const totals = {};
  const failing = [];
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(seed, { bugs: values.bug });
    for (const [what, n] of Object.entries(result.counts)) totals[what] = (totals[what] ?? 0) + n;
    if (!result.failure) continue;
    failing.push(seed);
    if (failing.length <= 5) console.log(`${describeFailure(result)}\n`);
  }
  const perSecond = Math.round((count / (performance.now() - began)) * 1000);
  const happened = Object.entries(totals).map(([what, n]) => `${what} ${n}`);
  console.log(`${count} seeds, ${failing.length} fail, ${perSecond} a second\n${happened.join(", ")}`);
  if (failing.length > 0) console.log(`failing: ${failing.slice(0, 50).join(", ")}`);
  process.exitCode = failing.length > 0 ? 1 : 0;
}
