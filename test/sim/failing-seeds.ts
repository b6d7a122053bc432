/**
 * Seeds that once failed, with what they found. They run first, and stay. A change of what is drawn changes what a
 * seed does: then take the fix out, find such a seed again and put it here in the old one's place.
 */
export const FAILING_SEEDS: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 60, found: "a stop before drain showed how far upkeep lagged, and a pause moved it on (I13, I7)" },
  { seed: 64, found: "the same" },
  { seed: 199, found: "the same" },
  { seed: 290, found: "the same" },
  {
    seed: 227,
    found: "upkeep, held by the goal after a pause, took in a slot by what it had seen under the pause (I7)",
  },
];
