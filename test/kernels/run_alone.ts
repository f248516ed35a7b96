import { type AlonePlace, aloneConstants, aloneSource, type Operation } from '../../src/kernels/alone.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';
import { batchTiles } from '../../src/kernels/sizes.ts';
import type { Bench } from './bench.ts';
import type { TestLearners, Told } from './learners.ts';
import type { Rows } from './rows.ts';
import { SINGLE, WIDE } from './sizes.ts';

/** Where operations on half a row are tried: every size has another half or another network. */
export function placeOf(sizes: KernelSizes): AlonePlace {
  return { secondHalf: sizes === WIDE || sizes === SINGLE, targetNetwork: sizes === WIDE };
}

/** Runs one operation on rows; returns the rows as it left them. Nothing else may have changed. */
export async function runAlone(
  bench: Bench,
  operation: Operation,
  learners: TestLearners,
  rows: Rows,
  replay: Float32Array<ArrayBuffer> = new Float32Array(4),
  told: (l: number) => Told = () => ({}),
): Promise<Float32Array<ArrayBuffer>> {
  const { sizes } = learners;
  const onGpu = bench.buffer('rows', rows.numbers);
  const buffers = {
    params: bench.buffer('params', learners.params()),
    rows: onGpu,
    learners: bench.buffer('learners', learners.structs(told)),
    progress: bench.buffer('progress', learners.progress(told)),
    replay: bench.buffer('replay', replay),
  };
  const constants = aloneConstants(sizes, placeOf(sizes));
  await bench.run(
    aloneSource(operation, sizes.tuning),
    constants,
    buffers,
    batchTiles(sizes),
    sizes.learners,
  );
  return bench.readFloats(onGpu);
}
