/**
 * The numbers that an update is made with, as the kernels, the reference and vector files take them.
 */

/** What may differ between learners that train together. */
export interface LearnerSettings {
  readonly seed: number;
  readonly learningRate: number;
  readonly mixerLearningRate: number;
  readonly gamma: number;
  readonly clipNorm: number;
  /** Polyak share at every update; 0 where targets are copied instead. */
  readonly tau: number;
}

/**
 * How gradients move parameters. RMSprop is Adam without its first moment and its bias corrections: β1 = 0,
 * β2 = α, and ε is added to the root in both (as PyTorch does).
 */
export interface OptimiserRule {
  readonly beta1: number;
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  /** Moments are divided by 1 − β^t. */
  readonly corrected: boolean;
}
