import { describe, expect, it } from 'vitest';
import { isConfigured, planSweep } from '../../src/cli/vary.ts';
import { ConfigError } from '../../src/config.ts';
import { makeConfig } from '../../src/presets.ts';

const config = makeConfig('solve', { seeds: [1, 2] });

describe('a sweep', () => {
  it('of fields that learners may differ in is one run with variants, the first field slowest', () => {
    const { groups, points } = planSweep(config, ['learningRate=1e-3,3e-4', 'gamma=0.9,0.99'], '--vary');
    const settings = [
      { learningRate: 1e-3, gamma: 0.9 },
      { learningRate: 1e-3, gamma: 0.99 },
      { learningRate: 3e-4, gamma: 0.9 },
      { learningRate: 3e-4, gamma: 0.99 },
    ];
    expect(groups).toEqual([{ config: { ...config, variants: settings } }]);
    expect(points).toEqual(settings.map((own, variant) => ({ settings: own, group: 0, variant })));
  });

  it('of other fields is a run for each of their settings', () => {
    const { groups, points } = planSweep(
      config,
      ['batchSize=8,16', 'tau=0.1,0.2', 'mixer=sum,none'],
      '--vary',
    );
    expect(groups.map(({ config: { batchSize, mixer, variants } }) => [batchSize, mixer, variants])).toEqual(
      [
        [8, 'sum'],
        [8, 'none'],
        [16, 'sum'],
        [16, 'none'],
      ].map((own) => [...own, [{ tau: 0.1 }, { tau: 0.2 }]]),
    );
    expect(points).toHaveLength(8);
    expect(points[6]).toEqual({
      settings: { batchSize: 16, tau: 0.2, mixer: 'sum' },
      group: 2,
      variant: 1,
    });
    const plain = planSweep(config, ['batchSize=8,16'], '--vary');
    expect(plain.groups.map((group) => group.config.variants)).toEqual([[], []]);
    expect(plain.points[1]).toEqual({ settings: { batchSize: 16 }, group: 1, variant: 0 });
  });

  it('knows what is configured already', () => {
    expect(isConfigured(config, { learningRate: 1e-3 })).toBe(true);
    expect(isConfigured(config, { learningRate: 1e-3, gamma: 0.5 })).toBe(false);
  });

  it.each([
    [[], '--vary: got nothing, allowed: FIELD=A,B,…'],
    [['gamma'], '--vary: got "gamma", allowed: FIELD=A,B,…'],
    [['gama=0.9'], 'gama: unknown field'],
    [['gamma=0.9,x'], 'variants.1.gamma: got "x", allowed: a number'],
    [['gamma=0.9,2'], 'variants.1.gamma: got 2, allowed: at most 1'],
    [['batchSize=8,0'], 'batchSize: got 0, allowed: at least 1'],
    [['gamma=0.9,0.90'], '--vary gamma: got 0.9, 0.9, allowed: every value once'],
    [['gamma=0.9', 'gamma=0.8'], '--vary: got gamma twice'],
    [['seeds=1,2'], '--vary: got seeds, which cannot be varied'],
    [['preset=solve,report'], '--vary: got preset, which cannot be varied'],
    [['variants=[],[]'], '--vary: got variants, which cannot be varied'],
    [['environment=matrix,mine.mjs'], '--vary environment: got "mine.mjs", allowed: environments that come'],
    [['epsilonStart=0.5,0.01'], 'variants: got'],
    [['warmup=10,200000'], 'warmup: got 200000, allowed: at most replayCapacity (100000)'],
  ])('%j is refused', (vary, words) => {
    expect(() => planSweep(config, vary, '--vary')).toThrow(words);
    expect(() => planSweep(config, vary, '--vary')).toThrow(ConfigError);
  });

  it('of a configuration with variants is refused', () => {
    expect(() => planSweep({ ...config, variants: [{ tau: 0.5 }] }, ['gamma=0.9'], '--vary')).toThrow(
      'variants: got [{"tau":0.5}], allowed: none beside --vary',
    );
  });
});
