import type { EnvironmentState } from '../learner/device_steps.ts';
import type { Schedule } from './schedule.ts';

/** What steps the environments of a trainer's learners, and the learners with them. */
export interface Rollout {
  /** True while steps are under way that have not been counted. */
  readonly underWay: boolean;
  /** Steps that an advance makes at most, and then none is left under way; without one (undefined), as it likes. */
  stepsAtOnce: number | undefined;
  /**
   * Makes a step or more of all active learners, as the schedule says, and counts each there, in order.
   * `settle`: begins none, only ends what is under way. Rejects with EnvironmentFailure where a user's environment
   * fails; then it can be saved all the same.
   */
  advance(schedule: Schedule, settle?: boolean): Promise<void>;
  /** [L] copies of where all environments stand after the last step; not while steps are under way. */
  save(): Promise<EnvironmentState[]>;
  /** Resets environments that stand nowhere yet; the first `advance` does it too. Rejects as that does. */
  begin(): Promise<void>;
  /** Goes on from what `save` gave, one a learner. Rejects with ConfigError where an environment does not take it. */
  load(states: readonly EnvironmentState[]): Promise<void>;
  /** Frees its environments. */
  close(): void;
}
