import type { Gpu } from '../gpu/gpu.ts';
import { createWebGpuLearner } from '../learner/joined_learner.ts';
import { learnerOptions } from '../learner/learner.ts';
import { makeConfig } from '../presets.ts';
import { configuredShape } from '../train/environments.ts';
import { Trainer } from '../train/trainer.ts';

/** One line of the benchmark: one learner from its first parameters to greedy success from all starts. */
export interface SolveRow {
  readonly preset: string;
  readonly seed: number;
  /** Whether it came to 100% before the preset's updates were made. */
  readonly solved: boolean;
  /** From the first step to the end of the first evaluation with 100%; or until it ended without. */
  readonly seconds: number;
  /** Before it: opening the learner, kernels compiled or fetched from the driver's cache. */
  readonly secondsToOpen: number;
  readonly updates: number;
  readonly environmentSteps: number;
}

/** Trains a seed of a preset to the first 100%. `changes` are fields over the preset's. */
export async function timeSolving(
  gpu: Gpu,
  preset: string,
  seed: number,
  note: (text: string) => void = () => {},
  changes: Readonly<Record<string, unknown>> = {},
): Promise<SolveRow> {
  const config = makeConfig(preset, { ...changes, seeds: [seed] });
  const opening = performance.now();
  const learner = await createWebGpuLearner(gpu, learnerOptions(config, configuredShape(config)));
  try {
    let success = 0;
    const trainer = new Trainer(config, learner, {
      onRow: (row) => {
        if (row.kind !== 'evaluation') return;
        success = row.success;
        note(`solve, seed ${seed}: ${row.updates} updates, ${(100 * success).toFixed(1)}%`);
      },
    });
    const begun = performance.now();
    while (success < 1 && !trainer.finished) await trainer.advance();
    const ended = performance.now();
    const { updates, environmentSteps } = trainer.progress[0];
    return {
      preset,
      seed,
      solved: success === 1,
      seconds: (ended - begun) / 1000,
      secondsToOpen: (begun - opening) / 1000,
      updates,
      environmentSteps,
    };
  } finally {
    learner.destroy();
  }
}
