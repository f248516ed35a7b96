import { type Config, type Member, runMembers } from '../config.ts';
import { requireLegal } from '../env/legal.ts';
import type { VectorEnv } from '../env/vector_env.ts';
import type { Learner, LearnerSnapshot } from '../learner/learner.ts';
import { type RecordLayout, recordLayout } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { type DivergenceError, describeMember, FiniteWatch } from './divergence.ts';
import { createEnvironment } from './environments.ts';
import { createEvaluator, type Evaluation, type Evaluator } from './evaluate.ts';
import { type MetricsRow, NOT_MEASURED } from './metrics.ts';
import { Progress } from './progress.ts';
import { writeAfter, writeBefore } from './transitions.ts';

/** From this mean length / optimal length on, a policy that solves every start is good enough to stop at. */
const SOLVED_LENGTH_RATIO = 1.01;

export interface TrainerOptions {
  /** The learners to train, where they are not all of the configuration's: the same bits as among all. */
  readonly members?: readonly Member[];
  /** Called with every row of the metrics, in order. */
  readonly onRow?: (row: MetricsRow) => void;
  /** Seconds that the run has taken so far, for the rows. */
  readonly seconds?: () => number;
  /**
   * Called once with each learner whose gradient was not finite: it is finished, with the parameters of before
   * it, and the others go on. Without it, the first such ends the run with a DivergenceError.
   */
  readonly onDivergence?: (error: DivergenceError) => void;
}

/**
 * The training loop: L learners, E environments each, in step. It owns environments, counters and schedules;
 * nothing it does depends on wall time or on which learners train together.
 *
 * A learner is finished once it has made config.updates updates (rounded up to whole steps of
 * updatesPerStep), or config.episodes episodes, or is good enough (stopWhenSolved). From then on it neither
 * steps nor stores nor trains. The transition of its last step is kept, not stored, so that a run that is
 * given more updates goes on as if it had never stopped.
 */
export class Trainer {
  /** One per learner. */
  readonly members: readonly Member[];
  /** One per learner. */
  readonly environments: readonly VectorEnv[];
  /** One per learner. */
  readonly progress: readonly Progress[];
  /** True where the last `advance` crossed a multiple of saveEvery updates: a good moment to save. */
  saveDue = false;

  private vectorSteps = 0;
  private readonly layout: RecordLayout;
  /** [L] 1: took part in the running step */
  private readonly active: Uint8Array;
  /** [E, N] actions of the learner whose environments step */
  private readonly actions: Uint32Array;
  private evaluator: Evaluator | undefined;
  private readonly onRow: (row: MetricsRow) => void;
  private readonly seconds: () => number;
  private readonly watch: FiniteWatch;

  constructor(
    readonly config: Config,
    readonly learner: Learner,
    options: TrainerOptions = {},
  ) {
    const { environments } = config;
    this.members = options.members ?? runMembers(config);
    this.environments = this.members.map((member) =>
      createEnvironment(member.config, member.seed, environments),
    );
    this.progress = this.members.map((member) => new Progress(member.config));
    this.layout = recordLayout(learner.options.shape);
    this.active = new Uint8Array(this.members.length);
    this.actions = new Uint32Array(environments * learner.options.shape.agents);
    const { onDivergence } = options;
    this.watch = new FiniteWatch(
      this.members.map(describeMember),
      onDivergence &&
        ((index, error) => {
          this.progress[index].stopped = 1;
          onDivergence(error);
        }),
    );
    this.onRow = options.onRow ?? (() => {});
    const begun = performance.now();
    this.seconds = options.seconds ?? (() => (performance.now() - begun) / 1000);
    for (const environment of this.environments) environment.reset();
  }

  /** True once every learner is. */
  get finished(): boolean {
    for (let index = 0; index < this.progress.length; index++) {
      if (!this.progress[index].finished) return false;
    }
    return true;
  }

