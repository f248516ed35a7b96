import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';
import type { Group } from '../../src/verify/bounds.ts';
import { parseVectorFile } from '../../src/verify/vector_file.ts';
import { verifyFile } from '../../src/verify/verify.ts';
import { useNodeGpu } from '../support/node_gpu.ts';
import { regressionBounds } from './measured.ts';

const folder = new URL('../../src/verify/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
const read = (name: string): Uint8Array => readFileSync(new URL(name, folder));

/** A vector file with its configuration or a tensor altered. */
function altered(
  config: Record<string, unknown>,
  alter: (tensors: Map<string, { data: ArrayLike<number> }>) => void,
) {
  const { tensors, metadata } = decodeSafetensors(read('clipped-3-agents.safetensors'), 'altered');
  alter(tensors);
  const changed = JSON.stringify({ ...JSON.parse(metadata.config), ...config });
  return encodeSafetensors(tensors, { ...metadata, config: changed });
}

describe('verify in Node', () => {
  const gpu = useNodeGpu();

  it.each(files)('holds the GPU to %s', async (file) => {
    const verdict = await verifyFile(gpu(), read(file), file);
    expect(verdict.tensors.filter(({ pass }) => !pass)).toEqual([]);
    expect(verdict.pass).toBe(true);
    for (const [group, bound] of Object.entries(regressionBounds(gpu().name, file) ?? {}))
      expect(verdict.worst[group as Group], `${group}: worse than it was`).toBeLessThan(bound);
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

describe('vector files', () => {
  it.each([
    [{ mixer: 'qplex' }, 'altered: config.mixer: got "qplex", allowed: monotonic, sum, none'],
    [{ positivity: 'exp' }, 'altered: config.positivity: got "exp", allowed: softplus, abs'],
    [{ hyper_layers: 3 }, 'altered: config.hyper_layers: got 3, allowed: 1, 2'],
    [{ b1_layers: 0 }, 'altered: config.b1_layers: got 0, allowed: 1, 2'],
    [{ optimizer: 'sgd' }, 'altered: config.optimizer: got "sgd", allowed: adam, rmsprop'],
    [{ agent_id: 1 }, 'altered: config.agent_id: got 1, allowed: true, false'],
    [{ hidden: 2.5 }, 'altered: config.hidden: got 2.5, allowed: whole numbers from 1'],
    [{ lr: 0 }, 'altered: config.lr: got 0, allowed: numbers above 0'],
    [{ gamma: '0.99' }, 'altered: config.gamma: got "0.99", allowed: numbers'],
    [{ batch: undefined }, 'altered: config.batch: got nothing, allowed: whole numbers from 1'],
  ])('that ask for what is not built are refused by name: %o', (config, message) => {
    const parse = () =>
      parseVectorFile(
        altered(config, () => {}),
        'altered',
      );
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(message);
  });

  it('of another shape than they say, or with a tensor missing, are refused by its name', () => {
    const wider = altered({ hidden: 65 }, () => {});
    expect(() => parseVectorFile(wider, 'altered')).toThrow(
      'online.agents.0.0.weight: got shape [64,8], allowed: [65,8]',
    );
    const withId = altered({ agent_id: true }, () => {});
    expect(() => parseVectorFile(withId, 'altered')).toThrow(
      'online.agents.0.0.weight: got shape [64,8], allowed: [64,11]',
    );
    const masked = altered({ mask: true }, () => {});
    expect(() => parseVectorFile(masked, 'altered')).toThrow(
      'batch.next_available: got nothing, allowed: [16,3,5]',
    );
    const unmixed = altered({ mixer: 'none' }, () => {});
    expect(() => parseVectorFile(unmixed, 'altered')).toThrow(
      'expect.q_tot: got shape [16], allowed: [16,3]',
    );
    const without = altered({}, (tensors) => tensors.delete('expect.w2'));
    expect(() => parseVectorFile(without, 'altered')).toThrow('expect.w2: got nothing');
  });
});
