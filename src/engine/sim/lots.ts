/**
 * Lots drawn from a seed: the same seed and purpose draw the same lots on every machine. The simulator's only
 * source of chance, so that a seed and one command reproduce any failure.
 */
export class Lots {
  private state: number;

  /** @param purpose keeps streams of one seed apart, so that one more draw here never shifts those elsewhere */
  constructor(seed: number, purpose: number) {
    this.state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b);
  }

  /** Uniform in [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** An integer of 0 … count − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** An integer of from … to, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<const T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}
