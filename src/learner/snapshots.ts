import type { Gpu } from '../gpu/gpu.ts';
import { packParameters, unpackParameters } from '../kernels/layout.ts';
import { PROGRESS_WORDS } from '../kernels/learners.ts';
import type { KernelSizes } from '../kernels/sizes.ts';
import { parameterTable, recordLayout } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import type { GpuUpdate } from './gpu_update.ts';
import { initialParameters } from './initialise.ts';
import type { LearnerSnapshot } from './learner.ts';
import { checkTable, learnerTable, PARAMETER_COPIES, type ParameterCopy } from './snapshot_table.ts';

/** Where each copy of the parameters stands: buffer, and which half of it. */
const PLACES: Readonly<Record<ParameterCopy, { buffer: 'params' | 'moments'; half: 0 | 1 }>> = {
  online: { buffer: 'params', half: 0 },
  target: { buffer: 'params', half: 1 },
  'optimizer.exp_avg': { buffer: 'moments', half: 0 },
  'optimizer.exp_avg_sq': { buffer: 'moments', half: 1 },
};

/** Moves learners between the GPU's buffers and named tensors. */
export class GpuSnapshots {
  constructor(
    private readonly gpu: Gpu,
    private readonly sizes: KernelSizes,
    private readonly buffers: GpuUpdate['buffers'],
    private readonly replay: GPUBuffer,
  ) {}

  /** First parameters, the same online and target; nothing learnt, nothing stored. */
  initialise(seeds: readonly number[]): void {
    const { layout } = this.sizes;
    const packed = new Float32Array(4 * layout.parameters);
    seeds.forEach((seed, l) => {
      packParameters(layout, initialParameters(layout.shape, seed), '', packed);
      this.write('params', l, 0, packed);
      this.write('params', l, 1, packed);
    });
  }

  /** One learner's two copies in a buffer, in one reading. */
  async copies(buffer: 'params' | 'moments', l: number): Promise<Map<string, Tensor>> {
    const { layout } = this.sizes;
    const half = 4 * layout.parameters;
    const both = await this.gpu.readFloats(this.buffers[buffer], this.place(l, 0), 2 * half);
    const tensors = new Map<string, Tensor>();
    for (const copy of PARAMETER_COPIES) {
      const place = PLACES[copy];
      if (place.buffer !== buffer) continue;
      const packed = both.subarray(place.half * half, (place.half + 1) * half);
      const parameters = unpackParameters(layout, packed);
      for (const { name, shape } of parameterTable(layout.shape)) {
        tensors.set(`${copy}.${name}`, { shape, data: parameters.get(name)! });
      }
    }
    return tensors;
  }

  async save(stored: ArrayLike<number>): Promise<LearnerSnapshot[]> {
    const { gpu, sizes, buffers } = this;
    const { layout, learners, capacity } = sizes;
    const record = recordLayout(layout.shape).size;
    const progress = new Uint32Array(await gpu.read(buffers.progress, 0, learners * PROGRESS_WORDS * 4));
    const metrics = await gpu.readFloats(buffers.metrics, 0, 4 * learners);
    const snapshots: LearnerSnapshot[] = [];
    for (let l = 0; l < learners; l++) {
      const tensors = new Map<string, Tensor>();
      for (const buffer of ['params', 'moments'] as const) {
        for (const [name, tensor] of await this.copies(buffer, l)) tensors.set(name, tensor);
      }
      const filled = Math.min(stored[l], capacity);
      const transitions =
        filled > 0
          ? await gpu.readFloats(this.replay, l * capacity * record, filled * record)
          : new Float32Array(0);
      tensors.set('replay.transitions', { shape: [filled, record], data: transitions });
      const [updates, failed] = progress.subarray(PROGRESS_WORDS * l);
      // The failed update was counted when it was begun, but not made.
      const made = failed > 0 ? failed - 1 : updates;
      tensors.set('counters', { shape: [3], data: Float64Array.of(made, failed, stored[l]) });
      tensors.set('metrics', { shape: [4], data: metrics.slice(4 * l, 4 * l + 4) });
      snapshots.push(tensors);
    }
    return snapshots;
  }

  /** Throws ConfigError as checkTable does; then nothing has changed. */
  load(snapshots: readonly LearnerSnapshot[], stored: Float64Array): void {
    const { gpu, sizes, buffers } = this;
    const { layout, capacity } = sizes;
    const { queue } = gpu.device;
    const table = parameterTable(layout.shape);
    const record = recordLayout(layout.shape).size;
    const checked = learnerTable(layout.shape, ['F32']);
    for (const [l, snapshot] of snapshots.entries()) {
      const place = (name: string): string => `learner ${l}: tensor "${name}"`;
      checkTable(snapshot, checked, { shape: layout.shape, replayCapacity: capacity, place });
    }
    const packed = new Float32Array(4 * layout.parameters);
    snapshots.forEach((snapshot, l) => {
      for (const copy of PARAMETER_COPIES) {
        const named = new Map(table.map(({ name }) => [name, snapshot.get(`${copy}.${name}`)!]));
        packParameters(layout, named, '', packed);
        this.write(PLACES[copy].buffer, l, PLACES[copy].half, packed);
      }
      const transitions = snapshot.get('replay.transitions')!.data as Float32Array<ArrayBuffer>;
      queue.writeBuffer(this.replay, l * capacity * record * 4, transitions);
      const [updates, failed, count] = snapshot.get('counters')!.data;
      queue.writeBuffer(buffers.progress, l * PROGRESS_WORDS * 4, Uint32Array.of(failed || updates, failed));
      queue.writeBuffer(buffers.metrics, l * 16, snapshot.get('metrics')!.data as Float32Array<ArrayBuffer>);
      stored[l] = count;
    });
  }

  private write(
    buffer: 'params' | 'moments',
    l: number,
    half: number,
    packed: Float32Array<ArrayBuffer>,
  ): void {
    this.gpu.device.queue.writeBuffer(this.buffers[buffer], 4 * this.place(l, half), packed);
  }

  /** First number of a learner's half of params or moments. */
  private place(l: number, half: number): number {
    return (2 * l + half) * 4 * this.sizes.layout.parameters;
  }
}
