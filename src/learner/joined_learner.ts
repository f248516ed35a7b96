import type { Gpu } from '../gpu/gpu.ts';
import type { StepKernel } from '../kernels/step_kernel.ts';
import type { Tensor } from '../tensor.ts';
import type { DeviceSteps } from './device_steps.ts';
import { JoinedSteps, type StepsPart } from './joined_steps.ts';
import type { Learner, LearnerMetrics, LearnerOptions, LearnerSnapshot, StepInputs } from './learner.ts';
import { mostLearnersAtOnce } from './limits.ts';
import { chooseTuning } from './tune.ts';
import { WebGpuLearner } from './webgpu_learner.ts';

/** Inputs that hold a share of each learner. */
const SHARED_INPUTS = [
  'observations',
  'available',
  'transitions',
  'steps',
  'stores',
  'trains',
  'copiesTarget',
  'epsilon',
] as const;

/**
 * Learners that are more than one set of buffers can hold, in several sets (parts) that step together. What a
 * learner computes depends on no other, so it comes to the same bits as in one set.
 */
class JoinedLearner implements Learner {
  readonly backend = 'webgpu';
  readonly adapter: string;
  readonly inputs: StepInputs;
  private readonly actions: Uint32Array;
  /** Per input, and per part: where its share goes, and where it comes from. */
  private readonly shares: {
    readonly to: Float32Array | Uint8Array;
    readonly from: Float32Array | Uint8Array;
  }[];

  constructor(
    readonly options: LearnerOptions,
    private readonly parts: readonly WebGpuLearner[],
  ) {
    this.adapter = parts[0].adapter;
    const total = (name: (typeof SHARED_INPUTS)[number]): number =>
      parts.reduce((sum, { inputs }) => sum + inputs[name].length, 0);
    this.inputs = {
      observations: new Float32Array(total('observations')),
      available: new Float32Array(total('available')),
      transitions: new Float32Array(total('transitions')),
      steps: new Uint8Array(total('steps')),
      stores: new Uint8Array(total('stores')),
      trains: new Uint8Array(total('trains')),
      copiesTarget: new Uint8Array(total('copiesTarget')),
      epsilon: new Float32Array(total('epsilon')),
    };
    this.shares = SHARED_INPUTS.flatMap((name) => {
      let at = 0;
      return parts.map(({ inputs }) => {
        const to = inputs[name];
        const from = this.inputs[name].subarray(at, at + to.length);
        at += to.length;
        return { to, from };
      });
    });
    this.actions = new Uint32Array(options.learners.length * options.environments * options.shape.agents);
  }

  async step(stepNumber: number): Promise<Uint32Array> {
    this.share();
    // All act before any trains: whoever waits for the actions waits for no update.
    for (const part of this.parts) part.submitActing(stepNumber);
    for (const part of this.parts) part.submitDueUpdates();
    let at = 0;
    for (const part of this.parts) {
      const actions = await part.takeActions();
      this.actions.set(actions, at);
      at += actions.length;
    }
    return this.actions;
  }

  async openSteps(kernel: StepKernel): Promise<DeviceSteps> {
    const parts: StepsPart[] = [];
    for (const part of this.parts) {
      parts.push({ steps: await part.openSteps(kernel), learners: part.options.learners.length });
    }
    return new JoinedSteps(parts, this.options.environments, () => this.share());
  }

  store(): void {
    this.share();
    for (const part of this.parts) part.store();
  }

  async greedy(
    observations: Float32Array,
    rows: number,
    first: number,
    count: number,
    available?: Float32Array,
  ): Promise<Uint32Array> {
    const each = rows * this.options.shape.agents;
    const chosen = new Uint32Array(count * each);
    let begin = 0;
    for (const part of this.parts) {
      const end = begin + part.options.learners.length;
      const from = Math.max(first, begin);
      const until = Math.min(first + count, end);
      if (from < until) {
        const actions = await part.greedy(observations, rows, from - begin, until - from, available);
        chosen.set(actions, (from - first) * each);
      }
      begin = end;
    }
    return chosen;
  }

  async readMetrics(): Promise<LearnerMetrics[]> {
    const metrics: LearnerMetrics[] = [];
    for (const part of this.parts) metrics.push(...(await part.readMetrics()));
    return metrics;
  }

  readParameters(learner: number): Promise<ReadonlyMap<string, Tensor>> {
    let index = learner;
    for (const part of this.parts) {
      const count = part.options.learners.length;
      if (index < count) return part.readParameters(index);
      index -= count;
    }
    throw new RangeError(`learner: got ${learner}, allowed: 0 to ${this.options.learners.length - 1}`);
  }

  async save(): Promise<LearnerSnapshot[]> {
    const snapshots: LearnerSnapshot[] = [];
    for (const part of this.parts) snapshots.push(...(await part.save()));
    return snapshots;
  }

  load(snapshots: readonly LearnerSnapshot[]): void {
    let at = 0;
    for (const part of this.parts) {
      const count = part.options.learners.length;
      part.load(snapshots.slice(at, at + count));
      at += count;
    }
  }

  destroy(): void {
    for (const part of this.parts) part.destroy();
  }

  private share(): void {
    for (let index = 0; index < this.shares.length; index++) {
      const { to, from } = this.shares[index];
      to.set(from);
    }
  }
}

/**
 * Learners on a WebGPU device, in as many sets of buffers as they need, or in more, of `mostAtOnce` learners.
 * Throws ConfigError where even one learner does not fit.
 */
export async function createWebGpuLearner(
  gpu: Gpu,
  options: LearnerOptions,
  mostAtOnce = mostLearnersAtOnce(gpu, options),
): Promise<Learner> {
  const { learners } = options;
  const count = Math.ceil(learners.length / mostAtOnce);
  const create = async (some: LearnerOptions): Promise<WebGpuLearner> =>
    WebGpuLearner.create(gpu, some, false, await chooseTuning(gpu, some));
  if (count === 1) return create(options);
  const parts: WebGpuLearner[] = [];
  try {
    for (let part = 0; part < count; part++) {
      // As even as they go: parts of equal size share their compiled kernels and their waiting.
      const from = Math.floor((part * learners.length) / count);
      const until = Math.floor(((part + 1) * learners.length) / count);
      parts.push(await create({ ...options, learners: learners.slice(from, until) }));
    }
  } catch (error) {
    for (const part of parts) part.destroy();
    throw error;
  }
  return new JoinedLearner(options, parts);
}
