import { type Config, runMembers } from '../config.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { createWebGpuLearner } from '../learner/joined_learner.ts';
import { learnerOptions } from '../learner/learner.ts';
import { configuredShape } from '../train/environments.ts';
import { openRollout, type RolloutChoice } from '../train/open_rollout.ts';
import { Trainer } from '../train/trainer.ts';

/** A rollout without training: act, step, store, over and over. */
export interface RolloutRun {
  /** Goes on for at least so many steps of all environments; resolves to those it made, and milliseconds of wall time. */
  steps(atLeast: number): Promise<{ readonly steps: number; readonly milliseconds: number }>;
  /** Vector steps made since the beginning, none in flight, and [L] where all environments stand after as many. */
  environments(): Promise<{ readonly steps: number; readonly states: Int32Array[] }>;
  close(): void;
}

/**
 * Opens the rollout of a configuration's learners, its environments stepped by the GPU or by TypeScript; training
 * never begins, and replay keeps a step's transitions alone. `stepsPerSubmit`: see openRollout. Throws ConfigError
 * where the GPU cannot.
 */
export async function openRolloutRun(
  gpu: Gpu,
  config: Config,
  choice: RolloutChoice,
  stepsPerSubmit?: number,
): Promise<RolloutRun> {
  const endless = { ...config, warmup: Number.MAX_SAFE_INTEGER, episodes: 0 };
  const options = learnerOptions(config, configuredShape(config));
  const learner = await createWebGpuLearner(gpu, { ...options, replayCapacity: config.environments });
  try {
    const rollout = await openRollout(choice, endless, learner, runMembers(endless), stepsPerSubmit);
    const trainer = new Trainer(endless, learner, { rollout });
    const made = () => trainer.progress[0].environmentSteps / config.environments;
    return {
      steps: async (atLeast) => {
        const before = made();
        const begun = performance.now();
        while (made() < before + atLeast) await trainer.advance();
        return { steps: made() - before, milliseconds: performance.now() - begun };
      },
      environments: async () => {
        const saved = await trainer.save();
        const states = saved.map((tensors) => tensors.get('environment')!.data as Int32Array);
        return { steps: made(), states };
      },
      close: () => learner.destroy(),
    };
  } catch (error) {
    learner.destroy();
    throw error;
  }
}
