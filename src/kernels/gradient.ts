import code from '../../shaders/gradient.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import type { Layout } from './layout.ts';
import { batchTiles, type KernelSizes } from './sizes.ts';
import { withSpread } from './spread.ts';
import type { Tuning } from './tuning.ts';

/** Host twin of shaders/gradient.wgsl: every parameter's gradient, its rows summed. */
export const gradientSource = (tuning: Tuning): KernelSource => ({
  name: 'gradient',
  code: withSpread(code, tuning),
  bindings: [
    { name: 'rows', access: 'read' },
    { name: 'jobs', access: 'read' },
    { name: 'gradients', access: 'read_write' },
    { name: 'partials', access: 'read_write' },
    { name: 'learners', access: 'read' },
    { name: 'progress', access: 'read_write' },
  ],
});

/** Input and output quads of a job, and its threads: JOB_THREADS of the shader. */
const JOB_QUADS = 8;

/** Struct Job of the shader: which layer, and which of its inputs and outputs. */
export function gradientJobs(layout: Layout): Uint32Array<ArrayBuffer> {
  const words: number[] = [];
  for (const layer of layout.layers) {
    const { offset, input, output, inputs4, outputs4, repeat, inputStep, outputStep } = layer;
    const delta = output + layout.half;
    for (let i = 0; i < inputs4; i += JOB_QUADS) {
      for (let o = 0; o < outputs4; o += JOB_QUADS) {
        words.push(offset, input, delta, inputs4, outputs4, i, o, repeat, inputStep, outputStep, 0, 0);
      }
    }
  }
  return new Uint32Array(words);
}

export const gradientJobCount = (layout: Layout): number =>
  layout.layers.reduce(
    (count, { inputs4, outputs4 }) =>
      count + Math.ceil(inputs4 / JOB_QUADS) * Math.ceil(outputs4 / JOB_QUADS),
    0,
  );

/** Workgroups per learner: those of the jobs, and one for the sums over rows. */
export const gradientGroups = ({ layout, tuning }: KernelSizes): number =>
  Math.ceil((gradientJobCount(layout) * JOB_QUADS) / tuning.gradientThreads) + 1;

export function gradientConstants(sizes: KernelSizes): Record<string, number> {
  const { layout, batch, tuning } = sizes;
  return {
    ...layout.constants,
    WORKGROUP: tuning.gradientThreads,
    TILE: tuning.tile,
    BATCH: batch,
    ROW: layout.row,
    TILES: batchTiles(sizes),
    JOBS: gradientJobCount(layout),
  };
}
