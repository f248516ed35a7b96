import { describe, expect, it } from 'vitest';
import { algorithms } from '../../src/presets.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { Play, smallOptions } from './play.ts';

describe('end to end', () => {
  it.each<[Record<string, unknown>]>([
    [{}],
    [{ sharedAgents: true }],
    [{ targetUpdate: 'hard' }],
    [algorithms.iql],
    [algorithms['ps-dqn']],
    [algorithms.vdn],
    [{ positivity: 'abs', hyperLayers: 1, biasLayers: 1, agentId: true }],
    [{ offGrid: 'illegal' }],
  ])('solves Meeting Gridworld 2×2 from every start: %o', async (changes) => {
    const options = smallOptions([1], {
      gridSize: 2,
      environments: 8,
      batchSize: 32,
      replayCapacity: 5000,
      learningRate: 2e-3,
      mixerLearningRate: 1e-3,
      tau: 0.02,
      ...changes,
    });
    const play = new Play(createCpuLearner(options), 2);
    expect(await play.success(0, 2)).toBeLessThan(0.5);
    let solved = 0;
    for (let k = 0; k < 3000 && solved < 1; k += 100) {
      await play.advance(99, Math.max(0.05, 1 - k / 800));
      play.learner.inputs.copiesTarget.fill(changes.targetUpdate === 'hard' ? 1 : 0);
      await play.advance(1, 0.05);
      play.learner.inputs.copiesTarget.fill(0);
      solved = await play.success(0, 2);
    }
    expect(solved).toBe(1);
  });
});
