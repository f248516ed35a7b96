import { checkSaved } from './saved.ts';
import type { EnvSpec, StartableEnv } from './vector_env.ts';

/**
 * The rules of a game of two agents with few states, written as tables. It starts in state 0; every way
 * through it from a state is equally long, and leads to states of higher number only.
 */
export interface GameRules {
  readonly name: string;
  /** A, of each agent */
  readonly actions: number;
  /** What its states are called, in order. */
  readonly states: readonly string[];
  /** [states, A, A] the state that a joint action leads to; −1: the game is over */
  readonly next: readonly number[];
  /** [states, A, A] joint reward */
  readonly rewards: readonly number[];
}

/** Words of a copy that `save` gives: its state, and whether all its actions so far were optimal. */
const SAVED = 2;

/**
 * A game played from its tables; observation of both agents and state: the state's number as a one-hot vector.
 * Success: the joint return is the largest there is.
 */
export class TableGame implements StartableEnv {
  readonly spec: EnvSpec;
  readonly observations: Float32Array;
  readonly states: Float32Array;
  readonly nextObservations: Float32Array;
  readonly nextStates: Float32Array;
  readonly available = new Uint8Array(0);
  readonly nextAvailable = new Uint8Array(0);
  readonly rewards: Float32Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;
  readonly successes: Uint8Array;
  readonly starts = 1;

  /** [copies] state of each */
  private readonly at: Int32Array;
  /** [copies] 1 while the largest return can still be had */
  private readonly onTrack: Uint8Array;
  /** [states] steps to the end */
  private readonly left: Int32Array;
  /** [states, A, A] 1 for each joint action that the largest return can follow */
  private readonly best: Uint8Array;

  constructor(
    readonly rules: GameRules,
    readonly copies: number,
  ) {
    const size = rules.states.length;
    const joint = rules.actions ** 2;
    this.left = new Int32Array(size);
    for (let state = size - 1; state >= 0; state--) {
      const next = rules.next[state * joint];
      this.left[state] = 1 + (next < 0 ? 0 : this.left[next]);
    }
    const values = optimalValues(rules, 1);
    this.best = Uint8Array.from(values, (value, index) => {
      const first = index - (index % joint);
      return value === largest(values, first, joint) ? 1 : 0;
    });
    this.spec = {
      name: rules.name,
      agents: 2,
      actions: rules.actions,
      observationSize: size,
      stateSize: size,
      episodeLimit: this.left[0],
      masked: false,
    };
    this.observations = new Float32Array(copies * 2 * size);
    this.states = new Float32Array(copies * size);
    this.nextObservations = new Float32Array(copies * 2 * size);
    this.nextStates = new Float32Array(copies * size);
    this.rewards = new Float32Array(copies);
    this.terminations = new Uint8Array(copies);
    this.truncations = new Uint8Array(copies);
    this.successes = new Uint8Array(copies);
    this.at = new Int32Array(copies);
    this.onTrack = new Uint8Array(copies);
  }

  reset(): void {
    for (let copy = 0; copy < this.copies; copy++) this.begin(copy);
  }

  step(actions: Uint32Array): void {
    const { rules, at, onTrack, best } = this;
    for (let copy = 0; copy < this.copies; copy++) {
      const cell = (at[copy] * rules.actions + actions[2 * copy]) * rules.actions + actions[2 * copy + 1];
      const next = rules.next[cell];
      onTrack[copy] &= best[cell];
      this.rewards[copy] = rules.rewards[cell];
      this.terminations[copy] = next < 0 ? 1 : 0;
      this.successes[copy] = next < 0 ? onTrack[copy] : 0;
      // Where a game is over nothing is left to see: the state it ended in stands for that.
      if (next >= 0) at[copy] = next;
      this.observe(copy, this.nextObservations, this.nextStates);
      if (next < 0) this.begin(copy);
      else this.observe(copy, this.observations, this.states);
    }
  }

  begin(copy: number): void {
    this.at[copy] = 0;
    this.onTrack[copy] = 1;
    this.observe(copy, this.observations, this.states);
  }

  optimalLength(): number {
    return this.left[0];
  }

  optimalSteps(copy: number): number {
    return this.left[this.at[copy]];
  }

  save(): Int32Array {
    const saved = new Int32Array(this.copies * SAVED);
    for (let copy = 0; copy < this.copies; copy++) {
      saved[copy * SAVED] = this.at[copy];
      saved[copy * SAVED + 1] = this.onTrack[copy];
    }
    return saved;
  }

  check(saved: Int32Array): void {
    checkSaved(saved, this.copies, SAVED, (column) => (column === 0 ? this.rules.states.length : 2));
  }

  load(saved: Int32Array): void {
    this.check(saved);
    for (let copy = 0; copy < this.copies; copy++) {
      this.at[copy] = saved[copy * SAVED];
      this.onTrack[copy] = saved[copy * SAVED + 1];
      this.observe(copy, this.observations, this.states);
    }
  }

  private observe(copy: number, observations: Float32Array, states: Float32Array): void {
    const size = this.rules.states.length;
    for (let state = 0; state < size; state++) {
      const value = state === this.at[copy] ? 1 : 0;
      states[copy * size + state] = value;
      observations[2 * copy * size + state] = value;
      observations[(2 * copy + 1) * size + state] = value;
    }
  }
}

/** [states, A, A] the largest return, discounted by `gamma`, after each joint action. */
export function optimalValues(rules: GameRules, gamma: number): Float64Array {
  const joint = rules.actions ** 2;
  const values = new Float64Array(rules.next.length);
  for (let cell = values.length - 1; cell >= 0; cell--) {
    const next = rules.next[cell];
    values[cell] = rules.rewards[cell] + (next < 0 ? 0 : gamma * largest(values, next * joint, joint));
  }
  return values;
}

function largest(values: Float64Array, first: number, count: number): number {
  let most = values[first];
  for (let index = first + 1; index < first + count; index++) most = Math.max(most, values[index]);
  return most;
}
