import { describe, expect, it } from 'vitest';
import { allocateWorkspace, intermediates, update } from '../../src/reference/update.ts';
import { readVectorFile, VECTOR_FILES, worstError } from './vector_file.ts';

/**
 * The files were computed in float64 and stored as float32, which moves a number by at most 2⁻²⁴ of itself
 * (5.97e-8). Nothing more is allowed, whatever the group: forward values, gradients, parameters after one
 * update and after all. A float64 implementation that differs only in its order of summing adds 1e-13.
 */
const BOUND = 2 ** -24 * (1 + 1e-6);
/** Loss and norm of every step stand in the metadata in float64: sums of up to 8e4 terms in another order. */
const METRICS_BOUND = 1e-13;

describe.each(VECTOR_FILES)('%s', (name) => {
  const file = readVectorFile(name);
  const work = allocateWorkspace(file.shape, file.batchSize);
  const compared = new Set<string>();

  const compare = (key: string, got: Parameters<typeof worstError>[0]) => {
    const expected = file.expected.get(key)!;
    expect(expected, key).toBeDefined();
    compared.add(key);
    const { error, index } = worstError(got, expected);
    expect(error, `${key}[${index}]: got ${got[index]}, expected ${expected[index]}`).toBeLessThanOrEqual(
      BOUND,
    );
  };

  it('agrees in every step, tensor by tensor', () => {
    for (let step = 1; step <= file.steps; step++) {
      expect(update(work, file.state, file.batch, file.settings)).toBe(true);
      const { loss, grad_norm: norm } = file.metrics[step - 1];
      expect(Math.abs(work.loss / loss - 1), `loss of step ${step}`).toBeLessThan(METRICS_BOUND);
      expect(Math.abs(work.gradientNorm / norm - 1), `norm of step ${step}`).toBeLessThan(METRICS_BOUND);
      if (step === 1) {
        for (const [key, tensor] of intermediates(work, file.shape)) compare(key, tensor.data);
        expect(work.nextActions).toEqual(file.expected.get('next_actions'));
      }
      if (step === 1 || step === file.steps) {
        for (const [key, tensor] of file.state.online.tensors) compare(`step${step}.${key}`, tensor.data);
      }
    }
    expect(compared).toEqual(new Set(file.expected.keys()));
  });
});
