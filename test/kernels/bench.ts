import type { Gpu } from '../../src/gpu/gpu.ts';
import { Kernel, type KernelSource } from '../../src/gpu/kernel.ts';
import { type Expected, findDifferences, findMismatches, type Tolerance } from './compare.ts';
import type { Place } from './places.ts';

type Words = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Words behind every buffer that no kernel may write: out-of-bounds writes are silent otherwise. */
const GUARD_WORDS = 64;
const GUARD = 0x7eadbeef;

/** A buffer on the GPU that began as `data`. */
export interface GuardedBuffer {
  readonly buffer: GPUBuffer;
  readonly data: Words;
}

type Bound = Readonly<Record<string, GuardedBuffer | GPUBuffer | GPUBufferBinding>>;

/** What a case works with: buffers with guards, kernels, comparisons. Collects the case's mismatches. */
export class Bench {
  readonly mismatches: string[] = [];
  private readonly release: (() => void)[] = [];

  constructor(
    readonly gpu: Gpu,
    readonly kernel: string,
  ) {}

  /** A storage buffer that holds `data`, and guards behind it. */
  buffer(label: string, data: Words): GuardedBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const guarded = new Uint32Array(data.length + GUARD_WORDS).fill(GUARD, data.length);
    guarded.set(new Uint32Array(data.buffer, data.byteOffset, data.length));
    const buffer = this.gpu.bufferWith(label, guarded, usage);
    this.onFree(() => buffer.destroy());
    return { buffer, data };
  }

  uniform(label: string, data: Words): GPUBuffer {
    const buffer = this.gpu.bufferWith(label, data, GPUBufferUsage.UNIFORM);
    this.onFree(() => buffer.destroy());
    return buffer;
  }

  /** Destroyed with the case. */
  own<T extends { destroy(): void }>(thing: T): T {
    this.onFree(() => thing.destroy());
    return thing;
  }

  /** One dispatch of x · y workgroups; buffers by the names of the kernel's bindings. */
  async run(
    source: KernelSource,
    constants: Record<string, number>,
    buffers: Bound,
    x: number,
    y: number,
  ): Promise<void> {
    this.dispatch(await Kernel.compile(this.gpu, source, constants), buffers, x, y);
  }

  /** The same of a kernel that is dispatched often. */
  dispatch(kernel: Kernel, buffers: Bound, x: number, y: number): void {
    const { device } = this.gpu;
    const plain = Object.fromEntries(
      Object.entries(buffers).map(([name, buffer]) => [name, 'data' in buffer ? buffer.buffer : buffer]),
    );
    const encoder = device.createCommandEncoder({ label: kernel.source.name });
    const pass = encoder.beginComputePass();
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, kernel.bind(plain));
    pass.dispatchWorkgroups(x, y);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** What a buffer holds now, its guards checked. */
  async readWords(from: GuardedBuffer): Promise<Uint32Array<ArrayBuffer>> {
    const { length } = from.data;
    const words = new Uint32Array(await this.gpu.read(from.buffer, 0, 4 * (length + GUARD_WORDS)));
    for (let j = length; j < words.length; j++) {
      if (words[j] === GUARD) continue;
      this.mismatches.push(`${from.buffer.label}: written past its end, ${j - length} words behind it`);
      break;
    }
    return words.subarray(0, length);
  }

  async readFloats(from: GuardedBuffer): Promise<Float32Array<ArrayBuffer>> {
    const words = await this.readWords(from);
    return new Float32Array(words.buffer, 0, words.length);
  }

  /** Every number within the tolerance. */
  near(tensor: string, got: Expected, expected: Expected, tolerance: Tolerance, place?: Place): void {
    this.mismatches.push(...findMismatches(`${this.kernel}: ${tensor}`, got, expected, tolerance, place));
  }

  /** Bit for bit. */
  same(tensor: string, got: Words, expected: Words, place?: Place): void {
    this.mismatches.push(...findDifferences(`${this.kernel}: ${tensor}`, got, expected, place));
  }

  /** What a case itself rests on, and what is no tensor. */
  holds(condition: boolean, otherwise: string): void {
    if (!condition) this.mismatches.push(otherwise);
  }

  free(): void {
    for (const release of this.release.splice(0).reverse()) release();
  }

  private onFree(release: () => void): void {
    this.release.push(release);
  }
}
