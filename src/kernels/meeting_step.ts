import code from '../../shaders/meeting_step.wgsl';
import { coordinates } from '../env/grid.ts';
import type { EnvironmentOptions } from '../env/kind.ts';
import { REWARD_MET, REWARD_STEP } from '../env/meeting_gridworld.ts';
import { recordLayout } from '../shapes.ts';
import { WORKGROUP } from './layout.ts';
import { STEP_BINDINGS, type StepKernel } from './step_kernel.ts';

/** Host twin of shaders/meeting_step.wgsl: a step of Meeting Gridworld. */
export function meetingStep(options: EnvironmentOptions): StepKernel {
  const { gridSize, agents, episodeLimit, observationScale, stateScale } = options;
  const scales = [observationScale, stateScale];
  return {
    source: { name: 'meeting_step', code, bindings: STEP_BINDINGS },
    constants: ({ layout }) => {
      const record = recordLayout(layout.shape);
      return {
        ...layout.constants,
        WORKGROUP,
        RECORD: record.size,
        RECORD_NEXT: record.nextObservations,
        RECORD_ACTIONS: record.actions,
        RECORD_REWARD: record.reward,
        RECORD_AVAILABLE: record.nextAvailable,
        GRID: gridSize,
        EPISODE_LIMIT: episodeLimit,
        REWARD_STEP,
        REWARD_END: REWARD_MET,
      };
    },
    // The cells of agents and goal, steps, episode.
    stateWords: agents + 3,
    // From the environment's own divisions: the GPU's may differ by 2.5 ulp.
    table: Float32Array.from(scales.flatMap((scale) => [...coordinates(gridSize, scale)])),
    rewards: Float32Array.of(REWARD_STEP, REWARD_MET),
  };
}
