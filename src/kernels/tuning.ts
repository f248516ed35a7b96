/**
 * How the kernels' work is cut up. No choice here changes a bit of any result: it is a matter of speed alone, and
 * differs between adapters (src/learner/tune.ts chooses).
 */
export interface Tuning {
  /** Rows that a workgroup of update_rows or act takes at a time: TILE of the shaders. */
  readonly tile: 8 | 16 | 32;
  /**
   * Threads of a subgroup that load for each other (lib/spread_eight.wgsl, lib/spread_four.wgsl): its size, where all subgroups of the
   * adapter have it; 0: each thread loads for itself.
   */
  readonly spread: 0 | 4 | 8;
  /** Threads of a workgroup of update_rows and act. */
  readonly rowThreads: number;
  /** Threads of a workgroup of gradient: a multiple of 8. */
  readonly gradientThreads: number;
  /** Threads of a workgroup of optimise, and the most workgroups that a learner's parameters are split into. */
  readonly optimiseThreads: number;
  readonly optimiseGroups: number;
}

/** What works everywhere. */
export const PLAIN: Tuning = {
  tile: 8,
  spread: 0,
  rowThreads: 64,
  gradientThreads: 64,
  optimiseThreads: 64,
  optimiseGroups: 512,
};
