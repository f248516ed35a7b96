import { describe, expect, it } from 'vitest';
import { makeConfig } from '../../src/presets.ts';
import { MemoryKeeper, rowsToGoOn, rowsUpTo, type Standing } from '../../src/run/keeper.ts';
import { type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';
import { Progress } from '../../src/train/progress.ts';

const row = (
  variant: number,
  seed: number,
  environmentSteps: number,
  kind: MetricsRow['kind'] = 'training',
) => ({ ...NOT_MEASURED, kind, variant, seed, environmentSteps }) as MetricsRow;
const named = (rows: readonly MetricsRow[]) =>
  rows.map(({ variant, seed, environmentSteps }) => [variant, seed, environmentSteps]);

describe('rows of a run', () => {
  const config = makeConfig('solve', { seeds: [1, 2], variants: [{}, { gamma: 0.9 }] });
  /** Of variant 0: seeds 1 and 2; then of variant 1. */
  const progress = [30, 20, 10, 40].map((environmentSteps) =>
    Object.assign(new Progress(config), { environmentSteps }),
  );
  const rows = [
    ...[row(0, 1, 30), row(0, 1, 31), row(0, 2, 20), row(0, 2, 30), row(1, 1, 10), row(1, 1, 20)],
    ...[row(1, 2, 40), row(1, 2, 40, 'final'), row(0, 3, 1)],
  ];

  it('are those on the way to where each learner stands, that moment included', () => {
    const reached = [
      [0, 1, 30],
      [0, 2, 20],
      [1, 1, 10],
      [1, 2, 40],
    ];
    expect(named(rowsToGoOn(progress, config, rows))).toEqual(reached);
    expect(named(rowsUpTo(progress, config, rows))).toEqual([...reached, [1, 2, 40]]);
  });
});

describe('a run that is kept in memory', () => {
  it('is what it was when it was saved last, whatever rows came after', () => {
    const keeper = new MemoryKeeper();
    const standing = { outcomes: [undefined] } as unknown as Standing;
    keeper.begin({} as Standing['config'], [row(0, 1, 1)]);
    keeper.save(standing);
    // There is nothing to go on from before the first checkpoint.
    expect(keeper.read()).toBeUndefined();
    keeper.append(row(0, 1, 2));
    keeper.save(standing, Uint8Array.of(7));
    keeper.append(row(0, 1, 3));
    expect(keeper.read()).toMatchObject({ checkpoint: Uint8Array.of(7), outcomes: [undefined] });
    expect(named(keeper.read()!.rows)).toEqual([
      [0, 1, 1],
      [0, 1, 2],
    ]);
    // Without a checkpoint it is the one of before.
    keeper.save(standing);
    expect(keeper.read()!.checkpoint).toEqual(Uint8Array.of(7));
    expect(keeper.read()!.rows).toHaveLength(3);
  });
});
