import { type Config, type Member, runMembers } from '../config.ts';
import type { LearnerSettings, OptimiserRule } from '../hyperparameters.ts';
import type { StepKernel } from '../kernels/step_kernel.ts';
import type { NetworkShape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import type { DeviceSteps } from './device_steps.ts';

/** What a learner is made from. Both backends take it. */
export interface LearnerOptions {
  readonly shape: NetworkShape;
  /** One entry per learner (L). */
  readonly learners: readonly LearnerSettings[];
  /** E */
  readonly environments: number;
  /** B */
  readonly batchSize: number;
  readonly replayCapacity: number;
  readonly updatesPerStep: number;
  readonly overlap: boolean;
  readonly optimiser: OptimiserRule;
}

const optimiserRule = (config: Config): OptimiserRule =>
  config.optimizer === 'adam'
    ? { beta1: config.beta1, beta2: config.beta2, epsilon: config.adamEpsilon, corrected: true }
    : { beta1: 0, beta2: config.rmspropAlpha, epsilon: config.rmspropEpsilon, corrected: false };

/** What the learners of a configuration are made from, or those of its members that are given. */
export function learnerOptions(
  config: Config,
  shape: NetworkShape,
  members: readonly Member[] = runMembers(config),
): LearnerOptions {
  return {
    shape,
    learners: members.map(({ seed, config: own }) => ({
      seed,
      learningRate: own.learningRate,
      mixerLearningRate: own.mixerLearningRate,
      gamma: own.gamma,
      clipNorm: own.clipNorm,
      tau: own.targetUpdate === 'polyak' ? own.tau : 0,
    })),
    environments: config.environments,
    batchSize: config.batchSize,
    replayCapacity: config.replayCapacity,
    updatesPerStep: config.updatesPerStep,
    overlap: config.overlap,
    optimiser: optimiserRule(config),
  };
}

/**
 * What one step of all learners needs from the outside. The arrays belong to the learner and live as long;
 * the training loop writes into them, and `step` has copied them by the time it returns its promise.
 */
export interface StepInputs {
  /** [L, E, N, O] what the agents see now */
  readonly observations: Float32Array;
  /** [L, E, N, A] 1 for each action that is legal now; empty where all always are (shape.masked) */
  readonly available: Float32Array;
  /** [L, E, record] (recordLayout) what the environments' last step was */
  readonly transitions: Float32Array;
  /** [L] 1: this learner's environments step, where the GPU steps them */
  readonly steps: Uint8Array;
  /** [L] 1: put this learner's transitions into replay */
  readonly stores: Uint8Array;
  /** [L] 1: update this learner's parameters */
  readonly trains: Uint8Array;
  /** [L] 1: copy online to target parameters after the (last) update of this step */
  readonly copiesTarget: Uint8Array;
  /** [L] probability of a random action */
  readonly epsilon: Float32Array;
}

/** Means over the updates applied since the last reading, per learner; NaN where there was none. */
export interface LearnerMetrics {
  /** Updates applied so far: none after a failed one. */
  readonly updates: number;
  /** 0, or the number (from 1) of the update whose gradient was not finite. It and all later ones were not applied. */
  readonly failedUpdate: number;
  /** Updates that the means are over. */
  readonly count: number;
  readonly loss: number;
  readonly gradientNorm: number;
  /** Mean Q_tot of the batches; without a mixer, the mean Q-value of the chosen actions. */
  readonly qTotal: number;
}

/**
 * Everything a learner needs to go on exactly, by name: `online.*`, `target.*`, `optimizer.exp_avg.*`,
 * `optimizer.exp_avg_sq.*` (parameters as in parameterTable, [out, in]), `replay.transitions`
 * [stored up to capacity, record] in slot order, `counters` (I32: updates, failedUpdate, stored) and
 * `metrics` (sums of loss, gradient norm and mean Q_tot since the last reading, and the number of updates they are over).
 */
export type LearnerSnapshot = ReadonlyMap<string, Tensor>;

/**
 * L learners that act and train together. Implemented by the WebGPU kernels and by the float64 reference.
 *
 * In `step`, in this order: transitions are stored; then actions are chosen and updates made (`overlap`:
 * actions come from the parameters before the updates, which run on while the caller steps its
 * environments; otherwise from those after).
 */
export interface Learner {
  readonly backend: 'webgpu' | 'cpu';
  /** Name of the adapter, for people. */
  readonly adapter: string;
  readonly options: LearnerOptions;
  readonly inputs: StepInputs;

  /** Stores, acts ε-greedily and trains. `stepNumber` keys exploration. Resolves to actions [L, E, N], valid until the next call. */
  step(stepNumber: number): Promise<Uint32Array>;
  /**
   * What steps the learners' environments on the device too, where the backend can; at most one a learner, which is
   * destroyed with it.
   */
  openSteps?(kernel: StepKernel): Promise<DeviceSteps>;
  /** Only stores what `inputs.transitions` and `inputs.stores` hold. */
  store(): void;
  /**
   * Greedy actions of learners first..first+count−1, each for the same observations [rows, N, O]:
   * [count, rows, N]. Ties go to the lowest action. `available` [rows, N, A]: 1 for each legal action, needed
   * where shape.masked.
   */
  greedy(
    observations: Float32Array,
    rows: number,
    first: number,
    count: number,
    available?: Float32Array,
  ): Promise<Uint32Array>;
  /** Waits for all updates, returns the means since the last reading, and starts new ones. */
  readMetrics(): Promise<LearnerMetrics[]>;
  /** A learner's online and target parameters after all that was submitted: `online.*`, `target.*`, as `save` has them. */
  readParameters(learner: number): Promise<ReadonlyMap<string, Tensor>>;
  /** Copies of everything, one snapshot a learner. */
  save(): Promise<LearnerSnapshot[]>;
  /** Goes on from snapshots that `save` returned. */
  load(snapshots: readonly LearnerSnapshot[]): void;
  /** Frees everything. */
  destroy(): void;
}
