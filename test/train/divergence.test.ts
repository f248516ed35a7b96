import { describe, expect, it } from 'vitest';
import type { LearnerMetrics } from '../../src/learner/learner.ts';
import { DivergenceError, FiniteWatch } from '../../src/train/divergence.ts';

const metrics = (updates: number, given: Partial<LearnerMetrics> = {}): LearnerMetrics => ({
  ...{ updates, failedUpdate: 0, count: 10, loss: updates / 4, gradientNorm: updates / 8, qTotal: 1 },
  ...given,
});
const EPSILON = Float32Array.of(0.5, 0.25);

describe('a gradient that is not finite', () => {
  it('is told of once, with its update, what was finite before it, and epsilon', () => {
    const told: [number, string][] = [];
    const watch = new FiniteWatch(['seed 7', 'seed 8'], (index, error) => {
      expect(error).toBeInstanceOf(DivergenceError);
      told.push([index, error.message]);
    });
    watch.check([metrics(10), metrics(10)], EPSILON);
    // Means that are finite end just before the failed update; of others, the last that were are told.
    watch.check([metrics(20), metrics(16, { failedUpdate: 17, count: 6 })], EPSILON);
    watch.check([metrics(30, { loss: Number.NaN }), metrics(16, { failedUpdate: 17, count: 0 })], EPSILON);
    watch.check([metrics(40, { gradientNorm: Number.POSITIVE_INFINITY }), metrics(16)], EPSILON);
    expect(told).toEqual([
      [
        1,
        'seed 8: the gradient of update 17 is not finite; last finite means, up to update 16: loss 4, gradient norm 2; epsilon 0.25',
      ],
      [
        0,
        'seed 7: the gradient of an update up to 30 is not finite; last finite means, up to update 20: loss 5, gradient norm 2.5; epsilon 0.5',
      ],
    ]);
  });

  it('is told of where the norm alone is not finite, and ends a run that is not told to go on', () => {
    const watch = new FiniteWatch(['seed 7']);
    // Nothing was trained since the last reading: its means are none.
    watch.check([metrics(0, { count: 0, loss: Number.NaN, gradientNorm: Number.NaN })], EPSILON);
    expect(() => watch.check([metrics(10, { gradientNorm: Number.POSITIVE_INFINITY })], EPSILON)).toThrow(
      'seed 7: the gradient of an update up to 10 is not finite; no finite loss was seen before it in this session; epsilon 0.5',
    );
  });
});
