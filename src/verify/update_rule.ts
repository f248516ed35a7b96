import type { LearnerSnapshot } from '../learner/learner.ts';
import { parameterTable } from '../shapes.ts';
import type { TensorData } from '../tensor.ts';
import { relativeError } from './bounds.ts';
import type { VectorFile } from './vector_file.ts';

/**
 * How far the parameters after update `step` are from clip and optimiser in float64, applied to the
 * implementation's own gradients and state before: by parameter. Tells a wrong optimiser from errors of
 * tiny gradients that a right one amplifies.
 */
export function updateRuleErrors(
  file: VectorFile,
  step: number,
  before: LearnerSnapshot,
  after: LearnerSnapshot,
  gradients: ReadonlyMap<string, TensorData>,
): Map<string, number> {
  const { beta1, beta2, epsilon, corrected } = file.optimiser;
  const { clipNorm, learningRate, mixerLearningRate } = file.settings;
  let squares = 0;
  for (const gradient of gradients.values()) {
    for (let j = 0; j < gradient.length; j++) squares += gradient[j] ** 2;
  }
  const scale = Math.min(1, clipNorm / (Math.sqrt(squares) + 1e-6));
  const firstWhole = corrected ? 1 - beta1 ** step : 1;
  const secondWhole = corrected ? 1 - beta2 ** step : 1;
  const errors = new Map<string, number>();
  for (const { name, layer } of parameterTable(file.shape)) {
    const rate = layer.group === 'agents' ? learningRate : mixerLearningRate;
    const gradient = gradients.get(name)!;
    const first = before.get(`optimizer.exp_avg.${name}`)!.data;
    const second = before.get(`optimizer.exp_avg_sq.${name}`)!.data;
    const parameter = before.get(`online.${name}`)!.data;
    const expected = Float64Array.from(parameter, (p, j) => {
      const g = gradient[j] * scale;
      const m = (beta1 * first[j] + (1 - beta1) * g) / firstWhole;
      const v = (beta2 * second[j] + (1 - beta2) * g * g) / secondWhole;
      return p - (rate * m) / (Math.sqrt(v) + epsilon);
    });
    errors.set(name, relativeError(after.get(`online.${name}`)!.data, expected));
  }
  return errors;
}
