import type { Config } from '../config.ts';
import type { VectorEnv } from '../env/vector_env.ts';
import type { TableEntry } from '../learner/snapshot_table.ts';
import type { Tensor } from '../tensor.ts';

/** Finished episodes that training success and return are taken over. */
const WINDOW = 100;

/** What a step of all of a learner's environments ended in. A VectorEnv after its step is one. */
export type Outcomes = Pick<VectorEnv, 'copies' | 'rewards' | 'terminations' | 'truncations' | 'successes'>;

/** Words of the saved counters, in order. */
const COUNTERS = [
  'environmentSteps',
  'episodes',
  'updates',
  'copiesTarget',
  'solvedUpdates',
  'solvedSteps',
  'stopped',
  'owesEvaluation',
] as const;

/** What Progress.save gives. */
export const progressTable = ({ environments }: Config): TableEntry[] => [
  { name: 'progress.counters', dtypes: ['F64'], shape: [COUNTERS.length], values: 'whole from 0' },
  { name: 'progress.successes', dtypes: ['U8'], shape: [WINDOW], values: '0 or 1' },
  { name: 'progress.returns', dtypes: ['F64'], shape: [WINDOW], values: 'any' },
  { name: 'progress.running', dtypes: ['F64'], shape: [environments], values: 'any' },
];

/** How far one learner is: counts, and how its last episodes went. */
export class Progress {
  /** Environment steps over all its environments. */
  environmentSteps = 0;
  /** Finished episodes over all its environments. */
  episodes = 0;
  updates = 0;
  /** 1: the next step copies online to target parameters. */
  copiesTarget = 0;
  /** Updates and environment steps at the first evaluation with 100% success; 0: none yet. */
  solvedUpdates = 0;
  solvedSteps = 0;
  /** 1: an evaluation found it good enough to stop (stopWhenSolved), or it diverged. */
  stopped = 0;
  /** 1: an evaluation is due that could not be made. */
  owesEvaluation = 0;

  /** [WINDOW] ring of the last finished episodes: entry e % WINDOW is episode e's */
  private readonly successes = new Uint8Array(WINDOW);
  private readonly returns = new Float64Array(WINDOW);
  /** [E] return so far of each environment's running episode */
  private readonly running: Float64Array;
  private readonly targetInterval: number;

  constructor(private readonly config: Config) {
    this.running = new Float64Array(config.environments);
    this.targetInterval = config.targetUpdate === 'hard' ? config.targetInterval : 0;
  }

  get finished(): boolean {
    return this.updates >= this.config.updates || this.finishedForGood;
  }

  /** Finished for a reason that more updates do not lift. */
  get finishedForGood(): boolean {
    const { episodes } = this.config;
    return this.stopped === 1 || (episodes > 0 && this.episodes >= episodes);
  }

  /** Share of the last 100 finished episodes that succeeded; NaN before the first. */
  get trainingSuccess(): number {
    return this.windowMean(this.successes);
  }

  /** Mean return of the last 100 finished episodes; NaN before the first. */
  get trainingReturn(): number {
    return this.windowMean(this.returns);
  }

  /**
   * Probability of a random action, `ahead` steps of all environments from now: linear in this learner's own
   * environment steps.
   */
  epsilon(ahead = 0): number {
    const { epsilonStart, epsilonEnd, epsilonDecaySteps, environments } = this.config;
    const steps = this.environmentSteps + ahead * environments;
    if (steps >= epsilonDecaySteps) return epsilonEnd;
    return epsilonStart + (epsilonEnd - epsilonStart) * (steps / epsilonDecaySteps);
  }

  /**
   * Steps of all environments, at least one, before the last of which no episode's end can finish this learner or
   * have its targets copied: one step ends at most one episode in each environment.
   */
  get foreseeableSteps(): number {
    const { episodes, environments } = this.config;
    const { targetInterval } = this;
    let ends = Number.POSITIVE_INFINITY;
    if (episodes > 0) ends = episodes - this.episodes;
    if (targetInterval > 0) ends = Math.min(ends, targetInterval - (this.episodes % targetInterval));
    return Math.ceil(ends / environments);
  }

  /** Counts what the environments' last step was. */
  count({ copies, rewards, terminations, truncations, successes }: Outcomes): void {
    this.environmentSteps += copies;
    this.copiesTarget = 0;
    for (let copy = 0; copy < copies; copy++) {
      this.running[copy] += rewards[copy];
      if (terminations[copy] === 0 && truncations[copy] === 0) continue;
      const slot = this.episodes % WINDOW;
      this.successes[slot] = successes[copy];
      this.returns[slot] = this.running[copy];
      this.running[copy] = 0;
      this.episodes++;
      if (this.targetInterval > 0 && this.episodes % this.targetInterval === 0) this.copiesTarget = 1;
    }
  }

  /** Everything, by name. Counts are float64, exact up to 2^53. */
  save(): Map<string, Tensor> {
    const counters = Float64Array.from(COUNTERS, (name) => this[name]);
    return new Map<string, Tensor>([
      ['progress.counters', { shape: [counters.length], data: counters }],
      ['progress.successes', { shape: [WINDOW], data: this.successes.slice() }],
      ['progress.returns', { shape: [WINDOW], data: this.returns.slice() }],
      ['progress.running', { shape: [this.running.length], data: this.running.slice() }],
    ]);
  }

  /** Goes on from what `save` gave; the checkpoint has checked it. */
  load(saved: ReadonlyMap<string, Tensor>): void {
    const counters = saved.get('progress.counters')!.data;
    for (const [index, name] of COUNTERS.entries()) this[name] = counters[index];
    this.successes.set(saved.get('progress.successes')!.data);
    this.returns.set(saved.get('progress.returns')!.data);
    this.running.set(saved.get('progress.running')!.data);
  }

  private windowMean(window: Uint8Array | Float64Array): number {
    const filled = Math.min(this.episodes, WINDOW);
    let sum = 0;
    for (let slot = 0; slot < filled; slot++) sum += window[slot];
    return sum / filled;
  }
}
