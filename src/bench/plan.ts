export const PARTS = ['kernels', 'updates', 'rollout', 'solve'] as const;
export type BenchPart = (typeof PARTS)[number];

/** What is measured. */
export interface BenchPlan {
  /** Whose sizes. */
  readonly preset: string;
  readonly parts: readonly BenchPart[];
  /** Learners with which every kernel is timed alone. */
  readonly kernelLearners: readonly number[];
  /** Of updates; each is varied alone. */
  readonly learners: readonly number[];
  readonly batch: readonly number[];
  readonly agents: readonly number[];
  /** Of rollouts. */
  readonly environments: readonly number[];
  /** Trained to the first 100%, one after another. */
  readonly seeds: readonly number[];
}

/** Everything but solving, which takes as long as training does, in a few minutes on a slow adapter. */
export const DEFAULT_PLAN: BenchPlan = {
  preset: 'report',
  parts: ['kernels', 'updates', 'rollout'],
  kernelLearners: [1, 32],
  learners: [1, 4, 16, 64, 256],
  batch: [32, 128, 512, 2048, 4096],
  agents: [2, 4, 8, 16],
  environments: [32, 256, 1024, 4096],
  seeds: [2025],
};
