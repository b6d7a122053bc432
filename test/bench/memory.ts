/** Bytes a slot, and whether memory stays flat over a year of sessions. */
import { setTimeout as sleep } from "node:timers/promises";
import { segmentLayout } from "../../dist/engine/memory/segment.js";
import { segmentShapeOf, shapeOf } from "../../dist/engine/plan.js";
import { endPlace, positionPlace } from "../../dist/engine/protocol/places.js";
import { runDigest } from "../../dist/engine/work/digest.js";
import { figure, type Bench } from "./kit.js";
import { openSynthetic, syntheticDays, syntheticPlan } from "./synthetic.js";

export const memoryBench: Bench = async (size) => {
  const [symbols, sessions, early] = size === "full" ? [64, 252, 50] : [3, 6, 2];
  const options = syntheticDays(symbols, sessions, size === "full" ? 390 : 17);
  const plan = syntheticPlan(options);
  const session = await openSynthetic(plan, options);
  try {
    await session.runToPlace(positionPlace(early, 0), "bench");
    const before = await settledMemory();
    await session.runToPlace(positionPlace(sessions - 2, 0), "bench");
    const after = await settledMemory();
    await session.runToPlace(endPlace(shapeOf(plan)), "bench");
    const digest = runDigest(session.days.map(({ record }) => record.digest));
    const to = `after ${early} sessions`;
    const mib = (bytes: number): number => bytes / 2 ** 20;
    return [
      bytesASlot(symbols),
      figure(`rss after ${sessions - 2} days`, symbols, [mib(after.rss), "MiB"], [mib(before.rss), to], digest, "flat"),
      figure(
        "shared memory",
        symbols,
        [mib(after.arrayBuffers), "MiB"],
        [mib(before.arrayBuffers), to],
        digest,
        "flat",
      ),
      figure("heap of main", symbols, [mib(after.heapUsed), "MiB"], [mib(before.heapUsed), to], digest),
    ];
  } finally {
    await session.dispose();
  }
};

/** After garbage collection where it can be asked for (node --expose-gc), and a moment for the workers. */
async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  await sleep(50);
  globalThis.gc?.();
  return process.memoryUsage();
}

/** Of a full day: the grid and the decoded source it is published from. The digest is the layout's. */
function bytesASlot(symbols: number) {
  const options = syntheticDays(symbols, 1);
  const { fields } = segmentLayout(segmentShapeOf(syntheticPlan(options)));
  const base = fields.filter(({ name }) => name.startsWith("published.") || name.startsWith("source."));
  const slots = symbols * options.minutes;
  const bytes = base.reduce((sum, field) => sum + field.bytes, 0) / slots;
  const digest = runDigest(fields.map(({ name, kind, length, offset }) => `${name} ${kind} ${length} ${offset}`));
  return figure("base data and source", symbols, [bytes, "bytes/slot"], [110, "the target"], digest, "≤ 110");
}
