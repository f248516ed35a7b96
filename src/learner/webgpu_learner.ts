import type { Gpu } from '../gpu/gpu.ts';
import { type Dispatch, encodeDispatch, Kernel } from '../gpu/kernel.ts';
import { actConstants, actGroups, actScratchBytes, actSource } from '../kernels/act.ts';
import { insertConstants, insertGroups, insertSource } from '../kernels/insert.ts';
import { TOLD_PER_STEP } from '../kernels/learners.ts';
import type { KernelSizes } from '../kernels/sizes.ts';
import type { StepKernel } from '../kernels/step_kernel.ts';
import { PLAIN, type Tuning } from '../kernels/tuning.ts';
import type { Tensor } from '../tensor.ts';
import { GpuUpdate, updateBufferBytes } from './gpu_update.ts';
import { GreedyPolicy } from './greedy_policy.ts';
import { knownTuning } from './known_tuning.ts';
import type { Learner, LearnerMetrics, LearnerOptions, LearnerSnapshot, StepInputs } from './learner.ts';
import { checkLimits, kernelSizes, replayBytes } from './limits.ts';
import { GpuSnapshots } from './snapshots.ts';
import { StepUpload, stepUploadLayout, tellLearners } from './step_upload.ts';
import { type StepParts, WebGpuSteps } from './webgpu_steps.ts';

const STORAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/**
 * Learners on a WebGPU device. A step is one upload, one small readback and at most two submits:
 * store and act, whose actions come back, and behind them the updates, which nobody waits for.
 */
export class WebGpuLearner implements Learner {
  readonly backend = 'webgpu';
  readonly adapter: string;
  readonly inputs: StepInputs;
  private readonly snapshots: GpuSnapshots;
  private readonly actionsOut: Uint32Array;
  /** Of actionsStaging, since the last acting. */
  private mapped: Promise<void> = Promise.resolve();
  private steps: WebGpuSteps | undefined;

  private constructor(
    private readonly gpu: Gpu,
    readonly options: LearnerOptions,
    readonly sizes: KernelSizes,
    readonly update: GpuUpdate,
    private readonly upload: StepUpload,
    private readonly buffers: {
      readonly upload: GPUBuffer;
      readonly replay: GPUBuffer;
      readonly scratch: GPUBuffer;
      readonly actions: GPUBuffer;
      readonly actionsStaging: GPUBuffer;
      readonly metricsStaging: GPUBuffer;
    },
    private readonly dispatches: Pick<StepParts, 'insert' | 'act'> & {
      readonly own: Record<'insert' | 'act', Dispatch>;
    },
    private readonly policy: GreedyPolicy,
    /** [L] transitions stored so far */
    private readonly stored: Float64Array,
  ) {
    this.adapter = gpu.name;
    this.inputs = upload.inputs;
    this.actionsOut = new Uint32Array(sizes.learners * sizes.environments * options.shape.agents);
    this.snapshots = new GpuSnapshots(gpu, sizes, update.buffers, buffers.replay);
  }

  /** `inOrder`: updates take slots 0..B−1 of the replay instead of drawn ones, to verify a given batch. */
  static async create(
    gpu: Gpu,
    options: LearnerOptions,
    inOrder = false,
    tuning: Tuning = knownTuning(gpu, options) ?? PLAIN,
  ): Promise<WebGpuLearner> {
    const sizes = kernelSizes(options, tuning);
    checkLimits(gpu, options);
    const [insertKernel, actKernel] = await Promise.all([
      Kernel.compile(gpu, insertSource, insertConstants(sizes), TOLD_PER_STEP),
      Kernel.compile(gpu, actSource(tuning), actConstants(sizes.layout, tuning), TOLD_PER_STEP),
    ]);
    const parts = stepUploadLayout(options);
    const actionBytes = sizes.learners * sizes.environments * options.shape.agents * 4;
    const staging = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const updateBytes = updateBufferBytes(sizes);
    const buffers = {
      upload: gpu.buffer('learner.upload', parts.bytes, STORAGE() | GPUBufferUsage.UNIFORM),
      replay: gpu.buffer('learner.replay', replayBytes(sizes), STORAGE()),
      scratch: gpu.buffer(
        'act.rows',
        actScratchBytes(sizes.layout, tuning, sizes.environments, sizes.learners),
        STORAGE(),
      ),
      actions: gpu.buffer('act.actions', actionBytes, STORAGE()),
      actionsStaging: gpu.buffer('act.actions.staging', actionBytes, staging),
      metricsStaging: gpu.buffer('metrics.staging', updateBytes.progress + updateBytes.metrics, staging),
    };
    const range = ({ offset, size }: { offset: number; size: number }): GPUBufferBinding => ({
      buffer: buffers.upload,
      offset,
      size,
    });
    const learners = range(parts.learners);
    const update = await GpuUpdate.create(gpu, sizes, options.optimiser, learners, buffers.replay, inOrder);
    const { params } = update.buffers;
    const insert: StepParts['insert'] = (transitions, told) =>
      insertKernel.dispatch(
        { transitions, replay: buffers.replay, learners: told },
        insertGroups(sizes),
        sizes.learners,
      );
    const act: StepParts['act'] = (bound) =>
      actKernel.dispatch(
        { params, rows: buffers.scratch, actions: buffers.actions, ...bound },
        actGroups(tuning, sizes.environments, sizes.learners),
        sizes.learners,
      );
    const policy = new GreedyPolicy(gpu, sizes.layout, tuning, actKernel, params, learners);
    const stored = new Float64Array(sizes.learners);
    const upload = new StepUpload(options);
    const learner = new WebGpuLearner(
      gpu,
      options,
      sizes,
      update,
      upload,
      buffers,
      {
        insert,
        act,
        own: {
          insert: insert(range(parts.transitions), learners),
          act: act({
            learners,
            call: range(parts.call),
            observations: range(parts.observations),
            // Without masks nothing of it is read, but something has to be bound.
            available: range(parts.available.size > 0 ? parts.available : parts.observations),
          }),
        },
      },
      policy,
      stored,
    );
    learner.snapshots.initialise(options.learners.map(({ seed }) => seed));
    return learner;
  }

