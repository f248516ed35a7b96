import { type Config, ConfigError } from '../config.ts';
import { type EnvSpec, isStartable, isTabular, type TabularEnv, type VectorEnv } from '../env/vector_env.ts';
import type { Learner } from '../learner/learner.ts';
import { createEnvironment, startCount } from './environments.ts';
import { START_OUTCOME } from './start_outcome.ts';

/** How a greedy policy plays. */
export interface Evaluation {
  /** Share of starts from which the episode ended in success, 0..1. */
  readonly success: number;
  /**
   * Mean, over the solved starts, of length / optimal length; NaN where none was solved, and where the
   * environment knows no optimal length.
   */
  readonly lengthRatio: number;
  /** Mean undiscounted return. */
  readonly return: number;
  /** Number of starts played. */
  readonly starts: number;
  /** [starts] how it went from each (START_OUTCOME) */
  readonly outcomes: Uint8Array;
}

/** Up to this many states a greedy policy is tabulated, and every start walked through the table. */
const TABLE_LIMIT = 300_000;
/** Above this many starts, a sample of SAMPLE is played instead of all. */
const STARTS_LIMIT = 200_000;
const SAMPLE = 10_000;
/** Resets played where starts cannot be listed. */
const RESETS = 1000;
/** Copies rolled out together. */
const CHUNK = 10_000;
/**
 * Numbers seen by copies that are rolled out together (256 MiB of float32, of which there are some copies): a module
 * whose observations are very long is played in fewer.
 */
const NUMBERS = 2 ** 26;
const most = ({ agents, observationSize, stateSize }: EnvSpec, copies: number): number =>
  Math.max(1, Math.min(copies, Math.floor(NUMBERS / (agents * observationSize + stateSize))));
/** Seed of the resets that a sample of starts is taken from: the same starts in every evaluation. */
const SAMPLE_SEED = 0x5eed;

export interface Evaluator {
  /** Starts that an evaluation plays. */
  readonly starts: number;
  /** Evaluates learners first..first+count−1. */
  evaluate(learner: Learner, first: number, count: number): Promise<Evaluation[]>;
  /** Frees its environments. */
  close(): void;
}

export interface EvaluatorOptions {
  /** Play this many starts, drawn as resets draw them, where there are more. */
  readonly sample?: number;
  /** Play all starts, however many. */
  readonly exhaustive?: boolean;
  /** Roll out even where states are few enough to tabulate. */
  readonly rollout?: boolean;
}

/**
 * Greedy evaluation from all starts, or from a fixed sample where there are more than 200,000 (10,000 of them)
 * or than `options.sample`, or where they cannot be listed (1,000 resets, or as many as memory holds). Where states are few enough, the policy
 * is tabulated; else episodes are rolled out. Both find the same. Throws ConfigError where all starts are asked
 * for and cannot be listed.
 */
export function createEvaluator(config: Config, options: EvaluatorOptions = {}): Evaluator {
  const environment = createEnvironment(config, SAMPLE_SEED, 1, 'evaluation');
  if (!isStartable(environment)) {
    const resets = most(environment.spec, options.sample ?? RESETS);
    if (!options.exhaustive) return new RolloutEvaluator(config, resets, resets, true);
    throw new ConfigError(
      `exhaustive: got true, allowed: false, as the starts of ${environment.spec.name} cannot be listed`,
    );
  }
  const { starts } = environment;
  const limit = options.exhaustive ? Number.POSITIVE_INFINITY : (options.sample ?? STARTS_LIMIT);
  const sampled = starts > limit;
  const count = sampled ? most(environment.spec, options.sample ?? SAMPLE) : starts;
  const tabulate = !options.rollout && isTabular(environment) && environment.stateCount <= TABLE_LIMIT;
  return tabulate
    ? new TableEvaluator(config, environment, count, sampled)
    : new RolloutEvaluator(
        config,
        count,
        // A sample's starts are its copies' first resets: it is not played in chunks.
        sampled ? count : most(environment.spec, Math.min(count, CHUNK)),
        sampled,
      );
}

