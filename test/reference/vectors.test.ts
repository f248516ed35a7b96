import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allocateWorkspace, intermediates, update } from '../../src/reference/update.ts';
import { decodeSafetensors } from '../../src/safetensors.ts';
import type { TensorData } from '../../src/tensor.ts';
import { batchOf, stateOf } from '../../src/verify/reference_values.ts';
import { parseVectorFile } from '../../src/verify/vector_file.ts';

/**
 * The files were computed in float64 and stored as float32, which moves a number by at most 2⁻²⁴ of itself
 * (5.97e-8). Nothing more is allowed, whatever the group: forward values, gradients, parameters after one
 * update and after all. A float64 implementation that differs only in its order of summing adds 1e-13.
 */
const BOUND = 2 ** -24 * (1 + 1e-6);
/** Loss and norm of every step stand in the metadata in float64: sums of up to 8e4 terms in another order. */
const METRICS_BOUND = 1e-13;

const folder = new URL('../../src/verify/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));

it('there are ten vector files', () => {
  expect(files).toHaveLength(10);
});

describe.each(files)('%s', (name) => {
  const bytes = readFileSync(new URL(name, folder));
  const file = parseVectorFile(bytes, name);
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const metrics: readonly { loss: number; grad_norm: number }[] = JSON.parse(metadata.metrics);
  const compared = new Set<string>();

  const compare = (key: string, got: TensorData, shape: readonly number[]) => {
    const expected = tensors.get(`expect.${key}`)!;
    expect(expected, key).toBeDefined();
    expect(expected.shape, key).toEqual(shape);
    compared.add(`expect.${key}`);
    const { error, index } = worstError(got, expected.data);
    const numbers = `got ${got[index]}, expected ${expected.data[index]}`;
    expect(error, `${key}[${index}]: ${numbers}`).toBeLessThanOrEqual(BOUND);
  };

  it('agrees in every step, tensor by tensor', () => {
    const state = stateOf(file);
    const batch = batchOf(file);
    const work = allocateWorkspace(file.shape, file.batchSize);
    for (let step = 1; step <= file.steps; step++) {
      expect(update(work, state, batch, { ...file.settings, ...file.optimiser })).toBe(true);
      const { loss, grad_norm: norm } = metrics[step - 1];
      expect(Math.abs(work.loss / loss - 1), `loss of step ${step}`).toBeLessThan(METRICS_BOUND);
      expect(Math.abs(work.gradientNorm / norm - 1), `norm of step ${step}`).toBeLessThan(METRICS_BOUND);
      if (step === 1) {
        for (const [key, { data, shape }] of intermediates(work, file.shape)) compare(key, data, shape);
        expect(work.nextActions).toEqual(tensors.get('expect.next_actions')!.data);
      }
      if (step === 1 || step === file.steps) {
        for (const [key, { data, shape }] of state.online.tensors) compare(`step${step}.${key}`, data, shape);
      }
    }
    const expectations = [...tensors.keys()].filter((key) => key.startsWith('expect.'));
    expect(compared).toEqual(new Set(expectations));
    // What the file's reader lists is all that the file expects.
    expect(new Set(file.expected.keys())).toEqual(new Set(expectations.map((key) => key.slice(7))));
  });

  if (file.shape.masked) {
    it('masks actions that would have been chosen', () => {
      const work = allocateWorkspace(file.shape, file.batchSize);
      const batch = batchOf(file);
      const { settings, optimiser } = file;
      update(
        work,
        stateOf(file),
        { ...batch, nextAvailable: new Float64Array(0) },
        { ...settings, ...optimiser },
      );
      const { actions } = file.shape;
      const illegal = work.nextActions.filter((a, r) => batch.nextAvailable[r * actions + a] === 0);
      expect(illegal.length).toBeGreaterThan(0);
    });
  }
});

/** max|got − expected| / max|expected|, and where: infinite where anything is not a number. */
function worstError(got: TensorData, expected: TensorData): { error: number; index: number } {
  if (got.length !== expected.length) return { error: Infinity, index: -1 };
  let largest = 0;
  let worst = 0;
  let index = 0;
  for (let j = 0; j < expected.length; j++) {
    largest = Math.max(largest, Math.abs(expected[j]));
    const difference = Math.abs(got[j] - expected[j]);
    if (!(difference <= worst)) {
      worst = difference;
      index = j;
    }
  }
  if (worst === 0) return { error: 0, index };
  const error = worst / largest;
  return { error: Number.isNaN(error) ? Infinity : error, index };
}
