/**
 * Seeded random numbers for the demo data. Only integer arithmetic, additions and products, so that
 * every engine and machine makes the same numbers to the last bit (Math.log and Math.exp may differ).
 */

/** Changing it changes every byte of the demo data: then change `DEMO_FOLDER` too. */
export const DEMO_SEED = 20250702;

/** Uniform in [0, 1). */
export type Random = () => number;

/** A stream of its own for each purpose and number, so that one symbol's draws never shift another's. */
export function createRandom(seed: number, purpose: string, index: number): Random {
  let hash = seed ^ Math.imul(index + 1, 0x9e3779b1);
  for (const character of purpose) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return mulberry32(hash);
}

/** Nearly normal, mean 0, deviation 1, never beyond ±3.5: four uniform numbers added. */
export function nearlyNormal(random: Random): number {
  return (random() + random() + random() + random() - 2) * 1.7320508075688772;
}

/** Tommy Ettinger's mulberry32: 32 bits of state, passes the tests a demo needs. */
function mulberry32(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
