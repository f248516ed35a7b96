import { type Config, runMembers } from '../config.ts';
import { DeviceError } from '../gpu/gpu.ts';
import type { Learner, LearnerOptions } from '../learner/learner.ts';
import type { Tensor } from '../tensor.ts';
import { encodeCheckpoint } from '../train/checkpoint.ts';
import { configuredShape } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { type OpenLearner, Population, type PopulationOptions } from '../train/population.ts';
import { type Measured, nameOf, type StartOutcomes } from './keeper.ts';
import { Meter } from './meter.ts';

/** Steps of a slow run are made this often a second, or more seldom. */
const TICKS = 20;
/** Devices that are tried, where they are lost while learners are being opened on them. */
const TRIES = 3;

/** Opens learners; throws ConfigError where they cannot be held. `backend`: on no other than this. */
export type OpenLearners = (options: LearnerOptions, backend?: Learner['backend']) => Promise<OpenLearner>;

/** Where learners stand: one map of tensors each, as Trainer.save gives it. */
export type Saved = readonly ReadonlyMap<string, Tensor>[];

export interface TrainingOptions extends Pick<PopulationOptions, 'rollout' | 'atOnce' | 'onDivergence'> {
  /** Where its learners stand, and what they were trained on; without it, they are at the beginning. */
  readonly from?: { readonly learners: Saved; readonly backend: Learner['backend'] };
}

/**
 * What trains a run's learners, and what is known of them. It can be opened anew at any time: with when the run ends
 * changed, after its end, on another device.
 */
export class Training {
  population!: Population;
  /** Of each learner, its last evaluation. */
  readonly measured: (Measured | undefined)[] = [];
  /** Of each learner, before it was evaluated here. */
  outcomesBefore: readonly StartOutcomes[] = [];
  meter = new Meter(0);
  onRow: (row: MetricsRow) => void = () => {};
  private readonly places: ReadonlyMap<string, number>;
  private backend: Learner['backend'] | undefined;
  private stepsPerSecond = Number.POSITIVE_INFINITY;

  private constructor(
    public config: Config,
    private readonly openLearners: OpenLearners,
    private readonly options: Omit<TrainingOptions, 'from'>,
  ) {
    this.places = new Map(runMembers(config).map((member, index) => [nameOf(member), index]));
  }

  /** Throws ConfigError where the backend cannot hold the configuration. */
  static async open(
    config: Config,
    openLearners: OpenLearners,
    { from, ...options }: TrainingOptions,
  ): Promise<Training> {
    const training = new Training(config, openLearners, options);
    training.backend = from?.backend;
    await training.openAt(from?.learners);
    return training;
  }

  /** Opens learners that stand here, or at the beginning, on the same kind of device. Close those of before first. */
  async openAt(saved?: Saved): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        this.population = await Population.open(
          this.config,
          (options) => this.openLearners(options, this.backend),
          {
            ...this.options,
            ...(saved && { saved }),
            seconds: () => this.meter.seconds,
            onRow: (row) => {
              this.measure(row);
              this.onRow(row);
            },
          },
        );
        break;
      } catch (error) {
        if (!isLost(error) || tries === TRIES) throw error;
      }
    }
    this.backend = this.population.learner.backend;
    this.limitSteps();
  }

  /** Goes on from where it stands with this configuration, which may end at another moment. */
  async reopen(config: Config): Promise<void> {
    const saved = await this.population.save();
    const { outcomes } = this;
    this.population.close();
    this.config = config;
    this.outcomesBefore = outcomes;
    await this.openAt(saved);
  }

  get outcomes(): readonly StartOutcomes[] {
    return this.population.members.map(
      (_, index) =>
        (this.population.evaluations[index]?.outcomes as StartOutcomes) ?? this.outcomesBefore[index],
    );
  }

  /** All learners have trained as much as they are to; the last evaluation may be left. */
  get finished(): boolean {
    return this.population.progress.every(({ finished }) => finished);
  }

  /** Updates and environment steps a second of the learner that is furthest (Meter.rates). */
  rates(): ReturnType<Meter['rates']> {
    const { progress } = this.population;
    return this.meter.rates(
      progress.reduce((most, { updates }) => Math.max(most, updates), 0),
      progress.reduce((most, { environmentSteps }) => Math.max(most, environmentSteps), 0),
    );
  }

  /** Takes the learners' last evaluations from a run's rows. */
  know(rows: readonly MetricsRow[]): void {
    this.measured.length = 0;
    for (const row of rows) this.measure(row);
  }

  /** Everything, as a checkpoint. */
  async encode(): Promise<Uint8Array> {
    return encodeCheckpoint(this.population, await this.population.save());
  }

  /** SHA-256 of all learners' online parameters (src/train/hash.ts). */
  async hash(): Promise<string> {
    return (await hashParameters(configuredShape(this.config), await this.population.save())).all;
  }

  /** Steps a second of each copy of the environment; Infinity: as fast as it can. */
  set speed(stepsPerSecond: number) {
    this.stepsPerSecond = stepsPerSecond;
    this.limitSteps();
  }

  /** Milliseconds that what is trained at once is to take, at least. */
  get pace(): number {
    return (this.limit() ?? 0) * (1000 / this.stepsPerSecond);
  }

  /** Makes one step alone. Throws as Population.advance does. */
  async step(): Promise<void> {
    this.population.stepsAtOnce = 1;
    try {
      await this.population.advance();
    } finally {
      this.limitSteps();
    }
  }

  private limitSteps(): void {
    this.population.stepsAtOnce = this.limit();
  }

  /** Steps that are made together: few where it is slow; undefined: as many as the device likes. */
  private limit(): number | undefined {
    const { stepsPerSecond } = this;
    return Number.isFinite(stepsPerSecond) ? Math.max(1, Math.round(stepsPerSecond / TICKS)) : undefined;
  }

  private measure({ kind, seed, variant, success, lengthRatio }: MetricsRow): void {
    if (kind === 'training') return;
    // By a table: of thousands of learners, each has as many rows as it was evaluated.
    this.measured[this.places.get(nameOf({ seed, variant })) ?? -1] = { success, lengthRatio };
  }
}

/** Whether it is the loss of a device: another may do it. */
export const isLost = (error: unknown): error is DeviceError => error instanceof DeviceError && error.lost;
