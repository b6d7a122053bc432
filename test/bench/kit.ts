/** What the benches share: figures, medians, and the alternation that keeps a drifting machine out of a ratio. */

/**
 * One measured figure. `ratio` is the figure in terms of its reference, both measured in the same run: what to keep,
 * since the absolute figures move with the machine.
 */
export interface Figure {
  readonly name: string;
  readonly symbols: number;
  readonly value: number;
  readonly unit: string;
  readonly reference: number;
  readonly ratio: number;
  /** What the ratio is to. */
  readonly to: string;
  /** What `performance.md` asks for, in words; absent when it asks for nothing. */
  readonly target?: string;
  /** Digest of the result the time was spent on. */
  readonly digest: string;
}

/** How much a bench does: `full` to measure, `tiny` so that the tests find out when one has rotted. */
export type Size = "full" | "tiny";

export type Bench = (size: Size) => Promise<Figure[]>;

export function figure(
  name: string,
  symbols: number,
  [value, unit]: readonly [number, string],
  [reference, to]: readonly [number, string],
  digest: string,
  target?: string,
): Figure {
  return { name, symbols, value, unit, reference, ratio: value / reference, to, digest, target };
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** Milliseconds `run` took. */
export async function timeMs(run: () => unknown): Promise<number> {
  const begin = performance.now();
  await run();
  return performance.now() - begin;
}

/** One side of a comparison; `prepare` comes before each `run`, untimed. */
export interface Side {
  readonly prepare?: () => unknown;
  readonly run: () => unknown;
}

/** Milliseconds of A and B, run in turns A B A B, after `warmUps` turns that do not count. */
export async function alternate(
  rounds: number,
  warmUps: number,
  a: Side,
  b: Side,
): Promise<{ readonly a: number[]; readonly b: number[] }> {
  const times = { a: [] as number[], b: [] as number[] };
  for (let round = -warmUps; round < rounds; round++) {
    for (const [side, sideTimes] of [
      [a, times.a],
      [b, times.b],
    ] as const) {
      await side.prepare?.();
      const ms = await timeMs(side.run);
      if (round >= 0) sideTimes.push(ms);
    }
  }
  return times;
}

/** Numbers in [0, 1), the same every time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
