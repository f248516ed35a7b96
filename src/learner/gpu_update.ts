import type { Gpu } from '../gpu/gpu.ts';
import { type Dispatch, encodeDispatch, Kernel } from '../gpu/kernel.ts';
import type { OptimiserRule } from '../hyperparameters.ts';
import { copyTargetConstants, copyTargetGroups, copyTargetSource } from '../kernels/copy_target.ts';
import {
  gradientConstants,
  gradientGroups,
  gradientJobCount,
  gradientJobs,
  gradientSource,
} from '../kernels/gradient.ts';
import { PROGRESS_WORDS, TOLD_PER_STEP } from '../kernels/learners.ts';
import { biasCorrections, optimiseConstants, optimiseGroups, optimiseSource } from '../kernels/optimise.ts';
import { batchRows, batchTiles, type KernelSizes } from '../kernels/sizes.ts';
import { updateRowsConstants, updateRowsSource } from '../kernels/update_rows.ts';

/** Bytes of every buffer an update needs, besides the replay. */
export function updateBufferBytes(sizes: KernelSizes) {
  const { layout, learners } = sizes;
  const parameters = layout.parameters * 16;
  return {
    params: learners * 2 * parameters,
    moments: learners * 2 * parameters,
    gradients: learners * parameters,
    rows: learners * batchRows(sizes) * layout.row * 16,
    partials: learners * (gradientJobCount(layout) + 2) * 4,
    progress: learners * PROGRESS_WORDS * 4,
    metrics: learners * 16,
  };
}

/** The dispatches of an update, bound to where its learners are told what to do. */
export interface UpdateDispatches {
  readonly steps: readonly Dispatch[];
  readonly copyTarget: Dispatch;
}

/**
 * One update of L learners on the GPU: three dispatches.
 *
 *   update_rows  each tile of rows: sample, networks forward, target, TD error, deltas backward
 *   gradient     each weight: its gradient, summed over the rows
 *   optimise     each weight: clip by the global norm, Adam or RMSprop, Polyak
 */
export class GpuUpdate {
  private constructor(
    /** By the names of the kernels' bindings; laid out as src/kernels/layout.ts says. */
    readonly buffers: Readonly<Record<keyof ReturnType<typeof updateBufferBytes>, GPUBuffer>>,
    private readonly constantBuffers: readonly GPUBuffer[],
    /**
     * The dispatches, where the learners' structs stand elsewhere than where `create` was told; they move by
     * dynamic offsets.
     */
    readonly boundTo: (learners: GPUBufferBinding) => UpdateDispatches,
    private readonly own: UpdateDispatches,
  ) {}

  /** `learners` and `replay` belong to the caller. `inOrder`: see updateRowsConstants. */
  static async create(
    gpu: Gpu,
    sizes: KernelSizes,
    rule: OptimiserRule,
    learners: GPUBufferBinding,
    replay: GPUBuffer,
    inOrder = false,
  ): Promise<GpuUpdate> {
    const [updateRows, gradient, optimise, copyTarget] = await Promise.all([
      Kernel.compile(gpu, updateRowsSource(sizes.tuning), updateRowsConstants(sizes, inOrder), TOLD_PER_STEP),
      Kernel.compile(gpu, gradientSource(sizes.tuning), gradientConstants(sizes), TOLD_PER_STEP),
      Kernel.compile(gpu, optimiseSource, optimiseConstants(sizes, rule), TOLD_PER_STEP),
      Kernel.compile(gpu, copyTargetSource, copyTargetConstants(sizes), TOLD_PER_STEP),
    ]);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const bytes = updateBufferBytes(sizes);
    const make = (name: keyof typeof bytes) => gpu.buffer(`update.${name}`, bytes[name], usage);
    const buffers = {
      params: make('params'),
      moments: make('moments'),
      gradients: make('gradients'),
      rows: make('rows'),
      partials: make('partials'),
      progress: make('progress'),
      metrics: make('metrics'),
    };
    const jobs = gpu.bufferWith('update.jobs', gradientJobs(sizes.layout), GPUBufferUsage.STORAGE);
    const table = biasCorrections(rule);
    const corrections = gpu.bufferWith('update.corrections', table, GPUBufferUsage.STORAGE);
    const all = {
      ...buffers,
      jobs,
      // The shader asks for its length, and buffers are filled up to a multiple of 16 bytes.
      corrections: { buffer: corrections, size: table.byteLength },
      replay,
    };
    const boundTo = (learners: GPUBufferBinding): UpdateDispatches => {
      const dispatch = (kernel: Kernel, x: number) =>
        kernel.dispatch({ ...all, learners }, x, sizes.learners);
      return {
        steps: [
          dispatch(updateRows, batchTiles(sizes)),
          dispatch(gradient, gradientGroups(sizes)),
          dispatch(optimise, optimiseGroups(sizes)),
        ],
        copyTarget: dispatch(copyTarget, copyTargetGroups(sizes)),
      };
    };
    return new GpuUpdate(buffers, [jobs, corrections], boundTo, boundTo(learners));
  }

  /** `count` updates of the learners whose TRAIN flag is set; `dispatches` and `offsets`: where they are told. */
  encode(pass: GPUComputePassEncoder, count: number, { steps } = this.own, offsets?: Uint32Array): void {
    for (let update = 0; update < count; update++) {
      for (const step of steps) encodeDispatch(pass, step, offsets);
    }
  }

  /** Target ← online for the learners whose COPY flag is set. */
  encodeCopyTarget(pass: GPUComputePassEncoder, { copyTarget } = this.own, offsets?: Uint32Array): void {
    encodeDispatch(pass, copyTarget, offsets);
  }

  destroy(): void {
    for (const buffer of [...Object.values(this.buffers), ...this.constantBuffers]) buffer.destroy();
  }
}
