import { expect, it } from 'vitest';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { Training } from '../../src/run/training.ts';
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
