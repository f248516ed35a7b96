/**
 * A WebGPU device and what there is to know about it. Knows nothing of learning, browsers or Node.
 */
export class Gpu {
  private constructor(
    readonly device: GPUDevice,
    /** The adapter's name, for people. */
    readonly name: string,
  ) {}

  /** Opens a device with all the memory the adapter allows, and timestamps where it has them. */
  static async open(adapter: GPUAdapter): Promise<Gpu> {
    const { limits } = adapter;
    const device = await adapter.requestDevice({
      label: 'qmix',
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      },
      requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
    });
    return new Gpu(device, adapterName(adapter.info));
  }

  get limits(): GPUSupportedLimits {
    return this.device.limits;
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
