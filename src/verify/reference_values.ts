import type { LearnerState } from '../reference/optimise.ts';
import { allocateBatch, type Batch } from '../reference/sample.ts';
import { allocateState, allocateWorkspace, intermediates, update } from '../reference/update.ts';
import { recordLayout } from '../shapes.ts';
import type { TensorData } from '../tensor.ts';
import type { VectorFile } from './vector_file.ts';

/** What the float64 reference makes of a vector file, by the names of its expectations. */
export function referenceValues(file: VectorFile): Map<string, TensorData> {
  const { shape, batchSize, settings, optimiser, steps } = file;
  const state = stateOf(file);
  const batch = batchOf(file);
  const work = allocateWorkspace(shape, batchSize);
  const values = new Map<string, TensorData>();
  for (let step = 1; step <= steps; step++) {
    update(work, state, batch, { ...settings, ...optimiser });
    if (step === 1) {
      for (const [name, { data }] of intermediates(work, shape)) values.set(name, data.slice());
    }
    if (step === 1 || step === steps) {
      for (const [name, { data }] of state.online.tensors) values.set(`step${step}.${name}`, data.slice());
    }
  }
  return values;
}

/** The reference's learner before the first update: the file's online and target networks. */
export function stateOf({ shape, parameters }: VectorFile): LearnerState {
  const state = allocateState(shape);
  for (const [name, { data }] of state.online.tensors) data.set(parameters.get(`online.${name}`)!.data);
  for (const [name, { data }] of state.target.tensors) data.set(parameters.get(`target.${name}`)!.data);
  return state;
}

/** The file's batch as the reference takes it. */
export function batchOf({ shape, batchSize, records }: VectorFile): Batch {
  const layout = recordLayout(shape);
  const batch = allocateBatch(shape, batchSize);
  const parts: [Float64Array | Int32Array, number][] = [
    [batch.observations, layout.observations],
    [batch.states, layout.state],
    [batch.nextObservations, layout.nextObservations],
    [batch.nextStates, layout.nextState],
    [batch.actions, layout.actions],
    [batch.rewards, layout.reward],
    [batch.terminated, layout.terminated],
    [batch.nextAvailable, layout.nextAvailable],
  ];
  for (const [out, offset] of parts) {
    const width = out.length / batchSize;
    for (let j = 0; j < out.length; j++) {
      out[j] = records[Math.floor(j / width) * layout.size + offset + (j % width)];
    }
  }
  return batch;
}
