import type { Schedule } from './schedule.ts';

/** Where the environments of one learner stand. */
export interface RolloutState {
  /** [E, …] everything that is needed to go on, as VectorEnv.save gives it */
  readonly environment: Int32Array;
  /** [E, record] what their last step was: the learner's next step stores it */
  readonly transitions: Float32Array;
}

/** What steps the environments of a trainer's learners, and the learners with them. */
export interface Rollout {
  /** True while steps are under way that have not been counted. */
  readonly underWay: boolean;
  /** Makes a step or more of all active learners, as the schedule says, and counts each there, in order. */
  advance(schedule: Schedule): Promise<void>;
  /** [L] copies of where all environments stand after the last step; not while steps are under way. */
  save(): Promise<RolloutState[]>;
  /** Goes on from what `save` gave, one a learner. Throws ConfigError where an environment does not take it. */
  load(states: readonly RolloutState[]): void;
}