/** Starts that an evaluation plays, and whether they are all that there are. */
export interface EvaluatedStarts {
  readonly starts: number;
  readonly allStarts: boolean;
}

export function evaluatedStarts(config: Config): EvaluatedStarts {
  const { starts } = createEvaluator(config);
  return { starts, allStarts: starts === startCount(config) };
}

/** Puts copies 0..count−1 on starts first.. (or, where a sample is wanted, on those of their first reset). */
async function place(environment: VectorEnv, sampled: boolean, first: number, count: number): Promise<void> {
  await environment.reset();
  if (sampled || !isStartable(environment)) return;
  for (let copy = 0; copy < count; copy++) environment.begin(copy, first + copy);
}

/** Plays every state's greedy joint action from a table: one `greedy` call, then nothing but look-ups. */
class TableEvaluator implements Evaluator {
  private readonly observations: Float32Array;
  private readonly available: Float32Array;
  /** [starts] */
  private readonly states: Int32Array;
  /** [starts] */
  private readonly optimal: Int32Array;
  /** [stateCount] */
  private readonly next: Int32Array;
  private readonly rewards: Float32Array;
  private readonly actions: Uint32Array;

  constructor(
    config: Config,
    private readonly environment: TabularEnv,
    readonly starts: number,
    sampled: boolean,
  ) {
    const { stateCount, spec } = environment;
    this.observations = environment.tabulateObservations();
    this.available = environment.tabulateAvailable();
    this.states = new Int32Array(this.starts);
    this.optimal = new Int32Array(this.starts);
    this.next = new Int32Array(stateCount);
    this.rewards = new Float32Array(stateCount);
    this.actions = new Uint32Array(stateCount * spec.agents);
    // The same kind of environment, in as many copies as there are starts to draw.
    const placed = sampled
      ? (createEnvironment(config, SAMPLE_SEED, starts, 'evaluation') as TabularEnv)
      : environment;
    placed.reset();
    for (let start = 0; start < this.starts; start++) {
      const copy = sampled ? start : 0;
      if (!sampled) placed.begin(copy, start);
      this.states[start] = placed.stateIndex(copy);
      this.optimal[start] = placed.optimalSteps(copy);
    }
  }

  async evaluate(learner: Learner, first: number, count: number): Promise<Evaluation[]> {
    const { environment, actions, available } = this;
    const { stateCount } = environment;
    const greedy = await learner.greedy(this.observations, stateCount, first, count, available);
    return Array.from({ length: count }, (_, index) => {
      const offset = index * actions.length;
      for (let at = 0; at < actions.length; at++) actions[at] = greedy[offset + at];
      environment.successors(actions, this.next, this.rewards);
      return this.walk();
    });
  }

  close(): void {
    // Tables only: they go with the object.
  }

  private walk(): Evaluation {
    const { next, rewards, states, optimal, starts } = this;
    const { episodeLimit } = this.environment.spec;
    const tally = new Tally(starts);
    for (let start = 0; start < starts; start++) {
      let state = states[start];
      let total = 0;
      let length = 0;
      while (state >= 0 && length < episodeLimit) {
        total += rewards[state];
        state = next[state];
        length++;
      }
      tally.add(start, state < 0, length, optimal[start], total);
    }
    return tally.result();
  }
}

/** Plays episodes in the environment itself, in chunks; those that are over cost no more forward passes. */
class RolloutEvaluator implements Evaluator {
  private readonly environment: VectorEnv;
  private readonly observations: Float32Array;
  private readonly available: Float32Array;
  private readonly actions: Uint32Array;
  /** [copies] copies whose episode is not over, in order */
  private readonly running: Int32Array;
  /** [copies] NaN where not known */
  private readonly optimal: Float64Array;
  private readonly totals: Float64Array;

  constructor(
    config: Config,
    readonly starts: number,
    copies: number,
    private readonly sampled: boolean,
  ) {
    this.environment = createEnvironment(config, SAMPLE_SEED, copies, 'evaluation');
    const { agents, observationSize } = this.environment.spec;
    this.observations = new Float32Array(copies * agents * observationSize);
    this.available = new Float32Array(this.environment.available.length);
    this.actions = new Uint32Array(copies * agents);
    this.running = new Int32Array(copies);
    this.optimal = new Float64Array(copies);
    this.totals = new Float64Array(copies);
  }

