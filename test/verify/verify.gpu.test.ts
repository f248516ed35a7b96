import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifyFile } from '../../src/verify/verify.ts';
import { useNodeGpu } from '../support/node_gpu.ts';
import { altered } from './altered.ts';

const folder = new URL('../../src/verify/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
const read = (name: string): Uint8Array => readFileSync(new URL(name, folder));

describe('verify in Node', () => {
  const gpu = useNodeGpu();

  it.each(files)('holds the GPU to %s', async (file) => {
    const verdict = await verifyFile(gpu(), read(file), file);
    expect(verdict.tensors.filter(({ pass }) => !pass)).toEqual([]);
    expect(verdict.pass).toBe(true);
  });

  it('fails, and names the tensor, where one number of a file is off by a thousandth', async () => {
    const bytes = altered({}, (tensors) => {
      const data = tensors.get('expect.grad.agents.1.2.weight')!.data as Float32Array;
      const largest = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      data[77] += largest / 1000;
    });
    const verdict = await verifyFile(gpu(), bytes, 'altered');
    expect(verdict.pass).toBe(false);
    expect(verdict.note).toContain('grad.agents.1.2.weight');
    expect(verdict.tensors.filter(({ pass }) => !pass).map(({ name }) => name)).toEqual([
      'grad.agents.1.2.weight',
    ]);
  });
});
