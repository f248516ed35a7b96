import { type Config, type Member, runMembers } from '../config.ts';
import { type Learner, type LearnerOptions, learnerOptions } from '../learner/learner.ts';
import type { Tensor } from '../tensor.ts';
import { configuredShape } from './environments.ts';
import type { Evaluation } from './evaluate.ts';
import { freshTensors, owesStep } from './member_tensors.ts';
import { openRollout, type RolloutChoice } from './open_rollout.ts';
import { Progress } from './progress.ts';
import { Trainer, type TrainerOptions } from './trainer.ts';

/** A learner, and what frees it with all that was opened for it. */
export interface OpenLearner {
  readonly learner: Learner;
  close(): void;
}

export interface PopulationOptions extends Omit<TrainerOptions, 'members' | 'rollout' | 'onEvaluation'> {
  /** What steps the environments; without it, auto. */
  readonly rollout?: RolloutChoice;
  /** Learners that train together at most; without it, all. */
  readonly atOnce?: number;
  /** Where the run's learners stand, as Trainer.save gave it; without it, at the beginning. */
  readonly saved?: readonly ReadonlyMap<string, Tensor>[];
}

/** Learners that train together: members first..first+count−1 of the run. */
interface Group {
  readonly first: number;
  readonly count: number;
}

/**
 * All learners of a run, trained in groups one after another, each group by a Trainer of its own. As no
 * learner's result depends on who trains beside it, neither does anything here depend on the groups but the
 * order of the rows, and the time.
 */
export class Population {
  /** The run's learners (L). */
  readonly members: readonly Member[];
  /** [L] */
  readonly progress: Progress[];
  /** [L] each learner's last in this session, where there was one */
  readonly evaluations: (Evaluation | undefined)[];
  /** True where the last `advance` reached a good moment to save. */
  saveDue = false;
  /** An evaluation for which everything had been saved is under way, or failed: what it stands at now goes on otherwise. */
  evaluating = false;
  /** What trains, or trained last. */
  learner!: Pick<Learner, 'backend' | 'adapter'>;

  readonly groups: readonly Group[];
  private stepLimit: number | undefined;
  private running: { trainer: Trainer; close(): void; group: number; kept: boolean } | undefined;
  /** [L] where each stands that does not train right now; undefined: at the beginning */
  private readonly saved: (ReadonlyMap<string, Tensor> | undefined)[];

  private constructor(
    readonly config: Config,
    private readonly openLearner: (options: LearnerOptions) => Promise<OpenLearner>,
    private readonly options: PopulationOptions,
  ) {
    this.members = runMembers(config);
    this.saved = this.members.map((_, index) => options.saved?.[index]);
    this.progress = this.members.map((member, index) => {
      const progress = new Progress(member.config);
      if (this.saved[index]) progress.load(this.saved[index]);
      return progress;
    });
    this.evaluations = this.members.map(() => undefined);
    const reached = this.progress.map(({ environmentSteps }, index) => {
      const saved = this.saved[index];
      return environmentSteps + (saved && owesStep(saved) ? config.environments : 0);
    });
    this.groups = groupsOf(this.progress, reached, options.atOnce ?? this.members.length);
  }

  /** Opens the first group. Throws ConfigError where the backend cannot hold it. */
  static async open(
    config: Config,
    openLearner: (options: LearnerOptions) => Promise<OpenLearner>,
    options: PopulationOptions = {},
  ): Promise<Population> {
    const population = new Population(config, openLearner, options);
    await population.begin(0);
    return population;
  }

  /** True once every group has trained and was evaluated. */
  get finished(): boolean {
    return this.running === undefined;
  }

  /**
   * A step of the group that trains; or, where it is finished, what then is due: to keep its tensors (a good
   * moment to save), and then to evaluate it and begin the next. Throws DivergenceError as Trainer does.
   */
  async advance(): Promise<void> {
    const { running } = this;
    this.saveDue = false;
    if (!running) return;
    const { trainer, group } = running;
    if (!trainer.finished) {
      await trainer.advance();
      this.saveDue = trainer.saveDue && !trainer.finished;
    } else if (!running.kept) {
      await this.keep();
      running.kept = true;
      this.saveDue = true;
    } else {
      await this.evaluate();
      this.close();
      if (group + 1 < this.groups.length) await this.begin(group + 1);
    }
  }

