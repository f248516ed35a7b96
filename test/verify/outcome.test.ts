import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { verifyOrRefuse } from '../../src/verify/outcome.ts';

const bytes = readFileSync('src/verify/vectors/ps-dqn.safetensors');

test('a file that is broken is refused, and what fails otherwise is not put down to the file', async () => {
  const lost = new Proxy({} as Gpu, {
    get: () => {
      throw new Error('the device was lost');
    },
  });
  const refused = await verifyOrRefuse(lost, bytes.subarray(0, 1000), 'cut');
  expect(refused).toMatchObject({ file: 'cut', pass: false });
  expect(refused.note).toMatch(/^cut: /);
  await expect(verifyOrRefuse(lost, bytes, 'whole')).rejects.toThrow('the device was lost');
});
