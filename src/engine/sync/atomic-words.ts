/**
 * The control words over shared memory: the only code that says Atomics. A bell is one word with three values, so that ringing
 * is one exchange and wakes a thread only if one waits:
 *
 *   0 clear · 1 rung · 2 its owner waits for it
 */
import type { ControlMemory } from "../memory/control.js";
import type { Words } from "../protocol/words.js";

const CLEAR = 0;
const RUNG = 1;
const WAITING = 2;

/** Owner's waits end with the bell rung; a timeout is only ever the clock's, never a net for a lost bell. */
export type Woken = "rung" | "timed-out";

export class AtomicWords implements Words {
  private readonly words: Int32Array;
  private readonly time: BigInt64Array;

  constructor(memory: ControlMemory) {
    this.words = memory.words;
    this.time = memory.time;
  }

  load(word: number): number {
    return Atomics.load(this.words, word);
  }
  store(word: number, value: number): void {
    Atomics.store(this.words, word, value);
  }
  swap(word: number, expected: number, value: number): boolean {
    return Atomics.compareExchange(this.words, word, expected, value) === expected;
  }
  ring(bell: number): void {
    if (Atomics.exchange(this.words, bell, RUNG) === WAITING) Atomics.notify(this.words, bell);
  }
  clear(bell: number): void {
    Atomics.store(this.words, bell, CLEAR);
  }
  loadTime(): number {
    return Number(Atomics.load(this.time, 0));
  }
  storeTime(us: number): void {
    Atomics.store(this.time, 0, BigInt(us));
  }

  /** Blocks this worker until its bell is rung, or for at most `timeoutMs`. */
  wait(bell: number, timeoutMs = Infinity): Woken {
    if (Atomics.compareExchange(this.words, bell, CLEAR, WAITING) !== CLEAR) return "rung";
    const result = Atomics.wait(this.words, bell, WAITING, timeoutMs);
    if (result !== "timed-out") return "rung";
    return Atomics.compareExchange(this.words, bell, WAITING, CLEAR) === WAITING ? "timed-out" : "rung";
  }

  /** Resolves when the bell is rung; never blocks. Does not keep the process alive: its user holds a handle while something is owed. */
  async waitAsync(bell: number): Promise<void> {
    if (Atomics.compareExchange(this.words, bell, CLEAR, WAITING) !== CLEAR) return;
    const result = Atomics.waitAsync(this.words, bell, WAITING);
    if (result.async) await result.value;
  }
}

/** Loads and stores of single shared numbers beside the words. */
export const shared = {
  load: (array: Int32Array, index: number): number => Atomics.load(array, index),
  store: (array: Int32Array, index: number, value: number): void => {
    Atomics.store(array, index, value);
  },
  add: (array: Int32Array, index: number, value: number): number => Atomics.add(array, index, value),
};

const pillow = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this worker for a while: the delays of tests. Nothing wakes it. */
export function sleep(ms: number): void {
  Atomics.wait(pillow, 0, 0, ms);
}
