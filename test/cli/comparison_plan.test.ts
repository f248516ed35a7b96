import { describe, expect, it } from 'vitest';
import {
  algorithmConfig,
  checkPlan,
  comparisonBudget,
  newPlan,
  tuneBudget,
  tuneSweep,
} from '../../src/cli/comparison_plan.ts';
import { makeConfig } from '../../src/presets.ts';

const NETWORKS = {
  iql: { sharedAgents: false, agentId: false, mixer: 'none' },
  'ps-dqn': { sharedAgents: true, agentId: true, mixer: 'none' },
  vdn: { sharedAgents: false, agentId: false, mixer: 'sum' },
  qmix: { sharedAgents: false, agentId: false, mixer: 'monotonic' },
};

describe('a comparison', () => {
  const tune = ['learningRate=2e-3,1e-3', 'batchSize=64,128'];
  const options = { seeds: '3-5', updates: '1200', set: ['gamma=0.9'], tune, backend: 'cpu' } as const;
  const plan = { ...newPlan({ ...options, tuneSeeds: '11,12', tuneUpdates: '500' }), fingerprint: '' };
  const common = { seeds: [3, 4, 5], updates: 1200, gamma: 0.9, episodes: 0, stopWhenSolved: false };

  it('trains all four algorithms with the same in everything but networks and mixer', () => {
    checkPlan(plan);
    expect(plan.algorithms).toEqual(['iql', 'ps-dqn', 'vdn', 'qmix']);
    for (const [algorithm, networks] of Object.entries(NETWORKS)) {
      expect(algorithmConfig(plan, algorithm), algorithm).toEqual(
        makeConfig('solve', { ...common, ...networks }),
      );
      expect(algorithmConfig(plan, algorithm, { learningRate: 2e-3 }), algorithm).toEqual(
        makeConfig('solve', { ...common, learningRate: 2e-3, ...networks }),
      );
    }
  });

  it('tunes all four by the same small sweep, on seeds of its own', () => {
    const variants = [{ learningRate: 2e-3 }, { learningRate: 1e-3 }];
    for (const [algorithm, networks] of Object.entries(NETWORKS)) {
      const { groups, points } = tuneSweep(plan, algorithm)!;
      expect(
        groups.map(({ config }) => config),
        algorithm,
      ).toEqual(
        [64, 128].map((batchSize) =>
          makeConfig('solve', { ...common, ...networks, seeds: [11, 12], updates: 500, batchSize, variants }),
        ),
      );
      expect(points, algorithm).toEqual([
        { settings: { learningRate: 2e-3, batchSize: 64 }, group: 0, variant: 0 },
        { settings: { learningRate: 2e-3, batchSize: 128 }, group: 1, variant: 0 },
        { settings: { learningRate: 1e-3, batchSize: 64 }, group: 0, variant: 1 },
        { settings: { learningRate: 1e-3, batchSize: 128 }, group: 1, variant: 1 },
      ]);
    }
  });

  it('counts the updates of all its learners, and of the small sweeps beside', () => {
    // 4 algorithms · 3 seeds · 1,200 updates; 4 settings · 2 seeds · 500 updates · 4 algorithms.
    expect(comparisonBudget(plan)).toBe(14_400);
    expect(tuneBudget(plan)).toEqual({ settings: 4, seeds: 2, updates: 500, total: 16_000 });
  });

  it('has three other seeds and the same updates to tune by, where none are given', () => {
    const { tuneSeeds, tuneUpdates } = newPlan({ ...options, seeds: '1000002,7' });
    expect([tuneSeeds, tuneUpdates]).toEqual([[1_000_001, 1_000_003, 1_000_004], 1200]);
  });

  it('lets no learner end before the others, whatever the preset says', () => {
    expect(newPlan({ ...options, preset: 'report', tune: [] }).config).toEqual(
      makeConfig('report', { ...common }),
    );
  });
});
