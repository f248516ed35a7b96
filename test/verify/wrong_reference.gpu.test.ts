import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { verifyFile } from '../../src/verify/verify.ts';
import { useNodeGpu } from '../support/node_gpu.ts';

/** One number of the reference is a thousandth too large. */
vi.mock('../../src/verify/reference_values.ts', async (original) => {
  const { referenceValues, ...rest } =
    await original<typeof import('../../src/verify/reference_values.ts')>();
  return {
    ...rest,
    referenceValues: (...given: Parameters<typeof referenceValues>) => {
      const values = referenceValues(...given);
      values.get('loss')![0] *= 1.001;
      return values;
    },
  };
});

const gpu = useNodeGpu();

it('a reference that is wrong where the file is right fails, and is the worst that is told', async () => {
  const bytes = readFileSync('src/verify/vectors/odd-sizes.safetensors');
  const { pass, tensors, worst } = await verifyFile(gpu(), bytes, 'odd-sizes.safetensors');
  expect(pass).toBe(false);
  expect(tensors.filter((tensor) => !tensor.pass).map(({ name }) => name)).toEqual(['loss']);
  const { file, reference } = tensors.find(({ name }) => name === 'loss')!;
  expect(file).toBeLessThan(1e-5);
  expect(reference).toBeCloseTo(0.001 / 1.001, 5);
  expect(worst.forward).toBe(reference);
});
