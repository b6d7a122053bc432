import fc from "fast-check";
import { expect, it } from "vitest";
import { Hash } from "../../src/engine/work/hash.js";

type Kind = "f64" | "i32" | "u32" | "u16" | "u8";
type Values = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
const MAKE: Record<Kind, (bytes: ArrayBuffer) => Values> = {
  f64: (bytes) => new Float64Array(bytes),
  i32: (bytes) => new Int32Array(bytes),
  u32: (bytes) => new Uint32Array(bytes),
  u16: (bytes) => new Uint16Array(bytes),
  u8: (bytes) => new Uint8Array(bytes),
};

/** Random arrays of every kind with random bits, and a part of each. Some bytes are hashed before, so that every lane comes first once. */
const parts = fc
  .record({
    kind: fc.constantFrom<Kind>("f64", "i32", "u32", "u16", "u8"),
    words: fc.array(fc.integer({ min: -0x80000000, max: 0x7fffffff }), { minLength: 1, maxLength: 12 }),
    before: fc.nat({ max: 5 }),
    a: fc.nat({ max: 1000 }),
    b: fc.nat({ max: 1000 }),
    pick: fc.nat({ max: 1_000_000 }),
  })
  .map(({ kind, words, before, a, b, pick }) => {
    const bytes = Int32Array.from([...words, ...words]).buffer;
    const values = MAKE[kind](bytes);
    const [from, to] = [a % values.length, b % (values.length + 1)].sort((x, y) => x - y);
    return { values, bytes: new Uint8Array(bytes), before, from, to, pick };
  });

function hashOf(values: Values, before: number, from: number, to: number): string {
  const hash = new Hash();
  for (let i = 0; i < before; i++) hash.number(i);
  return hash.array(values, from, to).digest();
}

it("every single bit of the hashed part counts, and no bit outside it", () => {
  fc.assert(
    fc.property(parts, ({ values, bytes, before, from, to, pick }) => {
      const old = hashOf(values, before, from, to);
      const at = pick % bytes.length;
      bytes[at] ^= 1 << (pick % 8);
      const element = Math.floor(at / values.BYTES_PER_ELEMENT);
      if (element >= from && element < to) expect(hashOf(values, before, from, to)).not.toBe(old);
      else expect(hashOf(values, before, from, to)).toBe(old);
    }),
    { numRuns: 1000 },
  );
});

it("any two different elements exchanged give another hash", () => {
  fc.assert(
    fc.property(parts, fc.nat({ max: 1000 }), ({ values, before, from, to, pick }, other) => {
      fc.pre(to > from);
      const [a, b] = [from + (pick % (to - from)), from + (other % (to - from))];
      fc.pre(!Object.is(values[a], values[b]) && !(Number.isNaN(values[a]) && Number.isNaN(values[b])));
      const old = hashOf(values, before, from, to);
      [values[a], values[b]] = [values[b], values[a]];
      expect(hashOf(values, before, from, to)).not.toBe(old);
    }),
    { numRuns: 1000 },
  );
});

it("tells 0 from -0, and lengths from zeros", () => {
  const f64 = (...values: number[]): string => new Hash().array(Float64Array.of(...values)).digest();
  const u8 = (...values: number[]): string => new Hash().array(Uint8Array.of(...values)).digest();
  expect(f64(0)).not.toBe(f64(-0));
  expect(
    new Set([f64(), f64(0), f64(0, 0), u8(), u8(0), u8(0, 0), u8(0, 0, 0, 0), u8(0, 0, 0, 0, 0)]).size,
  ).toBeGreaterThanOrEqual(7);
});

it("texts next to each other keep their border", () => {
  const two = (a: string, b: string): string => new Hash().text(a).text(b).digest();
  expect(two("XNYS", "UTC")).not.toBe(two("XNYSU", "TC"));
  expect(two("", "a")).not.toBe(two("a", ""));
});

it("a hash read out can go on as if it had not been", () => {
  const hash = new Hash().number(1);
  hash.digest();
  expect(hash.number(2).digest()).toBe(new Hash().number(1).number(2).digest());
});

it("version 1 of the hash is this: whoever changes it changes the version of the digest", () => {
  const values = [
    new Hash().digest(),
    new Hash().number(0).digest(),
    new Hash().number(1).number(2).number(3).number(4).number(-5).digest(),
    new Hash().text("SPY 2013-10-07").digest(),
    new Hash().array(Float64Array.of(1.5, -0, 168.25)).digest(),
    new Hash()
      .number(7)
      .array(Uint8Array.of(1, 2, 3, 4, 5, 255))
      .array(Uint16Array.of(1, 65535))
      .digest(),
    new Hash().array(Int32Array.of(1, 2, 3, -4, 5), 1, 4).digest(),
  ];
  expect(values).toEqual([
    "0d22295e337659712dc97e12bd222d4b",
    "aa3205ec09c22792d863acf2bb47e91d",
    "6bbda3034ccab78b14c32a7a8082fc0f",
    "4df4ca6da0d3ecc0fc3dee155544a6e0",
    "3f84514806524c3b3b59d58e77863616",
    "a813a637ecf3e3b1ba923a662e5ba684",
    "9d8c5ac3d1d6ef08c894bbb2fde39451",
  ]);
});
