import { type Place, plain } from './places.ts';

/** |got − expected| may be at most absolute + relative · |expected|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** For what is copied or counted. */
export const EXACT: Tolerance = { absolute: 0, relative: 0 };

export type Expected = ArrayLike<number>;

/** Mismatches told of one tensor; the others are counted. */
const SHOWN = 4;

export function findMismatches(
  tensor: string,
  got: Expected,
  expected: Expected,
  { absolute, relative }: Tolerance,
  place: Place = plain,
): string[] {
  if (got.length !== expected.length)
    return [`${tensor}: got ${got.length} numbers, expected ${expected.length}`];
  const found = new Found(tensor);
  for (let j = 0; j < expected.length; j++) {
    const error = Math.abs(got[j] - expected[j]);
    const allowed = absolute + relative * Math.abs(expected[j]);
    // Not `error > allowed`: what is not a number is no match.
    if (!(error <= allowed))
      found.add(`${tensor}${place(j)}: got ${got[j]}, expected ${expected[j]} ± ${allowed}`);
  }
  return found.list();
}

/** Differences in bits: −0 is not 0. */
export function findDifferences(
  tensor: string,
  got: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  expected: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  place: Place = plain,
): string[] {
  if (got.length !== expected.length)
    return [`${tensor}: got ${got.length} numbers, expected ${expected.length}`];
  const a = new Uint32Array(got.buffer, got.byteOffset, got.length);
  const b = new Uint32Array(expected.buffer, expected.byteOffset, expected.length);
  const found = new Found(tensor);
  for (let j = 0; j < a.length; j++) {
    if (a[j] !== b[j]) found.add(`${tensor}${place(j)}: got ${got[j]}, expected exactly ${expected[j]}`);
  }
  return found.list();
}

class Found {
  private readonly shown: string[] = [];
  private count = 0;

  constructor(private readonly tensor: string) {}

  add(mismatch: string): void {
    if (this.count++ < SHOWN) this.shown.push(mismatch);
  }

  list(): string[] {
    const more = this.count - this.shown.length;
    return more > 0 ? [...this.shown, `${this.tensor}: ${more} more`] : this.shown;
  }
}
