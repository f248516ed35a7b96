import code from '../../shaders/gradient.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import type { Layout } from './layout.ts';
import { batchTiles, type KernelSizes } from './sizes.ts';

/** Host twin of shaders/gradient.wgsl: every parameter's gradient, its rows summed. */
export const gradientSource: KernelSource = {
  name: 'gradient',
  code,
  bindings: [
    { name: 'rows', access: 'read' },
    { name: 'jobs', access: 'read' },
    { name: 'gradients', access: 'read_write' },
    { name: 'partials', access: 'read_write' },
    { name: 'learners', access: 'read' },
    { name: 'progress', access: 'read_write' },
  ],
};

/** THREADS of the shader. */
const JOB_TILES = 64;

/** Struct Job of the shader, one per workgroup: which layer, and which 64 of its tiles. */
export function gradientJobs(layout: Layout): Uint32Array<ArrayBuffer> {
  const words: number[] = [];
  for (const layer of layout.layers) {
    const { offset, input, output, inputs4, outputs4, repeat, inputStep, outputStep } = layer;
    for (let first = 0; first < (inputs4 + 1) * outputs4; first += JOB_TILES) {
      const delta = output + layout.half;
      words.push(offset, input, delta, inputs4, outputs4, first, repeat, inputStep, outputStep, 0, 0, 0);
    }
  }
  return new Uint32Array(words);
}

export const gradientJobCount = (layout: Layout): number =>
  layout.layers.reduce(
    (count, { inputs4, outputs4 }) => count + Math.ceil(((inputs4 + 1) * outputs4) / JOB_TILES),
    0,
  );

export function gradientConstants(sizes: KernelSizes): Record<string, number> {
  const { layout, batch } = sizes;
  return {
    ...layout.constants,
    BATCH: batch,
    ROW: layout.row,
    TILES: batchTiles(sizes),
    JOBS: gradientJobCount(layout),
  };
}
