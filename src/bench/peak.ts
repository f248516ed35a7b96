import type { Gpu } from '../gpu/gpu.ts';
import { Kernel } from '../gpu/kernel.ts';
import { COPY_VARIANTS, copyCall, copyGroups, copyName, copySource } from './copy.ts';
import type { Peaks } from './cost.ts';
import {
  fits,
  MATMUL_VARIANTS,
  type MatmulShape,
  type MatmulVariant,
  matmulCall,
  matmulConstants,
  matmulFlops,
  matmulGroups,
  matmulMismatch,
  matmulSource,
  runsOn,
  variantName,
} from './matmul.ts';
import { randomNumbers } from './random_numbers.ts';
import { measure, runDispatches, type Timing } from './timing.ts';

/** What an adapter can be brought to: the fastest repeat of the fastest of several ways to multiply, and to copy. */
export interface Peak extends Peaks {
  readonly matmul: string;
  readonly matmulShape: MatmulShape;
  readonly copy: string;
  readonly copyBytes: number;
  /** Every way that was tried. */
  readonly tried: readonly Attempt[];
}

/** A way that was tried; its rates are those of its fastest repeat. */
export interface Attempt extends Timing {
  readonly name: string;
  readonly gflops?: number;
  readonly gbps?: number;
}

/** Runs well everywhere, if not best. */
const PROBE = MATMUL_VARIANTS.filter(
  ({ entryPoint, workgroup }) => entryPoint === 'rows8' && workgroup === 32,
);
const SMALL: MatmulShape = { m: 384, k: 384, n: 512 };
const LARGE: MatmulShape = { m: 2048, k: 384, n: 2048 };
/** Where the small product takes less, the adapter has more units than it can fill. */
const FAST_MS = 2;
const SMALL_COPY = 16 * 2 ** 20;
const LARGE_COPY = 128 * 2 ** 20;
/** Rows of a product that are held to float64. */
const CHECKED_ROWS = 48;
const TIMING = { repeats: 7, repeatMs: 60 };

/** Finds the peaks. Throws where a result is wrong. `note` is told what is being tried. */
export async function findPeak(gpu: Gpu, note: (text: string) => void = () => {}): Promise<Peak> {
  const [probe] = await timeProducts(gpu, SMALL, PROBE, note);
  const fast = probe.least < FAST_MS;
  const shape = fast ? LARGE : SMALL;
  const products = await timeProducts(gpu, shape, MATMUL_VARIANTS, note);
  const copyBytes = Math.min(fast ? LARGE_COPY : SMALL_COPY, gpu.limits.maxStorageBufferBindingSize);
  note('peak: copy');
  const copies = await timeCopies(gpu, copyBytes);
  const best = (attempts: readonly Attempt[]): Attempt =>
    attempts.reduce((least, attempt) => (attempt.least < least.least ? attempt : least));
  const [product, copied] = [best(products), best(copies)];
  return {
    gflops: product.gflops!,
    gbps: copied.gbps!,
    matmul: product.name,
    matmulShape: shape,
    copy: copied.name,
    copyBytes,
    tried: [...products, ...copies],
  };
}

async function timeProducts(
  gpu: Gpu,
  shape: MatmulShape,
  variants: readonly MatmulVariant[],
  note: (text: string) => void,
): Promise<Attempt[]> {
  const bench = new MatmulBench(gpu, shape);
  const attempts: Attempt[] = [];
  try {
    for (const variant of variants.filter((one) => fits(one, shape) && runsOn(one, gpu.subgroupSize))) {
      note(`peak: matmul ${variantName(variant)}`);
      attempts.push(await bench.attempt(variant));
    }
  } finally {
    bench.destroy();
  }
  return attempts;
}

/** One product, multiplied in any of the ways. */
class MatmulBench {
  private readonly a: Float32Array<ArrayBuffer>;
  private readonly b: Float32Array<ArrayBuffer>;
  private readonly buffers: { readonly a: GPUBuffer; readonly b: GPUBuffer; readonly c: GPUBuffer };
  private readonly call: GPUBuffer;

