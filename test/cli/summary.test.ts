import { expect, it } from 'vitest';
import { formatSummary, type Summary, summariseSeed } from '../../src/cli/summary.ts';
import { runMembers } from '../../src/config.ts';
import { makeConfig, presets } from '../../src/presets.ts';
import { Progress } from '../../src/train/progress.ts';

const SUMMARY: Summary = {
  ...{ backend: 'cpu', adapter: 'reference', checkpoint: 'run/checkpoint.safetensors', hash: 'abc' },
  seeds: [
    {
      ...{ seed: 7, hash: 'abc', updates: 1200, environmentSteps: 4800, episodes: 96, starts: 1000 },
      ...{ success: 0.25, lengthRatio: 1.5, return: 9.5, trainingSuccess: 0.125, trainingReturn: -0.75 },
      ...{ updatesToSolve: null, environmentStepsToSolve: null, secondsToSolve: null },
    },
  ],
};

/** Of the table: its header and its only row, cell by cell. */
function table(text: string): string[][] {
  const lines = text.split('\n');
  const rule = lines.findIndex((line) => line.startsWith('─'));
  return [lines[rule - 1], lines[rule + 1]].map((line) => line.trim().split(/ {2,}/));
}

it('the table of a run has success, and what it took', () => {
  const text = formatSummary(SUMMARY, presets.solve, 'success');
  expect(table(text)).toEqual([
    [
      ...[
        'seed',
        'updates',
        'environment steps',
        'episodes',
        'success in training',
        'greedy success',
        'starts',
      ],
      ...['length / optimal', 'return', 'updates to 100%', 'seconds to 100%'],
    ],
    ['7', '1,200', '4,800', '96', '12.50%', '25.00%', '1,000', '1.5000', '9.50', '–', '–'],
  ]);
  expect(text).not.toContain('measured by');
});

it('the table of a run that has seen no success has return, and says why', () => {
  const text = formatSummary(SUMMARY, presets.solve, 'return');
  expect(text.split('\n')[1]).toBe('measured by return, as no seed has seen success');
  expect(table(text)).toEqual([
    ['seed', 'updates', 'environment steps', 'episodes', 'return in training', 'greedy return', 'starts'],
    ['7', '1,200', '4,800', '96', '-0.750', '9.50', '1,000'],
  ]);
});

/** A learner of two variants that has a number of its own in every place. */
function summarised(solvedUpdates: number, secondsToSolve: number | null) {
  const config = makeConfig('solve', { seeds: [7], variants: [{ gamma: 0.5 }, { gamma: 0.9, tau: 0.02 }] });
  const [, member] = runMembers(config);
  const progress = new Progress(member.config);
  // Four episodes that end at once, of which three succeed: mean return 2.5.
  const flags = Uint8Array.of(1, 1, 1, 0);
  progress.count({
    ...{ copies: 4, rewards: Float32Array.of(1, 2, 3, 4), successes: flags, truncations: new Uint8Array(4) },
    terminations: new Uint8Array(4).fill(1),
  });
  Object.assign(progress, { updates: 3000, environmentSteps: 97_024, solvedUpdates, solvedSteps: 33_024 });
  const outcomes = new Uint8Array(0);
  const evaluation = { success: 0.625, lengthRatio: 1.0625, return: 8.5, starts: 504, outcomes };
  return { config, seed: summariseSeed(config, member, 'def', evaluation, progress, secondsToSolve) };
}

it('each number of a learner has its own name, and its own column in the table', () => {
  const { config, seed } = summarised(1000, 12.34);
  expect(seed).toEqual({
    ...{ seed: 7, variant: 1, settings: { gamma: 0.9, tau: 0.02 }, hash: 'def' },
    ...{ success: 0.625, lengthRatio: 1.0625, return: 8.5, starts: 504 },
    ...{ updates: 3000, environmentSteps: 97_024, episodes: 4, trainingSuccess: 0.75, trainingReturn: 2.5 },
    ...{ updatesToSolve: 1000, environmentStepsToSolve: 33_024, secondsToSolve: 12.34 },
  });
  const [, row] = table(formatSummary({ ...SUMMARY, seeds: [seed] }, config, 'success'));
  expect(row).toEqual([
    ...['gamma=0.9 tau=0.02', '7', '3,000', '97,024', '4', '75.00%', '62.50%', '504'],
    ...['1.0625', '8.50', '1,000', '12.3'],
  ]);
});

it('what it took to solve is left out where nothing was solved', () => {
  const { seed } = summarised(0, null);
  expect([seed.updatesToSolve, seed.environmentStepsToSolve, seed.secondsToSolve]).toEqual([
    null,
    null,
    null,
  ]);
});
