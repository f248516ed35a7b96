import { Gpu } from '../gpu/gpu.ts';
import { createWebGpuLearner } from '../learner/joined_learner.ts';
import type { Learner, LearnerOptions } from '../learner/learner.ts';
import { rememberTunings } from '../learner/tune.ts';
import { createCpuLearner } from '../reference/cpu_learner.ts';
import { messageOf } from './message_of.ts';
import type { Backend } from './service.ts';
import { tuningStore } from './tuning_store.ts';

/** Milliseconds that a device's loss may take to be told after the call that failed by it. */
const LOSS_TOLD = 200;

/** The browser's best device, or the reference on the CPU where there is none. */
export class BrowserBackend {
  private constructor(
    readonly description: Backend,
    private readonly gpu: Gpu | undefined,
  ) {}

  static async open(): Promise<BrowserBackend> {
    try {
      const gpu = await openBrowserGpu();
      const { name: adapter, software } = gpu;
      return new BrowserBackend({ kind: 'webgpu', adapter, software, notice: '' }, gpu);
    } catch (error) {
      const notice = messageOf(error);
      const adapter = 'float64 reference on one CPU core';
      return new BrowserBackend({ kind: 'cpu', adapter, software: false, notice }, undefined);
    }
  }

  /**
   * `kind`: on the CPU although there is a GPU, for a run that was begun there. Throws ConfigError where the device
   * cannot hold the configuration.
   */
  async createLearner(options: LearnerOptions, kind: Backend['kind'] = 'webgpu'): Promise<Learner> {
    return this.gpu && kind === 'webgpu' ? createWebGpuLearner(this.gpu, options) : createCpuLearner(options);
  }

  /** What to tell of an error: the loss of the device, where that was the cause. */
  async explain(error: unknown): Promise<string> {
    const { gpu } = this;
    if (gpu) {
      // A call that a loss made fail may reject before the loss itself is told.
      await Promise.race([gpu.device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_TOLD))]);
      try {
        gpu.check();
      } catch (failure) {
        return (failure as Error).message;
      }
    }
    return messageOf(error);
  }
}

/** The browser's best device. Throws an Error that says why there is none. */
export async function openBrowserGpu(): Promise<Gpu> {
  const gpuObject = navigator.gpu as GPU | undefined;
  if (!gpuObject) throw new Error(missing());
  const adapter = await gpuObject.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('this browser has WebGPU, but found no adapter (GPU) that it may use');
  const gpu = await Gpu.open(adapter);
  rememberTunings(tuningStore);
  return gpu;
}

function missing(): string {
  return globalThis.isSecureContext
    ? 'this browser has no WebGPU'
    : 'WebGPU is only there on pages loaded over https, or from localhost';
}
