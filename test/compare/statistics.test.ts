import { describe, expect, it } from 'vitest';
import {
  aggregate,
  bootstrap,
  interquartileMean,
  mean,
  quantile,
  standardDeviation,
} from '../../src/compare/statistics.ts';

describe('statistics', () => {
  it('mean and sample standard deviation', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(mean(values)).toBe(5);
    expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(standardDeviation([3])).toBeNaN();
    expect(mean([])).toBeNaN();
  });

  it.each([
    { values: [5, 1, 4, 2, 3], iqm: 3 },
    { values: [100, 1, 2, 3, 4, -100, 5, 6], iqm: (2 + 3 + 4 + 5) / 4 },
    // Fewer than four: none is left out.
    { values: [0, 0, 1], iqm: 1 / 3 },
    { values: [0, 10, 11, 100], iqm: 10.5 },
    { values: [7], iqm: 7 },
  ])('interquartile mean of $values', ({ values, iqm }) => {
    expect(interquartileMean(values)).toBeCloseTo(iqm, 12);
  });

  it('changes none of what it is given', () => {
    const values = [5, 1, 4, 2, 3];
    aggregate(values, 10);
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });

  it.each([
    [0, 10],
    [1, 40],
    [0.5, 25],
    [0.25, 17.5],
    [0.025, 10.75],
  ])('quantile %d between neighbours', (share, expected) => {
    expect(quantile([10, 20, 30, 40], share)).toBeCloseTo(expected, 12);
  });
});

/** All resamples of few values, each as likely: the exact distribution that the bootstrap draws from. */
function exactMeans(values: readonly number[]): number[] {
  let sums = [0];
  for (let draw = 0; draw < values.length; draw++) {
    sums = sums.flatMap((sum) => values.map((value) => sum + value));
  }
  return sums.map((sum) => sum / values.length).sort((a, b) => a - b);
}

describe('bootstrap', () => {
  it('is the percentile interval of all resamples', () => {
    const values = [0.1, 0.9, 0.4, 0.35, 0.8];
    const exact = exactMeans(values);
    const { meanInterval } = bootstrap([values]);
    expect(exact).toHaveLength(5 ** 5);
    expect(meanInterval.low).toBeCloseTo(quantile(exact, 0.025), 2);
    expect(meanInterval.high).toBeCloseTo(quantile(exact, 0.975), 2);
    expect(meanInterval.high - meanInterval.low).toBeGreaterThan(0.4);
  });

  it('of successes and failures is that of the binomial distribution', () => {
    // Ten runs, five of which succeed: P(at most 1 of 10) = 11/1024 < 2.5% < 56/1024 = P(at most 2 of 10).
    const { meanInterval } = bootstrap([[1, 0, 1, 0, 1, 0, 1, 0, 1, 0]]);
    expect(meanInterval.low).toBeCloseTo(0.2, 12);
    expect(meanInterval.high).toBeCloseTo(0.8, 12);
  });

  it('draws within tasks: tasks that differ from each other alone make no interval', () => {
    const { meanInterval, iqmInterval } = bootstrap([
      [1, 1, 1],
      [5, 5, 5],
    ]);
    expect(meanInterval).toEqual({ low: 3, high: 3 });
    // Six values: one of each end is left out.
    expect(iqmInterval).toEqual({ low: 3, high: 3 });
  });

  it('covers the interquartile mean, which one outlier moves less than the mean', () => {
    const values = [0.98, 0.99, 1, 0.97, 0];
    const { meanInterval, iqmInterval } = bootstrap([values]);
    const iqm = interquartileMean(values);
    expect(iqm).toBeCloseTo(0.98, 12);
    expect(iqmInterval.low).toBeLessThan(iqm);
    expect(iqmInterval.high).toBeGreaterThan(iqm);
    // Two or more of five are the outlier in 26% of resamples, which the trimmed mean then shows.
    expect(iqmInterval.low).toBeLessThan(0.7);
    expect(meanInterval.low).toBeLessThan(0.6);
  });

  it('is the same every time', () => {
    const values = [0.3, 0.1, 0.7];
    expect(bootstrap([values], 2000)).toEqual(bootstrap([values], 2000));
  });

  it('of one run is that run', () => {
    expect(bootstrap([[0.25]])).toEqual({
      meanInterval: { low: 0.25, high: 0.25 },
      iqmInterval: { low: 0.25, high: 0.25 },
    });
  });
});
