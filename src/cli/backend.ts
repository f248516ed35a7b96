import { totalmem } from 'node:os';
import { Gpu } from '../gpu/gpu.ts';
import { createWebGpuLearner } from '../learner/joined_learner.ts';
import type { LearnerOptions } from '../learner/learner.ts';
import { rememberTunings } from '../learner/tune.ts';
import { type NodeGpu, openNodeGpu, wantedKinds } from '../node/adapter.ts';
import { reason } from '../node/files.ts';
import { tuningStore } from '../node/tuning_file.ts';
import { createCpuLearner } from '../reference/cpu_learner.ts';
import type { OpenLearner } from '../train/population.ts';
import { say } from './output.ts';

export const BACKENDS = ['auto', 'webgpu', 'cpu'] as const;
export type BackendChoice = (typeof BACKENDS)[number];

/**
 * Opens a learner on the backend asked for. `auto` takes WebGPU where there is an adapter or one can be
 * fetched, else the reference on the CPU, with a notice on standard error. Throws ConfigError where there is
 * no adapter (`webgpu`), or where adapter or memory cannot hold the configuration.
 */
export async function openLearner(choice: BackendChoice, options: LearnerOptions): Promise<OpenLearner> {
  const gpu = choice === 'cpu' ? undefined : await sharedDevice(choice);
  const learner = gpu ? await createWebGpuLearner(gpu, options) : createCpuLearner(options, memory());
  return { learner, close: () => learner.destroy() };
}

/** Bytes that this process may use: the machine's, or those of the container that it is in. */
function memory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/**
 * The device that the learners of this process share, one after another: every further one would leave threads and
 * memory behind. One that was lost, or on which something went wrong, is replaced.
 */
let shared: Gpu | undefined;

async function sharedDevice(choice: 'auto' | 'webgpu'): Promise<Gpu | undefined> {
  if (shared && !shared.failed) return shared;
  closeDevices();
  const found = await findAdapter(choice);
  shared = found && (await openGpu(found));
  return shared;
}

/** Frees the learners' device: once, before the process ends, which would crash with work in flight. */
export function closeDevices(): void {
  shared?.destroy();
  shared = undefined;
}

/** A device of the best adapter. Throws ConfigError where there is none. */
export async function openWebGpu(): Promise<Gpu> {
  return openGpu(await openNodeGpu());
}

function openGpu(found: NodeGpu): Promise<Gpu> {
  rememberTunings(tuningStore);
  return Gpu.open(found.adapter);
}

async function findAdapter(choice: 'auto' | 'webgpu'): Promise<NodeGpu | undefined> {
  // A misspelt variable is a mistake to tell, not a machine without an adapter.
  wantedKinds();
  try {
    return await openNodeGpu();
  } catch (error) {
    if (choice === 'webgpu') throw error;
    say(`no WebGPU adapter, so the float64 reference on the CPU is used, which is slower: ${reason(error)}`);
    return undefined;
  }
}
