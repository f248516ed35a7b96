import { expect, test } from 'vitest';
import { fileName, metricsCsv, metricsJson } from '../../src/app/curves/export.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';

const ROW: MetricsRow = {
  ...{ kind: 'evaluation', variant: 1, seed: 2, updates: 3, environmentSteps: 4, episodes: 5, seconds: 6 },
  ...{
    epsilon: 0.7,
    trainingSuccess: 0.8,
    trainingReturn: 9,
    loss: Number.NaN,
    gradientNorm: 11,
    qTotal: 12,
  },
  ...{ success: 0.13, lengthRatio: 14, return: 15 },
};
const run = {
  ...{ name: 'QMIX, 2 seeds', starts: 504, allStarts: true, rows: [ROW, { ...ROW, seed: 3 }] },
  learners: [{ label: 'seed 2', seed: 2, variant: 1 }],
};

test('metrics as CSV are those of the command line', async () => {
  expect(await (await metricsCsv(run)).text()).toBe(
    [
      'kind,variant,seed,updates,environmentSteps,episodes,seconds,epsilon,trainingSuccess,trainingReturn,loss,gradientNorm,qTotal,success,lengthRatio,return',
      'evaluation,1,2,3,4,5,6.000,0.7,0.8,9,,11,12,0.13,14,15',
      'evaluation,1,3,3,4,5,6.000,0.7,0.8,9,,11,12,0.13,14,15',
      '',
    ].join('\n'),
  );
});

test('metrics as JSON have name, learners and rows; what was not measured is null', async () => {
  const row = {
    ...{ kind: 'evaluation', variant: 1, seed: 2, updates: 3, environmentSteps: 4, episodes: 5, seconds: 6 },
    ...{ epsilon: 0.7, trainingSuccess: 0.8, trainingReturn: 9, loss: null, gradientNorm: 11, qTotal: 12 },
    ...{ success: 0.13, lengthRatio: 14, return: 15 },
  };
  expect(JSON.parse(await (await metricsJson(run)).text())).toEqual({
    name: 'QMIX, 2 seeds',
    learners: [{ label: 'seed 2', seed: 2, variant: 1 }],
    rows: [row, { ...row, seed: 3 }],
  });
});

test('a file is called after its run', () => {
  expect(fileName('QMIX, 2 seeds', 'metrics.csv')).toBe('qmix-2-seeds-metrics.csv');
  expect(fileName('…', 'curve.svg')).toBe('run-curve.svg');
});