  step(stepNumber: number): Promise<Uint32Array> {
    this.submitActing(stepNumber);
    this.submitDueUpdates();
    return this.takeActions();
  }

  /** The first part of a step: stores, acts, and trains if actions are to come from parameters after it. */
  submitActing(stepNumber: number): void {
    const { inputs, options, buffers, update } = this;
    this.upload.stepNumber = stepNumber;
    this.writeUpload();
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (inputs.stores.includes(1)) encodeDispatch(pass, this.dispatches.own.insert);
    if (!options.overlap) {
      if (inputs.trains.includes(1)) update.encode(pass, options.updatesPerStep);
      if (inputs.copiesTarget.includes(1)) update.encodeCopyTarget(pass);
    }
    encodeDispatch(pass, this.dispatches.own.act);
    pass.end();
    encoder.copyBufferToBuffer(buffers.actions, 0, buffers.actionsStaging, 0, buffers.actions.size);
    this.gpu.device.queue.submit([encoder.finish()]);
    this.mapped = this.gpu.map(buffers.actionsStaging);
  }

  /** The second: the updates that run while the environments step. */
  submitDueUpdates(): void {
    const { inputs, options } = this;
    const trains = inputs.trains.includes(1);
    const copies = inputs.copiesTarget.includes(1);
    if (options.overlap && (trains || copies)) this.submitUpdates(options.updatesPerStep, trains, copies);
  }

  /** The third: the actions of the first, [L, E, N], valid until the next step. */
  async takeActions(): Promise<Uint32Array> {
    await this.mapped;
    await this.gpu.takeMapped(this.buffers.actionsStaging, this.actionsOut);
    return this.actionsOut;
  }

  async openSteps(kernel: StepKernel): Promise<WebGpuSteps> {
    const { gpu, options, sizes, inputs, stored, update, dispatches } = this;
    const { actions } = this.buffers;
    const { insert, act } = dispatches;
    const parts = { gpu, options, sizes, inputs, stored, update, actions, insert, act };
    this.steps = await WebGpuSteps.create(parts, kernel);
    return this.steps;
  }

  store(): void {
    this.writeUpload();
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeDispatch(pass, this.dispatches.own.insert);
    pass.end();
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  /** `count` updates of the learners whose `inputs.trains` is set, in one submit, on what replay holds now. */
  train(count: number): void {
    const { inputs } = this;
    inputs.stores.fill(0);
    this.writeUpload();
    this.submitUpdates(count, true, inputs.copiesTarget.includes(1));
  }

  greedy(
    observations: Float32Array,
    rows: number,
    first: number,
    count: number,
    available?: Float32Array,
  ): Promise<Uint32Array> {
    return this.policy.actions(observations, rows, first, count, available);
  }

  async readMetrics(): Promise<LearnerMetrics[]> {
    const { gpu, buffers, sizes } = this;
    const { progress, metrics } = this.update.buffers;
    const bytes = updateBufferBytes(sizes);
    const encoder = gpu.device.createCommandEncoder({ label: 'metrics' });
    encoder.copyBufferToBuffer(progress, 0, buffers.metricsStaging, 0, bytes.progress);
    encoder.copyBufferToBuffer(metrics, 0, buffers.metricsStaging, bytes.progress, bytes.metrics);
    encoder.clearBuffer(metrics);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.map(buffers.metricsStaging);
    const counters = new Uint32Array((bytes.progress + bytes.metrics) / 4);
    await gpu.takeMapped(buffers.metricsStaging, counters);
    const sums = new Float32Array(counters.buffer, bytes.progress, bytes.metrics / 4);
    return Array.from({ length: sizes.learners }, (_, l) => {
      const [loss, norm, qTotal, count] = sums.subarray(4 * l, 4 * l + 4);
      const failedUpdate = counters[2 * l + 1];
      const mean = (sum: number) => (count > 0 ? sum / count : Number.NaN);
      return {
        updates: failedUpdate > 0 ? failedUpdate - 1 : counters[2 * l],
        failedUpdate,
        count,
        loss: mean(loss),
        gradientNorm: mean(norm),
        qTotal: mean(qTotal),
      };
    });
  }

  readParameters(learner: number): Promise<ReadonlyMap<string, Tensor>> {
    return this.snapshots.copies('params', learner);
  }

  save(): Promise<LearnerSnapshot[]> {
    return this.snapshots.save(this.stored);
  }

  load(snapshots: readonly LearnerSnapshot[]): void {
    this.snapshots.load(snapshots, this.stored);
  }

  destroy(): void {
    this.policy.destroy();
    this.steps?.destroy();
    this.update.destroy();
    for (const buffer of Object.values(this.buffers)) buffer.destroy();
  }

  private submitUpdates(count: number, trains: boolean, copies: boolean): void {
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    if (trains) this.update.encode(pass, count);
    if (copies) this.update.encodeCopyTarget(pass);
    pass.end();
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  /** Counts what is about to be stored and copies the step's inputs to the GPU. */
  private writeUpload(): void {
    const { inputs, stored, upload, sizes } = this;
    tellLearners(upload.learners, inputs, stored, sizes.environments);
    this.gpu.device.queue.writeBuffer(this.buffers.upload, 0, upload.data);
  }
}