  /**
   * One step of all environments of unfinished learners, with the updates that go with it, and what then is
   * due of rows and evaluations. Throws DivergenceError where a gradient was not finite.
   */
  async advance(): Promise<void> {
    this.saveDue = false;
    if (this.finished) return;
    const { learner, config } = this;
    this.prepare();
    const acting = learner.step(this.vectorSteps);
    // The learner has copied its inputs: while it works, the next record is begun.
    this.recordBefore();
    this.stepEnvironments(await acting);
    this.vectorSteps++;

    const made = this.countUpdates();
    if (made === 0) return;
    const before = made - config.updatesPerStep;
    if (crosses(before, made, config.logEvery)) await this.log();
    if (crosses(before, made, config.evaluateEvery)) await this.evaluateActive();
    this.saveDue = crosses(before, made, config.saveEvery);
  }

  /**
   * Evaluates every learner where it stands, and reports it as `final` rows. It starts new means of the
   * metrics: to go on exactly, save before. Throws DivergenceError as `advance` does.
   */
  async finish(): Promise<Evaluation[]> {
    this.watch.check(await this.learner.readMetrics(), this.learner.inputs.epsilon);
    const evaluations = await this.evaluate(0, this.progress.length);
    for (const [index, evaluation] of evaluations.entries()) {
      this.noteSolved(index, evaluation);
      this.onRow(this.row(index, 'final', { ...evaluation }));
    }
    return evaluations;
  }

  /** Everything needed to go on exactly, by name, one map a learner. */
  async save(): Promise<Map<string, Tensor>[]> {
    const snapshots = await this.learner.save();
    const { environments } = this.config;
    const width = environments * this.layout.size;
    return snapshots.map((snapshot, index) => {
      const tensors = new Map<string, Tensor>(snapshot);
      const metrics = tensors.get('metrics');
      // No row will ever come of these sums, and others' rows would have emptied them.
      if (metrics && this.progress[index].finishedForGood) {
        tensors.set('metrics', { shape: metrics.shape, data: metrics.data.slice().fill(0) });
      }
      for (const [name, tensor] of this.progress[index].save()) tensors.set(name, tensor);
      const saved = this.environments[index].save();
      tensors.set('environment', { shape: [environments, saved.length / environments], data: saved });
      const last = this.learner.inputs.transitions.slice(index * width, (index + 1) * width);
      tensors.set('transitions', { shape: [environments, this.layout.size], data: last });
      return tensors;
    });
  }

  /** Goes on from what `save` gave, or from the seeds of a checkpoint, which is checked when it is read. */
  load(saved: readonly ReadonlyMap<string, Tensor>[]): void {
    const { environments } = this.config;
    const width = environments * this.layout.size;
    this.vectorSteps = 0;
    for (const [index, tensors] of saved.entries()) {
      this.progress[index].load(tensors);
      this.environments[index].load(tensors.get('environment')!.data as Int32Array);
      this.learner.inputs.transitions.set(tensors.get('transitions')!.data, index * width);
      // Learners step together until they are finished: the one that went furthest has seen every step.
      this.vectorSteps = Math.max(this.vectorSteps, this.progress[index].environmentSteps / environments);
    }
    this.learner.load(saved.map(learnersOwn));
  }

  private prepare(): void {
    const { inputs } = this.learner;
    const { environments, warmup } = this.config;
    const begun = this.vectorSteps > 0;
    for (let index = 0; index < this.progress.length; index++) {
      const progress = this.progress[index];
      const active = progress.finished ? 0 : 1;
      this.active[index] = active;
      inputs.stores[index] = begun ? active : 0;
      inputs.trains[index] = this.vectorSteps * environments >= warmup ? active : 0;
      inputs.copiesTarget[index] = active === 1 ? progress.copiesTarget : 0;
      if (active === 0) continue;
      inputs.epsilon[index] = progress.epsilon();
      const environment = this.environments[index];
      const { observations, available } = environment;
      inputs.observations.set(observations, index * observations.length);
      if (!environment.spec.masked) continue;
      requireLegal(environment, available, NEVER_OVER);
      inputs.available.set(available, index * available.length);
    }
  }

