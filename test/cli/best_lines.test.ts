import { expect, it } from 'vitest';
import { bestLines, bestSummary, type SeedSummary, type Summary } from '../../src/cli/summary.ts';

const seed = (changes: Partial<SeedSummary>): SeedSummary => ({
  ...{ seed: 7, hash: 'abc', updates: 1200, environmentSteps: 4800, episodes: 96, starts: 1000 },
  ...{ success: 0.5, lengthRatio: 1.5, return: 4, trainingSuccess: 0, trainingReturn: 0 },
  ...{ updatesToSolve: null, environmentStepsToSolve: null, secondsToSolve: null },
  ...changes,
});
const best = (success: number, lengthRatio: number, total: number, updates = 1000) =>
  bestSummary({ updates, success, lengthRatio, return: total });
const lines = (measure: 'success' | 'return', ...seeds: readonly SeedSummary[]) =>
  bestLines({ seeds } as unknown as Summary, measure).split('\n');

it('a line tells of each learner that was better on the way than at its end', () => {
  expect(
    lines(
      'success',
      seed({ seed: 1, best: best(0.75, 1.25, 5) }),
      seed({ seed: 2, best: best(0.5, 1.5, 4) }),
      seed({ seed: 3, best: best(0.25, 1, 9) }),
      seed({ seed: 4, best: null }),
      seed({ seed: 5, settings: { gamma: 0.9 }, best: best(0.5, 1.4999, 0.5) }),
    ),
  ).toEqual([
    'best of seed 1: greedy success 75.00%, length / optimal 1.2500, return 5.00, at update 1,000',
    'best of gamma=0.9, seed 5: greedy success 50.00%, length / optimal 1.4999, return 0.500, at update 1,000',
    'kept in the checkpoint (evaluate --best, export --best); chosen on the starts that evaluations play',
    '',
  ]);
  expect(lines('success', seed({ best: best(0.25, 1, 9) }))).toEqual(['']);
});

it('of learners that have seen no success it tells of their return', () => {
  const unsolved = seed({ success: 0, lengthRatio: null, return: -2, best: best(0, Number.NaN, -1.5, 250) });
  expect(lines('return', unsolved)[0]).toBe('best of seed 7: greedy return -1.50, at update 250');
});
