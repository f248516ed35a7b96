import { describe, expect, it } from 'vitest';
import { below, multiplyHigh, philox, STREAM, unitInterval } from '../src/random.ts';

const words = new Uint32Array(4);

/** Words that reach every carry: small, large, powers of two and their neighbours, and some in between. */
const edges: number[] = [0, 1, 2, 3, 0xd2511f53, 0xcd9e8d57, 0xffffffff, 0xfffffffe, 0xaaaaaaaa, 0x55555555];
for (let bit = 2; bit < 32; bit++) edges.push(2 ** bit, 2 ** bit - 1, (2 ** bit + 1) >>> 0);
for (let k = 1; k < 60; k++) edges.push(Math.imul(k, 0x9e3779b9) >>> 0);

describe('philox', () => {
  /** The known answers of Random123 (kat_vectors, philox4x32 10): counter, key, words. */
  const known: [number[], number[], number[]][] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  it.each(known)('gives the known answer for counter %j and key %j', (counter, key, expected) => {
    philox(words, key[0], key[1], counter[0], counter[1], counter[2], counter[3]);
    expect([...words]).toEqual(expected);
  });

  it('takes each of seed, stream, step, index and draw into account', () => {
    const seen = new Set<string>();
    const base = [1, 2, 3, 4, 5];
    for (let k = -1; k < base.length; k++) {
      const [seed, stream, step, index, draw] = base.map((value, j) => (j === k ? value + 1 : value));
      philox(words, seed, stream, step, index, draw);
      seen.add(words.join());
    }
    expect(seen.size).toBe(6);
  });

  it('keeps streams apart', () => {
    expect(new Set(Object.values(STREAM)).size).toBe(Object.keys(STREAM).length);
  });
});

describe('multiplyHigh', () => {
  it('is the upper half of the exact product', () => {
    for (const a of edges) {
      for (const b of edges) {
        const exact = Number((BigInt(a) * BigInt(b)) >> 32n);
        if (multiplyHigh(a, b) !== exact) expect(`${a} · ${b}: ${multiplyHigh(a, b)}`).toBe(`${exact}`);
      }
    }
  });
});

describe('unitInterval', () => {
  it('is in [0, 1), keeps the upper 24 bits, and is exact in float32', () => {
    expect(unitInterval(0)).toBe(0);
    expect(unitInterval(0xff)).toBe(0);
    expect(unitInterval(0x100)).toBe(2 ** -24);
    expect(unitInterval(0xffffffff)).toBe(1 - 2 ** -24);
    for (const word of edges) {
      expect(unitInterval(word)).toBe(Math.floor(word / 256) / 2 ** 24);
      expect(Math.fround(unitInterval(word))).toBe(unitInterval(word));
    }
  });
});

describe('below', () => {
  it('reaches both ends and never the bound', () => {
    for (const bound of [1, 2, 3, 5, 25, 13_800, 2 ** 31, 0xffffffff]) {
      expect(below(0, bound)).toBe(0);
      expect(below(0xffffffff, bound)).toBe(bound - 1);
    }
  });

  it.each([2, 3, 5, 24, 25])('is uniform over 0..%i−1', (bound) => {
    const draws = 4000 * bound;
    const counts = new Array<number>(bound).fill(0);
    for (let index = 0; index < draws; index++) {
      philox(words, 2025, STREAM.test, 0, index);
      counts[below(words[0], bound)]++;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0);
    // Mean bound − 1, variance 2(bound − 1); five standard deviations, of a draw that never changes.
    expect(chiSquare).toBeLessThan(bound - 1 + 5 * Math.sqrt(2 * (bound - 1)));
  });

  it('draws pairs of words independently', () => {
    const counts = new Array<number>(25).fill(0);
    for (let index = 0; index < 50_000; index++) {
      philox(words, 7, STREAM.test, 1, index);
      counts[5 * below(words[0], 5) + below(words[1], 5)]++;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(24 + 5 * Math.sqrt(48));
  });
});
