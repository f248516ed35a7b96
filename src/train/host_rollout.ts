import { requireLegal } from '../env/legal.ts';
import type { VectorEnv } from '../env/vector_env.ts';
import type { EnvironmentState } from '../learner/device_steps.ts';
import type { Learner } from '../learner/learner.ts';
import { type RecordLayout, recordLayout } from '../shapes.ts';
import type { Rollout } from './rollout.ts';
import type { Schedule } from './schedule.ts';
import { writeAfter, writeBefore } from './transitions.ts';

/**
 * Environments in TypeScript, on any backend: a step at a time, each waiting for the learners' actions.
 *
 * A user's environment may fail in a step, when the learners have acted and trained already. Then the step is owed: its
 * actions are kept, `save` gives them, and the next `advance`, of this rollout or of one that loaded them, begins with
 * them. So a run that failed goes on to the same bits as one that did not.
 */
export class HostRollout implements Rollout {
  readonly underWay = false;
  /** It makes one whatever is asked. */
  stepsAtOnce: number | undefined;
  private readonly layout: RecordLayout;
  /** [L, E, N] the actions of the step under way */
  private readonly actions: Uint32Array;
  /** [L][E, N] views of `actions` */
  private readonly actionsOf: readonly Uint32Array[];
  /** [L] 1: the learner's environments are to take its actions */
  private readonly owes: Uint8Array;
  /** [L] steps that a worker makes */
  private readonly stepping: (Promise<void> | undefined)[];

  /** Environments have been reset, or put where they were. */
  private begun = false;

  /** `environments`: one a learner, not yet reset. */
  constructor(
    private readonly learner: Learner,
    readonly environments: readonly VectorEnv[],
  ) {
    const { shape, environments: copies } = learner.options;
    const width = copies * shape.agents;
    this.layout = recordLayout(shape);
    this.actions = new Uint32Array(environments.length * width);
    this.actionsOf = environments.map((_, l) => this.actions.subarray(l * width, (l + 1) * width));
    this.owes = new Uint8Array(environments.length);
    this.stepping = environments.map(() => undefined);
  }

  async begin(): Promise<void> {
    if (this.begun) return;
    await Promise.all(this.environments.map((environment) => environment.reset()));
    this.begun = true;
  }

  async advance(schedule: Schedule): Promise<void> {
    if (!this.begun) await this.begin();
    const { active, vectorSteps } = schedule;
    if (!this.owes.includes(1)) {
      schedule.prepare(0);
      this.observe(active);
      const acting = this.learner.step(vectorSteps);
      // The learner has copied its inputs: while it works, the next record is begun.
      this.recordBefore(active);
      // All environments of a module have one worker: to wake it for one is enough.
      this.environments[active.indexOf(1)].expectStep?.();
      this.actions.set(await acting);
      this.owes.set(active);
    }
    await this.stepEnvironments(schedule);
    schedule.stepped();
  }

  async save(): Promise<EnvironmentState[]> {
    await this.begin();
    const { transitions } = this.learner.inputs;
    const width = transitions.length / this.environments.length;
    return this.environments.map((environment, l) => ({
      environment: environment.save(),
      transitions: transitions.slice(l * width, (l + 1) * width),
      ...(this.owes[l] === 1 && { owed: this.actionsOf[l].slice() }),
    }));
  }

  async load(states: readonly EnvironmentState[]): Promise<void> {
    await Promise.all(states.map(({ environment }, l) => this.environments[l].load(environment)));
    this.begun = true;
    for (const [l, { transitions, owed }] of states.entries()) {
      this.learner.inputs.transitions.set(transitions, l * transitions.length);
      this.owes[l] = owed ? 1 : 0;
      if (!owed) continue;
      this.actionsOf[l].set(owed);
      this.keepLegal(l);
    }
    // A changed module may stand elsewhere than where it failed.
    this.recordBefore(this.owes);
  }

  /** Replaces owed actions that a changed module forbids by the first that it allows. */
  private keepLegal(l: number): void {
    const { spec, available } = this.environments[l];
    const actions = this.actionsOf[l];
    if (!spec.masked) return;
    for (let row = 0; row < actions.length; row++) {
      const legal = available.subarray(row * spec.actions, (row + 1) * spec.actions);
      if (legal[actions[row]] === 0) actions[row] = legal.indexOf(1);
    }
  }

  close(): void {
    for (const environment of this.environments) environment.close?.();
  }

  /** What the agents see, and what they may do. */
  private observe(active: Uint8Array): void {
    const { inputs } = this.learner;
    for (let l = 0; l < active.length; l++) {
      if (active[l] === 0) continue;
      const environment = this.environments[l];
      const { observations, available } = environment;
      inputs.observations.set(observations, l * observations.length);
      if (!environment.spec.masked) continue;
      requireLegal(environment, available, NEVER_OVER);
      inputs.available.set(available, l * available.length);
    }
  }

  /** The first half of each record: what the agents see before they act. */
  private recordBefore(active: Uint8Array): void {
    const { layout, learner, environments } = this;
    const width = learner.options.environments * layout.size;
    for (let l = 0; l < active.length; l++) {
      if (active[l] === 0) continue;
      writeBefore(learner.inputs.transitions, l * width, layout, environments[l]);
    }
  }

  /** Takes the owed actions, and completes each record with what came of them. Rejects with the first failure. */
  private async stepEnvironments(schedule: Schedule): Promise<void> {
    const { layout, learner, owes, environments, stepping } = this;
    const width = learner.options.environments * layout.size;
    let failed: { readonly error: unknown } | undefined;
    // All are begun before any is waited for.
    for (let l = 0; l < owes.length; l++) {
      const step = owes[l] === 1 ? environments[l].step(this.actionsOf[l]) : undefined;
      stepping[l] = step ?? undefined;
      // It may fail before it is waited for.
      if (step) step.catch(NOTHING);
    }
    for (let l = 0; l < owes.length; l++) {
      if (owes[l] === 0) continue;
      try {
        if (stepping[l]) await stepping[l];
      } catch (error) {
        // The others are waited for: what they come to counts.
        failed ??= { error };
        continue;
      }
      writeAfter(learner.inputs.transitions, l * width, layout, environments[l], this.actionsOf[l]);
      schedule.count(l, environments[l]);
      owes[l] = 0;
    }
    if (failed) throw failed.error;
  }
}

/** What agents see before they act is never an episode's end. */
const NEVER_OVER = new Uint8Array(0);
const NOTHING = (): void => {};
