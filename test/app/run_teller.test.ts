import { expect, test } from 'vitest';
import { RunTeller } from '../../src/app/run_teller.ts';
import type { RunListener } from '../../src/app/service.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { Run } from '../../src/run/run.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { smallConfig } from '../train/small.ts';

test('all rows of a run are told at once, in messages of 2,000', async () => {
  const run = await Run.prepare(
    smallConfig(),
    async (given) => ({ learner: createCpuLearner(given), close: () => {} }),
    undefined,
  );
  const told: MetricsRow[][] = [];
  const heard = {
    begun: () => {},
    progress: () => {},
    rows: (rows: MetricsRow[]) => told.push([...rows]),
  } as unknown as RunListener;
  const rows = Array.from({ length: 4500 }, (_, updates) => ({ updates }) as MetricsRow);
  new RunTeller(run, { id: 'own', name: 'own' }, heard).begun(rows);
  expect(told.map(({ length }) => length)).toEqual([2000, 2000, 500]);
  expect(told.flat()).toEqual(rows);
});
