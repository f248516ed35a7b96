import { expect, it, vi } from 'vitest';
import { DeviceError } from '../../src/gpu/gpu.ts';
import type { LearnerOptions } from '../../src/learner/learner.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import type { Meter } from '../../src/run/meter.ts';
import { Training } from '../../src/run/training.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { Population } from '../../src/train/population.ts';
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

it('makes one step alone, and is as slow as before after that, and where it is opened anew', async () => {
  const most: (number | undefined)[] = [];
  vi.spyOn(Population.prototype, 'stepsAtOnce', 'set').mockImplementation((steps) => void most.push(steps));
  const config = smallConfig({ seeds: [1] });
  const training = await Training.open(
    config,
    async (options) => ({ learner: createCpuLearner(options), close: () => {} }),
    {},
  );
  await training.step();
  training.speed = 200;
  await training.step();
  await training.reopen({ ...config, updates: 50 });
  vi.restoreAllMocks();
  expect(most).toEqual([undefined, 1, undefined, 10, 1, 10, 10]);
  expect(training.population.progress[0].environmentSteps).toBe(2 * config.environments);
  training.population.close();
});

it('opens learners on the kind of device that they were on, thrice where devices are lost', async () => {
  const config = smallConfig({ seeds: [1] });
  const asked: (string | undefined)[] = [];
  let failures: Error[] = [];
  const openLearners = async (options: LearnerOptions, backend?: string) => {
    asked.push(backend);
    const failure = failures.shift();
    if (failure) throw failure;
    return { learner: createCpuLearner(options), close: () => {} };
  };
  const lost = () => new DeviceError('lost', true);
  const other = new Error('other');
  failures = [lost(), lost()];
  const training = await Training.open(config, openLearners, {});
  expect(asked.splice(0)).toEqual([undefined, undefined, undefined]);
  failures = [lost(), lost(), lost()];
  await expect(training.reopen(config)).rejects.toThrow('lost');
  expect(asked.splice(0)).toEqual(['cpu', 'cpu', 'cpu']);
  failures = [other];
  const learners = await training.population.save();
  await expect(Training.open(config, openLearners, { from: { learners, backend: 'webgpu' } })).rejects.toBe(
    other,
  );
  expect(asked).toEqual(['webgpu']);
});

it('goes as fast as the learner that is furthest', async () => {
  const training = await Training.open(
    smallConfig({ seeds: [1, 2, 3] }),
    async (options) => ({ learner: createCpuLearner(options), close: () => {} }),
    {},
  );
  const { progress } = training.population;
  Object.assign(progress[0], { updates: 20, environmentSteps: 300 });
  Object.assign(progress[1], { updates: 30, environmentSteps: 400 });
  Object.assign(progress[2], { updates: 10, environmentSteps: 200 });
  training.meter = { rates: (updates, steps) => ({ updates, steps }) } as Meter;
  expect(training.rates()).toEqual({ updates: 30, steps: 400 });
  training.population.close();
});