  constructor(
    private readonly gpu: Gpu,
    private readonly shape: MatmulShape,
  ) {
    const { m, k, n } = shape;
    this.a = randomNumbers(m * k, 1);
    this.b = randomNumbers(k * n, 2);
    this.buffers = {
      a: gpu.bufferWith('matmul.a', this.a, GPUBufferUsage.STORAGE),
      b: gpu.bufferWith('matmul.b', this.b, GPUBufferUsage.STORAGE),
      c: gpu.buffer(
        'matmul.c',
        4 * m * n,
        GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      ),
    };
    this.call = gpu.bufferWith('matmul.call', matmulCall(shape), GPUBufferUsage.UNIFORM);
  }

  /** Checks a variant, then times it. */
  async attempt(variant: MatmulVariant): Promise<Attempt> {
    const { gpu, shape, buffers } = this;
    const kernel = await Kernel.compile(gpu, matmulSource(variant), matmulConstants(variant));
    const { x, y } = matmulGroups(variant, shape);
    const dispatch = kernel.dispatch({ ...buffers, rows: buffers.a, call: this.call }, x, y);
    const run = (count: number) => runDispatches(gpu, dispatch, buffers.c, count);
    // What another variant left there would pass as well.
    const encoder = gpu.device.createCommandEncoder();
    encoder.clearBuffer(buffers.c);
    gpu.device.queue.submit([encoder.finish()]);
    await run(1);
    const name = variantName(variant);
    const c = await gpu.readFloats(buffers.c, 0, shape.m * shape.n);
    const wrong = matmulMismatch(shape, this.a, this.b, c, spacedRows(shape.m));
    if (wrong) throw new Error(`matmul ${name}: ${wrong}`);
    const timing = await measure(run, TIMING);
    return { name, ...timing, gflops: matmulFlops(shape) / timing.least / 1e6 };
  }

  destroy(): void {
    for (const buffer of [...Object.values(this.buffers), this.call]) buffer.destroy();
  }
}

/** Rows from the first to the last, an odd step apart, so that every place within a tile is met. */
function spacedRows(m: number): number[] {
  const step = Math.max(1, Math.floor(m / CHECKED_ROWS)) | 1;
  const rows: number[] = [];
  for (let row = 0; row < m; row += step) rows.push(row);
  return [...rows, m - 1];
}

async function timeCopies(gpu: Gpu, bytes: number): Promise<Attempt[]> {
  const quads = Math.floor(bytes / 16);
  const numbers = new Uint32Array(4 * quads);
  for (let j = 0; j < numbers.length; j++) numbers[j] = Math.imul(j, 0x9e3779b1);
  const source = gpu.bufferWith('copy.source', numbers, GPUBufferUsage.STORAGE);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const result = gpu.buffer('copy.result', bytes, usage);
  const attempts: Attempt[] = [];
  try {
    for (const variant of COPY_VARIANTS) {
      if (copyGroups(variant, quads) > gpu.limits.maxComputeWorkgroupsPerDimension) continue;
      const name = copyName(variant);
      const kernel = await Kernel.compile(gpu, copySource, { WORKGROUP: variant.workgroup });
      const call = gpu.bufferWith('copy.call', copyCall(variant, quads), GPUBufferUsage.UNIFORM);
      const dispatch = kernel.dispatch({ source, result, call }, copyGroups(variant, quads), 1);
      const run = (count: number) => runDispatches(gpu, dispatch, result, count);
      const encoder = gpu.device.createCommandEncoder();
      encoder.clearBuffer(result);
      gpu.device.queue.submit([encoder.finish()]);
      await run(1);
      const copied = new Uint32Array(await gpu.read(result, 0, bytes));
      const wrong = copied.findIndex((word, j) => word !== numbers[j]);
      if (wrong >= 0)
        throw new Error(`${name}: word ${wrong}: got ${copied[wrong]}, expected ${numbers[wrong]}`);
      const timing = await measure(run, TIMING);
      attempts.push({ name, ...timing, gbps: (2 * bytes) / timing.least / 1e6 });
      call.destroy();
    }
  } finally {
    source.destroy();
    result.destroy();
  }
  return attempts;
}
