/** How late rows come when a clock runs, and whether that grows. Watched from outside: the engine carries no hook for it. */
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { LiveSession } from "../../dist/engine/session/live-session.js";
import { positionPlace } from "../../dist/engine/protocol/places.js";
import { figure, median, percentile, type Bench, type Figure } from "./kit.js";
import { openSynthetic, syntheticDays, syntheticPlan } from "./synthetic.js";

export const clockBench: Bench = async (size) => {
  const cases = size === "full" ? [{ speed: 60, rows: 12 }, { speed: 360, rows: 90 }] : [{ speed: 36_000, rows: 5 }]; // prettier-ignore
  const symbols = size === "full" ? 64 : 3;
  const figures: Figure[] = [];
  for (const { speed, rows } of cases) {
    const options = syntheticDays(symbols, 1);
    const session = await openSynthetic(syntheticPlan(options), options);
    try {
      session.setSpeed(speed);
      const periodMs = 60_000 / speed;
      const { latenessMs, timerMs } = await watchRows(session, symbols, rows, periodMs);
      const digest = session.digest();
      const to = "a bare timer of the same period";
      const late = [figure(`${speed}x lateness, p50`, symbols, [median(latenessMs), "ms"], [median(timerMs), to], digest),
        figure(`${speed}x lateness, p99`, symbols, [percentile(latenessMs, 99), "ms"], [percentile(timerMs, 99), to], digest, "< 5 ms"),
        figure(`${speed}x drift`, symbols, [driftMs(latenessMs), "ms"], [periodMs, "one row"], digest, "none")]; // prettier-ignore
      figures.push(...late);
    } finally {
      await session.dispose();
    }
  }
  return figures;
};

/**
 * Lateness of each row against the moment the command was given, its way to the coordinator included, and of a bare
 * timer that waits for the same moments. The thread that watches sleeps until shortly before a row is due.
 */
async function watchRows(session: LiveSession, symbols: number, rows: number, periodMs: number) {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const latenessMs: number[] = [];
  const timerMs: number[] = [];
  const begin = performance.now();
  const reached = session.runToPlace(positionPlace(0, rows * symbols), "bench");
  for (let row = 1; row <= rows; row++) {
    const dueMs = begin + row * periodMs;
    const early = dueMs - 2 - performance.now();
    if (early > 0) await sleep(early);
    while (session.position().slots < row * symbols) {
      if (performance.now() > dueMs + 5000) throw new Error(`row ${row} does not come`);
      await turn(); // this thread also has the session's commands to see to
    }
    latenessMs.push(performance.now() - dueMs);
  }
  await reached;
  const timerBegin = performance.now();
  for (let i = 1; i <= Math.min(rows, 20); i++) {
    const dueMs = timerBegin + Math.min(periodMs, 200) * i;
    Atomics.wait(sleeper, 0, 0, Math.max(0, dueMs - performance.now()));
    timerMs.push(Math.max(0.001, performance.now() - dueMs));
  }
  return { latenessMs, timerMs };
}

/** By how much the last third of the rows is later than the first, by medians. */
function driftMs(latenessMs: readonly number[]): number {
  const third = Math.ceil(latenessMs.length / 3);
  return median(latenessMs.slice(-third)) - median(latenessMs.slice(0, third));
}
