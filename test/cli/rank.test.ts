import { describe, expect, it } from 'vitest';
import { rank } from '../../src/cli/sweep.ts';
import type { Sweep } from '../../src/cli/vary.ts';
import type { Cell, CellResult } from '../../src/cli/work_folder.ts';
import { type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';

/** How a seed of a setting ended: greedy success and return, and success in training. */
type Ended = readonly [success: number, total: number, trainingSuccess: number];

/** Ranks settings that differ in gamma, 0.1, 0.2 and so on, each trained with its seeds in a run of its own. */
function ranked(...settings: readonly (readonly Ended[])[]) {
  const gamma = (index: number): object => ({ gamma: (index + 1) / 10 });
  const points = settings.map((_, group) => ({ settings: gamma(group), group, variant: 0 }));
  const cells = settings.map((_, index) => ({ folder: `group-${index + 1}` }));
  const results = settings.map((seeds) => ({
    summary: {
      seeds: seeds.map(([success, total], seed) => ({ seed, success, return: total, lengthRatio: null })),
    },
    rows: seeds.map(([success, total, trainingSuccess], seed): Partial<MetricsRow> => {
      const measured = { success, return: total, trainingSuccess };
      return { ...NOT_MEASURED, kind: 'final', variant: 0, seed, updates: 10 * (seed + 1), ...measured };
    }),
  }));
  return rank(
    { points } as unknown as Sweep,
    cells as unknown as Cell[],
    results as unknown as CellResult[],
  ).map((entry) => [entry.settings.gamma, entry.success.mean, entry.return.mean]);
}

describe('rank', () => {
  it('goes by return where no seed has seen success', () => {
    expect(
      ranked(
        [
          [0, 5, 0],
          [0, 4, 0],
        ],
        [
          [0, 10, 0],
          [0, 8, 0],
        ],
        [
          [0, 7, 0],
          [0, -1, 0],
        ],
      ),
    ).toEqual([
      [0.2, 0, 9],
      [0.1, 0, 4.5],
      [0.3, 0, 3],
    ]);
  });

  it('goes by success for all settings where a seed of one has seen it', () => {
    expect(
      ranked(
        [
          [0, 5, 0],
          [0, 4, 0],
        ],
        [
          [0, 10, 0],
          [0, 8, 0],
        ],
        [
          [0.5, 1, 0],
          [0, -1, 0],
        ],
      ),
    ).toEqual([
      [0.3, 0.25, 0],
      [0.1, 0, 4.5],
      [0.2, 0, 9],
    ]);
    // Seen in training alone: all have as much greedy success, and stay in their order.
    expect(ranked([[0, 5, 0]], [[0, 10, 0.01]])).toEqual([
      [0.1, 0, 5],
      [0.2, 0, 10],
    ]);
  });

  it('goes by updates to 100% where success is equal, whatever the return', () => {
    expect(
      ranked(
        [
          [0, 9, 0],
          [1, 9, 0],
        ],
        [
          [1, 2, 0],
          [1, 2, 0],
        ],
        [[1, 3, 0]],
      ),
    ).toEqual([
      [0.3, 1, 3],
      [0.2, 1, 2],
      [0.1, 0.5, 9],
    ]);
  });

  it('takes no updates to 100% of a setting of which not all seeds came so far', () => {
    const half = [
      [0.5, 1, 0],
      [0.5, 1, 0],
    ] as const;
    const some = [
      [1, 1, 0],
      [0, 1, 0],
    ] as const;
    expect(ranked(half, some).map(([gamma]) => gamma)).toEqual([0.1, 0.2]);
  });
});
