import { expect, test } from 'vitest';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { PLAIN } from '../../src/kernels/tuning.ts';
import { knownTuning, widestTuning } from '../../src/learner/known_tuning.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';

const options = (seeds: number[], batchSize: number) => {
  const config = makeConfig('solve', { seeds, batchSize });
  return learnerOptions(config, configuredShape(config));
};
const gpu = (subgroupSize: number, software: boolean) => ({ subgroupSize, software }) as Gpu;

test('on lavapipe a batch of 32 alone is two workgroups of tiles, more rows are tiles of 32', () => {
  const tileOf = (seeds: number[], batch: number) => knownTuning(gpu(8, true), options(seeds, batch))?.tile;
  expect([tileOf([1], 32), tileOf([1], 63), tileOf([1], 64), tileOf([1, 2], 32)]).toEqual([16, 16, 32, 32]);
  expect(widestTuning(gpu(8, true), options([1], 32))).toMatchObject({ tile: 32, spread: 8, rowThreads: 8 });
});

test('on SwiftShader rows are spread over its four threads; elsewhere a CPU takes the plain one, a GPU none', () => {
  const one = options([1], 32);
  expect(knownTuning(gpu(4, true), one)).toMatchObject({ tile: 16, spread: 4, rowThreads: 4 });
  expect(knownTuning(gpu(0, true), one)).toBe(PLAIN);
  expect(knownTuning(gpu(0, false), one)).toBeUndefined();
  expect(knownTuning(gpu(32, false), one)).toBeUndefined();
  expect(widestTuning(gpu(0, false), one)).toEqual({ ...PLAIN, tile: 32 });
});
