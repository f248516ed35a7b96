import { type Config, type Member, runMembers } from '../config.ts';
import type { Learner } from '../learner/learner.ts';
import { floatsOf, learnerTable } from '../learner/snapshot_table.ts';
import { recordLayout } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { Best } from './best.ts';
import { type DivergenceError, describeMember, FiniteWatch } from './divergence.ts';
import { createEnvironment } from './environments.ts';
import { createEvaluator, type Evaluation, type Evaluator } from './evaluate.ts';
import { HostRollout } from './host_rollout.ts';
import { NOT_OWED, owesStep } from './member_tensors.ts';
import { type MetricsRow, NOT_MEASURED } from './metrics.ts';
import { Progress } from './progress.ts';
import type { Rollout } from './rollout.ts';
import { Schedule } from './schedule.ts';

/** From this mean length / optimal length on, a policy that solves every start is good enough to stop at. */
const SOLVED_LENGTH_RATIO = 1.01;

/** Whether a learner with such an evaluation stops, if learners do. */
export const isGoodEnough = ({
  success,
  lengthRatio,
}: Pick<Evaluation, 'success' | 'lengthRatio'>): boolean =>
  // Not a number where no optimal length is known: then success is all that there is.
  success === 1 && !(lengthRatio > SOLVED_LENGTH_RATIO);

export interface TrainerOptions {
  /** The learners to train, where they are not all of the configuration's: the same bits as among all. */
  readonly members?: readonly Member[];
  /** What steps the environments; without it, TypeScript does. */
  readonly rollout?: Rollout;
  /** Called with every row of the metrics, in order. */
  readonly onRow?: (row: MetricsRow) => void;
  /** Called with every evaluation, before its row, and the learner's index among `members`. */
  readonly onEvaluation?: (index: number, evaluation: Evaluation) => void;
  /** Seconds that the run has taken so far, for the rows. */
  readonly seconds?: () => number;
  /**
   * Called once with each learner whose gradient was not finite: it is finished, with the parameters of before
   * it, and the others go on. Without it, the first such ends the run with a DivergenceError.
   */
  readonly onDivergence?: (error: DivergenceError) => void;
}

