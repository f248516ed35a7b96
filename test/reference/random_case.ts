import { below, philox, STREAM, unitInterval } from '../../src/random.ts';
import type { LearnerState } from '../../src/reference/optimise.ts';
import { allocateBatch, type Batch } from '../../src/reference/sample.ts';
import { allocateState } from '../../src/reference/update.ts';
import type { NetworkShape } from '../../src/shapes.ts';

/** QMIX as the report has it; what sizes are added to. */
export const REPORT = {
  sharedAgents: false,
  agentId: false,
  mixer: 'monotonic',
  positivity: 'softplus',
  hyperLayers: 2,
  biasLayers: 2,
  masked: false,
} as const satisfies Partial<NetworkShape>;

/** Numbers for tests, the same in every run. */
export class TestNumbers {
  private readonly words = new Uint32Array(4);
  private drawn = 0;

  constructor(private readonly seed: number) {}

  /** In [−scale, scale). */
  uniform(scale: number): number {
    return (2 * unitInterval(this.next()) - 1) * scale;
  }

  /** In 0..bound−1. */
  integer(bound: number): number {
    return below(this.next(), bound);
  }

  fill(values: Float64Array | Float32Array, scale: number): void {
    for (let j = 0; j < values.length; j++) values[j] = this.uniform(scale);
  }

  private next(): number {
    philox(this.words, this.seed, STREAM.test, this.drawn++, 0);
    return this.words[0];
  }
}

/** A learner with random online and target networks that differ. Weights are U(±gain/√fan_in). */
export function randomState(shape: NetworkShape, numbers: TestNumbers, gain: number): LearnerState {
  const state = allocateState(shape);
  for (const networks of [state.online, state.target]) {
    for (const [first, second, third] of networks.agents) {
      for (const layer of [first, second, third]) {
        numbers.fill(layer.weight, gain / Math.sqrt(layer.inputs));
        numbers.fill(layer.bias, gain / Math.sqrt(layer.inputs));
      }
    }
    for (const layers of Object.values(networks.hypernetworks)) {
      for (const layer of layers) {
        numbers.fill(layer.weight, gain / Math.sqrt(layer.inputs));
        numbers.fill(layer.bias, gain / Math.sqrt(layer.inputs));
      }
    }
  }
  return state;
}

export function randomBatch(shape: NetworkShape, size: number, numbers: TestNumbers): Batch {
  const batch = allocateBatch(shape, size);
  numbers.fill(batch.observations, 1);
  numbers.fill(batch.states, 1);
  numbers.fill(batch.nextObservations, 1);
  numbers.fill(batch.nextStates, 1);
  numbers.fill(batch.rewards, 3);
  for (let j = 0; j < batch.actions.length; j++) batch.actions[j] = numbers.integer(shape.actions);
  for (let b = 0; b < size; b++) batch.terminated[b] = numbers.integer(4) === 0 ? 1 : 0;
  if (shape.masked) fillMask(batch.nextAvailable, shape.actions, numbers);
  return batch;
}

/** [rows, A] About half of the actions legal, at least one in each row. */
export function fillMask(
  available: Float64Array | Float32Array,
  actions: number,
  numbers: TestNumbers,
): void {
  for (let j = 0; j < available.length; j++) available[j] = numbers.integer(2);
  for (let from = 0; from < available.length; from += actions) available[from + numbers.integer(actions)] = 1;
}
