/** Replay from memory by two workers against the plain loop, and lockstep against free run. */
import { endPlace, positionPlace } from "../../dist/engine/protocol/places.js";
import { shapeOf, type SessionPlan } from "../../dist/engine/plan.js";
import type { LiveSession } from "../../dist/engine/session/live-session.js";
import { alternate, figure, median, type Bench, type Figure, type Size } from "./kit.js";
import { ReferenceLoop } from "./reference-loop.js";
import { barsOf, openSynthetic, syntheticDays, syntheticPlan } from "./synthetic.js";

interface Case {
  readonly symbols: number;
  readonly sessions: number;
  readonly minutes: number;
  readonly rounds: number;
}

const CASES: Record<Size, readonly Case[]> = {
  full: [
    { symbols: 8, sessions: 80, minutes: 390, rounds: 15 },
    { symbols: 64, sessions: 30, minutes: 390, rounds: 15 },
    { symbols: 512, sessions: 8, minutes: 390, rounds: 15 },
  ],
  tiny: [{ symbols: 3, sessions: 3, minutes: 17, rounds: 1 }],
};

/** Days are loaded by a first pass and stay in memory; what is timed reads no source. */
export const replayBench: Bench = async (size) => {
  const figures: Figure[] = [];
  for (const { symbols, sessions, minutes, rounds } of CASES[size]) {
    const options = syntheticDays(symbols, sessions, minutes);
    const plan = syntheticPlan(options, { keepDays: sessions });
    const loop = await ReferenceLoop.load(plan, options);
    const session = await openSynthetic(plan, options);
    try {
      await play(session, plan);
      let expected = "";
      const times = await alternate(
        rounds,
        size === "full" ? 3 : 0,
        { run: () => (expected = loop.run()) },
        { prepare: () => toStart(session), run: () => play(session, plan) },
      );
      const { digest } = session.summary();
      if (digest !== expected) throw new Error(`replay and plain loop differ: ${digest}, ${expected}`);
      const millionBars = barsOf(plan) / 1e6;
      const [loopRate, rate] = [millionBars / (median(times.a) / 1000), millionBars / (median(times.b) / 1000)];
      const target = symbols >= 64 ? "ratio ≥ 0.5, ≥ 10 M bars/s" : undefined;
      figures.push(figure("replay", symbols, [rate, "M bars/s"], [loopRate, "plain loop, one thread"], digest, target));
    } finally {
      await session.dispose();
    }
  }
  return figures;
};

export const lockstepBench: Bench = async (size) => {
  const { symbols, sessions, minutes, rounds } = CASES[size].find((c) => c.symbols === 64) ?? CASES[size][0];
  const options = syntheticDays(symbols, Math.min(sessions, 10), minutes);
  const free = syntheticPlan(options, { keepDays: sessions });
  const locked = { ...free, creditRows: 1 };
  const [freeSession, lockedSession] = [await openSynthetic(free, options), await openSynthetic(locked, options)];
  try {
    await play(freeSession, free);
    await play(lockedSession, locked);
    const times = await alternate(
      Math.min(rounds, 7),
      size === "full" ? 1 : 0,
      { prepare: () => toStart(freeSession), run: () => play(freeSession, free) },
      { prepare: () => toStart(lockedSession), run: () => play(lockedSession, locked) },
    );
    const { digest } = lockedSession.summary();
    if (digest !== freeSession.summary().digest) throw new Error("lockstep and free run differ");
    const millionBars = barsOf(free) / 1e6;
    const [freeRate, rate] = [millionBars / (median(times.a) / 1000), millionBars / (median(times.b) / 1000)];
    return [figure("lockstep", symbols, [rate, "M bars/s"], [freeRate, "free run"], digest)];
  } finally {
    await Promise.all([freeSession.dispose(), lockedSession.dispose()]);
  }
};

function toStart(session: LiveSession): Promise<unknown> {
  return session.seekToPlace(positionPlace(0, 0), "bench");
}

/** From where the session stands to the end of the range. */
async function play(session: LiveSession, plan: SessionPlan): Promise<void> {
  const stop = await session.runToPlace(endPlace(shapeOf(plan)), "bench");
  if (stop.reason !== "finished") throw new Error(`the bench's session came to ${stop.reason}`);
}
