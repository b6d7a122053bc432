/** The same words for a single thread: the runner and the simulator. Nobody waits, so a bell is just set. */
import type { ControlMemory } from "../memory/control.js";
import type { Words } from "../protocol/words.js";

export class PlainWords implements Words {
  constructor(private readonly memory: ControlMemory) {}
  load(word: number): number {
    return this.memory.words[word];
  }
  store(word: number, value: number): void {
    this.memory.words[word] = value;
  }
  swap(word: number, expected: number, value: number): boolean {
    if (this.memory.words[word] !== expected) return false;
    this.memory.words[word] = value;
    return true;
  }
  ring(bell: number): void {
    this.memory.words[bell] = 1;
  }
  clear(bell: number): void {
    this.memory.words[bell] = 0;
  }
  loadTime(): number {
    return Number(this.memory.time[0]);
  }
  storeTime(us: number): void {
    this.memory.time[0] = BigInt(us);
  }
}
