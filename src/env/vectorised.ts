import { ConfigError } from '../config_error.ts';
import { environmentFault, type Fault, momentFault, stepFault } from './faults.ts';
import { KeyedRandom } from './keyed_random.ts';
import { checkSaved } from './saved.ts';
import type { EnvironmentFactory, Moment, SingleEnv } from './single_env.ts';
import type { EnvSpec, VectorEnv } from './vector_env.ts';

/**
 * Copies of a user's environment, stepped one after another. Throws ConfigError naming the rule that one breaks.
 *
 * Users' environments save nothing. What is saved of a copy is its episode's number and actions so far; `load`
 * plays them again, which gives the same as the episode's randomness is keyed by its number.
 */
export class Vectorised implements VectorEnv {
  readonly spec: EnvSpec;
  readonly observations: Float32Array;
  readonly states: Float32Array;
  readonly nextObservations: Float32Array;
  readonly nextStates: Float32Array;
  readonly available: Uint8Array;
  readonly nextAvailable: Uint8Array;
  readonly rewards: Float32Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;
  readonly successes: Uint8Array;

  private readonly environments: readonly SingleEnv[];
  private readonly randoms: readonly KeyedRandom[];
  /** [copies] number of the running episode, from 0 */
  private readonly episodes: Int32Array;
  /** [copies] steps taken in the running episode */
  private readonly steps: Int32Array;
  /** [copies][steps, N] actions of the running episode; they grow to the longest there was */
  private readonly history: readonly number[][];
  private readonly chosen: number[];

  constructor(
    factory: EnvironmentFactory,
    private readonly name: string,
    seed: number,
    readonly copies: number,
  ) {
    this.environments = Array.from({ length: copies }, () => factory());
    this.randoms = this.environments.map((_, copy) => new KeyedRandom(seed, copy));
    this.history = this.environments.map(() => []);
    this.episodes = new Int32Array(copies);
    this.steps = new Int32Array(copies);
    const [first] = this.environments;
    this.require(environmentFault(first), 0);
    const { agents, actions, observationSize, stateSize, episodeLimit } = first;
    // Only what a reset gives tells whether there are masks.
    const masked = first.reset(this.randoms[0].next)?.actionMask !== undefined;
    this.spec = { name, agents, actions, observationSize, stateSize, episodeLimit, masked };
    this.chosen = new Array(agents).fill(0);
    this.observations = new Float32Array(copies * agents * observationSize);
    this.states = new Float32Array(copies * stateSize);
    this.nextObservations = new Float32Array(copies * agents * observationSize);
    this.nextStates = new Float32Array(copies * stateSize);
    this.available = new Uint8Array(masked ? copies * agents * actions : 0);
    this.nextAvailable = new Uint8Array(this.available.length);
    this.rewards = new Float32Array(copies);
    this.terminations = new Uint8Array(copies);
    this.truncations = new Uint8Array(copies);
    this.successes = new Uint8Array(copies);
  }

  reset(): void {
    this.episodes.fill(0);
    for (let copy = 0; copy < this.copies; copy++) this.beginEpisode(copy);
  }

  step(actions: Uint32Array): void {
    const { agents, episodeLimit } = this.spec;
    for (let copy = 0; copy < this.copies; copy++) {
      const history = this.history[copy];
      const at = this.steps[copy] * agents;
      for (let i = 0; i < agents; i++) history[at + i] = actions[copy * agents + i];
      const result = this.act(copy);
      const terminated = result.terminated;
      const truncated = !terminated && (result.truncated === true || this.steps[copy] >= episodeLimit);
      this.rewards[copy] = result.reward;
      this.terminations[copy] = terminated ? 1 : 0;
      this.truncations[copy] = truncated ? 1 : 0;
      this.successes[copy] = (terminated || truncated) && (result.success ?? terminated) ? 1 : 0;
      this.write(copy, result, this.nextObservations, this.nextStates, this.nextAvailable);
      if (terminated || truncated) {
        this.episodes[copy]++;
        this.beginEpisode(copy);
      } else {
        this.write(copy, result, this.observations, this.states, this.available);
      }
    }
  }

