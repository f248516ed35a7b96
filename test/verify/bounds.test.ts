import { describe, expect, it } from 'vitest';
import { parameterError, relativeError } from '../../src/verify/bounds.ts';

describe('an error', () => {
  const numbers = [3, -4, 0.5, 2];
  const altered = (at: number, value: number) => Float64Array.from(numbers.with(at, value));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'that is %d is infinite wherever it stands, in what was computed or in what was expected',
    (value) => {
      const right = Float64Array.from(numbers);
      for (const at of numbers.keys()) {
        expect(relativeError(altered(at, value), right), `computed, ${at}`).toBe(Number.POSITIVE_INFINITY);
        expect(relativeError(right, altered(at, value)), `expected, ${at}`).toBe(Number.POSITIVE_INFINITY);
        expect(relativeError(altered(at, value), altered(at, value)), `both, ${at}`).toBe(
          Number.POSITIVE_INFINITY,
        );
      }
    },
  );

  it('is the largest, by the largest that was expected', () => {
    expect(relativeError(Float64Array.of(3, -4, 0.7, 2), Float64Array.from(numbers))).toBeCloseTo(0.05, 12);
    expect(relativeError(Float64Array.from(numbers), Float64Array.from(numbers))).toBe(0);
    expect(relativeError(Float64Array.of(1e-9), Float64Array.of(0))).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError(Float64Array.of(1), Float64Array.of(1, 2))).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError(Float64Array.of(1, 2), Float64Array.of(1))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('an error of parameters', () => {
  // Bound of the gradients: 3e-5 of the largest. The second and the last are weaker.
  const gradient = Float64Array.of(-2, 5.9e-5, 6.1e-5, 0);
  const expected = Float64Array.of(1, 1, 4, 1);
  const error = (...got: readonly number[]) =>
    parameterError(Float64Array.from(got), expected, gradient, 0.1);

  it('is none where the sign of a gradient cannot be known and the step is no longer than two can differ', () => {
    expect(error(1, 1.0625, 4, 0.9375)).toBe(0);
    expect(error(1, 1.2, 4, 1)).toBeCloseTo(0.2 / 4, 12);
    expect(error(1, 1, 4, 0.8)).toBeCloseTo(0.2 / 4, 12);
  });

  it('is whatever it is where the gradient is known, and where it is no number', () => {
    expect(error(1.1, 1, 4, 1)).toBeCloseTo(0.1 / 4, 12);
    expect(error(1, 1, 4.1, 1)).toBeCloseTo(0.1 / 4, 12);
    expect(error(1, Number.NaN, 4, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});
