import { below, philox, STREAM, unitInterval } from '../../src/random.ts';

/** Numbers that depend on a seed and on how many were drawn before. */
export class Draws {
  private readonly words = new Uint32Array(4);
  private drawn = 0;

  /** `purpose` keeps the draws of different scripts apart. */
  constructor(
    private readonly seed: number,
    private readonly purpose: number,
  ) {}

  /** A number in [0, 1). */
  unit(): number {
    return unitInterval(this.next());
  }

  /** A whole number in 0..bound−1. */
  below(bound: number): number {
    return below(this.next(), bound);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  private next(): number {
    philox(this.words, this.seed, STREAM.test, this.purpose, this.drawn++);
    return this.words[0];
  }
}