/**
 * The training loop: L learners, E environments each, in step. It owns rollout, counters and schedule;
 * nothing it does depends on wall time, on which learners train together, or on what steps the environments.
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
  readonly progress: readonly Progress[];
  /** True where the last `advance` crossed a multiple of saveEvery updates: a good moment to save. */
  saveDue = false;

  readonly rollout: Rollout;
  /** One per learner. */
  private readonly best: readonly Best[];
  private readonly schedule: Schedule;
  private evaluator: Evaluator | undefined;
  private readonly onRow: (row: MetricsRow) => void;
  private readonly onEvaluation: (index: number, evaluation: Evaluation) => void;
  private readonly seconds: () => number;
  private readonly watch: FiniteWatch;

  constructor(
    readonly config: Config,
    readonly learner: Learner,
    options: TrainerOptions = {},
  ) {
    this.members = options.members ?? runMembers(config);
    this.progress = this.members.map((member) => new Progress(member.config));
    this.best = this.members.map(() => new Best(learner));
    this.schedule = new Schedule(config, this.progress, learner.inputs);
    this.rollout =
      options.rollout ??
      new HostRollout(
        learner,
        this.members.map((member) => createEnvironment(member.config, member.seed, config.environments)),
      );
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
    this.onEvaluation = options.onEvaluation ?? (() => {});
    const begun = performance.now();
    this.seconds = options.seconds ?? (() => (performance.now() - begun) / 1000);
  }

  /** True once every learner is, and no evaluation is owed. */
  get finished(): boolean {
    for (let index = 0; index < this.progress.length; index++) {
      const { finished, owesEvaluation } = this.progress[index];
      if (!finished || owesEvaluation === 1) return false;
    }
    return true;
  }

  /**
   * A step, or several, of all environments of unfinished learners, with the updates that go with it, and what then
   * is due of rows and evaluations. Throws DivergenceError where a gradient was not finite, and EnvironmentFailure where
   * a user's environment failed: then the step, or the evaluation, is owed, and the next advance begins with it.
   */
  async advance(): Promise<void> {
    this.saveDue = false;
    if (!this.finished) await this.goOn(false);
  }

  /**
   * Evaluates every learner where it stands, and reports it as `final` rows. It starts new means of the
   * metrics: to go on exactly, save before. Throws DivergenceError as `advance` does.
   */
  async finish(): Promise<Evaluation[]> {
    await this.settle();
    this.watch.check(await this.learner.readMetrics(), this.learner.inputs.epsilon);
    const evaluations = await this.evaluate(0, this.progress.length);
    for (const [index, evaluation] of evaluations.entries()) {
      this.note(index, evaluation);
      this.onRow(this.row(index, 'final', measured(evaluation)));
    }
    return evaluations;
  }

  /** Everything needed to go on exactly, by name, one map a learner. Ends steps under way first, as `advance` does. */
  async save(): Promise<Map<string, Tensor>[]> {
    await this.settle();
    const snapshots = await this.learner.save();
    const states = await this.rollout.save();
    const { environments } = this.config;
    const { size } = recordLayout(this.learner.options.shape);
    return snapshots.map((snapshot, index) => {
      const tensors = new Map<string, Tensor>(snapshot);
      const metrics = tensors.get('metrics');
      // No row will ever come of these sums, which others' rows would have emptied.
      if (metrics && this.progress[index].finishedForGood) {
        tensors.set('metrics', { shape: metrics.shape, data: metrics.data.slice().fill(0) });
      }
      for (const [name, tensor] of this.best[index].save()) tensors.set(name, tensor);
      for (const [name, tensor] of this.progress[index].save()) tensors.set(name, tensor);
      const { environment, transitions, owed } = states[index];
      tensors.set('environment', {
        shape: [environments, environment.length / environments],
        data: environment,
      });
      tensors.set('transitions', { shape: [environments, size], data: transitions });
      const { agents } = this.learner.options.shape;
      const actions = owed ? Int32Array.from(owed) : new Int32Array(environments * agents).fill(NOT_OWED);
      tensors.set('owed.actions', { shape: [environments, agents], data: actions });
      return tensors;
    });
  }

  /** Goes on from what `save` gave, or from the seeds of a checkpoint, which is checked when it is read. */
  async load(saved: readonly ReadonlyMap<string, Tensor>[]): Promise<void> {
    const { environments } = this.config;
    const { progress, schedule, best, learner } = this;
    for (const [index, tensors] of saved.entries()) {
      progress[index].load(tensors);
      best[index].load(tensors);
    }
    // Learners step together until they are finished: the one that went furthest has seen every step, and one that owes
    // a step has seen all before it.
    const owing = saved.findIndex(owesStep);
    const steps = progress.map((own) => own.environmentSteps / environments);
    schedule.vectorSteps = owing >= 0 ? steps[owing] : Math.max(...steps);
    await this.rollout.load(
      saved.map((tensors) => ({
        environment: tensors.get('environment')!.data as Int32Array,
        transitions: tensors.get('transitions')!.data as Float32Array,
        ...(owesStep(tensors) && { owed: Uint32Array.from(tensors.get('owed.actions')!.data) }),
      })),
    );
    const own = learnerTable(learner.options.shape, [floatsOf(learner.backend)]);
    learner.load(saved.map((tensors) => new Map(own.map(({ name }) => [name, tensors.get(name)!] as const))));
  }

  /** Frees the environments; the learner is its opener's. */
  close(): void {
    this.rollout.close();
    this.evaluator?.close();
  }

  /** Ends the steps that are under way, with what then is due. Throws DivergenceError as `advance` does. */
  async settle(): Promise<void> {
    while (this.rollout.underWay) await this.goOn(true);
  }

  private async goOn(settle: boolean): Promise<void> {
    const { schedule, config } = this;
    // Where an evaluation is owed, nothing else is done before it.
    if (this.owesEvaluation) return this.evaluateOwed();
    schedule.refresh();
    const before = schedule.updates;
    await this.rollout.advance(schedule, settle);
    const made = schedule.updates;
    if (crosses(before, made, config.logEvery)) await this.log();
    this.saveDue = crosses(before, made, config.saveEvery);
    if (!crosses(before, made, config.evaluateEvery)) return;
    for (const [index, progress] of this.progress.entries()) {
      progress.owesEvaluation = schedule.active[index];
    }
    await this.evaluateOwed();
  }

  private get owesEvaluation(): boolean {
    for (let index = 0; index < this.progress.length; index++) {
      if (this.progress[index].owesEvaluation === 1) return true;
    }
    return false;
  }

  private async log(): Promise<void> {
    const metrics = await this.learner.readMetrics();
    this.watch.check(metrics, this.learner.inputs.epsilon);
    for (const [index, { loss, gradientNorm, qTotal }] of metrics.entries()) {
      if (this.schedule.active[index] === 0) continue;
      this.onRow(this.row(index, 'training', { loss, gradientNorm, qTotal }));
    }
  }

  private async evaluateOwed(): Promise<void> {
    const owes = ({ owesEvaluation }: Progress): boolean => owesEvaluation === 1;
    const first = this.progress.findIndex(owes);
    const count = this.progress.findLastIndex(owes) + 1 - first;
    const evaluations = await this.evaluate(first, count);
    for (const [offset, evaluation] of evaluations.entries()) {
      const index = first + offset;
      const { updates } = this.progress[index];
      if (!owes(this.progress[index])) continue;
      this.progress[index].owesEvaluation = 0;
      await this.best[index].offer({ ...evaluation, updates }, this.learner, index);
      this.note(index, evaluation);
      if (this.config.stopWhenSolved && isGoodEnough(evaluation)) this.progress[index].stopped = 1;
      this.onRow(this.row(index, 'evaluation', measured(evaluation)));
    }
  }

  private evaluate(first: number, count: number): Promise<Evaluation[]> {
    this.evaluator ??= createEvaluator(this.config);
    return this.evaluator.evaluate(this.learner, first, count);
  }

  private note(index: number, evaluation: Evaluation): void {
    this.onEvaluation(index, evaluation);
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

/** What a row says of an evaluation. */
const measured = ({ success, lengthRatio, return: mean }: Evaluation): Partial<MetricsRow> => ({
  success,
  lengthRatio,
  return: mean,
});

/** Whether a multiple of `interval` lies in before+1..after. */
const crosses = (before: number, after: number, interval: number): boolean =>
  Math.floor(after / interval) > Math.floor(before / interval);
