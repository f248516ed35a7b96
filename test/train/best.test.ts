import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parameterTable } from '../../src/shapes.ts';
import type { Tensor } from '../../src/tensor.ts';
import { isBetter, savedBest } from '../../src/train/best.ts';
import { hashParameters } from '../../src/train/hash.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

const outcome = (success: number, lengthRatio: number, total: number) => ({
  success,
  lengthRatio,
  return: total,
});
const NOT_KNOWN = Number.NaN;

describe('the better of two evaluations', () => {
  it.each([
    ['higher success', outcome(0.5, 2, 0), outcome(0.4, 1, 9)],
    ['equal success, shorter', outcome(0.5, 1.1, 0), outcome(0.5, 1.2, 9)],
    ['equal success and length, higher return', outcome(0.5, 1.1, 0.3), outcome(0.5, 1.1, 0.2)],
    [
      'equal success, no optimal length, higher return',
      outcome(1, NOT_KNOWN, 0.9),
      outcome(1, NOT_KNOWN, 0.8),
    ],
    ['no success, higher return', outcome(0, NOT_KNOWN, -0.1), outcome(0, NOT_KNOWN, -0.2)],
  ])('has %s', (_, better, worse) => {
    expect(isBetter(better, worse)).toBe(true);
    expect(isBetter(worse, better)).toBe(false);
    expect(isBetter(better, better)).toBe(false);
  });
});

describe('the best parameters', () => {
  const config = smallConfig({ seeds: [11, 12], updates: 77 });

  it('are those of the best evaluation on the way, of each learner', async () => {
    const seen: { row: MetricsRow; parameters: Promise<ReadonlyMap<string, Tensor>> }[] = [];
    const trainer = smallTrainer(config, {
      onRow: (row) => {
        if (row.kind !== 'evaluation') return;
        seen.push({ row, parameters: trainer.learner.readParameters(config.seeds.indexOf(row.seed)) });
      },
    });
    const saved = await (await advance(trainer)).save();
    for (const [index, seed] of config.seeds.entries()) {
      const own = seen.filter(({ row }) => row.seed === seed);
      expect(own).toHaveLength(7);
      // In the words of the README: highest success, then shortest, then highest return, of equals the first.
      const ranked = own.toSorted(
        (a, b) =>
          b.row.success - a.row.success ||
          a.row.lengthRatio - b.row.lengthRatio ||
          0 ||
          b.row.return - a.row.return,
      );
      const [{ row, parameters }] = ranked;
      expect(savedBest(saved[index])).toEqual({
        updates: row.updates,
        success: row.success,
        lengthRatio: row.lengthRatio,
        return: row.return,
      });
      expect(row.updates, 'a best on the way, which is not the last').toBeLessThan(77);
      for (const [name, tensor] of await parameters) {
        if (!name.startsWith('online.')) continue;
        expect(saved[index].get(name.replace('online.', 'best.'))).toEqual(tensor);
      }
    }
  });

  it('are none, and zeros, before the first evaluation', async () => {
    const [saved] = await (await advance(smallTrainer(config), 5)).save();
    expect(savedBest(saved)).toBeUndefined();
    expect(saved.get('best.agents.0.0.weight')!.data).toEqual(new Float64Array(36));
  });

  it('are hashed by their own names, which are not those of the last', async () => {
    const trainer = await advance(smallTrainer(config));
    const saved = await trainer.save();
    const { shape } = trainer.learner.options;
    const { each } = await hashParameters(shape, saved, 'best');
    const bytes = parameterTable(shape).map(({ name }) =>
      Buffer.from(Float32Array.from(saved[1].get(`best.${name}`)!.data).buffer),
    );
    expect(each[1]).toBe(createHash('sha256').update(Buffer.concat(bytes)).digest('hex'));
    expect((await hashParameters(shape, saved)).each[1]).not.toBe(each[1]);
  });
});
