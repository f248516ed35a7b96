import type { Gpu } from '../gpu/gpu.ts';
import { type Dispatch, encodeDispatch, type Kernel } from '../gpu/kernel.ts';
import { actGroups, actScratchBytes, CALL, CALL_WORDS } from '../kernels/act.ts';
import type { Layout } from '../kernels/layout.ts';
import type { Tuning } from '../kernels/tuning.ts';

/** The act kernel, greedy, for any observations: evaluation, and looking at a policy. */
export class GreedyPolicy {
  private readonly call: GPUBuffer;
  private buffers:
    | { key: string; observations: GPUBuffer; available: GPUBuffer; scratch: GPUBuffer; actions: GPUBuffer }
    | undefined;
  private dispatch: Dispatch | undefined;

  constructor(
    private readonly gpu: Gpu,
    private readonly layout: Layout,
    private readonly tuning: Tuning,
    private readonly kernel: Kernel,
    private readonly params: GPUBuffer,
    private readonly learners: GPUBufferBinding,
  ) {
    this.call = gpu.buffer('greedy.call', CALL_WORDS * 4, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  }

  /**
   * observations [rows, N, O] and, where some actions may be illegal, available [rows, N, A], the same for
   * learners first..first+count−1; returns [count, rows, N].
   */
  async actions(
    observations: Float32Array,
    rows: number,
    first: number,
    count: number,
    available?: Float32Array,
  ): Promise<Uint32Array> {
    if (rows === 0 || count === 0) return new Uint32Array(0);
    const { gpu, layout } = this;
    const { device } = gpu;
    const { agents, observationSize, actions: actionCount, masked } = layout.shape;
    if (masked && !available)
      throw new Error('greedy: got no available, needed where actions may be illegal');
    const { observations: source, available: legal, actions } = this.prepare(rows, count);
    const call = new Uint32Array(CALL_WORDS);
    call[CALL.rows] = rows;
    call[CALL.greedy] = 1;
    call[CALL.first] = first;
    call[CALL.sharedRows] = 1;
    device.queue.writeBuffer(this.call, 0, call);
    device.queue.writeBuffer(
      source,
      0,
      observations as Float32Array<ArrayBuffer>,
      0,
      rows * agents * observationSize,
    );
    if (masked && available) {
      device.queue.writeBuffer(
        legal,
        0,
        available as Float32Array<ArrayBuffer>,
        0,
        rows * agents * actionCount,
      );
    }
    const encoder = device.createCommandEncoder({ label: 'greedy' });
    const pass = encoder.beginComputePass();
    encodeDispatch(pass, this.dispatch!);
    pass.end();
    device.queue.submit([encoder.finish()]);
    return new Uint32Array(await gpu.read(actions, 0, count * rows * agents * 4));
  }

  destroy(): void {
    this.call.destroy();
    this.release();
  }

  /** Buffers for a call of this size; those of the last call where it had the same. */
  private prepare(rows: number, count: number) {
    const key = `${rows} ${count}`;
    if (this.buffers?.key === key) return this.buffers;
    this.release();
    const { gpu, layout } = this;
    const { agents, observationSize, actions: actionCount, masked } = layout.shape;
    const storage = GPUBufferUsage.STORAGE;
    const buffers = {
      key,
      observations: gpu.buffer(
        'greedy.observations',
        rows * agents * observationSize * 4,
        storage | GPUBufferUsage.COPY_DST,
      ),
      available: gpu.buffer(
        'greedy.available',
        masked ? rows * agents * actionCount * 4 : 16,
        storage | GPUBufferUsage.COPY_DST,
      ),
      scratch: gpu.buffer('greedy.rows', actScratchBytes(layout, this.tuning, rows, count), storage),
      actions: gpu.buffer('greedy.actions', count * rows * agents * 4, storage | GPUBufferUsage.COPY_SRC),
    };
    this.dispatch = this.kernel.dispatch(
      {
        params: this.params,
        rows: buffers.scratch,
        learners: this.learners,
        observations: buffers.observations,
        available: buffers.available,
        actions: buffers.actions,
        call: { buffer: this.call, size: CALL_WORDS * 4 },
      },
      actGroups(this.tuning, rows, count),
      count,
    );
    this.buffers = buffers;
    return buffers;
  }

  private release(): void {
    if (!this.buffers) return;
    this.buffers.observations.destroy();
    this.buffers.available.destroy();
    this.buffers.scratch.destroy();
    this.buffers.actions.destroy();
    this.buffers = undefined;
  }
}
