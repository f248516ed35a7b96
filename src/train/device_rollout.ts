import type { VectorEnv } from '../env/vector_env.ts';
import { OUTCOME, OUTCOME_REWARD_SHIFT } from '../kernels/step_kernel.ts';
import { type DeviceSteps, type EnvironmentState, SUBMITS_AT_ONCE } from '../learner/device_steps.ts';
import type { Pace } from './pace.ts';
import type { Rollout } from './rollout.ts';
import type { Schedule } from './schedule.ts';

/** A submit under way. */
interface Submit {
  readonly steps: number;
  readonly trains: boolean;
  readonly begun: number;
}

/**
 * Environments on the device: as many steps a submit as take a given time, the next submit behind it, and nothing
 * but a word an environment and step back, from which the schedule counts what TypeScript would have counted.
 */
export class DeviceRollout implements Rollout {
  stepsAtOnce: number | undefined;
  /** Oldest first. */
  private readonly submits: Submit[] = [];
  /** Steps of all submits under way. */
  private ahead = 0;
  private readonly outcomes: {
    readonly copies: number;
    readonly rewards: Float32Array;
    readonly terminations: Uint8Array;
    readonly truncations: Uint8Array;
    readonly successes: Uint8Array;
  };

  /**
   * `environments`: one a learner, not yet reset: they say how things begin, and check what is loaded.
   * `rewards`: what outcome words name them by.
   */
  constructor(
    private readonly steps: DeviceSteps,
    private readonly environments: readonly VectorEnv[],
    recordSize: number,
    private readonly rewards: Float32Array,
    private readonly pace: Pace,
  ) {
    const [{ copies }] = environments;
    this.outcomes = {
      copies,
      rewards: new Float32Array(copies),
      terminations: new Uint8Array(copies),
      truncations: new Uint8Array(copies),
      successes: new Uint8Array(copies),
    };
    const none = new Float32Array(copies * recordSize);
    for (const [index, environment] of environments.entries()) {
      environment.reset();
      steps.place(index, environment, none);
    }
  }

  get underWay(): boolean {
    return this.submits.length > 0;
  }

  async advance(schedule: Schedule, settle = false): Promise<void> {
    if (!settle) this.submitSteps(schedule);
    const [{ steps, trains, begun }] = this.submits;
    const words = await this.steps.take();
    this.pace.took(steps, trains, begun, performance.now());
    this.submits.shift();
    this.ahead -= steps;
    const { copies } = this.outcomes;
    const learners = this.environments.length;
    for (let step = 0; step < steps; step++) {
      for (let index = 0; index < learners; index++) {
        if (schedule.active[index] === 0) continue;
        this.decode(words, (step * learners + index) * copies);
        schedule.count(index, this.outcomes);
      }
      schedule.stepped();
    }
  }

  save(): Promise<EnvironmentState[]> {
    return this.steps.save();
  }

  async begin(): Promise<void> {
    // They were placed when it was made.
  }

  async load(states: readonly EnvironmentState[]): Promise<void> {
    for (const [index, { environment, transitions }] of states.entries()) {
      await this.environments[index].load(environment);
      this.steps.place(index, this.environments[index], transitions);
    }
  }

  close(): void {
    // They are the device's, and go with the learner.
  }

  /** Submits steps until enough submits are under way, or what comes next is not known yet. */
  private submitSteps(schedule: Schedule): void {
    const { steps, pace, submits, stepsAtOnce } = this;
    const horizon = schedule.horizon();
    const trains = schedule.trains;
    const atOnce = stepsAtOnce === undefined ? SUBMITS_AT_ONCE : 1;
    while (submits.length < atOnce && this.ahead < horizon) {
      const left = horizon - this.ahead;
      const count = Math.min(pace.next(left, trains), stepsAtOnce ?? left);
      for (let step = 0; step < count; step++) {
        schedule.prepare(this.ahead);
        steps.add(schedule.stepNumber(this.ahead));
        this.ahead++;
      }
      const begun = performance.now();
      steps.submit();
      submits.push({ steps: count, trains, begun });
    }
  }

  private decode(words: Uint32Array, first: number): void {
    const { copies, rewards, terminations, truncations, successes } = this.outcomes;
    for (let copy = 0; copy < copies; copy++) {
      const word = words[first + copy];
      rewards[copy] = this.rewards[word >>> OUTCOME_REWARD_SHIFT];
      terminations[copy] = word & OUTCOME.terminated ? 1 : 0;
      truncations[copy] = word & OUTCOME.truncated ? 1 : 0;
      successes[copy] = word & OUTCOME.success ? 1 : 0;
    }
  }
}
