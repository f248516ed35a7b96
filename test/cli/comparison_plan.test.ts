import { describe, expect, it } from 'vitest';
import {
  algorithmConfig,
  type CompareOptions,
  comparisonBudget,
  newPlan,
  tuneBudget,
  tuneSweep,
} from '../../src/cli/comparison_plan.ts';

const plan = (options: Partial<CompareOptions> = {}) => ({
  ...newPlan({ tune: [], backend: 'cpu', ...options }),
  fingerprint: '',
});

describe('a comparison', () => {
  it('gives every algorithm the same budget, whatever the preset stops at', () => {
    // Preset solve stops what has solved the task, preset report after 1,000 episodes.
    for (const preset of ['solve', 'report']) {
      const asked = plan({ preset, updates: '500' });
      expect(asked.algorithms).toEqual(['iql', 'ps-dqn', 'vdn', 'qmix']);
      for (const algorithm of asked.algorithms) {
        const { updates, episodes, stopWhenSolved } = algorithmConfig(asked, algorithm);
        expect([updates, episodes, stopWhenSolved]).toEqual([500, 0, false]);
      }
    }
    expect(() => plan({ set: ['stopWhenSolved=true'] })).toThrow(
      '--set: got "stopWhenSolved=true", allowed in a comparison: stopWhenSolved=false, as budgets are equal',
    );
    expect(() => plan({ set: ['episodes=10'] })).toThrow('allowed in a comparison: episodes=0');
    expect(plan({ set: ['episodes=0'] }).config.episodes).toBe(0);
  });

  it('differs in networks and mixer alone', () => {
    const asked = plan({ algorithms: 'iql, ps-dqn,qmix', set: ['gamma=0.9'] });
    const of = (algorithm: string) => algorithmConfig(asked, algorithm, { tau: 0.5 });
    const networks = { sharedAgents: false, agentId: false };
    expect(of('iql')).toEqual({ ...asked.config, tau: 0.5, ...networks, mixer: 'none' });
    expect(of('qmix')).toEqual({ ...asked.config, tau: 0.5, ...networks, mixer: 'monotonic' });
    const shared = { sharedAgents: true, agentId: true };
    expect(of('ps-dqn')).toEqual({ ...asked.config, tau: 0.5, ...shared, mixer: 'none' });
    expect(() => plan({ set: ['mixer=sum'] })).toThrow('as --algorithms set this one');
    expect(() => plan({ algorithms: 'vdn,qmix,vdn' })).toThrow('got vdn twice');
  });
});

describe('the small sweep of a comparison', () => {
  const tune = ['learningRate=2e-3,1e-3', 'gamma=0.9,0.95,0.99'];
  const asked = (options: Partial<CompareOptions> = {}) =>
    plan({ algorithms: 'vdn,qmix', seeds: '1-5', updates: '500', tune, ...options });

  it('is on seeds of its own, with as many updates where nothing else is said', () => {
    expect(asked().tuneSeeds).toEqual([1_000_001, 1_000_002, 1_000_003]);
    expect(asked({ seeds: '1000002' }).tuneSeeds).toEqual([1_000_001, 1_000_003, 1_000_004]);
    expect(asked().tuneUpdates).toBe(500);
    expect(() => asked({ tuneSeeds: '11,5,4' })).toThrow(
      '--tune-seeds: got 5, 4, allowed: seeds that the comparison does not have (1, 2, 3, 4, 5)',
    );
    const own = asked({ tuneSeeds: '11,12', tuneUpdates: '200' });
    expect(tuneSweep(own, 'vdn')!.groups.map(({ config }) => config)).toMatchObject([
      { seeds: [11, 12], updates: 200, episodes: 0, stopWhenSolved: false, mixer: 'sum' },
    ]);
    expect(tuneSweep(plan(), 'vdn')).toBeUndefined();
  });

  it('costs all settings, seeds and algorithms, beside the comparison’s own learners', () => {
    const own = asked({ tuneSeeds: '11,12', tuneUpdates: '200' });
    expect(tuneBudget(own)).toEqual({ settings: 6, seeds: 2, updates: 200, total: 6 * 2 * 200 * 2 });
    expect(comparisonBudget(own)).toBe(2 * 5 * 500);
    expect(tuneBudget(plan()).total).toBe(0);
  });
});
