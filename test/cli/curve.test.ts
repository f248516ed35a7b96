import { expect, it } from 'vitest';
import { drawRun } from '../../src/cli/curve.ts';
import { makeConfig } from '../../src/presets.ts';
import { type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';
import { readChart } from '../support/read_chart.ts';

const row = (variant: number, seed: number, environmentSteps: number, success: number) =>
  ({ ...NOT_MEASURED, variant, seed, environmentSteps, success, trainingSuccess: success / 2 }) as MetricsRow;

it('the curve of a run has a line of each learner, of its own rows, called by its settings and its seed', async () => {
  const config = makeConfig('solve', { gridSize: 3, seeds: [4, 5], variants: [{}, { gamma: 0.9 }] });
  const rows = [
    [0, 4],
    [0, 5],
    [1, 4],
    [1, 5],
  ].flatMap(([variant, seed], index) => [row(variant, seed, 0, 0), row(variant, seed, 100, (index + 1) / 4)]);
  const { lines } = readChart(await drawRun(rows, config));
  expect(
    lines.filter(({ dashes }) => dashes === '').map(({ name, points }) => [name, points.at(-1)]),
  ).toEqual([
    ['as configured, 4 greedy', [100, 25]],
    ['as configured, 5 greedy', [100, 50]],
    ['gamma=0.9, 4 greedy', [100, 75]],
    ['gamma=0.9, 5 greedy', [100, 100]],
  ]);
});
