import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../src/config_error.ts';
import { WebGpuLearner } from '../../src/learner/webgpu_learner.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';
import type { Tensor } from '../../src/tensor.ts';
import { relativeError } from '../../src/verify/bounds.ts';
import { parseVectorFile } from '../../src/verify/vector_file.ts';
import { verifyFile } from '../../src/verify/verify.ts';
import { useNodeGpu } from '../support/node_gpu.ts';

/** What verification must not be blind for: one number, in one tensor, in one of the placements. */

const FILE = 'odd-sizes.safetensors';
const read = (file: string): Uint8Array =>
  readFileSync(new URL(`../../src/verify/vectors/${file}`, import.meta.url));
const bytes = read(FILE);

describe('an error', () => {
  const numbers = [3, -4, 0.5, 2];
  const altered = (at: number, value: number) => Float64Array.from(numbers.with(at, value));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'that is %d is infinite wherever it stands, in what was computed or in what was expected',
    (value) => {
      const right = Float64Array.from(numbers);
      for (const at of numbers.keys()) {
        expect(relativeError(altered(at, value), right), `computed, ${at}`).toBe(Number.POSITIVE_INFINITY);
        expect(relativeError(right, altered(at, value)), `expected, ${at}`).toBe(Number.POSITIVE_INFINITY);
        expect(relativeError(altered(at, value), altered(at, value)), `both, ${at}`).toBe(
          Number.POSITIVE_INFINITY,
        );
      }
    },
  );

  it('is the largest, by the largest that was expected', () => {
    expect(relativeError(Float64Array.of(3, -4, 0.7, 2), Float64Array.from(numbers))).toBeCloseTo(0.05, 12);
    expect(relativeError(Float64Array.from(numbers), Float64Array.from(numbers))).toBe(0);
    expect(relativeError(Float64Array.of(1e-9), Float64Array.of(0))).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError(Float64Array.of(1), Float64Array.of(1, 2))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a vector file', () => {
  it.each([
    ['online.agents.0.0.weight', 0],
    ['online.mixer.hyper_w1.0.weight', 5],
    ['target.agents.1.4.bias', 1],
    ['batch.obs', 7],
    ['batch.reward', 0],
    ['batch.state', 3],
    ['expect.q', 2],
    ['expect.loss', 0],
    ['expect.grad.agents.0.2.weight', 9],
    ['expect.step1.agents.0.0.bias', 2],
  ])('with NaN in %s is refused by name', (name, at) => {
    const { tensors, metadata } = decodeSafetensors(bytes, FILE);
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${name} is none of ${[...tensors.keys()].join(', ')}`);
    tensor.data[at] = Number.NaN;
    const broken = encodeSafetensors(tensors, metadata);
    const refused = () => parseVectorFile(broken, 'broken');
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(
      new RegExp(`^broken: ${name.replaceAll('.', '\\.')}\\[[\\d, ]+\\]: got NaN, allowed: finite`),
    );
  });
});

describe('verify', () => {
  const gpu = useNodeGpu();
  afterEach(() => vi.restoreAllMocks());

  // RMSprop's mean square has no bias correction: its first step is ten times as long.
  it.each([
    [FILE, 1],
    ['paper-mixer.safetensors', 10],
  ])(
    'holds parameters whose gradients are below their bound to the steps of the optimiser: %s',
    async (file, longer) => {
      const { tensors, metadata } = decodeSafetensors(read(file), file);
      const { lr } = JSON.parse(metadata.config);
      const name = 'agents.0.2.weight';
      const gradient = tensors.get(`expect.grad.${name}`)!.data;
      const sizes = Float64Array.from(gradient, Math.abs);
      const largest = Math.max(...sizes);
      const verdictOf = async (at: number, steps: number) => {
        const own = new Map(tensors);
        const data = (tensors.get(`expect.step1.${name}`)!.data as Float32Array).slice();
        data[at] += steps * longer * lr;
        // What the file expects is what an optimiser makes of a gradient of the other sign; the reference knows better.
        own.set(`expect.step1.${name}`, { shape: tensors.get(`expect.step1.${name}`)!.shape, data });
        return verifyFile(gpu(), encodeSafetensors(own, metadata), 'moved');
      };
      const weak = sizes.findIndex((size) => size < 3e-5 * largest);
      const strong = sizes.findIndex((size) => size > 0.1 * largest);
      expect(Math.min(weak, strong)).toBeGreaterThanOrEqual(0);
      expect((await verdictOf(weak, 1.9)).pass).toBe(true);
      expect((await verdictOf(weak, 2.2)).pass).toBe(false);
      const { pass, note } = await verdictOf(strong, 1.9);
      expect(pass).toBe(false);
      expect(note).toBe(
        `parameters out of bounds, though gradients are not and the update rule holds on them: step1.${name}`,
      );
    },
  );

  // The bounds that users are promised, and a tensor of each.
  it.each([
    ['q', 1e-5],
    ['loss', 1e-5],
    ['dqtot_dq', 1e-5],
    ['grad.agents.0.2.weight', 3e-5],
    ['grad.mixer.hyper_b2.2.bias', 3e-5],
    ['step1.agents.0.2.weight', 1e-4],
    ['step5.mixer.hyper_w1.0.weight', 1e-4],
  ])('fails beyond the bound, and not within: expect.%s, %d', async (name, bound) => {
    const { tensors, metadata } = decodeSafetensors(bytes, FILE);
    const { shape, data } = tensors.get(`expect.${name}`)!;
    // Where a parameter's own gradient is large, as others are not held to the bound.
    const sizes = Array.from(
      (tensors.get(name.replace(/^step\d/, 'expect.grad')) ?? { data }).data,
      Math.abs,
    );
    const at = sizes.indexOf(Math.max(...sizes));
    const largest = Math.max(...Array.from(data, Math.abs));
    const failuresAt = async (off: number): Promise<string[]> => {
      const altered = Float32Array.from(data as Float32Array);
      altered[at] += off * bound * largest;
      const own = new Map(tensors).set(`expect.${name}`, { shape, data: altered });
      const { tensors: verdicts } = await verifyFile(gpu(), encodeSafetensors(own, metadata), 'altered');
      return verdicts.filter(({ pass }) => !pass).map((verdict) => verdict.name);
    };
    expect(await failuresAt(0.7)).toEqual([]);
    expect(await failuresAt(1.5)).toEqual([name]);
  });

  it('fails where one action of the next step is another', async () => {
    const { tensors, metadata } = decodeSafetensors(bytes, FILE);
    const actions = tensors.get('expect.next_actions')!.data;
    actions[4] = actions[4] === 0 ? 1 : 0;
    const { tensors: verdicts } = await verifyFile(gpu(), encodeSafetensors(tensors, metadata), 'altered');
    expect(verdicts.filter(({ pass }) => !pass)).toMatchObject([
      { name: 'next_actions', file: 1, reference: 0 },
    ]);
  });

  // The learner alone, and as first, middle and last of three: in this order.
  it.each([
    [0, Number.NaN],
    [1, 1e-3],
    [2, 1e-3],
    [3, Number.NaN],
    // Within the bound of parameters, and not within that of the update rule.
    [2, 3e-6],
  ])('fails where one entry is off in placement %d alone, by %d of the largest', async (placement, off) => {
    const name = 'online.agents.0.2.weight';
    const gradient = decodeSafetensors(bytes, FILE).tensors.get('expect.grad.agents.0.2.weight')!.data;
    const strong = Float64Array.from(gradient, Math.abs).findIndex(
      (size, _, sizes) => size > 0.1 * Math.max(...sizes),
    );
    const places = [0, 0, 1, 2];
    let placements = -1;
    const create = WebGpuLearner.create.bind(WebGpuLearner);
    vi.spyOn(WebGpuLearner, 'create').mockImplementation(async (...given) => {
      const learner = await create(...given);
      const own = ++placements;
      const save = learner.save.bind(learner);
      let saves = 0;
      learner.save = async () => {
        const snapshots = await save();
        // The first is of before the update.
        if (own !== placement || saves++ === 0) return snapshots;
        const { data } = snapshots[places[placement]].get(name) as Tensor;
        const largest = Float64Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        data[strong] += off * largest;
        return snapshots;
      };
      return learner;
    });
    const { pass, tensors, worst } = await verifyFile(gpu(), bytes, FILE);
    expect(placements).toBe(3);
    expect(pass).toBe(false);
    const failed = tensors.filter((tensor) => !tensor.pass).map((tensor) => tensor.name);
    expect(failed).toContain('rule1.agents.0.2.weight');
    expect(failed.every((tensor) => tensor.endsWith('.agents.0.2.weight'))).toBe(true);
    expect(failed.includes('step1.agents.0.2.weight')).toBe(!(off < 1e-4));
    expect(worst.parameters > 1e-4).toBe(!(off < 1e-4));
    expect(worst.forward).toBeLessThan(1e-5);
  });
});
