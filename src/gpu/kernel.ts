import type { Gpu } from './gpu.ts';

/** How a kernel uses a buffer; its place in the list is its binding number. */
export interface Binding {
  readonly name: string;
  readonly access: 'read' | 'read_write' | 'uniform';
}

/** A shader and what it binds, without a device. */
export interface KernelSource {
  /** Name of the kernel, and of its entry point where `entryPoint` does not say otherwise. */
  readonly name: string;
  readonly entryPoint?: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
}

const BUFFER_TYPES = { read: 'read-only-storage', read_write: 'storage', uniform: 'uniform' } as const;

/** A kernel bound and sized: what the hot loop encodes. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly buffers: GPUBindGroup;
  /** Bindings whose place moves from dispatch to dispatch. */
  readonly moving: number;
  /** Workgroups. */
  readonly x: number;
  readonly y: number;
}

const STILL = new Uint32Array(8);

/** `offsets`: bytes by which each of its moving bindings lies behind where it is bound, in order of bindings. */
export function encodeDispatch(
  pass: GPUComputePassEncoder,
  dispatch: Dispatch,
  offsets: Uint32Array = STILL,
): void {
  pass.setPipeline(dispatch.pipeline);
  pass.setBindGroup(0, dispatch.buffers, offsets as Uint32Array<ArrayBuffer>, 0, dispatch.moving);
  pass.dispatchWorkgroups(dispatch.x, dispatch.y);
}

/** Buffers by the names of bindings. */
export type Bound = Readonly<Record<string, GPUBuffer | GPUBufferBinding>>;

/** A compiled kernel: made once, bound once, dispatched often. */
export class Kernel {
  private constructor(
    private readonly gpu: Gpu,
    readonly source: KernelSource,
    readonly pipeline: GPUComputePipeline,
    private readonly layout: GPUBindGroupLayout,
    /** Bindings with dynamic offsets. */
    private readonly moving: number,
  ) {}

  /**
   * Compiles a kernel. `constants` are the overrides of its shader; `moving` names the bindings, of those it has,
   * that a dispatch can move (dynamic offsets): how dispatches of one submit are told different things.
   * Throws an Error with line, message and source of what does not compile.
   */
  static async compile(
    gpu: Gpu,
    source: KernelSource,
    constants: Record<string, number>,
    moving: readonly string[] = [],
  ): Promise<Kernel> {
    const { device } = gpu;
    const { name, code, bindings, entryPoint = name } = source;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: name, code });
    const problem = describeMessages(name, code, (await module.getCompilationInfo()).messages);
    await device.popErrorScope();
    if (problem) throw new Error(problem);
    const layout = device.createBindGroupLayout({
      label: `${name}.layout`,
      entries: bindings.map(({ name: bound, access }, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: BUFFER_TYPES[access], hasDynamicOffset: moving.includes(bound) },
      })),
    });
    try {
      const pipeline = await device.createComputePipelineAsync({
        label: name,
        layout: device.createPipelineLayout({ label: `${name}.pipelineLayout`, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint, constants },
      });
      const movingBindings = bindings.filter((binding) => moving.includes(binding.name)).length;
      return new Kernel(gpu, source, pipeline, layout, movingBindings);
    } catch (error) {
      throw new Error(`shader ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A dispatch of x · y workgroups on these buffers, by the names of the kernel's bindings. */
  dispatch(buffers: Bound, x: number, y: number): Dispatch {
    return { pipeline: this.pipeline, buffers: this.bind(buffers), moving: this.moving, x, y };
  }

  /** Binds buffers by the names of the kernel's bindings; those that move, with offset and size. */
  bind(buffers: Bound): GPUBindGroup {
    return this.gpu.device.createBindGroup({
      label: `${this.source.name}.buffers`,
      layout: this.layout,
      entries: this.source.bindings.map(({ name }, binding) => {
        const buffer = buffers[name];
        if (!buffer) throw new Error(`kernel ${this.source.name}: no buffer for its binding "${name}"`);
        return { binding, resource: 'buffer' in buffer ? buffer : { buffer } };
      }),
    });
  }
}

function describeMessages(name: string, code: string, messages: readonly GPUCompilationMessage[]): string {
  const lines = code.split('\n');
  return messages
    .filter((message) => message.type === 'error')
    .map(({ lineNum, linePos, message }) => {
      const place = `shader ${name}, line ${lineNum}, column ${linePos}: ${message}`;
      return lineNum > 0
        ? `${place}\n  ${lines[lineNum - 1]}\n  ${' '.repeat(Math.max(0, linePos - 1))}^`
        : place;
    })
    .join('\n');
}
