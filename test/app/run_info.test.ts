import { describe, expect, test } from 'vitest';
import { defaultName, describeProgress, describeRun } from '../../src/app/run_info.ts';
import type { Config } from '../../src/config.ts';
import { makeConfig } from '../../src/presets.ts';
import { Progress } from '../../src/train/progress.ts';

const about = (changes: Partial<Config>, preset = 'solve') =>
  describeRun(makeConfig(preset, changes), 'id', 'a run');

describe('a run on the page', () => {
  test('is called by its algorithm, environment and seeds', () => {
    const named = (changes: Partial<Config>) => defaultName(makeConfig('solve', changes));
    expect(named({ seeds: [7] })).toBe('QMIX on meeting-gridworld, seed 7');
    expect(named({ seeds: [7, 9, 8], mixer: 'sum', environment: 'two-step' })).toBe(
      'VDN on two-step, 3 seeds from 7',
    );
    expect(named({ seeds: [7, 9], variants: [{ gamma: 0.9 }, {}, { tau: 0.5 }] })).toBe(
      'QMIX on meeting-gridworld, 2 seeds from 7, 3 variants',
    );
  });

  test('is what there is to know of it: its starts, its pieces, its learners', () => {
    expect(about({ seeds: [5, 6], variants: [{}, { gamma: 0.9 }] })).toMatchObject({
      ...{ starts: 13_800, allStarts: true, mapped: true, picture: 'grid', gridSize: 5, agents: 2 },
      ...{ pieces: ['agent 1', 'agent 2', 'goal'], actions: ['up', 'down', 'left', 'right', 'stay'] },
      learners: [
        { label: 'variant 0, seed 5', seed: 5, variant: 0 },
        { label: 'variant 0, seed 6', seed: 6, variant: 0 },
        { label: 'variant 1, seed 5', seed: 5, variant: 1 },
        { label: 'variant 1, seed 6', seed: 6, variant: 1 },
      ],
    });
    expect(about({}, 'game')).toMatchObject({
      ...{ starts: 1, allStarts: true, mapped: false, picture: 'game', pieces: [], actions: ['1', '2'] },
      learners: [{ label: 'seed 2025', seed: 2025, variant: 0 }],
    });
  });

  test('has a map where all starts of two agents on a grid are played, and there alone', () => {
    const mapped = (changes: Partial<Config>) => {
      const { starts, allStarts, mapped } = about(changes);
      return [starts, allStarts, mapped];
    };
    expect(mapped({ gridSize: 7 })).toEqual([110_544, true, true]);
    expect(mapped({ gridSize: 8 })).toEqual([10_000, false, false]);
    expect(mapped({ gridSize: 3, agents: 3 })).toEqual([3024, true, false]);
    expect(about({ gridSize: 3 }, 'door')).toMatchObject({ starts: 3024, allStarts: true, mapped: false });
  });

  test('is as far as the learner that went furthest; what was measured is of each', () => {
    const config = makeConfig('solve', { seeds: [1, 2, 3], epsilonDecaySteps: 1000, environments: 1 });
    const learner = (updates: number, episodes: number, outcomes: readonly number[]) => {
      const progress = new Progress(config);
      for (const success of outcomes) {
        const ends = Uint8Array.of(1);
        progress.count({
          ...{ copies: 1, rewards: Float32Array.of(1), terminations: ends, truncations: ends },
          successes: Uint8Array.of(success),
        });
      }
      return Object.assign(progress, { updates, episodes, environmentSteps: 2 * updates });
    };
    const told = describeProgress(
      {
        ...{ config, state: 'training', hash: '', reason: '', seconds: 12 },
        progress: [learner(100, 4, [1, 1, 1, 0]), learner(250, 1, [1]), learner(200, 2, [0, 1])],
        measured: [{ success: 0.5, lengthRatio: 1.25 }, undefined, { success: 0, lengthRatio: Number.NaN }],
      },
      { updates: 10, steps: 320, lasting: { updates: 5, steps: 160 } },
    );
    expect(told).toEqual({
      ...{ updates: 250, environmentSteps: 500, episodes: 1, updatesPerSecond: 10, stepsPerSecond: 320 },
      ...{ seconds: 12, epsilon: 0.525, trainingSuccess: 0.75, solvedUpdates: [0, 0, 0] },
      // 29,750 of 30,000 updates are left, at the rate of the last minute.
      secondsLeft: 5950,
      success: [0.5, Number.NaN, 0],
      lengthRatio: [1.25, Number.NaN, Number.NaN],
    });
  });
});
