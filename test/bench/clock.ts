/**
 * How late rows come when a clock runs, and whether that grows: by the traces of the threads, against the moments the rows are
 * due since the clock was set going. Nobody watches meanwhile: a thread that does would take a core from them.
 */
import { attachTrace, TRACE_KINDS, type TracedThread } from "../../dist/engine/memory/trace.js";
import { positionPlace } from "../../dist/engine/protocol/places.js";
import { TraceReader } from "../../dist/engine/sync/trace-ring.js";
import { Crew } from "../../dist/engine/threads/crew.js";
import type { TraceBuffers } from "../../dist/engine/memory/trace.js";
import { figure, median, percentile, type Bench, type Figure } from "./kit.js";
import { openSynthetic, syntheticDays, syntheticPlan } from "./synthetic.js";

export const clockBench: Bench = async (size) => {
  const cases = size === "full" ? [{ speed: 60, rows: 20 }, { speed: 360, rows: 120 }] : [{ speed: 36_000, rows: 5 }]; // prettier-ignore
  const symbols = size === "full" ? 64 : 3;
  const figures: Figure[] = [];
  for (const { speed, rows } of cases) {
    const options = syntheticDays(symbols, 1);
    const crew = new TracedCrew();
    const session = await openSynthetic(syntheticPlan(options), options, crew);
    try {
      session.setSpeed(speed);
      const periodMs = 60_000 / speed;
      const [coordinator, upkeep] = [crew.turnsOf("coordinator"), crew.turnsOf("upkeep")];
      await session.runToPlace(positionPlace(0, rows * symbols), "bench");
      const moved = coordinator();
      const setGoing = moved.find(({ kind }) => kind === "anchor")!.endUs;
      const lateMs = (of: readonly Turn[], kind: string): number[] =>
        of.filter((turn) => turn.kind.startsWith(kind)).map(({ endUs, to }) => (endUs - setGoing) / 1000 - (to / symbols) * periodMs); // prettier-ignore
      const [published, takenIn] = [lateMs(moved, "publish"), lateMs(upkeep(), "process")];
      const timerMs = bareTimer(Math.min(periodMs, 200), Math.min(rows, 60));
      const digest = session.digest();
      const to = "a bare timer of the same period";
      const late = (name: string, ms: readonly number[]): Figure[] => [
        figure(`${speed}x ${name}, p50`, symbols, [median(ms), "ms late"], [median(timerMs), to], digest),
        figure(`${speed}x ${name}, p99`, symbols, [percentile(ms, 99), "ms late"], [percentile(timerMs, 99), to], digest, "< 5 ms"),
      ]; // prettier-ignore
      figures.push(...late("published", published), ...late("taken in", takenIn));
      figures.push(
        figure(`${speed}x drift`, symbols, [driftMs(published), "ms"], [periodMs, "one row"], digest, "none"),
      );
    } finally {
      await session.dispose();
    }
  }
  return figures;
};

interface Turn {
  readonly kind: string;
  readonly endUs: number;
  /** Slots passed by it. */
  readonly to: number;
}

/** The workers, and what their traces say. */
class TracedCrew extends Crew {
  private traces: TraceBuffers | undefined;

  override attach(...args: Parameters<Crew["attach"]>): void {
    this.traces = args[0].traces;
    super.attach(...args);
  }

  /** Returns what gives the turns from now on. */
  turnsOf(thread: TracedThread): () => Turn[] {
    const reader = new TraceReader(attachTrace(this.traces![thread]));
    reader.drain();
    return () => reader.drain().map(({ kind, endUs, to }) => ({ kind: TRACE_KINDS[thread][kind], endUs, to }));
  }
}

function bareTimer(periodMs: number, count: number): number[] {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const begin = performance.now();
  return Array.from({ length: count }, (_, i) => {
    const dueMs = begin + periodMs * (i + 1);
    Atomics.wait(sleeper, 0, 0, Math.max(0, dueMs - performance.now()));
    return Math.max(0.001, performance.now() - dueMs);
  });
}

/** By how much the last third of the rows is later than the first, by medians. */
function driftMs(latenessMs: readonly number[]): number {
  const third = Math.ceil(latenessMs.length / 3);
  return median(latenessMs.slice(-third)) - median(latenessMs.slice(0, third));
}
