import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { createWebGpuLearner } from '../../src/learner/joined_learner.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { useNodeGpu } from '../support/node_gpu.ts';
import { advance } from './small.ts';

/** Learns the 3×3 grid in about a thousand updates, on small networks. */
const config = (changes: Partial<Config> = {}): Config =>
  makeConfig('solve', {
    gridSize: 3,
    hidden: 32,
    mixerWidth: 8,
    hyperHidden: 16,
    seeds: [2025, 2],
    batchSize: 32,
    warmup: 500,
    replayCapacity: 20_000,
    epsilonDecaySteps: 20_000,
    learningRate: 3e-3,
    gamma: 0.9,
    evaluateEvery: 100,
    updates: 4000,
    ...changes,
  });

async function openTrainer(gpu: Gpu, used: Config): Promise<Trainer> {
  return new Trainer(used, await createWebGpuLearner(gpu, learnerOptions(used, configuredShape(used))));
}

describe('training on WebGPU', () => {
  const gpu = useNodeGpu();

  it('solves the 3×3 grid from all 504 starts, for every seed', async () => {
    const trainer = await openTrainer(gpu(), config());
    await advance(trainer);
    for (const evaluation of await trainer.finish()) {
      expect(evaluation.starts).toBe(504);
      expect(evaluation.success).toBe(1);
      expect(evaluation.lengthRatio).toBeLessThanOrEqual(1.01);
    }
    trainer.learner.destroy();
  }, 600_000);

  it('goes on from what was saved, at an odd step within episodes, to the very same bytes', async () => {
    const used = config({ stopWhenSolved: false, updates: 57 });
    const whole = await openTrainer(gpu(), used);
    await advance(whole);
    const first = await openTrainer(gpu(), used);
    await advance(first, 39);
    const saved = await first.save();
    const second = await openTrainer(gpu(), used);
    await second.load(saved);
    await advance(second);
    const bytes = async (trainer: Trainer) => encodeCheckpoint(trainer, await trainer.save());
    expect(Buffer.compare(await bytes(second), await bytes(whole))).toBe(0);
    for (const { learner } of [whole, first, second]) learner.destroy();
  });
});
