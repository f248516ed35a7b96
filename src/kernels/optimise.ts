import code from '../../shaders/optimise.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import { gradientJobCount } from './gradient.ts';
import type { KernelSizes } from './sizes.ts';

/** Host twin of shaders/optimise.wgsl: clip, Adam, Polyak. */
export const optimiseSource: KernelSource = {
  name: 'optimise',
  code,
  bindings: [
    { name: 'params', access: 'read_write' },
    { name: 'moments', access: 'read_write' },
    { name: 'gradients', access: 'read' },
    { name: 'partials', access: 'read' },
    { name: 'learners', access: 'read' },
    { name: 'progress', access: 'read_write' },
    { name: 'metrics', access: 'read_write' },
    { name: 'corrections', access: 'read' },
  ],
};

export interface Adam {
  readonly beta1: number;
  readonly beta2: number;
  readonly adamEpsilon: number;
}

export function optimiseConstants(sizes: KernelSizes, adam: Adam): Record<string, number> {
  return {
    ...sizes.layout.constants,
    BATCH: sizes.batch,
    JOBS: gradientJobCount(sizes.layout),
    BETA1: adam.beta1,
    BETA2: adam.beta2,
    ONE_MINUS_BETA1: 1 - adam.beta1,
    ONE_MINUS_BETA2: 1 - adam.beta2,
    ADAM_EPSILON: adam.adamEpsilon,
  };
}

/**
 * Adam's bias corrections (1 / (1 − β1^t), 1 / √(1 − β2^t)) for t = 1, 2, …, up to the first t at which both
 * are 1 in float32; from there on the last entry holds.
 */
export function biasCorrections({ beta1, beta2 }: Adam): Float32Array<ArrayBuffer> {
  const pairs: number[] = [];
  let power1 = 1;
  let power2 = 1;
  do {
    power1 *= beta1;
    power2 *= beta2;
    pairs.push(1 / (1 - power1), 1 / Math.sqrt(1 - power2));
  } while (Math.fround(pairs.at(-1)!) !== 1 || Math.fround(pairs.at(-2)!) !== 1);
  return new Float32Array(pairs);
}
