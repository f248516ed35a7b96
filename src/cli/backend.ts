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

/** Dawn's objects, kept: once they are collected, work on their devices ends the process. */
const kept: NodeGpu[] = [];

/**
 * Opens a learner on the backend asked for. `auto` takes WebGPU where there is an adapter or one can be
 * fetched, else the reference on the CPU, with a notice on standard error. Throws ConfigError where there is
 * no adapter (`webgpu`), or where the adapter cannot hold the configuration.
 */
export async function openLearner(choice: BackendChoice, options: LearnerOptions): Promise<OpenLearner> {
  const found = choice === 'cpu' ? undefined : await findAdapter(choice);
  if (!found) {
    const learner = createCpuLearner(options);
    return { learner, close: () => learner.destroy() };
  }
  const gpu = await openGpu(found);
  try {
    const learner = await createWebGpuLearner(gpu, options);
    return {
      learner,
      close: () => {
        learner.destroy();
        gpu.destroy();
      },
    };
  } catch (error) {
    gpu.destroy();
    throw error;
  }
}

/** A device of the best adapter. Throws ConfigError where there is none. */
export async function openWebGpu(): Promise<Gpu> {
  return openGpu(await openNodeGpu());
}

function openGpu(found: NodeGpu): Promise<Gpu> {
  kept.push(found);
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
