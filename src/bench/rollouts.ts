import type { Config } from '../config.ts';
import { requireLegal } from '../env/legal.ts';
import type { Done, VectorEnv } from '../env/vector_env.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { learnerOptions } from '../learner/learner.ts';
import { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { below, philox, STREAM } from '../random.ts';
import { recordLayout } from '../shapes.ts';
import { configuredShape, createEnvironment } from '../train/environments.ts';
import { writeAfter, writeBefore } from '../train/transitions.ts';
import { openRolloutRun } from './rollout_run.ts';

/** Something that steps environments, in vector steps of all E of them. */
export interface TimedRollout {
  /** `count` vector steps; resolves when they are done, results checked. */
  advance(count: number): Promise<void>;
  destroy(): void;
}

/** Share of random actions: what a rollout costs does not depend on it. */
const EPSILON = 0.1;
/** Vector steps whose random actions are drawn before the clock runs. */
const DRAWN = 64;
const NEVER_OVER = new Uint8Array(0);

/** Environments in TypeScript, stepped with random actions that stand ready. */
export async function environmentAlone(_: Gpu, config: Config): Promise<TimedRollout> {
  const environment = createEnvironment(config, 0, config.environments);
  await environment.reset();
  const { agents, actions } = environment.spec;
  const words = new Uint32Array(4);
  const drawn = Array.from({ length: DRAWN }, (_none, step) =>
    Uint32Array.from({ length: config.environments * agents }, (_other, row) => {
      philox(words, 0, STREAM.test, step, row);
      return below(words[0], actions);
    }),
  );
  let steps = 0;
  const step = (): Done => environment.step(drawn[steps++ % DRAWN]);
  await watchEpisodes(environment, step);
  return {
    advance: async (count) => {
      for (let made = 0; made < count; made++) {
        const stepping = step();
        if (stepping) await stepping;
      }
    },
    destroy: () => {},
  };
}

/** Environments in TypeScript, actions and replay on the GPU: the training loop without its updates. */
export async function environmentsOnCpu(gpu: Gpu, config: Config): Promise<TimedRollout> {
  const environment = createEnvironment(config, 0, config.environments);
  await environment.reset();
  const layout = recordLayout(configuredShape(config));
  const learner = await WebGpuLearner.create(gpu, learnerOptions(config, configuredShape(config)));
  const { inputs } = learner;
  inputs.epsilon.fill(EPSILON);
  const { masked, actions: actionCount } = environment.spec;
  let steps = 0;
  const step = async (): Promise<void> => {
    inputs.observations.set(environment.observations);
    if (masked) {
      requireLegal(environment, environment.available, NEVER_OVER);
      inputs.available.set(environment.available);
    }
    inputs.stores[0] = steps > 0 ? 1 : 0;
    const acting = learner.step(steps++);
    writeBefore(inputs.transitions, 0, layout, environment);
    const actions = await acting;
    for (let row = 0; row < actions.length; row++) {
      if (actions[row] >= actionCount)
        throw new Error(`action ${row}: got ${actions[row]}, of ${actionCount}`);
    }
    await environment.step(actions);
    writeAfter(inputs.transitions, 0, layout, environment, actions);
  };
  try {
    await watchEpisodes(environment, step);
  } catch (error) {
    learner.destroy();
    throw error;
  }
  return {
    advance: async (count) => {
      for (let made = 0; made < count; made++) await step();
    },
    destroy: () => learner.destroy(),
  };
}

/**
 * Everything on the GPU, many vector steps a submit. Its environments must stand where those in TypeScript stand after
 * as many steps. Throws ConfigError where the environment has no kernel.
 */
export async function environmentsOnGpu(gpu: Gpu, config: Config): Promise<TimedRollout> {
  const run = await openRolloutRun(gpu, config, 'gpu');
  try {
    await run.steps(2 * config.episodeLimit);
    const got = await run.environments();
    const truth = await openRolloutRun(gpu, config, 'cpu');
    try {
      await truth.steps(got.steps);
      const expected = await truth.environments();
      if (expected.steps !== got.steps)
        throw new Error(`steps: got ${got.steps}, expected ${expected.steps}`);
      const [states, truths] = [got.states[0], expected.states[0]];
      const wrong = states.findIndex((number, j) => number !== truths[j]);
      if (wrong >= 0) {
        throw new Error(`environment state ${wrong}: got ${states[wrong]}, expected ${truths[wrong]}`);
      }
    } finally {
      truth.close();
    }
  } catch (error) {
    run.close();
    throw error;
  }
  return {
    advance: async (count) => {
      await run.steps(count);
    },
    destroy: () => run.close(),
  };
}

/**
 * Makes the first steps, two episodes' worth, and sees that every environment goes through episodes: a step that did
 * nothing would be a fast one. Throws where one does not.
 */
async function watchEpisodes(environment: VectorEnv, step: () => Done): Promise<void> {
  const { episodeLimit } = environment.spec;
  const ended = new Uint32Array(environment.copies);
  for (let count = 0; count < 2 * episodeLimit; count++) {
    await step();
    for (let copy = 0; copy < ended.length; copy++) {
      ended[copy] += environment.terminations[copy] | environment.truncations[copy];
    }
  }
  const stuck = ended.findIndex((episodes) => episodes < 2);
  if (stuck >= 0) {
    throw new Error(
      `environment ${stuck}: got ${ended[stuck]} episodes in ${2 * episodeLimit} steps, expected at least 2`,
    );
  }
}
