import type { Config } from '../config.ts';
import type { StepInputs } from '../learner/learner.ts';
import type { Outcomes, Progress } from './progress.ts';

/**
 * When what happens in training: which learners step, store, train and copy their targets, and with which
 * epsilon. Nothing of it depends on wall time, or on which learners train together.
 */
export class Schedule {
  /** Steps of all environments that have been counted. */
  vectorSteps = 0;
  /** [L] 1: not finished, as of the last `refresh` */
  readonly active: Uint8Array;

  constructor(
    private readonly config: Config,
    private readonly progress: readonly Progress[],
    private readonly inputs: StepInputs,
  ) {
    this.active = new Uint8Array(progress.length);
  }

  /** Sees which learners are finished: before every advance. */
  refresh(): void {
    const counted = this.vectorSteps * this.config.environments;
    for (let index = 0; index < this.active.length; index++) {
      const { finished, environmentSteps } = this.progress[index];
      // In a step that is owed, a learner that has made its part belongs to it, even if that finished it.
      this.active[index] = !finished || environmentSteps > counted ? 1 : 0;
    }
  }

  /** Updates that active learners have made: the same for all of them, but for those that owe the last step. */
  get updates(): number {
    let made = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.active.length; index++) {
      if (this.active[index] === 1) made = Math.min(made, this.progress[index].updates);
    }
    return Number.isFinite(made) ? made : 0;
  }

  /**
   * Steps, from the last counted one on, that can be prepared by now, at least one: what they do does not hang on
   * how episodes end in them, and the last of them is the first after which a row, an evaluation, a checkpoint or
   * the end may be due.
   */
  horizon(): number {
    const { environments, warmup, updatesPerStep, updates, logEvery, evaluateEvery, saveEvery } = this.config;
    let steps = Number.POSITIVE_INFINITY;
    const stored = this.vectorSteps * environments;
    if (stored < warmup) {
      // Where training begins a step takes another time.
      steps = Math.ceil((warmup - stored) / environments);
    } else {
      const made = this.updates;
      let due = updates - made;
      due = Math.min(due, logEvery - (made % logEvery));
      due = Math.min(due, evaluateEvery - (made % evaluateEvery));
      due = Math.min(due, saveEvery - (made % saveEvery));
      steps = Math.ceil(due / updatesPerStep);
    }
    for (let index = 0; index < this.active.length; index++) {
      if (this.active[index] === 1) steps = Math.min(steps, this.progress[index].foreseeableSteps);
    }
    return steps;
  }

  /** Number of the step `ahead` steps after the last counted one: what exploration is keyed by. */
  stepNumber(ahead: number): number {
    return this.vectorSteps + ahead;
  }

  /** Whether the next steps, up to the horizon, train. */
  get trains(): boolean {
    return this.vectorSteps * this.config.environments >= this.config.warmup;
  }

  /** Writes the learner's inputs of the step `ahead` (below the horizon) steps after the last counted one. */
  prepare(ahead: number): void {
    const { inputs, active } = this;
    const { environments, warmup } = this.config;
    const step = this.stepNumber(ahead);
    for (let index = 0; index < active.length; index++) {
      const progress = this.progress[index];
      inputs.steps[index] = active[index];
      inputs.stores[index] = step > 0 ? active[index] : 0;
      inputs.trains[index] = step * environments >= warmup ? active[index] : 0;
      // How episodes end decides it: it is known for the very next step, and 0 below the horizon.
      inputs.copiesTarget[index] = active[index] === 1 && ahead === 0 ? progress.copiesTarget : 0;
      if (active[index] === 1) inputs.epsilon[index] = progress.epsilon(ahead);
    }
  }

  /** Counts what the next step was for an active learner. */
  count(index: number, outcomes: Outcomes): void {
    const progress = this.progress[index];
    progress.count(outcomes);
    if (this.trains) progress.updates += this.config.updatesPerStep;
  }

  /** The step that was counted for all active learners is over. */
  stepped(): void {
    this.vectorSteps++;
  }
}
