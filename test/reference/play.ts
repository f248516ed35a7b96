import type { Config } from '../../src/config.ts';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import { type Learner, type LearnerOptions, learnerOptions } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { networkShape, recordLayout } from '../../src/shapes.ts';

/** Small learners of Meeting Gridworld. */
export function smallOptions(
  seeds: readonly number[],
  changes: Readonly<Record<string, unknown>> = {},
): LearnerOptions {
  const config = makeConfig('solve', {
    gridSize: 3,
    hidden: 16,
    mixerWidth: 8,
    hyperHidden: 8,
    seeds: [...seeds],
    environments: 3,
    batchSize: 9,
    replayCapacity: 50,
    warmup: 1,
    ...changes,
  });
  return learnerOptions(config, networkShape(config, gridworld(config.gridSize, 0, 1, config.offGrid).spec));
}

type OffGrid = Config['offGrid'];

export const gridworld = (
  gridSize: number,
  seed: number,
  copies: number,
  offGrid: OffGrid = 'stay',
): MeetingGridworld =>
  new MeetingGridworld(
    { gridSize, agents: 2, episodeLimit: 12, observationScale: 'unit', stateScale: 'unit', offGrid },
    seed,
    copies,
  );

/** Steps environments and learner together: the smallest loop that uses the interface as intended. */
export class Play {
  readonly environments: readonly MeetingGridworld[];
  steps = 0;

  constructor(
    readonly learner: Learner,
    gridSize: number,
    /** Where the learner takes masks and all moves are legal, every mask is 1. */
    private readonly offGrid: OffGrid = learner.options.shape.masked ? 'illegal' : 'stay',
  ) {
    const { learners, environments } = learner.options;
    this.environments = learners.map(({ seed }) => gridworld(gridSize, seed, environments, offGrid));
    for (const environment of this.environments) environment.reset();
  }

  /** `count` steps; training begins with the first transitions. */
  async advance(count: number, epsilon: number): Promise<void> {
    const { inputs, options } = this.learner;
    const layout = recordLayout(options.shape);
    const { agents, observationSize, stateSize } = options.shape;
    const seen = agents * observationSize;
    for (let k = 0; k < count; k++, this.steps++) {
      inputs.epsilon.fill(epsilon);
      inputs.stores.fill(this.steps > 0 ? 1 : 0);
      inputs.trains.fill(this.steps > 0 ? 1 : 0);
      this.environments.forEach((env, l) => {
        if (env.spec.masked) inputs.available.set(env.available, l * env.available.length);
        else inputs.available.fill(1);
        inputs.observations.set(env.observations, l * env.observations.length);
      });
      const actions = await this.learner.step(this.steps);
      this.environments.forEach((env, l) => {
        const chosen = actions.slice(l * env.copies * agents, (l + 1) * env.copies * agents);
        const observations = env.observations.slice();
        const states = env.states.slice();
        env.step(chosen);
        for (let e = 0; e < env.copies; e++) {
          const at = (l * env.copies + e) * layout.size;
          const part = <T extends Float32Array | Uint32Array>(values: T, width: number) =>
            values.subarray(e * width, (e + 1) * width);
          inputs.transitions.set(part(observations, seen), at + layout.observations);
          inputs.transitions.set(part(states, stateSize), at + layout.state);
          inputs.transitions.set(part(env.nextObservations, seen), at + layout.nextObservations);
          inputs.transitions.set(part(env.nextStates, stateSize), at + layout.nextState);
          inputs.transitions.set(part(chosen, agents), at + layout.actions);
          inputs.transitions[at + layout.reward] = env.rewards[e];
          inputs.transitions[at + layout.terminated] = env.terminations[e];
          const legal = inputs.transitions.subarray(at + layout.nextAvailable, at + layout.size);
          if (env.spec.masked)
            legal.set(env.nextAvailable.subarray(e * legal.length, (e + 1) * legal.length));
          else legal.fill(1);
        }
      });
    }
  }

  /** Share of all starts from which learner l's greedy team meets. */
  async success(l: number, gridSize: number): Promise<number> {
    const { starts } = this.environments[l];
    const env = gridworld(gridSize, 0, starts, this.offGrid);
    for (let start = 0; start < starts; start++) env.begin(start, start);
    const met = new Uint8Array(starts);
    const over = new Uint8Array(starts);
    for (let t = 0; t < env.spec.episodeLimit; t++) {
      env.step(await this.learner.greedy(env.observations, starts, l, 1, Float32Array.from(env.available)));
      for (let start = 0; start < starts; start++) {
        if (over[start]) continue;
        met[start] = env.terminations[start];
        over[start] = env.terminations[start] | env.truncations[start];
      }
    }
    return met.reduce((sum, n) => sum + n, 0) / starts;
  }
}

const TRAINED_GRID = 3;

/** Learners of a 3×3 grid after `steps` steps, half of whose actions were random. */
export async function trained(
  seeds: readonly number[],
  steps: number,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Play> {
  const play = new Play(createCpuLearner(smallOptions(seeds, changes)), TRAINED_GRID);
  await play.advance(steps, 0.5);
  return play;
}
