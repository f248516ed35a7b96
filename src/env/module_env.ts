import type { Attached } from './module_protocol.ts';
import type { Role } from './place.ts';
import { checkSaved } from './saved.ts';
import { type SharedArrays, sharedArrays } from './shared_arrays.ts';
import type { EnvSpec, VectorEnv } from './vector_env.ts';

/** What copies ask of their module's thread. A number stands for them there. */
export interface ModuleCalls {
  /** Makes copies known to the thread; returns their number. */
  attach(attached: Omit<Attached, 'environment' | 'changed'>, role: Role, actions: Uint32Array): number;
  detach(environment: number): void;
  reset(environment: number): Promise<void>;
  /** Resolves to [copies] 1 for each whose saved episode came out differently, so that the next one was begun. */
  load(environment: number, saved: Int32Array): Promise<Uint8Array>;
  /**
   * Asks for a step by the shared actions. It is under way when this returns: several environments' may be asked for
   * before the first is waited for.
   */
  step(environment: number): Promise<void>;
  /** A step is about to come: the thread wakes up. */
  expectStep(): void;
}

/**
 * Copies of a user's environment, which the thread of its module steps.
 *
 * Users' environments save nothing. What is saved of a copy is its episode's number and actions so far; `load`
 * plays them again, which gives the same as the episode's randomness is keyed by its number. All of this is kept
 * here, and moves on only when the thread has answered: what is saved never hangs on it.
 */
export class ModuleEnv implements VectorEnv {
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

  private readonly shared: SharedArrays;
  /** Its number in the thread, once it is known there. */
  private attached: number | undefined;
  private busy = false;
  /** [copies] number of the running episode, from 0 */
  private readonly episodes: Int32Array;
  /** [copies] steps taken in the running episode */
  private readonly steps: Int32Array;
  /** [copies][steps, N] actions of the running episode; they grow to the longest there was */
  private readonly history: readonly number[][];

  constructor(
    private readonly client: ModuleCalls,
    readonly spec: EnvSpec,
    private readonly seed: number,
    readonly copies: number,
    private readonly role: Role,
  ) {
    const shared = sharedArrays(spec, copies);
    this.shared = shared;
    this.observations = shared.observations;
    this.states = shared.states;
    this.nextObservations = shared.nextObservations;
    this.nextStates = shared.nextStates;
    this.available = shared.available;
    this.nextAvailable = shared.nextAvailable;
    this.rewards = shared.rewards;
    this.terminations = shared.terminations;
    this.truncations = shared.truncations;
    this.successes = shared.successes;
    this.episodes = new Int32Array(copies);
    this.steps = new Int32Array(copies);
    this.history = Array.from({ length: copies }, () => []);
  }

  reset(): Promise<void> {
    return this.exclusively(async () => {
      await this.client.reset(this.attach());
      this.episodes.fill(0);
      this.steps.fill(0);
    });
  }

  step(actions: Uint32Array): Promise<void> {
    const { attached } = this;
    if (attached === undefined) throw new Error(`${this.spec.name}: stepped before its first reset`);
    this.requireLegal(actions);
    this.occupy();
    this.shared.actions.set(actions);
    const stepping = this.commit(this.client.step(attached));
    // Of several that are under way, the first that fails is heard of; the others must not end the process.
    stepping.catch(ignore);
    return stepping;
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

  load(saved: Int32Array): Promise<void> {
    this.check(saved);
    return this.exclusively(async () => {
      const skipped = await this.client.load(this.attach(), saved);
      const width = this.savedWidth;
      for (let copy = 0; copy < this.copies; copy++) {
        const base = copy * width;
        this.episodes[copy] = saved[base] + skipped[copy];
        this.steps[copy] = skipped[copy] === 1 ? 0 : saved[base + 1];
        const taken = this.steps[copy] * this.spec.agents;
        for (let k = 0; k < taken; k++) this.history[copy][k] = saved[base + 2 + k];
      }
    });
  }

  expectStep(): void {
    this.client.expectStep();
  }

  close(): void {
    if (this.attached !== undefined) this.client.detach(this.attached);
    this.attached = undefined;
  }

  private get savedWidth(): number {
    return 2 + this.spec.agents * this.spec.episodeLimit;
  }

  /** A step counts once the thread has answered. */
  private async commit(stepping: Promise<void>): Promise<void> {
    try {
      await stepping;
    } finally {
      this.busy = false;
    }
    const { episodes, steps, history, terminations, truncations } = this;
    const { actions } = this.shared;
    const { agents } = this.spec;
    for (let copy = 0; copy < this.copies; copy++) {
      if (terminations[copy] === 1 || truncations[copy] === 1) {
        episodes[copy]++;
        steps[copy] = 0;
        continue;
      }
      const taken = history[copy];
      const at = steps[copy]++ * agents;
      for (let i = 0; i < agents; i++) taken[at + i] = actions[copy * agents + i];
    }
  }

  private attach(): number {
    const { spec, seed, copies, shared } = this;
    this.attached ??= this.client.attach(
      { spec, seed, copies, buffer: shared.buffer },
      this.role,
      shared.actions,
    );
    return this.attached;
  }

  private async exclusively(work: () => Promise<void>): Promise<void> {
    this.occupy();
    try {
      await work();
    } finally {
      this.busy = false;
    }
  }

  private occupy(): void {
    if (this.busy) throw new Error(`${this.spec.name}: a step was asked for before the last one was over`);
    this.busy = true;
  }

  private requireLegal(chosen: Uint32Array): void {
    const { name, agents, actions, masked } = this.spec;
    if (!masked) return;
    for (let row = 0; row < chosen.length; row++) {
      if (this.available[row * actions + chosen[row]] !== 0) continue;
      throw new Error(
        `${name}, copy ${Math.floor(row / agents)}: agent ${row % agents} was made to take the illegal action ${chosen[row]}`,
      );
    }
  }
}

const ignore = (): void => {};
