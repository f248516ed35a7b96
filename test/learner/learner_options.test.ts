import { expect, test } from 'vitest';
import { runMembers } from '../../src/config.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';

const config = makeConfig('solve', {
  ...{
    seeds: [7, 8],
    variants: [{}, { learningRate: 0.5, mixerLearningRate: 0.6 }, { gamma: 0.7, clipNorm: 9, tau: 0.8 }],
  },
  ...{ learningRate: 0.01, mixerLearningRate: 0.02, gamma: 0.03, clipNorm: 4, tau: 0.05, environments: 6 },
  ...{ batchSize: 70, replayCapacity: 8000, updatesPerStep: 9, overlap: false, targetUpdate: 'polyak' },
  ...{ beta1: 0.11, beta2: 0.12, adamEpsilon: 0.13, rmspropAlpha: 0.14, rmspropEpsilon: 0.15 },
});
const shape = configuredShape(config);
const own = { learningRate: 0.01, mixerLearningRate: 0.02, gamma: 0.03, clipNorm: 4, tau: 0.05 };

test('a learner is told each number of its own settings, and those that all have in common', () => {
  const quick = { learningRate: 0.5, mixerLearningRate: 0.6 };
  const soft = { gamma: 0.7, clipNorm: 9, tau: 0.8 };
  const learners = [
    { seed: 7, ...own },
    { seed: 8, ...own },
    { seed: 7, ...own, ...quick },
    { seed: 8, ...own, ...quick },
    { seed: 7, ...own, ...soft },
    { seed: 8, ...own, ...soft },
  ];
  const common = {
    ...{ shape, environments: 6, batchSize: 70, replayCapacity: 8000, updatesPerStep: 9, overlap: false },
    optimiser: { beta1: 0.11, beta2: 0.12, epsilon: 0.13, corrected: true },
  };
  expect(learnerOptions({ ...config, optimizer: 'adam' }, shape)).toEqual({ ...common, learners });
  const some = learnerOptions(config, shape, runMembers(config).slice(3, 5));
  expect(some).toEqual({ ...common, learners: learners.slice(3, 5) });
});

test('RMSprop has numbers of its own, and hard updates take over no share', () => {
  const { optimiser, learners } = learnerOptions(
    { ...config, optimizer: 'rmsprop', targetUpdate: 'hard', variants: [] },
    shape,
  );
  expect(optimiser).toEqual({ beta1: 0, beta2: 0.14, epsilon: 0.15, corrected: false });
  expect(learners[0]).toEqual({ seed: 7, ...own, tau: 0 });
});
