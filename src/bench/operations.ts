import type { Gpu } from '../gpu/gpu.ts';
import { type Dispatch, Kernel } from '../gpu/kernel.ts';
import { aloneConstants, aloneSource, type Operation } from '../kernels/alone.ts';
import type { RowField } from '../kernels/layout.ts';
import { TOLD_PER_STEP } from '../kernels/learners.ts';
import type { KernelSizes } from '../kernels/sizes.ts';
import type { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { runDispatches } from './timing.ts';

/** Fields that an operation writes: of the first half of a row (0), of its second (1). */
const OUTPUTS: Readonly<Record<Operation, readonly (readonly [0 | 1, readonly RowField[]])[]>> = {
  sample: [
    [0, ['INPUT', 'STATE', 'ACTION', 'OUTCOME']],
    [1, ['INPUT', 'STATE']],
  ],
  agent_forward: [[0, ['H1', 'H2', 'Q']]],
  hypernet_forward: [[0, ['Z', 'W1_RAW', 'B1', 'W2_RAW', 'B2']]],
  chosen_values: [[0, ['CHOSEN']]],
  mix_forward: [[0, ['W1', 'W2', 'HIDDEN', 'TOTAL']]],
  td_error: [
    [0, ['TARGET', 'ERROR']],
    [1, ['TOTAL']],
  ],
  next_actions: [[1, ['ACTION']]],
  mix_backward: [
    [0, ['SLOPE']],
    [1, ['Q', 'HIDDEN', 'B1', 'W1_RAW', 'W2_RAW', 'B2']],
  ],
  hypernet_backward: [[1, ['Z']]],
  agent_backward: [[1, ['H2', 'H1']]],
};

/** In the order in which update_rows runs them. */
export const OPERATIONS = Object.keys(OUTPUTS) as Operation[];

/** Those that there are without hypernetworks. */
export const operationsOf = ({ layout }: KernelSizes): Operation[] =>
  layout.shape.mixer === 'monotonic'
    ? OPERATIONS
    : OPERATIONS.filter((operation) => !operation.startsWith('hypernet'));

/** Stands in for what an operation should have written. */
const POISON = 54321;
/** Of the largest number of a field. One kernel may contract what the other does not. */
const BOUND = 1e-5;

/** An operation as a kernel of its own, on the buffers of `updateRows`, whose bindings are the same. */
export async function operationDispatch(
  gpu: Gpu,
  sizes: KernelSizes,
  operation: Operation,
  updateRows: Dispatch,
): Promise<Dispatch> {
  const place = { secondHalf: false, targetNetwork: false };
  const kernel = await Kernel.compile(
    gpu,
    aloneSource(operation, sizes.tuning),
    aloneConstants(sizes, place),
    TOLD_PER_STEP,
  );
  return { ...updateRows, pipeline: kernel.pipeline };
}

/**
 * Holds an operation alone to what update_rows, which is checked against the reference, left in the rows (`numbers`,
 * the first learner's): its outputs are overwritten, it runs, and they must be as before. Throws where they are not.
 */
export async function checkOperation(
  gpu: Gpu,
  learner: WebGpuLearner,
  operation: Operation,
  dispatch: Dispatch,
  numbers: Float32Array<ArrayBuffer>,
): Promise<void> {
  const { sizes } = learner;
  const { rows } = learner.update.buffers;
  const expected = numbers.slice();
  if (operation === 'td_error') takeErrors(sizes, expected, learner.options.learners[0].gamma);
  const poisoned = numbers.slice();
  // The operation itself reads the loss's slope where the next state's value stood.
  for (const [place] of outputPlaces(sizes, operation)) {
    if (operation !== 'td_error' || place.half === 0) poisoned.fill(POISON, place.from, place.to);
  }
  gpu.device.queue.writeBuffer(rows, 0, poisoned);
  await runDispatches(gpu, dispatch, rows, 1);
  const got = await gpu.readFloats(rows, 0, numbers.length);
  const largest = new Map<string, number>();
  for (const [place, name] of outputPlaces(sizes, operation)) {
    let most = largest.get(name) ?? 0;
    for (let j = place.from; j < place.to; j++) most = Math.max(most, Math.abs(expected[j]));
    largest.set(name, most);
  }
  for (const [place, name] of outputPlaces(sizes, operation)) {
    const allowed = BOUND * largest.get(name)!;
    for (let j = place.from; j < place.to; j++) {
      // Not `error > allowed`: what is not a number is no match.
      if (Math.abs(got[j] - expected[j]) <= allowed) continue;
      throw new Error(`${operation}: ${name}: got ${got[j]}, expected ${expected[j]} ± ${allowed}`);
    }
  }
}

interface Place {
  readonly half: 0 | 1;
  readonly from: number;
  readonly to: number;
}

/** Where an operation's outputs stand in the rows of the first learner, and the fields' names. */
function* outputPlaces(sizes: KernelSizes, operation: Operation): Generator<[Place, string]> {
  const { layout, batch } = sizes;
  const starts = Object.values(layout.fields).sort((a, b) => a - b);
  for (const [half, fields] of OUTPUTS[operation]) {
    for (const field of fields) {
      const start = layout.fields[field];
      const end = starts.find((other) => other > start) ?? layout.half;
      // Without a mixer its fields have no room: the next begins where they do.
      if (!hasRoom(sizes, field)) continue;
      for (let b = 0; b < batch; b++) {
        const row = 4 * (b * layout.row + half * layout.half);
        yield [{ half, from: row + 4 * start, to: row + 4 * end }, `${field} of half ${half}`];
      }
    }
  }
}

const MIXER_FIELDS: readonly RowField[] = ['Z', 'W1_RAW', 'W1', 'B1', 'W2_RAW', 'W2', 'B2', 'HIDDEN'];
const hasRoom = ({ layout }: KernelSizes, field: RowField): boolean =>
  layout.shape.mixer === 'monotonic' || !MIXER_FIELDS.includes(field);

/** What td_error makes of the rows: target, error and the loss's slope, from what stands in AT_TOTAL of both halves. */
function takeErrors({ layout, batch }: KernelSizes, rows: Float32Array, gamma: number): void {
  const { mixer, agents } = layout.shape;
  const { TOTAL, OUTCOME, TARGET, ERROR } = layout.fields;
  const values = mixer === 'none' ? agents : 1;
  for (let b = 0; b < batch; b++) {
    const row = 4 * b * layout.row;
    const next = row + 4 * layout.half;
    const [reward, terminated] = rows.subarray(row + 4 * OUTCOME);
    for (let v = 0; v < values; v++) {
      const target = reward + (terminated > 0 ? 0 : gamma * rows[next + 4 * TOTAL + v]);
      const error = rows[row + 4 * TOTAL + v] - target;
      rows[row + 4 * TARGET + v] = target;
      rows[row + 4 * ERROR + v] = error;
      rows[next + 4 * TOTAL + v] = (2 * error) / (batch * values);
    }
  }
}
