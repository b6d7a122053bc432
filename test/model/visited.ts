/** The memory of the explorer. Knows nothing of what a state means. */

/** States there is room for at first. The system hands memory out when it is written to: room that is not needed costs nothing. */
const ROOM = 1 << 20;

/** Every state once, as bytes in one arena (compared and hashed four at a time); open addressing over the indices. */
export class Visited {
  count = 0;
  /** The state to add, filled in by the caller. */
  readonly next: Int8Array;
  private readonly nextWords: Int32Array;
  private arena: Int32Array;
  private from = new Int32Array(ROOM);
  private how = new Uint8Array(ROOM);
  /** One more than the index of a state; 0 is free. */
  private table = new Int32Array(2 * ROOM);
  private readonly words: number;

  /** `size` bytes a state, a multiple of 4. */
  constructor(
    readonly size: number,
    private readonly max: number,
  ) {
    this.words = size / 4;
    this.nextWords = new Int32Array(this.words);
    this.next = new Int8Array(this.nextWords.buffer);
    this.arena = new Int32Array(this.words * this.from.length);
  }

  copy(state: number, into: Int8Array): void {
    into.set(new Int8Array(this.arena.buffer, state * this.size, this.size));
  }
  parent(state: number): number {
    return this.from[state];
  }
  move(state: number): number {
    return this.how[state];
  }

  /** Adds `next` unless it is there; false when there is no room left. */
  add(parent: number, move: number): boolean {
    const state = this.nextWords;
    let h = this.hash(state, 0) & (this.table.length - 1);
    for (let at = this.table[h]; at > 0; at = this.table[h]) {
      if (this.equals(state, (at - 1) * this.words)) return true;
      h = (h + 1) & (this.table.length - 1);
    }
    if (this.count >= this.max) return false;
    if (this.count === this.from.length) this.grow();
    this.arena.set(state, this.count * this.words);
    this.from[this.count] = parent;
    this.how[this.count] = move;
    this.table[h] = ++this.count;
    if (this.count * 2 > this.table.length) this.rehash();
    return true;
  }

  private equals(state: Int32Array, at: number): boolean {
    const { arena, words } = this;
    for (let i = 0; i < words; i++) if (arena[at + i] !== state[i]) return false;
    return true;
  }
  private hash(state: Int32Array, at: number): number {
    let h = 0x811c9dc5;
    for (let i = at; i < at + this.words; i++) {
      h = Math.imul(h ^ state[i], 0x2c1b3c6d);
      h ^= h >>> 15;
    }
    h = Math.imul(h, 0x297a2d39);
    return h ^ (h >>> 13);
  }
  private grow(): void {
    const arena = new Int32Array(this.arena.length * 2);
    arena.set(this.arena);
    this.arena = arena;
    const from = new Int32Array(this.from.length * 2);
    from.set(this.from);
    this.from = from;
    const how = new Uint8Array(this.how.length * 2);
    how.set(this.how);
    this.how = how;
  }
  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2);
    for (let state = 0; state < this.count; state++) {
      let h = this.hash(this.arena, state * this.words) & (this.table.length - 1);
      while (this.table[h] > 0) h = (h + 1) & (this.table.length - 1);
      this.table[h] = state + 1;
    }
  }
}
