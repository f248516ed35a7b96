/**
 * Environments stepped together, in PettingZoo's words.
 *
 * One VectorEnv belongs to one learner: it holds `copies` copies of a cooperative environment and steps
 * all of them at once. A copy whose episode ends is reset within the same `step`: `nextObservations` and
 * `nextStates` then hold what the finished episode ended in (time-outs too, so that truncation can be
 * bootstrapped through) and `observations` and `states` what the new one begins with.
 */
export interface EnvSpec {
  readonly name: string;
  /** N */
  readonly agents: number;
  /** A, the same for every agent */
  readonly actions: number;
  /** O, numbers one agent observes */
  readonly observationSize: number;
  /** S, numbers of the global state */
  readonly stateSize: number;
  /** Steps after which an episode is truncated. */
  readonly episodeLimit: number;
  /** Some actions may be illegal: `available` and `nextAvailable` say which are not. */
  readonly masked: boolean;
}

export interface VectorEnv {
  readonly spec: EnvSpec;
  readonly copies: number;
  /** [copies, N, O] what the agents see now */
  readonly observations: Float32Array;
  /** [copies, S] */
  readonly states: Float32Array;
  /** [copies, N, O] what the last step led to, before any reset */
  readonly nextObservations: Float32Array;
  /** [copies, S] */
  readonly nextStates: Float32Array;
  /** [copies, N, A] 1 for each action that is legal now; empty where spec.masked is false */
  readonly available: Uint8Array;
  /** [copies, N, A] 1 for each action that is legal where the last step led to, before any reset; empty likewise */
  readonly nextAvailable: Uint8Array;
  /** [copies] joint reward of the last step */
  readonly rewards: Float32Array;
  /** [copies] 1 where the last step ended the episode for good */
  readonly terminations: Uint8Array;
  /** [copies] 1 where the last step ran into the time limit */
  readonly truncations: Uint8Array;
  /** [copies] 1 where the last step ended an episode in success */
  readonly successes: Uint8Array;

  /** Begins episode 0 in every copy. */
  reset(): Done;
  /**
   * actions [copies, N], copied before it returns. Throws or rejects with EnvironmentFailure where a user's module
   * fails: what `save` gives is then still of before this step.
   */
  step(actions: Uint32Array): Done;
  /** Everything that is needed to go on from after the last finished step, as whole numbers. */
  save(): Int32Array;
  /** Throws ConfigError where `save` cannot have returned this; nothing is played or changed. */
  check(saved: Int32Array): void;
  /** Goes on from what `save` returned; throws or rejects as `check` and `step` do. */
  load(saved: Int32Array): Done;
  /** A step is about to come: whoever has to be woken for it can be woken now. */
  expectStep?(): void;
  /** Frees what is held elsewhere for it. */
  close?(): void;
}

/** What a worker does is done when the promise resolves; what is done in line, at once. */
export type Done = void | Promise<void>;

/**
 * An environment with finitely many starts, each of which can be played on purpose: what a greedy
 * evaluation over all starts needs. It is one that comes with the project, and steps in line.
 */
export interface StartableEnv extends VectorEnv {
  /** Number of distinct starts; every one is as likely at a reset. */
  readonly starts: number;
  /** Begins an episode from start `start` (0..starts−1) in copy `copy`. */
  begin(copy: number, start: number): void;
  reset(): void;
  step(actions: Uint32Array): void;
  load(saved: Int32Array): void;
  /** Steps an optimal team needs from a start. */
  optimalLength(start: number): number;
  /** Steps an optimal team needs from where copy `copy` stands now. */
  optimalSteps(copy: number): number;
}

/** An environment whose states are few enough to list, so that a greedy policy can be tabulated; success is termination. */
export interface TabularEnv extends StartableEnv {
  /** Number of states. */
  readonly stateCount: number;
  /** [stateCount, N, O] what the agents see in every state */
  tabulateObservations(): Float32Array;
  /** [stateCount, N, A] 1 for each action that is legal in every state; empty where spec.masked is false */
  tabulateAvailable(): Float32Array;
  /** The state (0..stateCount−1) that copy `copy` is in. */
  stateIndex(copy: number): number;
  /**
   * What each state's joint action, actions [stateCount, N], does: the state it leads to, or −1 where it ends
   * the episode for good, to next [stateCount], and its reward to rewards [stateCount].
   */
  successors(actions: Uint32Array, next: Int32Array, rewards: Float32Array): void;
}

export const isStartable = (environment: VectorEnv): environment is StartableEnv => 'begin' in environment;
export const isTabular = (environment: VectorEnv): environment is TabularEnv => 'stateCount' in environment;