  /** Per copy: episode number, steps taken, and the actions of these steps, zeros up to the limit. */
  save(): Int32Array {
    const { agents } = this.spec;
    const width = this.savedWidth;
    const saved = new Int32Array(this.copies * width);
    for (let copy = 0; copy < this.copies; copy++) {
      saved[copy * width] = this.episodes[copy];
      saved[copy * width + 1] = this.steps[copy];
      const taken = this.steps[copy] * agents;
      for (let k = 0; k < taken; k++) saved[copy * width + 2 + k] = this.history[copy][k];
    }
    return saved;
  }

  check(saved: Int32Array): void {
    const { actions, episodeLimit } = this.spec;
    checkSaved(saved, this.copies, this.savedWidth, (column) =>
      column === 0 ? 2 ** 31 : column === 1 ? episodeLimit : actions,
    );
  }

  load(saved: Int32Array): void {
    const { agents } = this.spec;
    this.check(saved);
    const width = this.savedWidth;
    for (let copy = 0; copy < this.copies; copy++) {
      const base = copy * width;
      this.episodes[copy] = saved[base];
      this.beginEpisode(copy);
      for (let step = 0; step < saved[base + 1]; step++) {
        for (let i = 0; i < agents; i++) {
          this.history[copy][step * agents + i] = saved[base + 2 + step * agents + i];
        }
        const result = this.act(copy);
        if (result.terminated || result.truncated) {
          throw new ConfigError(
            `environment: ${this.name}, copy ${copy}: its saved episode ends earlier when it is played again, ` +
              'allowed: the module that the run was made with',
          );
        }
        this.write(copy, result, this.observations, this.states, this.available);
      }
    }
  }

  private get savedWidth(): number {
    return 2 + this.spec.agents * this.spec.episodeLimit;
  }

  /** Takes the step whose actions stand at the end of the copy's history. */
  private act(copy: number) {
    const { agents, actions, masked } = this.spec;
    const at = this.steps[copy]++ * agents;
    for (let i = 0; i < agents; i++) {
      const action = this.history[copy][at + i];
      if (masked && this.available[(copy * agents + i) * actions + action] === 0) {
        throw new Error(
          `${this.name}, copy ${copy}: agent ${i} was made to take the illegal action ${action}`,
        );
      }
      this.chosen[i] = action;
    }
    const environment = this.environments[copy];
    const result = environment.step(this.chosen);
    this.require(
      momentFault(environment, result, masked, result?.terminated === true) ?? stepFault(result),
      copy,
    );
    return result;
  }

  private beginEpisode(copy: number): void {
    const environment = this.environments[copy];
    this.randoms[copy].begin(this.episodes[copy]);
    this.steps[copy] = 0;
    const moment = environment.reset(this.randoms[copy].next);
    this.require(momentFault(environment, moment, this.spec.masked, false), copy);
    this.write(copy, moment, this.observations, this.states, this.available);
  }

  private require(fault: Fault | undefined, copy: number): void {
    if (!fault) return;
    const where = `copy ${copy}, episode ${this.episodes[copy]}, step ${this.steps[copy]}`;
    throw new ConfigError(`environment: ${this.name}: ${fault.rule}: ${fault.found} (${where})`);
  }

  private write(
    copy: number,
    { observations, state, actionMask }: Moment,
    toObservations: Float32Array,
    toStates: Float32Array,
    toAvailable: Uint8Array,
  ): void {
    const { agents, actions, observationSize, stateSize } = this.spec;
    for (let i = 0; i < agents; i++) {
      const at = (copy * agents + i) * observationSize;
      for (let k = 0; k < observationSize; k++) toObservations[at + k] = observations[i][k];
    }
    for (let k = 0; k < stateSize; k++) toStates[copy * stateSize + k] = state[k];
    if (actionMask === undefined) return;
    for (let i = 0; i < agents; i++) {
      const at = (copy * agents + i) * actions;
      for (let a = 0; a < actions; a++) toAvailable[at + a] = Number(actionMask[i][a]);
    }
  }
}
