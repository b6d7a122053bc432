/** Going back within a day, and single steps: command to answer, as main sees it. */
import { Worker } from "node:worker_threads";
import { positionPlace } from "../../dist/engine/protocol/places.js";
import { figure, median, percentile, seeded, timeMs, type Bench } from "./kit.js";
import { ReferenceLoop } from "./reference-loop.js";
import { openSynthetic, syntheticDays, syntheticPlan } from "./synthetic.js";

/** From the end of a day back to anywhere in it: the day is run again from its start. */
export const seekBench: Bench = async (size) => {
  const [symbols, minutes, times] = size === "full" ? [64, 390, 400] : [3, 17, 3];
  const options = syntheticDays(symbols, 1, minutes);
  const plan = syntheticPlan(options);
  const loop = await ReferenceLoop.load(plan, options);
  const session = await openSynthetic(plan, options);
  const slots = minutes * symbols;
  const random = seeded(1);
  try {
    const backMs: number[] = [];
    const loopMs: number[] = [];
    for (let i = -times / 10; i < times; i++) {
      await session.runToPlace(positionPlace(0, slots), "bench");
      const target = Math.floor(random() * slots);
      const ms = await timeMs(() => session.seekToPlace(positionPlace(0, target), "bench"));
      const wholeMs = await timeMs(() => loop.runDay(0));
      if (session.position().slots !== target)
        throw new Error(`went back to ${session.position().slots}, not ${target}`);
      if (i < 0) continue;
      backMs.push(ms);
      loopMs.push(wholeMs);
    }
    await session.seekToPlace(positionPlace(0, slots), "bench");
    const reference = [median(loopMs), "plain loop over the whole day"] as const;
    const digest = session.digest();
    return [
      figure("back, p50", symbols, [median(backMs), "ms"], reference, digest, "< 20 ms"),
      figure("back, p99", symbols, [percentile(backMs, 99), "ms"], reference, digest, "< 20 ms"),
    ];
  } finally {
    await session.dispose();
  }
};

/** One slot at a time. */
export const stepBench: Bench = async (size) => {
  const [symbols, minutes, steps] = size === "full" ? [64, 390, 4000] : [3, 17, 5];
  const options = syntheticDays(symbols, 1, minutes);
  const session = await openSynthetic(syntheticPlan(options), options);
  const echo = await startEcho();
  try {
    const stepMs: number[] = [];
    const echoMs: number[] = [];
    for (let i = -steps / 10; i < steps; i++) {
      const next = session.position().slots + 1;
      const ms = await timeMs(() => session.runToPlace(positionPlace(0, next), "bench"));
      const tripMs = await timeMs(echo.trip);
      if (i < 0) continue;
      stepMs.push(ms);
      echoMs.push(tripMs);
    }
    const digest = session.digest();
    const to = "a message to a worker and back";
    return [
      figure("step, p50", symbols, [median(stepMs), "ms"], [median(echoMs), to], digest, "< 0.3 ms"),
      figure("step, p99", symbols, [percentile(stepMs, 99), "ms"], [percentile(echoMs, 99), to], digest, "< 2 ms"),
    ];
  } finally {
    await Promise.all([session.dispose(), echo.end()]);
  }
};

/** A worker that sends back what it gets. */
async function startEcho(): Promise<{ trip: () => Promise<void>; end: () => Promise<unknown> }> {
  const code =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));";
  const worker = new Worker(code, { eval: true });
  const trip = (): Promise<void> =>
    new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.postMessage(1);
    });
  await trip();
  return { trip, end: () => worker.terminate() };
}
