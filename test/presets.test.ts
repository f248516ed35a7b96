import { describe, expect, it } from 'vitest';
import { type ConfigField, configFields, presetFor } from '../src/config.ts';
import { fieldDomain } from '../src/config_fields.ts';
import { algorithms, makeConfig, presets } from '../src/presets.ts';
import { Progress } from '../src/train/progress.ts';

const PENALISED = [
  [8, -12, -12],
  [-12, 0, 0],
  [-12, 0, 0],
];

/**
 * Every field of every preset. Preset report has the report's hyperparameters: 6 → 64 → 64 → 5 agent networks, mixing
 * width 128, learning rates 1e-3 and 5e-4, batches of 32, replay of 10,000 from 3,000 on, γ 0.99, targets copied every
 * 50 episodes, ε 1 → 0.05 in 75,000 steps, gradients cut to norm 10. Adam has PyTorch's defaults.
 */
// biome-ignore format: a table
const VALUES: readonly (readonly [field: ConfigField, report: unknown, solve: unknown, door: unknown, game: unknown])[] = [
  ['preset', 'report', 'solve', 'door', 'game'],
  ['environment', 'meeting-gridworld', 'meeting-gridworld', 'switch-and-door', 'two-step'],
  ['gridSize', 5, 5, 5, 5],
  ['agents', 2, 2, 2, 2],
  ['episodeLimit', 50, 50, 30, 50],
  ['sight', 'all', 'all', 'all', 'all'],
  ['offGrid', 'stay', 'stay', 'stay', 'stay'],
  ['payoff', PENALISED, PENALISED, PENALISED, PENALISED],
  ['observationScale', 'raw', 'unit', 'unit', 'unit'],
  ['stateScale', 'grid', 'unit', 'unit', 'unit'],
  ['sharedAgents', false, false, false, false],
  ['agentId', false, false, false, false],
  ['hidden', 64, 64, 64, 32],
  ['mixer', 'monotonic', 'monotonic', 'monotonic', 'monotonic'],
  ['positivity', 'softplus', 'softplus', 'softplus', 'softplus'],
  ['hyperLayers', 2, 2, 2, 2],
  ['biasLayers', 2, 2, 2, 2],
  ['mixerWidth', 128, 32, 32, 32],
  ['hyperHidden', 128, 32, 32, 32],
  ['seeds', [2025, 2026, 2027, 2028, 2029], [2025], [2025], [2025]],
  ['variants', [], [], [], []],
  ['environments', 1, 32, 32, 256],
  ['updates', 50_000, 30_000, 30_000, 5000],
  ['episodes', 1000, 0, 0, 0],
  ['stopWhenSolved', false, true, true, false],
  ['updatesPerStep', 1, 1, 1, 1],
  ['overlap', false, true, true, true],
  ['batchSize', 32, 128, 128, 256],
  ['replayCapacity', 10_000, 100_000, 100_000, 300_000],
  ['warmup', 3000, 1000, 1000, 10_000],
  ['optimizer', 'adam', 'adam', 'adam', 'adam'],
  ['learningRate', 1e-3, 1e-3, 1e-3, 1e-4],
  ['mixerLearningRate', 5e-4, 5e-4, 5e-4, 1e-3],
  ['beta1', 0.9, 0.9, 0.9, 0.9],
  ['beta2', 0.999, 0.999, 0.999, 0.999],
  ['adamEpsilon', 1e-8, 1e-8, 1e-8, 1e-8],
  ['rmspropAlpha', 0.99, 0.99, 0.99, 0.99],
  ['rmspropEpsilon', 1e-5, 1e-5, 1e-5, 1e-5],
  ['gamma', 0.99, 0.99, 0.99, 0.99],
  ['clipNorm', 10, 10, 10, 10],
  ['epsilonStart', 1, 1, 1, 1],
  ['epsilonEnd', 0.05, 0.05, 0.05, 1],
  ['epsilonDecaySteps', 75_000, 107_000, 107_000, 75_000],
  ['targetUpdate', 'hard', 'polyak', 'polyak', 'polyak'],
  ['tau', 0.01, 0.01, 0.01, 0.01],
  ['targetInterval', 50, 50, 50, 50],
  ['evaluateEvery', 1000, 250, 1000, 100],
  ['logEvery', 100, 100, 100, 100],
  ['saveEvery', 5000, 5000, 5000, 5000],
];

