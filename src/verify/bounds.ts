import type { TensorData } from '../tensor.ts';

/**
 * Largest relativeError of a tensor in each group. PyTorch's float32 stays within
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

/** max|got − expected| / max|expected|; infinite where anything is not finite, wherever it stands. */
export function relativeError(got: TensorData, expected: TensorData): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let largest = 0;
  for (let j = 0; j < expected.length; j++) {
    const error = Math.abs(got[j] - expected[j]);
    // At once: a comparison with NaN is false either way, and would forget what was found before.
    if (!Number.isFinite(error)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, error);
    largest = Math.max(largest, Math.abs(expected[j]));
  }
  return difference === 0 ? 0 : difference / largest;
}

/**
 * relativeError of parameters after some updates. An entry whose expected gradient is below the gradients' bound has a
 * sign that float32 cannot know, and a right optimiser may move it either way: it may differ by `leeway`.
 */
export function parameterError(
  got: TensorData,
  expected: TensorData,
  gradient: TensorData,
  leeway: number,
): number {
  let largest = 0;
  for (let j = 0; j < gradient.length; j++) largest = Math.max(largest, Math.abs(gradient[j]));
  const weakest = BOUNDS.gradients * largest;
  const held = Float64Array.from(got, (value, j) =>
    Math.abs(gradient[j]) < weakest && Math.abs(value - expected[j]) <= leeway ? expected[j] : value,
  );
  return relativeError(held, expected);
}
