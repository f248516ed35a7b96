import type { Gpu } from '../gpu/gpu.ts';
import { PLAIN, type Tuning } from '../kernels/tuning.ts';
import type { LearnerOptions } from './learner.ts';

/** How the kernels are best cut up for learners of these sizes on this adapter. */
export function tuningFor({ subgroupSize }: Gpu, { learners, batchSize }: LearnerOptions): Tuning {
  const rows = learners.length * batchSize;
  if (subgroupSize === 8) {
    return {
      tile: rows >= 64 ? 32 : 16,
      spread: 8,
      rowThreads: 8,
      gradientThreads: 16,
      optimiseThreads: 8,
      optimiseGroups: 32,
    };
  }
  if (subgroupSize === 4) {
    return {
      tile: 16,
      spread: 4,
      rowThreads: 4,
      gradientThreads: 16,
      optimiseThreads: 16,
      optimiseGroups: 32,
    };
  }
  return PLAIN;
}
