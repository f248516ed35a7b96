import { expect, it } from 'vitest';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { Training } from '../../src/run/training.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { smallConfig } from '../train/small.ts';

it('a run that is slowed makes as many steps a second as it is told to, twenty times a second at most', async () => {
  const training = await Training.open(
    smallConfig({ seeds: [1] }),
    async (options) => ({ learner: createCpuLearner(options), close: () => {} }),
    {},
  );
  /** Milliseconds that what is trained at once is to take. */
  const pace = (stepsPerSecond: number): number => {
    training.speed = stepsPerSecond;
    return training.pace;
  };
  // One step at once, then ten, then thirty.
  expect([1, 10, 20, 200, 600].map(pace)).toEqual([1000, 100, 50, 50, 50]);
  expect(pace(Number.POSITIVE_INFINITY)).toBe(0);
  training.population.close();
});

it('knows of evaluations what the rows that it is given tell, and nothing of those before', async () => {
  const training = await Training.open(
    smallConfig({ seeds: [1, 2] }),
    async (options) => ({ learner: createCpuLearner(options), close: () => {} }),
    {},
  );
  const row = (kind: MetricsRow['kind'], seed: number, success: number) =>
    ({ kind, seed, variant: 0, success, lengthRatio: 2 * success }) as MetricsRow;
  training.know([row('evaluation', 1, 0.25), row('training', 2, Number.NaN), row('final', 2, 0.5)]);
  expect(training.measured).toEqual([
    { success: 0.25, lengthRatio: 0.5 },
    { success: 0.5, lengthRatio: 1 },
  ]);
  training.know([row('evaluation', 1, 0.125)]);
  expect(training.measured).toEqual([{ success: 0.125, lengthRatio: 0.25 }]);
  training.population.close();
});
