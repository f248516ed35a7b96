import type { Config } from '../../src/config.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { Trainer, type TrainerOptions } from '../../src/train/trainer.ts';

/** A configuration that the reference trains thousands of updates of in a second: 3×3, tiny networks. */
export function smallConfig(changes: Partial<Config> = {}): Config {
  return makeConfig('solve', {
    gridSize: 3,
    hidden: 6,
    mixerWidth: 3,
    hyperHidden: 4,
    environments: 3,
    batchSize: 5,
    replayCapacity: 100,
    warmup: 20,
    epsilonDecaySteps: 400,
    episodeLimit: 9,
    seeds: [11, 12, 13],
    updates: 77,
    evaluateEvery: 10,
    logEvery: 10,
    saveEvery: 25,
    ...changes,
  });
}

/** A trainer on the reference, to be fed by `advance`. */
export function smallTrainer(config: Config, options: TrainerOptions = {}): Trainer {
  return new Trainer(config, createCpuLearner(learnerOptions(config, configuredShape(config))), options);
}

export async function advance(trainer: Trainer, steps = Number.POSITIVE_INFINITY): Promise<Trainer> {
  for (let step = 0; step < steps && !trainer.finished; step++) await trainer.advance();
  return trainer;
}
