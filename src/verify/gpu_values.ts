import type { Gpu } from '../gpu/gpu.ts';
import { quads, type RowField, unpackParameters } from '../kernels/layout.ts';
import { batchRows } from '../kernels/sizes.ts';
import type { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { valueCount } from '../shapes.ts';

/** Reads what one learner's last update left in the GPU's buffers, by the names of the vector files. */
export async function readUpdateValues(
  gpu: Gpu,
  learner: WebGpuLearner,
  l: number,
): Promise<Map<string, Float32Array>> {
  const { sizes } = learner;
  const { layout, batch } = sizes;
  const { shape } = layout;
  const { agents, actions, mixerWidth } = shape;
  const rowNumbers = 4 * layout.row;
  const perLearner = batchRows(sizes) * rowNumbers;
  const rows = await gpu.readFloats(learner.update.buffers.rows, l * perLearner, perLearner);

  /** [batch, blocks, size] of a field, its padding left out; `half` 1 is the second half. */
  const field = (name: RowField, half: number, blocks: number, size: number): Float32Array => {
    const values = new Float32Array(batch * blocks * size);
    const start = 4 * (half * layout.half + layout.fields[name]);
    for (let b = 0; b < batch; b++) {
      for (let block = 0; block < blocks; block++) {
        for (let i = 0; i < size; i++) {
          values[(b * blocks + block) * size + i] =
            rows[b * rowNumbers + start + 4 * quads(size) * block + i];
        }
      }
    }
    return values;
  };
  const values = new Map<string, Float32Array>([
    ['q', field('Q', 0, agents, actions)],
    ['q_chosen', field('CHOSEN', 0, 1, agents)],
    ['next_actions', field('ACTION', 1, 1, agents)],
    ['next_q', field('CHOSEN', 1, 1, agents)],
    ['q_tot', field('TOTAL', 0, 1, valueCount(shape))],
    ['target', field('TARGET', 0, 1, valueCount(shape))],
    ['dqtot_dq', field('SLOPE', 0, 1, agents)],
  ]);
  if (shape.mixer === 'monotonic') {
    values.set('w1', field('W1', 0, agents, mixerWidth));
    values.set('b1', field('B1', 0, 1, mixerWidth));
    values.set('hidden', field('HIDDEN', 0, 1, mixerWidth));
    values.set('w2', field('W2', 0, 1, mixerWidth));
    values.set('b2', field('B2', 0, 1, 1));
  }
  for (const [name, gradient] of await readGradients(gpu, learner, l)) values.set(`grad.${name}`, gradient);
  return values;
}

/** Gradients of the last update, before clipping, by parameter. */
export async function readGradients(
  gpu: Gpu,
  learner: WebGpuLearner,
  l: number,
): Promise<Map<string, Float32Array>> {
  const { layout } = learner.sizes;
  const numbers = 4 * layout.parameters;
  const packed = await gpu.readFloats(learner.update.buffers.gradients, l * numbers, numbers);
  return unpackParameters(layout, packed);
}
