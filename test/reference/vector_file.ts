import { readFileSync } from 'node:fs';
import type { LearnerState } from '../../src/reference/optimise.ts';
import { allocateBatch, type Batch } from '../../src/reference/sample.ts';
import { allocateState, type UpdateSettings } from '../../src/reference/update.ts';
import { decodeSafetensors } from '../../src/safetensors.ts';
import type { NetworkShape } from '../../src/shapes.ts';
import type { TensorData } from '../../src/tensor.ts';

export const VECTOR_FILES = [
  'meeting-2-agents',
  'clipped-3-agents',
  'odd-sizes',
  'shared-agent-net',
] as const;

export interface VectorFile {
  readonly shape: NetworkShape;
  readonly batchSize: number;
  readonly steps: number;
  readonly settings: UpdateSettings;
  readonly state: LearnerState;
  readonly batch: Batch;
  /** What stands under `expect.`, by the rest of the name. */
  readonly expected: ReadonlyMap<string, TensorData>;
  /** Per step, in float64. */
  readonly metrics: readonly { readonly loss: number; readonly grad_norm: number }[];
}

/** One of test/vectors, as the reference takes it. */
export function readVectorFile(name: string): VectorFile {
  const file = `${name}.safetensors`;
  const bytes = readFileSync(new URL(`../vectors/${file}`, import.meta.url));
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const config = JSON.parse(metadata.config);
  const data = (key: string): TensorData => {
    const tensor = tensors.get(key);
    if (!tensor) throw new Error(`${file}: no tensor "${key}"`);
    return tensor.data;
  };

  const shape: NetworkShape = {
    agents: config.agents,
    observationSize: config.obs,
    stateSize: config.state,
    actions: config.actions,
    hidden: config.hidden,
    mixerWidth: config.embed,
    hyperHidden: config.hyper_hidden,
    sharedAgents: config.shared,
  };
  const state = allocateState(shape);
  for (const [key, tensor] of state.online.tensors) tensor.data.set(data(`online.${key}`));
  for (const [key, tensor] of state.target.tensors) tensor.data.set(data(`target.${key}`));

  const batch = allocateBatch(shape, config.batch);
  batch.observations.set(data('batch.obs'));
  batch.states.set(data('batch.state'));
  batch.nextObservations.set(data('batch.next_obs'));
  batch.nextStates.set(data('batch.next_state'));
  batch.actions.set(data('batch.actions'));
  batch.rewards.set(data('batch.reward'));
  batch.terminated.set(data('batch.terminated'));

  const expected = new Map<string, TensorData>();
  for (const [key, tensor] of tensors) {
    if (key.startsWith('expect.')) expected.set(key.slice('expect.'.length), tensor.data);
  }
  return {
    shape,
    batchSize: config.batch,
    steps: config.steps,
    settings: {
      learningRate: config.lr,
      mixerLearningRate: config.lr / 2,
      clipNorm: config.clip,
      beta1: 0.9,
      beta2: 0.999,
      adamEpsilon: 1e-8,
      gamma: config.gamma,
      tau: 0,
    },
    state,
    batch,
    expected,
    metrics: JSON.parse(metadata.metrics),
  };
}

/** max|got − expected| / max|expected|, and where: infinite where anything is not a number. */
export function worstError(got: TensorData, expected: TensorData): { error: number; index: number } {
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
