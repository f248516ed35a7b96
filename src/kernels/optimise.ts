import code from '../../shaders/optimise.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import type { OptimiserRule } from '../hyperparameters.ts';
import { gradientJobCount } from './gradient.ts';
import type { KernelSizes } from './sizes.ts';

/** Host twin of shaders/optimise.wgsl: clip, Adam or RMSprop, Polyak. */
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

export function optimiseConstants(sizes: KernelSizes, rule: OptimiserRule): Record<string, number> {
  return {
    ...sizes.layout.constants,
    WORKGROUP: sizes.tuning.optimiseThreads,
    BATCH: sizes.batch,
    JOBS: gradientJobCount(sizes.layout),
    BETA1: rule.beta1,
    BETA2: rule.beta2,
    ONE_MINUS_BETA1: 1 - rule.beta1,
    ONE_MINUS_BETA2: 1 - rule.beta2,
    EPSILON: rule.epsilon,
  };
}

/** Workgroups per learner. */
export const optimiseGroups = ({ layout, tuning }: KernelSizes): number =>
  Math.min(tuning.optimiseGroups, Math.ceil(layout.parameters / tuning.optimiseThreads));

/**
 * Adam's bias corrections (1 / (1 − β1^t), 1 / √(1 − β2^t)) for t = 1, 2, …, up to the first t at which both
 * are 1 in float32; from there on the last entry holds. Without corrections that is the first.
 */
export function biasCorrections({ beta1, beta2, corrected }: OptimiserRule): Float32Array<ArrayBuffer> {
  if (!corrected) return Float32Array.of(1, 1);
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
