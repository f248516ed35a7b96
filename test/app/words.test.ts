import { describe, expect, test } from 'vitest';
import type { Progress, RunInfo } from '../../src/app/protocol.ts';
import {
  describeBackend,
  describeEnd,
  describePosition,
  describeProgress,
  duration,
  percent,
} from '../../src/app/words.ts';

const run: RunInfo = {
  preset: 'solve',
  gridSize: 5,
  agents: 2,
  seeds: [2025],
  updates: 30_000,
  starts: 13_800,
};
const progress: Progress = {
  updates: 1250,
  environmentSteps: 40_000,
  episodes: 900,
  updatesPerSecond: 310.4,
  seconds: 4,
  epsilon: 0.6,
  trainingSuccess: 0.5,
  success: [0.3745],
  lengthRatio: [1.2],
  solvedUpdates: [0],
};
const five: RunInfo = { ...run, seeds: [1, 2, 3] };

describe('what the page says', () => {
  test('of a run that trains', () => {
    expect(describeProgress('training', progress, run)).toBe(
      'Training: 1,250 updates, 40,000 environment steps, greedy success 37.4 % of 13,800 starts, 310 updates/s',
    );
    expect(describeProgress('paused', { ...progress, success: [Number.NaN] }, run)).toBe(
      'Paused: 1,250 updates, 40,000 environment steps, greedy success not evaluated yet',
    );
    expect(
      describeProgress('training', { ...progress, success: [0.2, 0.5, 0.8], updatesPerSecond: 1.26 }, five),
    ).toBe(
      'Training: 1,250 updates, 40,000 environment steps for each of 3 seeds, ' +
        'greedy success 50.0 % of 13,800 starts on average (lowest 20.0 %), 1.3 updates/s',
    );
  });

  test('of a run that ended', () => {
    const solved = { ...progress, updates: 10_000, success: [1], solvedUpdates: [9812] };
    expect(describeEnd(solved, run)).toBe('Solved: 13,800 of 13,800 starts, after 9,812 updates');
    expect(describeEnd({ ...solved, success: [1, 1, 1], solvedUpdates: [250, 500, 250] }, five)).toBe(
      'Solved: 13,800 of 13,800 starts by each of 3 seeds, after 250 to 500 updates',
    );
    expect(describeEnd({ ...solved, success: [1, 13_799 / 13_800, 0] }, five)).toBe(
      'Finished, not solved: 13,800, 13,799, 0 of 13,800 starts by seeds 1, 2, 3, after 10,000 updates',
    );
  });

  test('never 100 % of what is not whole', () => {
    expect(percent(1)).toBe('100.0 %');
    expect(percent(13_799 / 13_800)).toBe('99.9 %');
    expect(percent(0)).toBe('0.0 %');
    expect(percent(1.005 - 1), 'a share just below, by rounding').toBe('0.5 %');
  });

  test('of the board, counting from 1', () => {
    const position = {
      cells: [0, 7, 12],
      actions: ['up', 'stay'],
      step: 3,
      optimal: 4,
      outcome: 'playing',
    } as const;
    expect(describePosition(position, 5)).toBe(
      'Step 3, shortest possible 4: goal at row 3, column 3; ' +
        'agent 1 at row 1, column 1 (up); agent 2 at row 2, column 3 (stay).',
    );
    expect(describePosition({ ...position, outcome: 'met', step: 1, optimal: 1 }, 5)).toContain(
      'Met after 1 step, shortest possible 1: ',
    );
    expect(describePosition({ ...position, step: 0, actions: [] }, 5)).toMatch(
      /^A new start, .*column 1; agent 2/,
    );
  });

  test('of what trains, and of time', () => {
    const webgpu = { kind: 'webgpu', adapter: 'Example GPU', software: false, notice: '' } as const;
    expect(describeBackend(webgpu)).toBe('Trains on WebGPU: Example GPU.');
    expect(describeBackend({ ...webgpu, software: true })).toContain('software adapter: Example GPU');
    expect(describeBackend({ ...webgpu, kind: 'cpu', notice: 'no adapter' })).toContain('here: no adapter.');
    expect([duration(59.9), duration(61)]).toEqual(['59 s', '1 min 1 s']);
  });
});
