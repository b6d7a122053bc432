/**
 * A 128-bit hash of words, for digests: four independent 32-bit lanes, each step a bijection of its lane
 * (xor, odd multiplication, rotation), mixed at the end as in MurmurHash3. Not cryptographic: it tells runs apart,
 * it does not resist an adversary. Version 1 of the digest is defined by this file and digest.ts.
 */
const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;

export class Hash {
  private a = P1;
  private b = P2;
  private c = P3;
  private d = P4;
  private words = 0;

  /** Adds one 32-bit number. */
  number(value: number): this {
    const word = value | 0;
    switch (this.words++ & 3) {
      case 0:
        this.a = step(this.a, word, P1);
        break;
      case 1:
        this.b = step(this.b, word, P2);
        break;
      case 2:
        this.c = step(this.c, word, P3);
        break;
      default:
        this.d = step(this.d, word, P4);
    }
    return this;
  }

  /** Adds a text: its length and its UTF-16 code units. */
  text(value: string): this {
    this.number(value.length);
    for (let i = 0; i < value.length; i++) this.number(value.charCodeAt(i));
    return this;
  }

  /** Adds elements [from, to) of a typed array, as the 32-bit words they are stored in (bytes one by one). */
  array(
    values: Float64Array | Int32Array | Uint32Array | Uint8Array | Uint16Array,
    from = 0,
    to = values.length,
  ): this {
    this.number(to - from);
    if (values instanceof Uint8Array || values instanceof Uint16Array) return this.small(values, from, to);
    const perElement = values.BYTES_PER_ELEMENT / 4;
    const words = new Int32Array(
      values.buffer,
      values.byteOffset + from * values.BYTES_PER_ELEMENT,
      (to - from) * perElement,
    );
    return this.wide(words);
  }

  private wide(words: Int32Array): this {
    let { a, b, c, d } = this;
    const whole = words.length & ~3;
    for (let i = 0; i < whole; i += 4) {
      a = step(a, words[i], P1);
      b = step(b, words[i + 1], P2);
      c = step(c, words[i + 2], P3);
      d = step(d, words[i + 3], P4);
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    for (let i = whole; i < words.length; i++) this.number(words[i]);
    return this;
  }

  /** Small values as words: bytes by fours, the rest one by one. */
  private small(values: Uint8Array | Uint16Array, from: number, to: number): this {
    let i = from;
    if (values instanceof Uint8Array) {
      for (; (this.words & 3) !== 0 && i + 4 <= to; i += 4) this.number(fourBytes(values, i));
      let { a, b, c, d } = this;
      const begin = i;
      for (; i + 16 <= to; i += 16) {
        a = step(a, fourBytes(values, i), P1);
        b = step(b, fourBytes(values, i + 4), P2);
        c = step(c, fourBytes(values, i + 8), P3);
        d = step(d, fourBytes(values, i + 12), P4);
      }
      this.take(a, b, c, d, (i - begin) >> 2);
      for (; i + 4 <= to; i += 4) this.number(fourBytes(values, i));
    } else {
      for (; (this.words & 3) !== 0 && i < to; i++) this.number(values[i]);
      let { a, b, c, d } = this;
      const begin = i;
      for (; i + 4 <= to; i += 4) {
        a = step(a, values[i], P1);
        b = step(b, values[i + 1], P2);
        c = step(c, values[i + 2], P3);
        d = step(d, values[i + 3], P4);
      }
      this.take(a, b, c, d, i - begin);
    }
    for (; i < to; i++) this.number(values[i]);
    return this;
  }

  private take(a: number, b: number, c: number, d: number, words: number): void {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.words += words;
  }

  /** 32 hexadecimal digits. The hash can go on afterwards. */
  digest(): string {
    let a = finish(this.a ^ this.words);
    let b = finish(this.b ^ a);
    let c = finish(this.c ^ b);
    const d = finish(this.d ^ c);
    a = finish(a ^ d);
    b = finish(b ^ a);
    c = finish(c ^ b);
    return [a, b, c, d].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

function fourBytes(values: Uint8Array, at: number): number {
  return values[at] | (values[at + 1] << 8) | (values[at + 2] << 16) | (values[at + 3] << 24);
}

function step(lane: number, word: number, prime: number): number {
  const mixed = Math.imul(lane ^ word, prime);
  return (mixed << 13) | (mixed >>> 19);
}

function finish(lane: number): number {
  let h = lane;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
