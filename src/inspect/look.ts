/** What the networks say of one situation of N agents with A actions each. Numbers are float64. */
export interface Look {
  /** [N][A] each agent's Q-values */
  readonly q: readonly (readonly number[])[];
  /** [N][A] whether an action is legal */
  readonly legal: readonly (readonly boolean[])[];
  /** [N] the greedy joint action; ties go to the lowest */
  readonly greedy: readonly number[];
  /** Q_tot of the greedy joint action; undefined without a mixer, where there is none */
  readonly qTotal: number | undefined;
  /** [N] ∂Q_tot/∂Q_i at the greedy joint action, never negative; undefined without a mixer */
  readonly slopes: readonly number[] | undefined;
  /** What the hypernetworks make of the state; undefined where the mixer is not monotonic. */
  readonly mixing: Mixing | undefined;
}

/** The mixing network of one state: what the hypernetworks make of it. */
export interface Mixing {
  /** [N][M] weights of the first layer, never negative */
  readonly w1: readonly (readonly number[])[];
  /** [M] */
  readonly b1: readonly number[];
  /** [M] weights of the second layer, never negative */
  readonly w2: readonly number[];
  readonly b2: number;
}

/** One moment of an episode: its start, or where a joint action led. */
export interface Moment {
  /** Cells of the pieces, agents first, as the environment has them. */
  readonly cells: readonly number[];
  /** [N] the joint action that led here; empty at the start */
  readonly actions: readonly number[];
  /** The reward of that action; NaN at the start. */
  readonly reward: number;
  /**
   * TD error of the transition that led here, y − Q_tot with y = r + γ Q_tot⁻ (Double-Q, as the update has it);
   * without a mixer the mean over agents. NaN at the start.
   */
  readonly tdError: number;
  readonly look: Look;
}

/** An episode as the policy of one moment of training plays it. */
export interface Episode {
  /** The start and every step. */
  readonly moments: readonly Moment[];
  /** Steps that an optimal team needs from the start; NaN where not known. */
  readonly optimal: number;
  readonly outcome: 'solved' | 'timeout';
  /** Updates that the parameters had seen. */
  readonly updates: number;
}