/** What each field that is no text takes: its choices, or its least and largest number, and whether that is whole. */
// biome-ignore format: a table
const DOMAINS: readonly (readonly [field: ConfigField, ...domain: readonly unknown[]])[] = [
  ['gridSize', 2, 64, true],
  ['agents', 2, 16, true],
  ['episodeLimit', 1, 100_000, true],
  ['sight', ['all', 'own']],
  ['offGrid', ['stay','illegal']],
  ['observationScale', ['unit','raw']],
  ['stateScale', ['unit','grid','raw']],
  ['sharedAgents', 'switch'],
  ['agentId', 'switch'],
  ['hidden', 1, 4096, true],
  ['mixer', ['none','sum','monotonic']],
  ['positivity', ['softplus','abs']],
  ['hyperLayers', 1, 2, true],
  ['biasLayers', 1, 2, true],
  ['mixerWidth', 1, 4096, true],
  ['hyperHidden', 1, 4096, true],
  ['environments', 1, 65_536, true],
  ['updates', 0, 1_000_000_000, true],
  ['episodes', 0, 1_000_000_000, true],
  ['stopWhenSolved', 'switch'],
  ['updatesPerStep', 1, 1024, true],
  ['overlap', 'switch'],
  ['batchSize', 1, 65_536, true],
  ['replayCapacity', 1, 10_000_000, true],
  ['warmup', 1, 10_000_000, true],
  ['optimizer', ['adam','rmsprop']],
  ['learningRate', 1e-37, 1, false],
  ['mixerLearningRate', 1e-37, 1, false],
  ['beta1', 0, 0.9999, false],
  ['beta2', 0, 0.99999, false],
  ['adamEpsilon', 1e-37, 1, false],
  ['rmspropAlpha', 0, 0.99999, false],
  ['rmspropEpsilon', 1e-37, 1, false],
  ['gamma', 0, 1, false],
  ['clipNorm', 1e-37, 1_000_000_000, false],
  ['epsilonStart', 0, 1, false],
  ['epsilonEnd', 0, 1, false],
  ['epsilonDecaySteps', 0, 1_000_000_000, true],
  ['targetUpdate', ['polyak','hard']],
  ['tau', 0, 1, false],
  ['targetInterval', 1, 1_000_000, true],
  ['evaluateEvery', 1, 1_000_000_000, true],
  ['logEvery', 1, 1_000_000_000, true],
  ['saveEvery', 1, 1_000_000_000, true],
];

describe('presets', () => {
  it.each([
    ['report', 1],
    ['solve', 2],
    ['door', 3],
    ['game', 4],
  ] as const)('%s has these values and no others', (name, column) => {
    expect(makeConfig(name)).toEqual(Object.fromEntries(VALUES.map((row) => [row[0], row[column]])));
  });

  it('are four, and each environment has its own', () => {
    expect(Object.keys(presets)).toEqual(['solve', 'report', 'game', 'door']);
    expect(
      ['meeting-gridworld', 'switch-and-door', 'two-step', 'matrix', 'my.mjs'].map((name) => presetFor(name)),
    ).toEqual(['solve', 'door', 'game', 'game', 'solve']);
  });

  /** Environment steps of the learner, and ε at them: at the start, halfway, one step before the end, at the end. */
  it.each([
    [
      'report',
      [
        [0, 1],
        [37_500, 0.525],
        [75_000 - 1, 0.05 + 0.95 / 75_000],
        [75_000, 0.05],
        [1e6, 0.05],
      ],
    ],
    [
      'solve',
      [
        [0, 1],
        [53_500, 0.525],
        [107_000 - 1, 0.05 + 0.95 / 107_000],
        [107_000, 0.05],
        [1e6, 0.05],
      ],
    ],
    [
      'door',
      [
        [0, 1],
        [53_500, 0.525],
        [107_000, 0.05],
      ],
    ],
    [
      'game',
      [
        [0, 1],
        [37_500, 1],
        [75_000, 1],
        [1e6, 1],
      ],
    ],
  ] as const)('%s lowers ε so', (name, expected) => {
    const progress = new Progress(makeConfig(name));
    for (const [environmentSteps, epsilon] of expected) {
      progress.environmentSteps = environmentSteps;
      expect(progress.epsilon()).toBeCloseTo(epsilon, 12);
    }
  });
});

it('an algorithm is its agent networks and its mixer, and nothing else', () => {
  expect(algorithms).toEqual({
    iql: { sharedAgents: false, agentId: false, mixer: 'none' },
    'ps-dqn': { sharedAgents: true, agentId: true, mixer: 'none' },
    vdn: { sharedAgents: false, agentId: false, mixer: 'sum' },
    qmix: { sharedAgents: false, agentId: false, mixer: 'monotonic' },
  });
});

it('fields take these values, as forms and messages say', () => {
  const texts: readonly ConfigField[] = ['preset', 'environment', 'payoff', 'seeds', 'variants'];
  const domains = configFields.flatMap((field): unknown[][] => {
    const { kind, choices, minimum, maximum, integer } = fieldDomain(field);
    if (kind === 'text') return [];
    if (kind === 'number') return [[field, minimum, maximum, integer]];
    return [[field, kind === 'switch' ? kind : choices]];
  });
  expect(domains).toEqual(DOMAINS);
  expect(configFields.filter((field) => fieldDomain(field).kind === 'text')).toEqual(texts);
});
