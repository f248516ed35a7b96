import type { Gpu } from '../gpu/gpu.ts';
import type { Dispatch } from '../gpu/kernel.ts';
import { learnerOptions } from '../learner/learner.ts';
import { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { makeConfig } from '../presets.ts';
import { configuredShape } from '../train/environments.ts';
import { checkedStep, FilledReplay } from './check_step.ts';
import { type Cost, type CostedKernel, kernelCosts, type Peaks, peakShare } from './cost.ts';
import { checkOperation, operationDispatch, operationsOf } from './operations.ts';
import { recordDispatches } from './record_dispatches.ts';
import { measure, runDispatches } from './timing.ts';

/** One dispatch of one kernel. */
export interface KernelRow {
  readonly name: string;
  /** Part of update_rows, as a kernel of its own. */
  readonly operation: boolean;
  /** L, B, E */
  readonly learners: number;
  readonly batch: number;
  readonly environments: number;
  /** Milliseconds of a dispatch for all learners, median, and [least, most] of the repeats. */
  readonly ms: number;
  readonly spread: readonly [number, number];
  readonly repeats: number;
  /** 10⁹ of what it has to compute, and of the bytes that it has to move, a second (src/bench/cost.ts). */
  readonly gflops: number;
  readonly gbps: number;
  /** The least time that the peaks allow for that over the time that it took. */
  readonly share: number;
}

/** Transitions of replay. */
const REPLAY = 2048;
/** E: what act and insert are timed with. */
const ENVIRONMENTS = 32;
/** In the order in which a step runs them. */
const KERNELS = ['update_rows', 'gradient', 'optimise', 'copy_target', 'insert', 'act'] as const;

/**
 * Times every kernel alone at a preset's sizes with `learners` learners. A whole step is held to the float64 reference
 * first, and each operation to update_rows. Throws where a result is wrong; ConfigError where the learners do not fit.
 */
export async function timeKernels(
  gpu: Gpu,
  preset: string,
  learners: number,
  peak: Peaks,
  onRow: (row: KernelRow) => void,
  note: (text: string) => void = () => {},
): Promise<void> {
  const config = makeConfig(preset, {
    seeds: Array.from({ length: learners }, (_, seed) => seed),
    environments: ENVIRONMENTS,
    replayCapacity: REPLAY,
    warmup: 1,
    overlap: true,
    updatesPerStep: 1,
  });
  const options = learnerOptions(config, configuredShape(config));
  note(`kernels, ${learners} learners: compiling`);
  const learner = await WebGpuLearner.create(gpu, options);
  try {
    const replay = new FilledReplay([learner]);
    let dispatches = new Map<string, Dispatch>();
    await checkedStep(gpu, learner, replay, async () => {
      let actions = new Uint32Array();
      dispatches = await recordDispatches(async () => {
        actions = new Uint32Array(await learner.step(0));
      });
      return actions;
    });
    const backup = new Backup(gpu, learner);
    try {
      const { sizes } = learner;
      const costs = kernelCosts(sizes);
      const time = async (name: CostedKernel, dispatch: Dispatch, operation: boolean) => {
        note(`kernels, ${learners} learners: ${name}`);
        backup.restore();
        onRow(await timeKernel(gpu, learner, name, dispatch, operation, costs[name], peak));
      };
      for (const name of KERNELS) {
        const dispatch = dispatches.get(name);
        if (dispatch) await time(name, dispatch, false);
      }
      const updateRows = dispatches.get('update_rows')!;
      backup.restore();
      const { rows } = learner.update.buffers;
      await runDispatches(gpu, updateRows, rows, 1);
      const numbers = await gpu.readFloats(rows, 0, rows.size / 4 / learners);
      for (const operation of operationsOf(sizes)) {
        note(`kernels, ${learners} learners: ${operation}`);
        const dispatch = await operationDispatch(gpu, sizes, operation, updateRows);
        await checkOperation(gpu, learner, operation, dispatch, numbers);
        await time(operation, dispatch, true);
      }
    } finally {
      backup.destroy();
    }
  } finally {
    learner.destroy();
  }
}

async function timeKernel(
  gpu: Gpu,
  learner: WebGpuLearner,
  name: CostedKernel,
  dispatch: Dispatch,
  operation: boolean,
  cost: Cost,
  peak: Peaks,
): Promise<KernelRow> {
  const { sizes, update } = learner;
  const timing = await measure((count) => runDispatches(gpu, dispatch, update.buffers.progress, count));
  gpu.check();
  return {
    name,
    operation,
    learners: sizes.learners,
    batch: sizes.batch,
    environments: sizes.environments,
    ms: timing.ms,
    spread: [timing.least, timing.most],
    repeats: timing.repeats,
    gflops: cost.flops / timing.ms / 1e6,
    gbps: cost.bytes / timing.ms / 1e6,
    share: peakShare(cost, timing.ms, peak),
  };
}

/** What an update's buffers held: an optimiser that runs alone thousands of times would carry weights anywhere. */
class Backup {
  private readonly copies: readonly { readonly from: GPUBuffer; readonly to: GPUBuffer }[];

  constructor(
    private readonly gpu: Gpu,
    learner: WebGpuLearner,
  ) {
    const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.copies = Object.values(learner.update.buffers).map((to) => ({
      to,
      from: gpu.buffer(`${to.label}.backup`, to.size, usage),
    }));
    this.copy(({ from, to }, encoder) => encoder.copyBufferToBuffer(to, 0, from, 0, to.size));
  }

  restore(): void {
    this.copy(({ from, to }, encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, to.size));
  }

  destroy(): void {
    for (const { from } of this.copies) from.destroy();
  }

  private copy(
    one: (pair: { readonly from: GPUBuffer; readonly to: GPUBuffer }, encoder: GPUCommandEncoder) => void,
  ): void {
    const encoder = this.gpu.device.createCommandEncoder({ label: 'backup' });
    for (const pair of this.copies) one(pair, encoder);
    this.gpu.device.queue.submit([encoder.finish()]);
  }
}
