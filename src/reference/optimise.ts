import type { OptimiserRule } from '../hyperparameters.ts';
import type { Networks } from './networks.ts';

/** Everything of a learner that updates change. */
export interface LearnerState {
  readonly online: Networks;
  readonly target: Networks;
  /** Running means of the gradient and of its square. */
  readonly firstMoment: Networks;
  readonly secondMoment: Networks;
  /** Updates applied so far. */
  updates: number;
}

export interface OptimiserSettings extends OptimiserRule {
  readonly learningRate: number;
  readonly mixerLearningRate: number;
  /** Largest global norm of the gradient. */
  readonly clipNorm: number;
}

/** PyTorch's clip_grad_norm_ adds this to the norm it divides by. */
const CLIP_EPSILON = 1e-6;

/** √Σg² over all parameters, agents' and mixer's together. */
export function globalNorm(gradient: Networks): number {
  const { values } = gradient;
  let sum = 0;
  for (let j = 0; j < values.length; j++) sum += values[j] * values[j];
  return Math.sqrt(sum);
}

/**
 * One step of Adam (Kingma and Ba 2015, algorithm 1, in PyTorch's order of operations) or RMSprop on the online
 * parameters, with the gradient scaled by min(1, clipNorm / (norm + 1e-6)) first. Agents and mixer have a
 * learning rate each. `gradient` stays as it is, before clipping.
 */
export function optimise(
  state: LearnerState,
  gradient: Networks,
  norm: number,
  settings: OptimiserSettings,
): void {
  const scale = Math.min(1, settings.clipNorm / (norm + CLIP_EPSILON));
  const { agentCount, values } = gradient;
  state.updates++;
  descend(state, values, 0, agentCount, scale, settings.learningRate, settings);
  descend(state, values, agentCount, values.length, scale, settings.mixerLearningRate, settings);
}

/**
 * m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², p −= lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε) for parameters from..to−1:
 * Adam. RMSprop is β₁ = 0, so that m = g, without the corrections 1 − βᵗ: p −= lr · g / (√v + ε).
 */
function descend(
  state: LearnerState,
  gradient: Float64Array,
  from: number,
  to: number,
  scale: number,
  learningRate: number,
  settings: OptimiserSettings,
): void {
  const { beta1, beta2, epsilon, corrected } = settings;
  const parameters = state.online.values;
  const first = state.firstMoment.values;
  const second = state.secondMoment.values;
  const stepSize = corrected ? learningRate / (1 - beta1 ** state.updates) : learningRate;
  const correction = corrected ? Math.sqrt(1 - beta2 ** state.updates) : 1;
  for (let j = from; j < to; j++) {
    const g = gradient[j] * scale;
    const m = beta1 * first[j] + (1 - beta1) * g;
    const v = beta2 * second[j] + (1 - beta2) * g * g;
    first[j] = m;
    second[j] = v;
    parameters[j] -= (stepSize * m) / (Math.sqrt(v) / correction + epsilon);
  }
}

/** Polyak averaging: target += τ (online − target). */
export function followTarget(state: LearnerState, tau: number): void {
  const target = state.target.values;
  const online = state.online.values;
  for (let j = 0; j < target.length; j++) target[j] += tau * (online[j] - target[j]);
}

/** Hard update: target = online. */
export function copyTarget(state: LearnerState): void {
  state.target.values.set(state.online.values);
}
