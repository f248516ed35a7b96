import { describe, expect, it } from 'vitest';
import { marlEval } from '../../src/compare/marl_eval.ts';
import { curve, outcomes, reached } from '../../src/compare/outcomes.ts';
import { type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';

const row = (kind: MetricsRow['kind'], seed: number, updates: number, success: number, variant = 0) =>
  ({
    ...NOT_MEASURED,
    kind,
    variant,
    seed,
    updates,
    environmentSteps: 10 * updates,
    success,
    return: 5 * success,
  }) as MetricsRow;

const entry = (seed: number, success: number, variant?: number) => ({
  seed,
  ...(variant !== undefined && { variant }),
  success,
  lengthRatio: success > 0 ? 1.5 : null,
  return: 5 * success,
  hash: `hash of ${seed}`,
  updates: 40,
  environmentSteps: 400,
});

/** Seed 1 comes to 90% and later to 100%; seed 2 to 90%, and falls back; seed 3 only at its very end to 100%. */
const ROWS = [
  row('training', 1, 5, Number.NaN),
  row('evaluation', 1, 10, 0.4),
  row('evaluation', 2, 10, 0.9),
  row('evaluation', 3, 10, 0),
  row('evaluation', 1, 20, 0.95),
  row('evaluation', 2, 20, 0.7),
  row('evaluation', 3, 20, 0.2),
  row('evaluation', 1, 30, 1),
  row('final', 1, 30, 1),
  row('final', 2, 25, 0.6),
  row('final', 3, 25, 1),
];
const ENTRIES = [entry(1, 1), entry(2, 0.6), entry(3, 1)];

describe('outcomes', () => {
  const learners = outcomes(ENTRIES, ROWS, 0);

  it('of each seed: the first evaluation with 90% and with 100%, that of the end included', () => {
    expect(
      learners.map(({ seed, stepsTo90, stepsTo100, updatesTo100 }) => [
        seed,
        stepsTo90,
        stepsTo100,
        updatesTo100,
      ]),
    ).toEqual([
      [1, 200, 300, 30],
      [2, 100, null, null],
      [3, 250, 250, 25],
    ]);
    expect(learners[0].evaluations.map(({ updates }) => updates)).toEqual([10, 20, 30]);
    expect(learners[1].evaluations.map(({ updates }) => updates)).toEqual([10, 20, 25]);
    expect(learners[1]).toMatchObject({ success: 0.6, return: 3, lengthRatio: 1.5, hash: 'hash of 2' });
    const [first] = outcomes([{ ...entry(1, 0.5), updates: 31, environmentSteps: 999 }], ROWS, 0);
    expect([first.updates, first.environmentSteps]).toEqual([31, 999]);
  });

  it('of a variant are its own', () => {
    const rows = [...ROWS, row('evaluation', 1, 10, 1, 1)];
    const [own] = outcomes([entry(1, 0.3, 0), entry(1, 0.8, 1)], rows, 1);
    expect(own).toMatchObject({ success: 0.8, stepsTo100: 100 });
    expect(own.evaluations).toHaveLength(1);
  });

  it('say how many came to 100%, and what it took those', () => {
    expect(reached(learners, 'stepsTo100')).toMatchObject({ reached: 2, of: 3, steps: { mean: 275 } });
    expect(reached(learners, 'stepsTo90').steps!.mean).toBeCloseTo(550 / 3, 10);
    expect(reached([learners[1]], 'stepsTo100')).toEqual({ reached: 0, of: 1, steps: null });
  });

  it('make a curve, in which a learner that has stopped stays as it was', () => {
    const points = curve(learners, 'success');
    expect(points.map(({ environmentSteps }) => environmentSteps)).toEqual([100, 200, 250, 300]);
    expect(points[0].iqm).toBeCloseTo((0.4 + 0.9 + 0) / 3, 12);
    expect(points[2].iqm).toBeCloseTo((0.95 + 0.6 + 1) / 3, 12);
    expect(points[3].iqm).toBeCloseTo((1 + 0.6 + 1) / 3, 12);
    for (const { low, high, iqm } of points) {
      expect(low).toBeLessThan(iqm);
      expect(high).toBeGreaterThan(iqm);
    }
    expect(points[0]).toMatchObject({ low: 0, high: 0.9 });
  });

  it('make a curve of return', () => {
    const total = (seed: number, updates: number, value: number) => ({
      ...row('evaluation', seed, updates, 0),
      return: value,
    });
    const rows = [total(1, 10, -3), total(2, 10, 5), total(1, 20, 7)];
    const points = curve(outcomes([entry(1, 0), entry(2, 0)], rows, 0), 'return');
    expect(points).toEqual([
      { environmentSteps: 100, iqm: 1, low: -3, high: 5 },
      { environmentSteps: 200, iqm: 6, low: 5, high: 7 },
    ]);
  });

  it('know whether success was seen: greedily or in training, on the way too', () => {
    const seen = (...rows: MetricsRow[]) => outcomes([entry(1, 0)], rows, 0)[0].successSeen;
    const never = row('evaluation', 1, 10, 0);
    expect(seen(never)).toBe(false);
    expect(seen(never, row('evaluation', 1, 20, 0.1), row('final', 1, 30, 0))).toBe(true);
    expect(seen(never, { ...row('training', 1, 5, Number.NaN), trainingSuccess: 0.01 })).toBe(true);
    // Another seed's.
    expect(seen(never, row('evaluation', 2, 10, 1))).toBe(false);
  });

  it('in the layout of marl-eval', () => {
    expect(marlEval('Two-Step', 'Default', [{ name: 'vdn', learners: [learners[1]] }])).toEqual({
      'two-step': {
        default: {
          vdn: {
            seed_2: {
              step_1: { step_count: 100, success: [0.9], return: [4.5] },
              step_2: { step_count: 200, success: [0.7], return: [3.5] },
              step_3: { step_count: 250, success: [0.6], return: [3] },
              absolute_metrics: { success: [0.6], return: [3] },
            },
          },
        },
      },
    });
  });
});
