import { type Config, ConfigError, type Member } from '../config.ts';
import { gpuEnvironmentNames, stepKernel } from '../kernels/step_kernels.ts';
import type { Learner } from '../learner/learner.ts';
import { recordLayout } from '../shapes.ts';
import { DeviceRollout } from './device_rollout.ts';
import { createEnvironment } from './environments.ts';
import { HostRollout } from './host_rollout.ts';
import { Pace } from './pace.ts';
import type { Rollout } from './rollout.ts';

export const ROLLOUTS = ['auto', 'gpu', 'cpu'] as const;
export type RolloutChoice = (typeof ROLLOUTS)[number];
export const ROLLOUT_HELP =
  `gpu: environments step on the GPU too (${gpuEnvironmentNames.join(', ')}), many steps a submit; ` +
  'cpu: in TypeScript; auto: on the GPU where it can; all with the same bits';

/**
 * What steps the environments of a learner's members; at most one a learner. `stepsPerSubmit`: as many steps a
 * submit on the GPU, where not as many as take about 50 ms. Throws ConfigError where `gpu` is impossible.
 */
export async function openRollout(
  choice: RolloutChoice,
  config: Config,
  learner: Learner,
  members: readonly Member[],
  stepsPerSubmit?: number,
): Promise<Rollout> {
  const environments = members.map((member) =>
    createEnvironment(member.config, member.seed, config.environments),
  );
  const kernel = stepKernel(config);
  if (choice === 'gpu') refuse(config, learner, kernel !== undefined);
  if (choice === 'cpu' || !kernel || !learner.openSteps) return new HostRollout(learner, environments);
  const steps = await learner.openSteps(kernel);
  const { size } = recordLayout(learner.options.shape);
  const pace = new Pace(steps.capacity, stepsPerSubmit);
  return new DeviceRollout(steps, environments, size, kernel.rewards, pace);
}

function refuse({ environment }: Config, { backend, openSteps }: Learner, hasKernel: boolean): void {
  const allowed = 'rollout: got gpu, allowed: auto, cpu';
  if (!hasKernel) {
    throw new ConfigError(
      `${allowed}, as the GPU does not know ${environment} (it knows ${gpuEnvironmentNames.join(', ')})`,
    );
  }
  if (!openSteps) throw new ConfigError(`${allowed}, as the backend is ${backend}`);
}
