import { describe, expect, it } from 'vitest';
import { curve, type Outcome } from '../../src/compare/outcomes.ts';
import {
  aggregate,
  bootstrap,
  interquartileMean,
  mean,
  type Scores,
  standardDeviation,
} from '../../src/compare/statistics.ts';

/**
 * Statistics as rliable itself gives them: google-research/rliable at 3ccd9f4dea57, with bashtage/arch 7.2.0
 * (38beda682414), NumPy 1.24.2 and SciPy 1.10.1. rliable has scores as runs × tasks, we as tasks × runs.
 *
 *   metrics.aggregate_iqm(scores), metrics.aggregate_mean(scores), np.std(scores, ddof=1)
 *   both = lambda scores: np.array([metrics.aggregate_iqm(scores), metrics.aggregate_mean(scores)])
 *   for seed in range(10):
 *     np.random.seed(seed)
 *     library.get_interval_estimates({'x': scores}, both, reps=50000)[1]['x']
 *
 * `low` and `high`: mean over the ten seeds, and their standard deviation (ddof=1), which is the Monte-Carlo error of
 * one estimate from 50,000 resamples. It is 0 if the quantile is one value of a coarse distribution every time.
 */
interface Estimate {
  readonly value: number;
  readonly low: readonly [mean: number, error: number];
  readonly high: readonly [mean: number, error: number];
}

const CASES: readonly {
  readonly name: string;
  readonly scores: Scores;
  readonly deviation: number;
  readonly iqm: Estimate;
  readonly mean: Estimate;
}[] = [
  {
    name: 'five runs, one far below the others',
    scores: [[0.9984, 0.9951, 1.0, 0.9702, 0.8313]],
    deviation: 0.07240390182856167,
    iqm: { value: 0.9879, low: [0.8776, 0], high: [0.9994666666666667, 0] },
    mean: { value: 0.959, low: [0.89282, 0], high: [0.99838, 0] },
  },
  {
    name: 'eleven runs: two of each end are left out',
    scores: [[0.91, 0.13, 0.55, 0.87, 0.29, 0.98, 0.74, 0.02, 0.66, 0.42, 0.81]],
    deviation: 0.3262820865447565,
    iqm: { value: 0.62, low: [0.358571, 0.0019048], high: [0.815429, 0.0009036] },
    mean: { value: 0.58, low: [0.390909, 0.0013552], high: [0.756182, 0.0007171] },
  },
  {
    name: 'three tasks of five runs that hardly overlap',
    scores: [
      [0.11, 0.38, 0.05, 0.27, 0.19],
      [0.52, 0.47, 0.71, 0.64, 0.33],
      [0.95, 0.91, 0.99, 0.78, 1.0],
    ],
    deviation: 0.3282348172240343,
    iqm: { value: 0.5566666666666668, low: [0.477889, 0.0003514], high: [0.628333, 0.0005857] },
    mean: { value: 0.5533333333333333, low: [0.496267, 0.0003443], high: [0.609333, 0.0004445] },
  },
  {
    name: 'two tasks of seven runs, negative scores among them',
    scores: [
      [-3.1, 2.62, 0.94, -1.37, 1.58, -0.46, 3.3],
      [4.75, 5.5, 4.01, 9.26, 5.83, 6.17, 4.4],
    ],
    deviation: 3.330105515933804,
    iqm: { value: 3.3875, low: [2.341372, 0.0057238], high: [4.101003, 0.0120341] },
    mean: { value: 3.1021428571428573, low: [2.129284, 0.0061397], high: [4.093007, 0.0043413] },
  },
];

describe.each(CASES)('as in rliable, of $name', ({ scores, deviation, iqm, mean: average }) => {
  it('interquartile mean, mean and standard deviation', () => {
    expect(interquartileMean(scores.flat())).toBeCloseTo(iqm.value, 12);
    expect(mean(scores.flat())).toBeCloseTo(average.value, 12);
    expect(standardDeviation(scores.flat())).toBeCloseTo(deviation, 12);
  });

  it('95% intervals of both by the stratified bootstrap, within three Monte-Carlo errors', () => {
    const { iqmInterval, meanInterval } = bootstrap(scores);
    for (const [interval, expected] of [
      [iqmInterval, iqm],
      [meanInterval, average],
    ] as const) {
      for (const end of ['low', 'high'] as const) {
        const [value, error] = expected[end];
        expect(Math.abs(interval[end] - value)).toBeLessThan(3 * error + 1e-9);
      }
    }
  });
});

/** What comparisons and sweeps tell of five seeds at their end; these intervals are exact. */
it('as in rliable, an aggregate has each number under its name', () => {
  const [{ scores, deviation, iqm, mean: average }] = CASES;
  const interval = ({ low, high }: Estimate) => ({
    low: expect.closeTo(low[0], 12),
    high: expect.closeTo(high[0], 12),
  });
  expect(aggregate(scores[0])).toEqual({
    count: 5,
    mean: expect.closeTo(average.value, 12),
    standardDeviation: expect.closeTo(deviation, 12),
    iqm: expect.closeTo(iqm.value, 12),
    meanInterval: interval(average),
    iqmInterval: interval(iqm),
  });
});

/** Of the eleven runs, as above but with `reps=2000` and thirty seeds. */
it('as in rliable, the interquartile mean of a curve and its interval, of 2,000 resamples', () => {
  const learners = CASES[1].scores[0].map((success) => ({
    evaluations: [{ updates: 10, environmentSteps: 320, success, return: -success }],
  })) as unknown as Outcome[];
  const [point, ...more] = curve(learners, 'success');
  expect(more).toEqual([]);
  expect(point.environmentSteps).toBe(320);
  expect(point.iqm).toBeCloseTo(0.62, 12);
  expect(Math.abs(point.low - 0.357968)).toBeLessThan(3 * 0.0057056);
  expect(Math.abs(point.high - 0.816067)).toBeLessThan(3 * 0.0046476);
});
