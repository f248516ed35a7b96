import { expect, it } from 'vitest';
import { formatSummary, type Summary } from '../../src/cli/summary.ts';
import { presets } from '../../src/presets.ts';

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
