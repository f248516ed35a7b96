import { expect, test } from 'vitest';
import { timeSolving } from '../../src/bench/solve_bench.ts';
import { SOLVE_TABLE, textLine } from '../../src/bench/tables.ts';
import { useNodeGpu } from '../support/node_gpu.ts';

const gpu = useNodeGpu();

/** Solved within a minute on two slow cores. */
const EASY = {
  gridSize: 3,
  hidden: 32,
  mixerWidth: 8,
  hyperHidden: 16,
  environments: 32,
  batchSize: 32,
  replayCapacity: 20_000,
  warmup: 500,
  gamma: 0.9,
  learningRate: 0.003,
  epsilonDecaySteps: 20_000,
  updates: 20_000,
  evaluateEvery: 100,
};

test('a seed is trained to its first 100%, and one that runs out of updates is told of as unsolved', async () => {
  const notes: string[] = [];
  const row = await timeSolving(gpu(), 'solve', 7, (text) => notes.push(text), EASY);
  expect(row).toMatchObject({ preset: 'solve', seed: 7, solved: true });
  expect(row.updates % EASY.evaluateEvery).toBe(0);
  expect(row.environmentSteps).toBeGreaterThan(32 * row.updates);
  expect(row.seconds).toBeGreaterThan(0);
  expect(notes).toHaveLength(row.updates / EASY.evaluateEvery);
  expect(notes.at(-1)).toBe(`solve, seed 7: ${row.updates} updates, 100.0%`);
  expect(textLine(SOLVE_TABLE, SOLVE_TABLE.cells(row))).toMatch(/^solve +7 +yes +[\d,.]+ /);

  const cut = await timeSolving(gpu(), 'solve', 7, undefined, { ...EASY, updates: 100 });
  expect(cut).toMatchObject({ solved: false, updates: 100 });
});