  async evaluate(learner: Learner, first: number, count: number): Promise<Evaluation[]> {
    const results: Evaluation[] = [];
    const { copies } = this.environment;
    for (let index = first; index < first + count; index++) {
      const tally = new Tally(this.starts);
      for (let begin = 0; begin < this.starts; begin += copies) {
        await this.rollOut(learner, index, begin, Math.min(copies, this.starts - begin), tally);
      }
      results.push(tally.result());
    }
    return results;
  }

  close(): void {
    this.environment.close?.();
  }

  private async rollOut(learner: Learner, index: number, begin: number, count: number, tally: Tally) {
    const { environment, running, optimal, totals, observations, available, actions } = this;
    const { agents, observationSize, episodeLimit } = environment.spec;
    const width = agents * observationSize;
    const maskWidth = available.length / environment.copies;
    const known = isStartable(environment);
    await place(environment, this.sampled, begin, count);
    for (let copy = 0; copy < count; copy++) {
      running[copy] = copy;
      optimal[copy] = known ? environment.optimalSteps(copy) : Number.NaN;
      totals[copy] = 0;
    }
    let left = count;
    for (let length = 1; left > 0 && length <= episodeLimit; length++) {
      for (let row = 0; row < left; row++) {
        const from = running[row] * width;
        for (let at = 0; at < width; at++)
          observations[row * width + at] = environment.observations[from + at];
        const masks = running[row] * maskWidth;
        for (let at = 0; at < maskWidth; at++) {
          available[row * maskWidth + at] = environment.available[masks + at];
        }
      }
      const seen = observations.subarray(0, left * width);
      const greedy = await learner.greedy(seen, left, index, 1, available.subarray(0, left * maskWidth));
      for (let row = 0; row < left; row++) {
        for (let i = 0; i < agents; i++) actions[running[row] * agents + i] = greedy[row * agents + i];
      }
      if (maskWidth > 0) this.idle(left);
      const stepping = environment.step(actions);
      if (stepping) await stepping;
      let kept = 0;
      for (let row = 0; row < left; row++) {
        const copy = running[row];
        totals[copy] += environment.rewards[copy];
        const over = environment.terminations[copy] === 1 || environment.truncations[copy] === 1;
        const solved = environment.successes[copy] === 1;
        if (over) tally.add(begin + copy, solved, length, optimal[copy], totals[copy]);
        else running[kept++] = copy;
      }
      left = kept;
    }
  }

  /** Has copies that no longer count do what is legal: their first such actions. */
  private idle(left: number): void {
    const { environment, running, actions } = this;
    const { available } = environment;
    const count = environment.spec.actions;
    let row = 0;
    for (let copy = 0; copy < environment.copies; copy++) {
      if (row < left && running[row] === copy) {
        row++;
        continue;
      }
      for (let at = copy * environment.spec.agents; at < (copy + 1) * environment.spec.agents; at++) {
        let action = 0;
        while (action < count - 1 && available[at * count + action] === 0) action++;
        actions[at] = action;
      }
    }
  }
}

class Tally {
  private solved = 0;
  private ratios = 0;
  private returns = 0;
  private readonly outcomes: Uint8Array;

  constructor(private readonly starts: number) {
    this.outcomes = new Uint8Array(starts);
  }

  add(start: number, solved: boolean, length: number, optimal: number, total: number): void {
    this.returns += total;
    if (!solved) return;
    this.solved++;
    this.ratios += length / optimal;
    this.outcomes[start] = length > optimal ? START_OUTCOME.longer : START_OUTCOME.optimal;
  }

  result(): Evaluation {
    return {
      success: this.solved / this.starts,
      lengthRatio: this.ratios / this.solved,
      return: this.returns / this.starts,
      starts: this.starts,
      outcomes: this.outcomes,
    };
  }
}