  /** Everything needed to go on exactly, by name, one map a learner. */
  async save(): Promise<ReadonlyMap<string, Tensor>[]> {
    if (this.running && !this.running.kept) await this.keep();
    return Promise.all(this.members.map((_, index) => this.standing(index)));
  }

  /** Evaluates the group that trains where it stands. To go on exactly, save before. */
  async evaluate(): Promise<void> {
    this.evaluating = true;
    await this.running?.trainer.finish();
    this.evaluating = false;
  }

  /** Steps that an advance makes at most, and then none is left under way; undefined: as many as it likes. */
  set stepsAtOnce(steps: number | undefined) {
    this.stepLimit = steps;
    if (this.running) this.running.trainer.rollout.stepsAtOnce = steps;
  }

  /** Ends the steps that are under way, with what then is due. Throws DivergenceError as `advance` does. */
  async settle(): Promise<void> {
    if (this.running && !this.running.kept) await this.running.trainer.settle();
  }

  /** A learner's parameters as they are now, `online.*` and `target.*`. */
  async parameters(index: number): Promise<ReadonlyMap<string, Tensor>> {
    const { running } = this;
    const first = running ? this.groups[running.group].first : 0;
    if (running && index >= first && index < first + this.groups[running.group].count) {
      return running.trainer.learner.readParameters(index - first);
    }
    return this.standing(index);
  }

  /** Frees the group that trains. */
  close(): void {
    this.running?.close();
    this.running = undefined;
  }

  /** Where a learner stands that does not train right now. */
  private async standing(index: number): Promise<ReadonlyMap<string, Tensor>> {
    const tensors = this.saved[index] ?? (await freshTensors(this.members[index], this.learner.backend));
    this.saved[index] = tensors;
    return tensors;
  }

  private async keep(): Promise<void> {
    const { trainer, group } = this.running!;
    const { first } = this.groups[group];
    for (const [index, tensors] of (await trainer.save()).entries()) this.saved[first + index] = tensors;
  }

  private async begin(group: number): Promise<void> {
    const { config } = this;
    const { first, count } = this.groups[group];
    const members = this.members.slice(first, first + count);
    const shape = configuredShape(config);
    const { learner, close } = await this.openLearner(learnerOptions(config, shape, members));
    try {
      const rollout = await openRollout(this.options.rollout ?? 'auto', config, learner, members);
      rollout.stepsAtOnce = this.stepLimit;
      const trainer = new Trainer(config, learner, {
        ...this.options,
        members,
        rollout,
        onEvaluation: (index, evaluation) => {
          this.evaluations[first + index] = evaluation;
        },
      });
      this.learner = { backend: learner.backend, adapter: learner.adapter };
      if (!this.saved.slice(first, first + count).some(Boolean)) {
        // Now, so that what fails in it fails before a run has begun.
        await rollout.begin();
      } else {
        await trainer.load(await Promise.all(members.map((_, index) => this.standing(first + index))));
      }
      for (const [index, progress] of trainer.progress.entries()) this.progress[first + index] = progress;
      const end = (): void => {
        trainer.close();
        close();
      };
      this.running = { trainer, close: end, group, kept: false };
    } catch (error) {
      close();
      throw error;
    }
  }
}

/**
 * Groups of at most `atOnce`, in order. A trainer steps its learners together, so that those of a group which
 * are not finished must have come equally far (`reached` [L]: environment steps, with one that is owed), and no other further: where a run is gone on with in other
 * groups than before, and they have not, each trains alone.
 */
function groupsOf(progress: readonly Progress[], reached: readonly number[], atOnce: number): Group[] {
  const groups: Group[] = [];
  for (let first = 0; first < progress.length; first += atOnce) {
    const members = progress.slice(first, first + atOnce);
    const furthest = Math.max(...reached.slice(first, first + atOnce));
    const together = members.every((own, index) => own.finished || reached[first + index] === furthest);
    if (together) groups.push({ first, count: members.length });
    else groups.push(...members.map((_, index) => ({ first: first + index, count: 1 })));
  }
  return groups;
}
