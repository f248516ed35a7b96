import type { EnvironmentOptions } from '../env/kind.ts';
import { meetingStep } from './meeting_step.ts';
import type { StepKernel } from './step_kernel.ts';

/**
 * The environments that the GPU can step too, by the names of src/env/registry.ts. Another one is a shader and its
 * host twin, and a line here.
 */
const kernels: Readonly<Record<string, (options: EnvironmentOptions) => StepKernel>> = {
  'meeting-gridworld': meetingStep,
};

export const gpuEnvironmentNames = Object.keys(kernels);

/** The step kernel of the configured environment; undefined where it has none. */
export const stepKernel = (config: EnvironmentOptions & { environment: string }): StepKernel | undefined =>
  Object.hasOwn(kernels, config.environment) ? kernels[config.environment](config) : undefined;
