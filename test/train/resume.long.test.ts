import { expect, it } from 'vitest';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { checkpointOf, resume } from './resumed.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

const CASES = [
  { name: 'overlapping', config: smallConfig({ updates: 101 }) },
  { name: 'acting after the update', config: smallConfig({ updates: 101, overlap: false }) },
  {
    name: 'hard targets, several updates a step',
    config: smallConfig({ updates: 102, updatesPerStep: 3, targetUpdate: 'hard', targetInterval: 3 }),
  },
  {
    name: 'learners that end with their episodes',
    config: smallConfig({ gridSize: 2, updates: 101, episodes: 23 }),
  },
  {
    name: 'learners that stop when solved',
    config: smallConfig({
      gridSize: 2,
      hidden: 16,
      mixerWidth: 4,
      hyperHidden: 8,
      environments: 8,
      batchSize: 16,
      replayCapacity: 4000,
      epsilonDecaySteps: 1500,
      seeds: [1, 2],
      updates: 500,
      evaluateEvery: 25,
    }),
  },
];

it.each(CASES)('a checkpoint goes on exactly, with equal rows, from any step: $name', async ({ config }) => {
  const rows: MetricsRow[] = [];
  const undisturbed = smallTrainer(config, { onRow: (row) => rows.push(row), seconds: () => 0 });
  let steps = 0;
  while (!undisturbed.finished) {
    await undisturbed.advance();
    steps++;
  }
  const expected = await checkpointOf(undisturbed);
  // Before the first step, before the first update, and odd numbers that are no multiple of any interval.
  for (const at of [0, 1, 5, 13, 31, steps - 1, steps]) {
    const first: MetricsRow[] = [];
    const begun = smallTrainer(config, { onRow: (row) => first.push(row), seconds: () => 0 });
    const saved = await checkpointOf(await advance(begun, at));
    // Saving changes nothing for the one that goes on.
    expect(Buffer.compare(await checkpointOf(begun), saved), `saved twice at ${at}`).toBe(0);
    const resumed = await advance(await resume(saved, {}, (row) => first.push(row)));
    expect(Buffer.compare(await checkpointOf(resumed), expected), `resumed at ${at}`).toBe(0);
    expect(first).toEqual(rows);
  }
});
