/**
 * An environment as users write it: one copy, in a module whose default export makes it. The adapter steps many
 * copies, truncates episodes at the limit, and resets what has ended.
 */
export interface SingleEnv {
  /** N */
  readonly agents: number;
  /** A, the same for every agent; actions are whole numbers from 0 */
  readonly actions: number;
  /** O, numbers that one agent observes */
  readonly observationSize: number;
  /** S, numbers of the global state, which only training sees */
  readonly stateSize: number;
  /** Steps after which an episode is truncated. */
  readonly episodeLimit: number;
  /**
   * Begins an episode. `random` gives uniform numbers in [0, 1), for this episode's steps too: it is the only
   * randomness there may be, so that a run can be repeated and resumed.
   */
  reset(random: () => number): Moment;
  /** Takes every agent's action. */
  step(actions: readonly number[]): StepResult;
}

/** What there is to see at one moment. */
export interface Moment {
  /** [N][O] what each agent sees, about 0 to 1 in size where it can be */
  readonly observations: readonly ArrayLike<number>[];
  /** [S] */
  readonly state: ArrayLike<number>;
  /** [N][A] which actions are legal (1 or true); all are where it is left out, at every moment alike */
  readonly actionMask?: readonly ArrayLike<number | boolean>[];
}

/** What a step led to. */
export interface StepResult extends Moment {
  /** The agents' joint reward. */
  readonly reward: number;
  /** The episode has ended for good. */
  readonly terminated: boolean;
  /** The episode is cut off before its limit, though it could go on. */
  readonly truncated?: boolean;
  /** The episode that ends here was a success; where it is left out, termination is. */
  readonly success?: boolean;
}

/** The default export of a module. */
export type EnvironmentFactory = () => SingleEnv;
