import { expect, test } from 'vitest';
import { Policy } from '../../src/inspect/policy.ts';
import { initialParameters } from '../../src/learner/initialise.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape, createEnvironment } from '../../src/train/environments.ts';

const STARTS = 10;

/** Mean ∂Q_tot/∂Q_i of a preset's learners before any update, over agents, seeds and starts. */
async function meanSlope(preset: string): Promise<number> {
  const config = makeConfig(preset, { seeds: [2025, 2026, 2027, 2028, 2029] });
  const shape = configuredShape(config);
  let sum = 0;
  for (const seed of config.seeds) {
    const parameters = initialParameters(shape, seed);
    const policy = new Policy(shape, (name) => parameters.get(name)!);
    const env = createEnvironment(config, seed, STARTS);
    await env.reset();
    const observations = shape.agents * shape.observationSize;
    for (let copy = 0; copy < STARTS; copy++) {
      const seen = env.observations.subarray(copy * observations, (copy + 1) * observations);
      const state = env.states.subarray(copy * shape.stateSize, (copy + 1) * shape.stateSize);
      for (const slope of policy.look(seen, [], state).slopes!) sum += slope;
    }
  }
  return sum / (config.seeds.length * STARTS * shape.agents);
}

test('Q_tot rises about 60 times as fast as a Q-value in the report’s setting, and about 15 times in solve', async () => {
  expect(10 * Math.round((await meanSlope('report')) / 10)).toBe(60);
  expect(5 * Math.round((await meanSlope('solve')) / 5)).toBe(15);
});