  /** The first half of each record: what the agents see before they act. */
  private recordBefore(): void {
    const { layout, learner, environments } = this;
    for (let index = 0; index < this.progress.length; index++) {
      if (this.active[index] === 0) continue;
      const base = index * this.config.environments * layout.size;
      writeBefore(learner.inputs.transitions, base, layout, environments[index]);
    }
  }

  /** Acts, and completes each record with what came of it. */
  private stepEnvironments(chosen: Uint32Array): void {
    const { layout, learner, actions } = this;
    for (let index = 0; index < this.progress.length; index++) {
      if (this.active[index] === 0) continue;
      const environment = this.environments[index];
      const first = index * actions.length;
      for (let row = 0; row < actions.length; row++) actions[row] = chosen[first + row];
      environment.step(actions);
      const base = index * this.config.environments * layout.size;
      writeAfter(learner.inputs.transitions, base, layout, environment, actions);
      this.progress[index].count(environment);
    }
  }

  /** Updates that active learners have made by now, the same for all of them; 0 where none was made. */
  private countUpdates(): number {
    let made = 0;
    for (let index = 0; index < this.progress.length; index++) {
      if (this.learner.inputs.trains[index] === 0) continue;
      this.progress[index].updates += this.config.updatesPerStep;
      made = this.progress[index].updates;
    }
    return made;
  }

  private async log(): Promise<void> {
    const metrics = await this.learner.readMetrics();
    this.watch.check(metrics, this.learner.inputs.epsilon);
    for (const [index, { loss, gradientNorm, qTotal }] of metrics.entries()) {
      if (this.active[index] === 0) continue;
      this.onRow(this.row(index, 'training', { loss, gradientNorm, qTotal }));
    }
  }

  private async evaluateActive(): Promise<void> {
    const first = this.active.indexOf(1);
    const count = this.active.lastIndexOf(1) + 1 - first;
    const evaluations = await this.evaluate(first, count);
    for (const [offset, evaluation] of evaluations.entries()) {
      const index = first + offset;
      if (this.active[index] === 0) continue;
      this.noteSolved(index, evaluation);
      if (
        this.config.stopWhenSolved &&
        evaluation.success === 1 &&
        // Not a number where no optimal length is known: then success is all that there is.
        !(evaluation.lengthRatio > SOLVED_LENGTH_RATIO)
      ) {
        this.progress[index].stopped = 1;
      }
      this.onRow(this.row(index, 'evaluation', { ...evaluation }));
    }
  }

  private evaluate(first: number, count: number): Promise<Evaluation[]> {
    this.evaluator ??= createEvaluator(this.config);
    return this.evaluator.evaluate(this.learner, first, count);
  }

  private noteSolved(index: number, evaluation: Evaluation): void {
    const progress = this.progress[index];
    if (evaluation.success < 1 || progress.solvedUpdates > 0) return;
    progress.solvedUpdates = progress.updates;
    progress.solvedSteps = progress.environmentSteps;
  }

  private row(index: number, kind: MetricsRow['kind'], values: Partial<MetricsRow>): MetricsRow {
    const { updates, environmentSteps, episodes, trainingSuccess, trainingReturn } = this.progress[index];
    return {
      ...NOT_MEASURED,
      kind,
      variant: this.members[index].variant,
      seed: this.members[index].seed,
      updates,
      environmentSteps,
      episodes,
      seconds: this.seconds(),
      epsilon: this.progress[index].epsilon(),
      trainingSuccess,
      trainingReturn,
      ...values,
    };
  }
}

/** What agents see before they act is never an episode's end. */
const NEVER_OVER = new Uint8Array(0);

/** What a learner saved, without what the trainer added. */
const learnersOwn = (saved: ReadonlyMap<string, Tensor>): LearnerSnapshot =>
  new Map([...saved].filter(([name]) => LEARNERS_OWN.test(name)));
const LEARNERS_OWN = /^(online|target|optimizer|replay)\.|^(counters|metrics)$/;

/** Whether a multiple of `interval` lies in before+1..after. */
const crosses = (before: number, after: number, interval: number): boolean =>
  Math.floor(after / interval) > Math.floor(before / interval);
