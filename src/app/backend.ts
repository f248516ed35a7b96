import { Gpu } from '../gpu/gpu.ts';
import { createWebGpuLearner } from '../learner/joined_learner.ts';
import type { Learner, LearnerOptions } from '../learner/learner.ts';
import { rememberTunings } from '../learner/tune.ts';
import { createCpuLearner } from '../reference/cpu_learner.ts';
import { messageOf } from './message_of.ts';
import type { Backend } from './service.ts';
import { tuningStore } from './tuning_store.ts';

/** Milliseconds for which a browser that has lost its GPU is asked for another, and between two times. */
const ASKED_FOR = 10_000;
const ASKED_EVERY = 250;

/** The browser's best device, or the reference on the CPU where there is none. */
export class BrowserBackend {
  private reopening: Promise<Gpu> | undefined;

  private constructor(
    readonly description: Backend,
    private gpu: Gpu | undefined,
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
   * `kind`: on the CPU although there is a GPU, for a run that was begun there. A device that was lost is replaced.
   * Throws ConfigError where the device cannot hold the configuration.
   */
  async createLearner(options: LearnerOptions, kind: Backend['kind'] = 'webgpu'): Promise<Learner> {
    if (!this.gpu || kind === 'cpu') return createCpuLearner(options);
    if (this.gpu.failed) {
      this.gpu.destroy();
      this.reopening ??= reopen().finally(() => {
        this.reopening = undefined;
      });
      this.gpu = await this.reopening;
    }
    return createWebGpuLearner(this.gpu, options);
  }
}

/** A device of a browser that has lost one: for a moment it may have none. */
async function reopen(): Promise<Gpu> {
  for (const end = performance.now() + ASKED_FOR; ; ) {
    try {
      return await openBrowserGpu();
    } catch (error) {
      if (performance.now() > end) {
        // Chromium, for one, gives none to a page whose GPU was lost twice within minutes, until it is reloaded.
        throw new Error(`${messageOf(error)}; a reload may help`);
      }
      await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY));
    }
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
