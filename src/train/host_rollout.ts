import { requireLegal } from '../env/legal.ts';
import type { VectorEnv } from '../env/vector_env.ts';
import type { EnvironmentState } from '../learner/device_steps.ts';
import type { Learner } from '../learner/learner.ts';
import { type RecordLayout, recordLayout } from '../shapes.ts';
import type { Rollout } from './rollout.ts';
import type { Schedule } from './schedule.ts';
import { writeAfter, writeBefore } from './transitions.ts';

/** Environments in TypeScript, on any backend: a step at a time, each waiting for the learners' actions. */
export class HostRollout implements Rollout {
  readonly underWay = false;
  /** It makes one whatever is asked. */
  stepsAtOnce: number | undefined;
  private readonly layout: RecordLayout;
  /** [E, N] actions of the learner whose environments step */
  private readonly actions: Uint32Array;

  /** `environments`: one a learner, not yet reset. */
  constructor(
    private readonly learner: Learner,
    readonly environments: readonly VectorEnv[],
  ) {
    const { shape, environments: copies } = learner.options;
    this.layout = recordLayout(shape);
    this.actions = new Uint32Array(copies * shape.agents);
    for (const environment of environments) environment.reset();
  }

  async advance(schedule: Schedule): Promise<void> {
    schedule.prepare(0);
    this.observe(schedule.active);
    const acting = this.learner.step(schedule.stepNumber(0));
    // The learner has copied its inputs: while it works, the next record is begun.
    this.recordBefore(schedule.active);
    this.stepEnvironments(schedule, await acting);
    schedule.stepped();
  }

  async save(): Promise<EnvironmentState[]> {
    const { transitions } = this.learner.inputs;
    const width = transitions.length / this.environments.length;
    return this.environments.map((environment, index) => ({
      environment: environment.save(),
      transitions: transitions.slice(index * width, (index + 1) * width),
    }));
  }

  load(states: readonly EnvironmentState[]): void {
    for (const [index, { environment, transitions }] of states.entries()) {
      this.environments[index].load(environment);
      this.learner.inputs.transitions.set(transitions, index * transitions.length);
    }
  }

  /** What the agents see, and what they may do. */
  private observe(active: Uint8Array): void {
    const { inputs } = this.learner;
    for (let index = 0; index < active.length; index++) {
      if (active[index] === 0) continue;
      const environment = this.environments[index];
      const { observations, available } = environment;
      inputs.observations.set(observations, index * observations.length);
      if (!environment.spec.masked) continue;
      requireLegal(environment, available, NEVER_OVER);
      inputs.available.set(available, index * available.length);
    }
  }

  /** The first half of each record: what the agents see before they act. */
  private recordBefore(active: Uint8Array): void {
    const { layout, learner, environments } = this;
    const width = learner.options.environments * layout.size;
    for (let index = 0; index < active.length; index++) {
      if (active[index] === 0) continue;
      writeBefore(learner.inputs.transitions, index * width, layout, environments[index]);
    }
  }

  /** Acts, and completes each record with what came of it. */
  private stepEnvironments(schedule: Schedule, chosen: Uint32Array): void {
    const { layout, learner, actions } = this;
    const width = learner.options.environments * layout.size;
    for (let index = 0; index < schedule.active.length; index++) {
      if (schedule.active[index] === 0) continue;
      const environment = this.environments[index];
      const first = index * actions.length;
      for (let row = 0; row < actions.length; row++) actions[row] = chosen[first + row];
      environment.step(actions);
      writeAfter(learner.inputs.transitions, index * width, layout, environment, actions);
      schedule.count(index, environment);
    }
  }
}

/** What agents see before they act is never an episode's end. */
const NEVER_OVER = new Uint8Array(0);
