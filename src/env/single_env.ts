/**
 * An environment as users write it: one copy, in a module whose default export makes it. The adapter steps many
 * copies, truncates episodes at the limit, and resets what has ended.
 *
 * - The module runs in a worker. What it prints goes to standard error. It is imported once, and may await at its top;
 *   `reset` and `step` are synchronous: they return what they give, not a promise of it.
 * - Every array that it is handed is its own: it may keep it, or change it. Every array that it returns is copied at
 *   once: it may hand out the same one again.
 * - Whatever it does (throws, gives what is no number, ends its process, hangs), a run goes on from its last finished
 *   step, and what it is told of names copy and episode (from 0), step (from 1), seed and actions.
 * - A run remembers the SHA-256 of the module's file, and goes on with that one only, unless told otherwise. Files that
 *   the module imports are not part of it.
 */
export interface SingleEnv {
  /** N, 1 to 16 */
  readonly agents: number;
  /** A, at most 4,096; actions are whole numbers from 0. Where agents differ, the largest, and masks. */
  readonly actions: number;
  /** O, numbers that one agent observes, at most 65,536. Where agents differ, the largest; pad with zeros. */
  readonly observationSize: number;
  /** S, numbers of the global state, which only training sees, at most 65,536 */
  readonly stateSize: number;
  /** Steps after which an episode is truncated, at most 100,000. */
  readonly episodeLimit: number;
  /**
   * Begins an episode. `random` gives uniform numbers in [0, 1), for this episode's steps too: it is the only
   * randomness there may be, so that a run can be repeated and resumed.
   */
  reset(random: () => number): Moment;
  /** Takes every agent's action, [N], a new array at every step. */
  step(actions: number[]): StepResult;
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
  /** The agents' joint reward: the sum, where each has its own. */
  readonly reward: number;
  /** The episode has ended for good. */
  readonly terminated: boolean;
  /** The episode is cut off before its limit, though it could go on; where it has terminated too, that counts. */
  readonly truncated?: boolean;
  /** The episode that ends here was a success; where it is left out, termination is. */
  readonly success?: boolean;
}

/** The default export of a module. */
export type EnvironmentFactory = () => SingleEnv;
