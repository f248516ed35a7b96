/**
 * Largest max|got − expected| / max|expected| of a tensor in each group. PyTorch's float32 stays within
 * 3e-7 (forward), 2e-6 (gradients) and 9e-6 (parameters); WGSL's exp and log may be less exact than its, and
 * sums may be in another order. `updateRule` is the optimiser in float64 on the GPU's own gradients. nextActions: equal.
 */
export const BOUNDS = {
  forward: 1e-5,
  gradients: 3e-5,
  parameters: 1e-4,
  updateRule: 1e-6,
  nextActions: 0,
} as const;
export type Group = keyof typeof BOUNDS;
