import { describe, expect, test } from 'vitest';
import { MeanCurve, RunSeries, studentT, summarise, thin } from '../../src/app/curves/series.ts';
import { type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';

const always = () => true;

const row = (seed: number, updates: number, more: Partial<MetricsRow>): MetricsRow => ({
  ...NOT_MEASURED,
  kind: 'training',
  variant: 0,
  seed,
  updates,
  environmentSteps: 32 * updates,
  episodes: 0,
  seconds: 0,
  epsilon: 1,
  trainingSuccess: Number.NaN,
  trainingReturn: Number.NaN,
  ...more,
});

/** The share of Student's t below a value, by Simpson's rule over its density. */
function shareBelow(value: number, degrees: number): number {
  const density = (t: number): number => (1 + t ** 2 / degrees) ** (-(degrees + 1) / 2);
  const integral = (to: number): number => {
    // t = tan θ · √ν, which brings infinity near.
    const end = Math.atan(to / Math.sqrt(degrees));
    const steps = 20_000;
    let sum = 0;
    for (let index = 0; index <= steps; index++) {
      const angle = (end * index) / steps;
      const weight = index === 0 || index === steps ? 1 : index % 2 === 1 ? 4 : 2;
      const t = Math.sqrt(degrees) * Math.tan(angle);
      sum += (weight * density(t) * Math.sqrt(degrees)) / Math.cos(angle) ** 2;
    }
    return (sum * end) / steps / 3;
  };
  return 0.5 + integral(value) / (2 * integral(1e12));
}

describe('the interval', () => {
  test.each([1, 2, 3, 4, 5, 9, 10, 11, 12, 20, 30, 120, 4095])(
    'Student’s t of %i degrees of freedom',
    (degrees) => {
      expect(shareBelow(studentT(degrees), degrees)).toBeCloseTo(0.975, 5);
    },
  );

  test('of values, computed by hand', () => {
    // Mean 3, standard deviation √2.5, of five: 2.776445 · √(2.5 / 5).
    const { mean, low, high } = summarise([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(high).toBeCloseTo(3 + 1.963243, 5);
    expect(low).toBeCloseTo(3 - 1.963243, 5);
    expect(summarise([7])).toEqual({ mean: 7, low: Number.NaN, high: Number.NaN });
    expect(summarise([]).mean).toBeNaN();
  });
});

describe('a mean over learners', () => {
  test('counts those that were measured, and goes on with the last value of those that finished', () => {
    const curve = new MeanCurve(2);
    curve.add(0, 10, 0.2);
    curve.add(0, 20, 0.4);
    curve.add(1, 20, 0.8);
    curve.add(0, 30, 1);
    curve.add(1, 40, 0);
    expect(curve.refresh(always)).toBe(true);
    expect(curve.x).toEqual([10, 20, 30, 40]);
    expect(curve.mean[0]).toBe(0.2);
    expect(curve.low[0]).toBeNaN();
    expect(curve.mean[1]).toBeCloseTo(0.6, 12);
    expect(curve.mean[2]).toBeCloseTo(0.9, 12);
    expect(curve.mean[3]).toBe(0.5);
    expect(curve.high[3]).toBeCloseTo(0.5 + 12.706205 * 0.5, 5);
  });

  test('is the same whatever the order in which rows come, and when it is looked at', () => {
    const points: [number, number, number][] = [];
    for (let x = 1; x <= 40; x++) {
      for (let learner = 0; learner < 3; learner++) {
        if ((x * 7 + learner * 5) % 3 !== 0) points.push([learner, x, Math.sin(x * (learner + 1))]);
      }
    }
    const straight = new MeanCurve(3);
    for (const [learner, x, y] of points) straight.add(learner, x, y);
    straight.refresh(always);
    const mixed = new MeanCurve(3);
    // Learner by learner, the last first, with looks between.
    for (const learner of [2, 0, 1]) {
      for (const [own, x, y] of points) if (own === learner) mixed.add(own, x, y);
      let looks = 5;
      mixed.refresh(() => looks-- > 0);
    }
    while (!mixed.refresh(always));
    for (const name of ['x', 'mean', 'low', 'high'] as const) expect(mixed[name]).toEqual(straight[name]);
    expect(straight.learners[1].x).toEqual(mixed.learners[1].x);
  });

  test('what is measured again replaces what was', () => {
    const curve = new MeanCurve(1);
    curve.add(0, 10, 0.5);
    curve.add(0, 10, 0.75);
    curve.refresh(always);
    expect([curve.x, curve.mean, curve.learners[0].y]).toEqual([[10], [0.75], [0.75]]);
  });

  test('at any x: the last column up to it', () => {
    const curve = new MeanCurve(1);
    curve.add(0, 10, 1);
    curve.add(0, 20, 2);
    curve.refresh(always);
    expect([5, 10, 15, 20, 99].map((x) => curve.at(x)?.mean)).toEqual([undefined, 1, 1, 2, 2]);
  });
});

describe('a run', () => {
  const learners = [
    { seed: 1, variant: 0 },
    { seed: 1, variant: 1 },
  ];

  test('tells learners apart by seed and variant, and takes NaN as not measured', () => {
    const series = new RunSeries(learners, 'updates');
    series.add([
      row(1, 10, { loss: 4, trainingSuccess: 0.5 }),
      row(1, 10, { variant: 1, loss: 2 }),
      row(9, 10, { loss: 1e9 }),
      row(1, 20, { kind: 'evaluation', success: 0.25 }),
    ]);
    expect(series.refresh(always)).toBe(true);
    expect([series.curve('loss').x, series.curve('loss').mean]).toEqual([[10], [3]]);
    expect([series.curve('success').x, series.curve('success').mean]).toEqual([[20], [0.25]]);
    expect(series.curve('epsilon').x).toEqual([10, 20]);
    expect(series.curve('lengthRatio').x).toEqual([]);
    expect(series.end).toBe(20);
  });

  test('over environment steps', () => {
    const series = new RunSeries(learners, 'updates');
    series.add([row(1, 10, { loss: 4 }), row(1, 20, { loss: 3 })]);
    series.refresh(always);
    series.setAxis('environmentSteps');
    expect(series.refresh(always)).toBe(true);
    expect([series.curve('loss').x, series.curve('loss').mean]).toEqual([
      [320, 640],
      [4, 3],
    ]);
  });

  test('is taken in by portions, where there is little time', () => {
    const series = new RunSeries([{ seed: 1, variant: 0 }], 'updates');
    series.add(Array.from({ length: 1000 }, (_, index) => row(1, index + 1, { loss: index })));
    let turns = 0;
    for (let done = false; !done; turns++) {
      let looks = 3;
      done = series.refresh(() => looks-- > 0);
      expect(turns).toBeLessThan(2000);
    }
    expect(turns).toBeGreaterThan(5);
    expect(series.curve('loss').mean).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });
});

test('thinning keeps the first and the last, evenly, and what was shown before', () => {
  expect(thin(0, 10)).toEqual([]);
  expect(thin(5, 10)).toEqual([0, 1, 2, 3, 4]);
  for (const count of [10, 11, 100, 1999, 2000, 2001, 3999, 4000, 4001, 50_000]) {
    const kept = thin(count, 2000);
    expect(kept.length).toBeLessThanOrEqual(2000);
    expect(kept.length).toBeGreaterThanOrEqual(Math.min(count, 1000));
    expect([kept[0], kept.at(-1)]).toEqual([0, count - 1]);
  }
  const before = new Set(thin(5000, 100).slice(0, -1));
  const after = new Set(thin(5001, 100));
  expect([...before].every((index) => after.has(index))).toBe(true);
});
