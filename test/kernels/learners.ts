import type { LearnerSettings } from '../../src/hyperparameters.ts';
import { packParameters } from '../../src/kernels/layout.ts';
import { FLAGS, LEARNER_WORDS, LearnerStructs, PROGRESS_WORDS } from '../../src/kernels/learners.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';
import type { Networks } from '../../src/reference/networks.ts';
import type { LearnerState } from '../../src/reference/optimise.ts';
import {
  HYPERNETWORKS,
  type Hypernetwork,
  hypernetworkLayers,
  type NetworkShape,
  recordLayout,
} from '../../src/shapes.ts';
import { randomState, TestNumbers } from '../reference/random_case.ts';

/** What a kernel is told of one learner. */
export interface Told {
  readonly stored?: number;
  readonly flags?: number;
  readonly epsilon?: number;
  /** Updates made before. */
  readonly updates?: number;
  readonly failed?: number;
}

/** Learners of a dispatch, no two alike. The middle one of three is not to train. */
export class TestLearners {
  readonly settings: readonly LearnerSettings[];
  readonly states: readonly LearnerState[];
  /** [L] whose flag TRAIN is set */
  readonly working: readonly boolean[];

  constructor(
    readonly sizes: KernelSizes,
    /** Weights are U(±gain/√fan_in). */
    gain = 1,
    seed = 1,
    changes: Partial<LearnerSettings> = {},
  ) {
    const learners = Array.from({ length: sizes.learners }, (_, l) => l);
    this.settings = learners.map((l) => ({
      seed: 0xfffffff0 + l,
      learningRate: 0.002 * (l + 1),
      mixerLearningRate: 0.0005 / (l + 1),
      gamma: 0.95 - 0.2 * l,
      clipNorm: 10 / (l + 1),
      tau: 0.02 + 0.3 * l,
      ...changes,
    }));
    this.states = learners.map((l) => {
      const state = randomState(sizes.layout.shape, new TestNumbers(100 * seed + l), gain);
      roundToFloat32(state.online.values);
      roundToFloat32(state.target.values);
      return state;
    });
    this.working = learners.map((l) => l !== 1 || sizes.learners !== 3);
  }

  /** [L, 2, P] what `first` and `second` of each learner's networks are, as the GPU has them. */
  pack(
    first: (state: LearnerState) => Networks,
    second: (state: LearnerState) => Networks,
  ): Float32Array<ArrayBuffer> {
    const { layout } = this.sizes;
    const size = 4 * layout.parameters;
    const packed = new Float32Array(2 * size * this.states.length);
    this.states.forEach((state, l) => {
      [first, second].forEach((networks, half) => {
        const at = (2 * l + half) * size;
        packParameters(layout, networks(state).tensors, '', packed.subarray(at, at + size));
      });
    });
    return packed;
  }

  params(): Float32Array<ArrayBuffer> {
    return this.pack(
      ({ online }) => online,
      ({ target }) => target,
    );
  }

  /** The Learner structs; who is told nothing else trains if it works. */
  structs(told: (l: number) => Told = () => ({})): Uint32Array<ArrayBuffer> {
    const words = new Uint32Array(LEARNER_WORDS * this.settings.length);
    const structs = new LearnerStructs(words.buffer, 0, this.settings);
    this.settings.forEach((_, l) => {
      const { stored = 1, flags = this.working[l] ? FLAGS.train : 0, epsilon = 0 } = told(l);
      structs.set(l, stored, flags, epsilon);
    });
    return words;
  }

  /** The Progress structs. */
  progress(told: (l: number) => Told = () => ({})): Uint32Array<ArrayBuffer> {
    const words = new Uint32Array(PROGRESS_WORDS * this.settings.length);
    this.settings.forEach((_, l) => {
      const { updates = 0, failed = 0 } = told(l);
      words.set([updates, failed], PROGRESS_WORDS * l);
    });
    return words;
  }
}

export function roundToFloat32(values: Float64Array): void {
  for (let j = 0; j < values.length; j++) values[j] = Math.fround(values[j]);
}

/** `length` float32 numbers in [−scale, scale). */
export function randomNumbers(length: number, scale: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  new TestNumbers(seed).fill(values, scale);
  return values;
}

/** What a ReLU could have made of them: about half of them 0. */
export function rectified(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  for (let j = 0; j < values.length; j++) values[j] = Math.max(values[j], 0);
  return values;
}

/** One after another. */
export function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Matrices [R, width] as one [R, matrices, width]. */
export function interleaved(matrices: readonly Float64Array[], width: number): Float64Array {
  const all = new Float64Array(matrices.length * matrices[0].length);
  matrices.forEach((matrix, j) => {
    for (let i = 0; i < matrix.length; i++) {
      all[(Math.floor(i / width) * matrices.length + j) * width + (i % width)] = matrix[i];
    }
  });
  return all;
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** What makes the mixer's weights positive. */
export const positive = ({ positivity }: NetworkShape): ((x: number) => number) =>
  positivity === 'abs' ? Math.abs : softplus;

/** Its derivative. */
export const positiveSlope = ({ positivity }: NetworkShape): ((x: number) => number) =>
  positivity === 'abs' ? Math.sign : (x) => 1 / (1 + Math.exp(-x));

/** Hypernetworks with a hidden layer, in the order in which those layers stand in rows. */
export const hiddenHypernetworks = (shape: NetworkShape): Hypernetwork[] =>
  HYPERNETWORKS.filter((name) => hypernetworkLayers(shape)[name] === 2);

export function randomActions(length: number, actions: number, seed: number): Float32Array<ArrayBuffer> {
  const numbers = new TestNumbers(seed);
  return Float32Array.from({ length }, () => numbers.integer(actions));
}

/** Masks of `count` rows of N agents: about half of the actions legal, at least one of each agent. */
export function randomMasks(shape: NetworkShape, count: number, seed: number): Float32Array<ArrayBuffer> {
  const numbers = new TestNumbers(seed);
  const width = shape.agents * shape.actions;
  const masks = new Float32Array(count * width);
  for (let at = 0; at < masks.length; at += width) putMasks(masks, at, shape, numbers);
  return masks;
}

function putMasks(out: Float32Array, at: number, { agents, actions }: NetworkShape, numbers: TestNumbers) {
  for (let n = 0; n < agents; n++) {
    for (let a = 0; a < actions; a++) out[at + n * actions + a] = numbers.integer(2);
    out[at + n * actions + numbers.integer(actions)] = 1;
  }
}

/** Transition records [count, record]: numbers in [−1, 1), actions that exist, one in four terminated. */
export function randomRecords(shape: NetworkShape, count: number, seed: number): Float32Array<ArrayBuffer> {
  const layout = recordLayout(shape);
  const records = randomNumbers(count * layout.size, 1, seed);
  const numbers = new TestNumbers(seed + 1);
  for (let at = 0; at < records.length; at += layout.size) {
    for (let n = 0; n < shape.agents; n++) records[at + layout.actions + n] = numbers.integer(shape.actions);
    records[at + layout.reward] *= 3;
    records[at + layout.terminated] = numbers.integer(4) === 0 ? 1 : 0;
    if (shape.masked) putMasks(records, at + layout.nextAvailable, shape, numbers);
  }
  return records;
}
