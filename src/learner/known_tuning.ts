import type { Gpu } from '../gpu/gpu.ts';
import { PLAIN, type Tuning } from '../kernels/tuning.ts';
import type { LearnerOptions } from './learner.ts';

/**
 * What is known of adapters that a CPU plays: SwiftShader's subgroups have 4 threads, lavapipe's 8. Where a browser
 * has no subgroups (Firefox), trying others out would take longer than it could gain: each is compiled for seconds.
 */
export function knownTuning(
  { subgroupSize, software }: Pick<Gpu, 'subgroupSize' | 'software'>,
  { learners, batchSize }: LearnerOptions,
): Tuning | undefined {
  const rows = learners.length * batchSize;
  switch (subgroupSize) {
    case 8:
      return {
        // A batch of 32 alone is two workgroups, one for each of two cores.
        tile: rows >= 64 ? 32 : 16,
        spread: 8,
        rowThreads: 8,
        gradientThreads: 16,
        optimiseThreads: 8,
        optimiseGroups: 32,
      };
    case 4:
      return {
        tile: 16,
        spread: 4,
        rowThreads: 4,
        gradientThreads: 16,
        // A subgroup a workgroup, and few of them, as each sums the norm anew.
        optimiseThreads: 4,
        optimiseGroups: 32,
      };
    default:
      return software ? PLAIN : undefined;
  }
}

/** The largest tile there is: what learners need at most, whatever is chosen. */
export const widestTuning = (gpu: Gpu, options: LearnerOptions): Tuning => ({
  ...(knownTuning(gpu, options) ?? PLAIN),
  tile: 32,
});
