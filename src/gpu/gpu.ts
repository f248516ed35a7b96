import { completesLate, hasten } from './completion.ts';

/** Used where an adapter has them. */
const FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'subgroups'];

/** Milliseconds after which a device whose buffer could not be mapped is not lost. */
const LOSS_TOLD_WITHIN = 1000;

/** The device was lost, or something went wrong on it: what it computed then is worth nothing. */
export class DeviceError extends Error {
  override name = 'DeviceError';

  /** `lost`: another device may do it. */
  constructor(
    message: string,
    readonly lost: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * A WebGPU device and what there is to know about it. Knows nothing of learning, browsers or Node.
 */
export class Gpu {
  private failure: string | undefined;
  private lost = false;
  /** Mappings are waited for as src/gpu/completion.ts says. */
  private hastens = false;

  private constructor(
    readonly device: GPUDevice,
    /** The adapter's name, for people. */
    readonly name: string,
    /** Threads of every subgroup, where kernels may use them and all have as many; else 0. */
    readonly subgroupSize: number,
    /** A CPU plays the GPU. */
    readonly software: boolean,
  ) {
    void device.lost.then(({ reason, message }) => {
      this.lost = true;
      // What is said may go on after it.
      this.failure ??= `the device was lost (${reason}): ${message.replace(/\.$/, '')}`;
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.failure ??= error.message;
    });
  }

  /** Opens a device with all the memory the adapter allows, and timestamps and subgroups where it has them. */
  static async open(adapter: GPUAdapter): Promise<Gpu> {
    const { limits } = adapter;
    const device = await adapter.requestDevice({
      label: 'qmix',
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      },
      requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    });
    const { subgroupMinSize, subgroupMaxSize } = adapter.info;
    const fixed = device.features.has('subgroups') && subgroupMinSize === subgroupMaxSize;
    const name = adapterName(adapter.info);
    const gpu = new Gpu(device, name, fixed ? subgroupMinSize : 0, isSoftware(adapter.info, name));
    gpu.hastens = await completesLate(device);
    return gpu;
  }

  get limits(): GPUSupportedLimits {
    return this.device.limits;
  }

  /** The device was lost, or something went wrong on it. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /** Throws DeviceError if the device was lost or anything went wrong on it. */
  check(): void {
    if (this.failure) throw new DeviceError(`${this.name}: ${this.failure}`, this.lost);
  }

  /** A buffer of `bytes` (rounded up to 16), zeroed. */
  buffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    return this.device.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 16) * 16), usage });
  }

  /** A buffer that holds `data`. */
  bufferWith(label: string, data: ArrayBufferView<ArrayBuffer>, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.buffer(label, data.byteLength, usage | GPUBufferUsage.COPY_DST);
    this.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  /**
   * Maps a buffer's first bytes, all without a number, for reading, once everything submitted before is done. Throws as
   * `check` does.
   */
  async map(buffer: GPUBuffer, bytes: number = buffer.size): Promise<void> {
    try {
      const mapping = buffer.mapAsync(GPUMapMode.READ, 0, bytes);
      await (this.hastens ? hasten(this.device, mapping) : mapping);
    } catch (error) {
      throw await this.unreadable(buffer, error);
    }
    this.check();
  }

  /** Fills `words` from a mapped buffer, and unmaps it. Throws as `map` does: the device may have been lost since. */
  async takeMapped(buffer: GPUBuffer, words: Uint32Array): Promise<void> {
    try {
      words.set(new Uint32Array(buffer.getMappedRange(0, words.byteLength)));
      buffer.unmap();
    } catch (error) {
      throw await this.unreadable(buffer, error);
    }
  }

  /** Why a buffer cannot be mapped, or cannot be read any more although it was mapped. */
  private async unreadable(buffer: GPUBuffer, cause: unknown): Promise<DeviceError> {
    // It fails before the loss is told, and without a word about it.
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_TOLD_WITHIN))]);
    const why = this.failure ?? `${buffer.label} could not be read`;
    return new DeviceError(`${this.name}: ${why}`, this.lost, { cause });
  }

  /** A copy of a buffer's bytes, once everything submitted before is done. The offset must be a multiple of 4. */
  async read(buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const size = Math.ceil(bytes / 4) * 4;
    const staging = this.device.createBuffer({
      label: `${buffer.label}.staging`,
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.device.createCommandEncoder({ label: `${buffer.label}.read` });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    this.device.queue.submit([encoder.finish()]);
    await this.map(staging);
    const words = new Uint32Array(size / 4);
    await this.takeMapped(staging, words);
    staging.destroy();
    return words.buffer.slice(0, bytes);
  }

  async readFloats(buffer: GPUBuffer, first: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array(await this.read(buffer, 4 * first, 4 * count));
  }

  destroy(): void {
    this.device.destroy();
  }
}

/** The most telling of what an adapter says about itself. */
export function adapterName(info: GPUAdapterInfo): string {
  const name = info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(' ');
  return name || 'unnamed adapter';
}

const isSoftware = ({ isFallbackAdapter }: GPUAdapterInfo, name: string): boolean =>
  isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render|warp/i.test(name);
