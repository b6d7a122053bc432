/** What the tests of the debugger share: where a session stands, the straight run to that place, seeded choices. Knows no command. */
import type { Engine } from "../../src/engine/session/engine.js";
import type { LiveSession } from "../../src/engine/session/live-session.js";
import type { Place } from "../../src/engine/protocol/places.js";
import type { Stop } from "../../src/engine/session/types.js";
import { referenceDigest, type Market } from "./sessions.js";

/** Four days: a whole one, one whose streams end early, one without data, a whole one. */
export const FOUR_DAYS = {
  data: { seed: 11, symbols: 3, sessions: 4, minutes: 30, missing: 0.2, endsAt: [30, 17, 0, 30] },
} as const satisfies Market;

export function engineOf(session: LiveSession): Engine {
  return (session as unknown as { engine: Engine }).engine;
}

export function placeOf(session: LiveSession): Place {
  return engineOf(session).side.presentPlace();
}

export function isHeld(session: LiveSession): boolean {
  return !engineOf(session).side.isCaughtUp;
}

/** Digests of the straight run, each place asked for once. */
export class Straight {
  private readonly known = new Map<string, Promise<string>>();

  constructor(private readonly market: Market) {}

  digest(place: Place): Promise<string> {
    const key = `${place.epoch} ${place.ordinal}`;
    const digest = this.known.get(key) ?? referenceDigest(this.market, place);
    this.known.set(key, digest);
    return digest;
  }
}

/** What tells one stop from another: its words and its digest, not how the session came there. */
export function told(session: LiveSession, { phase, step, timeUs, next, position }: Stop): object {
  const { epoch, slots, processed } = position;
  return { phase, step, timeUs, next, epoch, slots, processed, digest: session.digest(), place: placeOf(session) };
}

/** Numbers in [0, 1) that depend on the seed alone. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let h = Math.imul(state ^ (state >>> 15), state | 1);
    h ^= h + Math.imul(h ^ (h >>> 7), h | 61);
    return ((h ^ (h >>> 14)) >>> 0) / 4294967296;
  };
}

export function below(random: () => number, n: number): number {
  return Math.floor(random() * n);
}

export function pick<Value>(random: () => number, values: readonly Value[]): Value {
  return values[below(random, values.length)];
}
