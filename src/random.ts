/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
 * SC 2011). Bit for bit the function in shaders/lib/random.wgsl.
 *
 * There is no generator state. A draw is a function of (seed, stream, step, index), so that exploration,
 * resets, initial weights and replay samples can be recomputed anywhere, in any order.
 */

/** What a draw is for: the second key word. Numbers are part of every run's result; never reuse or renumber. */
export const STREAM = { initialise: 1, reset: 2, explore: 3, sample: 4, test: 5, bootstrap: 6 } as const;

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = Math.imul(aLow, bLow) >>> 0;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (low >>> 16);
  const carry = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/**
 * Four independent unsigned 32-bit words for counter (step, index, draw, 0) under key (seed, stream),
 * written to `out[0..3]`.
 */
export function philox(
  out: Uint32Array,
  seed: number,
  stream: number,
  step: number,
  index: number,
  draw = 0,
  fourth = 0,
): void {
  let c0 = step >>> 0;
  let c1 = index >>> 0;
  let c2 = draw >>> 0;
  let c3 = fourth >>> 0;
  let k0 = seed >>> 0;
  let k1 = stream >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A 32-bit word as a number in [0, 1): its upper 24 bits, exact in float32. */
export function unitInterval(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** A 32-bit word as an integer in 0..bound−1. The bias is below bound / 2³². */
export function below(word: number, bound: number): number {
  return multiplyHigh(word, bound);
}
