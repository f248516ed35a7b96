import { ConfigError } from '../config_error.ts';
import { BrokenRule, type Fault, type Outcome, sizesFault } from './faults.ts';
import { KeyedRandom } from './keyed_random.ts';
import type { Attached } from './module_protocol.ts';
import type { MomentArrays } from './moment.ts';
import { type PlaceWords, WHERE } from './place.ts';
import { type SharedArrays, sharedArrays } from './shared_arrays.ts';
import type { SingleEnv } from './single_env.ts';
import { makeEnvironment, readReset, readStep, type UserFactory } from './user_environment.ts';

/**
 * Copies of a user's environment, stepped one after another, in the thread that the module runs in. They write what
 * comes of it into the shared arrays; the other side keeps what is needed to go on. Throws BrokenRule.
 */
export class ModuleCopies {
  private readonly environments: SingleEnv[] = [];
  private readonly randoms: KeyedRandom[] = [];
  /** [copies] number of the running episode, from 0 */
  private readonly episodes: Int32Array;
  /** [copies] steps taken in the running episode */
  private readonly steps: Int32Array;
  private readonly arrays: SharedArrays;
  private readonly now: MomentArrays;
  private readonly next: MomentArrays;
  private readonly outcome: Outcome = { reward: 0, terminated: false, truncated: false, success: undefined };

  constructor(
    private readonly user: UserFactory,
    private readonly attached: Attached,
    private readonly place: PlaceWords,
  ) {
    const { spec, copies, buffer } = attached;
    this.episodes = new Int32Array(copies);
    this.steps = new Int32Array(copies);
    const arrays = sharedArrays(spec, copies, buffer);
    this.arrays = arrays;
    const { nextObservations: observations, nextStates: states, nextAvailable: available } = arrays;
    this.now = arrays;
    this.next = { observations, states, available };
  }

  /** Begins episode 0 in every copy. */
  reset(): void {
    this.make();
    this.episodes.fill(0);
    for (let copy = 0; copy < this.attached.copies; copy++) this.begin(copy);
  }

  /** Steps every copy by the shared actions; where an episode ends, the next one is begun. */
  step(): void {
    const { outcome, arrays, episodes, steps } = this;
    const { copies, spec } = this.attached;
    for (let copy = 0; copy < copies; copy++) {
      this.act(copy);
      const { terminated } = outcome;
      const truncated = !terminated && (outcome.truncated || steps[copy] >= spec.episodeLimit);
      arrays.rewards[copy] = outcome.reward;
      arrays.terminations[copy] = terminated ? 1 : 0;
      arrays.truncations[copy] = truncated ? 1 : 0;
      arrays.successes[copy] = (terminated || truncated) && (outcome.success ?? terminated) ? 1 : 0;
      if (terminated || truncated) {
        episodes[copy]++;
        this.begin(copy);
      } else {
        this.carryOver(copy);
      }
    }
  }

  /**
   * Plays what ModuleEnv saved again, [copies][episode, steps, actions…]. Where an episode comes out differently, throws
   * ConfigError; of a changed module, begins the next one instead. Returns [copies] 1 for each of which it did.
   */
  load(saved: Int32Array): Uint8Array {
    this.make();
    const { copies, changed } = this.attached;
    const width = saved.length / copies;
    const skipped = new Uint8Array(copies);
    for (let copy = 0; copy < copies; copy++) {
      const [episode] = saved.subarray(copy * width);
      this.episodes[copy] = episode;
      const differs = this.replay(copy, saved.subarray(copy * width + 1, (copy + 1) * width));
      if (!differs) continue;
      if (!changed) throw this.another(copy, differs);
      skipped[copy] = 1;
      this.episodes[copy] = episode + 1;
      this.begin(copy);
    }
    return skipped;
  }

  /** Plays an episode's first steps again, by [steps, actions…]; says how it comes out differently, if it does. */
  private replay(copy: number, [steps, ...taken]: Int32Array): string | undefined {
    const { agents } = this.attached.spec;
    const { actions } = this.arrays;
    this.begin(copy);
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < agents; i++) actions[copy * agents + i] = taken[step * agents + i];
      if (!this.legal(copy)) return 'takes an illegal action';
      this.act(copy);
      if (this.outcome.terminated || this.outcome.truncated) return 'ends earlier';
      this.carryOver(copy);
    }
    return undefined;
  }

  /** Takes the step whose actions are in the shared arrays. */
  private act(copy: number): void {
    const { steps, episodes, user, outcome } = this;
    const { spec } = this.attached;
    this.place.set(WHERE.step, copy, episodes[copy], ++steps[copy]);
    // A new one every time: the module may keep it, and change it.
    const actions = this.actionsOf(copy);
    const environment = this.environments[copy];
    const fault = readStep(environment, actions, user.url, spec, this.next, copy, outcome);
    if (fault) this.fail(fault, copy);
  }

  private begin(copy: number): void {
    const { spec } = this.attached;
    this.steps[copy] = 0;
    this.randoms[copy].begin(this.episodes[copy]);
    this.place.set(WHERE.reset, copy, this.episodes[copy]);
    const { next } = this.randoms[copy];
    const fault = readReset(this.environments[copy], next, this.user.url, spec, this.now, copy);
    if (fault) this.fail(fault, copy);
  }

  private make(): void {
    const { copies, seed, spec } = this.attached;
    for (let copy = this.environments.length; copy < copies; copy++) {
      this.place.set(WHERE.making, copy);
      const environment = makeEnvironment(this.user, this.place);
      const fault = sizesFault(environment, spec);
      if (fault) this.fail(fault, copy);
      this.environments.push(environment);
      this.randoms.push(new KeyedRandom(seed, copy));
    }
  }

  /** What the step led to is what there is to see now. */
  private carryOver(copy: number): void {
    const { agents, observationSize, stateSize, actions, masked } = this.attached.spec;
    copyRow(this.now.observations, this.next.observations, copy, agents * observationSize);
    copyRow(this.now.states, this.next.states, copy, stateSize);
    if (masked) copyRow(this.now.available, this.next.available, copy, agents * actions);
  }

  private legal(copy: number): boolean {
    const { agents, actions, masked } = this.attached.spec;
    for (let row = copy * agents; masked && row < (copy + 1) * agents; row++) {
      if (this.now.available[row * actions + this.arrays.actions[row]] === 0) return false;
    }
    return true;
  }

  private actionsOf(copy: number): number[] {
    const { agents } = this.attached.spec;
    const actions: number[] = [];
    for (let i = 0; i < agents; i++) actions.push(this.arrays.actions[copy * agents + i]);
    return actions;
  }

  private another(copy: number, how: string): ConfigError {
    return new ConfigError(
      `environment: ${this.attached.spec.name}, copy ${copy}: its saved episode ${how} when it is played again, ` +
        'allowed: the module that the run was made with, and the files that it imports; --environment-changed begins such episodes anew',
    );
  }

  private fail(fault: Fault, copy: number): never {
    throw new BrokenRule(fault, this.place.read(), this.actionsOf(copy));
  }
}

/** Copies row `row` of [rows, width]. A loop: most are a few numbers, for which views would cost more. */
function copyRow(
  to: Float32Array | Float64Array | Uint8Array,
  from: Float32Array | Float64Array | Uint8Array,
  row: number,
  width: number,
): void {
  for (let at = row * width; at < (row + 1) * width; at++) to[at] = from[at];
}
